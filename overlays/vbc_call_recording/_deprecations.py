"""How a public name is retired: it goes on working for a while, warns, and says until when.

docs/versions.md lists what is deprecated, and `make release` refuses once a last day has passed.
"""

import warnings
from datetime import date


def warn_deprecated(what: str, *, since: str, until: date, instead: str) -> None:
    """Warn the caller of the function that calls this, once for each line that uses `what`.

    Args:
        what: The name, as users write it: `"Export.check()"`.
        since: The version that deprecates it.
        until: Its last day: a release after it may remove the name.
        instead: What to use.
    """
    message = f"{what} is deprecated since {since} and may be gone after {until:%Y-%m-%d}: use {instead}"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
