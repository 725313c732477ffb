"""The programs in README and guide compile, and those that can run here do."""

import re
from pathlib import Path

import pytest

from vbc_call_recording_sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PROGRAMS = [
    pytest.param(program, id=f"{page.name}-{number}")
    for page in PAGES
    for number, program in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_runs(program: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = sandbox.credentials
    login = f"{given.username!r}, {given.password!r}"
    application = f"client_id={given.client_id!r}, client_secret={given.client_secret!r}"
    for sample, real in {
        '"jane.doe", "password"': login,
        'client_id="…", client_secret="…"': f"{application}, token_url={sandbox.token_url!r}",
        "CallRecordingClient(auth=auth)": f"CallRecordingClient(auth=auth, base_url={sandbox.base_url!r})",
        "2026-11-01": "2024-12-30",
    }.items():
        program = program.replace(sample, real)
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)

    exec(compile(program, "README", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
