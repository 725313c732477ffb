"""The ledger: entries are chained, a torn one is healed and told, and tampering is named by its entry."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from vbc_call_recording_archive.errors import LedgerError
from vbc_call_recording_archive.ledger import ORIGIN, Head, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Five entries."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for number in range(5):
        ledger.append("added", {"id": str(number)})
    return ledger


def lines(ledger: Ledger) -> list[bytes]:
    return ledger.path.read_bytes().splitlines(keepends=True)


def test_each_entry_carries_the_hash_of_the_one_before(ledger: Ledger) -> None:
    before = ORIGIN
    for number, line in enumerate(lines(ledger), start=1):
        fields = json.loads(line)
        assert (fields["seq"], fields["prev"], fields["what"]) == (number, before, "added")
        before = sha256(line.rstrip(b"\n")).hexdigest()


def test_entries_are_read_from_the_beginning_and_from_a_head(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    assert [(entry.seq, entry.data["id"]) for entry in entries] == [(n + 1, str(n)) for n in range(5)]
    assert list(ledger.entries(after=entries[2].head)) == entries[3:]
    assert list(Ledger(ledger.path.with_name("none")).entries()) == []


def test_another_process_goes_on_where_it_ended(ledger: Ledger) -> None:
    entry = Ledger(ledger.path).append("verified", {"paths": ["a"]})
    assert entry.seq == 6
    assert ledger.check(entry.head).first_bad is None


def test_several_entries_at_once_are_as_good_as_one_after_the_other(ledger: Ledger) -> None:
    entries = ledger.append_all([("added", {"id": "6"}), ("added", {"id": "7"})])
    assert [entry.seq for entry in entries] == [6, 7]
    assert ledger.append_all([]) == []
    assert ledger.check(entries[-1].head).entries == 7


@pytest.mark.parametrize("keep", [1, 10, -1])
def test_an_entry_that_a_kill_tore_is_taken_away_and_told(ledger: Ledger, keep: int) -> None:
    known = list(ledger.entries())[-1].head
    torn = b'{"seq":6,"at":"2026","what":"added"}\n'[:keep]
    with ledger.path.open("ab") as file:
        file.write(torn)
    other = Ledger(ledger.path)
    assert len(list(other.entries())) == 5
    other.heal(known)
    healed = list(other.entries())[-1]
    assert (healed.seq, healed.what) == (6, "healed")
    assert healed.data == {"bytes": len(torn), "torn": torn.decode()}
    assert other.check(healed.head).first_bad is None
    assert other.append("added", {}).seq == 7


def test_the_very_first_entry_may_be_torn(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.path.write_bytes(b'{"seq":1')
    assert ledger.append("added", {}).seq == 2
    assert [entry.what for entry in ledger.entries()] == ["healed", "added"]


def drop(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: lines[: number - 1] + lines[number:]


def change(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [
        line.replace(b'"id":"', b'"id":"9') if at == number else line
        for at, line in enumerate(lines, start=1)
    ]


def garble(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [b"{}\n" if at == number else line for at, line in enumerate(lines, start=1)]


def swap(number: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]]


@pytest.mark.parametrize(
    ("tamper", "first_bad"),
    [
        (change(1), 1),
        (change(3), 3),
        (change(5), 5),  # nothing follows it: the head that the catalogue keeps tells
        (drop(1), 1),
        (drop(3), 3),
        (drop(5), 5),
        (garble(2), 2),
        (swap(2), 2),
        (lambda lines: [], 1),
    ],
)
def test_the_first_entry_that_was_tampered_with_is_named(
    ledger: Ledger, tamper: Callable[[list[bytes]], list[bytes]], first_bad: int
) -> None:
    known = list(ledger.entries())[-1].head
    assert ledger.check(known).first_bad is None
    ledger.path.write_bytes(b"".join(tamper(lines(ledger))))
    found = ledger.check(known)
    assert (found.first_bad, found.entries) == (first_bad, first_bad - 1)
    assert found.reason


def test_what_was_cut_off_is_not_healed_away(ledger: Ledger) -> None:
    known = list(ledger.entries())[-1].head
    ledger.path.write_bytes(ledger.path.read_bytes()[:-20])
    with pytest.raises(LedgerError, match="entry 5 was written whole") as caught:
        Ledger(ledger.path).heal(known)
    assert caught.value.entry == 5
    assert len(lines(ledger)) == 5


def test_what_a_full_disk_took_in_part_is_healed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(lines: bytes) -> None:
        with ledger.path.open("ab") as file:
            file.write(lines[: len(lines) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(ledger, "_write", half)
        with pytest.raises(OSError, match="No space"):
            ledger.append("added", {"id": "6"})
    assert ledger.append("added", {"id": "7"}).seq == 7
    assert [entry.what for entry in ledger.entries()][-2:] == ["healed", "added"]
    assert ledger.check().first_bad is None


def test_a_ledger_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "none").check().entries == 0
    assert Ledger(tmp_path / "none").heal() == Head()
