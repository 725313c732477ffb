"""The docs page's lists of parameters and properties, read one line after the other.

An entry is a name, its type, labelled values right below, and then free text, in which only the list of
allowed values is of interest.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from scripts.spec import NotUnderstood

from .labels import after, is_label, status_of
from .lines import TYPE, Line

# Free text has several words, or ends in a full stop. A type, known or not, has no space or is composed.
_NAME = re.compile(r"\S*[^\s.]")
_FREE_TEXT = re.compile(r"[^|<>()\[\]{}]* [^|<>()\[\]{}]*")


@dataclass
class Entry:
    """A parameter or property.

    Attributes:
        type: None if the page gives none, as it does for some objects.
        default: As printed.
        values: The allowed ones, if they are listed.
        sure: Whether the values are certain, because the page may print them without separators.
        astray: Whether the line above may be a heading, which looks like a second line of free text.
    """

    line: Line
    type: str | None = None
    format: str | None = None
    required: bool = False
    default: str | None = None
    values: list[str] = field(default_factory=list)
    sure: bool = True
    astray: bool = False

    @property
    def name(self) -> str:
        return self.line.text

    def default_as_json(self) -> str | None:
        """On the page a default is a word without quotes, whatever its type."""
        if self.type == "string" or self.default is None:
            return self.default and json.dumps(self.default)
        try:
            return json.dumps(json.loads(self.default))
        except ValueError:
            raise NotUnderstood(f"{self.default!r} does not fit type {self.type}", self.line.number) from None

    def labelled(self, lines: Sequence[Line]) -> int:
        """Takes in a labelled value, which may stand on the line after; how many lines that were."""
        if is_label(lines[0].text, "required"):
            self.required = True
            return 1
        for label in ("default", "example"):
            value = after(label, lines[0].text)
            if value is not None and not value.startswith("_"):
                if label == "default":
                    self.default = value or lines[-1].text
                return 1 if value else len(lines)
        return 0


def no_type(line: Line) -> NotUnderstood:
    message = f"{line.text!r} has no type: a copy of the page that lacks the types is not enough to compare"
    return NotUnderstood(message, line.number)


def unexpected(line: Line) -> NotUnderstood:
    return NotUnderstood(f"{line.text!r} looks like a response, but none is expected here", line.number)


def refuse_entries(lines: Sequence[Line]) -> None:
    """Entries where none are expected stand under a heading that is not known."""
    for index, line in enumerate(lines):
        if _is_typed(lines, index):
            raise NotUnderstood(f"{line.text!r} stands under a heading that is not known", line.number)


def refuse_more(lines: Sequence[Line]) -> None:
    """What stands after the last part of an operation may not look like a part of it.

    The page is known to state one response for each operation.
    """
    refuse_entries(lines)
    for line in lines:
        if status_of(line.text):
            raise unexpected(line)


def _is_typed(lines: Sequence[Line], index: int) -> bool:
    """Whether there is a name on the line, with its type on the next."""
    following = lines[index + 1].text if index + 1 < len(lines) else ""
    return bool(re.fullmatch(r"\S+", lines[index].text) and TYPE.fullmatch(following))


class EntryReader:
    """Reads the entries of one section.

    Args:
        words: Known values of enumerations, to separate values printed without separators.
    """

    def __init__(self, words: Collection[str]) -> None:
        self.words = frozenset(words)
        longest_first = sorted(map(re.escape, words), key=len, reverse=True)
        # A word inside a longer one, joined by an underscore, is not that word.
        self.known_word = re.compile(rf"(?<!_)({'|'.join(longest_first) or '(?!)'})(?!_)|[\s,]+")

    def read(self, lines: Sequence[Line]) -> list[Entry]:
        """The entries in order. Raises NotUnderstood where a name lacks its type."""
        entries: list[Entry] = []
        index = free_lines = 0
        astray = False
        while index < len(lines):
            line, following = lines[index], lines[index + 1 :]
            index += 1
            entry = None
            if _is_typed(lines, index - 1):
                entry, used = _typed(line, following)
                index += used
                astray = entry.astray = astray or free_lines > 1
            elif entries and after("one_of", line.text) is not None:
                index += self.allowed(entries[-1], line, following)
            elif line.text:
                entry = _untyped(line, following, entries)
                free_lines += not _NAME.fullmatch(line.text)
            if entry:
                entries.append(entry)
                free_lines = 0
        return entries

    def allowed(self, entry: Entry, label: Line, following: Sequence[Line]) -> int:
        """Takes in the values after the label, or on lines of their own; how many lines those were."""
        glued, used = after("one_of", label.text), 0
        if glued:
            self.values(entry, Line(label.number, glued))
        else:
            for index, line in enumerate(following):
                if not line.text or _is_typed(following, index):
                    break
                entry.sure = self.values(entry, line) and entry.sure
                used += 1
        if glued or len(entry.values) == 1:
            entry.sure = self.words.issuperset(entry.values)  # or several, printed without separators
        return used

    def values(self, entry: Entry, line: Line) -> bool:
        """Takes in the values on a line. Whether it is certain where one ends and the next begins."""
        parts = [part for part in self.known_word.split(line.text) if part]
        if line.text in self.words or len(parts) == 1:
            entry.values.append(line.text)
            return True
        if self.words.intersection(line.parts) and "".join(line.parts) == line.text:
            entry.values += line.parts
            return all(re.fullmatch(r"[\w.-]+", part) for part in line.parts)
        entry.values += parts
        return self.words.issuperset(parts)


def _typed(name: Line, following: Sequence[Line]) -> tuple[Entry, int]:
    """The entry of that name, and how many of the following lines are its type and labelled values."""
    kind = TYPE.fullmatch(following[0].text)
    assert kind
    entry, used = Entry(name, kind[1], kind[2]), 1
    while used < len(following):
        line = following[used]
        if _is_typed(following, used):  # the next entry already, whose name may be like a label
            if is_label(line.text, "default", "example"):
                raise NotUnderstood(f"cannot tell whether {line.text!r} is a name or a label", line.number)
            break
        taken = entry.labelled(following[used : used + 2])
        if not taken:
            break
        used += taken
    return entry, used


def _untyped(line: Line, following: Sequence[Line], entries: Sequence[Entry]) -> Entry | None:
    """What may be an object, unless the line is free text, or the line below it must be a type."""
    if entries and is_label(line.text, "required"):
        raise no_type(entries[-1].line)
    if status_of(line.text):
        raise unexpected(line)
    stated = next((each.text for each in following if each.text), "")
    is_heading = after("content_type", stated) is not None  # of the request body, which need not be known
    if entries and (is_heading or not _NAME.fullmatch(line.text)):
        return None
    below, entry = following[0].text if following else "", Entry(line)
    if below and not _FREE_TEXT.fullmatch(below) and not Entry(line).labelled(following[:2]):
        raise NotUnderstood(f"{below!r}, below {line.text!r}, is not a known type", line.number + 1)
    return entry
