"""Which account a command works with: settings are read elsewhere, the client is opened here."""

import os
from pathlib import Path
from typing import Any

from vbc_call_recording import CallRecordingClient

from ..profiles import client_environment, profile_files
from .group import Common


def variables(common: Common, folder: Path | None = None, profile: str | None = None) -> dict[str, str]:
    """The VBC_* variables that count, after profiles and `…_FILE` variables.

    Args:
        common: Its `--profile` comes first.
        folder: Of the archive, if the command works with one.
        profile: That of the archive's own settings.
    """
    files = profile_files(folder, os.environ)
    return client_environment(os.environ, profile=common.profile or profile, files=files)


def opened(
    common: Common, folder: Path | None = None, profile: str | None = None, **options: Any
) -> CallRecordingClient:
    """A client for that account. The options are those of the client."""
    return CallRecordingClient.from_env(variables(common, folder, profile), **options)
