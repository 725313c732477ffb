"""Everything a test can make the sandbox do wrong, or differently from what the documentation says."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from ._clock import Clock
from ._data import Store

Json = dict[str, Any]
Body = bytes | str | dict[str, Any] | list[Any]
Framing = Literal["length", "chunked", "close"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request as it came over the wire. Headers and body may hold secrets, so they are not in its repr.

    Attributes:
        path: Still percent-encoded, without the query.
        query: Still percent-encoded, without the question mark.
        headers: With lower-case names.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def line(self) -> str:
        """What faults are matched against: `GET /path?query`, the question mark only if there is a query."""
        return f"{self.method} {self.path}?{self.query}" if self.query else f"{self.method} {self.path}"


Match = str | Callable[[ReceivedRequest], bool]
"""A regular expression to be found in `ReceivedRequest.line`, or a function that decides."""


@dataclass(slots=True)
class PagingQuirks:
    """How lists are paged. What the documentation leaves open, a test can turn either way.

    Attributes:
        first_page: Number of the first page, and of the page served when none is asked for.
        echo_offset: Added to the page's number where the answer repeats it.
        page_size_cap: A larger `page_size` is quietly reduced to this.
        total_items: What the answer claims; None tells the truth, "missing" leaves it out.
        total_pages: Likewise.
        next_always: There is a `next` link on the last page, too.
        next_origin: Where `next` points instead of the sandbox, such as `https://elsewhere.example`.
        next_cycles: `next` on the last page leads back to the first.
        cycle: So many pages come round and round, however high the number asked for (2: A, B, A, B...).
        without_embedded: `_embedded` is left out.
    """

    first_page: int = 1
    echo_offset: int = 0
    page_size_cap: int | None = None
    total_items: int | Literal["missing"] | None = None
    total_pages: int | Literal["missing"] | None = None
    next_always: bool = False
    next_origin: str | None = None
    next_cycles: bool = False
    cycle: int | None = None
    without_embedded: bool = False


@dataclass(slots=True)
class ExportRules:
    """How the export jobs created from now on behave.

    Attributes:
        success_status: Status code of the answer that carries the job ids.
        job_size: The most recordings one job takes; larger exports are split.
        statuses: The words a job goes through, one at each look; the last one stays. `complete`, in whatever
            case, makes the archive available; a job with another last word never gets there.
        lifetime: How long an archive is kept after the export was asked for. Negative: expired at once.
        hidden_for: Answer 404 the first so many times a new job is asked for.
        files_lost: So many files, the last ones, never make it into a job that completes.
    """

    success_status: int = 202
    job_size: int = 250
    statuses: Sequence[str] = ("queued", "in_progress", "complete")
    lifetime: timedelta = timedelta(hours=24)
    hidden_for: int = 0
    files_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one request. The fields are the parameters of `Faults.next`."""

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    body: Body | None = None
    acts: bool = False
    delay: float = 0
    drop: bool = False
    truncate: int | None = None
    stall: int | None = None
    framing: Framing = "length"
    ignore_range: bool = False

    @property
    def replaces_answer(self) -> bool:
        """Whether the client gets this fault's own answer instead of the sandbox's."""
        return self.drop or self.status is not None or self.body is not None


@dataclass(slots=True)
class _Planned(Generic[T]):
    match: Match
    what: T
    times: float
    """How often it still applies; infinity for always."""

    def applies_to(self, request: ReceivedRequest) -> bool:
        if isinstance(self.match, str):
            return re.search(self.match, request.line) is not None
        return self.match(request)


class Faults:
    """The sandbox's switches: settings that last, and faults planned for single requests.

    All of it can be used from any thread while the sandbox is running.

    Attributes:
        paging: How lists are paged.
        exports: How the export jobs created from now on behave.
        clock_offset: How far the server shows another time (`Date`, `valid_until`) than it keeps: a wrong
            clock. To let time pass, see `sandbox.clock`.
        reshape: Called with an operation's operationId and its JSON answer just before that is sent; what it
            returns is sent instead. It may change what it is given.
    """

    def __init__(self, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget all plans and put every setting back."""
        with self._lock:
            self._faults: list[_Planned[Fault]] = []
            self._actions: list[_Planned[Callable[[Store], object]]] = []
        self.paging = PagingQuirks()
        self.exports = ExportRules()
        self.clock_offset = timedelta()
        self.reshape: Callable[[str, Any], Any] | None = None

    def next(
        self,
        match: Match,
        *,
        times: float = 1,
        status: int | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Body | None = None,
        acts: bool = False,
        delay: float = 0,
        drop: bool = False,
        truncate: int | None = None,
        stall: int | None = None,
        framing: Framing = "length",
        ignore_range: bool = False,
    ) -> None:
        """Plan a fault for the next requests that match.

        A request meets at most one fault: the first one planned that matches and is not used up. A fault
        without any effect lets a request through to be answered as usual.

        Args:
            match: Which requests: a regular expression to be found in `METHOD /path?query`, or a function.
            times: How many requests; `math.inf` for all of them.
            status: Answer with this status instead of the real answer.
            headers: Set these headers of the answer, real or not; None as a value removes one.
            body: Answer with this body instead of the real answer: a dict or a list as JSON, a string as HTML
                (unless `headers` say otherwise). The status is 200 then, unless given.
            acts: Carry the request out even though its real answer is not sent.
            delay: Wait so many seconds before doing anything.
            drop: Close the connection without an answer.
            truncate: Close the connection after so many bytes of the body.
            stall: Send so many bytes of the body and then nothing, until the client gives up.
            framing: How the client is told where the body ends: by Content-Length, by chunks, or only by the
                connection being closed.
            ignore_range: Answer as if no range had been asked for.
        """
        fault = Fault(
            status=status,
            headers=headers or {},
            body=body,
            acts=acts,
            delay=delay,
            drop=drop,
            truncate=truncate,
            stall=stall,
            framing=framing,
            ignore_range=ignore_range,
        )
        with self._lock:
            self._faults.append(_Planned(match, fault, times))

    def before(self, match: Match, action: Callable[[Store], object], *, times: float = float("inf")) -> None:
        """Run the action, in a worker thread, before each of the (next) matching requests is looked at."""
        with self._lock:
            self._actions.append(_Planned(match, action, times))

    def take_fault(self, request: ReceivedRequest) -> Fault:
        """Use up the fault planned for this request; one without any effect if there is none."""
        with self._lock:
            for planned in self._faults:
                if planned.times > 0 and planned.applies_to(request):
                    planned.times -= 1
                    return planned.what
        return Fault()

    def take_actions(self, request: ReceivedRequest) -> list[Callable[[Store], object]]:
        """The actions due before this request."""
        with self._lock:
            due = [planned for planned in self._actions if planned.times > 0 and planned.applies_to(request)]
            for planned in due:
                planned.times -= 1
        return [planned.what for planned in due]

    def now(self) -> datetime:
        """The time by the server's clock, in UTC."""
        return self._clock.now() + self.clock_offset
