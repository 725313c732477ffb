"""Opening the database: where it may be, what version it has, and how it is brought to ours."""

import os
import re
import sqlite3
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import CatalogueError
from .schema import MIGRATIONS

SCHEMA_VERSION = len(MIGRATIONS)
_PATIENCE = 30.0  # seconds that a reader's checkpoint may keep the writer waiting, or the other way round
_ON_THE_NETWORK = re.compile(
    r"(nfs4?|cifs|smb3|smbfs|afs|9p|ceph|glusterfs|lustre|gpfs|beegfs|davfs|virtiofs|vboxsf"
    r"|fuse\.(sshfs|s3fs|rclone|glusterfs|davfs2|gcsfuse))"
)


def open_database(path: Path, *, writable: bool) -> sqlite3.Connection:
    """Open the catalogue; made, and brought to our version, if it is to be written.

    Raises:
        CatalogueError: It is on a network file system, of a later version, or cannot be opened.
    """
    try:
        return _opened(path, writable=writable)
    except sqlite3.Error as error:
        raise CatalogueError(f"the catalogue {path} cannot be opened: {error}") from error


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The kind of network file system that a path is on, None if it is on another kind.

    Args:
        path: Absolute, links resolved.
        mounts: Text as in `/proc/mounts`.
    """
    best, kind = Path(), ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        # The later of two mounts at one place hides the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, fields[2]
    return kind if _ON_THE_NETWORK.fullmatch(kind) else None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """All of the block, or nothing. Blocks inside it belong to it."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _opened(path: Path, *, writable: bool) -> sqlite3.Connection:
    if not writable:
        connection = _readable(path)
    else:
        _refuse_network(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if writable:
            # The ledger is synced first, and what the catalogue lacks is taken from there: see `Archive`.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _bring_up_to_date(connection, path, writable=writable)
    except BaseException:
        connection.close()
        raise
    return connection


def _readable(path: Path) -> sqlite3.Connection:
    """Readers write, too: into the `-shm` beside it. That fails on a full disk and on a read-only one.

    There, the database is taken for one that nobody changes, if its last writer left nothing in the `-wal`.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").close()
    except sqlite3.OperationalError:
        connection.close()
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    with closing(connection.execute("PRAGMA user_version")) as cursor:
        version = int(cursor.fetchone()[0])
    if version > SCHEMA_VERSION:
        raise CatalogueError(
            f"the catalogue {path} has version {version}; accepted: up to {SCHEMA_VERSION}. "
            "A later release of vbc-call-recording wrote it: use that"
        )
    if version < SCHEMA_VERSION and not writable:
        raise CatalogueError(
            f"the catalogue {path} has version {version}, and this release needs {SCHEMA_VERSION}: "
            "any command that writes, as sync, brings it there"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _refuse_network(path: Path) -> None:
    if not sys.platform.startswith("linux"):
        return  # nothing tells here
    try:
        mounts = Path("/proc/mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return
    kind = network_filesystem(Path(os.path.realpath(path)), mounts)
    if kind is not None:
        raise CatalogueError(
            f"{path} is on a network file system ({kind}), where SQLite may lose data; accepted: a local "
            'path, with `catalogue = "…"` in archive.toml or --catalogue. The recordings may stay there'
        )
