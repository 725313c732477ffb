"""The faults planned for requests to come, and the changes to make in between."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Generic, TypeVar, cast

from .._clock import Clock
from .._data import Store
from .._errors import InputError
from .._quirks.exports import ExportRules
from .._quirks.paging import PagingQuirks
from .._quirks.panel import Quirks
from .._requests import ReceivedRequest
from .catalogue import CATALOGUE
from .fault import Body, Fault, Framing, Match, require_match, require_plan

T = TypeVar("T")


@dataclass(slots=True)
class _Planned(Generic[T]):
    match: Match
    what: T
    times: float
    """How often it still applies; infinity for always."""
    probability: float = 1
    seed: int = 0
    random: Random = field(default_factory=Random, repr=False)

    def applies_to(self, request: ReceivedRequest) -> bool:
        if self.times < 1:
            return False
        if isinstance(self.match, str):
            matches = re.search(self.match, request.line) is not None
        else:
            matches = self.match(request)
        # The die is thrown for requests that match only, so that others change nothing.
        return matches and (self.probability == 1 or self.random.random() < self.probability)


class Faults:
    """What is to go wrong with single requests.

    All of it can be used from any thread while the sandbox is running. What is planned is checked at once.

    Attributes:
        clock_offset: How far the server shows another time (`Date`, `valid_until`) than it keeps: a wrong
            clock. To let time pass, see `sandbox.clock`.
        reshape: Called with an operation's operationId and its JSON answer just before that is sent; what it
            returns is sent instead. It may change what it is given.
    """

    def __init__(self, clock: Clock, quirks: Quirks) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._quirks = quirks
        self.reset()

    def reset(self) -> None:
        """Forget all plans and put every setting back."""
        with self._lock:
            self._faults: list[_Planned[Fault]] = []
            self._actions: list[_Planned[Callable[[Store], object]]] = []
        self._quirks.reset()
        self.clock_offset = timedelta()
        self.reshape: Callable[[str, Any], Any] | None = None

    def forget(self) -> None:
        """Forget all planned faults; actions and settings stay."""
        with self._lock:
            self._faults.clear()

    @property
    def paging(self) -> PagingQuirks:
        """`sandbox.quirks.paging`."""
        return self._quirks.paging

    @paging.setter
    def paging(self, quirks: PagingQuirks) -> None:
        self._quirks.paging = quirks

    @property
    def exports(self) -> ExportRules:
        """`sandbox.quirks.exports`."""
        return self._quirks.exports

    @exports.setter
    def exports(self, rules: ExportRules) -> None:
        self._quirks.exports = rules

    def next(
        self,
        match: Match,
        *,
        times: float = 1,
        probability: float = 1,
        seed: int = 0,
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
            probability: The share of matching requests that meet it, between 0 and 1.
            seed: Decides which ones. The same seed chooses the same ones of a sequence of requests.
            status: Answer with this status instead of the real answer.
            headers: Set these headers of the answer, real or not; None as a value removes one.
            body: Answer with this body instead of the real answer: a dict or a list as JSON, a string as HTML
                (unless `headers` say otherwise). The status is 200 then, unless given.
            acts: Carry the request out even though its real answer is not sent.
            delay: Seconds to wait before doing anything.
            drop: Close the connection without an answer.
            truncate: Close the connection after this many bytes of the body.
            stall: Send this many bytes of the body and then nothing, until the client gives up.
            framing: How the client is told where the body ends: by Content-Length, by chunks, or only by the
                connection being closed.
            ignore_range: Answer as if no range had been asked for.

        Raises:
            InputError: A value cannot be played.
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
        self._plan(match, fault, times, probability, seed)

    def play(
        self,
        name: str,
        match: Match | None = None,
        *,
        times: float = 1,
        probability: float = 1,
        seed: int = 0,
    ) -> None:
        """Plan a fault of the catalogue by its name, such as `bad-gateway` or `login-down`.

        Args:
            name: See docs/sandbox.md for all of them.
            match: Which requests, if not those that the catalogue names.
            times: As for `next`, like the others.
            probability: Likewise.
            seed: Likewise.

        Raises:
            InputError: There is no such fault, or a value makes no sense.
        """
        named = CATALOGUE.get(name)
        if named is None:
            raise InputError(f"name is {name!r}; accepted: {', '.join(CATALOGUE)}")
        self._plan(named.match if match is None else match, Fault(**named.fault), times, probability, seed)

    def before(self, match: Match, action: Callable[[Store], object], *, times: float = float("inf")) -> None:
        """Run the action, in a worker thread, before each of the (next) matching requests is looked at.

        Raises:
            InputError: `match` is not a regular expression, `action` not a function, or `times` below 1.
        """
        require_match(match)
        require_plan(times, 1)
        if not callable(action):
            raise InputError(f"action is {action!r}; accepted: a function that is given the store")
        with self._lock:
            self._actions.append(_Planned(match, action, times))

    def _plan(self, match: Match, fault: Fault, times: float, probability: float, seed: int) -> None:
        require_match(match)
        require_plan(times, probability)
        with self._lock:
            self._faults.append(_Planned(match, fault, times, probability, seed, Random(seed)))

    def take_fault(self, request: ReceivedRequest) -> Fault:
        """Use up the fault planned for this request; one without any effect if there is none."""
        with self._lock:
            for planned in self._faults:
                if planned.applies_to(request):
                    planned.times -= 1
                    return planned.what
        return Fault()

    def take_actions(self, request: ReceivedRequest) -> list[Callable[[Store], object]]:
        """The actions due before this request."""
        with self._lock:
            due = [planned for planned in self._actions if planned.applies_to(request)]
            for planned in due:
                planned.times -= 1
        return [planned.what for planned in due]

    def now(self) -> datetime:
        """The time that the server shows, in UTC."""
        return self._clock.now() + self.clock_offset

    def as_json(self) -> list[dict[str, Any]]:
        """The plans as `add` takes them, without those that functions or bytes are part of."""
        with self._lock:
            planned = [each for each in self._faults if each.times >= 1]
        return [
            _changed(each)
            for each in planned
            if isinstance(each.match, str) and not isinstance(each.what.body, bytes)
        ]

    def add(self, plan: Any) -> None:
        """Plan a fault given as JSON: the arguments of `next`, or `play` with a name, and `"times": null` for
        all.

        Raises:
            InputError: It is not an object, or has a field that does not exist or cannot be played.
        """
        if not isinstance(plan, dict) or not {"match", "play"} & set(cast("dict[str, Any]", plan)):
            raise InputError(f"fault is {plan!r}; accepted: an object with match or play")
        arguments = dict(cast("dict[str, Any]", plan))
        if arguments.get("times", 1) is None:
            arguments["times"] = float("inf")
        name = arguments.pop("play", None)
        try:
            if name is not None:
                self.play(name, **arguments)
            else:
                self.next(**arguments)
        except TypeError as error:
            raise InputError(f"fault is {plan!r}; accepted: the arguments of Faults.next: {error}") from error


def _changed(planned: _Planned[Fault]) -> dict[str, Any]:
    default = asdict(Fault())
    changed = {name: value for name, value in asdict(planned.what).items() if value != default[name]}
    times = None if planned.times == float("inf") else int(planned.times)
    chance = {} if planned.probability == 1 else {"probability": planned.probability, "seed": planned.seed}
    return {"match": planned.match, "times": times, **chance, **changed}
