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
FOREIGN = "BaseException, Exception, object, dict, str, tuple, Protocol, Generic, Enum"


def reference() -> Iterator[tuple[str, str]]:
    """File and text of each page."""
    sorts: dict[str, list[str]] = {"client": [], "async": [], "models": [], "errors": []}
    for name in vbc_call_recording.__all__:
        sorts[sort(getattr(vbc_call_recording, name))].append(name)
    titles = {"client": "Client", "async": "Async client", "models": "Models", "errors": "Exceptions"}
    for key, names in sorts.items():
        yield f"reference/{key}.md", listed(titles[key], "", vbc_call_recording, names)
    for key, package in (("archive", vbc_call_recording_archive), ("sandbox", vbc_call_recording_sandbox)):
        yield f"reference/{key}.md", listed(key.capitalize(), package.__doc__, package, package.__all__)
    yield "reference/pytest.md", fixtures()


def sort(value: Any) -> str:
    """On which page of the client's something is."""
    module = getattr(value, "__module__", "")
    if inspect.isclass(value) and issubclass(value, BaseException):
        return "errors"
    if "._async." in module:
        return "async"
    return "models" if module.startswith("vbc_call_recording_generated.models") else "client"


def listed(title: str, opening: str | None, package: ModuleType, names: Iterable[str]) -> str:
    entries = "\n".join(entry(package, name) for name in names)
    return f"# {title}\n\n```{{eval-rst}}\n{inspect.cleandoc(opening or '')}\n\n{entries}\n```\n"


def entry(package: ModuleType, name: str) -> str:
    """A directive of Sphinx's autodoc."""
    value, path = getattr(package, name), f"{package.__name__}.{name}"
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return f".. auto{kind}:: {path}\n   :inherited-members: {FOREIGN}\n"
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
