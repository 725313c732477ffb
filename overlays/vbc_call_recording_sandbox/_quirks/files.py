"""How audio, transcripts and archives are served, as switches."""

from dataclasses import dataclass
from typing import Literal

from .switches import Switches, either, one_of, switch, text

Partial = Literal["right", "no-range", "no-total", "wrong-start", "whole", "short", "multipart"]
_PARTIALS = ("right", "no-range", "no-total", "wrong-start", "whole", "short", "multipart")


@dataclass(slots=True)
class FileQuirks(Switches):
    """How audio, transcripts and archives are served.

    Attributes:
        ranges: What a `Range` brings: the part, the whole file with 200, or 400.
        validator: The `ETag`: a strong one, a weak one, one that is not ASCII, another one each time, or
            none.
        partial: The 206: as it should be; without `Content-Range`; with `*` for the total; with a range that
            begins a byte too late; with the whole file; a byte shorter than it says; as
            `multipart/byteranges`.
        media_type: Another `Content-Type` than the right one.
    """

    ranges: Literal["served", "ignored", "refused"] = switch("served", one_of("served", "ignored", "refused"))
    validator: Literal["strong", "weak", "non-ascii", "changing", "missing"] = switch(
        "strong", one_of("strong", "weak", "missing", "non-ascii", "changing")
    )
    partial: Partial = switch("right", one_of(*_PARTIALS), is_reading=False)
    media_type: str | None = switch(None, either(one_of(None), text("a media type")), is_reading=False)
