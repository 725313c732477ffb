"""What is done when a command has ended: metrics are written, and others are told how it ended.

None of it changes the exit code, or hides what went wrong before: what fails here is a warning.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import define, field

from .endings import MEANS, ExitCode
from .interrupt import stoppable
from .screen import Screen

F = TypeVar("F", bound=Callable[..., Any])

_VARIABLE = "VBC_RECORDINGS_"
# Somebody stopped it, or nobody reads it any more: no failure that anyone has to be told of.
_ON_PURPOSE = (ExitCode.INTERRUPTED, ExitCode.PIPE, ExitCode.TERMINATED)


@define
class Afterwards:
    """What was asked for.

    Attributes:
        command: The command's name; empty for one that has no such options.
        archive: The archive's folder, once the command knows it.
        catalogue: Where its catalogue is, if not where its settings say.
    """

    command: str = ""
    archive: Path | None = None
    catalogue: Path | None = None
    metrics_file: Path | None = None
    on_failure: str = ""
    failure_url: str = ""
    success_url: str = ""
    began: datetime = field(factory=lambda: datetime.now(UTC))

    def about(self, archive: Path, catalogue: Path | None = None, *, only_looks: bool = False) -> None:
        """The command begins, and works on this archive. Until then there are no metrics and no success.

        Args:
            only_looks: It changes nothing. Then nothing is done afterwards, either.
        """
        self.archive, self.catalogue = archive.absolute(), catalogue
        self.command = "" if only_looks else self.command

    def do(self, code: int, screen: Screen) -> None:
        """Do it. Never raises."""
        if not self.command:
            return
        try:
            with stoppable(lambda: None):
                self._write_metrics(code, screen)
                if code not in _ON_PURPOSE:
                    self._tell(code, screen)
        except KeyboardInterrupt:
            screen.warn("stopped while others were told how it ended")

    def _write_metrics(self, code: int, screen: Screen) -> None:
        if self.metrics_file is None or self.archive is None:
            return
        # Imported here, as below: most runs need neither, and should not wait for them.
        from ..measuring import write_metrics
        from ..metrics import Ended

        ended = Ended(self.command, str(self.archive), code, self.began, datetime.now(UTC))
        try:
            write_metrics(self.metrics_file, ended, self.catalogue)
        except Exception as error:  # noqa: BLE001 - the run's own result counts
            screen.warn(f"no metrics were written to {self.metrics_file}: {error}")

    def _tell(self, code: int, screen: Screen) -> None:
        from ..telling import TellingError, post, run_command

        told = self._told(code)
        url = self.failure_url if code else self.success_url if self.archive else ""  # --help has none
        variables = {f"{_VARIABLE}{name.upper()}": str(value) for name, value in told.items()}
        try:
            if code and self.on_failure:
                run_command(self.on_failure, variables, str(told["text"]))
        except TellingError as error:
            screen.warn(f"--on-failure: {error}")
        try:
            if url:
                post(url, told)
        except TellingError as error:
            screen.warn(f"{'--failure-url' if code else '--success-url'}: {error}")

    def _told(self, code: int) -> Mapping[str, str | int]:
        meaning = MEANS.get(ExitCode(code), "") if code in list(ExitCode) else ""
        where = f" {self.archive}" if self.archive else ""
        return {
            "text": f"vbc-recordings {self.command}{where} ended with {code}: {meaning}",
            "command": self.command,
            "archive": str(self.archive or ""),
            "exit_code": code,
            "meaning": meaning,
            "began": self.began.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def afterwards(function: F) -> F:
    """`--metrics-file`, `--on-failure`, `--failure-url` and `--success-url`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    wanted: Afterwards = context.obj.afterwards
    wanted.command = context.command_path.partition(" ")[2]
    name = option.name or ""
    if name.endswith("_url"):
        variable = f"{_VARIABLE}{name.upper()}"
        value = value or os.environ.get(variable) or _from_file(f"{variable}_FILE", context, option)
    if not value:
        return
    if name.endswith("_url") and not re.match("https?://", value):
        raise click.BadParameter(
            "that is not a URL; accepted: https://…", context, option
        )  # it may be a secret
    setattr(wanted, name, value)


def _from_file(variable: str, context: click.Context, option: click.Parameter) -> str:
    """As variables of the login have it: a file holds the value."""
    try:
        return Path(os.environ[variable]).read_text("utf-8").strip() if os.environ.get(variable) else ""
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{variable} cannot be read: {error}", context, option) from None


def _option(name: str, metavar: str, text: str, kind: type[str] | click.Path = str) -> Callable[[F], F]:
    # Eager, so that an error in another option is told, too.
    shared: dict[str, Any] = {"expose_value": False, "callback": _keep, "is_eager": True}
    return click.option(f"--{name}", metavar=metavar, help=text, type=kind, **shared)


_OPTIONS = (
    _option("metrics-file", "FILE", "Write figures for Prometheus afterwards.", click.Path(path_type=Path)),
    _option("on-failure", "COMMAND", "Run this if it does not end with 0."),
    _option("failure-url", "URL", "Post to this if it does not end with 0."),
    _option("success-url", "URL", "Post to this if it ends with 0."),
)
