# Written by scripts/mirror from overlays/vbc_call_recording/_async/login.py.
# Change that file and run `make generate`.
"""Gets access tokens: sends token requests, waits, keeps the token file. Decisions are in `_auth`."""

import copy
import time
from typing import Protocol

import httpx

from .._auth.access import AccessToken, Auth, Bearer, result_of
from .._auth.renewal import Outcome, Renewal, TokenAuth, is_fresh, outcome_of
from .._auth.store import StoreSession
from .._auth.tokens import Grant, TokenSet, nothing_left, read_token_answer, refuses_grant, token_request
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
    """A client's use of its login.

    Answers of the token endpoint stay in here: what comes out is a token or an error, whatever happens.

    Args:
        auth: The login, which other clients may share.
        send: How token requests are sent.
    """

    def __init__(self, auth: Auth, send: Sender) -> None:
        self.auth = auth
        self._send = send

    def bearer(self, rejected: Bearer | None = None) -> Bearer:
        """An access token, other than the rejected one if that is to be had."""
        if isinstance(self.auth, TokenAuth):
            tokens = self._tokens(self.auth, rejected.token if rejected else None)
            return Bearer(tokens.access_token)
        assert isinstance(self.auth, AccessToken)
        if self.auth.function is not None:
            self.auth.adopt(result_of(self.auth.function))
        return self.auth.latest()

    def _tokens(self, auth: TokenAuth, rejected: str | None) -> TokenSet:
        while True:
            tokens = auth.good_tokens(rejected)
            if tokens:
                return tokens
            renewal, ours = auth.join(rejected)
            if ours:
                return self._lead(auth, renewal)
            outcome = outcome_of(renewal)
            if isinstance(outcome, Exception):
                # A copy: raised by many threads at once, one object would mix up their tracebacks.
                raise copy.copy(outcome) from outcome.__cause__
            if outcome and (outcome.access_token != rejected or renewal.rejected == rejected):
                return outcome

    def _lead(self, auth: TokenAuth, renewal: Renewal) -> TokenSet:
        outcome: Outcome = None
        try:
            outcome = tokens = self._renewed(auth, renewal)
            return tokens
        except CallRecordingError as error:
            outcome = error
            if renewal.spare is None or not isinstance(error, ApiError):
                raise
            auth.put_off(error)
            return renewal.spare
        finally:
            auth.conclude(renewal, outcome)

    def _renewed(self, auth: TokenAuth, renewal: Renewal) -> TokenSet:
        if auth.store is None:
            return self._obtained(auth, renewal, None)
        session = auth.store.session(auth.login)
        try:
            self._acquire(session, LOCK_PATIENCE if renewal.spare is None else SHORT_PATIENCE)
            return self._obtained(auth, renewal, session)
        finally:
            session.close()

    def _acquire(self, session: StoreSession, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not to_thread(session.try_acquire):
            if time.monotonic() > deadline:
                raise ApiTimeoutError(
                    f"another process has been renewing the tokens for {patience:.0f} s", operation="token"
                )
            sleep(LOCK_POLL)

    def _obtained(self, auth: TokenAuth, renewal: Renewal, session: StoreSession | None) -> TokenSet:
        """Tokens by the first grant that is not refused."""
        tried: list[Grant] = []
        refusal: AuthenticationError | None = None
        while True:
            # Read again after a refusal: somebody may have renewed past the lock, or after a failed write.
            known = auth.newest(to_thread(session.load) if session else None)
            if known and is_fresh(known, renewal.rejected):
                return auth.adopt(known)
            grant = auth.next_grant(known, tried)
            if grant is None:
                raise refusal or nothing_left(auth.store, known)
            if refusal:
                logger.info("the %s was refused; going on with the %s", tried[-1].name, grant.name)
            tried.append(grant)
            try:
                return self._ask(auth, grant, session)
            except AuthenticationError as error:
                if not refuses_grant(error):
                    raise
                refusal = error

    def _ask(self, auth: TokenAuth, grant: Grant, session: StoreSession | None) -> TokenSet:
        request = token_request(auth.token_url, grant, auth.client_id, auth.client_secret)
        issued_at = time.time()
        response = self._send(request)
        tokens = read_token_answer(grant, request, response, issued_at, auth.secrets())
        # Remembered first: a disk that is full must not cost the login.
        auth.adopt(tokens)
        if session:
            to_thread(session.save, tokens)
        logger.debug("new access token by %s, valid for %.0f s", grant.name, tokens.expires_at - issued_at)
        return tokens
