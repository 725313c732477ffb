"""From the generated models to what the overlay works with. Pure."""

from typing import TypeVar

from vbc_call_recording_generated.models import ExportJobPage, Link, RecordingPage, TranscriptionPage
from vbc_call_recording_generated.types import Response, Unset

from ._paging import PageReply

T = TypeVar("T")


def parsed(answer: Response[T]) -> T:
    """The model in an answer of success. There always is one: anything else has raised before."""
    assert answer.parsed is not None
    return answer.parsed


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
