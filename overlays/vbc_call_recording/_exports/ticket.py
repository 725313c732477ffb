"""What names an export, as JSON text that can be kept and passed on. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Literal, cast

from attrs import asdict, frozen

from .._errors import InputError

ExportKind = Literal["recordings", "recordings_transcriptions"]
ExportScope = Literal["company", "on_demand"]
EXPORT_KINDS: tuple[ExportKind, ...] = ("recordings", "recordings_transcriptions")

NOT_FOUND_GRACE = 60.0
"""Seconds after its creation in which a job may answer 404 and still be waited for. Our choice."""

_TOKEN_VERSION = 1


@frozen
class ExportTicket:
    """What an export is, apart from how far it has got: enough to go on with it in another process.

    Attributes:
        job_ids: The export's jobs.
        kind: Which jobs to ask: those of recordings, or of recordings with transcriptions.
        user_id: Under which user the jobs are read.
        scope: Whether company or on-demand recordings are exported; None for jobs adopted by id.
        filters: The filters asked with, as `export()` takes them; None for jobs adopted by id.
        created: Seconds since the epoch, None if not known.
    """

    job_ids: tuple[str, ...]
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
            InputError: It is no token, or of a version this one does not know.
        """
        fields = _token_fields(token)
        if fields.pop("version", None) != _TOKEN_VERSION:
            raise InputError(f"export token of an unknown version; accepted: version {_TOKEN_VERSION}")
        problem = _token_problem(fields)
        if problem:
            raise InputError(f"not an export token: {problem}")
        job_ids = tuple(fields.pop("job_ids"))
        return cls(job_ids=job_ids, **fields)

    def may_be_unborn(self, now: float) -> bool:
        """Whether a 404 may only mean that the server has not caught up with the job's creation."""
        return self.created is not None and 0 <= now - self.created <= NOT_FOUND_GRACE


def _token_fields(token: str) -> dict[str, Any]:
    try:
        fields = json.loads(token)
    except (TypeError, ValueError) as error:
        raise InputError("not an export token: it is no JSON") from error
    if not isinstance(fields, dict):
        raise InputError("not an export token: it is no JSON object")
    return cast(dict[str, Any], fields)


def _token_problem(fields: Mapping[str, Any]) -> str | None:
    checks: dict[str, object] = {
        "job_ids": _is_list_of_ids(fields.get("job_ids")),
        "kind": fields.get("kind") in ("recordings", "recordings_transcriptions"),
        "user_id": isinstance(fields.get("user_id"), str),
        "scope": fields.get("scope") in ("company", "on_demand", None),
        "filters": isinstance(fields.get("filters"), dict | None),
        "created": isinstance(fields.get("created"), int | float | None),
    }
    wrong = [name for name, fine in checks.items() if not fine] + sorted(fields.keys() - checks.keys())
    return f"cannot read {', '.join(wrong)}" if wrong else None


def _is_list_of_ids(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) and item for item in cast(list[object], value)
    )
