"""A saved page, text or HTML, as the lines its reader sees, each with its number in the file."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import html

from scripts.spec import METHODS

from .labels import after, is_label

TYPE = re.compile(r"(string|integer|number|boolean|array|object)\s*(?:\(([\w-]+)\))?")
# What a browser shows nothing of, and what is for the hand and not for the eye.
_UNSEEN = frozenset({"head", "script", "style", "template", "noscript", "svg", "button"})
# Words in the midst of prose; whatever any other element holds is a line of its own.
_INLINE = frozenset({"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "label", "mark"}
                    | {"q", "s", "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "var"}
                    | {"wbr"})  # fmt: skip
_PARAGRAPHS = frozenset({"p", "pre", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_CAPITALS = re.compile("[A-Z][A-Z0-9_]*")
_METHOD = re.compile("|".join(METHODS), re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """Attributes:
    parts: In HTML, what stands in elements of its own on the line, if that is more than one.
    """

    number: int
    text: str
    parts: tuple[str, ...] = ()


def is_html(text: str) -> bool:
    prolog = r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<[a-z!]"
    return re.match(prolog, text, re.IGNORECASE | re.DOTALL) is not None


def lines_of(text: str) -> list[Line]:
    """The page's lines; blank ones, too."""
    if is_html(text):
        lines = list(_mended(_Html().read(text)))
    else:
        lines = [Line(number, _plain(line)) for number, line in enumerate(text.splitlines(), 1)]
    return list(_with_method_and_url_on_one_line(lines))


def _plain(text: str) -> str:
    """The text, however its characters are encoded."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).replace("\u2019", "'").strip()


def _with_method_and_url_on_one_line(lines: Iterable[Line]) -> Iterator[Line]:
    waiting: Line | None = None
    for line in lines:
        if waiting and not line.text:
            continue
        if waiting and line.text.startswith(("http://", "https://")):
            line = Line(waiting.number, f"{waiting.text} {line.text}")
        elif waiting:
            yield waiting
        waiting = line if _METHOD.fullmatch(line.text) else None
        if not waiting:
            yield line
    if waiting:
        yield waiting


# HTML ------------------------------------------------------------------------------------------------------


class _Html:
    """Walks the tree: a line for each block, blank lines around paragraphs, examples as they are."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        # The texts of a line, each with the number of the inline element it is in, if it is in one.
        self.texts: list[tuple[int | None, str]] = []
        self.elements = 0
        self.at = self.start = 1

    def read(self, text: str) -> list[Line]:
        # As bytes: a prolog may state an encoding, and of a text that is decoded already that is not true.
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
        self.walk(html.document_fromstring(text.encode("utf-8", "replace"), parser=parser), None)
        self.end_line()
        return self.lines

    def walk(self, node: Any, element: int | None) -> None:
        if not isinstance(node.tag, str) or node.tag in _UNSEEN:
            return
        self.at = max(self.at, node.sourceline or 0)
        if node.tag in _INLINE and element is None:
            element = self.elements = self.elements + 1
        elif node.tag not in _INLINE:
            self.end_line(blank=node.tag in _PARAGRAPHS)
        if node.tag == "pre":
            self.verbatim(node)
        else:
            self.text(node.text, element)
            for child in node:
                self.walk(child, element)
                self.text(child.tail, element)
        if node.tag not in _INLINE:
            self.end_line(blank=node.tag in _PARAGRAPHS)

    def text(self, text: str | None, element: int | None) -> None:
        text = text or ""
        if text.strip() and not any(known.strip() for _, known in self.texts):
            self.start = self.at + text[: len(text) - len(text.lstrip())].count("\n")
        self.texts.append((element, text))
        self.at += text.count("\n")

    def verbatim(self, node: Any) -> None:
        for unseen in [each for each in node.iter() if each.tag in _UNSEEN]:
            unseen.drop_tree()
        for line_break in list(node.iter("br")):
            line_break.tail = "\n" + (line_break.tail or "")
        for index, line in enumerate(node.text_content().splitlines()):
            self.lines.append(Line(self.at + index, _plain(line)))

    def end_line(self, *, blank: bool = False) -> None:
        if any(text.strip() for _, text in self.texts):
            self.add_line()
        if blank and self.lines and self.lines[-1].text:
            self.lines.append(Line(self.at, ""))
        self.texts = []

    def add_line(self) -> None:
        elements: dict[int | None, str] = defaultdict(str, {None: ""})
        for element, text in self.texts:
            elements[element] += text
        bare, *inner = elements.values()
        parts = tuple(filter(None, map(_plain, inner)))
        text = _plain(" ".join("".join(text for _, text in self.texts).split()))
        if text and len(parts) > 1 and not bare.strip() and any(map(_is_token, parts)):
            self.lines += [Line(self.start, part) for part in parts]
        elif text:
            self.lines.append(Line(self.start, text, parts if len(parts) > 1 else ()))


def _is_token(text: str) -> bool:
    """Whether it means something by itself, and not only as a part of a word or a sentence."""
    return bool(TYPE.fullmatch(text) or _METHOD.fullmatch(text)) or is_label(text)


def _mended(lines: Sequence[Line]) -> Iterator[Line]:
    """Without the blank lines that tear apart what belongs together, where each line is a paragraph."""
    before, blank, in_list = Line(0, ""), False, False
    for line in lines:
        if line.text:
            in_list = is_label(before.text, "one_of") or (in_list and bool(_CAPITALS.fullmatch(line.text)))
            if blank and not in_list and not _belongs(before, line):
                yield Line(line.number, "")
            yield line
            before = line
        blank = not line.text


def _belongs(before: Line, line: Line) -> bool:
    """Whether a type belongs to the name before it, or a labelled value to the type before it."""
    if TYPE.fullmatch(line.text):
        return bool(re.fullmatch(r"\S+", before.text))
    if is_label(before.text, "default", "example") and not re.search(r"\s", line.text):
        return True
    return _is_labelled(line) and (bool(TYPE.fullmatch(before.text)) or _is_labelled(before))


def _is_labelled(line: Line) -> bool:
    """Whether it is a label with or without its value, and not a sentence that begins like one."""
    labelled = any(after(kind, line.text) is not None for kind in ("default", "example", "required"))
    return labelled and not re.search(r"\w\s", line.text)
