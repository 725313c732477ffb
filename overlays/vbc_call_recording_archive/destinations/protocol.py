"""What a destination of an archive's files has to be able to do: five methods.

    class Drawer:                       # a destination of your own
        name = "drawer://two"
        def create(self, key, source, sha256): ...
        def replace(self, key, source, sha256): ...
        def read(self, key): ...
        def look(self, key): ...
        def list(self, prefix): ...

    Archive("recordings", config, destinations=[Drawer()], writable=True)

The command finds one by the scheme of its URL, as an entry point of the group `vbc_recordings.destinations`:
a function of the URL and its settings that gives the destination. All methods may be called from several
threads. Trouble is an OSError, whatever it was; its text is shown to people, so no secret may be in it. A
PermissionError is about that file alone; after three others in a row a destination is given up for the run.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from attrs import frozen


@frozen
class Seen:
    """What a destination says of a file. Nobody takes its word for what the bytes are: they are read.

    Attributes:
        size: In bytes.
        sha256: As it was given when the file came; empty where the destination cannot keep it.
    """

    key: str
    size: int
    sha256: str = ""


class Destination(Protocol):
    """A place that holds files by their keys: paths relative to the archive, with slashes.

    Attributes:
        name: As `archive.toml` has it, without spaces. The catalogue and the ledger know it by that.
    """

    @property
    def name(self) -> str: ...

    def create(self, key: str, source: Path, sha256: str) -> None:
        """Put a file where nothing is. It is there whole or not at all, and `source` is left as it is.

        Args:
            sha256: Of the file, to be kept beside it where that is possible.

        Raises:
            FileExistsError: Something is there, which is left alone. Best by a conditional write: somebody
                else may be creating it at this moment.
        """
        ...

    def replace(self, key: str, source: Path, sha256: str) -> None:
        """Put a file there, whatever is there. For papers, and for what was proven to be broken."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes, in pieces. FileNotFoundError, at the first piece at the latest, if there are none."""
        ...

    def look(self, key: str) -> Seen | None:
        """What is there, without reading it; None if nothing is."""
        ...

    def list(self, prefix: str) -> Iterator[Seen]:
        """All files whose keys begin with a prefix that ends in a slash, in any order. `sha256` may lack."""
        ...
