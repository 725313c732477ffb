# Written by scripts/mirror from overlays/vbc_call_recording/_async/operations.py.
# Change that file and run `make generate`.
"""The verbs of recordings, once for those of the company and those made on demand.

A table says which generated function does what. The resource classes add signatures and documentation.
"""

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from vbc_call_recording_generated.api.company_recordings import (
    delete_company_recording,
    get_company_recording,
    list_company_recordings,
)
from vbc_call_recording_generated.api.on_demand_recordings import (
    delete_on_demand_recording,
    get_on_demand_recording,
    list_on_demand_recordings,
)
from vbc_call_recording_generated.models import Recording
from vbc_call_recording_generated.types import UNSET, Response

from .._checks import recording_segment
from .._exports.ticket import ExportKind, ExportScope
from .._files.sources import DownloadResult, recording_source
from .._files.targets import Target, require_target
from .._http.outcomes import parsed, require_identity
from .._listing.filters import ListFilters
from .._listing.pages import Listing, PageReply, PageRequest, page_reply
from .._options import ListOptions, split
from .batch import download_many
from .download import download_file
from .export import Export, start_export
from .paginator import Paginator
from .session import Session


class Call(Protocol):
    """A generated function: path parameters in order, then the client and the rest by name."""

    def __call__(self, *path: Any, **arguments: Any) -> Response[Any]: ...


@frozen
class Operations:
    """The generated functions for one sort of recordings."""

    scope: ExportScope
    list_page: Call
    get: Call
    delete: Call


COMPANY = Operations(
    scope="company",
    list_page=list_company_recordings.sync_detailed,
    get=get_company_recording.sync_detailed,
    delete=delete_company_recording.sync_detailed,
)
ON_DEMAND = Operations(
    scope="on_demand",
    list_page=list_on_demand_recordings.sync_detailed,
    get=get_on_demand_recording.sync_detailed,
    delete=delete_on_demand_recording.sync_detailed,
)


class RecordingVerbs:
    """What can be done with the recordings of the company, or with those of one user."""

    def __init__(self, session: Session, operations: Operations, user: str | None = None) -> None:
        self._session = session
        self._operations = operations
        self._user = user
        self._path = (session.account_id,) if user is None else (session.account_id, user)

    def list(self, options: Mapping[str, Any]) -> Paginator[Recording]:
        def fetch(request: PageRequest) -> PageReply[Recording]:
            answer = self._operations.list_page(*self._path, client=self._session.api, **request.arguments)
            page = parsed(answer)
            return page_reply(page, page.hal_embedded.recordings if page.hal_embedded else UNSET)

        filters, paging = split(options, ListOptions)
        listing: Listing[Recording] = Listing(
            operation=operation_id(self._operations.list_page),
            scope={"account_id": self._session.account_id}
            | ({} if self._user is None else {"user_id": self._user}),
            allowed=ListFilters,
            key=lambda recording: recording.id,
            instant=lambda recording: recording.start,
        )
        return Paginator(fetch, listing, filters, **paging)

    def get(self, recording: Recording | int | str) -> Recording:
        segment = recording_segment(recording)
        answer = self._operations.get(*self._path, segment, client=self._session.api)
        found: Recording = parsed(answer)
        require_identity(found.id, segment, answer)
        return found

    def delete(self, recording: Recording | int | str) -> None:
        self._operations.delete(*self._path, recording_segment(recording), client=self._session.api)

    def export(self, filters: Mapping[str, Any], kind: ExportKind = "recordings") -> Export:
        return start_export(
            self._session, filters, scope=self._operations.scope, kind=kind, user_id=self._user or "self"
        )

    def download(
        self, recording: Recording | int | str, to: Target, options: Mapping[str, Any]
    ) -> DownloadResult:
        require_target(to)
        if not isinstance(recording, Recording) or not recording.download_url:
            recording = self.get(recording)
        source = recording_source(recording, self._operations.scope)
        return download_file(self._session, source, to, **options)

    def download_many(
        self,
        recordings: Iterable[Recording | int | str] | Iterable[Recording | int | str],
        directory: Path | str,
        options: Mapping[str, Any],
    ) -> Generator[DownloadResult]:
        return download_many(
            self._session, recordings, directory, scope=self._operations.scope, get=self.get, **options
        )


def operation_id(call: Call) -> str:
    """The operationId in openapi.yaml: generated modules are named by it."""
    return call.__module__.rpartition(".")[2]
