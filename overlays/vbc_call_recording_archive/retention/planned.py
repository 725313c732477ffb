"""The plan: a JSON file that says what may be deleted. It is taken only as it was written.

Its `digest` is the SHA-256 of all the rest, as JSON with sorted keys and no spaces. It shows that a plan was
cut or edited by mistake, and does not protect against somebody who means to. Whether a recording may be
deleted is asked again in any case.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from vbc_call_recording import InputError

from ..instants import from_text, now

FORMAT = "vbc-recordings retention plan"
VERSION = 1
MOST_DAYS = 7
"""Older plans are refused: whoever looked at one has forgotten what was in it."""


@attrs.frozen
class PlannedRecording:
    """A recording that may be deleted, and the audio that is here."""

    source: str
    id: str
    start: str
    path: str
    size: int
    sha256: str


@attrs.frozen(kw_only=True)
class Plan:
    """What may be deleted.

    Attributes:
        archive: What the archive calls itself in its ledger: a UUID.
        folder: Where it was.
        catalogue: Where its catalogue was.
        account, base_url: Where its recordings come from.
        created: When the plan was made.
        before: Recordings that started before this.
        hold: The hold file that was given; empty if none was.
        give_up_transcripts: Whether recordings may be deleted whose transcripts are not kept.
        count, bytes: Of `recordings`.
        left_out: How many recordings of that age are not in it, by `Reason`.
        recordings: By source, the oldest first.
        digest: See above.
    """

    archive: str
    folder: str
    catalogue: str
    account: str
    base_url: str
    created: str
    before: str
    hold: str
    give_up_transcripts: bool
    count: int
    bytes: int
    left_out: Mapping[str, int]
    recordings: tuple[PlannedRecording, ...]
    digest: str = ""


def sealed(plan: Plan) -> Plan:
    """With its digest."""
    return attrs.evolve(plan, digest=_digest(_document(plan)))


def plan_text(plan: Plan) -> Iterator[str]:
    """It as a file has it: a line for each recording, so that people can read and compare plans."""
    document = _document(plan) | {"digest": plan.digest}
    del document["recordings"]
    yield json.dumps(document, indent=2, ensure_ascii=False).removesuffix("\n}")
    yield ',\n  "recordings": ['
    for place, each in enumerate(plan.recordings):
        yield f"{',' if place else ''}\n    {json.dumps(attrs.asdict(each), ensure_ascii=False)}"
    yield "\n  ]\n}\n"


def read_plan(path: Path, *, at: datetime | None = None) -> Plan:
    """Read a plan. `at` is the present, if it is not now.

    Raises:
        InputError: It is none, was changed or cut, or is too old.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        digest = str(document.pop("digest"))
        is_known = document.pop("format") == FORMAT and document.pop("version") == VERSION
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a whole plan; accepted: what `retention plan` wrote") from error
    if not is_known:
        raise InputError(f"{path} is of another kind or version; accepted: {FORMAT}, version {VERSION}")
    if _digest({"format": FORMAT, "version": VERSION, **document}) != digest:
        raise InputError(f"{path} was changed since it was made; accepted: an unchanged plan. Make a new one")
    recordings = tuple(PlannedRecording(**each) for each in document.pop("recordings"))
    plan = Plan(**document, recordings=recordings, digest=digest)
    age = (at or now()) - from_text(plan.created)
    if not -timedelta(hours=1) <= age <= timedelta(days=MOST_DAYS):  # an hour, for clocks that differ
        raise InputError(f"{path} is of {plan.created}; accepted: one of the last {MOST_DAYS} days")
    return plan


def _document(plan: Plan) -> dict[str, Any]:
    content = attrs.asdict(plan)
    del content["digest"]
    return {"format": FORMAT, "version": VERSION, **content, "recordings": list(content["recordings"])}


def _digest(document: Mapping[str, Any]) -> str:
    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
