"""Says what is wrong in an OpenAPI document, before it is generated from.

A mistake is one sentence: where it is, what stands there, and what would be accepted. For example:

    openapi.yaml:312: type is 'strng'; accepted: array, boolean, integer, number, object, string
"""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from scripts.spec import NotUnderstood, closest, follow, json_type, line_of, operations, version_of

# What is somebody's data, and not a part of the description.
_DATA = ("example", "examples", "default", "enum")
# The keys of these are names. What stands under them is of this kind of component, and so is what a reference
# there leads to.
_NAMED = ("properties", "schemas", "parameters", "responses", "requestBodies", "headers", "paths", "content")
_HOLDS = {
    **{name: name for name in ("schemas", "parameters", "responses", "requestBodies", "headers")},
    "requestBody": "requestBodies",
    **dict.fromkeys(("properties", "schema", "items", "additionalProperties"), "schemas"),
    **dict.fromkeys(("allOf", "oneOf", "anyOf", "not"), "schemas"),
}


def check(tree: Any) -> None:
    """Raises NotUnderstood for the first mistake in a document."""
    version = version_of(tree)
    for node, kind in _nodes(tree):
        _check_keys(node)
        _definition(tree, node, kind)
    validator = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
    structure = next(iter(validator.schema_validator.iter_errors(tree)), None)
    if structure is not None:
        raise _explained(tree, structure)
    _check_operations(tree)
    _check_names("schemas", tree.get("components", {}).get("schemas", {}), r"[\W_]+")
    for node, _ in _nodes(tree):
        _check_schema(node)
    error = next(iter(validator(tree).iter_errors()), None)
    if error is not None:
        raise NotUnderstood(str(error.message).splitlines()[0], _line_at(tree, error.absolute_path))


def _nodes(node: Any, kind: str = "", names: bool = False) -> Iterator[tuple[Any, str]]:
    """Every mapping in the document that is not somebody's data, with what a reference there is to lead to.

    With `names`, the keys are names of properties and the like.
    """
    if isinstance(node, Mapping):
        yield node, kind
    for key, inner in node.items() if isinstance(node, Mapping) else ():
        if names or (key not in _DATA and not str(key).startswith("x-")):
            holds = kind if names else _HOLDS.get(key, "")
            yield from _nodes(inner, holds, isinstance(inner, Mapping) and key in _NAMED and not names)
    for inner in node if isinstance(node, list) else ():
        yield from _nodes(inner, kind)


def _definition(tree: Any, node: Any, kind: str = "") -> Any:
    """What the node's reference leads to, or the node itself."""
    seen: list[str] = []
    target = node
    while isinstance(target, Mapping) and "$ref" in target:
        pointer = str(target["$ref"])
        if pointer in seen:
            message = f"$ref {node['$ref']} leads back to itself; accepted: a definition"
            raise NotUnderstood(message, line_of(node, "$ref"))
        seen.append(pointer)
        holder, key = follow(tree, target)
        section = f"#/components/{kind}"
        if kind and pointer.rpartition("/")[0] != section:
            known = [str(name) for name in tree["components"].get(kind, {})]
            message = f"$ref {pointer} leads to something else; accepted: {closest(str(key), known, section)}"
            raise NotUnderstood(message, line_of(target, "$ref"))
        target = holder[key]
    return target


def _explained(tree: Any, error: Any) -> NotUnderstood:
    """What breaks the rules of OpenAPI, told by its innermost cause."""
    while error.context:
        # Every definition could be a reference, too: that it is none is not worth telling.
        causes = [each for each in error.context if each.validator_value != ["$ref"]] or list(error.context)
        depth = max(len(each.absolute_path) for each in causes)
        alike = [each for each in causes if len(each.absolute_path) == depth]
        error = alike[0]
        if all(each.validator == "enum" for each in alike):
            error.validator_value = [value for each in alike for value in each.validator_value]
            break
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown(tree, error, path)
    told = _TOLD.get(error.validator, lambda each: f": {each.message}")(error)
    return NotUnderstood(f"{path[-1] if path else 'the document'}{told}", _line_at(tree, path))


def _is(error: Any, accepted: str) -> str:
    scalar = isinstance(error.instance, (str, int, float, bool))
    return f" is {error.instance if scalar else json_type(error.instance)!r}; accepted: {accepted}"


_TOLD: dict[str, Callable[[Any], str]] = {
    "enum": lambda error: _is(error, ", ".join(map(str, error.validator_value))),
    "type": lambda error: _is(error, _a(str(error.validator_value))),
    "required": lambda error: (
        f" has no {next(key for key in error.validator_value if key not in error.instance)}; "
        f"accepted: one with {', '.join(error.validator_value)}"
    ),
    "uniqueItems": lambda error: (
        f" has {next(str(dict(each)) for each in error.instance if list(error.instance).count(each) > 1)} "
        "twice; accepted: each only once"
    ),
    "minItems": lambda _: " is empty; accepted: one with something in it",
    "minProperties": lambda _: " is empty; accepted: one with something in it",
}


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def _unknown(tree: Any, error: Any, path: list[Any]) -> NotUnderstood:
    name = str(path[-1]) if path else "the document"
    patterns = [pattern for pattern in error.schema.get("patternProperties", {}) if pattern != "^x-"]
    known = [*error.schema.get("properties", {}), *(f"a key like {pattern}" for pattern in patterns)]
    free = "|".join(["^x-", *patterns])
    key = next((key for key in error.instance if key not in known and not re.search(free, str(key))), name)
    message = f"{key} is not known in {name}; accepted: {closest(str(key), known)}"
    return NotUnderstood(message, _line_at(tree, [*path, key]))


def _line_at(tree: Any, path: Any) -> int | None:
    line, node = None, tree
    for step in path:
        try:
            line, node = line_of(node, step), node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def _check_operations(tree: Any) -> None:
    """An operation's id becomes the name of a module, as it is."""
    seen: dict[str, str] = {}
    for place, node in operations(tree):
        _check_path(tree, place, node)
        name = str(node.get("operationId", ""))
        line = line_of(node, "operationId") if "operationId" in node else line_of(node, next(iter(node)))
        if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
            accepted = "one in snake_case, and no word of Python's"
            raise NotUnderstood(f"{place} has the operationId {name!r}; accepted: {accepted}", line)
        if name in seen:
            raise NotUnderstood(
                f"operationId {name} names {seen[name]} already; accepted: another name", line
            )
        seen[name] = place


def _check_path(tree: Any, place: str, node: Any) -> None:
    path = place.split(" ", 1)[1]
    holders = (tree["paths"][path].get("parameters", []), node.get("parameters", []))
    parameters = [_definition(tree, parameter) for holder in holders for parameter in holder]
    found = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
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
        _check_names("enum", values, r"\W+")
        for index, value in enumerate(values):
            _check_value(f"enum has {value!r}", node, value, line_of(values, index))
    if "default" in node:
        _check_value(f"default is {node['default']!r}", node, node["default"], line_of(node, "default"))
    if isinstance(node.get("pattern"), str):
        try:
            re.compile(node["pattern"])
        except re.error:
            message = f"pattern is {node['pattern']!r}; accepted: a regular expression"
            raise NotUnderstood(message, line_of(node, "pattern")) from None


def _check_value(said: str, node: Any, value: Any, line: int) -> None:
    """A value has to be of the schema's type, and one of those that are allowed, if they are listed."""
    kind, actual, listed = node.get("type"), json_type(value), node.get("enum", [value])
    if not isinstance(kind, str) or (value is None and (node.get("nullable") or value in listed)):
        return
    if actual != kind and (actual, kind) != ("integer", "number"):
        raise NotUnderstood(f"{said}; accepted: {_a(kind)}", line)
    if value not in listed:
        raise NotUnderstood(f"{said}; accepted: {', '.join(map(str, listed))}", line)


def _check_names(where: str, holder: Any, apart: str) -> None:
    """Two values of an enumeration, or names of schemas, must not become one name in Python."""
    known: dict[str, Any] = {}
    for key, value in enumerate(holder) if isinstance(holder, list) else zip(holder, holder, strict=True):
        name = re.sub(apart, "_" if where == "enum" else "", str(value)).upper()
        if name in known:
            both = f"{where} has {known[name]!r} and {value!r}, one name in Python"
            accepted = "values that differ in letters or digits"
            raise NotUnderstood(f"{both}; accepted: {accepted}", line_of(holder, key))
        known[name] = value


def _check_keys(node: Any) -> None:
    """YAML reads 200 as a number, where JSON has nothing but texts."""
    for key in node:
        if not isinstance(key, str):
            raise NotUnderstood(
                f'the key {key} is not text; accepted: "{key}", in quotes', line_of(node, key)
            )
