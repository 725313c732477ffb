"""The ledger: what was added, verified and deleted, in the order it happened. Entries are never changed.

One entry a line, as JSON. `prev` is the SHA-256 of the line before it, without its line end, so that nobody
can change an entry without changing every later one:

    {"seq":2,"at":"2026-11-24T10:00:00Z","what":"added","prev":"9f86…","source":"company","id":"193228",…}

The last entry has no later one. So the catalogue keeps the ledger's head (number, length and hash), and
`check` holds the file against it. An entry is on the disk when `append` returns. A kill may leave the
beginning of an entry behind, with no line end: the next writer takes it away, and says so, with what was
there, in an entry `healed`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from .custody import sync, sync_folder
from .errors import LedgerError
from .instants import now, to_text

ORIGIN = "0" * 64
"""What `prev` is in the first entry."""

_LONGEST_TAIL = 1024 * 1024  # bytes looked through for the last line; an entry has some hundred


@frozen
class Head:
    """Where a ledger has got.

    Attributes:
        seq: Number of the last entry, 0 if there is none.
        size: Bytes up to and with its line end.
        hash: SHA-256 of its line.
    """

    seq: int = 0
    size: int = 0
    hash: str = ORIGIN


@frozen
class Entry:
    """One entry.

    Attributes:
        seq: Its number, counted from 1.
        at: When it was written, as `instants.to_text` has it.
        what: What happened: `created`, `added`, `verified`, `deleted`, `set_aside`, `healed`, …
        data: The rest of it.
        head: The ledger's head after it.
    """

    seq: int
    at: str
    what: str
    data: Mapping[str, Any]
    head: Head


@frozen
class LedgerCheck:
    """What `check` found.

    Attributes:
        entries: How many entries were read and are as they were written.
        first_bad: Number of the first entry that is not, None if all are.
        reason: What is wrong with it; empty if nothing is.
    """

    entries: int
    first_bad: int | None = None
    reason: str = ""


class Ledger:
    """The ledger in a file, which need not exist. One process at a time may append: see to that elsewhere."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._head: Head | None = None

    def append(self, what: str, data: Mapping[str, Any]) -> Entry:
        """Write an entry to the disk and give it. `data` is anything that JSON can hold."""
        return self.append_all([(what, data)])[0]

    def append_all(self, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Write several entries at once, which costs the disk no more than one."""
        head, written, lines = self._head or self.heal(), list[Entry](), list[bytes]()
        at = to_text(now())
        for what, data in entries:
            fields = {"seq": head.seq + 1, "at": at, "what": what, "prev": head.hash, **data}
            line = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()
            head = Head(head.seq + 1, head.size + len(line) + 1, sha256(line).hexdigest())
            lines.append(line + b"\n")
            written.append(Entry(head.seq, at, what, data, head))
        if lines:
            self._head = None  # until it is there whole: what a full disk takes in part is healed
            self._write(b"".join(lines))
        self._head = head
        return written

    def heal(self, known: Head | None = None) -> Head:
        """Take away the beginning of an entry that a kill left behind, with an entry that says so.

        Args:
            known: The head that the catalogue keeps. What it knows was written whole.

        Raises:
            LedgerError: The file is shorter than that: something else than a kill was at work.
        """
        size = self.path.stat().st_size if self.path.exists() else 0
        head, torn = self._last(size)
        if known is not None and head.size < known.size:
            raise LedgerError(
                f"{self.path} ends after entry {head.seq}, and entry {known.seq} was written whole; "
                "it is not the ledger that this archive wrote: restore it from a backup",
                entry=head.seq + 1,
            )
        if known is not None and head.seq == known.seq and head != known:
            raise LedgerError(f"{self.path}: entry {head.seq} is not as it was written", entry=head.seq)
        self._head = head
        if torn:
            with self.path.open("r+b") as file:
                file.truncate(head.size)
            text = torn.decode("utf-8", "replace")
            self.append("healed", {"bytes": len(torn), "torn": text[:1000]})
        return self._head

    def entries(self, after: Head | None = None) -> Iterator[Entry]:
        """The entries behind a head, or all, in order, each held against the one before.

        Raises:
            LedgerError: An entry is not as it was written. It carries its number.
        """
        head = after or Head()
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(head.size)
            for raw in file:
                if not raw.endswith(b"\n"):
                    return  # the beginning of one, which `heal` is for
                entry = _read(raw[:-1], head, self.path)
                head = entry.head
                yield entry

    def check(self, known: Head | None = None) -> LedgerCheck:
        """Read all of it and say which entry was tampered with first, if any was.

        Args:
            known: The head that the catalogue keeps.
        """
        head, known_is_passed = Head(), known is None or known.seq == 0
        try:
            for entry in self.entries():
                head = entry.head
                if known is not None and head.seq == known.seq:
                    if head != known:
                        return LedgerCheck(head.seq - 1, head.seq, "it is not what the catalogue knows of it")
                    known_is_passed = True
        except LedgerError as error:
            return LedgerCheck(error.entry - 1, error.entry, str(error))
        if not known_is_passed and known is not None:
            return LedgerCheck(head.seq, head.seq + 1, f"it is missing; there were {known.seq} entries")
        return LedgerCheck(head.seq)

    def _last(self, size: int) -> tuple[Head, bytes]:
        """The head, and what is behind the last line end."""
        if not size:
            return Head(), b""
        with self.path.open("rb") as file:
            file.seek(max(0, size - _LONGEST_TAIL))
            tail = file.read()
        whole, end, torn = tail.rpartition(b"\n")
        if not end:
            return Head(), torn
        line = whole.rpartition(b"\n")[2]
        return Head(_number(line), size - len(torn), sha256(line).hexdigest()), torn

    def _write(self, lines: bytes) -> None:
        is_new = not self.path.exists()
        with self.path.open("ab") as file:
            file.write(lines)
            file.flush()
            sync(file.fileno())
        if is_new:
            sync_folder(self.path.parent)


def _number(line: bytes) -> int:
    try:
        return int(json.loads(line)["seq"])
    except (ValueError, LookupError, TypeError):
        raise LedgerError("the last entry of the ledger cannot be read", entry=0) from None


def _read(line: bytes, before: Head, path: Path) -> Entry:
    """The entry on a line, held against the head before it."""
    seq = before.seq + 1
    try:
        fields = cast(dict[str, Any], json.loads(line))
        found = fields.pop("seq"), fields.pop("prev")
        at, what = str(fields.pop("at")), str(fields.pop("what"))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise LedgerError(f"{path}: entry {seq} cannot be read", entry=seq) from None
    if found != (seq, before.hash):
        # It does not follow from the line before: that one was changed, or this one put in its place.
        culprit = max(1, before.seq) if found[0] == seq else seq
        raise LedgerError(f"{path}: entry {culprit} is not as it was written", entry=culprit)
    head = Head(seq, before.size + len(line) + 1, sha256(line).hexdigest())
    return Entry(seq, at, what, fields, head)
