"""The docs page's lists of parameters and properties, read one line after the other.

An entry is a name, its type, labelled values right below, and then free text, in which only the list of
allowed values is of interest.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from scripts.spec import NotUnderstood

from .labels import Labels, status_of
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


def no_type(line: Line) -> NotUnderstood:
    return NotUnderstood(
        f"{line.text!r} has no type: a copy of the page that lacks the types is not enough to compare",
        line.number,
    )


def refuse_entries(lines: Sequence[Line]) -> None:
    """Entries where none are expected stand under a heading that is not known."""
    for index, line in enumerate(lines):
        if _is_typed(lines, index):
            raise NotUnderstood(f"{line.text!r} stands under a heading that is not known", line.number)


def unexpected(line: Line) -> NotUnderstood:
    return NotUnderstood(f"{line.text!r} looks like a response, but none is expected here", line.number)


def refuse_status(line: Line) -> None:
    """The page is known to state one response for each operation: what belongs to a second is not."""
    if status_of(line.text):
        raise unexpected(line)


def _is_typed(lines: Sequence[Line], index: int) -> bool:
    """Whether there is a name on the line, with its type on the next."""
    following = lines[index + 1].text if index + 1 < len(lines) else ""
    return bool(re.fullmatch(r"\S+", lines[index].text) and TYPE.fullmatch(following))


class EntryReader:
    """Reads the entries of one section.

    Args:
        labels: The page's language.
        words: Known values of enumerations, to separate values printed without separators.
    """

    def __init__(self, labels: Labels, words: Collection[str]) -> None:
        self.labels = labels
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
            if _is_typed(lines, index):
                entry, index = self.typed(lines, index)
                astray = entry.astray = astray or free_lines > 1
                free_lines = 0
                entries.append(entry)
            else:
                listed = len(entries)
                free_lines += self.is_free_text(lines[index])
                index += 1 + self.text(lines[index], lines[index + 1 :], entries)
                free_lines = free_lines if len(entries) == listed else 0
        return entries

    def is_free_text(self, line: Line) -> bool:
        return bool(line.text) and line.after(self.labels.one_of) is None and not _NAME.fullmatch(line.text)

    def typed(self, lines: Sequence[Line], index: int) -> tuple[Entry, int]:
        """The entry whose name is on the line, and the index after its labelled values."""
        kind = TYPE.fullmatch(lines[index + 1].text)
        assert kind
        entry = Entry(lines[index], kind[1], kind[2])
        index += 2
        while index < len(lines) and not self.is_name(lines, index):
            used = self.labelled(entry, lines[index : index + 2])
            if not used:
                break
            index += used
        return entry, index

    def is_name(self, lines: Sequence[Line], index: int) -> bool:
        """Whether this is the next entry already, whose name may be like a label."""
        line = lines[index]
        if not _is_typed(lines, index):
            return False
        if line.text.casefold() in (self.labels.default.casefold(), self.labels.example.casefold()):
            raise NotUnderstood(f"cannot tell whether {line.text!r} is a name or a label", line.number)
        return True

    def labelled(self, entry: Entry, lines: Sequence[Line]) -> int:
        """Takes in a labelled value, which may stand on the line after; how many lines that were."""
        if self.is_required(lines[0]):
            entry.required = True
            return 1
        for label in (self.labels.default, self.labels.example):
            value = lines[0].after(label)
            if value is None or value.startswith("_"):
                continue
            used = 1 if value else len(lines)
            if label == self.labels.default:
                entry.default = value or lines[-1].text
            return used
        return 0

    def is_required(self, line: Line) -> bool:
        return line.text.casefold() == self.labels.required.casefold()

    def text(self, line: Line, following: Sequence[Line], entries: list[Entry]) -> int:
        """A line that is not a typed entry: free text, allowed values, or an entry without a type.

        Returns how many of the following lines belong to it.
        """
        if not line.text:
            return 0
        if line.after(self.labels.one_of) is not None and entries:
            return self.allowed(entries[-1], line, following)
        if entries and self.is_required(line):
            raise no_type(entries[-1].line)
        refuse_status(line)
        if not entries or (_NAME.fullmatch(line.text) and not self.is_heading(following)):
            entries.append(self.untyped(line, following))
        return 0

    def is_heading(self, following: Sequence[Line]) -> bool:
        """Whether the line is the heading of the request body, which need not be known."""
        stated = next((line for line in following if line.text), None)
        return stated is not None and stated.after(self.labels.content_type) is not None

    def untyped(self, line: Line, following: Sequence[Line]) -> Entry:
        """What may be an object, unless the line below it must be a type."""
        below = following[0].text if following else ""
        if below and not _FREE_TEXT.fullmatch(below) and not self.labelled(Entry(line), following[:2]):
            raise NotUnderstood(f"{below!r}, below {line.text!r}, is not a known type", line.number + 1)
        return Entry(line)

    def allowed(self, entry: Entry, label: Line, following: Sequence[Line]) -> int:
        """Takes in the values after the label, or on lines of their own; how many lines those were."""
        glued, used = label.after(self.labels.one_of), 0
        if glued:
            self.values(entry, Line(label.number, glued))
            entry.sure = self.words.issuperset(entry.values)
            return 0
        for index, line in enumerate(following):
            if not line.text or _is_typed(following, index):
                break
            entry.sure = self.values(entry, line) and entry.sure
            used += 1
        if len(entry.values) == 1:
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


def default_of(entry: Entry) -> str:
    """The default as JSON. On the page it is a word without quotes, whatever its type."""
    assert entry.default is not None
    if entry.type == "string":
        return json.dumps(entry.default)
    try:
        return json.dumps(json.loads(entry.default))
    except ValueError:
        raise NotUnderstood(f"{entry.default!r} does not fit type {entry.type}", entry.line.number) from None
