"""All groups of switches in one place."""

from .quota import QuotaQuirks, read_quota
from .tokens import TokenQuirks


class Quirks:
    """The switches, by group: `sandbox.quirks.quota.requests = 10`.

    Attributes:
        quota: How many requests a token may make, and how the gateway refuses the rest.
        tokens: How the token endpoint answers.
    """

    def __init__(self, quota: str | None = None) -> None:
        self._quota = None if quota is None else read_quota(quota)
        self.reset()

    def reset(self) -> None:
        """Put every switch back to where it was when the sandbox was made."""
        self.quota = QuotaQuirks()
        self.tokens = TokenQuirks()
        if self._quota:
            self.quota.requests, self.quota.window = self._quota
            self.tokens.again = "login"
