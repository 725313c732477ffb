"""Where an archive's files are kept: its own folder, object stores, or what others add. See `protocol`."""

from .apart import Apart, together
from .local import LOCAL, LocalFolder
from .opening import Settings, is_name, open_destination, shown
from .proof import OccupiedError, prove, put, replace
from .protocol import Destination, Seen

__all__ = [
    "LOCAL",
    "Apart",
    "Destination",
    "LocalFolder",
    "OccupiedError",
    "Seen",
    "Settings",
    "is_name",
    "open_destination",
    "prove",
    "put",
    "replace",
    "shown",
    "together",
]
