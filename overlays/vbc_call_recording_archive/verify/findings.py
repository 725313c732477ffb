"""What a verification finds: plain values, with the signs of `rclone check`."""

from typing import Literal

from attrs import frozen

from ..sync import QuotaWait

Sign = Literal["=", "+", "-", "*", "!"]
"""How what is here compares with what should be.

| sign | meaning |
|---|---|
| `=` | as it should be |
| `+` | should be here, and is not |
| `-` | is here, and nothing knows it |
| `*` | is here, and differs |
| `!` | could not be compared |
"""

Subject = Literal["file", "manifest", "ledger", "catalogue", "recording", "destination"]
"""What was compared: a file with its SHA-256, a manifest with the catalogue, the ledger with itself, the
catalogue with the ledger, a recording with the vendor's listing. Or a destination cannot be used at all."""


@frozen
class Finding:
    """One comparison.

    Attributes:
        name: A path relative to the archive, or below a destination's URL; `entry 17` of the ledger;
            `company 193228`, a recording.
        reason: What is wrong; empty if nothing is.
        repair: What was done about it, or why nothing could be; empty if nobody asked for that.
        is_repaired: Whether it is right now.
    """

    sign: Sign
    subject: Subject
    name: str
    reason: str = ""
    repair: str = ""
    is_repaired: bool = False

    @property
    def is_trouble(self) -> bool:
        """Whether the archive was not as it should be. What the vendor no longer lists is no such thing."""
        return self.sign != "=" and (self.sign, self.subject) != ("-", "recording")


@frozen
class Checked:
    """So many files were looked at, of so many, and so many bytes read, of so many."""

    files: int
    files_total: int
    bytes: int
    bytes_total: int


Event = Finding | Checked | QuotaWait


@frozen
class VerifyResult:
    """How a verification ended.

    Attributes:
        result: `ok`: everything compared is as it should be, or is so now; `incomplete`: something is not, or
            could not be compared; `stopped`: the caller asked to.
        files: Files that the catalogue knows.
        read: Those of them that were read and compared with their SHA-256, at every destination that can be
            used; `bytes` bytes in all.
        not_read: Those of which only existence and size were looked at: they were not in the sample.
        seed: What the sample was drawn with; None if there was none.
        signs: How many findings there were of each sign.
        troubles: How many of them were not as they should be.
        repaired: How many of those are now.
        doubts: Why a listing is not known to be complete, although the server denied nothing, by source.
            Recordings that it does not name were not reported then.
    """

    result: str
    files: int
    read: int
    bytes: int
    not_read: int
    seed: int | None
    signs: dict[Sign, int]
    troubles: int
    repaired: int
    doubts: dict[str, str]
