"""Made-up recordings: the same ones for the same seed, on every machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from ._data import USER_IDS, Recording, TranscriptState

REFERENCE = datetime(2025, 1, 1, tzinfo=UTC)
"""All recordings started in the half year before this instant."""
PERIOD = timedelta(days=182)

_EXTENSIONS = range(101, 141)
_RULE_IDS = (449, 1989, 2012, 2150)
_NAMES = (
    "ACME CORP",
    "ANNA ROSSI",
    "CITY CLINIC",
    "JOHN SMITH",
    "LEE & SONS",
    "MARIE DUBOIS",
    "ÅSA LIND",
    "UNKNOWN",
)
_OUTSIDE_NUMBERS = [f"1732555{number:04d}" for number in range(100, 160)]
# Every third recording, more or less, was to be transcribed.
_TRANSCRIPT_ODDS: dict[TranscriptState | None, int] = {None: 12, "ready": 4, "pending": 1, "failed": 1}


def seeded(seed: int, recordings: int, on_demand: int) -> Iterator[Recording]:
    """This many company and on-demand recordings, oldest first within each kind."""
    random = Random(seed)
    next_id = iter(range(193_228, 193_228 + recordings + on_demand))
    for start in _starts(random, recordings):
        yield _recording(random, next(next_id), start, owner=None)
    for start in _starts(random, on_demand):
        # Most belong to the first users, so that each has a list of another length.
        owner = USER_IDS[min(random.randrange(len(USER_IDS)), random.randrange(len(USER_IDS)))]
        yield _recording(random, next(next_id), start, owner)


def _starts(random: Random, count: int) -> list[datetime]:
    seconds = int(PERIOD.total_seconds())
    offsets = [random.randrange(seconds) for _ in range(count)]
    # Calls do start in the same second, and whoever pages by start has to cope with it.
    for index in range(7, count, 10):
        offsets[index] = offsets[index - 1]
    return [REFERENCE - PERIOD + timedelta(seconds=offset) for offset in sorted(offsets)]


def _recording(random: Random, recording_id: int, start: datetime, owner: str | None) -> Recording:
    direction = random.choice(("INBOUND", "INBOUND", "OUTBOUND", "OUTBOUND", "INTRA_PBX"))
    extension, other = random.sample(_EXTENSIONS, 2)
    outside = random.choice(_OUTSIDE_NUMBERS)
    caller, dialled = {
        "INBOUND": (outside, f"1973555{extension:04d}"),
        "OUTBOUND": (f"1973555{extension:04d}", outside),
        "INTRA_PBX": (str(extension), str(other)),
    }[direction]
    return Recording(
        id=recording_id,
        start=start,
        duration=random.randrange(1_000, 1_800_000),
        call_direction=direction,
        caller_id=caller,
        cnam=random.choice(_NAMES),
        dnis=dialled,
        extensions=(extension, other) if direction == "INTRA_PBX" else (extension,),
        rule_ids=() if owner else tuple(sorted(random.sample(_RULE_IDS, random.randint(1, 3)))),
        size=random.randrange(2_000, 9_000),
        owner=owner,
        transcript=None if owner else _transcript(random),
    )


def _transcript(random: Random) -> TranscriptState | None:
    states, weights = list(_TRANSCRIPT_ODDS), list(_TRANSCRIPT_ODDS.values())
    return random.choices(states, weights)[0]
