"""What must be proven of a download before it is published, and what was not.

    verify      the number of bytes    the content type    the contents
    "strict"    must fit               must fit            must fit
    "size"      must fit               noted               noted
    "none"      noted                  noted               noted

Whatever is chosen, every byte of the server's answer must have come.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from .._errors import VerificationError
from .archives import verify_archive
from .signatures import HEAD_BYTES, Kind, looks_like_audio

Verify = Literal["strict", "size", "none"]
"""How much is proven before a download is published. Default: `"strict"`."""

Proof = Literal["size", "type", "contents"]
"""Something to be proven of a download.

- `size`: it has as many bytes as the API or the server stated, and neither stated another number.
- `type`: the server's Content-Type can be one of such a file.
- `contents`: it begins like audio, or every entry of an archive is there and sound.
"""

_REQUIRED: dict[Verify, tuple[Proof, ...]] = {
    "strict": ("size", "type", "contents"),
    "size": ("size",),
    "none": (),
}
LEVELS = tuple(_REQUIRED)


class Findings:
    """What was found out about one download."""

    def __init__(self, verify: Verify = "strict") -> None:
        self._required = _REQUIRED[verify]
        self._unproven: set[Proof] = set()

    @property
    def unproven(self) -> tuple[Proof, ...]:
        return tuple(proof for proof in _REQUIRED["strict"] if proof in self._unproven)

    def requires(self, proof: Proof) -> bool:
        return proof in self._required

    def cannot_tell(self, proof: Proof) -> None:
        """There is nothing to compare with."""
        self._unproven.add(proof)

    def contradict(self, proof: Proof, reason: str) -> None:
        """It is wrong. Raises VerificationError if it had to be right."""
        if proof in self._required:
            raise VerificationError(reason)
        self._unproven.add(proof)

    def compare_size(self, size: int, stated: Iterable[int | None]) -> None:
        """Compares a number of bytes with the stated ones; None stands for one that was not stated."""
        known = [number for number in stated if number is not None]
        if not known:
            self.cannot_tell("size")
        for number in known:
            if number != size:
                self.contradict("size", f"the file has {size} bytes; {number} were promised")

    def look_at_audio(self, head: bytes) -> None:
        """Judges audio by how it begins."""
        if not looks_like_audio(head):
            self.contradict("contents", f"the file does not begin like audio but with {head[:16]!r}")

    def look_into(self, path: Path, kind: Kind) -> None:
        """Judges a file by its contents. How a transcript must look is not known."""
        if kind == "audio":
            with path.open("rb") as file:
                self.look_at_audio(file.read(HEAD_BYTES))
            return
        try:
            if kind == "transcript" or not verify_archive(path):
                self.cannot_tell("contents")
        except VerificationError as error:
            self.contradict("contents", str(error.args[0]))

    def forget(self) -> None:
        """The download starts over."""
        self._unproven.clear()
