"""From the vendor's documentation page, saved as text or HTML, to facts.

The page is a list of lines: what is nested in what can only be seen in its example requests and responses.
Anything that looks like a part of an API but cannot be made sense of is refused, with its line.
"""

import re

from scripts.spec import METHODS, NotUnderstood, json_type

from ..facts import ENUM, EXISTS, ITEMS, NAME, Fact, Facts, Naming, Place, canonical, describe
from .entries import Entry, EntryReader, no_type, refuse_entries, refuse_more, unexpected
from .examples import Placed, contradictions, nest, read_example
from .labels import HEADINGS, LANGUAGES, after, is_label, status_of
from .lines import Line, lines_of
from .schemas import LIMITS

_OPERATION = re.compile(rf"({'|'.join(METHODS)})\s*(https?://\S+)", re.IGNORECASE)
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
    if not any(is_label(line.text, *HEADINGS[:3]) for line in lines):
        languages = ", ".join(labels.language for labels in LANGUAGES)
        raise NotUnderstood(f"neither an OpenAPI document nor the docs page in {languages}", 1)
    return _Page(ours).read(lines)


class _Page:
    def __init__(self, ours: Facts) -> None:
        self.values: dict[Fact, str | bool] = {}
        self.lines: dict[Place, int] = {}
        self.unstated: set[Place] = set()
        self.uncertain: set[Place] = set()
        self.notes: list[str] = []
        self.naming = Naming(ours.operations())
        self.paths = sorted(self.naming.paths, key=len, reverse=True)
        self.entries = EntryReader({place[-1] for place, _ in ours.values if place[-2:-1] == (ENUM,)})

    def read(self, lines: list[Line]) -> Facts:
        starts = [index for index, line in enumerate(lines) if _OPERATION.fullmatch(line.text)]
        if not starts:
            raise NotUnderstood("no operation (a method and its URL) on this page", 1)
        servers = self.servers([lines[start] for start in starts])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            self.operation(lines[start], lines[start + 1 : end], servers)
        aspects = UNSTATED
        protected = [fact for fact in self.values if fact.aspect == "security"]
        if {self.values[fact] for fact in protected} == {"none"}:
            # A page with nothing at all where authorisation is shown is one saved without it.
            aspects |= {("operation", "security")}
            for fact in protected:
                del self.values[fact]
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
        for url in map(_url_of, lines):
            path = next((known for known in self.paths if canonical(url).endswith(known)), None)
            if path:
                found.append(url[: next(n for n in range(len(url)) if canonical(url[n:]) == path)])
        if not found:
            raise NotUnderstood("no operation of openapi.yaml is on this page", lines[0].number)
        return sorted(set(found), key=found.count, reverse=True)

    def operation(self, line: Line, block: list[Line], servers: list[str]) -> None:
        url = _url_of(line)
        server = next((known for known in servers if url.startswith(f"{known}/")), None)
        if server is None:
            raise NotUnderstood(f"cannot tell where the path begins in {url}", line.number)
        method = line.text.split("http")[0].strip()
        name, names = self.naming.operation(method, url.removeprefix(server))
        place = (name,)
        if place in self.lines:
            raise NotUnderstood(f"{name} is on the page twice", line.number)
        self.state(place, line)
        self.state(("", "server", server) if server == servers[0] else (*place, "server", server), line)
        sections = _sections(line, block)
        self.state(place, line, "security", _security(sections["start"]))
        self.parameters((*place, "path"), sections["path_parameters"], names)
        self.parameters((*place, "query"), sections["query_parameters"], {})
        if sections["body"]:
            self.body((*place, "body"), sections["body"], sections["example_request"])
        self.responses((*place, "response"), line, sections["responses"], sections["example_response"])

    def parameters(self, base: Place, lines: list[Line], names: dict[str, str]) -> None:
        for entry in self.entries.read(lines):
            if entry.type is None:
                raise no_type(entry.line)
            if base[-1] == "path" and not (entry.required and entry.name in names):
                message = f"the path parameter {entry.name!r} is not in the path or not required"
                raise NotUnderstood(message, entry.line.number)
            place = (*base, names.get(entry.name, entry.name))
            self.entry(place, entry)
            if place[-1] != entry.name:
                self.state(place, entry.line, NAME, entry.name)
            if entry.type in ("array", "object"):
                self.unstated.add((*place, ITEMS))

    def body(self, place: Place, lines: list[Line], example: list[Line]) -> None:
        self.state(place, lines[0])
        media_types, rest = _media_types(lines)
        for media in media_types:
            self.content((*place, media.text.lower()), media, rest, example)

    def responses(self, base: Place, operation: Line, lines: list[Line], example: list[Line]) -> None:
        media_types, rest = _media_types(lines)
        rest = _from_first_text(rest)
        if not rest:
            raise NotUnderstood("the operation has no response: the page is not whole", operation.number)
        status = status_of(rest[0].text)
        if status is None:
            raise NotUnderstood(f"cannot tell which status {rest[0].text!r} is", rest[0].number)
        place = (*base, status)
        self.state(place, rest[0])
        if not media_types:
            refuse_more(rest[1:])
        for media in media_types:
            self.content((*place, media.text.lower()), media, rest[1:], example)

    def content(self, place: Place, media: Line, listed: list[Line], lines: list[Line]) -> None:
        self.state(place, media)
        if "json" not in media.text:
            refuse_more([*listed, *lines])
            self.unstated.add(place)
            return
        example, rest = read_example(lines)
        refuse_more(rest)
        self.state(place, media, "type", "object" if example is None else json_type(example))
        placed, unlisted = nest(self.entries.read(listed), example)
        for each in placed:
            self.property(place, each)
        start = next((line.number for line in lines if line.text), media.number)
        self.notes += [
            f"{place[0]} {describe(place)}, {odd}" for odd in contradictions(placed, unlisted, start)
        ]

    def property(self, base: Place, placed: Placed) -> None:
        place, entry, example = (*base, *placed.path), placed.entry, placed.example
        if entry.type is None and not isinstance(example, dict):
            raise no_type(entry.line)
        self.entry(place, entry)
        # The page says only in its example what an array holds.
        items = {json_type(item) for item in example} if isinstance(example, list) else set[str]()
        if entry.type == "array" and items:
            self.state((*place, ITEMS), entry.line, "type", " | ".join(sorted(items)))
        elif entry.type == "array":
            self.unstated.add((*place, ITEMS))
        elif entry.type == "object" and not isinstance(example, dict):
            self.unstated.add(place)

    def entry(self, place: Place, entry: Entry) -> None:
        if Fact(place, EXISTS) in self.values:
            raise NotUnderstood(f"{entry.name!r} is listed twice", entry.line.number)
        aspects = {"type": entry.type or "object", "format": entry.format, "required": entry.required}
        for aspect, value in {EXISTS: True, **aspects, "default": entry.default_as_json()}.items():
            if value:
                self.state(place, entry.line, aspect, value)
        values = [(*place, ENUM, value) for value in entry.values]
        for each in [(*place, ENUM), *values] if values else []:
            self.state(each, entry.line)
        self.uncertain.update([] if entry.sure else values, [place] if entry.astray else [])


def _sections(operation: Line, block: list[Line]) -> dict[str, list[Line]]:
    """The lines under each heading; the body's is told by the content type that follows it."""
    sections: dict[str, list[Line]] = {name: [] for name in ("start", "body", *HEADINGS)}
    current = "start"
    for line in block:
        name = next((each for each in HEADINGS if is_label(line.text, each)), None) if line.text else None
        if name is None and _opens_body(line, current, sections["responses"]):
            # Here, too: it tells that what it follows is the heading.
            sections[current].append(line)
            name = "body"
        if name and (sections[name] or current == name):
            raise NotUnderstood(f"a second {line.text!r} since line {operation.number}", line.number)
        current = name or current
        if name in (None, "body"):
            sections[current].append(line)
    return sections


def _opens_body(line: Line, current: str, responses: list[Line]) -> bool:
    if after("content_type", line.text) is None:
        return False
    if any(each.text for each in responses):
        raise unexpected(line)
    return current != "responses"


def _security(lines: list[Line]) -> str:
    """The scheme of authorisation, which is the only one, and shown last."""
    refuse_entries(lines)
    stated = [line for line in lines if line.text]
    if stated and after("content_type", stated[-1].text) is not None:
        del stated[-2:]  # the body's heading
    if not stated:
        return "none"
    start = next((index for index, line in enumerate(stated) if _SCHEME.match(line.text)), 0)
    found = _SCHEME.fullmatch(" ".join(line.text for line in stated[start:]))
    if not found or any(_ANOTHER_HEADER.fullmatch(line.text) for line in stated[:start]):
        raise NotUnderstood("cannot tell which authorisation is needed", stated[-1].number)
    return f"http {found[1].lower()}"


def _media_types(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The media types under the content type's label, and the lines after them."""
    rest = _from_first_text(lines)
    value = after("content_type", rest[0].text) if rest else None
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


def _from_first_text(lines: list[Line]) -> list[Line]:
    """The lines from the first that is not blank on."""
    return lines[next((index for index, line in enumerate(lines) if line.text), len(lines)) :]


def _url_of(line: Line) -> str:
    """The operation's URL with its parameters in braces, however the page writes them."""
    return re.sub(r"(?<=/):(\w+)", r"{\1}", line.text[line.text.index("http") :]).rstrip("/")
