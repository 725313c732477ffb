"""What tests of downloads over sockets share: what the sandbox serves, and what it was asked for."""

from pathlib import Path

from vbc_call_recording_sandbox import Sandbox
from vbc_call_recording_sandbox import _content as truth

AUDIO = r"/audio/recording/"
SIZE = 300_000


def bytes_of(content: truth.Content) -> bytes:
    return b"".join(content.chunks(0, content.size))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ranges_asked(sandbox: Sandbox) -> list[str | None]:
    """The Range header of every request for audio so far, in order."""
    return [request.headers.get("range") for request in sandbox.requests if AUDIO in request.path]


class Steps:
    """Collects progress."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        self.seen.append((done, total))
