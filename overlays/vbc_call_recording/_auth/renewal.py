"""Keeps tokens, and decides when and how to renew them. Pure, but for the clock: `login` sends and waits."""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from typing import TypeAlias, TypedDict

import attrs

from .._checks import checked_text
from .._concurrency import EventLoop, running_loop
from .._errors import ApiError, ConfigurationError
from .._forks import call_after_fork
from .._http.outcomes import logger
from .._http.urls import secure_url
from .access import Auth
from .store import FileTokenStore, Login
from .tokens import Grant, TokenSet, fingerprint, refresh_grant

DEFAULT_TOKEN_URL = "https://api.vonage.com/token"  # noqa: S105  # an address, not a token
LOOK_AGAIN = 1.0  # seconds to wait for somebody else's renewal, until another look at who makes it
PAUSE = 10.0  # seconds between two tries to renew tokens that are still good

Outcome: TypeAlias = TokenSet | Exception | None
"""How a renewal ended. None: it was given up, and whoever waits for it makes another one."""


class TokenOptions(TypedDict, total=False):
    """What every grant takes besides its credentials. `PasswordGrant` says more."""

    token_store: FileTokenStore | None
    token_url: str


@attrs.define(eq=False)
class Renewal:
    """A renewal under way, made by one caller, for the others to wait for."""

    rejected: str | None = attrs.field(repr=False)  # the access token that the API refused, if any
    spare: TokenSet | None  # the old tokens, if they are still good: a failure does no harm yet
    loop: EventLoop = attrs.field(factory=running_loop)  # in which a task makes it
    outcome: Future[Outcome] = attrs.field(factory=Future[Outcome])

    def is_abandoned(self) -> bool:
        """Whether the loop it is made in was left, so that it may never end."""
        return self.loop is not None and not self.loop.is_running()


class TokenAuth(Auth):
    """Base of what obtains tokens from the token endpoint.

    However many threads and tasks need a new token, one of them asks for it, and all share the outcome, even
    a failure. Failures are not remembered: the next caller tries again. If a renewal is cancelled, the
    refresh token that it sent may be used up. The next renewal then falls back to the password, if there is
    one.

    Raises:
        ConfigurationError: An argument is missing or unusable. Later: the token store is, or a sync call was
            made in the thread of an event loop that is renewing the tokens: it would wait for itself.
        AuthenticationError: Later: the token endpoint refused every credential there is, or what it gave is
            what the API has just refused.
        StatusError, MalformedResponseError, ApiConnectionError: Later: it answered otherwise, or not at all.
    """

    def __init__(
        self,
        first: Grant | None,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        form: Mapping[str, str] = first.form if first else {}
        self.client_id = checked_text(client_id, "client_id")
        self.client_secret = checked_text(client_secret, "client_secret")
        super().__init__(self.client_secret, *([form[first.credential]] if first else []))
        self.token_url = str(secure_url(token_url, "token_url"))
        self.store = token_store
        self.login: Login = {
            "client": fingerprint(client_id),
            "username": form.get("username"),
            "token_url": self.token_url,
        }
        self._first = first
        self._origin = first.origin if first else None
        self._tokens: TokenSet | None = None
        self._not_before = 0.0  # no renewal ahead of expiry until then
        self.after_fork()
        call_after_fork(self)

    def after_fork(self) -> None:
        """In a forked child: the threads that hold the lock, or are renewing, are not here."""
        self._guard = threading.Lock()  # never held while anything is waited for
        self._renewal: Renewal | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} token_url={self.token_url!r} token_store={self.store!r}>"

    def look(self, rejected: str | None) -> tuple[TokenSet | Renewal, bool]:
        """Tokens to use right away, or the renewal to wait for, and whether the caller has to make it."""
        with self._guard:
            if self._renewal and self._renewal.is_abandoned():
                self._renewal = None
            now, tokens = time.time(), self._tokens
            is_good = tokens and tokens.access_token != rejected and now < tokens.expires_at
            spare = tokens if is_good else None
            # While somebody renews them ahead of expiry, the others need not wait.
            if spare and (self._renewal or now < max(spare.renew_at, self._not_before)):
                return spare, False
            is_ours = self._renewal is None
            self._renewal = self._renewal or Renewal(rejected, spare)
            return self._renewal, is_ours

    def conclude(self, renewal: Renewal, outcome: Outcome) -> None:
        """Tell those who wait for the renewal how it ended."""
        is_put_off = isinstance(outcome, ApiError) and renewal.spare is not None
        with self._guard:
            if is_put_off:  # there is time left: not every request until then should try again
                self._not_before = time.time() + max(PAUSE, getattr(outcome, "retry_after", None) or 0)
            if self._renewal is renewal:  # else this process was forked meanwhile
                self._renewal = None
        renewal.outcome.set_result(outcome)
        if is_put_off:
            logger.warning("the tokens could not be renewed yet, the old ones are used: %s", outcome)

    def next_step(
        self, stored: TokenSet | None, rejected: str | None, tried: Sequence[Grant]
    ) -> TokenSet | Grant | None:
        """Tokens that somebody else has renewed meanwhile, or what to ask the token endpoint with.

        Args:
            stored: What is in the token file by now. It may be behind what is here, if writing it failed.
            rejected: The access token that the API refused.
            tried: The grants that were refused.
        """
        if stored and self._origin and stored.origin != self._origin:
            stored = None  # of an earlier sign-in, which the credential given here is to replace
        known = max(filter(None, (stored, self._tokens)), key=lambda tokens: tokens.issued_at, default=None)
        if known and known.access_token != rejected and time.time() < known.renew_at:
            return self.adopt(known)
        grants: list[Grant | None] = []
        if known and known.refresh_token:
            grants.append(refresh_grant(known.refresh_token, known.origin))
        if not (known and self._origin):
            # A single-use credential that has led to tokens is spent; a second use may get them withdrawn.
            grants.append(self._first)
        return next((grant for grant in grants if grant and grant not in tried), None)

    def adopt(self, tokens: TokenSet) -> TokenSet:
        """Use these tokens from now on."""
        with self._guard:
            old = self._tokens
            if old and old.access_token == tokens.access_token and old.issued_at < tokens.issued_at:
                # WSO2 gives the same token again while it lives: asking before it ends brings nothing.
                self._not_before = tokens.expires_at
            self._tokens = tokens
            self.remember(tokens.access_token, tokens.refresh_token)
        return tokens


async def async_outcome_of(renewal: Renewal) -> Outcome:
    """Wait for somebody else's renewal, or until it is abandoned."""
    outcome = asyncio.wrap_future(renewal.outcome)
    while not outcome.done() and not renewal.is_abandoned():
        # One waiter's cancellation does not cancel what the others wait for.
        await asyncio.wait([outcome], timeout=LOOK_AGAIN)
    return outcome.result() if outcome.done() else None


def outcome_of(renewal: Renewal) -> Outcome:
    """The same for threads. ConfigurationError if it is made by a task in this very thread."""
    if renewal.loop is not None and renewal.loop is running_loop():
        raise ConfigurationError(
            "this sync call would wait forever: the renewal it needs is under way in its own thread; "
            "accepted in an event loop: the async client, or sync calls in a worker thread"
        )
    while not renewal.outcome.done() and not renewal.is_abandoned():
        wait([renewal.outcome], timeout=LOOK_AGAIN)
    return renewal.outcome.result() if renewal.outcome.done() else None
