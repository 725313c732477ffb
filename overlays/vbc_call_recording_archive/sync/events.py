"""What `sync` tells while it works: plain values, for a command line or a log to show."""

from attrs import frozen

from ..catalogue import StoredWindow


@frozen
class PlanMade:
    """The windows of a source that are due, by name. `only_transcripts` are looked at for those only."""

    source: str
    windows: tuple[str, ...]
    only_transcripts: tuple[str, ...] = ()


@frozen
class StretchBegan:
    """Windows that follow each other are listed together: from `start` to just before `end`, in UTC."""

    source: str
    windows: tuple[str, ...]
    start: str
    end: str


@frozen
class ListingProgress:
    """So many recordings were listed, of so many in all, None while that is not known."""

    source: str
    received: int
    expected: int | None


@frozen
class FetchBegan:
    """So many recordings are not here and will be fetched, of so many bytes as far as the listing says.

    Attributes:
        how: `single`, or `export`.
    """

    source: str
    recordings: int
    bytes: int
    how: str


@frozen
class Progress:
    """Bytes done of what is being fetched, and in total, None if that is not known. They may fall."""

    done: int
    total: int | None


@frozen
class ExportProgressed:
    """So many files of an export are finished, of so many."""

    source: str
    files_completed: int
    files_total: int


@frozen
class ExportGivenUp:
    """The export came to nothing, or to less than it should. What is missing is fetched singly."""

    source: str
    reason: str


@frozen
class FileDone:
    """A recording is on disk, verified, hashed and written down."""

    source: str
    id: str
    path: str
    size: int
    how: str


@frozen
class FileFailed:
    """A recording could not be fetched. The next run tries it again."""

    source: str
    id: str
    reason: str


@frozen
class FileLost:
    """A catalogued file was not on disk, or had another size. It is fetched again, if it still can be."""

    path: str
    reason: str


@frozen
class CopyFailed:
    """A file did not get to a destination, and this is why. It is copied there by a later run."""

    destination: str
    path: str
    reason: str


@frozen
class TranscriptDone:
    """A transcript is here."""

    source: str
    id: str


@frozen
class QuotaWait:
    """The client waits so many seconds for the quota. Told once a minute at most."""

    seconds: float


@frozen
class Trouble:
    """Something did not work, and the run goes on without it."""

    source: str
    reason: str


@frozen
class WindowDone:
    """A window was looked at, and this is how far it has got."""

    window: StoredWindow


Event = (
    PlanMade
    | StretchBegan
    | ListingProgress
    | FetchBegan
    | Progress
    | ExportProgressed
    | ExportGivenUp
    | FileDone
    | FileFailed
    | FileLost
    | CopyFailed
    | TranscriptDone
    | QuotaWait
    | Trouble
    | WindowDone
)
