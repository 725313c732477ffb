"""How export jobs behave and what they look like, as switches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from .switches import Accepts, Switches, either, flag, one_of, seconds, switch, texts, whole

_DURATION = Accepts("a timedelta", lambda value: isinstance(value, timedelta))
_ARCHIVE_URLS = ("jobId", "job_id+login_name", "job_id+userName", "missing")
_UNTIL = ("offset", "z", "naive", "odd", "unreadable", "null", "missing")


@dataclass(slots=True)
class ExportRules(Switches):
    """How the export jobs created from now on behave, and how all are written.

    Attributes:
        success_status: Status code of the answer that carries the job ids.
        job_size: How many recordings a job takes at most; larger exports are split.
        job_ids: How the answer writes them: as texts, as numbers, as null, or not at all.
        statuses: The words a job goes through; the last one stays. `complete`, in any case, makes the archive
            available. Without it there is no archive: `["in_progress"]` never ends, `["queued", "failed"]`
            fails.
        by_looking: Whether a job moves on by a word each time it is looked at.
        step_seconds: After this many seconds of the server's clock, a job moves on by a word in any case.
        lifetime: How long an archive is kept after the export was asked for. Negative: expired at once. In
            JSON as a number of seconds.
        hidden_for: How often a new job is answered with 404 before it is found.
        forgotten_after: How often a job can be looked at before it is answered with 404.
        files_lost: How many files, the last ones, are missing from a job that completes.
        progress: Whether `files_completed` grows, shrinks or is not there.
        valid_until: How it is written: like other instants, with `Z`, without offset, as `odd` (seconds since
            1970 as text), as `unreadable`, as null, or not at all.
        archive_url: Which query the archive's URL has; `missing` for a complete job without a URL.
    """

    success_status: int = switch(202, one_of(202, 201))
    job_size: int = switch(250, whole(1, examples=(40, 250, 100_000)))
    job_ids: Literal["texts", "numbers", "null", "missing"] = switch(
        "texts", one_of("texts", "numbers", "null", "missing"), is_reading=False
    )
    statuses: Sequence[str] = switch(
        ("queued", "in_progress", "complete"),
        texts(
            "a list of words, one or more",
            at_least=1,
            examples=(("queued", "in_progress", "complete"), ("complete",), ("new", "zipping", "COMPLETE")),
        ),
    )
    by_looking: bool = switch(True, flag(), is_reading=False)
    step_seconds: float = switch(60, seconds())
    lifetime: timedelta = switch(timedelta(hours=24), _DURATION)
    hidden_for: int = switch(0, whole(0, examples=(0, 1)))
    forgotten_after: int | None = switch(None, either(one_of(None), whole(0)), is_reading=False)
    files_lost: int = switch(0, whole(0), is_reading=False)
    progress: Literal["forward", "backwards", "missing"] = switch(
        "forward", one_of("forward", "backwards", "missing")
    )
    valid_until: Literal["offset", "z", "naive", "odd", "unreadable", "null", "missing"] = switch(
        "offset", one_of(*_UNTIL), is_reading=False
    )
    archive_url: Literal["jobId", "job_id+login_name", "job_id+userName", "missing"] = switch(
        "jobId",
        Accepts(", ".join(_ARCHIVE_URLS), lambda value: value in _ARCHIVE_URLS, _ARCHIVE_URLS[:3]),
    )
