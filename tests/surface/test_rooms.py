"""The rooms of the overlay: imports point one way, and what crosses a door has no underscore."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = ROOT / "overlays" / "vbc_call_recording"
# Each may import what stands before it, and itself.
ORDER = (
    {"_deprecations", "_errors", "_forks", "_keywords", "_lazy", "_version"},
    {"_checks", "_concurrency"},
    {"_http"},
    {"_listing", "_files"},
    {"_auth", "_exports", "_options"},
    {"_async", "_sync"},
    {"__init__"},
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}


def imports() -> Iterator[tuple[str, list[str], str, list[str]]]:
    """Room and module that import, typing imports included; room, and names or modules imported."""
    for path in sorted(OVERLAY.rglob("*.py")):
        inside = list(path.relative_to(OVERLAY).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = inside[: len(inside) - node.level]
                target = package + (node.module or "").split(".")
                yield inside[0], inside, target[0], [*target[1:], *(alias.name for alias in node.names)]


def test_the_map_shows_every_room() -> None:
    names = {path.stem for path in OVERLAY.iterdir() if path.name not in ("__pycache__", "py.typed")}
    assert names == set(RANK)


def test_imports_point_one_way() -> None:
    for room, module, target, _ in imports():
        assert RANK[target] < RANK[room] or target == room, f"{'.'.join(module)} imports {target}"


def test_no_private_name_crosses_a_door() -> None:
    for room, module, target, names in imports():
        private = [name for name in names if name.startswith("_") and not name.startswith("__")]
        assert room in (target, "__init__") or not private, f"{'.'.join(module)} takes {private} of {target}"


def test_modules_of_a_room_import_each_other_in_no_circle() -> None:
    edges: dict[str, set[str]] = {}
    for room, module, target, names in imports():
        if room == target and len(module) > 1:
            edges.setdefault(".".join(module), set()).add(f"{room}.{names[0]}")
    finished: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join((*above, module))
        if module not in finished:
            for target in edges.get(module, ()):
                visit(target, (*above, module))
            finished.add(module)

    for module in list(edges):
        visit(module, ())


def test_who_else_imports_whom() -> None:
    for path in (ROOT / "overlays").rglob("*.py"):
        package = path.relative_to(ROOT / "overlays").parts[0]
        absolute = {
            name.split(".")[0] if name.split(".")[-1].startswith("_") is False else name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        }
        assert "scripts" not in absolute, path
        if package == "vbc_call_recording_sandbox":
            assert not {name for name in absolute if name.startswith("vbc_call_recording")} - {package}, path
        if package == "vbc_call_recording_archive":
            assert not {name for name in absolute if "._" in name or name.endswith("_sandbox")}, path
        if package == "vbc_call_recording":
            assert not {name for name in absolute if name.endswith(("_archive", "_sandbox"))}, path
