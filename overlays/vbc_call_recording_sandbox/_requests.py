"""What was asked of the sandbox, as plain objects, and what a test claims about it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._errors import InputError


@dataclass(slots=True, kw_only=True)
class ReceivedRequest:
    """A request as it came over the wire. Headers and body may hold secrets, so they are not in its repr.

    Attributes:
        path: Still percent-encoded, without the query.
        query: Still percent-encoded, without the question mark.
        headers: With lower-case names.
        operation: The operationId of openapi.yaml. Downloads are `download_recording`, `download_transcript`
            and `download_archive`, logins `token` and `authorize`. None if it leads nowhere.
        parameters: By name: path, query and the fields of a JSON body.
        user: Id of the user whose access token it bore; None without a valid one.
        status: Of the answer; None until there is one, or if the connection was dropped instead.
        misfit: Why it does not fit openapi.yaml, if it does not and no planned fault came first.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    operation: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    user: str | None = None
    status: int | None = None
    misfit: str | None = None

    @property
    def line(self) -> str:
        """What faults are matched against: `GET /path?query`, the question mark only if there is a query."""
        return f"{self.method} {self.path}?{self.query}" if self.query else f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        """The decoded body; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def has(self, parameters: Mapping[str, Any]) -> bool:
        """Whether it was sent with these parameters. `start_gte` stands for `start:gte`."""
        return all(
            name in self.parameters and _text(self.parameters[name]) == _text(value)
            for name, value in ((_on_the_wire(name), value) for name, value in parameters.items())
        )

    def __str__(self) -> str:
        given = ", ".join(f"{name}={_text(value)}" for name, value in sorted(self.parameters.items()))
        ended = "no answer" if self.status is None else self.status
        return f"{self.operation or self.line}({given}) -> {ended}"


def require_requested(
    log: Iterable[ReceivedRequest],
    known: Iterable[str],
    operation: str,
    times: int | None,
    parameters: Mapping[str, Any],
) -> None:
    """Raise AssertionError unless that operation was asked for so often; see `Sandbox.assert_requested`."""
    if operation not in known:
        raise InputError(f"operation is {operation!r}; accepted: {', '.join(sorted(known))}")
    log = list(log)
    asked = [request for request in log if request.operation == operation]
    found = sum(request.has(parameters) for request in asked)
    if found == times or (times is None and found):
        return
    given = ", ".join(f"{name}={_text(value)}" for name, value in parameters.items())
    wanted = "at least once" if times is None else _times(times)
    lines = [f"{operation}({given}) should have been requested {wanted}, but was {_times(found)}."]
    lines += ["Requests of that operation:", *(f"  {request}" for request in asked)] if asked else []
    others = Counter(request.operation or request.line for request in log if request not in asked)
    if others:
        lines += ["Other requests:", *(f"  {name}: {_times(count)}" for name, count in others.items())]
    raise AssertionError("\n".join(lines))


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _on_the_wire(name: str) -> str:
    for suffix in ("_gte", "_lte"):
        if name.endswith(suffix):
            return f"{name.removesuffix(suffix)}:{suffix[1:]}"
    return name


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
