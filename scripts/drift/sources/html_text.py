"""From a saved HTML page to the lines of text its reader sees: `line N` in a report counts these."""

from html.parser import HTMLParser

_UNSEEN = frozenset({"head", "script", "style", "template", "noscript", "svg"})
# Words in the midst of prose; whatever any other element holds is a line of its own.
_INLINE = frozenset({"a", "b", "code", "em", "i", "kbd", "mark", "small", "strong", "sub", "sup", "u"})
_PARAGRAPHS = frozenset({"p", "pre", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"})


def text_of(html: str) -> str:
    """The page's text: a line for each element, blank lines around paragraphs, examples as they are."""
    parser = _TextParser()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


class _TextParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.line_breaks = 0
        self.unseen = 0
        self.verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        self.boundary(tag)
        self.verbatim += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(0, self.unseen - (tag in _UNSEEN))
        self.verbatim = max(0, self.verbatim - (tag == "pre"))
        self.boundary(tag)

    def boundary(self, tag: str) -> None:
        """However many elements end and begin between two texts: it is one line break, or one blank line."""
        if tag == "br" and self.verbatim:
            self.pieces.append("\n")
        elif not self.verbatim and tag not in _INLINE:
            self.line_breaks = max(self.line_breaks, 2 if tag in _PARAGRAPHS else 1)

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        if not self.verbatim:
            lead, trail = " " * data[0].isspace(), " " * data[-1].isspace()
            data = f"{lead}{' '.join(data.split())}{trail}" if data.strip() else " "
        if data.strip():
            self.pieces.append("\n" * self.line_breaks)
            self.line_breaks = 0
        if not self.line_breaks:
            self.pieces.append(data)
