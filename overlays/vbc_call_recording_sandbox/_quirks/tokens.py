"""The token endpoint, as switches."""

from dataclasses import dataclass
from typing import Literal

from .switches import Switches, one_of, switch


@dataclass(slots=True)
class TokenQuirks(Switches):
    """How the token endpoint answers.

    Attributes:
        again: When the access token is the one handed out before, as long as it lives, instead of a new one.
            `login`: to a password or a code; a refresh replaces it, and the old one stops working. `always`:
            to a refresh, too. Processes that log in as one user then share a token, and with it a quota.
    """

    again: Literal["never", "login", "always"] = switch("never", one_of("never", "login", "always"))
