"""What `vbc-recordings doctor` looks at: one check after the other, each with what to do if it fails.

It makes a login and at most five requests, each tried once, and waits for no quota. Where there is no login,
one request without any tells whether the server can be reached, and what time it has.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from attrs import define

from vbc_call_recording import (
    BASE_URL,
    ApiConnectionError,
    ApiError,
    AuthenticationError,
    CallRecordingClient,
    CallRecordingError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    Recording,
    RetryPolicy,
)
from vbc_call_recording_generated.api.company_recordings import list_company_recordings

from .surroundings import Check, destinations, disk, settings_of

LARGEST_SKEW = 30.0  # seconds between two clocks that nobody minds
_PATIENCE = 15.0  # seconds for each request


def examine(
    read_variables: Callable[[], Mapping[str, str]], folder: Path | None = None, mounts: str = ""
) -> Iterator[Check]:
    """Look at everything, whatever fails on the way.

    Args:
        read_variables: Gives the VBC_* variables that count; may raise ConfigurationError.
        folder: Of an archive, or where one is to be.
        mounts: Text as in `/proc/mounts`, where there is such a file.
    """
    client, check = _client(read_variables)
    yield check
    with client:
        yield from _Examination(client, has_login=check.state == "ok").checks()
    if folder is not None:
        config, check = settings_of(folder)
        yield check
        yield disk(folder, config.catalogue, mounts)
        yield from destinations(folder, config)


def _client(read_variables: Callable[[], Mapping[str, str]]) -> tuple[CallRecordingClient, Check]:
    """A client for the account, or one without login for where the API is, and what the variables say."""
    settings: Any = {"retries": RetryPolicy(tries=1), "quota_wait": 0, "timeout": _PATIENCE}
    values: Mapping[str, str] = {}
    try:
        values = read_variables()
        client = CallRecordingClient.from_env(values, **settings)
    except ConfigurationError as error:
        place = values.get("VBC_BASE_URL") or BASE_URL
        with suppress(ConfigurationError):
            return _stranger(place, settings), _wrong_variables(error)
        return _stranger(BASE_URL, settings), _wrong_variables(error)
    given = sorted(name for name, value in values.items() if value.strip())
    return client, Check("variables", "ok", ", ".join(given))


def _stranger(place: str, settings: dict[str, Any]) -> CallRecordingClient:
    return CallRecordingClient(auth="no-login", base_url=place, **settings)


def _wrong_variables(error: ConfigurationError) -> Check:
    hint = (
        "user and password are those of VBC; id and secret of the application are in the developer portal. "
        "Each VBC_… variable may also be VBC_…_FILE, the path of a file"
    )
    return Check("variables", "failed", str(error), hint, error)


@define
class _Outcome:
    """What became of a request: its answer, or why there is none."""

    answer: Any = None
    error: CallRecordingError | None = None


class _Examination:
    """The checks that need the server."""

    def __init__(self, client: CallRecordingClient, *, has_login: bool) -> None:
        self._client = client
        self._has_login = has_login
        self._skew: float | None = None
        self._requests = 0
        self._refusal: RateLimitError | None = None
        client.api.get_httpx_client().event_hooks = {"response": [self._note]}

    def checks(self) -> Iterator[Check]:
        first = self._ask(self._first_page)
        yield self._server(first.error)
        yield self._clock()
        yield self._login(first.error)
        yield self._listing(first)
        recordings: list[Recording] = first.answer or []
        yield self._file(recordings)
        yield self._permissions(is_in=self._has_login and first.error is None)
        yield self._quota()

    def _note(self, response: httpx.Response) -> None:
        self._requests += 1
        with suppress(TypeError, ValueError):
            told = parsedate_to_datetime(response.headers.get("Date", ""))
            self._skew = (datetime.now(UTC) - told).total_seconds()

    def _ask(self, request: Callable[[], Any]) -> _Outcome:
        if self._refusal is not None:
            return _Outcome(error=self._refusal)
        try:
            return _Outcome(request())
        except RateLimitError as error:
            self._refusal = error
            return _Outcome(error=error)
        except CallRecordingError as error:
            return _Outcome(error=error)

    def _first_page(self) -> list[Recording]:
        answer = list_company_recordings.sync_detailed(
            self._client.account_id, client=self._client.api, page_size=1
        )
        page = answer.parsed
        return list(page.hal_embedded.recordings or ()) if page and page.hal_embedded else []

    def _server(self, error: CallRecordingError | None) -> Check:
        place = self._client.base_url
        if isinstance(error, ApiConnectionError):
            hint = (
                "is this machine online? Does it need a proxy (HTTPS_PROXY) or a certificate (SSL_CERT_FILE)?"
            )
            return Check("server", "failed", f"{error.url or place}: {error.args[0]}", hint, error)
        return Check("server", "ok", f"{place} answers")

    def _clock(self) -> Check:
        if self._skew is None:
            return Check("clock", "skipped", "no answer told the time")
        off = abs(self._skew)
        if off <= LARGEST_SKEW:
            return Check("clock", "ok", "agrees with the server's")
        word = "ahead of" if self._skew > 0 else "behind"
        hint = "set the clock of this machine by the network (timedatectl set-ntp true)"
        return Check("clock", "warning", f"this machine is {off:.0f} s {word} the server", hint)

    def _login(self, error: CallRecordingError | None) -> Check:
        if not self._has_login:
            return Check("login", "skipped", "the variables are not complete")
        if isinstance(error, AuthenticationError) or (
            isinstance(error, ApiError) and error.operation == "token"
        ):
            return _failed("login", error)
        if isinstance(error, ApiConnectionError):
            return Check("login", "skipped", "the server cannot be reached")
        return Check("login", "ok", "the server gave a token, or knows the one there is")

    def _listing(self, first: _Outcome) -> Check:
        if not self._has_login or (first.error and _is_earlier(first.error)):
            return Check("list", "skipped", "nobody is logged in")
        if first.error is not None:
            return _failed("list", first.error)
        return Check(
            "list", "ok", "company recordings can be listed" if first.answer else "there are no recordings"
        )

    def _file(self, recordings: list[Recording]) -> Check:
        if not recordings or not recordings[0].download_url:
            return Check("download", "skipped", "no recording to try it with")
        recording = recordings[0]
        outcome = self._ask(lambda: self._beginning_of(str(recording.download_url)))
        if outcome.error is not None:
            return _failed("download", outcome.error)
        return Check("download", "ok", f"recording {recording.id} begins to come")

    def _beginning_of(self, url: str) -> bytes:
        """The first bytes; the connection is closed then, whatever the file's size."""
        wire = self._client.api.get_httpx_client()
        named = {"operation": "download"}
        with wire.stream("GET", url, headers={"Range": "bytes=0-1023"}, extensions=named) as response:
            return next(response.iter_bytes(), b"")

    def _permissions(self, *, is_in: bool) -> Check:
        if not is_in:
            return Check("permissions", "skipped", "company recordings cannot be listed")
        things: dict[str, Callable[[], Any]] = {
            "transcripts": lambda: next(iter(self._client.transcriptions.list(limit=1)), None),
            "export jobs": lambda: next(iter(self._client.export_jobs.list(limit=1)), None),
            "on-demand recordings": lambda: next(iter(self._client.on_demand_recordings.list(limit=1)), None),
        }
        errors = {name: outcome.error for name, ask in things.items() if (outcome := self._ask(ask)).error}
        refused = {
            name: error
            for name, error in errors.items()
            if isinstance(error, PermissionDeniedError | NotFoundError)
        }
        if refused:
            error = next(iter(refused.values()))
            hint = getattr(error, "hint", None) or "an Account Administrator may do all of this"
            may = ", ".join(things.keys() - refused.keys()) or "none of the rest"
            return Check("permissions", "warning", f"refused: {', '.join(refused)}; allowed: {may}", hint)
        if errors:
            return _failed("permissions", next(iter(errors.values())))
        return Check("permissions", "ok", ", ".join(things))

    def _quota(self) -> Check:
        if self._refusal is None:
            return Check("quota", "ok", f"no request was refused ({self._requests} made)")
        wait = self._refusal.retry_after
        when = f"opens again in {wait:.0f} s" if wait else "it does not say when it opens again"
        hint = self._refusal.hint or "VBC_RATE_LIMIT allows too few requests"
        return Check("quota", "warning", f"used up; {when}", hint, self._refusal)


def _is_earlier(error: CallRecordingError) -> bool:
    """Whether it failed before the listing was looked at."""
    is_login = isinstance(error, ApiError) and error.operation == "token"
    return is_login or isinstance(error, AuthenticationError | ApiConnectionError)


def _failed(name: str, error: CallRecordingError | None) -> Check:
    if isinstance(error, RateLimitError):
        return Check(name, "skipped", "the quota is used up")
    said = str(error.args[0]) if isinstance(error, ApiError) else str(error)
    if isinstance(error, ApiError) and error.server_message:
        said += f"; it says: {error.server_message}"
    return Check(name, "failed", said, getattr(error, "hint", None), error)
