"""`vbc-recordings` itself: finds the command, and ends every run in one place."""

import importlib
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from attrs import define, field
from click.shell_completion import shell_complete

from vbc_call_recording import IncompleteListingWarning, __version__

from .afterwards import Afterwards
from .endings import ExitCode, ending_of
from .interrupt import exit_code, farewell, stoppable
from .progress import Progress
from .screen import Screen

# In the order in which they are met. Each is `command` in a module of this name.
COMMANDS = (
    "doctor",
    "init",
    "sync",
    "status",
    "verify",
    "ls",
    "show",
    "search",
    "export",
    "report",
    "retention",
    "list",
    "download",
    "jobs",
)

_NAME = "vbc-recordings"
_COMPLETION = "_VBC_RECORDINGS_COMPLETE"


@define
class Common:
    """Options of every command, which may stand before its name as well as behind it."""

    profile: str | None = None
    quiet: bool = False
    log_json: bool = False
    debug: bool = False
    screen: Screen = field(factory=Screen)
    afterwards: Afterwards = field(factory=Afterwards)

    def add(self, name: str, value: Any) -> None:
        setattr(self, name, value)
        if name in ("quiet", "log_json"):
            self.screen = Screen(quiet=self.quiet, log_json=self.log_json)


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value:
        context.ensure_object(Common).add(option.name or "", value)


def common_options() -> list[click.Parameter]:
    """New ones for one command."""
    shared: dict[str, Any] = {"expose_value": False, "callback": _keep}
    return [
        click.Option(["--profile"], metavar="NAME", help="An account of the profiles file.", **shared),
        click.Option(["--quiet", "-q"], is_flag=True, help="No progress, no notes.", **shared),
        click.Option(["--log-json"], is_flag=True, help="Messages as JSON lines.", **shared),
        click.Option(["--debug"], is_flag=True, help="A line for each request.", **shared),
    ]


class Command(click.Command):
    """One with the common options and an example below its help."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options())
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it is typed."""
        if self.example:
            with formatter.section("Example" if self.example.count("\n") == 0 else "Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.example.splitlines()))


class Group(click.Group):
    """Imports a command when it is asked for, and turns what it raises into an exit code and a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In our order, not by the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Only the one: the others' imports cost time."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{cmd_name}")
        found: click.Command = module.command
        return found

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Runs the command line and exits."""
        arguments = sys.argv[1:] if args is None else list(args)
        common = Common()
        try:
            with stoppable(lambda: _last_words(common, arguments)), _listening(common):
                code = self._run(arguments, common)
                sys.stdout.flush()
        except KeyboardInterrupt as error:
            common.screen.warn(farewell(arguments))
            code = exit_code(error)
        except click.Abort:  # a question was answered with the end of input
            code = ExitCode.INTERRUPTED
        except BrokenPipeError:
            _close_pipes()
            code = ExitCode.PIPE
        except Exception as error:  # noqa: BLE001 - whatever it is, it becomes a sentence and a code
            code = _failed(common, error)
        common.afterwards.do(int(code or 0), common.screen)
        sys.exit(int(code or 0))

    def _run(self, arguments: list[str], common: Common) -> int | None:
        if instruction := os.environ.get(_COMPLETION):
            return shell_complete(self, {}, _NAME, _COMPLETION, instruction)
        try:
            with self.make_context(_NAME, arguments or ["--help"], obj=common) as context:
                code: int | None = self.invoke(context)
                return code
        except click.exceptions.Exit as end:  # after --help, for example
            return end.exit_code


def _failed(common: Common, error: Exception) -> ExitCode:
    ending = ending_of(error)
    if common.debug:
        sys.stderr.write("".join(traceback.format_exception(error)))
    common.screen.fail(ending)
    return ending.code


def _last_words(common: Common, arguments: Sequence[str]) -> None:
    if Progress.now is not None:
        Progress.now.close()
    common.screen.warn(farewell(arguments))


def _close_pipes() -> None:
    """Whoever read has gone. What is left must not be written when Python ends, either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())


class _Log(logging.Handler):
    """The client's log lines: what it waits for, and what looks wrong."""

    def __init__(self, common: Common) -> None:
        super().__init__()
        self._common = common

    def emit(self, record: logging.LogRecord) -> None:
        screen, text = self._common.screen, record.getMessage()
        is_wait = record.levelno == logging.INFO and text.startswith("waiting") and record.args
        if record.levelno >= logging.WARNING:
            screen.warn(text)
        elif is_wait and Progress.now is not None and isinstance(record.args, tuple):
            Progress.now.wait(float(str(record.args[0])))
        elif is_wait or self._common.debug:
            screen.note(text)


@contextmanager
def _listening(common: Common) -> Generator[None]:
    """Log lines and warnings become lines of ours while the block runs."""
    logger = logging.getLogger("vbc_call_recording")
    handler, level = _Log(common), logger.level

    def _show(message: Warning | str, *_: object, **__: object) -> None:
        common.screen.warn(str(message))

    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IncompleteListingWarning)  # commands say it, and end with 1
            warnings.showwarning = _show
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@click.group(
    cls=Group,
    params=common_options(),
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=_NAME)
def group() -> None:
    """Call recordings of Vonage Business Communications: list, download, archive, prove.

    The account comes from the VBC_* variables or from a profile. Start with doctor: it says what is missing.
    """


def run() -> int:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A name in an alphabet that the terminal has not must not end a listing.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")
    group.main()
