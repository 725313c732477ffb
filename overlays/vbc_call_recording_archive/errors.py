"""What an archive raises on purpose, beside the errors of the client.

    CallRecordingError (of the client)
    └── ArchiveError                the archive cannot be used, or not like this
        ├── ArchiveBusyError        another process is writing it
        ├── NoSpaceError            the disk has less space than is to be left free
        ├── NoDestinationError          no destination takes files any more
        ├── CatalogueError          the database cannot be used where it is, or is of a later version
        └── LedgerError             the ledger was changed by somebody else, carries `entry`

Settings that are not valid are the client's `ConfigurationError`; arguments of calls its `InputError`.
"""

from vbc_call_recording import CallRecordingError


class ArchiveError(CallRecordingError):
    """The archive cannot be used, or not like this. The message says what to do."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing the archive. Reading it is possible all the while."""


class NoSpaceError(ArchiveError):
    """The disk has less space than is to be left free. Nothing was begun."""


class NoDestinationError(ArchiveError):
    """No destination takes files any more. What was fetched stays in `.incoming`, for the next run."""


class CatalogueError(ArchiveError):
    """The catalogue cannot be opened: its file system, its version, or what is in it."""


class LedgerError(ArchiveError):
    """The ledger is not as it was written.

    Attributes:
        entry: Number of the first entry that is wrong, counted from 1.
    """

    entry: int = 0
