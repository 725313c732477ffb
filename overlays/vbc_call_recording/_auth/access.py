"""What all logins have in common, and the simplest one: an access token from elsewhere."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeAlias

import attrs

from .._checks import checked_bearer_token
from .._http.quota import Gate
from .secrecy import keeps_secrets

REMEMBERED_TOKENS = 16  # tokens kept for redaction: answers to requests with older ones may still arrive

TokenFunction: TypeAlias = Callable[[], str] | Callable[[], Awaitable[str]]


@attrs.frozen
class Bearer:
    """An access token that can be compared and sent, but is not shown."""

    token: str = attrs.field(repr=False)


class Auth:
    """Base of all logins. One object serves any number of clients of both kinds, threads and tasks.

    A request that is answered with 401 is sent once more if there is another token.
    """

    def __init__(self, *given: str) -> None:
        self.gate = Gate()  # the quota is the access token's
        self._given = given
        self._seen: deque[str] = deque(maxlen=REMEMBERED_TOKENS)

    def secrets(self) -> set[str]:
        """Everything that must not be shown, as far as known by now."""
        return {*self._given, *self._seen.copy()}

    def remember(self, *secrets: str | None) -> None:
        """Tokens that must not be shown from now on."""
        latest = list(self._seen.copy())[-2:]
        self._seen.extend(secret for secret in secrets if secret and secret not in latest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and locks: create it where it is used")


class AccessToken(Auth):
    """A token obtained elsewhere.

    Args:
        token: The bare token, or a function that returns it. The function is called before every request, and
            once more after a 401, so it should cache the token. With the async client it may be async, and is
            called in a worker thread if it is not. What it raises reaches the caller.

    Raises:
        ConfigurationError: The token is invalid, or an async function is used with the sync client.
    """

    @keeps_secrets
    def __init__(self, token: str | TokenFunction) -> None:
        super().__init__()
        self.source = token if callable(token) else self.checked(token, "token")

    def checked(self, token: object, name: str = "the token returned by the function given") -> Bearer:
        """What can be sent. It is remembered as a secret."""
        bearer = Bearer(checked_bearer_token(token, name))
        self.remember(bearer.token)
        return bearer
