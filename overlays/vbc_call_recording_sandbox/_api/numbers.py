"""Reading numbers that came over the wire."""

import re


def integer(text: str, *, at_least: int | None = None) -> int:
    """The integer this text is, read more strictly than `int` does: no spaces, no 1_000, no other digits.

    Raises:
        ValueError: It is none, or too small, or has more digits than any number of this API.
    """
    if not re.fullmatch(r"-?[0-9]{1,18}", text) or (at_least is not None and int(text) < at_least):
        raise ValueError(f"{text!r} is not an integer that is accepted here")
    return int(text)
