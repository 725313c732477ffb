"""A verification: ledger, catalogue, files, the vendor's listing if asked for, manifests."""

import random
import secrets
import threading
from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack, nullcontext

from vbc_call_recording import CallRecordingClient, InputError

from ..archive import Archive
from ..errors import ArchiveError
from ..sync.quota import hearing
from ..sync.work import Stopped
from .check import Check, OnEvent
from .disk import check_strangers
from .elsewhere import check_papers_there, check_strangers_there, open_listings
from .files import FileCheck
from .findings import Event, VerifyResult
from .mending import Mender
from .papers import check_bag, check_catalogue, check_ledger, check_manifests
from .vendor import check_listing


def verify(
    archive: Archive,
    client: CallRecordingClient | None = None,
    *,
    sample: int | None = None,
    seed: int | None = None,
    listing: bool = False,
    repair: bool = False,
    on_event: OnEvent | None = None,
    stop: threading.Event | None = None,
) -> VerifyResult:
    """Compare an archive with what it should be. In constant memory, one file after the other.

    Args:
        archive: Open for writing if it is to be repaired or compared with the listing. Then it is also kept
            when which file was verified.
        client: Logged in to the archive's account, for `listing` and `repair`.
        sample: Read only so many files, drawn at random. Of the others, existence and size are looked at.
        seed: What to draw with; None takes another one each time. The result tells it.
        listing: Compare with the vendor's listing, too. It is asked for all the time that windows cover.
        repair: Fetch again what is missing or broken, and put catalogue and manifests right. What is broken
            is kept in `set-aside/`, and stays where it is until its successor is proven.
        on_event: Called with each finding, and with `Checked` after each file.
        stop: Set it to end the verification at the next file.

    Raises:
        ApiError: The listing cannot be had.
        ArchiveError: The archive is open for reading only, and more is asked for.
        DestinationError: The disk is full, or cannot be written.
        InputError: An argument is not valid.
    """
    _require(archive, client, sample, listing=listing, repair=repair)
    check = Check(archive, on_event or _ignore, stop or threading.Event(), repair)
    client = client and hearing(client, check.tell)
    with _recorded(check) as results:
        result = _run(check, client, sample, seed, listing=listing)
        results.append(result.result)
    return result


def _recorded(check: Check) -> AbstractContextManager[list[str]]:
    """The catalogue keeps the run, if it can be written."""
    if not check.archive.writable:
        return nullcontext([])
    return check.archive.catalogue.recorded(
        "verify", lambda: {"troubles": check.troubles, "repaired": check.repaired}
    )


def _run(
    check: Check, client: CallRecordingClient | None, sample: int | None, seed: int | None, *, listing: bool
) -> VerifyResult:
    files = read = size = 0
    stopped = False
    try:
        if check_ledger(check):
            check_catalogue(check)
        files, _ = check.archive.catalogue.payload()
        chosen, seed = _drawn(files, sample, seed)
        mender = None if client is None else Mender(check.archive, client)
        read, size = _check_files(check, chosen, mender)
        if listing and client is not None:
            for source in check.archive.config.sources:
                check_listing(check, client, source)
        check_manifests(check)
        check_bag(check)
        for destination in check.archive.places.others:
            if destination.name not in check.given_up:
                check_papers_there(check, destination)
    except Stopped:
        stopped = True
    is_fine = check.troubles == check.repaired
    return VerifyResult(
        result="stopped" if stopped else "ok" if is_fine else "incomplete",
        files=files,
        read=read,
        bytes=size,
        not_read=files - read,
        seed=seed,
        signs=dict(check.signs),
        troubles=check.troubles,
        repaired=check.repaired,
        doubts=check.doubts,
    )


def _check_files(check: Check, chosen: Collection[int] | None, mender: Mender | None) -> tuple[int, int]:
    """How many files were read, and how many bytes."""
    with ExitStack() as held:
        listings = open_listings(check, held)
        walked = FileCheck(check, listings, chosen, mender)
        walked.run()
        if check.archive.places.has_local:
            check_strangers(check)
        for each in listings:
            check_strangers_there(check, each)
    return walked.read, walked.bytes


def _drawn(files: int, sample: int | None, seed: int | None) -> tuple[Collection[int] | None, int | None]:
    """Which files to read, by their place, and what they were drawn with; None for all."""
    if sample is None or sample >= files:
        return None, None
    seed = secrets.randbelow(10**6) if seed is None else seed
    return frozenset(random.Random(seed).sample(range(files), sample)), seed  # noqa: S311 - nobody guesses


def _require(
    archive: Archive, client: CallRecordingClient | None, sample: int | None, *, listing: bool, repair: bool
) -> None:
    if sample is not None and sample < 1:
        raise InputError(f"sample is {sample!r}; accepted: 1 or more")
    if (listing or repair) and client is None:
        raise InputError("client is None; accepted: a client, where there is a listing or a repair")
    if (listing or repair) and not archive.writable:
        raise ArchiveError("the archive is open for reading; accepted: Archive(…, writable=True)")


def _ignore(event: Event) -> None:
    """Nobody wants to know."""
