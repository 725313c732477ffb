"""The third comparison: a look at the API itself, or at the sandbox. Reading only, and little of it."""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from scripts.spec import NotUnderstood
from vbc_call_recording import ApiError, CallRecordingClient, CallRecordingError
from vbc_call_recording._auth.environment import CREDENTIALS, settings_from_env
from vbc_call_recording._sync.login import Login

from ..facts import Facts
from .shapes import Survey

MOST_REQUESTS = 14
PAGE_SIZE = 20
DEADLINE_S = 120.0
_TIMEOUT_S = 30.0


class Impolite(Exception):  # noqa: N818 - a safeguard against our own mistakes
    """A request that this program must never make."""


def polite(base_url: str, token_url: str) -> Callable[[httpx.Request], None]:
    """A hook that lets a few GET requests through to the API, and what the token endpoint needs.

    Args:
        base_url: The API.
        token_url: Where a token may be asked for.
    """
    asked = itertools.count(1)

    def let_through(request: httpx.Request) -> None:
        if (request.method, str(request.url)) == ("POST", token_url):
            return
        if request.method != "GET" or not str(request.url).startswith(base_url.rstrip("/") + "/"):
            raise Impolite(f"{request.method} {request.url.path} is not for this program to ask")
        if next(asked) > MOST_REQUESTS:
            raise Impolite(f"more than {MOST_REQUESTS} requests")

    return let_through


def examine(ours: Facts, environ: Mapping[str, str]) -> tuple[str, Survey]:
    """Looks at the API the environment has credentials for, or else at a sandbox started for this.

    Returns what was looked at, and what was seen.

    Raises:
        NotUnderstood: It could not be looked at.
    """
    try:
        if any(environ.get(name) for name in CREDENTIALS):
            return "the live API", look(ours, environ)
        with _sandbox() as environment:
            return "the sandbox", look(ours, environment)
    except ApiError as error:  # its text quotes the answer, which is not ours to show
        what = f"{type(error).__name__}: {error.operation}: {error.status_code or 'no answer'}"
        raise NotUnderstood(what) from error
    except (CallRecordingError, httpx.HTTPError, Impolite) as error:
        raise NotUnderstood(f"{type(error).__name__}: {error}") from error


@contextmanager
def _sandbox() -> Iterator[Mapping[str, str]]:
    """A sandbox with export jobs to look at. What is asked of it here is preparation, and no comparison."""
    from vbc_call_recording_sandbox import Sandbox  # an extra, not needed for the live API

    with Sandbox(recordings=200, on_demand=60) as sandbox:
        with CallRecordingClient.from_env(sandbox.environment) as client:
            for transcriptions in (False, True):
                client.company_recordings.export(include_transcriptions=transcriptions)
        yield sandbox.environment


def look(ours: Facts, environ: Mapping[str, str], deadline: float = DEADLINE_S) -> Survey:
    """Asks for every kind of thing openapi.yaml has a GET for, once or twice.

    Args:
        ours: The facts of openapi.yaml.
        environ: The VBC_* variables that say whom to ask, and with which credentials.
        deadline: Seconds for all of it. What was seen until then is kept, and so it is if an error ends it.

    Raises:
        NotUnderstood: The token is not accepted.
        CallRecordingError, httpx.HTTPError: There was no answer, or no token, and nothing was seen before.
    """
    survey = Survey(ours)
    ended: list[Exception] = []

    def visit() -> None:
        try:
            _visit(ours, environ, survey)
        except Exception as error:  # noqa: BLE001 - raised again below
            ended.append(error)

    # A thread of its own, as a server that sends a byte now and then meets every timeout of a request.
    thread = threading.Thread(target=visit, daemon=True)
    thread.start()
    thread.join(deadline)
    survey.closed = True
    if thread.is_alive():
        survey.odd.append(f"whatever was to come after {deadline:g} seconds")
    elif ended and not survey.seen:
        raise ended[0]
    elif ended:
        survey.odd.append(f"whatever was to come after {type(ended[0]).__name__}")
    return survey


def _visit(ours: Facts, environ: Mapping[str, str], survey: Survey) -> None:
    settings = settings_from_env(environ)
    auth, base_url = settings["auth"], settings.get("base_url") or ours.names(("", "server"))[0]
    token_url = getattr(auth, "token_url", "")  # an access token needs none
    hooks = {"request": [polite(base_url, token_url)]}
    transport = httpx.HTTPTransport(retries=1)
    with httpx.Client(
        transport=transport, timeout=_TIMEOUT_S, base_url=base_url, event_hooks=hooks
    ) as client:
        bearer = Login(auth, client.send).bearer()
        client.headers["Authorization"] = f"Bearer {bearer.token}"
        _Visit(ours, client, survey, settings.get("account_id", "self")).make()


class _Visit:
    """The requests: a page of each list, then one of its items by itself."""

    def __init__(self, ours: Facts, client: httpx.Client, survey: Survey, account_id: str) -> None:
        self.ours, self.client, self.survey = ours, client, survey
        self.known = {"account_id": account_id, "user_id": "self"}

    def make(self) -> None:
        paths = [name.removeprefix("GET ") for name in self.ours.operations() if name.startswith("GET ")]
        # The parameters without a value so far: a list has none of them, its items have the id.
        lacking = {path: self.ours.names((f"GET {path}", "path")) for path in paths}
        lacking = {
            path: [name for name in names if name not in self.known] for path, names in lacking.items()
        }
        for path in [each for each in paths if not lacking[each]]:
            identifier = self.visit_list(path)
            for item, names in lacking.items():
                if identifier and len(names) == 1 and item == f"{path}/{{{names[0]}}}":
                    self.get(item, {names[0]: identifier}, {})

    def visit_list(self, path: str) -> str | None:
        """Asks for a page, the second if there is one: it has links both ways. Returns an item's id."""
        known = self.ours.names((f"GET {path}", "query"))
        size = {"page_size": PAGE_SIZE} if "page_size" in known else {}
        for query in [size | {"page": 2}, size] if "page" in known else [size]:
            body = self.get(path, {}, query)
            if _items(body) or body is None:
                return _an_id(body)
        return None

    def get(self, path: str, ids: dict[str, str], query: dict[str, int]) -> Any:
        """One answer's JSON, taken in. Without one, None and a word in the report."""
        name = f"GET {path}"
        try:
            steps = {each: quote(value, safe="") for each, value in {**self.known, **ids}.items()}
            response = self.client.get(path.format(**steps), params=query, follow_redirects=False)
            if response.status_code == httpx.codes.UNAUTHORIZED:
                raise NotUnderstood(f"{name} answered 401: the token is not accepted")
            media = response.headers.get("content-type", "").split(";")[0].strip().lower()
            body = _json(response)
            self.survey.take(name, response.status_code, media, body)
        except (CallRecordingError, NotUnderstood):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it answers, the other operations are asked, too
            self.survey.odd.append(f"{name} ({type(error).__name__})")
            return None
        return body


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:  # no JSON, no text, or a number of thousands of digits
        return None


def _items(body: Any) -> list[dict[str, Any]]:
    """What is on a page."""
    embedded = body.get("_embedded") if isinstance(body, dict) else None
    lists = list(embedded.values()) if isinstance(embedded, dict) else [embedded]
    return [item for items in lists if isinstance(items, list) for item in items if isinstance(item, dict)]


def _an_id(body: Any) -> str | None:
    """The id of an item, if it can be one step of a path."""
    ids = [item.get("id") for item in _items(body)]
    plain = [str(each) for each in ids if isinstance(each, str | int) and not isinstance(each, bool)]
    return next((each for each in plain if each not in ("", ".", "..")), None)
