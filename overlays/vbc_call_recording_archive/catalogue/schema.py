"""The catalogue's schema, as the steps that lead from each version to the next. Steps are never changed.

Instants are UTC text as `2026-11-24T10:00:00Z`, empty where something has not happened. Columns are NULL only
where the API gave no number. A source is `company`, or `user:<id>` for on-demand recordings.
"""

MIGRATIONS: tuple[str, ...] = (
    # From nothing to version 1.
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

    CREATE TABLE recordings (
        key INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        start TEXT NOT NULL,              -- where the API gave none: that of the window it was listed for
        "end" TEXT NOT NULL DEFAULT '',
        direction TEXT NOT NULL DEFAULT '',
        caller_id TEXT NOT NULL DEFAULT '',
        cnam TEXT NOT NULL DEFAULT '',
        dnis TEXT NOT NULL DEFAULT '',
        call_id TEXT NOT NULL DEFAULT '',
        duration INTEGER,                 -- milliseconds
        extensions TEXT NOT NULL DEFAULT '',   -- with a space before, between and behind them
        file_name TEXT NOT NULL DEFAULT '',
        promised_size INTEGER,            -- bytes, by the listing
        wire TEXT NOT NULL DEFAULT '{}',  -- all that the API said of it, as JSON
        first_seen TEXT NOT NULL DEFAULT '',
        last_seen TEXT NOT NULL DEFAULT '',
        listing INTEGER NOT NULL DEFAULT 0,    -- number of the last listing that named it
        vanished_at TEXT NOT NULL DEFAULT '',  -- when a complete listing no longer named it
        deleted_at TEXT NOT NULL DEFAULT '',   -- when this archive deleted it at the vendor
        UNIQUE (source, id)
    );
    CREATE INDEX recordings_by_start ON recordings (source, start);
    CREATE INDEX recordings_by_time ON recordings (start);
    CREATE INDEX recordings_by_id ON recordings (id);
    CREATE INDEX recordings_by_caller ON recordings (caller_id);
    CREATE INDEX recordings_by_call ON recordings (call_id);

    CREATE TABLE files (
        path TEXT PRIMARY KEY,            -- relative to the archive, with slashes
        recording INTEGER NOT NULL REFERENCES recordings (key),
        kind TEXT NOT NULL CHECK (kind IN ('audio', 'transcript', 'metadata')),
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        how TEXT NOT NULL,                -- how it came: single, export, adopted, …
        added_at TEXT NOT NULL,
        verified_at TEXT NOT NULL,
        verified_how TEXT NOT NULL,
        UNIQUE (recording, kind)
    );
    CREATE INDEX files_by_verification ON files (verified_at);

    CREATE TABLE transcripts (
        recording INTEGER PRIMARY KEY REFERENCES recordings (key),
        state TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'failed')),
        reason TEXT NOT NULL DEFAULT '',
        asked_at TEXT NOT NULL,
        wire TEXT NOT NULL DEFAULT '{}'
    );
    CREATE INDEX transcripts_pending ON transcripts (state) WHERE state = 'pending';

    CREATE TABLE documents (
        key INTEGER PRIMARY KEY REFERENCES recordings (key),
        names TEXT NOT NULL DEFAULT '',
        transcript TEXT NOT NULL DEFAULT ''
    );
    CREATE VIRTUAL TABLE search USING fts5 (
        names, transcript, content = 'documents', content_rowid = 'key',
        tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
        INSERT INTO search (rowid, names, transcript) VALUES (new.key, new.names, new.transcript);
    END;
    CREATE TRIGGER documents_changed AFTER UPDATE ON documents BEGIN
        INSERT INTO search (search, rowid, names, transcript)
            VALUES ('delete', old.key, old.names, old.transcript);
        INSERT INTO search (rowid, names, transcript) VALUES (new.key, new.names, new.transcript);
    END;
    CREATE TRIGGER recordings_added AFTER INSERT ON recordings BEGIN
        INSERT INTO documents (key, names) VALUES (
            new.key, new.cnam || ' ' || new.caller_id || ' ' || new.dnis || ' ' || new.file_name
        );
    END;
    CREATE TRIGGER recordings_renamed AFTER UPDATE ON recordings
    WHEN (old.cnam, old.caller_id, old.dnis, old.file_name)
        IS NOT (new.cnam, new.caller_id, new.dnis, new.file_name)
    BEGIN
        UPDATE documents SET names =
            new.cnam || ' ' || new.caller_id || ' ' || new.dnis || ' ' || new.file_name
            WHERE key = new.key;
    END;

    CREATE TABLE windows (
        source TEXT NOT NULL,
        start TEXT NOT NULL,
        "end" TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'incomplete', 'complete', 'proven')),
        promised INTEGER,                 -- recordings, by the server; NULL if it did not say
        listed INTEGER NOT NULL,          -- distinct recordings that came
        on_disk INTEGER NOT NULL,         -- of those, with a file that is hashed
        pending INTEGER NOT NULL,         -- transcripts still in the making
        reason TEXT NOT NULL,             -- why it is not proven
        checked_at TEXT NOT NULL,
        PRIMARY KEY (source, start, "end")
    );

    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        command TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL DEFAULT '',
        result TEXT NOT NULL DEFAULT 'running',   -- ok, incomplete, stopped, failed
        counts TEXT NOT NULL DEFAULT '{}'         -- JSON
    );
    """,
    # To version 2: files may be at several destinations.
    """
    ALTER TABLE files ADD COLUMN held TEXT NOT NULL DEFAULT 'local';  -- names of destinations, with spaces
    CREATE INDEX files_by_held ON files (held);

    CREATE TABLE papers (                 -- manifests and the ledger, as destinations have them
        destination TEXT NOT NULL,
        path TEXT NOT NULL,
        stamp TEXT NOT NULL,              -- size and time of the file that was copied there
        PRIMARY KEY (destination, path)
    ) WITHOUT ROWID;
    """,
)
