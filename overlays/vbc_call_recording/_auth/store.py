"""Tokens in a file that processes share."""

import json
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import attrs
import filelock

from .._checks import shown
from .._errors import ConfigurationError
from .._files.disk import sync_directory
from .tokens import TokenSet

FORMAT = "vbc-call-recording tokens"
VERSION = 1


Login: TypeAlias = Mapping[str, str | None]
"""Whose tokens are stored: `client`, the fingerprint of the client id; `username`, with its domain, or None;
and `token_url`. A file holds one login and is refused for any other."""


class FileTokenStore:
    """Keeps the tokens of one login in a file, for the next run and for other processes.

    The file is readable by its owner only, replaced as a whole, and locked (`<path>.lock`) while a process
    decides whether to renew and does so: a refresh token is used up by one use. A process killed at any
    moment leaves the previous or the next tokens; if it dies between the server's answer and the writing, the
    login is lost, and the next renewal falls back to the password, if there is one.

    Locking is the file system's: on a network share without `flock`, give each machine a file of its own.

    Args:
        path: Where to keep them; `~` is expanded, symbolic links are followed, missing directories created.

    Raises:
        ConfigurationError: It cannot be read or written, is damaged, open to others, or of another login.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            if not os.fspath(path):
                raise ValueError("empty")
            self.path = Path(path).expanduser().resolve()
        except (OSError, RuntimeError, TypeError, ValueError) as error:  # a circle of links is a RuntimeError
            message = f"the token store's path is {shown(path)} ({error}); accepted: the path of a file"
            raise ConfigurationError(message) from error

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    def lock(self) -> filelock.FileLock:
        """For one renewal. Not yet acquired."""
        # Acquired by one worker thread and released by another or by the event loop: not thread-local.
        return filelock.FileLock(f"{self.path}.lock", mode=0o600, thread_local=False)

    def try_acquire(self, lock: filelock.FileLock) -> bool:
        """Acquire the lock if nobody has it."""
        with self._errors():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                return False
            return True

    def load(self, login: Login) -> TokenSet | None:
        """The stored tokens of the login; None if there is no file or nothing in it."""
        with self._errors():
            try:
                content = self.path.read_bytes()
                mode = self.path.stat().st_mode & 0o777
            except FileNotFoundError:
                return None
        if not content.strip():
            return None
        if sys.platform != "win32" and mode & 0o077:
            raise self._refusal(f"can be read by others (mode {mode:04o}); run chmod 600 on it")
        record = _record(content)
        if record is None:
            raise self._refusal("is damaged, or not a token file of this version; delete or move it")
        stored, tokens = record
        differing = ", ".join(name for name in login if stored.get(name) != login[name])
        if differing:
            raise self._refusal(
                f"holds another login ({differing} differs); give each login a file of its own"
            )
        return tokens

    def save(self, login: Login, tokens: TokenSet) -> None:
        """Replace the stored tokens."""
        record = {"format": FORMAT, "version": VERSION, "login": login, "tokens": attrs.asdict(tokens)}
        with self._errors():
            _replace(self.path, json.dumps(record, indent=2).encode())

    def _refusal(self, complaint: str) -> ConfigurationError:
        return ConfigurationError(f"the token store {self.path} {complaint}")

    @contextmanager
    def _errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise self._refusal(f"cannot be used: {error}") from error


def _record(content: bytes) -> tuple[Login, TokenSet] | None:
    """What the file says. None, and no exception to chain: those of json and attrs quote the tokens."""
    try:
        record = json.loads(content)
        if (record["format"], record["version"]) == (FORMAT, VERSION):
            return dict(record["login"]), TokenSet(**record["tokens"])
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return None


def _replace(path: Path, content: bytes) -> None:
    """Whoever reads sees the old content or the new, also after a power cut."""
    # Always the same name: what a killed process left behind is cleared by the next one, not collected.
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_directory(path.parent)
