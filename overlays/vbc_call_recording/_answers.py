"""From the generated models to what the overlay works with. Pure."""

from typing import Any, Protocol, TypeVar

from vbc_call_recording_generated.models import (
    ExportJobPage,
    Link,
    Recording,
    RecordingPage,
    TranscriptionPage,
)
from vbc_call_recording_generated.types import Response, Unset

from ._errors import InputError, MalformedResponseError
from ._filters import path_segment
from ._paging import PageReply

T = TypeVar("T")


class Model(Protocol):
    """What every generated model can do."""

    def to_dict(self) -> dict[str, Any]: ...


M = TypeVar("M", bound=Model)


def parsed(answer: Response[M], operation: str, method: str = "GET") -> M:
    """The model in an answer of success.

    Raises:
        MalformedResponseError: It has none of the documented properties, but others: somebody else answered,
            a gateway for example. Taken for an export's answer, that would be an export of nothing.
    """
    model = answer.parsed
    assert model is not None
    others = list(getattr(model, "additional_properties", ()))
    if others and not model.to_dict().keys() - others:
        raise MalformedResponseError(
            f"nothing in the answer is documented: {', '.join(sorted(others))[:100]}",
            operation=operation,
            method=method,
            status_code=answer.status_code,
        )
    return model


def recording_segment(recording: Recording | int | str) -> str:
    """A recording's id as a segment of a path, or InputError."""
    given = recording.id if isinstance(recording, Recording) else recording
    if isinstance(given, Unset):
        raise InputError("the recording has no id; accepted: one as the API returned it, or an id")
    return path_segment(given, "recording_id")


def page_reply(
    page: RecordingPage | TranscriptionPage | ExportJobPage, items: list[T] | Unset
) -> PageReply[T]:
    """What the paginator wants to know of a page."""
    links = page.hal_links
    return PageReply(
        items=items or [],
        embedded=not isinstance(items, Unset),
        page=page.page,
        page_size=page.page_size,
        total_items=page.total_items,
        total_pages=page.total_pages,
        first_url=_href(links.first) if links else None,
        prev_url=_href(links.prev) if links else None,
        self_url=_href(links.self_) if links else None,
        next_url=_href(links.next_) if links else None,
    )


def _href(link: Link | Unset) -> str | Unset | None:
    return link.href if link else None
