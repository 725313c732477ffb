"""`vbc-recordings doctor`: a line for everything that could be wrong."""

from contextlib import suppress
from pathlib import Path

import click

from vbc_call_recording import ConfigurationError

from ..config import read_config
from ..doctor import examine
from ..surroundings import Check
from . import options
from .account import variables
from .endings import ExitCode, ending_of
from .group import Command, Common
from .screen import Cell

_MARKS = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "failed": ("FAILED", "bold red"),
    "skipped": ("skipped", "dim"),
}


@click.command(
    "doctor",
    cls=Command,
    example="vbc-recordings doctor /srv/recordings\nvbc-recordings doctor --profile acme",
)
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[DIR]")
@options.as_json
@click.pass_obj
def command(common: Common, /, folder: Path | None, as_json: bool) -> ExitCode:
    """Look at everything that could be wrong, and say what to do.

    Variables, server, clock, login, listing, the first bytes of a file, permissions, quota; with DIR, the
    disk, too. It makes a login and at most five requests. It works with only some variables set.
    """
    code = ExitCode.DONE
    for check in examine(lambda: variables(common, folder, _profile(folder)), folder, _mounts()):
        _tell(common, check, as_json)
        if check.state == "failed" and code is ExitCode.DONE:
            code = ExitCode.INCOMPLETE if check.error is None else ending_of(check.error).code
    return code


def _profile(folder: Path | None) -> str | None:
    """That of the archive's settings. If these cannot be read, a check of its own says so."""
    with suppress(ConfigurationError):
        return None if folder is None else read_config(folder).profile
    return None


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _tell(common: Common, check: Check, as_json: bool) -> None:
    screen = common.screen
    if as_json:
        told = {"check": check.name, "state": check.state, "said": check.said, "hint": check.hint}
        screen.document(told)
        return
    word, style = _MARKS[check.state]
    screen.entry(Cell(word, 7, style), Cell(check.name, 11, "bold"), Cell(check.said))
    if check.hint:
        screen.entry(Cell("", 7), Cell("", 11), Cell(f"hint: {check.hint}", style="cyan"))
