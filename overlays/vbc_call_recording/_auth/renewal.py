"""Tokens kept, renewed in time, and asked for once, however many need one."""

import copy
import threading
import time
from collections import deque
from functools import partial

import attrs
import httpx

from .._checks import checked_text
from .._errors import ApiError, ApiTimeoutError, AuthenticationError
from .._http.outcomes import error_for_exception, logger
from .._http.urls import secure_url
from .flow import REMEMBERED_TOKENS, Auth, Flow, Outcome, Renewal
from .store import FileTokenStore, Login, StoreSession
from .tokens import Grant, TokenSet, fingerprint, read_token_answer, refresh_grant, token_request

LOCK_PATIENCE = 120.0  # seconds to wait for another process that holds the token store


LOCK_POLL = 0.05  # seconds between two looks


class TokenAuth(Auth):
    """Base of what obtains tokens from the token endpoint.

    Tokens are renewed ahead of expiry, by 60 s or half their lifetime, whichever is less. However many
    threads and tasks need a new token, one of them asks for it, and all get what came of it, also a failure.
    Failures are not remembered: who comes later tries again. A renewal cancelled on its way may cost the
    login, as the refresh token it sent is used up: the next one falls back to the password, if there is one.

    Raises, on construction:
        ConfigurationError: An argument is missing or unusable, or `token_url` is neither https nor on this
            machine.

    Raises, while a request is sent:
        AuthenticationError: The token endpoint refused every credential there is.
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
        credential: str | None,
        username: str | None = None,
        token_store: FileTokenStore | None,
        token_url: str,
    ) -> None:
        self._client_id = checked_text(client_id, "client_id")
        self._client_secret = checked_text(client_secret, "client_secret")
        self._token_url = str(secure_url(token_url, "token_url"))
        self._first = first
        self._credential = credential
        self._origin = fingerprint(credential) if credential and username is None else None
        self._store = token_store
        self._login = Login(fingerprint(client_id), username, self._token_url)
        self._guard = threading.Lock()  # never held while anything is waited for
        self._tokens: TokenSet | None = None
        self._flight: Renewal | None = None
        self._seen: deque[str] = deque(maxlen=REMEMBERED_TOKENS)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} token_url={self._token_url!r} token_store={self._store!r}>"

    def secrets(self) -> set[str]:
        with self._guard:
            return {self._client_secret, self._credential or "", *self._seen} - {""}

    def _token(self, request: httpx.Request, rejected: str | None) -> Flow[str]:
        while True:
            with self._guard:
                if self._tokens and _usable(self._tokens, rejected):
                    return self._tokens.access_token
                flight = self._flight
                leading = flight is None
                if flight is None:
                    flight = self._flight = Renewal(request, rejected)
            if leading:
                tokens = yield from self._lead(flight)
                return tokens.access_token
            outcome: Outcome = yield flight
            if isinstance(outcome, TokenSet):
                return outcome.access_token
            if outcome is not None:
                # A copy: raised by many threads at once, one object would mix up their tracebacks.
                raise copy.copy(outcome) from outcome

    def _lead(self, flight: Renewal) -> Flow[TokenSet]:
        outcome: Outcome = None
        try:
            outcome = tokens = yield from self._obtain(flight)
            return tokens
        except httpx.HTTPError as error:
            outcome = explained = self._explained(error, flight)
            raise explained from error
        except Exception as error:
            outcome = error
            raise
        except GeneratorExit:
            failure = flight.failure()
            outcome = failure and self._explained(failure, flight)
            raise
        finally:
            with self._guard:
                self._flight = None
            flight.landed.set_result(outcome)

    def _explained(self, failure: Exception, flight: Renewal) -> ApiError:
        return error_for_exception(failure, flight.sent, self.secrets())

    def _obtain(self, flight: Renewal) -> Flow[TokenSet]:
        if self._store is None:
            return (yield from self._renew(flight))
        flight.session = session = self._store.session(self._login)
        try:
            yield from _acquired(session)
            return (yield from self._renew(flight))
        finally:
            session.close()

    def _renew(self, flight: Renewal) -> Flow[TokenSet]:
        known = _newest(self._tokens, (yield from self._stored(flight)))
        # A single-use credential that has led to tokens is spent; showing it again may get them withdrawn.
        first = None if known and self._origin else self._first
        if known and _usable(known, flight.rejected):
            return self._adopted(known)
        if known:
            try:
                return (yield from self._refresh(flight, known))
            except AuthenticationError:
                if first is None:
                    raise
                logger.info("the refresh token is of no use any more; signing in again")
        if first is None:
            raise AuthenticationError(
                f"{self._store!r} holds no login to go on with; sign in with a password, a code or a token",
                operation="token",
            )
        return (yield from self._ask(flight, first, self._origin))

    def _refresh(self, flight: Renewal, known: TokenSet | None) -> Flow[TokenSet]:
        refusal = AuthenticationError(
            "the access token is of no use any more and came without a refresh token; sign in again",
            operation="token",
        )
        tried = None
        while known and known.refresh_token and known.refresh_token != tried:
            tried = known.refresh_token
            try:
                return (yield from self._ask(flight, refresh_grant(tried), known.origin))
            except AuthenticationError as error:
                refusal = error
            # Somebody may have renewed past the lock: from another machine, or after a failed write.
            known = yield from self._stored(flight)
            if known and _usable(known, flight.rejected):
                return self._adopted(known)
        raise refusal

    def _stored(self, flight: Renewal) -> Flow[TokenSet | None]:
        if flight.session is None:
            return None
        stored: TokenSet | None = yield flight.session.load
        if stored and self._origin and stored.origin != self._origin:
            return None  # of an earlier sign-in, which the credential given here is to replace
        return stored

    def _ask(self, flight: Renewal, grant: Grant, origin: str | None) -> Flow[TokenSet]:
        request = token_request(
            self._token_url, grant, self._client_id, self._client_secret, like=flight.request
        )
        issued_at = time.time()
        flight.sent = request
        response: httpx.Response = yield request
        flight.sent = None
        answer = read_token_answer(grant, request, response, issued_at=issued_at, secrets=self.secrets())
        # A refresh token without a successor remains good (RFC 6749, section 6).
        refresh_token = answer.refresh_token or grant.form.get("refresh_token")
        tokens = attrs.evolve(answer, origin=origin, refresh_token=refresh_token)
        # Remembered first: a disk that is full must not cost the login.
        self._adopted(tokens)
        if flight.session:
            yield partial(flight.session.save, tokens)
        logger.debug("new access token by %s, valid for %.0f s", grant.name, tokens.expires_at - issued_at)
        return tokens

    def _adopted(self, tokens: TokenSet) -> TokenSet:
        with self._guard:
            self._tokens = tokens
            for secret in (tokens.access_token, tokens.refresh_token):
                if secret and secret not in self._seen:
                    self._seen.append(secret)
        return tokens


def _usable(tokens: TokenSet, rejected: str | None) -> bool:
    return tokens.access_token != rejected and time.time() < tokens.renew_at


def _newest(*candidates: TokenSet | None) -> TokenSet | None:
    return max(filter(None, candidates), key=lambda tokens: tokens.issued_at, default=None)


def _acquired(session: StoreSession) -> Flow[None]:
    deadline = time.monotonic() + LOCK_PATIENCE
    while not (yield session.try_acquire):
        if time.monotonic() > deadline:
            raise ApiTimeoutError(
                f"another process has been renewing the token for {LOCK_PATIENCE:.0f} s", operation="token"
            )
        yield partial(time.sleep, LOCK_POLL)
