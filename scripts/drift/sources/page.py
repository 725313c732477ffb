"""From the vendor's documentation page, saved as text, to facts.

The page is a list of lines: what is nested in what can only be seen in its example requests and responses.
Anything that looks like a part of an API but cannot be made sense of is refused, with its line.
"""

import re

from scripts.spec import METHODS, NotUnderstood, json_type

from ..facts import ENUM, EXISTS, ITEMS, Fact, Facts, Place, canonical, describe
from .entries import Entry, EntryReader, default_of, no_type, refuse_entries, refuse_status, unexpected
from .examples import Placed, contradictions, nest, read_example
from .labels import Labels, language_of, status_of
from .lines import Line, lines_of
from .schemas import LIMITS

_METHOD = "|".join(METHODS)
_OPERATION = re.compile(rf"({_METHOD})\s*(https?://\S+)", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+*-]+")
_SCHEME = re.compile(r"(bearer|basic)\b( \S+)?", re.IGNORECASE)
# A row of the table of headers, or a header with a placeholder for its value: `X-API-Key <key>`.
_ANOTHER_HEADER = re.compile(r"\w+([-_]\w+)+|.*<.*")

# What the page never says, so that nothing follows from its silence.
UNSTATED = frozenset(
    {("operation", "operationId"), ("operation", "tags"), ("body", "required"), ("documented error", EXISTS)}
    | {("*", aspect) for aspect in ("nullable", "deprecated", "style", "additionalProperties", *LIMITS)}
)


def read_page(text: str, ours: Facts) -> Facts:
    """Reduces the page to facts.

    Args:
        text: The page's text.
        ours: What openapi.yaml says: where the server's address ends and a path begins, and which words an
            enumeration printed without spaces is made of, can only be told by comparison.
    """
    lines = lines_of(text)
    return _Page(language_of({line.text.casefold() for line in lines}), lines, ours).read()


class _Page:
    def __init__(self, labels: Labels, lines: list[Line], ours: Facts) -> None:
        self.labels = labels
        self.page = lines
        self.values: dict[Fact, str | bool] = {}
        self.lines: dict[Place, int] = {}
        self.unstated: set[Place] = set()
        self.uncertain: set[Place] = set()
        self.notes: list[str] = []
        self.paths = sorted({canonical(name).split()[1] for name in ours.operations()}, key=len, reverse=True)
        self.entries = EntryReader(labels, {place[-1] for place, _ in ours.values if place[-2:-1] == (ENUM,)})

    def read(self) -> Facts:
        starts = [index for index, line in enumerate(self.page) if _OPERATION.fullmatch(line.text)]
        if not starts:
            raise NotUnderstood("no operation (a method and its URL) on this page", 1)
        servers = self.servers([self.page[start] for start in starts])
        for start, end in zip(starts, [*starts[1:], len(self.page)], strict=True):
            self.operation(self.page[start], self.page[start + 1 : end], servers)
        aspects = UNSTATED
        protected = {fact for fact in self.values if fact.aspect == "security"}
        if {self.values[fact] for fact in protected} == {"none"}:
            # A page with nothing at all where authorisation is shown is one saved without it.
            aspects |= {("operation", "security")}
            self.values = {fact: value for fact, value in self.values.items() if fact not in protected}
        return Facts(
            self.values,
            self.lines,
            unstated_aspects=aspects,
            unstated_places=frozenset(self.unstated),
            uncertain=frozenset(self.uncertain),
            notes=tuple(self.notes),
        )

    def state(self, place: Place, line: Line, aspect: str = EXISTS, value: str | bool = True) -> None:
        self.values[Fact(place, aspect)] = value
        self.lines.setdefault(place, line.number)

    def servers(self, lines: list[Line]) -> list[str]:
        """Addresses of servers, the most used one first: what is left of URLs whose path is a known one."""
        found: list[str] = []
        for line in lines:
            url = _path_of(line)
            path = next((known for known in self.paths if canonical(url).endswith(known)), None)
            if path:
                found.append(url[: _length_before(url, path)])
        if not found:
            raise NotUnderstood("no operation of openapi.yaml is on this page", lines[0].number)
        return sorted(set(found), key=found.count, reverse=True)

    def operation(self, line: Line, block: list[Line], servers: list[str]) -> None:
        url = _path_of(line)
        server = next((known for known in servers if url.startswith(f"{known}/")), None)
        if server is None:
            raise NotUnderstood(f"cannot tell where the path begins in {url}", line.number)
        place = (f"{line.text.split('http')[0].strip().upper()} {url.removeprefix(server)}",)
        if Fact(place, EXISTS) in self.values:
            raise NotUnderstood(f"{place[0]} is on the page twice", line.number)
        self.state(place, line)
        self.state(("", "server", server) if server == servers[0] else (*place, "server", server), line)
        sections = self.sections(line, block)
        self.security(place, line, sections["start"])
        self.parameters((*place, "path"), sections["path"])
        self.parameters((*place, "query"), sections["query"])
        if sections["body"]:
            self.body((*place, "body"), sections["body"], sections["example request"])
        self.responses((*place, "response"), line, sections["responses"], sections["example response"])

    def sections(self, operation: Line, block: list[Line]) -> dict[str, list[Line]]:
        """The lines under each heading; the body's is told by the content type that follows it."""
        headings = {
            self.labels.path_parameters: "path",
            self.labels.query_parameters: "query",
            self.labels.responses: "responses",
            self.labels.example_request: "example request",
            self.labels.example_response: "example response",
        }
        known = {heading.casefold(): name for heading, name in headings.items()}
        names = ("start", "body", *headings.values())
        sections: dict[str, list[Line]] = {name: [] for name in names}
        current = "start"
        for line in block:
            name = known.get(line.text.casefold())
            if name is None:
                opens_body = self.opens_body(line, current, sections)
                # Even the content type that opens the body: it tells that what it follows is the heading.
                sections[current].append(line)
                if not opens_body:
                    continue
                name = "body"
            if sections[name] or current == name:
                raise NotUnderstood(f"a second {line.text!r} since line {operation.number}", line.number)
            if name == "body":
                sections[name].append(line)
            current = name
        return sections

    def opens_body(self, line: Line, current: str, sections: dict[str, list[Line]]) -> bool:
        if line.after(self.labels.content_type) is None:
            return False
        if any(each.text for each in sections["responses"]):
            raise unexpected(line)
        return current != "responses"

    def security(self, place: Place, operation: Line, lines: list[Line]) -> None:
        refuse_entries(lines)
        stated = [line for line in lines if line.text]
        if stated and stated[-1].after(self.labels.content_type) is not None:
            del stated[-2:]  # The body's heading.
        shown = f"http {_scheme(stated)}" if stated else "none"
        self.state(place, operation, "security", shown)

    def parameters(self, base: Place, lines: list[Line]) -> None:
        for entry in self.entries.read(lines):
            if entry.type is None:
                raise no_type(entry.line)
            if base[-1] == "path" and not (entry.required and f"{{{entry.name}}}" in base[0]):
                raise NotUnderstood(
                    f"the path parameter {entry.name!r} is not in the path or not required", entry.line.number
                )
            place = (*base, entry.name)
            self.entry(place, entry)
            if entry.type in ("array", "object"):
                self.unstated.add((*place, ITEMS))

    def body(self, place: Place, lines: list[Line], example: list[Line]) -> None:
        self.state(place, lines[0])
        media_types, rest = self.media_types(lines)
        for media in media_types:
            self.content((*place, media.text.lower()), media, rest, example)

    def responses(self, base: Place, operation: Line, lines: list[Line], example: list[Line]) -> None:
        media_types, rest = self.media_types(lines)
        rest = _from_first_text(rest)
        if not rest:
            raise NotUnderstood("the operation has no response: the page is not whole", operation.number)
        place = (*base, _status(rest[0]))
        self.state(place, rest[0])
        if not media_types:
            _refuse_more(rest[1:])
        for media in media_types:
            self.content((*place, media.text.lower()), media, rest[1:], example)

    def media_types(self, lines: list[Line]) -> tuple[list[Line], list[Line]]:
        """The media types under the content type's label, and the lines after them."""
        rest = _from_first_text(lines)
        value = rest[0].after(self.labels.content_type) if rest else None
        if value is None:
            return [], lines
        found = [Line(rest[0].number, value)] if value else []
        label, rest = rest[0], rest[1:]
        while (following := _from_first_text(rest)) and _MEDIA_TYPE.fullmatch(following[0].text):
            found.append(following[0])
            rest = following[1:]
        if not found:
            raise NotUnderstood("no media type after the label of the content type", label.number)
        return found, rest

    def content(self, place: Place, media: Line, listed: list[Line], lines: list[Line]) -> None:
        self.state(place, media)
        if "json" not in media.text:
            _refuse_more([*listed, *lines])
            self.unstated.add(place)
            return
        example, rest = read_example(lines)
        _refuse_more(rest)
        root = "object" if example is None else json_type(example)
        self.state(place, media, "type", root)
        placed, unlisted = nest(self.entries.read(listed), example)
        for each in placed:
            self.property(place, each)
        start = next((line.number for line in lines if line.text), media.number)
        self.notes += [
            f"{place[0]} {describe(place)}, {odd}" for odd in contradictions(placed, unlisted, start)
        ]

    def property(self, base: Place, placed: Placed) -> None:
        place, entry = (*base, *placed.path), placed.entry
        if entry.type is None and not isinstance(placed.example, dict):
            raise no_type(entry.line)
        self.entry(place, entry)
        if entry.type == "array":
            self.items(place, entry.line, placed.example)
        elif entry.type == "object" and not isinstance(placed.example, dict):
            self.unstated.add(place)

    def items(self, place: Place, line: Line, example: object) -> None:
        """The page says only in its example what an array holds."""
        types = {json_type(item) for item in example} if isinstance(example, list) else set[str]()
        if types:
            self.state((*place, ITEMS), line, "type", " | ".join(sorted(types)))
        else:
            self.unstated.add((*place, ITEMS))

    def entry(self, place: Place, entry: Entry) -> None:
        if Fact(place, EXISTS) in self.values:
            raise NotUnderstood(f"{entry.name!r} is listed twice", entry.line.number)
        aspects = {"type": entry.type or "object", "format": entry.format, "required": entry.required}
        aspects["default"] = None if entry.default is None else default_of(entry)
        for aspect, value in {EXISTS: True, **aspects}.items():
            if value:
                self.state(place, entry.line, aspect, value)
        places = [(*place, ENUM), *((*place, ENUM, value) for value in entry.values)] if entry.values else []
        for each in places:
            self.state(each, entry.line)
        self.uncertain.update(places[1:] if not entry.sure else (), [place] if entry.astray else ())


def _from_first_text(lines: list[Line]) -> list[Line]:
    """The lines from the first that is not blank on."""
    return lines[next((index for index, line in enumerate(lines) if line.text), len(lines)) :]


def _path_of(line: Line) -> str:
    """The operation's URL with its parameters in braces, however the page writes them."""
    found = _OPERATION.fullmatch(line.text)
    assert found
    return re.sub(r"(?<=/):(\w+)", r"{\1}", found[2]).rstrip("/")


def _length_before(url: str, path: str) -> int:
    """How many characters of the URL come before the path, given without the names of its parameters."""
    return next(index for index in range(len(url)) if canonical(url[index:]) == path)


def _status(line: Line) -> str:
    status = status_of(line.text)
    if status is None:
        raise NotUnderstood(f"cannot tell which status {line.text!r} is", line.number)
    return status


def _scheme(lines: list[Line]) -> str:
    """The scheme of authorisation, which is the only one, and shown last."""
    start = next((index for index, line in enumerate(lines) if _SCHEME.match(line.text)), 0)
    found = _SCHEME.fullmatch(" ".join(line.text for line in lines[start:]))
    if not found or any(_ANOTHER_HEADER.fullmatch(line.text) for line in lines[:start]):
        raise NotUnderstood("cannot tell which authorisation is needed", lines[-1].number)
    return found[1].lower()


def _refuse_more(lines: list[Line]) -> None:
    """What stands after the last part of an operation may not look like a part of it."""
    refuse_entries(lines)
    for line in lines:
        refuse_status(line)
