"""Every error of ours has an exit code that the docs name, and one sentence."""

import errno
import sqlite3
from pathlib import Path

import click
import pytest

from vbc_call_recording import (
    ApiConnectionError,
    AuthenticationError,
    BadRequestError,
    CallRecordingError,
    ConfigurationError,
    DestinationError,
    ExportFailedError,
    IncompleteListingError,
    InputError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    VerificationError,
)
from vbc_call_recording_archive.cli.endings import MEANS, CommandError, ExitCode, ending_of
from vbc_call_recording_archive.errors import ArchiveBusyError, ArchiveError, CatalogueError, LedgerError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 2),
        (ConfigurationError("x"), 2),
        (CommandError("x"), 2),
        (click.UsageError("x"), 2),
        (AuthenticationError("x"), 3),
        (PermissionDeniedError("x"), 3),
        (ApiConnectionError("x"), 4),
        (ServerError("x"), 4),
        (RateLimitError("x"), 4),
        (BadRequestError("x"), 4),
        (DestinationError("x"), 5),
        (OSError(errno.ENOSPC, "x"), 5),
        (CatalogueError("x"), 5),
        (sqlite3.OperationalError("x"), 5),
        (ArchiveBusyError("x"), 6),
        (NotFoundError("x"), 1),
        (VerificationError("x"), 1),
        (IncompleteListingError("x"), 1),
        (ExportFailedError("x"), 1),
        (ArchiveError("x"), 1),
        (LedgerError("x"), 1),
        (CallRecordingError("x"), 1),
        (KeyError("x"), 70),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_codes(error: Exception, code: int) -> None:
    assert ending_of(error).code == code


def test_every_code_has_a_meaning() -> None:
    assert set(MEANS) == set(ExitCode)


def test_an_answer_of_the_server_is_one_sentence_and_a_hint() -> None:
    error = PermissionDeniedError(
        "the server answered 403 Forbidden",
        operation="list_company_recordings",
        request_id="r-1",
        server_message="not authorized",
        invalid_parameters=(("page_size", "too large"),),
        hint="ask an administrator",
        body_excerpt="<html>",
    )
    ending = ending_of(error)
    assert ending.sentence == (
        "the server answered 403 Forbidden (list_company_recordings); it says: not authorized; "
        "page_size: too large; request id r-1"
    )
    assert ending.hint == "ask an administrator"


def test_errors_of_the_disk_name_the_file() -> None:
    assert ending_of(OSError(errno.ENOSPC, "No space left", "/srv/x")).sentence == "/srv/x: the disk is full"
    assert ending_of(DestinationError("it is a directory", path=Path("x"))).sentence.endswith("file: x")
