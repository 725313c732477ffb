"""How requests are authorised: one sans-I/O flow, driven by two short loops, for threads and for tasks.

A flow is a generator. It yields what has to happen outside of it: an httpx request to send, a function that
may block or ask the user's code, or another caller's renewal to wait for. The drivers do that and hand the
result back, so that every decision is written once and nothing blocks an event loop.
"""

import asyncio
import copy
import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any, NoReturn, Self, TypeAlias, TypeVar

import anyio.to_thread
import attrs
import httpx

from ._errors import ApiError, ApiTimeoutError, AuthenticationError, ConfigurationError
from ._http import error_for_exception, secure_url
from ._token_store import FileTokenStore, Login, StoreSession
from ._tokens import (
    Grant,
    TokenSet,
    checked_bearer_token,
    checked_text,
    code_from_redirect,
    code_grant,
    fingerprint,
    password_grant,
    read_token_answer,
    refresh_grant,
    token_request,
)

DEFAULT_TOKEN_URL = "https://api.vonage.com/token"  # noqa: S105  # an address, no token
DEFAULT_AUTHORIZE_URL = "https://api.vonage.com/authorize"
USER_DOMAIN = "@vbc.prod"
LOCK_PATIENCE = 120.0  # seconds to wait for another process that holds the token store
LOCK_POLL = 0.05  # seconds between two looks
_REMEMBERED = 16  # tokens kept for redaction: answers to requests with older ones may still arrive

T = TypeVar("T")
Outcome: TypeAlias = TokenSet | Exception | None
"""How a renewal ended; None: it was abandoned, and nobody knows."""
Step: TypeAlias = "httpx.Request | Callable[[], object] | _Flight"
Flow: TypeAlias = Generator[Step, Any, T]

logger = logging.getLogger("vbc_call_recording")


class Auth(httpx.Auth):
    """Base of all ways to authorise requests. One object serves any number of threads and tasks.

    A 401 is answered once, with a newer token if there is one to be had; a second 401 stands.

    Requests whose extensions say `"authorize": False` are sent as they are.
    """

    def secrets(self) -> set[str]:
        """Everything that must not be shown, as far as known by now."""
        raise NotImplementedError

    def _token(self, request: httpx.Request, rejected: str | None) -> Flow[str]:
        """A token for this request, other than the rejected one if possible."""
        raise NotImplementedError

    def _flow(self, request: httpx.Request) -> Flow[None]:
        if not request.extensions.get("authorize", True):
            yield request
            return
        token = yield from self._token(request, None)
        response: httpx.Response = yield _bearing(request, token)
        if response.status_code == 401:
            other = yield from self._token(request, token)
            if other != token:
                yield _bearing(request, other)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = self._flow(request)
        result: object
        try:
            step = next(flow)
            while True:
                try:
                    if isinstance(step, httpx.Request):
                        response = result = yield step
                        if step is not request or response.status_code == 401:
                            # Gives its connection back before anybody waits for the token endpoint.
                            response.read()
                    else:
                        result = _perform(step)
                except Exception as error:  # noqa: BLE001  # the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration:
            return
        finally:
            flow.close()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        flow = self._flow(request)
        result: object
        try:
            step = next(flow)
            while True:
                try:
                    if isinstance(step, httpx.Request):
                        response = result = yield step
                        if step is not request or response.status_code == 401:
                            # Gives its connection back before anybody waits for the token endpoint.
                            await response.aread()
                    else:
                        result = await _perform_async(step)
                except Exception as error:  # noqa: BLE001  # the flow decides
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration:
            return
        finally:
            flow.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and locks: create it where it is used")


class AccessToken(Auth):
    """A token obtained elsewhere.

    Args:
        token: The bare token, or a function that returns it. A function is asked before every request, so it
            should remember what it knows; on a 401 it is asked once more. With the async client it may be
            async, and a plain one is called in a worker thread. What it raises reaches the caller.

    Raises:
        ConfigurationError: The token cannot be one, or an async function is used with the sync client.
    """

    def __init__(self, token: str | Callable[[], str] | Callable[[], Awaitable[str]]) -> None:
        self._source = token if callable(token) else None
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)
        if not callable(token):
            self._seen.append(checked_bearer_token(token, "token"))

    def secrets(self) -> set[str]:
        return set(self._seen.copy())

    def _token(self, request: httpx.Request, rejected: str | None) -> Flow[str]:
        if self._source is None:
            return self._seen[-1]
        token = checked_bearer_token((yield self._source), "the token returned by the function given")
        if token not in self._seen:
            self._seen.append(token)
        return token


@attrs.define(eq=False)
class _Flight:
    """A renewal under way, for others to wait for.

    Attributes:
        request: The request it is made for.
        rejected: The access token that request was refused with, if any.
        thread: Where it is made; an event loop's, if a task makes it.
        landed: How it ended.
        session: Its hold on the token store, if there is one.
        sent: The token request on its way.
    """

    request: httpx.Request
    rejected: str | None
    thread: int = attrs.field(factory=threading.get_ident)
    landed: Future[Outcome] = attrs.field(factory=Future[Outcome])
    session: StoreSession | None = None
    sent: httpx.Request | None = None

    def failure(self) -> Exception | None:
        """Why the token request had no answer; None if whoever sent it was cancelled.

        httpx only closes a flow whose request failed: the transport leaves the reason with the request.
        """
        failure = self.sent.extensions.get("failure") if self.sent else None
        return failure if isinstance(failure, Exception) else None


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
        self._flight: _Flight | None = None
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)

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
                    flight = self._flight = _Flight(request, rejected)
            if leading:
                tokens = yield from self._lead(flight)
                return tokens.access_token
            outcome: Outcome = yield flight
            if isinstance(outcome, TokenSet):
                return outcome.access_token
            if outcome is not None:
                # A copy: raised by many threads at once, one object would mix up their tracebacks.
                raise copy.copy(outcome) from outcome

    def _lead(self, flight: _Flight) -> Flow[TokenSet]:
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

    def _explained(self, failure: Exception, flight: _Flight) -> ApiError:
        return error_for_exception(failure, flight.sent, self.secrets())

    def _obtain(self, flight: _Flight) -> Flow[TokenSet]:
        if self._store is None:
            return (yield from self._renew(flight))
        flight.session = session = self._store.session(self._login)
        try:
            yield from _acquired(session)
            return (yield from self._renew(flight))
        finally:
            session.close()

    def _renew(self, flight: _Flight) -> Flow[TokenSet]:
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

    def _refresh(self, flight: _Flight, known: TokenSet | None) -> Flow[TokenSet]:
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

    def _stored(self, flight: _Flight) -> Flow[TokenSet | None]:
        if flight.session is None:
            return None
        stored: TokenSet | None = yield flight.session.load
        if stored and self._origin and stored.origin != self._origin:
            return None  # of an earlier sign-in, which the credential given here is to replace
        return stored

    def _ask(self, flight: _Flight, grant: Grant, origin: str | None) -> Flow[TokenSet]:
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


class PasswordGrant(TokenAuth):
    """Signs in with a user's name and password; renews with the refresh token, or else signs in again.

    Args:
        username: As shown in VBC; `@vbc.prod` is appended if missing (vendor's guide).
        password: The user's password.
        client_id: Of the application, which must be subscribed to the Call Recording API.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    def __init__(
        self,
        username: str,
        password: str,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        full_name = _full_name(checked_text(username, "username"))
        super().__init__(
            client_id,
            client_secret,
            first=password_grant(full_name, checked_text(password, "password")),
            credential=password,
            username=full_name,
            token_store=token_store,
            token_url=token_url,
        )


class RefreshToken(TokenAuth):
    """Goes on with a login made elsewhere.

    A refresh token is good for one use within 7 days (vendor's guide). Its successors are kept in
    `token_store`: on the next run, the same `refresh_token` argument goes on with them, and a new one
    replaces them.

    Args:
        refresh_token: The first one to use; None goes on with whatever login is in `token_store`.
        client_id: Of the application the token was issued to.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    def __init__(
        self,
        refresh_token: str | None,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        if refresh_token is None and token_store is None:
            raise ConfigurationError("refresh_token is None; accepted without a token_store: a non-empty str")
        credential = None if refresh_token is None else checked_text(refresh_token, "refresh_token")
        super().__init__(
            client_id,
            client_secret,
            first=refresh_grant(credential) if credential else None,
            credential=credential,
            token_store=token_store,
            token_url=token_url,
        )


class AuthorizationCode(TokenAuth):
    """Signs in with the code that the user's browser brought back from the sign-in page.

    Send the browser to `authorization_url(...)`, then hand the URL it comes back to, to `from_redirect(...)`.
    A code is good for one use. Its tokens are kept in `token_store`: later runs go on with them by
    `RefreshToken(None, …, token_store=…)`, or with the same code.

    Args:
        code: The authorization code.
        redirect_uri: The one the code was requested with.
        client_id: Of the application.
        client_secret: Belonging to it.
        token_store: Where to keep the tokens for other processes and later runs; None: in memory only.
        token_url: Where tokens are obtained; https, or http to this machine.
    """

    def __init__(
        self,
        code: str,
        redirect_uri: str,
        client_id: str,
        client_secret: str,
        *,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> None:
        super().__init__(
            client_id,
            client_secret,
            first=code_grant(checked_text(code, "code"), checked_text(redirect_uri, "redirect_uri")),
            credential=code,
            token_store=token_store,
            token_url=token_url,
        )

    @staticmethod
    def authorization_url(
        client_id: str, redirect_uri: str, state: str, *, authorize_url: str = DEFAULT_AUTHORIZE_URL
    ) -> str:
        """The sign-in page to send the user's browser to.

        Args:
            client_id: Of the application.
            redirect_uri: Where the browser is sent back to; as registered for the application.
            state: Unguessable, made for this sign-in (`secrets.token_urlsafe()`), kept for `from_redirect`.
            authorize_url: The sign-in page itself.
        """
        query = {
            "scope": "openid",
            "response_type": "code",
            "redirect_uri": checked_text(redirect_uri, "redirect_uri"),
            "client_id": checked_text(client_id, "client_id"),
            "state": checked_text(state, "state"),
        }
        return str(secure_url(authorize_url, "authorize_url").copy_merge_params(query))

    @classmethod
    def from_redirect(
        cls,
        url: str,
        *,
        state: str,
        redirect_uri: str,
        client_id: str,
        client_secret: str,
        token_store: FileTokenStore | None = None,
        token_url: str = DEFAULT_TOKEN_URL,
    ) -> Self:
        """From the URL the browser came back to.

        Args:
            url: With its query.
            state: The one given to `authorization_url`.
            redirect_uri: The one given to `authorization_url`.
            client_id: The one given to `authorization_url`.
            client_secret: Belonging to it.
            token_store: As for the constructor.
            token_url: As for the constructor.

        Raises:
            InputError: The URL has another state (it belongs to another sign-in, or is forged), or not
                exactly one code.
            AuthenticationError: The user or the server declined.
        """
        code = code_from_redirect(url, checked_text(state, "state"))
        return cls(code, redirect_uri, client_id, client_secret, token_store=token_store, token_url=token_url)


def _full_name(username: str) -> str:
    # The domain is always written alike: the token store tells logins apart by the whole name.
    name, domain = username[: -len(USER_DOMAIN)], username[-len(USER_DOMAIN) :]
    return (name if domain.lower() == USER_DOMAIN else username) + USER_DOMAIN


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


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


def _perform(step: Callable[[], object] | _Flight) -> object:
    if isinstance(step, _Flight):
        if step.thread == threading.get_ident():
            raise ConfigurationError(
                "this sync call would wait forever: the renewal it needs is under way in its own thread; "
                "in an event loop use the async client, or make sync calls in a worker thread"
            )
        return step.landed.result()
    result = None if _is_async(step) else step()
    if _is_async(step) or inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise ConfigurationError("AccessToken was given an async function; use it with the async client")
    return result


async def _perform_async(step: Callable[[], object] | _Flight) -> object:
    if isinstance(step, _Flight):
        # Shielded: one waiter's cancellation must not cancel what the others wait for.
        return await asyncio.shield(asyncio.wrap_future(step.landed))
    result = step() if _is_async(step) else await anyio.to_thread.run_sync(step)
    return await result if inspect.isawaitable(result) else result


def _is_async(function: Callable[[], object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # an object may have an async one
    )
