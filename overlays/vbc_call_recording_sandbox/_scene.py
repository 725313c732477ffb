"""The state of a sandbox as JSON: recordings, jobs, switches, planned faults and time."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from ._api.exports import Exports, Job
from ._clock import Clock
from ._content import Content, audio, transcript
from ._data import USER_IDS, Recording, Store
from ._errors import InputError
from ._faults.planned import Faults
from ._quirks.panel import Quirks

FORMAT = 1
_FIELDS = {field.name for field in fields(Recording)}
_TUPLES = ("extensions", "rule_ids")
_JOB_PARTS = ("id", "kind", "statuses", "hidden_for", "files_lost", "forgotten_after", "by_looking", "looks")


class Stage(Protocol):
    """What a scene is taken from and put into: a sandbox."""

    store: Store
    exports: Exports
    quirks: Quirks
    faults: Faults
    clock: Clock


@dataclass(frozen=True, slots=True)
class Scene:
    """A state, complete and checked."""

    recordings: list[Recording]
    jobs: list[dict[str, Any]]
    quirks: dict[str, Any]
    faults: list[dict[str, Any]]
    frozen_at: datetime | None
    speed: float

    def as_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": FORMAT,
            "recordings": [recording_json(recording) for recording in self.recordings],
            "jobs": self.jobs,
            "quirks": self.quirks,
            "faults": self.faults,
            "clock": {"frozen_at": self.frozen_at and self.frozen_at.isoformat(), "speed": self.speed},
        }

    def as_text(self) -> str:
        """As a file has it."""
        return json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n"

    def put_into(self, stage: Stage) -> None:
        """Make the sandbox be like this."""
        jobs = [_read_job(job, stage.clock.now) for job in self.jobs]
        stage.store.replace(self.recordings)
        stage.exports.replace(jobs)
        stage.faults.reset()
        stage.quirks.set(self.quirks)
        for fault in self.faults:
            stage.faults.add(fault)
        stage.clock.reset()
        stage.clock.speed = self.speed
        if self.frozen_at is not None:
            stage.clock.freeze(self.frozen_at)


def scene_of(stage: Stage) -> Scene:
    """The state a sandbox is in."""
    return Scene(
        recordings=stage.store.recordings(),
        jobs=[_job_json(job) for job in stage.exports.all()],
        quirks=stage.quirks.all(),
        faults=stage.faults.as_json(),
        frozen_at=stage.clock.now() if stage.clock.is_frozen else None,
        speed=stage.clock.speed,
    )


def read_scene(source: str | Path | Mapping[str, Any]) -> Scene:
    """A scene from a file or its decoded content; what it leaves out is as in a new sandbox without
    recordings.

    Raises:
        InputError: It is not one; the message says where.
        OSError: The file cannot be read.
    """
    where = "scene" if isinstance(source, Mapping) else f"scene {source}"
    content = source if isinstance(source, Mapping) else _decoded(Path(source))
    if not isinstance(content, Mapping) or cast("Mapping[str, Any]", content).get("format") != FORMAT:
        raise InputError(f"{where} is not one; accepted: an object with format {FORMAT}, as save writes it")
    content = cast("Mapping[str, Any]", content)
    try:
        scene = _read(content)
        _rehearse(scene)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{where} cannot be read: {type(error).__name__}: {error}") from error
    return scene


def _read(content: Mapping[str, Any]) -> Scene:
    clock: dict[str, Any] = content.get("clock") or {}
    frozen_at = clock.get("frozen_at")
    return Scene(
        recordings=[read_recording(each) for each in content.get("recordings", [])],
        jobs=list(content.get("jobs", [])),
        quirks=dict(content.get("quirks", {})),
        faults=list(content.get("faults", [])),
        frozen_at=None if frozen_at is None else datetime.fromisoformat(frozen_at),
        speed=float(clock.get("speed", 1)),
    )


def _rehearse(scene: Scene) -> None:
    """Put it into a throwaway sandbox first, so that mistakes show before anything is changed."""
    clock, quirks = Clock(), Quirks()
    quirks.set(scene.quirks)
    faults = Faults(clock, quirks)
    for fault in scene.faults:
        faults.add(fault)
    clock.speed = scene.speed
    if scene.frozen_at is not None:
        clock.freeze(scene.frozen_at)
    for job in scene.jobs:
        _read_job(job, clock.now)


def _decoded(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"scene {path} is not JSON: {error}") from error


def recording_json(recording: Recording) -> dict[str, Any]:
    """A recording as scenes and the admin API have it."""
    return {**asdict(recording), "start": recording.start.isoformat()}


def read_recording(content: Any) -> Recording:
    """A recording from such JSON; only `id` and `start` have to be there.

    Raises:
        InputError: It is not one.
    """
    if not isinstance(content, dict):
        raise InputError(f"recording is {content!r}; accepted: an object with id and start")
    given = cast("dict[str, Any]", content)
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        raise InputError(f"recording has {unknown[0]!r}; accepted: {', '.join(sorted(_FIELDS))}")
    try:
        lists: dict[str, Any] = {name: tuple(given[name]) for name in _TUPLES if name in given}
        read: dict[str, Any] = {**given, **lists, "start": datetime.fromisoformat(given["start"])}
        return Recording(**read)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"recording {given.get('id')!r} cannot be read: {error}") from error


def _job_json(job: Job) -> dict[str, Any]:
    return {
        **{name: getattr(job, name) for name in _JOB_PARTS},
        "owners": sorted(job.owners),
        "statuses": list(job.statuses),
        "step_seconds": job.step_seconds,
        "started": job.started.isoformat(),
        "valid_until": job.valid_until.isoformat(),
        "files": [_file_json(file) for file in job.files],
    }


def _file_json(file: Content) -> dict[str, Any]:
    if file.recording is None:
        raise InputError(f"file {file.file_name!r} cannot be saved; accepted: audio and transcripts")
    kind = "transcript" if file.media_type.startswith("text/") else "audio"
    return {"kind": kind, "recording": recording_json(file.recording)}


def _read_job(content: Any, now: Callable[[], datetime]) -> Job:
    given = dict(content)
    files = [
        {"audio": audio, "transcript": transcript}[file["kind"]](read_recording(file["recording"]))
        for file in given.pop("files")
    ]
    owners = frozenset(given.pop("owners"))
    if not owners <= set(USER_IDS):
        raise InputError(f"owners is {sorted(owners)}; accepted: some of {', '.join(USER_IDS)}")
    if not re.fullmatch(r"[0-9A-Za-z-]+", str(given.get("id"))):
        raise InputError(f"id is {given.get('id')!r}; accepted: letters, digits and hyphens")
    started, valid_until = (datetime.fromisoformat(given.pop(name)) for name in ("started", "valid_until"))
    return Job(files=files, owners=owners, started=started, valid_until=valid_until, now=now, **given)
