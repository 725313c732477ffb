"""A page of reference for each kind of public name, made from `__all__`: nothing exported can be left out."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import vbc_call_recording
import vbc_call_recording_archive
import vbc_call_recording_pytest
import vbc_call_recording_sandbox

# What a class inherits from these is their documentation's to tell.
FOREIGN = "AuthenticatedClient, BaseException, Exception, object, dict, str, tuple, Protocol, Generic, Enum"
TITLES = {"client": "Client", "async": "Async client", "models": "Models", "errors": "Exceptions"}
# Chapters of the client's page, by the rooms that its names are from.
ROOMS = {
    "_sync": "The client, and what it returns",
    "_auth": "Logging in",
    "_listing": "Filters and listings",
    "_exports": "Exports",
    "_files": "Downloads",
    "_http": "Requests",
    "_options": "Keyword arguments",
    "": "Constants",
}


def reference() -> Iterator[tuple[str, str]]:
    """File and text of each page."""
    sorts: dict[str, list[str]] = {key: [] for key in TITLES}
    for name in vbc_call_recording.__all__:
        sorts[sort(getattr(vbc_call_recording, name))].append(name)
    for key, names in sorts.items():
        rooms = ROOMS if key == "client" else {"": ""}
        parts = [
            listed(heading, vbc_call_recording, [name for name in names if room_of(name, rooms) == room])
            for room, heading in rooms.items()
        ]
        yield f"reference/{key}.md", "\n".join((f"# {TITLES[key]}\n", *parts))
    for package in (vbc_call_recording_archive, vbc_call_recording_sandbox):
        key = package.__name__.rpartition("_")[2]
        opening = f"```{{eval-rst}}\n{inspect.cleandoc(package.__doc__ or '')}\n```\n"
        yield (
            f"reference/{key}.md",
            f"# {key.capitalize()}\n\n{opening}\n{listed('', package, package.__all__)}",
        )
    yield "reference/pytest.md", fixtures()


def sort(value: Any) -> str:
    """On which page of the client's something is."""
    module = getattr(value, "__module__", "")
    if inspect.isclass(value) and issubclass(value, BaseException):
        return "errors"
    if "._async." in module:
        return "async"
    return "models" if module.startswith("vbc_call_recording_generated.models") else "client"


def room_of(name: str, rooms: Iterable[str]) -> str:
    """The room that a name of the client is from, if it is one of these."""
    module = getattr(getattr(vbc_call_recording, name), "__module__", "")
    return next((room for room in rooms if room and f".{room}" in module), "")


def listed(heading: str, package: ModuleType, names: Iterable[str]) -> str:
    entries = "\n".join(entry(package, name) for name in names)
    title = f"## {heading}\n\n" if heading and entries else ""
    return f"{title}```{{eval-rst}}\n{entries}\n```\n" if entries else ""


def entry(package: ModuleType, name: str) -> str:
    """A directive of Sphinx's autodoc."""
    value, path = getattr(package, name), f"{package.__name__}.{name}"
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return f".. auto{kind}:: {path}\n   :inherited-members: {FOREIGN}\n"
    if isinstance(value, str):  # autodoc would show the docstring of `str`
        return f".. py:data:: {path}\n   :value: {value!r}\n"
    return f".. auto{'function' if inspect.isfunction(value) else 'data'}:: {path}\n"


def fixtures() -> str:
    """The plugin's, read from its source: pytest wraps them in objects of its own."""
    source = inspect.getsource(vbc_call_recording_pytest)
    lines = [inspect.cleandoc(vbc_call_recording_pytest.__doc__ or ""), ""]
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("vbc_"):
            told = (ast.get_docstring(node) or "").splitlines()
            lines += [f".. py:data:: {node.name}", "", *(f"   {line}" for line in told), ""]
    return "# pytest plugin\n\n```{eval-rst}\n" + "\n".join(lines) + "```\n"
