"""Write generated/ from openapi.yaml, or with --check say whether it is fresh.

The new tree is built beside the old one and swapped in whole, so a failure leaves everything as it was.
Exit status: 0 done or fresh, 1 stale, 2 the tree could not be generated.
"""

import argparse
import filecmp
import importlib.metadata
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate
from ruamel.yaml import YAML

from scripts.account import describe_changes

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "vbc_call_recording_generated"
TARGET = ROOT / "generated" / PACKAGE
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
        with tempfile.TemporaryDirectory(dir=ROOT / "generated", prefix=".new-") as folder:
            fresh = generate(options.spec, Path(folder) / PACKAGE)
            if options.check:
                return report_stale(differences(TARGET, fresh))
            stale = TARGET.is_dir() and differences(TARGET, fresh)
            changes = describe_changes(TARGET, fresh) if stale else ""
            swap_in(fresh, TARGET)
    except GenerationError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2
    if changes:
        print(changes)
    return 0


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


def generate(spec: Path, target: Path) -> Path:
    """Generates the package at `target` and returns that."""
    document = YAML(typ="safe", pure=True).load(spec.read_text(encoding="utf-8"))
    try:
        validate(document)
    except Exception as error:
        raise GenerationError(f"{spec.name} is not a valid OpenAPI document: {error}") from error
    run(
        "openapi_python_client", "generate", "--path", str(spec), "--meta", "none",
        "--config", str(ROOT / "generator-config.yaml"), "--output-path", str(target),
        "--custom-template-path", str(ROOT / "scripts" / "templates"), "--fail-on-warning",
    )  # fmt: skip
    require_every_operation(document, target)
    (target / "py.typed").touch()
    config = ("--isolated", "--no-cache", "--quiet")
    run("ruff", "check", *config, "--target-version", "py311", "--select", "F401,I,UP", "--fix", str(target))
    run("ruff", "format", *config, "--target-version", "py311", "--line-length", "110", str(target))
    return target


def run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise GenerationError(f"{module} failed:\n{done.stdout}")


def require_every_operation(document: dict[str, Any], package: Path) -> None:
    """The generator leaves out an operation it cannot make sense of."""
    wanted = {operation["operationId"] for operation in operations(document)}
    written = {module.stem for module in (package / "api").glob("*/*.py")} - {"__init__"}
    if wanted != written:
        raise GenerationError(
            f"operations in the spec and modules generated differ: {sorted(wanted ^ written)}"
        )


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]


def differences(committed: Path, fresh: Path) -> list[Path]:
    """Paths inside the package whose content differs, or that only one of the two trees has."""
    files = {path.relative_to(tree) for tree in (committed, fresh) for path in source_files(tree)}
    return sorted(path for path in files if not same(committed / path, fresh / path))


def source_files(tree: Path) -> list[Path]:
    return [path for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def report_stale(stale: list[Path]) -> int:
    for path in stale:
        print(f"stale or edited by hand: generated/{PACKAGE}/{path}")
    if stale:
        print("run `make generate`; to change generated code, change openapi.yaml or scripts/templates/")
    return 1 if stale else 0


def swap_in(fresh: Path, target: Path) -> None:
    """Both renames stay on one file system: the temporary folder was made beside the target."""
    old = fresh.with_name("old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
