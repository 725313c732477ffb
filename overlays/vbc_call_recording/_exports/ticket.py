"""What names an export: its jobs, whose they are, and its filters. As JSON text, to be kept. Pure."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal, cast

from attrs import asdict, frozen

from vbc_call_recording_generated.models import ExportJobIds
from vbc_call_recording_generated.types import Response

from .._checks import path_segment, shown
from .._errors import InputError
from .._http.outcomes import malformed

ExportKind = Literal["recordings", "recordings_transcriptions"]
ExportScope = Literal["company", "on_demand"]
EXPORT_KINDS: tuple[ExportKind, ...] = ("recordings", "recordings_transcriptions")

NOT_FOUND_GRACE = 60.0
"""Seconds after its creation in which a job may answer 404 and still be waited for. Our choice."""

_TOKEN_VERSION = 1


@frozen
class ExportTicket:
    """What identifies an export: enough to go on with it in another process.

    Attributes:
        job_ids: The export's jobs.
        kind: Which jobs to ask: those of recordings, or of recordings with transcriptions.
        user_id: Under which user the jobs are read.
        scope: Whether company or on-demand recordings are exported; None for jobs adopted by id.
        filters: The filters asked with, as `export()` takes them; None for jobs adopted by id.
        created: Seconds since the epoch, None if not known.
    """

    job_ids: tuple[str, ...] = ()
    kind: ExportKind = "recordings"
    user_id: str = "self"
    scope: ExportScope | None = None
    filters: Mapping[str, Any] | None = None
    created: float | None = None

    def to_token(self) -> str:
        """As JSON text. Holds no secret; the filters are in it."""
        return json.dumps({"version": _TOKEN_VERSION, **asdict(self)}, sort_keys=True)

    @classmethod
    def from_token(cls, token: str) -> "ExportTicket":
        """Reads what `to_token` wrote.

        Raises:
            InputError: It is something else, or of an unknown version.
        """
        try:
            fields = dict(json.loads(token))
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"token is {shown(token)}; {_ACCEPTED}, JSON text") from error
        version = fields.pop("version", None)
        if version != _TOKEN_VERSION:
            raise InputError(f"token is of version {shown(version)}; accepted: version {_TOKEN_VERSION}")
        wrong = [name for name, check in _CHECKS.items() if not check(fields.get(name))]
        wrong += sorted(fields.keys() - _CHECKS.keys())
        if wrong:
            raise InputError(f"token is damaged in {', '.join(wrong)}; {_ACCEPTED}")
        path_segment(fields["user_id"], "user_id in the token")
        job_ids = tuple(path_segment(job_id, "a job id in the token") for job_id in fields.pop("job_ids"))
        return cls(job_ids=job_ids, **fields)

    def may_not_be_known_yet(self, now: float) -> bool:
        """Whether a 404 may only mean that the server has not caught up with the export's creation."""
        return self.created is not None and 0 <= now - self.created <= NOT_FOUND_GRACE


def job_ids_in(answer: Response[ExportJobIds]) -> tuple[str, ...]:
    """The ids of the jobs that an export was split into. An empty list is an empty export.

    Raises:
        MalformedResponseError: The answer names no jobs, or in a way that cannot be read. It is quoted: the
            export may be under way, and `export_jobs.list()` finds it.
    """
    given: object = answer.parsed.job_ids if answer.parsed else None
    if isinstance(given, list):
        ids = cast(list[object], given)
        with suppress(InputError):  # one that cannot be part of a path cannot be asked for
            return tuple(dict.fromkeys(path_segment(job_id, "job_id") for job_id in ids))
    message = "the answer does not say which jobs were started; export_jobs.list() shows whether any were"
    raise malformed(answer.http, message, field="job_ids")


_ACCEPTED = "accepted: the `token` of an export"
_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "job_ids": lambda value: isinstance(value, list),
    "kind": lambda value: value in EXPORT_KINDS,
    "user_id": lambda value: isinstance(value, str),
    "scope": lambda value: value in ("company", "on_demand", None),
    "filters": lambda value: isinstance(value, dict | None),
    "created": lambda value: type(value) in (int, float, type(None)),
}
