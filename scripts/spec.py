"""Reads an OpenAPI document with its line numbers, and says what is wrong in it.

A mistake is one sentence: where it is, what stands there, and what would be accepted. For example:

    openapi.yaml:312: type is 'strng'; accepted: array, boolean, integer, number, object, string
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
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
        raise NotUnderstood(f"not readable as YAML: {error}") from error


def _check_json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise NotUnderstood(f"not readable as JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise NotUnderstood("not readable as JSON: nested too deep") from error


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
            message = f"$ref {pointer} leads nowhere; accepted: {_closest(key, names, known)}"
            raise NotUnderstood(message, line_of(node, "$ref"))
        target, known = holder[key], f"{known}/{part}"
    return holder, key


def _closest(word: str, names: list[str], prefix: str = "") -> str:
    """The names most like the word; all of them if none is."""
    close = difflib.get_close_matches(word, names, 3) or sorted(names)[:40]
    return ", ".join(f"{prefix}/{name}" if prefix else name for name in close) or "nothing there"


# Mistakes --------------------------------------------------------------------------------------------------


def check(tree: Any) -> None:
    """Raises NotUnderstood for the first mistake in a document."""
    version = _version(tree)
    for node in _nodes(tree):
        if "$ref" in node:
            _check_reference(tree, node)
    validator = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
    structure = next(iter(validator.schema_validator.iter_errors(tree)), None)
    if structure is not None:
        raise _explained(tree, structure)
    _check_operations(tree)
    for node in _nodes(tree):
        _check_schema(node)
    error = next(iter(validator(tree).iter_errors()), None)
    if error is not None:
        raise NotUnderstood(str(error.message).splitlines()[0], _line_at(tree, error.absolute_path))


def _version(tree: Any) -> str:
    if tree is None:
        raise NotUnderstood("the file is empty; accepted: an OpenAPI document")
    if not isinstance(tree, Mapping):
        raise NotUnderstood("the top level is not a mapping; accepted: an OpenAPI document", 1)
    version = str(tree.get("openapi", "missing"))
    if not re.fullmatch(r"3\.[01]\.\d+", version):
        line = line_of(tree, "openapi") if "openapi" in tree else 1
        raise NotUnderstood(f"openapi is {version}; accepted: 3.0.3, or another version 3.0 or 3.1", line)
    return version


def _nodes(node: Any) -> Iterator[Any]:
    """Every mapping in the document that is not somebody's data."""
    if isinstance(node, Mapping):
        yield node
    entries = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in entries:
        if key not in ("example", "examples", "default", "enum") and not str(key).startswith("x-"):
            yield from _nodes(inner)


def _check_reference(tree: Any, node: Any) -> None:
    seen: list[str] = []
    target = node
    while isinstance(target, Mapping) and isinstance(target.get("$ref"), str):
        if target["$ref"] in seen:
            raise NotUnderstood(
                f"$ref {node['$ref']} leads back to itself; accepted: a definition", line_of(node, "$ref")
            )
        seen.append(target["$ref"])
        holder, key = follow(tree, target)
        target = holder[key]


def _explained(tree: Any, error: Any) -> NotUnderstood:
    """What breaks the rules of OpenAPI, told by its innermost cause."""
    while error.context:
        # What is not a definition is not a reference either. Only the first of the two is worth reporting.
        causes = [each for each in error.context if each.validator_value != ["$ref"]] or list(error.context)
        depth = max(len(each.absolute_path) for each in causes)
        alike = [each for each in causes if len(each.absolute_path) == depth]
        if all(each.validator == "enum" for each in alike):
            accepted = [value for each in alike for value in each.validator_value]
            return _wrong(tree, alike[0], ", ".join(map(str, accepted)))
        error = alike[0]
    path, value = list(error.absolute_path), error.validator_value
    name = str(path[-1]) if path else "the document"
    if error.validator == "enum":
        return _wrong(tree, error, ", ".join(map(str, value)))
    if error.validator == "type":
        return _wrong(tree, error, f"{'an' if str(value)[0] in 'aio' else 'a'} {value}")
    if error.validator == "required":
        missing = next(key for key in value if key not in error.instance)
        return NotUnderstood(
            f"{name} has no {missing}; accepted: one with {', '.join(value)}", _line_at(tree, path)
        )
    if error.validator == "additionalProperties":
        return _unknown(tree, error, name)
    return NotUnderstood(f"{name}: {error.message}", _line_at(tree, path))


def _wrong(tree: Any, error: Any, accepted: str) -> NotUnderstood:
    path = list(error.absolute_path)
    shown = (
        error.instance if isinstance(error.instance, (str, int, float, bool)) else json_type(error.instance)
    )
    return NotUnderstood(
        f"{path[-1] if path else 'the document'} is {shown!r}; accepted: {accepted}", _line_at(tree, path)
    )


def _unknown(tree: Any, error: Any, name: str) -> NotUnderstood:
    patterns = [pattern for pattern in error.schema.get("patternProperties", {}) if pattern != "^x-"]
    known = [*error.schema.get("properties", {}), *(f"a key like {pattern}" for pattern in patterns)]
    free = "|".join(["^x-", *patterns])
    key = next((key for key in error.instance if key not in known and not re.search(free, str(key))), name)
    message = f"{key} is not known in {name}; accepted: {_closest(str(key), known)}"
    return NotUnderstood(message, _line_at(tree, [*error.absolute_path, key]))


def _line_at(tree: Any, path: Any) -> int | None:
    line, node = None, tree
    for step in path:
        try:
            line, node = line_of(node, step), node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def operations(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every operation as `GET /path`, with its definition."""
    for path, item in tree["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _check_operations(tree: Any) -> None:
    """An operation's id becomes the name of a module, as it is."""
    seen: dict[str, str] = {}
    for place, node in operations(tree):
        _check_path(tree, place, node)
        name = str(node.get("operationId", ""))
        line = line_of(node, "operationId") if "operationId" in node else line_of(node, next(iter(node)))
        if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
            raise NotUnderstood(f"{place} has the operationId {name!r}; accepted: one in snake_case", line)
        if name in seen:
            raise NotUnderstood(
                f"operationId {name} names {seen[name]} already; accepted: another name", line
            )
        seen[name] = place


def _check_path(tree: Any, place: str, node: Any) -> None:
    path = place.split(" ", 1)[1]
    found = set[str]()
    for holder in (tree["paths"][path].get("parameters", []), node.get("parameters", [])):
        for parameter in holder:
            owner, key = follow(tree, parameter) if "$ref" in parameter else ({"": parameter}, "")
            found |= {owner[key]["name"]} if owner[key]["in"] == "path" else set()
    for name in set(re.findall(r"{(.*?)}", path)) ^ found:
        missing = "has no such parameter" if name not in found else "the path does not name it"
        accepted = "a parameter `in: path` for each name in braces"
        line = line_of(tree["paths"], path)
        raise NotUnderstood(f"{place}: {{{name}}} {missing}; accepted: {accepted}", line)


def _check_schema(node: Any) -> None:
    """Values a schema states itself, which the generator stumbles over."""
    if node.get("type") == "array" and "items" not in node and "$ref" not in node:
        raise NotUnderstood("an array has no items; accepted: items with a schema", line_of(node, "type"))
    values = node.get("enum")
    if isinstance(values, list):
        known: dict[str, Any] = {}
        for index, value in enumerate(values):
            name = re.sub(r"\W+", "_", str(value)).upper()
            if name in known:
                both = f"{known[name]!r} and {value!r}"
                raise NotUnderstood(
                    f"enum has {both}, one name in Python; accepted: values that differ in letters or digits",
                    line_of(values, index),
                )
            known[name] = value
    if "default" in node and isinstance(node.get("type"), str):
        _check_default(node, node["default"], node["type"])


def _check_default(node: Any, default: Any, kind: str) -> None:
    fits = json_type(default) == kind or (kind == "number" and json_type(default) == "integer")
    listed = [*node.get("enum", [default])]
    if not (fits and default in listed) and not (default is None and node.get("nullable")):
        accepted = ", ".join(map(str, listed)) if fits else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
        raise NotUnderstood(f"default is {default!r}; accepted: {accepted}", line_of(node, "default"))
