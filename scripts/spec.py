"""Reads an OpenAPI document with its line numbers."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JSON_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))


class NotUnderstood(Exception):  # noqa: N818 - not a failure of ours: the input is at fault, or beyond us
    """The input says something wrong, or something that cannot be reduced to facts.

    Attributes:
        line: Where in the input, if that is known.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        self.message, self.line = message, line
        super().__init__(message if line is None else f"line {line}: {message}")

    def of(self, name: object) -> str:
        """The sentence with the name of the file: `openapi.yaml:12: ...`."""
        return f"{name}: {self.message}" if self.line is None else f"{name}:{self.line}: {self.message}"


def yaml() -> YAML:
    """Reads and writes openapi.yaml so that what is not changed stays as it is, byte for byte."""
    engine = YAML()
    engine.preserve_quotes = True
    engine.width = 4096
    engine.indent(mapping=2, sequence=4, offset=2)
    return engine


def read(path: Path) -> Any:
    """Parses a file, keeping line numbers. Raises NotUnderstood, which names it, if that cannot be done."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotUnderstood(f"{path.name}: cannot be read: {reason}") from error
    except NotUnderstood as error:
        raise NotUnderstood(error.of(path.name)) from error


def parse(text: str) -> Any:
    """Parses YAML, or JSON, keeping line numbers. Raises NotUnderstood with the line."""
    if text.lstrip().startswith("{"):
        _check_json(text)
        # YAML takes any JSON but for tabs, which in JSON can only stand between tokens.
        text = text.replace("\t", " ")
    try:
        return yaml().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = re.sub(r" with value .*", ", which stands in this mapping already", str(error.problem))
        raise NotUnderstood(f"not readable as YAML: {problem}", line) from error
    except (YAMLError, RecursionError) as error:
        raise NotUnderstood(f"not readable as YAML: {str(error).splitlines()[0]}") from error


def _check_json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise NotUnderstood(f"not readable as JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise NotUnderstood("not readable as JSON: nested too deep") from error


def version_of(tree: Any) -> str:
    """The version of OpenAPI the document is written in. Raises NotUnderstood for none, and for another."""
    if not isinstance(tree, Mapping):
        empty = tree is None
        problem = "the file is empty" if empty else "the top level is not a mapping"
        raise NotUnderstood(f"{problem}; accepted: an OpenAPI document", None if empty else 1)
    key = "swagger" if "swagger" in tree else "openapi"
    version = str(tree.get(key, "missing"))
    if key == "swagger" or not re.fullmatch(r"3\.[01](\.\d+)?", version):
        line = line_of(tree, key) if key in tree else 1
        raise NotUnderstood(f"{key} is {version}; accepted: openapi, 3.0 or 3.1, such as 3.0.3", line)
    return version


def line_of(holder: Any, key: Any) -> int:
    """The line, counted from 1, that an entry of a parsed map or list stands on."""
    marks = holder.lc
    mark = marks.item(key) if isinstance(holder, list) else marks.key(key)
    return int(mark[0]) + 1


def json_type(value: object) -> str:
    """The JSON Schema type of a value."""
    if value is None:
        return "null"
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "object")


def follow(tree: Any, node: Any) -> tuple[Any, Any]:
    """The map and the key a node's `$ref` leads to. Raises NotUnderstood with what would be accepted."""
    pointer = str(node["$ref"])
    if not pointer.startswith("#/"):
        raise NotUnderstood(
            f"$ref {pointer}: only references inside the document are followed; accepted: a place in it, "
            "such as #/components/schemas/Recording",
            line_of(node, "$ref"),
        )
    holder, target, key, known = None, tree, "", "#"
    for part in pointer[2:].split("/"):
        holder, key = target, unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(holder, Mapping) or key not in holder:
            names = [str(name) for name in holder] if isinstance(holder, Mapping) else []
            message = f"$ref {pointer} leads nowhere; accepted: {closest(key, names, known)}"
            raise NotUnderstood(message, line_of(node, "$ref"))
        target, known = holder[key], f"{known}/{part}"
    return holder, key


def closest(word: str, names: list[str], prefix: str = "") -> str:
    """The names most like the word; all of them if none is."""
    close = difflib.get_close_matches(word, names, 3) or sorted(names)[:40]
    return ", ".join(f"{prefix}/{name}" if prefix else name for name in close) or "nothing there"


def operations(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every operation as `GET /path`, with its definition."""
    for path, item in tree["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]
