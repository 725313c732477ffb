"""What is written, and where: results to standard output, everything else to standard error.

| standard output is | a listing is written as |
|---|---|
| a terminal | a table as wide as the terminal, the least important columns left out |
| a pipe or a file | lines of fields separated by tabs, all columns, nothing cut, no header |
| either, with `--json` | one JSON object a line |
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import words
from .endings import Ending

_GAP = 2  # cells between two columns


def console(*, stderr: bool = False) -> Console:
    """As it comes: no markup, no guesses about what is a number, no wrapping."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


@frozen
class Column:
    """A column of a table.

    Attributes:
        title: Above it.
        width: In cells; 0 for what the others leave, from `least` to `most`.
        rank: 0 is always shown. Of the others the highest goes first where the terminal is narrow.
        right: Whether it is set to the right, as numbers are.
        styles: Colours of single words.
    """

    title: str
    width: int
    rank: int = 0
    right: bool = False
    least: int = 8
    most: int = 1000
    styles: Mapping[str, str] = field(factory=dict[str, str])

    def cell(self, text: str, width: int) -> str:
        if cell_len(text) > width:
            return set_cell_size(text, width - 1) + "…"
        space = " " * (width - cell_len(text))
        return space + text if self.right else text + space


@frozen
class Cell:
    """Words in an entry: how many cells they take, 0 for what is left, and their colour."""

    text: str
    width: int = 0
    style: str = ""


class Screen:
    """Where one command writes to.

    Args:
        quiet: Write results, warnings and errors only.
        log_json: Write everything but results as JSON lines.
    """

    def __init__(self, *, quiet: bool = False, log_json: bool = False) -> None:
        self.quiet = quiet
        self.log_json = log_json
        self.out = console()
        self.err = console(stderr=True)

    @property
    def is_live(self) -> bool:
        """Whether progress bars can move on standard error."""
        is_able = self.err.is_terminal and not self.err.is_dumb_terminal
        return is_able and not (self.quiet or self.log_json)

    def line(self, text: str, style: str = "") -> None:
        """A line of the result."""
        self.out.print(Text(text, style=style))

    def entry(self, *cells: Cell) -> None:
        """Some words side by side. On a terminal the last ones are wrapped below themselves."""
        if not self.out.is_terminal:
            sys.stdout.write("\t".join(words.clean(cell.text) for cell in cells if cell.text) + "\n")
            return
        grid = Table.grid(padding=(0, 1, 0, 0))
        for cell in cells:
            grid.add_column(width=cell.width or None, overflow="fold")
        grid.add_row(*(Text(words.clean(cell.text), cell.style) for cell in cells))
        self.out.print(grid)

    def document(self, value: Any) -> None:
        """The result for programs, on one line."""
        sys.stdout.write(as_json(value) + "\n")

    def note(self, text: str, **fields: object) -> None:
        """What is good to know, unless `--quiet`."""
        if not self.quiet:
            self._tell("info", text, "dim", fields)

    def warn(self, text: str, **fields: object) -> None:
        """What has to be known."""
        self._tell("warning", text, "yellow", fields)

    def event(self, event: str, **fields: object) -> None:
        """Something for programs that follow the log."""
        if self.log_json:
            self._log({"event": event, **fields})

    def fail(self, ending: Ending) -> None:
        """How the command ended, in one sentence and a hint."""
        if self.log_json:
            self._log(
                {"level": "error", "message": ending.sentence, "hint": ending.hint, "code": ending.code}
            )
            return
        self._say(Text("error: ", "bold red") + Text(words.clean(ending.sentence), "default"))
        if ending.hint:
            self._say(Text("hint: ", "bold") + Text(words.clean(ending.hint), "default"))

    def rows(self, columns: Sequence[Column], *, json: bool = False) -> "Rows":
        """A table to be filled row by row, in constant memory."""
        return Rows(self.out, columns, json)

    def _tell(self, level: str, text: str, style: str, fields: Mapping[str, object]) -> None:
        if self.log_json:
            self._log({"level": level, "message": text, **fields})
        else:
            prefix = "" if level == "info" else f"{level}: "
            self._say(Text(prefix + words.clean(text), style=style))

    def _say(self, text: Text) -> None:
        """Between words where a terminal is too narrow, and on one line elsewhere."""
        self.err.print(text, soft_wrap=not self.err.is_terminal)

    def _log(self, entry: Mapping[str, object]) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        told = {name: value for name, value in entry.items() if value is not None}
        sys.stderr.write(as_json({"time": time, **told}) + "\n")
        sys.stderr.flush()


class Rows:
    """A table on a terminal, lines of fields elsewhere, or JSON lines."""

    def __init__(self, out: Console, columns: Sequence[Column], json: bool) -> None:
        self._out = out
        self._columns = columns
        self._json = json
        self._widths = fitting(columns, out.width) if out.is_terminal else {}
        self.count = 0

    def add(self, cells: Sequence[object], entry: Mapping[str, Any]) -> None:
        """A row: its cells for people, and the entry for programs."""
        self.count += 1
        if self._json:
            sys.stdout.write(as_json(entry) + "\n")
            return
        texts = [words.clean(cell) for cell in cells]
        if not self._out.is_terminal:
            sys.stdout.write("\t".join(texts) + "\n")
            return
        if self.count == 1:
            self._print([column.title for column in self._columns], "bold")
        self._print(texts)

    def _print(self, texts: Sequence[str], style: str = "") -> None:
        line = Text(style=style)
        for place, width in self._widths.items():
            column, text = self._columns[place], texts[place]
            line.append(column.cell(text, width), column.styles.get(text))
            line.append(" " * _GAP)
        line.rstrip()
        self._out.print(line)


def fitting(columns: Sequence[Column], width: int) -> dict[int, int]:
    """Which columns there is room for, by their place, and how wide each becomes."""
    shown = dict(enumerate(columns))

    def needed() -> int:
        return sum((column.width or column.least) + _GAP for column in shown.values()) - _GAP

    while needed() > width and any(column.rank for column in shown.values()):
        shown.pop(max(shown, key=lambda place: (shown[place].rank, place)))
    left = max(width - needed(), 0)
    flexible = [place for place, column in shown.items() if not column.width]
    widths = {place: column.width or column.least for place, column in shown.items()}
    if flexible:
        widths[flexible[0]] = min(widths[flexible[0]] + left, shown[flexible[0]].most)
    return widths


def as_json(value: Any) -> str:
    """On one line; in ASCII where the terminal could not show the rest."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, default=_plain, ensure_ascii=not is_utf8)
    # The rest of what a terminal obeys is written as JSON escapes, which mean the same.
    return words.replaced(text, lambda sign: json.dumps(sign)[1:-1])


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
