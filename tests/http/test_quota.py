"""The gate against a simulated gateway: hours of traffic in no time, by a clock of its own."""

import bisect
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from itertools import count

import httpx
import pytest

from vbc_call_recording import AccessToken, CallRecordingClient
from vbc_call_recording._http.dates import opens_again, retry_after
from vbc_call_recording._http.quota import LATE, LONGEST_TURN, PROBE_AFTER, TURN, Gate, Rate

EPOCH = 1_795_000_000.0 // 60 * 60


class World:
    """Workers that send through gates to a gateway that counts in windows of the wall clock.

    Time is simulated. Each worker asks its gate, sends or sleeps, and begins anew as soon as it was answered.
    """

    def __init__(
        self, *, holds: int, window: float = 60.0, skew: float = 0.0, named: str = "date", delay: float = 0.05
    ) -> None:
        self.now = EPOCH + 17.3
        self.holds, self.window, self.skew, self.named, self.delay = holds, window, skew, named, delay
        self.numbers = count()
        self.by_gate: Counter[int] = Counter()
        self.accepted: list[float] = []
        self.refused: list[float] = []

    def gate(self) -> Gate:
        return Gate(clock=lambda: self.now - EPOCH)

    def answer(self) -> httpx.Response:
        opens = self.now // self.window * self.window
        headers = {"Date": self._written(self.now)} if self.named != "nothing at all" else {}
        if sum(at >= opens for at in self.accepted) < self.holds:
            self.accepted.append(self.now)
            return httpx.Response(200, headers=headers)
        self.refused.append(self.now)
        if self.named == "date":
            headers["Retry-After"] = self._written(opens + self.window)
        elif self.named == "seconds":
            headers["Retry-After"] = str(int(opens + self.window - self.now) + 1)
        return httpx.Response(429, headers=headers)

    def run(self, gates: list[Gate], *, workers: int, seconds: float, chance: random.Random) -> None:
        """Let `workers` over each gate send as much as they may for so long."""
        end = self.now + seconds
        events: list[tuple[float, int, Callable[[], None]]] = []

        def at(moment: float, what: Callable[[], None]) -> None:
            bisect.insort(events, (moment, next(self.numbers), what))

        def work(gate: Gate) -> None:
            wait = gate.enter()
            takes = self.delay * chance.uniform(0.5, 1.5)
            at(self.now + (wait or takes), partial(work, gate) if wait else partial(finish, gate))

        def finish(gate: Gate) -> None:
            self.by_gate[id(gate)] += learn(gate, self.answer())
            work(gate)

        for gate in gates * workers:
            at(self.now + chance.random(), partial(work, gate))
        while events[0][0] <= end:
            self.now, _, what = events.pop(0)
            what()
        self.now = end

    def _written(self, moment: float) -> str:
        return format_datetime(datetime.fromtimestamp(int(moment + self.skew), UTC), usegmt=True)


def learn(gate: Gate, answer: httpx.Response, next_access: datetime | None = None) -> bool:
    """What the transport does with an answer. Whether it is one of success."""
    if answer.status_code == 429:
        gate.refused(retry_after(answer, next_access), opens_again(answer, next_access))
    else:
        gate.succeeded()
    gate.leave()
    return answer.status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("holds", "workers", "skew", "named"),
    [(10, 8, 0, "date"), (10, 1, 0, "date"), (10, 8, 7200, "date"), (10, 8, -30, "date"), (60, 8, 0, "date"),
     (10, 8, 0, "seconds"), (1, 8, 0, "date")],
)  # fmt: skip
def test_the_quota_is_used_and_hardly_ever_exceeded(
    holds: int, workers: int, skew: float, named: str, seed: int
) -> None:
    world = World(holds=holds, skew=skew, named=named)
    world.run([world.gate()], workers=workers, seconds=3_600, chance=random.Random(seed))
    assert len(world.accepted) >= 0.9 * holds * 60
    assert len(world.refused) <= 0.1 * (len(world.accepted) + len(world.refused)) + workers


@pytest.mark.parametrize("seed", range(5))
def test_processes_that_share_a_quota_settle_and_neither_starves(seed: int) -> None:
    world = World(holds=10)
    one, other = world.gate(), world.gate()
    world.run([one, other], workers=8, seconds=7_200, chance=random.Random(seed))
    assert len(world.accepted) >= 0.9 * 10 * 120
    assert len(world.refused) <= 0.1 * (len(world.accepted) + len(world.refused))
    assert min(world.by_gate[id(gate)] for gate in (one, other)) >= 0.1 * len(world.accepted)


def test_what_another_process_used_is_taken_over_once_it_is_gone() -> None:
    world = World(holds=10)
    one, other = world.gate(), world.gate()
    world.run([one, other], workers=8, seconds=1_200, chance=random.Random(1))
    world.run([one], workers=8, seconds=1_800, chance=random.Random(2))
    world.accepted.clear()
    world.run([one], workers=8, seconds=600, chance=random.Random(3))
    assert len(world.accepted) >= 0.8 * 10 * 10


@pytest.mark.slow
def test_nothing_is_slowed_until_the_first_refusal() -> None:
    world = World(holds=10**9, delay=0.1)
    world.run([world.gate()], workers=8, seconds=60, chance=random.Random(1))
    assert len(world.accepted) >= 8 * 60 / 0.1 * 0.9


def test_a_refusal_that_names_nothing_is_met_with_growing_pauses() -> None:
    world = World(holds=10, named="nothing")
    world.run([world.gate()], workers=8, seconds=3_600, chance=random.Random(1))
    assert len(world.accepted) >= 0.5 * 10 * 60
    assert len(world.refused) <= 0.5 * len(world.accepted), "nothing says when to ask again"


def test_a_quota_met_once_in_a_while_does_not_slow_what_comes_later() -> None:
    """One burst was refused. A minute after its window opened, as many as like go at the same time again."""
    world = World(holds=10)
    gate = world.gate()
    world.run([gate], workers=8, seconds=10, chance=random.Random(1))
    world.now += 300
    assert [gate.enter() for _ in range(8)] == [0.0] * 8


def test_while_the_gate_learns_one_goes_at_a_time_also_after_a_failure() -> None:
    world = World(holds=1)
    gate = world.gate()
    assert gate.enter() == 0
    learn(gate, world.answer())
    assert gate.enter() == 0
    learn(gate, world.answer())
    world.now += gate.enter() + 0.01
    assert gate.enter() == 0
    assert gate.enter() == TURN
    gate.leave()
    assert gate.enter() == 0


def test_the_next_window_is_entered_late_rather_than_early() -> None:
    world = World(holds=1)
    gate = world.gate()
    for _ in range(2):
        assert gate.enter() == 0
        learn(gate, world.answer())
    opens = world.now // 60 * 60 + 60
    assert opens + LATE <= world.now + gate.enter() <= opens + LATE + 2


def test_a_body_can_name_the_time_where_the_header_does_not() -> None:
    world = World(holds=0, named="nothing")
    gate = world.gate()
    gate.enter()
    learn(gate, world.answer(), datetime.fromtimestamp(EPOCH + 60, UTC))
    assert gate.enter() == pytest.approx(EPOCH + 60 + LATE - world.now, abs=1)


def test_an_answer_with_another_clock_does_not_move_the_gate() -> None:
    """Two nodes whose clocks differ by an hour: each refusal is read against its own."""
    world = World(holds=10)

    def other_node() -> httpx.Response:
        world.skew = 3600.0 if chance.random() < 0.5 else 0.0
        return honest()

    chance, honest = random.Random(1), world.answer
    world.answer = other_node  # type: ignore[method-assign]
    world.run([world.gate()], workers=8, seconds=3_600, chance=random.Random(2))
    assert len(world.accepted) >= 0.9 * 10 * 60
    assert len(world.refused) <= 0.1 * (len(world.accepted) + len(world.refused)) + 8


@pytest.mark.parametrize("wait", [3_600.0, 30_000_000.0])
def test_a_time_far_away_is_not_believed_for_ever(wait: float) -> None:
    world = World(holds=10**9)
    gate = world.gate()
    gate.enter()
    gate.refused(wait)
    gate.leave()
    world.now += PROBE_AFTER - 1
    assert gate.enter() > 0
    world.now += 2
    assert gate.enter() == 0, "one may try whether it is true"
    assert gate.enter() > 0, "and only one"
    learn(gate, world.answer())
    assert [gate.enter() for _ in range(8)] == [0.0] * 8


def test_one_odd_refusal_does_not_spoil_what_was_learned() -> None:
    world = World(holds=10)
    gate = world.gate()
    world.run([gate], workers=8, seconds=600, chance=random.Random(1))
    gate.refused(1.0)
    world.run([gate], workers=8, seconds=600, chance=random.Random(2))
    world.accepted.clear()
    world.refused.clear()
    world.run([gate], workers=8, seconds=1_200, chance=random.Random(3))
    assert len(world.accepted) >= 0.9 * 10 * 20
    assert len(world.refused) <= 0.1 * (len(world.accepted) + len(world.refused)) + 8


def test_a_crowd_behind_a_refusal_without_a_time_does_not_rush_in() -> None:
    world = World(holds=10, named="nothing")
    world.run([world.gate()], workers=120, seconds=1_200, chance=random.Random(1))
    assert len(world.accepted) >= 0.5 * 10 * 20
    assert len(world.refused) <= 120 + 0.5 * len(world.accepted)


def test_a_request_that_is_silent_holds_up_others_for_a_second_at_most() -> None:
    world = World(holds=1)
    gate = world.gate()
    for _ in range(2):
        gate.enter()
        learn(gate, world.answer())
    world.now += gate.enter() + 0.01
    assert gate.enter() == 0
    assert gate.enter() == TURN
    assert gate.enter(takes_turns=False) == 0, "who cannot wait does not"
    world.now += LONGEST_TURN
    assert gate.enter() == 0


@pytest.mark.parametrize(
    ("text", "rate"),
    [("10/min", Rate(10, 60)), ("9/minute", Rate(9, 60)), (" 5 / s ", Rate(5, 1)), ("8/h", Rate(8, 3600))],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.read(text) == rate


def test_no_stretch_of_a_minute_holds_more_than_the_rate_and_of_two_rates_the_latest_counts() -> None:
    world = World(holds=10**9)
    gate = world.gate()
    gate.limit(Rate.read("100/min"))
    gate.limit(Rate.read("10/MIN"))
    world.run([gate], workers=8, seconds=600, chance=random.Random(1))
    assert len(world.accepted) >= 10 * 10
    for at in world.accepted:
        # Answers are counted where they are given: requests sent in one stretch may arrive in another.
        assert sum(at <= other < at + 59.8 for other in world.accepted) <= 11


def test_a_login_has_one_gate_and_logins_do_not_share_it() -> None:
    one, other = AccessToken("a"), AccessToken("a")
    clients = [CallRecordingClient(auth=login) for login in (one, one, other)]
    gates = [client.with_options(retries=0)._session.wire.credentials.gate for client in clients]
    assert gates[0] is gates[1]
    assert gates[0] is not gates[2]
    for client in clients:
        client.close()
