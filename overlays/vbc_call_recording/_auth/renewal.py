"""Tokens kept, and what to do when others are needed. Pure, but for the clock: `login` sends and waits."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TypeAlias

import attrs

from .._checks import checked_text
from .._concurrency import call_after_fork
from .._errors import ApiError, ConfigurationError
from .._http.outcomes import logger
from .._http.urls import secure_url
from .access import REMEMBERED_TOKENS, Auth
from .store import FileTokenStore, Login
from .tokens import Grant, TokenSet, fingerprint, refresh_grant

PAUSE = 10.0  # seconds between two tries to renew tokens that are still good

Outcome: TypeAlias = TokenSet | Exception | None
"""How a renewal ended. None: it was given up, and whoever waits for it makes another one."""


@attrs.define(eq=False)
class Renewal:
    """A renewal under way, made by one caller, for the others to wait for.

    Attributes:
        rejected: The access token that the API refused, if that is the reason.
        spare: The old tokens, if they are still good: a failure does no harm yet.
        thread: Where it is made; an event loop's, if a task makes it.
        outcome: How it ended.
    """

    rejected: str | None = attrs.field(repr=False)
    spare: TokenSet | None
    thread: int = attrs.field(factory=threading.get_ident)
    outcome: Future[Outcome] = attrs.field(factory=Future[Outcome])


class TokenAuth(Auth):
    """Base of what obtains tokens from the token endpoint.

    Tokens are renewed ahead of expiry, by 60 s or half their lifetime, whichever is less. However many
    threads and tasks need a new token, one of them asks for it, and all get what came of it, also a failure.
    Failures are not remembered: who comes later tries again. As long as the old token is good, a failure only
    puts the renewal off. A renewal cancelled on its way may cost the login, as the refresh token it sent is
    used up: the next one falls back to the password, if there is one.

    Raises, on construction:
        ConfigurationError: An argument is missing or unusable, or `token_url` is neither https nor on this
            machine.

    Raises, while a request is sent:
        AuthenticationError: The token endpoint refused every credential there is, or what it gave is what the
            API has just refused.
        StatusError, MalformedResponseError, ApiConnectionError: It answered otherwise, or not at all.
        ConfigurationError: The token store cannot be used, or holds another login. Or a sync call was made in
            the thread of an event loop while a task there renews the tokens: it would wait for itself.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        first: Grant | None,
        username: str | None = None,
        token_store: FileTokenStore | None,
        token_url: str,
    ) -> None:
        self.client_id = checked_text(client_id, "client_id")
        self.client_secret = checked_text(client_secret, "client_secret")
        self.token_url = str(secure_url(token_url, "token_url"))
        self.store = token_store
        self.login = Login(fingerprint(client_id), username, self.token_url)
        self._first = first
        self._origin = first.origin if first else None
        self._tokens: TokenSet | None = None
        self._not_before = 0.0  # no renewal ahead of expiry until then
        self._seen: deque[str] = deque(maxlen=REMEMBERED_TOKENS)
        self.after_fork()
        call_after_fork(self)

    def after_fork(self) -> None:
        """In a forked child: the threads that hold the lock, or are renewing, are not here."""
        self._guard = threading.Lock()  # never held while anything is waited for
        self._renewal: Renewal | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} token_url={self.token_url!r} token_store={self.store!r}>"

    def secrets(self) -> set[str]:
        with self._guard:
            given = [self._first.secret] if self._first else []
            return {self.client_secret, *given, *self._seen}

    def good_tokens(self, rejected: str | None) -> TokenSet | None:
        """Tokens that can be used right away; None if they have to be renewed first."""
        with self._guard:
            tokens = self._tokens
            if tokens is None or tokens.access_token == rejected:
                return None
            ahead = max(tokens.renew_at, self._not_before)
            # While somebody renews them ahead of expiry, the others need not wait.
            until = tokens.expires_at if self._renewal else min(ahead, tokens.expires_at)
            return tokens if time.time() < until else None

    def join(self, rejected: str | None) -> tuple[Renewal, bool]:
        """The renewal to wait for, and whether it is the caller who has to make it."""
        with self._guard:
            if self._renewal is not None:
                return self._renewal, False
            old = self._tokens
            good = old is not None and old.access_token != rejected and time.time() < old.expires_at
            self._renewal = Renewal(rejected, old if good else None)
            return self._renewal, True

    def conclude(self, renewal: Renewal, outcome: Outcome) -> None:
        """Tell those who wait for the renewal how it ended."""
        with self._guard:
            if self._renewal is renewal:
                self._renewal = None
        renewal.outcome.set_result(outcome)

    def put_off(self, error: ApiError) -> None:
        """The renewal failed, and there is time left: not every request until then should try again."""
        wait = max(PAUSE, getattr(error, "retry_after", None) or 0)
        with self._guard:
            self._not_before = time.time() + wait
        logger.warning("the tokens could not be renewed yet, the old ones are used: %s", error)

    def newest(self, stored: TokenSet | None) -> TokenSet | None:
        """The latest tokens of this login: those in the file, or those here if writing the file failed."""
        if stored and self._origin and stored.origin != self._origin:
            stored = None  # of an earlier sign-in, which the credential given here is to replace
        return max(filter(None, (stored, self._tokens)), key=lambda tokens: tokens.issued_at, default=None)

    def next_grant(self, known: TokenSet | None, tried: Sequence[Grant]) -> Grant | None:
        """What to ask the token endpoint with, after what was tried; None if nothing is left."""
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
            for secret in (tokens.access_token, tokens.refresh_token):
                if secret and secret not in self._seen:
                    self._seen.append(secret)
        return tokens


def is_fresh(tokens: TokenSet, rejected: str | None) -> bool:
    """Whether somebody else has renewed the tokens meanwhile."""
    return tokens.access_token != rejected and time.time() < tokens.renew_at


async def async_outcome_of(renewal: Renewal) -> Outcome:
    """Wait for somebody else's renewal."""
    # Shielded: one waiter's cancellation must not cancel what the others wait for.
    return await asyncio.shield(asyncio.wrap_future(renewal.outcome))


def outcome_of(renewal: Renewal) -> Outcome:
    """Wait for somebody else's renewal.

    Raises:
        ConfigurationError: It is made by a task in this very thread, which would never come to its end.
    """
    if renewal.thread == threading.get_ident():
        raise ConfigurationError(
            "this sync call would wait forever: the renewal it needs is under way in its own thread; "
            "accepted in an event loop: the async client, or sync calls in a worker thread"
        )
    return renewal.outcome.result()
