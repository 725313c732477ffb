"""The command as a whole: help, common options, how it ends, what it never shows."""

import json
import os
import subprocess
import sys

import pytest

from vbc_call_recording import __version__
from vbc_call_recording_archive.cli.group import COMMANDS
from vbc_call_recording_sandbox import Sandbox

from .conftest import COMMAND, Run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, run: Run) -> None:
    ended = run(name, "--help")
    assert ended.code == 0
    assert f"vbc-recordings {name}" in ended.out.partition("\nExample")[2]
    assert max(map(len, ended.out.splitlines())) <= 110


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_without_a_command_it_names_them_all(arguments: list[str], run: Run) -> None:
    ended = run(*arguments)
    assert ended.code == 0
    assert all(f"\n  {name}" in ended.out for name in COMMANDS)


def test_version(run: Run) -> None:
    assert run("--version").out == f"vbc-recordings, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["list", "--nope"], ["list", "--since", "yesterday"], ["list", "--limit", "0"], ["show"]],
)
def test_what_cannot_be_right_is_one_sentence_and_2(arguments: list[str], run: Run) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    error, hint = ended.err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: vbc-recordings")


def test_missing_variables_are_named(run: Run) -> None:
    ended = run("list")
    assert ended.code == 2
    assert "VBC_USERNAME" in ended.err
    assert "hint: vbc-recordings doctor" in ended.err


def test_a_refused_login_is_3_and_says_what_to_do(
    account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBC_PASSWORD", "wrong-password")
    ended = run("list")
    assert ended.code == 3
    assert "hint: check username, password" in ended.err


def test_a_server_that_fails_is_4(account: Sandbox, run: Run) -> None:
    account.faults.next("GET /t/", status=400)
    assert run("list").code == 4


def test_common_options_stand_before_or_behind_the_command(account: Sandbox, run: Run) -> None:
    for arguments in (["--log-json", "list", "--limit", "1"], ["list", "--limit", "1", "--log-json"]):
        note = json.loads(run(*arguments).err)
        assert (note["level"], note["message"][:4]) == ("info", "1 of")
    assert run("list", "--limit", "1", "-q").err == run("-q", "list", "--limit", "1").err == ""


def test_with_log_json_errors_are_json_too(run: Run) -> None:
    told = json.loads(run("list", "--log-json").err)
    assert (told["level"], told["code"]) == ("error", 2)
    assert "VBC_USERNAME" in told["message"]


def test_a_profile_says_the_account_and_files_hold_the_secrets(
    sandbox: Sandbox, run: Run, own_home: "os.PathLike[str]"
) -> None:
    given = sandbox.credentials
    folder = os.path.join(own_home, ".config", "vbc-recordings")  # noqa: PTH118
    os.makedirs(folder)  # noqa: PTH103
    for name, text in {
        "password": given.password,
        "secret": given.client_secret + "\n",
        "profiles.toml": f'[profiles.acme]\nusername = "{given.username}"\nclient_id = "{given.client_id}"\n'
        f'password_file = "password"\nclient_secret_file = "secret"\n'
        f'base_url = "{sandbox.base_url}"\ntoken_url = "{sandbox.token_url}"\n',
    }.items():
        with open(os.path.join(folder, name), "w") as file:  # noqa: PTH118, PTH123
            file.write(text)
    assert len(run("list", "--profile", "acme", "--limit", "2").out.splitlines()) == 2
    unknown = run("--profile", "nope", "list")
    assert unknown.code == 2
    assert "acme" in unknown.err


def test_secrets_are_never_shown(account: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ""
    for arguments in (["doctor"], ["list", "--limit", "1"], ["list", "--json", "--limit", "1"], ["jobs"]):
        for flags in (["--debug"], ["--log-json"]):
            ended = run(*arguments, *flags)
            shown += ended.out + ended.err
    monkeypatch.setenv("VBC_CLIENT_SECRET", "another-secret-of-the-client")
    for arguments in (["doctor", "--debug"], ["list", "--debug", "--log-json"]):
        ended = run(*arguments)
        shown += ended.out + ended.err
    given = account.credentials
    for secret in (
        given.password,
        given.client_secret,
        "another-secret",
        "sandbox-access",
        "sandbox-refresh",
    ):
        assert secret not in shown
    assert "list_company_recordings: 200" in shown, "--debug is to show requests"


def test_a_fault_of_the_program_is_70_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbc_call_recording_archive.cli.list.opened", lambda _: 1 / 0)
    ended = run("list")
    assert (ended.code, ended.err.count("\n")) == (70, 2)
    assert "ZeroDivisionError" in ended.err
    assert "Traceback" in run("list", "--debug").err


@pytest.mark.slow
def test_without_the_extra_the_package_works_and_the_command_says_what_to_install() -> None:
    program = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] in ('click', 'rich'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import vbc_call_recording_archive\n"
        "from vbc_call_recording_archive.cli import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: vbc-recordings needs the package click\nhint: pip install 'vbc-call-recording[archive]'\n"
    )


@pytest.mark.slow
def test_a_reader_that_goes_away_is_141_and_silence(account: Sandbox) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "list", "--all", "--quiet"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_shells_can_complete_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_VBC_RECORDINGS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "vbc-recordings do")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run().out.splitlines() == ["plain,doctor", "plain,download"]
