"""What an entry of the ledger changes in the catalogue. The same entry twice changes it once.

The ledger is written first. So a catalogue that a kill or a power cut left behind takes up what it lacks from
there, and one that was lost is made anew: the fields of its recordings come with the next listing.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from ..destinations import LOCAL
from ..ledger import Entry, Head
from .fields import COLUMNS

_FACTS = ", ".join(column for column in COLUMNS if column != "start")


def apply(connection: sqlite3.Connection, entry: Entry) -> None:
    """Make the catalogue know of the entry. Belongs into a transaction."""
    affect(connection, entry.what, entry.data, entry.at)
    save_head(connection, entry.head)


def affect(connection: sqlite3.Connection, what: str, data: Mapping[str, Any], at: str) -> None:
    """Change what such an event changes."""
    effect = _EFFECTS.get(what)
    if effect is not None:
        effect(connection, data, at)


def save_head(connection: sqlite3.Connection, head: Head) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('ledger', ?)", [f"{head.seq} {head.size} {head.hash}"]
    )


def load_head(connection: sqlite3.Connection) -> Head:
    found = connection.execute("SELECT value FROM meta WHERE name = 'ledger'").fetchone()
    if found is None:
        return Head()
    seq, size, digest = str(found[0]).split()
    return Head(int(seq), int(size), digest)


def _added(connection: sqlite3.Connection, data: Mapping[str, Any], at: str) -> None:
    connection.execute(
        "INSERT INTO recordings (source, id, start, first_seen, last_seen) VALUES (?, ?, ?, ?, ?) "
        # While no listing has told of it, the ledger knows best: the id may have been another recording's.
        "ON CONFLICT (source, id) DO UPDATE SET start = excluded.start WHERE recordings.wire = '{}'",
        [data["source"], data["id"], data["start"], at, at],
    )
    connection.execute("DELETE FROM files WHERE path = ?", [data["path"]])
    connection.execute(
        "INSERT INTO files (path, recording, kind, size, sha256, how, added_at, verified_at, verified_how, "
        "held) SELECT ?, key, ?, ?, ?, ?, ?, ?, 'fetched', ? FROM recordings WHERE source = ? AND id = ? "
        "ON CONFLICT (recording, kind) DO UPDATE SET path = excluded.path, size = excluded.size, "
        "sha256 = excluded.sha256, how = excluded.how, added_at = excluded.added_at, "
        "verified_at = excluded.verified_at, verified_how = excluded.verified_how, held = excluded.held",
        [
            *(data[name] for name in ("path", "kind", "size", "sha256", "how")),
            at,
            at,
            " ".join(sorted(data.get("held", [LOCAL]))),
            data["source"],
            data["id"],
        ],
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('bag', 'stale')")


def _verified(connection: sqlite3.Connection, data: Mapping[str, Any], at: str) -> None:
    connection.executemany(
        "UPDATE files SET verified_at = ?, verified_how = ? WHERE path = ?",
        ((at, data["how"], path) for path in data["paths"]),
    )


def _deleted(connection: sqlite3.Connection, data: Mapping[str, Any], at: str) -> None:
    connection.execute(
        "UPDATE recordings SET deleted_at = ? WHERE source = ? AND id = ?", [at, data["source"], data["id"]]
    )


def _copied(connection: sqlite3.Connection, data: Mapping[str, Any], _: str) -> None:
    for path in data["paths"]:
        _hold(connection, path, _held(connection, path) | {data["destination"]})


def _gone(connection: sqlite3.Connection, data: Mapping[str, Any], _: str) -> None:
    left = _held(connection, data["path"]) - {data.get("destination", LOCAL)}
    if left:
        _hold(connection, data["path"], left)
        return
    connection.execute("DELETE FROM files WHERE path = ?", [data["path"]])
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('bag', 'stale')")


def _held(connection: sqlite3.Connection, path: str) -> set[str]:
    found = connection.execute("SELECT held FROM files WHERE path = ?", [path]).fetchone()
    return set(str(found[0]).split()) if found else set()


def _hold(connection: sqlite3.Connection, path: str, names: set[str]) -> None:
    connection.execute("UPDATE files SET held = ? WHERE path = ?", [" ".join(sorted(names)), path])


def _superseded(connection: sqlite3.Connection, data: Mapping[str, Any], at: str) -> None:
    """The vendor gave the id to another recording: what is known of the first one gets its own name."""
    names = {"source": data["source"], "id": data["id"], "to": data["to"], "at": at}
    connection.execute(
        "INSERT INTO recordings (source, id, vanished_at, deleted_at, start, first_seen, last_seen, "
        f"{_FACTS}) SELECT source, :to, :at, deleted_at, start, first_seen, last_seen, {_FACTS} "
        "FROM recordings WHERE source = :source AND id = :id ON CONFLICT (source, id) DO NOTHING",
        names,
    )
    key = "(SELECT key FROM recordings WHERE source = :source AND id = :{})".format
    for table in ("files", "transcripts"):
        connection.execute(f"DELETE FROM {table} WHERE recording = {key('to')}", names)
        connection.execute(f"UPDATE {table} SET recording = {key('to')} WHERE recording = {key('id')}", names)
    connection.execute(
        f"UPDATE documents SET transcript = (SELECT transcript FROM documents WHERE key = {key('id')}) "
        f"WHERE key = {key('to')} AND transcript = ''",
        names,
    )
    connection.execute(f"UPDATE documents SET transcript = '' WHERE key = {key('id')}", names)
    connection.execute("UPDATE recordings SET deleted_at = '' WHERE source = :source AND id = :id", names)


def _account(connection: sqlite3.Connection, data: Mapping[str, Any], _: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('vendor account', ?)", [data["number"]])


_EFFECTS: Mapping[str, Callable[[sqlite3.Connection, Mapping[str, Any], str], None]] = {
    "added": _added,
    "copied": _copied,
    "verified": _verified,
    "deleted": _deleted,
    "set_aside": _gone,
    "lost": _gone,
    "superseded": _superseded,
    "account": _account,
}
