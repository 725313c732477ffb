"""What answers look like, and what is asked of requests, as switches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .switches import Switches, flag, one_of, switch, texts, whole

InstantForm = Literal["offset", "naive", "z", "colon"]


@dataclass(slots=True)
class AnswerQuirks(Switches):
    """How recordings, transcriptions and jobs are written.

    Attributes:
        extensions: Whether `extensions` are numbers or strings.
        instants: How instants end: `+0000`, with nothing, with `Z`, or with `+00:00`.
        absent: Names of properties that are left out.
        nulls: Names of properties that are null.
        unknown_fields: There are properties that are not documented.
        size_offset: Added to `file_size_in_bytes`, which is wrong then.
        urls: Where audio and transcripts are: as on the vendor's page (`/api` and `/v1/api`), or all under
            one.
    """

    extensions: Literal["numbers", "strings"] = switch("numbers", one_of("numbers", "strings"))
    instants: InstantForm = switch("offset", one_of("offset", "z", "colon", "naive"), is_reading=False)
    absent: Sequence[str] = switch((), texts("a list of names"), is_reading=False)
    nulls: Sequence[str] = switch((), texts("a list of names", examples=((), ("cnam", "rule_ids"))))
    unknown_fields: bool = switch(False, flag())
    size_offset: int = switch(0, whole(-1_000_000, 1_000_000), is_reading=False)
    urls: Literal["page", "/api", "/v1/api"] = switch("page", one_of("page", "/api", "/v1/api"))


@dataclass(slots=True)
class RequestQuirks(Switches):
    """What is asked of requests.

    Attributes:
        lenient: Unknown and repeated parameters, values that cannot be read and wrong content types are
            ignored instead of refused.
    """

    lenient: bool = switch(False, flag())


@dataclass(slots=True)
class GatewayQuirks(Switches):
    """How the gateway's own refusals are written.

    Attributes:
        body: How the 401 for a token that is not accepted and the 404 for a path that leads nowhere are
            written: like errors of the API, or as the gateway has been seen to write them.
    """

    body: Literal["plain", "json", "flat", "text-codes", "xml"] = switch(
        "plain", one_of("plain", "json", "flat", "text-codes", "xml")
    )
