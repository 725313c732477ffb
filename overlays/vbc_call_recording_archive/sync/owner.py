"""Whose recordings these are. Every login calls its account `self`; only the links tell its number."""

import re
from collections.abc import Iterable
from typing import Any

from vbc_call_recording import Recording

from ..archive import Archive
from ..errors import ArchiveError

_ACCOUNT = re.compile(r"/accounts/(\d+)/")
_NOTE = "vendor account"


def require_owner(archive: Archive, recordings: Iterable[Recording]) -> None:
    """Refuse recordings of another account than those that are here. The first ones say whose these are.

    Raises:
        ArchiveError: They are of another account. Nothing of them was kept.
    """
    told = {found for recording in recordings if (found := _account(recording))}
    known = archive.catalogue.meta(_NOTE)
    if not known and len(told) == 1:
        archive.note("account", number=told.pop())
    elif known and told and known not in told:
        raise ArchiveError(
            f"the archive holds recordings of account {known}, and these are of account {min(told)}; "
            "accepted: a folder for each account"
        )


def _account(recording: Recording) -> str:
    links: dict[str, Any] = recording.to_dict().get("_links") or {}
    found = _ACCOUNT.search(str(links.get("self") or ""))
    return found[1] if found else ""
