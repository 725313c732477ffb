"""The pytest plugin as a user meets it: a project of its own, with nothing of ours but the wheel."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROJECT = '''
from datetime import UTC, datetime

import httpx
import pytest

import vbc_call_recording_sandbox
from vbc_call_recording_sandbox import Recording


def purge(client, before):
    """What the user's own code does."""
    for recording in list(client.company_recordings.list(start_lte=before)):
        client.company_recordings.delete(recording.id)


@pytest.mark.vbc_sandbox(recordings=[
    Recording(id=1, start=datetime(2020, 1, 1, tzinfo=UTC)),
    Recording(id=2, start=datetime(2026, 1, 1, tzinfo=UTC)),
])
def test_what_is_old_goes(vbc_sandbox, vbc_client):
    purge(vbc_client, datetime(2021, 1, 1, tzinfo=UTC))
    assert [recording.id for recording in vbc_sandbox.store.recordings()] == [2]
    vbc_sandbox.assert_requested("delete_company_recording", times=1, recording_id=1)


def test_each_test_finds_it_as_good_as_new(vbc_sandbox, vbc_client):
    assert "/site/" in vbc_call_recording_sandbox.__file__
    assert len(vbc_sandbox.store.company()) == 200
    vbc_sandbox.quirks.paging.page_size_cap = 7
    purge(vbc_client, datetime(2100, 1, 1, tzinfo=UTC))
    assert vbc_sandbox.store.company() == []


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_async_client(vbc_sandbox, vbc_async_client):
    assert len(vbc_sandbox.store.company()) == 200
    assert len([one async for one in vbc_async_client.company_recordings.list()]) == 200


def test_a_request_of_ones_own_that_does_not_fit(vbc_sandbox):
    headers = {"Authorization": f"Bearer {vbc_sandbox.tokens.issue()['access_token']}"}
    url = f"{vbc_sandbox.base_url}/api/accounts/self/company_call_recordings?start_gte=yesterday"
    httpx.get(url, headers=headers)


def test_that_is_deliberately_wrong(vbc_sandbox, vbc_client):
    first = next(iter(vbc_client.company_recordings.list(limit=1)))
    vbc_client.company_recordings.delete(first.id)
    vbc_sandbox.assert_requested("delete_company_recording", times=2)
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.PIPE)
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(folder / "site")
    (folder / "test_mine.py").write_text(PROJECT)
    return folder


def run(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the project's tests; what the wheel brings is found before this checkout."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", "-W", "error"]
    environment = {**os.environ, "PYTHONPATH": str(project / "site"), "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        [*command, "--rootdir", str(project), *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def ran(project: Path) -> str:
    return run(project, "test_mine.py", "--tb=short").stdout


def test_three_of_five_pass_and_two_fail_by_name(ran: str) -> None:
    assert re.search(r"2 failed, 3 passed", ran), ran
    failed = re.findall(r"^FAILED \S+::(\w+)", ran, re.M)
    assert failed == ["test_a_request_of_ones_own_that_does_not_fit", "test_that_is_deliberately_wrong"]


def test_a_request_that_does_not_fit_is_named_with_what_is_accepted(ran: str) -> None:
    assert "test_a_request_of_ones_own_that_does_not_fit sent requests that do not fit openapi.yaml:" in ran
    assert "  GET list_company_recordings: 'start_gte' is not a parameter of list_company_recordings; " in ran
    assert "start:gte" in ran


def test_a_claim_that_does_not_hold_says_what_was_asked_for(ran: str) -> None:
    wanted = "delete_company_recording() should have been requested 2 times, but was once."
    assert wanted in ran
    assert re.search(r"delete_company_recording\(account_id=self, recording_id=\d+\) -> 204", ran)
    assert "Other requests:\nE     token: once\nE     list_company_recordings: once" in ran


def test_surprises_tell_their_seed(project: Path) -> None:
    """In the header, and beside a failure with all that was switched; the seed switches the same again."""
    first = run(project, "test_mine.py", "--vbc-quirks=random", "-k", "wrong").stdout
    seed = re.search(r"vbc_sandbox: --vbc-quirks=random:(\d+)", first)
    assert seed, first
    told = first.split("vbc_sandbox call")[-1]
    assert f"--vbc-quirks=random:{seed[1]}" in told
    again = run(project, "test_mine.py", f"--vbc-quirks=random:{seed[1]}", "-k", "wrong").stdout
    assert _switches(again.split("vbc_sandbox call")[-1]) == _switches(told) != []


def test_workers_of_xdist_share_nothing(project: Path) -> None:
    ran = run(project, "test_mine.py", "-n2", "--vbc-quirks=page-2026").stdout
    assert "2 failed, 3 passed" in ran, ran
    assert "--vbc-quirks=page-2026" in ran


def _switches(told: str) -> list[str]:
    return re.findall(r"^\w+\.\w+ = .*$", told, re.M)


def test_without_the_extra_other_tests_run_as_ever(project: Path) -> None:
    """The plugin is loaded in every environment that has the client."""
    (project / "test_other.py").write_text(
        "import sys\n\ndef test_other():\n"
        "    assert 'vbc_call_recording_pytest' in sys.modules\n"
        "    assert not {'starlette', 'uvicorn', 'httpx', 'vbc_call_recording'} & set(sys.modules)\n"
    )
    done = run(project, "test_other.py", "-p", "no:pytest_httpx", "-p", "no:anyio")
    assert "1 passed" in done.stdout, done.stdout


def test_no_server_is_started_for_a_single_test(vbc_sandbox: object, request: pytest.FixtureRequest) -> None:
    """One for each process; what its reset costs is in docs/sandbox.md."""
    assert vbc_sandbox is request.getfixturevalue("_vbc_shared_sandbox")
