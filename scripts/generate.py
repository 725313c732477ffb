"""Write generated/ from openapi.yaml, or with --check say whether it is fresh.

The new tree is built beside the old one and swapped in whole, so a failure leaves everything as it was, and
whatever else was in generated/ is gone.
Exit status: 0 done or fresh, 1 stale, 2 the tree could not be generated.
"""

import argparse
import filecmp
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from scripts.account import describe_changes

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "vbc_call_recording_generated"
TARGET = ROOT / "generated"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


class GenerationError(Exception):
    """The tree cannot be generated, or would not be what the spec says."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if generated/ is stale")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help="default: openapi.yaml")
    options = parser.parse_args()
    try:
        require_pinned_tools()
        return check(options.spec) if options.check else renew(options.spec)
    except GenerationError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2


def check(spec: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        generate(spec, Path(folder) / PACKAGE)
        return report_stale(differences(TARGET, Path(folder)))


def renew(spec: Path) -> int:
    # Beside the old tree, as renaming does not work between file systems.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".new-") as folder:
        fresh = Path(folder) / "generated"
        fresh.mkdir()
        generate(spec, fresh / PACKAGE)
        stale = (TARGET / PACKAGE).is_dir() and differences(TARGET, fresh)
        changes = account(TARGET / PACKAGE, fresh / PACKAGE) if stale else ""
        swap_in(fresh, TARGET)
    if changes:
        print(changes)
    return 0


def account(old: Path, new: Path) -> str:
    try:
        return describe_changes(old, new)
    except (SyntaxError, FileNotFoundError) as error:
        return f"no account of what has changed: the old tree was damaged: {error}"


def require_pinned_tools() -> None:
    """Another version of the generator or of ruff writes other bytes; without ruff they stay unformatted."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = [pin.split("==") for pin in project["optional-dependencies"]["generate"] if "==" in pin]
    for name, wanted in pins:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "none"
        if found != wanted:
            raise GenerationError(f"needs {name} {wanted}, found {found}; install the extra [generate]")


def generate(spec: Path, target: Path) -> None:
    """Generates the package at `target`."""
    document = read(spec)
    require_names(document)
    with tempfile.TemporaryDirectory() as folder:
        seen = with_dates(spec, Path(folder))
        run(
            "openapi_python_client", "generate", "--path", str(seen), "--meta", "none",
            "--config", str(ROOT / "generator-config.yaml"), "--output-path", str(target),
            "--custom-template-path", str(ROOT / "scripts" / "templates"), "--fail-on-warning",
        )  # fmt: skip
    require_every_operation(document, target)
    (target / "py.typed").touch()
    config = ("--isolated", "--no-cache", "--quiet")
    run("ruff", "check", *config, "--target-version", "py311", "--select", "F401,I,UP", "--fix", str(target))
    run("ruff", "format", *config, "--target-version", "py311", "--line-length", "110", str(target))


def with_dates(spec: Path, folder: Path) -> Path:
    """A copy of the spec for the generator, which makes a datetime of `date-time` only."""
    copy = folder / spec.name
    text = spec.read_text(encoding="utf-8")
    copy.write_text(re.sub(r"(\bformat\W+)instant\b", r"\1date-time", text), encoding="utf-8")
    return copy


def read(spec: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = YAML(typ="safe", pure=True).load(spec.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise GenerationError(f"{spec} cannot be read: {error}") from error
    except YAMLError as error:
        raise GenerationError(f"{spec} is not YAML: {in_one_line(error)}") from error
    try:
        validate(document)
    except Exception as error:
        # A validation error as it is would print the whole schema and the whole document.
        place = getattr(error, "json_path", "$")
        message = in_one_line(getattr(error, "message", error)) or "it states no version of OpenAPI"
        raise GenerationError(f"{spec} is not a valid OpenAPI document: at {place}, {message}") from error
    return document


def in_one_line(message: object) -> str:
    return textwrap.shorten(str(message), 300)


def require_names(document: dict[str, Any]) -> None:
    """An operation's id becomes the name of a module, as it is."""
    for place, operation in operations(document).items():
        name = operation.get("operationId", "")
        if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
            raise GenerationError(f"{place} needs an operationId in snake_case, not {name!r}")


def run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise GenerationError(f"{module} failed:\n{done.stdout}")


def require_every_operation(document: dict[str, Any], package: Path) -> None:
    """The generator leaves out an operation it cannot make sense of."""
    wanted = {operation["operationId"] for operation in operations(document).values()}
    written = {module.stem for module in (package / "api").glob("*/*.py")} - {"__init__"}
    if wanted != written:
        raise GenerationError(
            f"operations in the spec and modules generated differ: {sorted(wanted ^ written)}"
        )


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def differences(committed: Path, fresh: Path) -> list[Path]:
    """Paths inside the trees whose content differs, or that only one of the two has."""
    files = {path.relative_to(tree) for tree in (committed, fresh) for path in source_files(tree)}
    return sorted(path for path in files if not same(committed / path, fresh / path))


def source_files(tree: Path) -> list[Path]:
    return [path for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def report_stale(stale: list[Path]) -> int:
    for path in stale:
        print(f"stale or edited by hand: generated/{path}")
    if stale:
        print("run `make generate`; to change generated code, change openapi.yaml or scripts/templates/")
    return 1 if stale else 0


def swap_in(fresh: Path, target: Path) -> None:
    old = fresh.with_name("old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
