"""The wheel holds what users import, with types, and works outside of the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "vbc_call_recording",
    "vbc_call_recording_archive",
    "vbc_call_recording_generated",
    "vbc_call_recording_pytest",
    "vbc_call_recording_sandbox",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return next(folder.glob("*.whl"))


def test_it_holds_five_typed_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert "vbc_call_recording_sandbox/_api/openapi.json" in names  # what the sandbox follows
    assert {f"vbc_call_recording_archive/report/page.{kind}" for kind in ("html", "css")} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_it_states_version_licence_and_few_dependencies(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))).decode()

    lines = metadata.splitlines()
    assert "License-Expression: MIT" in lines
    assert "Requires-Python: >=3.11" in lines
    assert any(line.startswith("Author: ") for line in lines)
    urls = {line.split()[1].rstrip(",") for line in lines if line.startswith("Project-URL: ")}
    assert urls >= {"Repository", "Issues", "Changelog"}
    required = [line for line in lines if line.startswith("Requires-Dist") and "extra ==" not in line]
    names = sorted(line.split()[1].split(">")[0].split("<")[0] for line in required)
    assert names == ["anyio", "attrs", "filelock", "httpx", "python-dateutil", "sniffio"]
    scripts = archive.read(next(n for n in archive.namelist() if n.endswith("/entry_points.txt"))).decode()
    assert "vbc-recordings = vbc_call_recording_archive.cli:main" in scripts


def test_it_can_be_imported_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path = [p for p in sys.path if not p.endswith(('overlays', 'generated'))]\n"
        f"sys.path.insert(0, {str(wheel)!r})\n"
        "import vbc_call_recording, vbc_call_recording_generated, vbc_call_recording_sandbox\n"
        "assert all('.whl' in m.__file__ for m in (vbc_call_recording, vbc_call_recording_sandbox))\n"
        "client = vbc_call_recording.CallRecordingClient(auth='token')\n"
        "vbc_call_recording_sandbox.Sandbox(recordings=1)\n"
        "print(vbc_call_recording.__version__, client)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.startswith("0.")


def test_importing_the_client_needs_no_extra(wheel: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(wheel)!r})\n"
        "class Refuse:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in {'starlette', 'uvicorn', 'pytest', 'yaml', 'ruamel', 'dateutil'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import vbc_call_recording\n"
        "assert '.whl' in vbc_call_recording.__file__\n"
    )

    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
