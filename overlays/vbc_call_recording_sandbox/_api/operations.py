"""Which operation a request is for: the paths of openapi.yaml, of the files, and of the token endpoint."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from .contract import JSON_TYPE, Contract, Described, Json, load
from .query import FILTER_NAMES, TRANSCRIPTION_FILTER_NAMES

API_PATH = "/t/vbc.prod/call_recording"
INDIA_PATH = "/t/vbc.prod/call_recording_india"
FORM_TYPE = "application/x-www-form-urlencoded"

_COMPANY = "/api/accounts/{account_id}/company_call_recordings"
_PERSONAL = "/api/accounts/{account_id}/users/{user_id}/call_recordings"
_BOTH = "recordings_transcriptions"
_PAGING = ("order", "page", "page_size")
_LIST = (*FILTER_NAMES, *_PAGING)
# Of these, openapi.yaml has `status` only; the `next` links of the answers bring the others along.
_JOBS = ("status", "page", "page_size")
_ARCHIVE = ("jobId", "job_id", "login_name", "userName")


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that can be asked for.

    Attributes:
        id: As in openapi.yaml, if it is there.
        template: The path, as in openapi.yaml.
        query: Names of the parameters that the query may have.
        body: Content type of the body; None if there is none to send.
        fields: Names of the properties that the body may have.
        described: What openapi.yaml says of it. What is there only is taken if it fits its schema.
        is_modelled: Whether the sandbox does something; if not, it answers with an example.
    """

    id: str
    method: str
    template: str
    query: tuple[str, ...] = ()
    body: str | None = None
    fields: tuple[str, ...] = ()
    described: Described = field(default_factory=Described)
    is_modelled: bool = True

    @property
    def is_of_the_company(self) -> bool:
        """Whether it is served in India, too: everything but what belongs to single users."""
        return "{user_id}" not in self.template

    @property
    def more_query(self) -> dict[str, Json]:
        """Schemas of the parameters that only openapi.yaml knows."""
        return {name: each for name, each in self.described.query.items() if name not in self.query}

    @property
    def more_fields(self) -> dict[str, Json]:
        """Schemas of the body's properties that only openapi.yaml knows."""
        return {name: each for name, each in self.described.fields.items() if name not in self.fields}


MODELLED = (
    Operation("list_company_recordings", "GET", _COMPANY, _LIST),
    Operation(
        "list_company_transcriptions",
        "GET",
        f"{_COMPANY}/transcriptions",
        (*TRANSCRIPTION_FILTER_NAMES, *_PAGING),
    ),
    Operation(
        "create_company_recording_export", "POST", f"{_COMPANY}/export", body=JSON_TYPE, fields=FILTER_NAMES
    ),
    Operation(
        "create_company_recording_transcription_export",
        "POST",
        f"{_COMPANY}/{_BOTH}/export",
        body=JSON_TYPE,
        fields=FILTER_NAMES,
    ),
    Operation("get_company_recording", "GET", f"{_COMPANY}/{{recording_id}}"),
    Operation("delete_company_recording", "DELETE", f"{_COMPANY}/{{recording_id}}"),
    Operation("list_on_demand_recordings", "GET", _PERSONAL, _LIST),
    Operation(
        "create_on_demand_recording_export",
        "POST",
        f"{_PERSONAL}/export",
        body=JSON_TYPE,
        fields=FILTER_NAMES,
    ),
    Operation("list_export_jobs", "GET", f"{_PERSONAL}/jobs", _JOBS),
    Operation("get_export_job", "GET", f"{_PERSONAL}/jobs/{{job_id}}"),
    Operation("list_recording_transcription_export_jobs", "GET", f"{_PERSONAL}/{_BOTH}/jobs", _JOBS),
    Operation("get_recording_transcription_export_job", "GET", f"{_PERSONAL}/{_BOTH}/jobs/{{job_id}}"),
    Operation("get_on_demand_recording", "GET", f"{_PERSONAL}/{{recording_id}}"),
    Operation("delete_on_demand_recording", "DELETE", f"{_PERSONAL}/{{recording_id}}"),
)
FILES = (
    Operation("download_recording", "GET", "/api/audio/recording/{recording_id}"),
    Operation("download_transcript", "GET", "/api/transcription/{recording_id}"),
    Operation("download_archive", "GET", "/api/bulkDownload/retrieve", _ARCHIVE),
    Operation("download_archive", "GET", f"/api/bulkDownload/{_BOTH}/retrieve", _ARCHIVE),
)
_LOGINS = (
    Operation("token", "POST", "/token", body=FORM_TYPE),
    Operation("authorize", "GET", "/authorize"),
)

Path = tuple[re.Pattern[str], str, dict[str, Operation]]
"""How the path looks, still percent-encoded; the API it is of; what it leads to, by method."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a path leads.

    Attributes:
        api_path: Of the two APIs, the one asked; empty for logins.
        operations: What can be asked of the path, by method.
        ids: The path's parameters.
    """

    api_path: str
    operations: dict[str, Operation]
    ids: dict[str, str]

    def operation(self, method: str) -> Operation | None:
        """What this method asks for. HEAD asks for what GET does."""
        return self.operations.get("GET" if method == "HEAD" else method)

    @property
    def allowed(self) -> str:
        """The methods that can be used, for an `Allow` header."""
        return ", ".join(sorted({*self.operations, *({"HEAD"} if "GET" in self.operations else ())}))


def find(path: str) -> Target | None:
    """Where a path, still percent-encoded, leads. None for nowhere."""
    for pattern, api_path, operations in PATHS:
        parts = pattern.fullmatch(path)
        if parts:
            ids = {name: unquote(value) for name, value in parts.groupdict().items()}
            return Target(api_path, operations, ids)
    return None


def operations_of(contract: Contract) -> Iterator[Operation]:
    """The operations of an openapi.yaml."""
    modelled = {each.id: each for each in MODELLED}
    for each in contract.operations():
        made_up = Operation(each.id, each.method, each.path, body=each.body, is_modelled=False)
        yield replace(modelled.get(each.id, made_up), described=each)


def paths_of(contract: Contract) -> list[Path]:
    """What leads where."""
    operations = [*operations_of(contract), *FILES]
    # The first path that fits serves the request: fixed words come before ids.
    operations.sort(key=lambda each: [step.startswith("{") for step in each.template.split("/")])
    paths: list[Path] = [(_pattern(each.template), "", {each.method: each}) for each in _LOGINS]
    for api_path in (API_PATH, INDIA_PATH):
        served = [each for each in operations if each.is_of_the_company or api_path == API_PATH]
        for template in dict.fromkeys(each.template for each in served):
            same = {each.method: each for each in served if each.template == template}
            paths.append((_pattern(template, api_path), api_path, same))
    return paths


def _pattern(template: str, api_path: str = "") -> re.Pattern[str]:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    # Both prefixes are in use: the page shows audio under one and transcripts under the other.
    return re.compile(api_path + re.sub("^/api/", "(?:/v1)?/api/", pattern))


PATHS = paths_of(Contract(load()))
OPERATION_IDS = frozenset(each.id for _, _, operations in PATHS for each in operations.values())
