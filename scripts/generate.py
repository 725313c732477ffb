"""Write generated/ from openapi.yaml, or with --check say whether it is fresh.

The new tree is built beside the old one and swapped in whole, so a failure leaves everything as it was, and
whatever else was in generated/ is removed.
Exit status: 0 done or fresh, 1 stale, 2 the tree could not be generated.
"""

import argparse
import filecmp
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

from scripts.account import describe_changes
from scripts.mistakes import check as check_spec
from scripts.spec import NotUnderstood, line_of, operations
from scripts.spec import read as parse_file

ROOT = Path(__file__).resolve().parent.parent
PREFIX = ".new-"  # git ignores it, `make clean` removes it
PACKAGE = "vbc_call_recording_generated"
TARGET = ROOT / "generated"
# What the sandbox reads: it comes without a parser of YAML.
COPY = ROOT / "overlays" / "vbc_call_recording_sandbox" / "_api" / "openapi.json"
WORDING = frozenset({"description", "summary", "x-deviation", "securitySchemes"})
TEMPLATES = ROOT / "scripts" / "templates"


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
    except OSError as error:
        print(f"generate: nothing written: {error.filename}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print(
            "generate: interrupted; `python -m scripts.generate --check` says what is stale", file=sys.stderr
        )
    return 2


def check(spec: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        document = generate(spec, Path(folder) / PACKAGE)
        stale = [TARGET / path for path in differences(TARGET, Path(folder))]
        if not COPY.exists() or COPY.read_text("utf-8") != as_json(document):
            stale.append(COPY)
        return report_stale(stale) | report_left_over()


def renew(spec: Path) -> int:
    # Beside the old tree, as renaming does not work between file systems.
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=PREFIX) as folder:
        fresh = Path(folder) / "generated"
        fresh.mkdir()
        document = generate(spec, fresh / PACKAGE)
        stale = (TARGET / PACKAGE).is_dir() and differences(TARGET, fresh)
        changes = account(TARGET / PACKAGE, fresh / PACKAGE) if stale else ""
        swap_in(fresh, TARGET)
        COPY.write_text(as_json(document), "utf-8")
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


def generate(spec: Path, target: Path) -> Any:
    """Generates the package at `target`, and returns the spec it was made from."""
    document = read(spec)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / spec.name
        copy.write_text(json.dumps(without_errors(document), default=str), encoding="utf-8")
        write_package(copy, target, "--custom-template-path", str(TEMPLATES))
    require_every_operation(document, target)
    finish(target)
    return document


def without_errors(document: Any) -> Any:
    """The spec without default answers: with them, generated functions return errors instead of raising."""
    kept = deepcopy(document)
    for _, operation in operations(kept):
        operation["responses"].pop("default", None)
    kept["components"]["schemas"].pop("Error", None)
    return kept


def write_package(spec: Path, target: Path, *options: str) -> None:
    """What the generator makes of a spec, with our templates or, without options, its own."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(
                "openapi_python_client", "generate", "--path", str(with_dates(spec, Path(folder))),
                "--config", str(ROOT / "generator-config.yaml"), "--output-path", str(target),
                "--meta", "none", "--fail-on-warning", *options,
            )  # fmt: skip
    except GenerationError as error:
        warning = re.search(r"WARNING parsing (\S+) (\S+) within .*\n\s*(.+)", str(error))
        if warning is None:
            raise
        method, path, reason = warning.groups()
        reason = re.sub(r" <\S+ object at \w+>", "", reason)
        where = f"{spec.name}:{line_of(parse_file(spec)['paths'][path], method.lower())}"
        raise GenerationError(f"{where}: {method} {path} cannot be generated: {reason}") from error


def finish(target: Path) -> None:
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


def read(spec: Path) -> Any:
    """The spec, parsed and free of mistakes."""
    try:
        document = parse_file(spec)
    except NotUnderstood as error:
        raise GenerationError(str(error)) from error
    try:
        check_spec(document)
    except NotUnderstood as error:
        raise GenerationError(error.of(spec.name)) from error
    return document


def as_json(document: Any) -> str:
    """The spec's paths and components, without the wording."""
    kept = {name: unworded(document[name]) for name in ("paths", "components")}
    return json.dumps(kept, indent=1, default=str, ensure_ascii=False) + "\n"


def unworded(node: Any, names: bool = False) -> Any:
    """The node without wording. With `names`, its keys are names of properties and the like: all are kept."""
    if isinstance(node, list):
        return [unworded(each) for each in node]
    if not isinstance(node, dict):
        return node
    holders = ("properties", "schemas", "parameters", "responses", "requestBodies")
    return {
        key: each if key in ("example", "default") else unworded(each, key in holders and not names)
        for key, each in node.items()
        if names or key not in WORDING
    }


def run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise GenerationError(f"{module} failed:\n{done.stdout}")


def require_every_operation(document: Any, package: Path) -> None:
    """The generator leaves out an operation it cannot make sense of."""
    wanted = {operation["operationId"] for _, operation in operations(document)}
    written = {module.stem for module in (package / "api").glob("*/*.py")} - {"__init__"}
    if wanted != written:
        raise GenerationError(
            f"operations in the spec and modules generated differ: {sorted(wanted ^ written)}"
        )


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
        print(f"stale or edited by hand: {path.relative_to(ROOT)}")
    if stale:
        print("run `make generate`; to change generated code, change openapi.yaml or scripts/templates/")
    return 1 if stale else 0


def report_left_over() -> int:
    """What a run that was killed has not cleaned away. It can go."""
    left = sorted(path.name for path in ROOT.glob(f"{PREFIX}*"))
    for name in left:
        print(f"stale: {name}/ is left of a run that was interrupted; `make clean` removes it")
    return 1 if left else 0


def swap_in(fresh: Path, target: Path) -> None:
    old = fresh.with_name("old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
