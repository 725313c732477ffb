"""Figures of an archive for Prometheus, as node_exporter's textfile collector reads them. Pure.

One file tells of one archive, whichever command wrote it last: what the catalogue knows is new each time, and
what is told of the runs of other commands is taken over from the file that was there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from attrs import frozen

from .overview import WORST_FIRST, DestinationOverview, Overview, SourceOverview, instant

_RUNS: Mapping[str, str] = {
    "vbc_recordings_run_exit_code": "Exit code of the last run of a command. 0 is a success.",
    "vbc_recordings_run_timestamp_seconds": "When the last run of a command ended.",
    "vbc_recordings_run_duration_seconds": "How long the last run of a command took.",
    "vbc_recordings_run_success_timestamp_seconds": "When the last successful run of a command ended.",
}
_STATE: Mapping[str, str] = {
    "vbc_recordings_complete": "Whether nothing is known to be missing.",
    "vbc_recordings_known": "Recordings that were ever listed.",
    "vbc_recordings_here": "Recordings whose audio is in the archive.",
    "vbc_recordings_missing": "Recordings that the vendor lists and that are not in the archive.",
    "vbc_recordings_lost": "Recordings that vanished at the vendor before they came.",
    "vbc_recordings_deleted": "Recordings that were deleted at the vendor from here.",
    "vbc_recordings_size_bytes": "Size of all files of the archive.",
    "vbc_recordings_newest_timestamp_seconds": "When the latest recording started.",
    "vbc_recordings_transcripts": "Transcripts by state.",
    "vbc_recordings_windows": "Windows of time by state. Incomplete ones lack something.",
    "vbc_recordings_gap_seconds": "Time that was never looked at.",
    "vbc_recordings_destination_files": "Files that a destination holds, proven by reading them back.",
    "vbc_recordings_destination_size_bytes": "Size of these files.",
    "vbc_recordings_destination_lacking": "Files that a destination of the settings lacks.",
    "vbc_recordings_oldest_check_timestamp_seconds": "When the file checked longest ago was checked.",
}
HELP: Mapping[str, str] = {**_RUNS, **_STATE}
"""Every metric, and what it is."""

_SUCCESS = "vbc_recordings_run_success_timestamp_seconds"
_OF_RUN = re.compile(r'(vbc_recordings_run_\w+)(\{archive="(?:[^"\\\n]|\\.)*",command="([\w ]+)"\}) (\S+)')

Sample = tuple[str, str, str]
"""Name, labels in braces, value."""


@frozen
class Ended:
    """A run that has ended.

    Attributes:
        command: As it is typed: `sync`, `retention apply`.
        archive: The archive's folder.
        code: The exit code.
    """

    command: str
    archive: str
    code: int
    began: datetime
    ended: datetime


def metrics(ended: Ended, seen: Overview | None, oldest_check: str = "", before: str = "") -> Iterator[str]:
    """The file, line by line.

    Args:
        seen: What the catalogue says; None if there is none. Nothing is told of the archive then.
        oldest_check: As `CheckTally.oldest`.
        before: The file that was there.
    """
    samples = [*_of_run(ended), *_kept(ended, before)]
    if seen is not None:
        for source in seen.sources:
            samples += _of_source(source, ended.archive)
        for destination in seen.destinations:
            samples += _of_destination(destination, ended.archive)
        samples += _time("vbc_recordings_oldest_check_timestamp_seconds", oldest_check, archive=ended.archive)
    for name, told in HELP.items():
        lines = sorted(f"{name}{labels} {value}\n" for each, labels, value in samples if each == name)
        if lines:
            yield f"# HELP {name} {told}\n# TYPE {name} gauge\n"
            yield from lines


def _of_run(ended: Ended) -> Iterator[Sample]:
    labels = _labels(archive=ended.archive, command=ended.command)
    at = _number(ended.ended.timestamp())
    yield "vbc_recordings_run_exit_code", labels, str(ended.code)
    yield "vbc_recordings_run_timestamp_seconds", labels, at
    seconds = (ended.ended - ended.began).total_seconds()
    yield "vbc_recordings_run_duration_seconds", labels, _number(seconds)
    if ended.code == 0:
        yield _SUCCESS, labels, at


def _kept(ended: Ended, before: str) -> Iterator[Sample]:
    """What the file says of other commands, and of the last success of this one."""
    for name, labels, command, value in _OF_RUN.findall(before):
        is_success = name == _SUCCESS and ended.code != 0
        is_ours = labels == _labels(archive=ended.archive, command=command)
        if name in _RUNS and is_ours and (command != ended.command or is_success):
            yield name, labels, value


def _of_source(source: SourceOverview, archive: str) -> Iterator[Sample]:
    labels = {"archive": archive, "source": source.source}
    counts = {"complete": int(source.is_complete)}
    if totals := source.totals:
        counts |= {
            "known": totals.recordings,
            "here": totals.on_disk,
            "missing": totals.missing,
            "lost": totals.never_came,
            "deleted": totals.deleted,
            "size_bytes": totals.bytes,
        }
        yield from _time("vbc_recordings_newest_timestamp_seconds", totals.newest, **labels)
        transcripts = {
            "ready": totals.transcripts_ready,
            "pending": totals.transcripts_pending,
            "failed": totals.transcripts_failed,
        }
        yield from _by_state("vbc_recordings_transcripts", transcripts.items(), labels)
    counts["gap_seconds"] = sum(int((gap.end - gap.start).total_seconds()) for gap in source.gaps)
    for name, value in counts.items():
        yield f"vbc_recordings_{name}", _labels(**labels), str(value)
    windows = ((state, source.windows.get(state, 0)) for state in WORST_FIRST)
    yield from _by_state("vbc_recordings_windows", windows, labels)


def _of_destination(destination: DestinationOverview, archive: str) -> Iterator[Sample]:
    labels = _labels(archive=archive, destination=destination.name)
    yield "vbc_recordings_destination_files", labels, str(destination.files)
    yield "vbc_recordings_destination_size_bytes", labels, str(destination.bytes)
    yield "vbc_recordings_destination_lacking", labels, str(destination.lacking)


def _by_state(name: str, counts: Iterable[tuple[str, int]], labels: Mapping[str, str]) -> Iterator[Sample]:
    for state, count in counts:
        yield name, _labels(**labels, state=state), str(count)


def _time(name: str, text: str, **labels: str) -> Iterator[Sample]:
    if at := instant(text):
        yield name, _labels(**labels), _number(at.astimezone(UTC).timestamp())


def _labels(**labels: str) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
