"""How a command ends: its exit code, and one clear sentence for every error of ours. Pure.

The codes are those that users of rclone and restic look for: 0 is a success that can be relied on, 1 is a run
that ended but lacks something, 2 is for whoever typed, and what may pass by itself has codes of its own.
"""

import errno
import sqlite3
from collections.abc import Mapping
from enum import IntEnum

import click
from attrs import frozen

from vbc_call_recording import (
    ApiError,
    AuthenticationError,
    CallRecordingError,
    ConfigurationError,
    DestinationError,
    DownloadError,
    InputError,
    NotFoundError,
    PermissionDeniedError,
)

from ..errors import ArchiveBusyError, CatalogueError, NoDestinationError, NoSpaceError


class ExitCode(IntEnum):
    """What docs/archive.md promises."""

    DONE = 0
    INCOMPLETE = 1
    USAGE = 2
    LOGIN = 3
    SERVER = 4
    DISK = 5
    BUSY = 6
    BUG = 70
    INTERRUPTED = 130
    PIPE = 141
    TERMINATED = 143


MEANS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "Done. What was asked for is here, and nothing is known to be missing.",
    ExitCode.INCOMPLETE: "Done as far as it went, and something is missing or failed: it was said what.",
    ExitCode.USAGE: "The command line, a variable or a setting is not valid. Nothing was done.",
    ExitCode.LOGIN: "The login or a permission was refused.",
    ExitCode.SERVER: "The network or the server failed, or the quota stayed used up. Try again later.",
    ExitCode.DISK: "The disk is full, cannot be written or read, or the catalogue cannot be used.",
    ExitCode.BUSY: "Another process is writing the archive. Nothing was done.",
    ExitCode.BUG: "A fault of this program. Please report it.",
    ExitCode.INTERRUPTED: "Ctrl-C. The same command goes on.",
    ExitCode.PIPE: "Whoever read the output has gone, as `head` does.",
    ExitCode.TERMINATED: "SIGTERM. The same command goes on.",
}


@frozen
class Ending:
    """How an error ends the command: the code, what happened, and what can be done about it."""

    code: ExitCode
    sentence: str
    hint: str | None = None


class CommandError(Exception):
    """An error of the command itself, with all that is to be said about it."""

    def __init__(self, sentence: str, hint: str | None = None, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(sentence)
        self.ending = Ending(code, sentence, hint)


# The first that fits counts.
_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (ArchiveBusyError, ExitCode.BUSY),
    (CatalogueError, ExitCode.DISK),
    (NoSpaceError, ExitCode.DISK),
    (NoDestinationError, ExitCode.DISK),
    (InputError, ExitCode.USAGE),
    (ConfigurationError, ExitCode.USAGE),
    (AuthenticationError, ExitCode.LOGIN),
    (PermissionDeniedError, ExitCode.LOGIN),
    (NotFoundError, ExitCode.INCOMPLETE),
    (ApiError, ExitCode.SERVER),
    (DestinationError, ExitCode.DISK),
    (CallRecordingError, ExitCode.INCOMPLETE),
    (sqlite3.Error, ExitCode.DISK),
    (OSError, ExitCode.DISK),
)
_HINTS: tuple[tuple[type[BaseException], str, str], ...] = (
    (AuthenticationError, "", "vbc-recordings doctor says which part of the login is wrong"),
    (ConfigurationError, "VBC_", "vbc-recordings doctor shows what is set and what is missing"),
)


def ending_of(error: BaseException) -> Ending:
    """What to say about an error, and the code to end with."""
    if isinstance(error, CommandError):
        return error.ending
    if isinstance(error, click.ClickException):
        return Ending(ExitCode.USAGE, error.format_message(), _usage_hint(error))
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    if code is None:
        said = f"this should not happen: {type(error).__name__}: {error}"
        return Ending(ExitCode.BUG, said, "--debug shows where. Please report it")
    hint = next((hint for kind, word, hint in _HINTS if isinstance(error, kind) and word in str(error)), None)
    return Ending(code, sentence(error), getattr(error, "hint", None) or hint)


def sentence(error: BaseException) -> str:
    """What happened, on one line, without the hint."""
    if isinstance(error, ApiError):
        told = [str(error.args[0])]
        if error.server_message:
            told.append(f"it says: {error.server_message}")
        told += [f"{name}: {reason}" for name, reason in error.invalid_parameters]
        if error.operation:
            told[0] += f" ({error.operation})"
        if error.request_id:
            told.append(f"request id {error.request_id}")
        return "; ".join(told)
    if isinstance(error, DownloadError | CallRecordingError):
        return str(error)
    if isinstance(error, OSError):
        return _os_sentence(error)
    return f"{type(error).__name__}: {error}"


def _os_sentence(error: OSError) -> str:
    what = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return f"{error.filename}: {what}" if error.filename else what


def _usage_hint(error: click.ClickException) -> str | None:
    context = getattr(error, "ctx", None)
    return None if context is None else f"{context.command_path} --help shows what is accepted"
