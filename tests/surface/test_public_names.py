"""What users may rely on: exported names, equal clients, every operation within reach."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import vbc_call_recording
from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient, InputError
from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ("company_recordings", "on_demand_recordings", "transcriptions", "export_jobs")


def test_all_that_is_imported_is_exported_from_where_type_checkers_see_it() -> None:
    package = Path(vbc_call_recording.__file__)
    seen = {
        alias.name: "." * node.level + (node.module or "")
        for node in ast.walk(ast.parse(package.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name not in ("TYPE_CHECKING", "names_of")
    }

    assert sorted(seen) == sorted(vbc_call_recording.__all__)
    for name, module in seen.items():
        home = importlib.import_module(module, vbc_call_recording.__name__)
        assert getattr(vbc_call_recording, name) is getattr(home, name), name


@pytest.mark.slow
def test_names_that_are_not_used_yet_are_there_all_the_same() -> None:
    fresh = """
import pickle, pydoc
import vbc_call_recording
assert set(vbc_call_recording.__all__) <= set(dir(vbc_call_recording))
assert "IncompleteListingWarning" in pydoc.render_doc(vbc_call_recording)
assert pickle.loads(pickle.dumps(vbc_call_recording.InputError("x"))).args == ("x",)
from vbc_call_recording import *
assert RetryPolicy().tries and Recording(id=1).id and not hasattr(vbc_call_recording, "nothing")
import vbc_call_recording_generated as generated
assert {"Client", "AuthenticatedClient"} <= set(dir(generated)) and not hasattr(generated, "nothing")
from vbc_call_recording_generated import *
from vbc_call_recording_generated.models import *
assert Client and RecordingPage and "Link" in dir(generated.models)
assert not hasattr(generated.models, "nothing")
"""
    done = subprocess.run([sys.executable, "-c", fresh], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_error_is_exported_and_drawn_in_the_tree() -> None:
    errors = importlib.import_module("vbc_call_recording._errors")
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]
    ours = {cls.__name__ for cls in classes if issubclass(cls, errors.CallRecordingError)}

    assert ours <= set(vbc_call_recording.__all__)
    assert all(name in (errors.__doc__ or "") for name in ours)


def test_everything_public_has_a_docstring() -> None:
    for name in vbc_call_recording.__all__:
        value = getattr(vbc_call_recording, name)
        if inspect.isclass(value) and not issubclass(value, Enum):
            assert value.__doc__, name
            undocumented = [
                member
                for member, function in inspect.getmembers(value, inspect.isfunction)
                if not member.startswith("_")
                and function.__module__.startswith("vbc_call_recording.")
                and not inspect.getdoc(function)
            ]
            assert undocumented == [], name


def surface(client: Any) -> dict[str, str]:
    members = [(client, "")] + [(getattr(client, name), f"{name}.") for name in RESOURCES]
    return {
        prefix + name.replace("__a", "__"): shape(member)
        for owner, prefix in members
        for name, member in inspect.getmembers(type(owner))
        if not name.startswith("_")
    }


def shape(member: object) -> str:
    if not callable(member):
        return type(member).__name__
    return str(inspect.signature(member)).replace("Async", "").replace("Base", "")


def test_both_clients_offer_the_same() -> None:
    sync = surface(CallRecordingClient(auth="t"))
    awaited = surface(AsyncCallRecordingClient(auth="t"))

    renamed = {("close" if name == "aclose" else name): shape for name, shape in awaited.items()}
    assert renamed == sync
    assert len(sync) > 20


def operations() -> Iterator[tuple[str, str]]:
    spec: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "openapi.yaml").read_text("utf-8"))
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield operation["operationId"], f"{method} {path}"


def test_the_overlay_reaches_every_operation_of_the_spec(sandbox: Sandbox) -> None:
    seen: set[str] = set()

    def note(operation: str, answer: Any) -> Any:
        seen.add(operation)
        return answer

    sandbox.faults.reshape = note
    with CallRecordingClient.from_env(sandbox.environment) as client:
        use_everything(client, sandbox)

    # A deletion has no JSON that could be reshaped.
    deletions = {operation for operation, where in operations() if where.startswith("delete ")}
    every = {operation for operation, _ in operations()}
    assert seen | deletions == every, f"call {every - seen - deletions} in use_everything, below"
    assert sum(request.method == "DELETE" for request in sandbox.requests) == len(deletions)


def use_everything(client: CallRecordingClient, sandbox: Sandbox) -> None:
    company = next(iter(client.company_recordings.list(limit=1)))
    client.company_recordings.get(company.id or "")
    client.company_recordings.delete(company.id or "")
    own = next(iter(client.on_demand_recordings.list(limit=1)))
    client.on_demand_recordings.get(own.id or "")
    client.on_demand_recordings.delete(own.id or "")
    next(iter(client.transcriptions.list(limit=1)))
    for export in (
        client.company_recordings.export(),
        client.company_recordings.export(include_transcriptions=True),
        client.on_demand_recordings.export(),
    ):
        export.refresh()
    for kind in ("recordings", "recordings_transcriptions"):
        jobs = list(client.export_jobs.list(kind=kind))  # type: ignore[arg-type]
        client.export_jobs.get(str(jobs[0].id), kind=kind)  # type: ignore[arg-type]


def query_parameters(node: Any) -> Iterator[str]:
    """The names of all that are defined, among the components or where they are used."""
    if isinstance(node, dict):
        if node.get("in") == "query":
            yield node["name"]
        for inner in node.values():
            yield from query_parameters(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from query_parameters(inner)


def test_the_overlay_offers_every_filter_of_the_spec() -> None:
    spec: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "openapi.yaml").read_text("utf-8"))
    wire = set(query_parameters(spec))
    offered = {
        name.replace("_gte", ":gte").replace("_lte", ":lte")
        for filters in (vbc_call_recording.TranscriptionFilters, vbc_call_recording.ListFilters)
        for name in filters.__annotations__
    }

    # `status` filters jobs; `page` is the paginator's to know; `page_size` an option of it.
    known = {"status", "page", "page_size"}
    assert wire - offered == known, (
        f"tests/drift/test_overlay_reach.py says where to offer {wire - offered - known}"
    )


def test_a_filter_nobody_knows_is_refused_with_the_closest_name() -> None:
    client = CallRecordingClient(auth="t")

    with pytest.raises(InputError, match="start_gte"):
        client.company_recordings.list(start_gt="2024-01-01T00:00:00Z")  # type: ignore[call-arg]


@pytest.mark.slow
def test_who_may_import_whom() -> None:
    overlay = ROOT / "overlays"
    for path in overlay.rglob("*.py"):
        imported = modules(path)
        where = str(path.relative_to(overlay))
        if where.startswith("vbc_call_recording_sandbox"):
            assert not {
                name
                for name in imported
                if name.startswith(("vbc_call_recording.", "vbc_call_recording_gen"))
            }, where
        if "/_async/" in where:
            assert not {name for name in imported if "_sync" in name}, where
        assert not {name for name in imported if name.split(".")[0] == "scripts"}, where
    for path in (ROOT / "generated").rglob("*.py"):
        assert not {name for name in modules(path) if name == "vbc_call_recording"}, path


def modules(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return found | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
