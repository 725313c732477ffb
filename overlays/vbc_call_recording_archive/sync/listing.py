"""Walking a listing into the catalogue, in a way that shows whether it was complete."""

from collections.abc import Sequence
from contextlib import closing

from attrs import frozen

from vbc_call_recording import (
    IncompleteListingError,
    ListingOutcome,
    MalformedResponseError,
    Paginator,
    Recording,
    Unset,
)

from ..catalogue.fields import start_of
from ..instants import to_text
from .events import ListingProgress, Trouble
from .owner import require_owner
from .plan import PAGE
from .reuse import make_room
from .work import Work


@frozen
class Listed:
    """How a listing went.

    Attributes:
        number: Its number in the catalogue.
        complete: Whether everything came, None if that cannot be known.
        doubt: Why it is not True.
        received: How many distinct ones came.
    """

    number: int
    complete: bool | None
    doubt: str
    received: int


def list_stretch(work: Work, source: str, start: str, end: str, expected: int) -> Listed:
    """List what started from `start` to `end`, that second included, and catalogue it.

    One page is one answer, in which nothing can be missed. Several pages are walked in the way that no
    recording is lost in while others arrive and are deleted (`stable=True`), which takes a few requests more.

    Args:
        expected: How many recordings there may be: tells which way to begin with.

    Raises:
        ApiError: The server cannot be reached or refused. What came before that is catalogued.
    """
    stable = expected > PAGE
    listed = _walk(work, source, start, end, stable=stable)
    if not stable and listed.received > PAGE:
        listed = _walk(work, source, start, end, stable=True)
    return listed


def take_page(work: Work, source: str, known: Sequence[Recording], number: int, start: str) -> None:
    """Catalogue recordings that a listing names. Each must have an id.

    Args:
        number: The listing's number in the catalogue.
        start: From when on it lists.

    Raises:
        ArchiveError: They are of another account. Nothing of them was kept.
    """
    require_owner(work.archive, known)
    make_room(work, source, known)
    work.archive.catalogue.see(source, known, number, start)


def _walk(work: Work, source: str, start: str, end: str, *, stable: bool) -> Listed:
    try:
        return _walk_once(work, source, work.list(source, start, end, stable=stable), start, end)
    except MalformedResponseError as error:
        if not stable:
            raise
        # A server that cannot sort: page by page, it may still tell everything.
        work.tell(Trouble(source, f"not listed in order of start: {error.args[0]}"))
        return _walk_once(work, source, work.list(source, start, end, stable=False), start, end)


def is_stray(recording: Recording, start: str, end: str) -> bool:
    """Whether a server that takes the filter for another time, or for none, may have left others out."""
    told = start_of(recording)
    return told is not None and not start <= to_text(told) <= end


def _walk_once(work: Work, source: str, paginator: Paginator[Recording], start: str, end: str) -> Listed:
    nameless, strays, received = 0, 0, 0
    number = work.archive.catalogue.next_listing()
    try:
        with closing(paginator.pages()) as pages:
            for page in pages:
                work.checkpoint()
                known = [recording for recording in page if not isinstance(recording.id, Unset)]
                take_page(work, source, known, number, start)
                nameless += len(page) - len(known)
                strays += sum(is_stray(recording, start, end) for recording in known)
                received += len(page)
                work.tell(ListingProgress(source, received, paginator.total_items))
    except IncompleteListingError:
        pass  # the outcome says so
    outcome = paginator.outcome or ListingOutcome(None, "it was not walked to its end", received, None)
    complete, doubt = outcome.complete, outcome.reason
    if nameless:
        complete, doubt = False, f"{nameless} recordings came without an id"
    if strays:
        work.strays[source] = f"{strays} recordings are of another time than was asked for"
    if source in work.strays:
        complete, doubt = False, work.strays[source]
    return Listed(number, complete, doubt and f"the listing: {doubt}", outcome.received)
