"""Nothing is taken to be at a destination before its bytes were read from there."""

from pathlib import Path

from ..custody import Digest, hash_blocks, hash_file
from .protocol import Destination


class OccupiedError(FileExistsError):
    """Something else is in the place of a file. It was left alone."""


def put(
    destination: Destination, key: str, source: Path, digest: Digest, *, look_first: bool = False
) -> None:
    """Create a file at a destination, or find it there, and prove either by reading it back.

    Args:
        digest: Of `source`.
        look_first: For a destination that would replace what is there.

    Raises:
        OccupiedError: Something else is there: of somebody else, or broken, or an older state of it.
        OSError: It could not be put there, or what came back is not what was put.
    """
    is_new = not (look_first and destination.look(key))
    if is_new:
        try:
            destination.create(key, source, digest.sha256)
        except FileExistsError:
            is_new = False
    prove(destination, key, digest, is_new=is_new)


def replace(destination: Destination, key: str, source: Path) -> None:
    """Put a file at a destination whatever is there, and prove it. OSError if that is not so now."""
    digest = hash_file(source)
    destination.replace(key, source, digest.sha256)
    prove(destination, key, digest)


def prove(destination: Destination, key: str, digest: Digest, *, is_new: bool = True) -> None:
    """Read a file that was just put there, or found. Raises as `put` does."""
    try:
        found = hash_blocks(destination.read(key))
    except FileNotFoundError:
        raise OSError(f"{destination.name} took {key}, and has it not") from None
    if found != digest:
        told = f"{found.size} bytes, SHA-256 {found.sha256}, instead of {digest.size}, {digest.sha256}"
        if is_new:
            raise OSError(f"{destination.name} took {key}, and gave back {told}")
        raise OccupiedError(f"{destination.name} has something else in the place of {key}: {told}")
