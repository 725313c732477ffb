"""What the vendor's developer portal makes of an OpenAPI document: a page in one of its languages."""

import html
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from scripts.drift.sources.labels import Labels
from scripts.spec import METHODS

# The heading of the request body is known in French only; the others stand for whatever it may be.
BODY_HEADINGS = {"French": "Corps de la demande", "English": "Request Body", "German": "Anfragedaten"}

Piece = tuple[str, str, tuple[str, ...]]
"""A kind (line, glued, prose or code), a text, and values glued to it."""


def as_text(tree: Any, labels: Labels) -> str:
    """The page as a browser saves it in text form."""
    lines: list[str] = []
    for kind, text, values in Portal(tree, labels).page():
        if kind in ("prose", "code"):
            lines += ["", text, ""]
        else:
            lines.append(text + "".join(values))
    return "\n".join(lines) + "\n"


def as_html(tree: Any, labels: Labels) -> str:
    """The page in HTML: nothing is glued there, as each value has an element of its own."""
    parts = ["<!DOCTYPE html>\n<html><head><title>API</title><script>let a = '<b>';</script></head><body>"]
    for kind, text, values in Portal(tree, labels).page():
        if kind == "prose":
            parts.append(
                f"<p>{html.escape(text)} <b>See</b> the guide.</p>" if "." in text else f"<p>{text}</p>"
            )
        elif kind == "code":
            colored = html.escape(text, quote=False).replace('"id"', '<span class="key">"id"</span>')
            parts.append(f"<pre><code>{colored}</code></pre>")
        else:
            inner = "".join(f"<span>{html.escape(value)}</span>" for value in (text, *values) if value)
            parts.append(f"<div>\n  <div>{inner}</div>\n</div>")
    return "\n".join(parts) + "</body></html>"


def as_paragraphs(tree: Any, labels: Labels) -> str:
    """In XHTML, a paragraph for each line, values included, and a button to copy each example."""
    parts = ['<?xml version="1.0" encoding="iso-8859-1"?>\n<!DOCTYPE html>\n<html><body>']
    for kind, text, values in Portal(tree, labels).page():
        escaped = html.escape(text, quote=False)
        if kind == "code":
            parts.append(f"<pre><button>Copy {{</button><code>{escaped}</code><button>Copy</button></pre>")
        else:
            parts += [f"<p>{html.escape(each)}</p>" for each in (text, *values) if each]
    return "\n".join(parts) + "</body></html>"


def as_code(tree: Any, labels: Labels) -> str:
    """In HTML on one line, values in `code` without anything between, words that may break."""
    parts = ["<!DOCTYPE html><html><body>"]
    for kind, text, values in Portal(tree, labels).page():
        if kind == "code":
            parts.append(f"<pre>{html.escape(text, quote=False).replace(chr(10), '<br>')}</pre>")
        elif kind == "prose":
            parts.append(f"<p>{html.escape(text)}</p>")
        else:
            codes = "".join(f"<code>{html.escape(value)}</code>" for value in values)
            parts.append(f"<div>{_breakable(text)}{codes}</div>")
    return "".join(parts) + "</body></html>"


def _breakable(text: str) -> str:
    """The text with places where it may break, and a search word marked in it."""
    inner = html.escape(text).replace("_", "_<wbr>")
    head, middle, tail = inner[:1], inner[1:3], inner[3:]
    if set(inner[:4]) & set("&<;"):
        return inner
    return f"{head}&shy;<mark>{middle}</mark>{tail}" if len(tail) > 2 else inner


class Portal:
    def __init__(self, tree: Any, labels: Labels) -> None:
        self.tree, self.labels = tree, labels

    def page(self) -> Iterator[Piece]:
        yield line("Call Recording API")
        yield prose("It can be used by applications that subscribe to it.")
        for path, item in self.tree["paths"].items():
            for method in METHODS:
                if method in item:
                    yield from self.operation(method, path, item, item[method])

    def operation(self, method: str, path: str, item: Any, node: Any) -> Iterator[Piece]:
        yield prose(node.get("summary", "An operation"))
        yield prose("What it does.")
        address = self.tree["servers"][0]["url"] + path.replace("{", ":").replace("}", "")
        yield "glued", method, (address,)
        if node.get("security", True):
            yield from (prose("Authorization"), line("Headers"), line("Bearer <access_token>"))
        parameters = [
            self.resolved(each) for each in (*item.get("parameters", []), *node.get("parameters", []))
        ]
        headings = {"path": self.labels.path_parameters, "query": self.labels.query_parameters}
        for kind, heading in headings.items():
            listed = [parameter for parameter in parameters if parameter["in"] == kind]
            if listed:
                yield prose(heading)
            for parameter in listed:
                schema = self.resolved(parameter["schema"])
                yield from self.entry(parameter["name"], schema, bool(parameter.get("required")))
        if "requestBody" in node:
            yield line(BODY_HEADINGS[self.labels.language])
            yield from self.content(self.resolved(node["requestBody"]), None, self.labels.example_request)
        yield prose(self.labels.responses)
        status = next(iter(node["responses"]))
        phrase = HTTPStatus(int(status)).phrase
        response = self.resolved(node["responses"][status])
        yield from self.content(response, phrase, self.labels.example_response)

    def content(self, holder: Any, phrase: str | None, heading: str) -> Iterator[Piece]:
        for media in holder.get("content", {}):
            yield line(self.labels.content_type)
            yield line(media)
        if phrase:
            yield prose(phrase)
        for medium in holder.get("content", {}).values():
            yield from self.properties(medium["schema"])
            yield prose(heading)
            yield "code", json.dumps(self.example(medium["schema"]), indent=3), ()

    def properties(self, schema: Any) -> Iterator[Piece]:
        node = self.resolved(schema)
        if "items" in node:
            yield from self.properties(node["items"])
        for name, inner in node.get("properties", {}).items():
            yield from self.entry(name, self.resolved(inner), name in node.get("required", []))
            yield from self.properties(inner)

    def entry(self, name: str, schema: Any, required: bool) -> Iterator[Piece]:
        yield line(name)
        # The portal gives `_embedded` no type.
        if name != "_embedded":
            yield line(schema["type"] + (f"({schema['format']})" if "format" in schema else ""))
        if required:
            yield line(self.labels.required)
        if "default" in schema:
            yield "glued", self.labels.default, (str(schema["default"]),)
        if "example" in schema and schema["type"] != "array":
            yield "glued", self.labels.example, (str(schema["example"]),)
        yield prose(f"The {name.replace('_', ' ').replace(':', ' ')} of it.")
        if "enum" in schema:
            yield "glued", self.labels.one_of, tuple(schema["enum"])

    def resolved(self, node: Any) -> Any:
        while "$ref" in node:
            section, name = node["$ref"].split("/")[2:]
            node = self.tree["components"][section][name]
        return node

    def example(self, schema: Any) -> Any:
        node = self.resolved(schema)
        if "oneOf" in node:
            return self.example(node["oneOf"][0])
        if node["type"] == "object":
            return {name: self.example(inner) for name, inner in node.get("properties", {}).items()}
        if node["type"] == "array":
            return [self.example(node["items"])]
        return {"string": "text", "integer": 1, "number": 1.5, "boolean": True}[node["type"]]


def line(text: str) -> Piece:
    return "line", text, ()


def prose(text: str) -> Piece:
    return "prose", text, ()
