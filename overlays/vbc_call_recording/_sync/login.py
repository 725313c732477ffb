# Written by scripts/mirror from overlays/vbc_call_recording/_async/login.py.
# Change that file and run `make generate`.
"""Gets access tokens: sends token requests, waits, keeps the token file. Decisions are in `_auth`."""

import copy
import time
from typing import Protocol

import httpx
from filelock import FileLock

from .._auth.access import AccessToken, Auth, Bearer
from .._auth.functions import result_of
from .._auth.renewal import Outcome, Renewal, TokenAuth, outcome_of
from .._auth.store import FileTokenStore
from .._auth.tokens import Grant, TokenSet, read_token_answer, refuses_grant, token_request
from .._concurrency import sleep, to_thread
from .._errors import ApiError, ApiTimeoutError, AuthenticationError, CallRecordingError
from .._http.outcomes import logger

LOCK_PATIENCE = 120.0  # seconds to wait for another process that holds the token store
SHORT_PATIENCE = 5.0  # seconds, while the old tokens are still good
LOCK_POLL = 0.05  # seconds between two looks


class Sender(Protocol):
    """Sends a token request and returns its answer, or raises ApiError if there is none."""

    def __call__(self, request: httpx.Request) -> httpx.Response: ...


class Login:
    """A client's use of its login, which others may share.

    What comes out is a token or an error, and never an answer of the token endpoint.
    """

    def __init__(self, auth: Auth, send: Sender) -> None:
        self.auth = auth
        self._send = send

    def bearer(self, rejected: Bearer | None = None) -> Bearer:
        """An access token, if possible another one than the rejected one."""
        if isinstance(self.auth, TokenAuth):
            tokens = self._tokens(self.auth, rejected.token if rejected else None)
            return Bearer(tokens.access_token)
        assert isinstance(self.auth, AccessToken)
        source = self.auth.source
        return source if isinstance(source, Bearer) else self.auth.checked(result_of(source))

    def _tokens(self, auth: TokenAuth, rejected: str | None) -> TokenSet:
        while True:
            renewal, is_ours = auth.look(rejected)
            if isinstance(renewal, TokenSet):
                return renewal
            if is_ours:
                return self._lead(auth, renewal)
            outcome = outcome_of(renewal)
            if isinstance(outcome, Exception):
                # A copy: raised by many threads at once, one object would mix up their tracebacks.
                raise copy.copy(outcome) from outcome.__cause__
            if outcome and (outcome.access_token != rejected or renewal.rejected == rejected):
                return outcome

    def _lead(self, auth: TokenAuth, renewal: Renewal) -> TokenSet:
        lock = auth.store.lock() if auth.store else None
        outcome: Outcome = None
        try:
            if auth.store and lock:
                patience = SHORT_PATIENCE if renewal.spare else LOCK_PATIENCE
                self._acquire(auth.store, lock, patience)
            outcome = self._renewed(auth, renewal.rejected)
            return outcome
        except CallRecordingError as error:
            outcome = error
            if renewal.spare is None or not isinstance(error, ApiError):
                raise
            return renewal.spare
        finally:
            auth.conclude(renewal, outcome)
            if lock:
                lock.release()

    def _acquire(self, store: FileTokenStore, lock: FileLock, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not to_thread(store.try_acquire, lock):
            if time.monotonic() > deadline:
                raise ApiTimeoutError(
                    f"another process has been renewing the tokens for {patience:.0f} s", operation="token"
                )
            sleep(LOCK_POLL)

    def _renewed(self, auth: TokenAuth, rejected: str | None) -> TokenSet:
        """Tokens by the first grant that is not refused."""
        tried: list[Grant] = []
        refusal: AuthenticationError | None = None
        while True:
            # Read again after a refusal: somebody may have renewed past the lock, or after a failed write.
            stored = to_thread(auth.store.load, auth.login) if auth.store else None
            step = auth.next_step(stored, rejected, tried)
            if isinstance(step, TokenSet):
                return step
            if step is None:
                raise refusal or AuthenticationError(
                    f"there are no tokens to renew, in memory or in {auth.store}: sign in again",
                    operation="token",
                )
            if refusal:
                logger.info("the %s was refused; going on with the %s", tried[-1], step)
            tried.append(step)
            try:
                return self._ask(auth, step)
            except AuthenticationError as error:
                if not refuses_grant(error):
                    raise
                refusal = error

    def _ask(self, auth: TokenAuth, grant: Grant) -> TokenSet:
        issued_at = time.time()
        response = self._send(token_request(auth.token_url, grant, auth.client_id, auth.client_secret))
        tokens = read_token_answer(grant, response, issued_at, auth.secrets())
        # Remembered first: a disk that is full must not cost the login.
        auth.adopt(tokens)
        if auth.store:
            to_thread(auth.store.save, auth.login, tokens)
        logger.debug("new access token by %s, valid for %.0f s", grant, tokens.expires_at - issued_at)
        return tokens
