"""Which operation a request is for: the paths of openapi.yaml, of the files, and of the token endpoint."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from .query import FILTER_NAMES, TRANSCRIPTION_FILTER_NAMES

API_PATH = "/t/vbc.prod/call_recording"
INDIA_PATH = "/t/vbc.prod/call_recording_india"
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"

_COMPANY = "/accounts/{account_id}/company_call_recordings"
_PERSONAL = "/accounts/{account_id}/users/{user_id}/call_recordings"
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
        query: Names of the parameters that the query may have.
        body: Content type of the body; None if there is none to send.
    """

    id: str
    method: str
    template: str
    query: tuple[str, ...] = ()
    body: str | None = None

    @property
    def is_of_the_company(self) -> bool:
        """Whether it is served in India, too: everything but what belongs to single users."""
        return "{user_id}" not in self.template


# The first path that fits serves the request: fixed words come before ids.
OPERATIONS = (
    Operation("list_company_recordings", "GET", _COMPANY, _LIST),
    Operation(
        "list_company_transcriptions",
        "GET",
        f"{_COMPANY}/transcriptions",
        (*TRANSCRIPTION_FILTER_NAMES, *_PAGING),
    ),
    Operation("create_company_recording_export", "POST", f"{_COMPANY}/export", body=JSON_TYPE),
    Operation(
        "create_company_recording_transcription_export",
        "POST",
        f"{_COMPANY}/{_BOTH}/export",
        body=JSON_TYPE,
    ),
    Operation("get_company_recording", "GET", f"{_COMPANY}/{{recording_id}}"),
    Operation("delete_company_recording", "DELETE", f"{_COMPANY}/{{recording_id}}"),
    Operation("list_on_demand_recordings", "GET", _PERSONAL, _LIST),
    Operation("create_on_demand_recording_export", "POST", f"{_PERSONAL}/export", body=JSON_TYPE),
    Operation("list_export_jobs", "GET", f"{_PERSONAL}/jobs", _JOBS),
    Operation("get_export_job", "GET", f"{_PERSONAL}/jobs/{{job_id}}"),
    Operation("list_recording_transcription_export_jobs", "GET", f"{_PERSONAL}/{_BOTH}/jobs", _JOBS),
    Operation("get_recording_transcription_export_job", "GET", f"{_PERSONAL}/{_BOTH}/jobs/{{job_id}}"),
    Operation("get_on_demand_recording", "GET", f"{_PERSONAL}/{{recording_id}}"),
    Operation("delete_on_demand_recording", "DELETE", f"{_PERSONAL}/{{recording_id}}"),
)
FILES = (
    Operation("download_recording", "GET", "/audio/recording/{recording_id}"),
    Operation("download_transcript", "GET", "/transcription/{recording_id}"),
    Operation("download_archive", "GET", "/bulkDownload/retrieve", _ARCHIVE),
    Operation("download_archive", "GET", f"/bulkDownload/{_BOTH}/retrieve", _ARCHIVE),
)
_LOGINS = (
    Operation("token", "POST", "/token", body=FORM_TYPE),
    Operation("authorize", "GET", "/authorize"),
)
OPERATION_IDS = frozenset(operation.id for operation in (*OPERATIONS, *FILES, *_LOGINS))


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
    for pattern, api_path, operations in _PATHS:
        parts = pattern.fullmatch(path)
        if parts:
            ids = {name: unquote(value) for name, value in parts.groupdict().items()}
            return Target(api_path, operations, ids)
    return None


def _paths() -> Iterator[tuple[re.Pattern[str], str, dict[str, Operation]]]:
    for api_path in (API_PATH, INDIA_PATH):
        served = [each for each in (*OPERATIONS, *FILES) if each.is_of_the_company or api_path == API_PATH]
        for template in dict.fromkeys(each.template for each in served):
            same = {each.method: each for each in served if each.template == template}
            # Both prefixes are in use: the page shows audio under one and transcripts under the other.
            yield _pattern(f"{api_path}{{version}}{template}"), api_path, same
    for each in _LOGINS:
        yield _pattern(each.template), "", {each.method: each}


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    return re.compile(pattern.replace("(?P<version>[^/]+)", "(?:/v1)?/api"))


_PATHS = tuple(_paths())
