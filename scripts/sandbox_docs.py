"""Write the tables of docs/sandbox.md from the sandbox itself, or with --check say whether they are fresh.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. Exit status: 0 done or fresh, 1 stale.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scripts import tables
from vbc_call_recording_sandbox import Sandbox, _admin
from vbc_call_recording_sandbox._faults.catalogue import CATALOGUE
from vbc_call_recording_sandbox._quirks.panel import GROUPS, Quirks
from vbc_call_recording_sandbox._quirks.presets import PRESETS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sandbox.md"

Rows = Iterator[tuple[str, ...]]


def main() -> int:
    return tables.run(__doc__, PAGE, table, "scripts.sandbox_docs")


def rendered(text: str) -> str:
    """The page with fresh tables."""
    return tables.rendered(text, table)


def table(name: str) -> str:
    head, rows = (TABLES[name][0], TABLES[name][1]()) if name in TABLES else switches(name)
    return tables.lines(head, rows)


def switches(group: str) -> tuple[tuple[str, ...], Rows]:
    kind = GROUPS[group]
    says = attributes(kind)
    defaults = Quirks().all()
    return ("`quirks." + group + ".…`", "default", "accepts", "what it does"), (
        (
            f"`{field.name}`",
            f"`{json.dumps(defaults[f'{group}.{field.name}'])}`",
            field.metadata["accepts"].words,
            says[field.name],
        )
        for field in fields(kind)  # type: ignore[arg-type]
    )


def attributes(kind: type) -> dict[str, str]:
    """What the docstring says under `Attributes:`."""
    section = inspect.cleandoc(kind.__doc__ or "").partition("\nAttributes:\n")[2]
    parts = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", section, re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in parts}


def presets() -> Rows:
    for name, values in PRESETS.items():
        yield f"`{name}`", ", ".join(f"`{key}` {json.dumps(value)}" for key, value in values.items())
    yield "`random:SEED`", "half of all switches that a careful client copes with, chosen by the seed"


def catalogue() -> Rows:
    for name, fault in CATALOGUE.items():
        yield f"`{name}`", fault.says, f"`{fault.match}`"


def admin() -> Rows:
    contract = Path(_admin.__file__).with_name("openapi.yaml").read_text("utf-8")
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(contract)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"`{method.upper()} /_sandbox{path}`", operation["summary"]


def arguments() -> Rows:
    for name, parameter in inspect.signature(Sandbox).parameters.items():
        section = inspect.getdoc(Sandbox.__init__) or ""
        said = re.search(rf"^    {name}: (.*(?:\n        .*)*)", section, re.MULTILINE)
        yield f"`{name}`", f"`{parameter.default!r}`", " ".join(said[1].split()) if said else ""


TABLES: dict[str, tuple[tuple[str, ...], Callable[[], Rows]]] = {
    "presets": (("preset", "switches"), presets),
    "catalogue": (("name", "what happens", "which requests"), catalogue),
    "admin": (("command", "what it does"), admin),
    "arguments": (("argument", "default", "what it is"), arguments),
}


if __name__ == "__main__":
    sys.exit(main())
