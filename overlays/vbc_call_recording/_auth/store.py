"""Tokens in a file that processes share."""

import json
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

import attrs
import filelock

from .._errors import ConfigurationError
from .._files.disk import sync_directory
from .tokens import TokenSet

FORMAT = "vbc-call-recording tokens"
VERSION = 1


@attrs.frozen
class Login:
    """Whose tokens are stored. A file holds one login and is refused for any other.

    Attributes:
        client: Fingerprint of the client id.
        username: With its domain; None if the login began with a code or a refresh token.
        token_url: Where the tokens came from.
    """

    client: str
    username: str | None
    token_url: str


class FileTokenStore:
    """Keeps the tokens of one login in a file, for the next run and for other processes.

    The file is readable by its owner only, replaced as a whole, and locked (`<path>.lock`) while a process
    decides whether to renew and does so: a refresh token is used up by one use. A process killed at any
    moment leaves the previous or the next tokens; if it dies between the server's answer and the writing, the
    login is lost, and the next renewal falls back to the password, if there is one.

    Locking is the file system's: on a network share without `flock`, give each machine a file of its own.

    Args:
        path: Where to keep them; `~` is expanded, symbolic links are followed, missing directories created.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not os.fspath(path):
            raise ConfigurationError("the token store's path is empty; accepted: the path of a file")
        self.path = Path(path).expanduser().resolve()

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"

    def session(self, login: Login) -> "StoreSession":
        """A hold on the file for one renewal; nothing is held before `try_acquire()`."""
        return StoreSession(self.path, login)


class StoreSession:
    """One renewal's hold on the file.

    `close()` may come while an operation runs in another thread (an event loop cancelling its task): it waits
    for that operation, and whatever comes after it does nothing. OSErrors are raised as ConfigurationError.
    """

    def __init__(self, path: Path, login: Login) -> None:
        self._path = path
        self._login = login
        # Acquired by one worker thread and released by another or by the event loop: not thread-local.
        self._lock = filelock.FileLock(f"{path}.lock", mode=0o600, thread_local=False)
        self._guard = threading.Lock()
        self._closed = False

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it."""
        with self._guard:
            if self._closed:
                return False
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock.acquire(timeout=0)
            except filelock.Timeout:
                return False
            except OSError as error:
                raise self._unusable(error) from error
            return True

    def load(self) -> TokenSet | None:
        """The stored tokens; None if there is no file or nothing in it.

        Raises:
            ConfigurationError: The file is not one of ours, damaged, open to others, or of another login.
        """
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode & 0o777
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        if not content.strip():
            return None
        if sys.platform != "win32" and mode & 0o077:
            self._refuse(f"can be read by others (mode {mode:04o})", "run chmod 600 on it")
        return self._parse(content)

    def save(self, tokens: TokenSet) -> None:
        """Replace the stored tokens."""
        record = {
            "format": FORMAT,
            "version": VERSION,
            "login": attrs.asdict(self._login),
            "tokens": attrs.asdict(tokens),
        }
        with self._guard:
            if self._closed:
                return
            try:
                _replace(self._path, json.dumps(record, indent=2).encode())
            except OSError as error:
                raise self._unusable(error) from error

    def close(self) -> None:
        """Let the next one in."""
        with self._guard:
            self._closed = True
            self._lock.release()

    def _parse(self, content: bytes) -> TokenSet:
        record = _record(content)
        if record is None:
            self._refuse("is damaged, or no token file of this version of the package", "delete or move it")
        login, tokens = record
        if login != self._login:
            differing = [
                name for name, value in attrs.asdict(login).items() if value != getattr(self._login, name)
            ]
            self._refuse(
                f"holds another login ({', '.join(differing)} differs)", "give each login a file of its own"
            )
        return tokens

    def _refuse(self, complaint: str, advice: str) -> NoReturn:
        raise ConfigurationError(f"the token store {self._path} {complaint}; {advice}")

    def _unusable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(f"the token store {self._path} cannot be used: {error}")


def _record(content: bytes) -> tuple[Login, TokenSet] | None:
    """What the file says. None, and no exception to chain: those of json and attrs quote the tokens."""
    try:
        record = json.loads(content)
        if record["format"] != FORMAT or record["version"] != VERSION:
            return None
        return Login(**record["login"]), TokenSet(**record["tokens"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write aside, then rename: whoever reads sees the old content or the new, also after a power cut."""
    # Always the same name: what a killed process left behind is cleared by the next one, not collected.
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_directory(path.parent)
