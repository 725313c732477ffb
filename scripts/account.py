"""Say in Python's terms what regenerating has changed: functions, parameters, fields.

    python scripts/account.py OLD_TREE NEW_TREE

Each tree is a generated package's directory. Nothing is imported: both are read as source.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION_FILE = ROOT / "overlays" / "vbc_call_recording" / "_version.py"
# Every generated function takes it: it says nothing about the operation.
_CLIENT = "client"

Surface = Mapping[str, str]
"""Public names, as `models.Recording.cnam` or `api.export_jobs.get_export_job(job_id)`, and what they are."""


@dataclass(frozen=True)
class Difference:
    """A name that is new (old is None), gone (new is None) or something else than before."""

    name: str
    old: str | None
    new: str | None

    @property
    def is_breaking(self) -> bool:
        """Whether code written against the old tree may fail with the new one."""
        if self.old is None:
            return _is_demanded(self.new or "")
        return self.new is None or _without_default(self.old) != _without_default(self.new)

    def __str__(self) -> str:
        if self.old is None:
            return f"added    {self.name}{self.new}"
        if self.new is None:
            return f"removed  {self.name}{self.old}"
        return f"changed  {self.name}{self.old}, now{self.new}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, metavar="OLD_TREE")
    parser.add_argument("new", type=Path, metavar="NEW_TREE")
    options = parser.parse_args()
    print(describe_changes(options.old, options.new))
    return 0


def describe_changes(old: Path, new: Path) -> str:
    """The account: what differs between two generated packages, and what to tell users.

    Raises:
        FileNotFoundError: One of them is not a generated package.
    """
    differences = differ(surface(old), surface(new))
    if not differences:
        return "Regenerated: nothing that users can see has changed."
    version = re.findall(r'__version__ = "(.+)"', VERSION_FILE.read_text("utf-8"))[0]
    lines = ["Regenerated. In Python:", *(f"  {difference}" for difference in differences)]
    lines += ["", f"Proposed for CHANGELOG.md, as {next_version(version, differences)}:", ""]
    return "\n".join([*lines, *changelog(differences)])


# What is there ---------------------------------------------------------------------------------------------


def surface(tree: Path) -> Surface:
    """Everything public in a generated package."""
    if not (tree / "models").is_dir() or not (tree / "api").is_dir():
        raise FileNotFoundError(f"{tree} is not a generated package: it has no models/ and api/")
    names: dict[str, str] = {}
    for path in sorted(tree.glob("api/*/*.py")):
        names.update(_operation(f"api.{path.parent.name}.{path.stem}", ast.parse(path.read_text("utf-8"))))
    for path in sorted(tree.glob("models/*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names.update(_model(f"models.{node.name}", node))
    return names


def _operation(name: str, module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name == "sync_detailed":
            yield name, f" -> {ast.unparse(node.returns)}" if node.returns else ""
            spec = node.args
            defaults: list[ast.expr | None] = [None] * (len(spec.args) - len(spec.defaults))
            positional = zip(spec.args, [*defaults, *spec.defaults], strict=True)
            keyword = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
            for argument, default in (*positional, *keyword):
                if argument.arg != _CLIENT:
                    yield f"{name}({argument.arg})", _typed(argument.annotation, default)


def _model(name: str, node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    yield name, ""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield f"{name}.{statement.target.id}", _typed(statement.annotation, statement.value)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield f"{name}.{statement.targets[0].id}", f" = {ast.unparse(statement.value)}"


def _typed(annotation: ast.expr | None, default: ast.expr | None) -> str:
    text = f": {ast.unparse(annotation).replace(chr(39), '')}" if annotation else ""
    return f"{text} = {ast.unparse(default)}" if default else text


# What differs ----------------------------------------------------------------------------------------------


def differ(old: Surface, new: Surface) -> list[Difference]:
    """The differences, without the parts of what is wholly new or gone."""
    names = sorted(name for name in {**old, **new} if old.get(name) != new.get(name))
    found = [Difference(name, old.get(name), new.get(name)) for name in names]
    whole = {difference.name for difference in found if None in (difference.old, difference.new)}
    return [difference for difference in found if _owner(difference.name) not in whole]


def _owner(name: str) -> str:
    return name.split("(")[0] if "(" in name else name.rsplit(".", 1)[0]


def _without_default(text: str) -> str:
    return text.split(" = ")[0] if text.startswith(":") else text


def _is_demanded(text: str) -> bool:
    """Whether callers have to give what is new: a parameter or a field without a default."""
    return text.startswith(":") and " = " not in text


# What to tell users ----------------------------------------------------------------------------------------


def changelog(differences: list[Difference]) -> list[str]:
    """An entry in the form of Keep a Changelog."""
    lines: list[str] = []
    for title in ("Added", "Changed", "Removed"):
        of_kind = [each for each in differences if str(each).startswith(title.lower())]
        if of_kind:
            lines += [f"### {title}", "", *(f"- {_entry(each)}" for each in of_kind), ""]
    return lines[:-1]


def _entry(difference: Difference) -> str:
    mark = "**Breaking:** " if difference.is_breaking else ""
    now = (
        f" is now `{(difference.new or '').lstrip(': ')}`"
        if None not in (difference.old, difference.new)
        else ""
    )
    return f"{mark}`{difference.name}`{now}"


def next_version(version: str, differences: list[Difference]) -> str:
    """Semantic versioning; before 1.0.0 what breaks asks for a minor version, anything else for a patch."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    breaking = any(difference.is_breaking for difference in differences)
    additive = any(difference.old is None for difference in differences)
    if major and breaking:
        return f"{major + 1}.0.0"
    if breaking or (major and additive):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


if __name__ == "__main__":
    sys.exit(main())
