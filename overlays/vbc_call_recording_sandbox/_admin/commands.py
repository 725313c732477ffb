"""What the admin API can do, one function a command."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from starlette.exceptions import HTTPException

from .._data import Recording
from .._errors import InputError
from .._gateway.quota import Quota
from .._requests import ReceivedRequest
from .._scene import Stage, read_recording, recording_json, scene_of


class Administered(Stage, Protocol):
    """A sandbox, as far as it is administered."""

    quota: Quota
    requests: list[ReceivedRequest]
    errors: list[Exception]

    def reset(self) -> None: ...
    def snapshot(self) -> None: ...
    def load(self, scene: Mapping[str, Any], /) -> None: ...


Parameters = Mapping[str, str]
Run = Callable[[Administered, Any, Parameters], Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One method of one path below `/_sandbox`."""

    method: str
    path: str
    run: Run

    @property
    def pattern(self) -> re.Pattern[str]:
        """What fits the path."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))

    @property
    def takes_body(self) -> bool:
        """Whether it comes with JSON."""
        return self.method in ("PUT", "PATCH") or (self.method == "POST" and self.path not in _WITHOUT_BODY)


_WITHOUT_BODY = ("/reset", "/snapshot")


def _get_state(sandbox: Administered, _: Any, __: Parameters) -> Any:
    return scene_of(sandbox).as_json()


def _put_state(sandbox: Administered, content: Any, _: Parameters) -> None:
    sandbox.load(_object(content))


def _get_recordings(sandbox: Administered, _: Any, __: Parameters) -> Any:
    return [recording_json(recording) for recording in sandbox.store.recordings()]


def _post_recordings(sandbox: Administered, content: Any, _: Parameters) -> Any:
    """Adds recordings, or replaces those of the same id."""
    given = _list(content)
    # All of them are read before one is put: what cannot be read changes nothing.
    read: list[Recording] = [read_recording(_with_id(sandbox, each)) for each in given]
    return [recording_json(sandbox.store.put(recording)) for recording in read]


def _delete_recording(sandbox: Administered, _: Any, parameters: Parameters) -> None:
    text = parameters["recording_id"]
    if not text.isdecimal() or not sandbox.store.delete(int(text)):
        raise HTTPException(404, f"There is no recording {text}.")


def _get_requests(sandbox: Administered, _: Any, parameters: Parameters) -> Any:
    wanted = parameters.get("operation")
    return [
        _request_json(request)
        for request in list(sandbox.requests)
        if wanted is None or request.operation == wanted
    ]


def _delete_requests(sandbox: Administered, _: Any, __: Parameters) -> None:
    sandbox.requests.clear()


def _get_faults(sandbox: Administered, _: Any, __: Parameters) -> Any:
    return sandbox.faults.as_json()


def _post_faults(sandbox: Administered, content: Any, _: Parameters) -> None:
    sandbox.faults.add(content)


def _delete_faults(sandbox: Administered, _: Any, __: Parameters) -> None:
    sandbox.faults.forget()


def _get_quirks(sandbox: Administered, _: Any, parameters: Parameters) -> Any:
    return sandbox.quirks.changed() if parameters.get("changed") == "true" else sandbox.quirks.all()


def _patch_quirks(sandbox: Administered, content: Any, _: Parameters) -> Any:
    sandbox.quirks.set(content if isinstance(content, str) else _object(content))
    return sandbox.quirks.changed()


def _delete_quirks(sandbox: Administered, _: Any, __: Parameters) -> None:
    sandbox.quirks.reset()


def _get_time(sandbox: Administered, _: Any, __: Parameters) -> Any:
    clock = sandbox.clock
    return {"now": clock.now().isoformat(), "is_frozen": clock.is_frozen, "speed": clock.speed}


def _patch_time(sandbox: Administered, content: Any, _: Parameters) -> Any:
    """Freezes first and resumes last, so that one request can do several things to a clock that stands."""
    given, clock = _object(content), sandbox.clock
    unknown = sorted(set(given) - {"freeze", "advance", "speed"})
    if unknown:
        raise InputError(f"{unknown[0]!r} is not known; accepted: freeze, advance, speed")
    freeze = given.get("freeze")
    if isinstance(freeze, str):
        clock.freeze(_instant(freeze))
    elif freeze is True:
        clock.freeze()
    if "advance" in given:
        clock.advance(given["advance"])
    if "speed" in given:
        clock.speed = given["speed"]
    if freeze is False:
        clock.resume()
    return _get_time(sandbox, None, {})


def _get_quota(sandbox: Administered, _: Any, __: Parameters) -> Any:
    usage = [asdict(each) for each in list(sandbox.quota.usage.values())]
    return {"accepted": sandbox.quota.accepted, "refused": sandbox.quota.refused, "tokens": usage}


def _get_errors(sandbox: Administered, _: Any, __: Parameters) -> Any:
    return [f"{type(error).__name__}: {error}" for error in list(sandbox.errors)]


def _reset(sandbox: Administered, _: Any, __: Parameters) -> None:
    sandbox.reset()


def _snapshot(sandbox: Administered, _: Any, __: Parameters) -> None:
    sandbox.snapshot()


COMMANDS = (
    Command("GET", "/state", _get_state),
    Command("PUT", "/state", _put_state),
    Command("GET", "/recordings", _get_recordings),
    Command("POST", "/recordings", _post_recordings),
    Command("DELETE", "/recordings/{recording_id}", _delete_recording),
    Command("GET", "/requests", _get_requests),
    Command("DELETE", "/requests", _delete_requests),
    Command("GET", "/faults", _get_faults),
    Command("POST", "/faults", _post_faults),
    Command("DELETE", "/faults", _delete_faults),
    Command("GET", "/quirks", _get_quirks),
    Command("PATCH", "/quirks", _patch_quirks),
    Command("DELETE", "/quirks", _delete_quirks),
    Command("GET", "/time", _get_time),
    Command("PATCH", "/time", _patch_time),
    Command("GET", "/quota", _get_quota),
    Command("GET", "/errors", _get_errors),
    Command("POST", "/reset", _reset),
    Command("POST", "/snapshot", _snapshot),
)


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise InputError(f"body is {content!r}; accepted: an object")
    return cast("dict[str, Any]", content)


def _list(content: Any) -> list[Any]:
    return list(content) if isinstance(content, list) else [content]  # pyright: ignore[reportUnknownArgumentType]


def _with_id(sandbox: Administered, content: Any) -> Any:
    given = _object(content)
    return given if "id" in given else {"id": sandbox.store.new_id(), **given}


def _request_json(request: ReceivedRequest) -> dict[str, Any]:
    # No headers and no raw body: they hold the token, or the password.
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "operation": request.operation,
        "parameters": dict(request.parameters),
        "body": None if request.operation == "token" else request.json,
        "user": request.user,
        "status": request.status,
        "misfit": request.misfit,
    }


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"freeze is {text!r}; accepted: true, false or an ISO 8601 instant") from error
