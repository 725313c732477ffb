"""The token endpoint, as switches."""

from dataclasses import dataclass
from typing import Literal

from .switches import Switches, one_of, switch


@dataclass(slots=True)
class TokenQuirks(Switches):
    """How the token endpoint answers.

    Attributes:
        again: Whether the access token is handed out again while it lives. `never`: there is always a new
            one. `login`: to a password or a code it is; a refresh replaces it, and the old one stops working.
            `always`: to a refresh, too. Processes that log in as one user then share a token and its quota.
        expires_in: How the answer says it: as a number, as text, as 0, or not at all.
        refresh_token: Whether a refresh token is used up by one use (`once`), stays good (`kept`), or is not
            handed out at all (`missing`).
    """

    again: Literal["never", "login", "always"] = switch("never", one_of("never", "login", "always"))
    expires_in: Literal["number", "text", "zero", "missing"] = switch(
        "number", one_of("number", "text", "zero", "missing"), is_reading=False
    )
    refresh_token: Literal["once", "kept", "missing"] = switch("once", one_of("once", "kept", "missing"))
