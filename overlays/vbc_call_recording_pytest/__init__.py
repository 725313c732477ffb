"""A pytest plugin: the sandbox as a fixture, and clients that are pointed at it.

    def test_nightly_job(vbc_sandbox, vbc_client):
        vbc_sandbox.faults.next("GET .*/audio/", status=503)
        my_nightly_job(vbc_client)
        vbc_sandbox.assert_requested("delete_company_recording", times=0)

It comes with the extra `[sandbox]` and is found by pytest itself. Nothing is imported or started before a
test asks for a fixture of it. docs/sandbox.md has all of it.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vbc_call_recording import AsyncCallRecordingClient, CallRecordingClient
    from vbc_call_recording_sandbox import Sandbox

__all__: list[str] = []

_RECORDINGS = 200
_ON_DEMAND = 40
_MARKER = "vbc_sandbox"
_MARKER_HELP = (
    "vbc_sandbox(strict=True, **arguments): a sandbox of this test's own, made with these arguments of "
    "Sandbox. strict=False lets requests pass that do not fit openapi.yaml."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `--vbc-quirks`."""
    parser.getgroup("vbc").addoption(
        "--vbc-quirks",
        metavar="PRESETS",
        default="",
        help="quirks of vbc_sandbox, such as page-2026 or random:7; with `random`, a seed is chosen and told",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and choose a seed where one is to be chosen: before xdist's workers are made."""
    config.addinivalue_line("markers", _MARKER_HELP)
    presets = str(config.option.vbc_quirks).split(",")
    chosen = [f"random:{secrets.randbelow(10**6)}" if name == "random" else name for name in presets]
    config.option.vbc_quirks = ",".join(chosen)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Tell the quirks, so that a run can be repeated."""
    quirks = config.option.vbc_quirks
    return f"vbc_sandbox: --vbc-quirks={quirks}" if quirks else None


@pytest.fixture(scope="session")
def vbc_sandbox_factory(request: pytest.FixtureRequest) -> "Iterator[Callable[..., Sandbox]]":
    """Makes sandboxes with the arguments of `Sandbox`, for fixtures of any scope; they run until the end."""
    with ExitStack() as running:

        def make(**arguments: Any) -> "Sandbox":
            return running.enter_context(_made(request.config, arguments))

        yield make


@pytest.fixture(scope="session")
def _vbc_shared_sandbox(vbc_sandbox_factory: "Callable[..., Sandbox]") -> "Sandbox":  # pyright: ignore[reportUnusedFunction]
    """One for all tests of this process. It is reset before each."""
    return vbc_sandbox_factory()


@pytest.fixture
def vbc_sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
    """A fresh sandbox: 200 company recordings, 40 on-demand ones, no jobs, no quirks, no faults."""
    marker = request.node.get_closest_marker(_MARKER)
    arguments = {name: value for name, value in marker.kwargs.items() if name != "strict"} if marker else {}
    if not arguments:
        shared = request.getfixturevalue("_vbc_shared_sandbox")
        shared.reset()
        yield shared
        shared.errors.clear()  # they were told when the test was over
        return
    with _made(request.config, arguments) as own:
        yield own
        own.errors.clear()


def _made(config: pytest.Config, arguments: dict[str, Any]) -> "Sandbox":
    from vbc_call_recording_sandbox import Sandbox

    given: dict[str, Any] = {"recordings": _RECORDINGS, "on_demand": _ON_DEMAND, **arguments}
    given.setdefault("quirks", config.option.vbc_quirks)
    return Sandbox(**given)


@pytest.fixture
def vbc_client(vbc_sandbox: "Sandbox") -> "Iterator[CallRecordingClient]":
    """A client that logs in to `vbc_sandbox`."""
    from vbc_call_recording import CallRecordingClient

    with CallRecordingClient.from_env(vbc_sandbox.environment) as client:
        yield client


@pytest.fixture
async def vbc_async_client(
    vbc_sandbox: "Sandbox", anyio_backend: object
) -> "AsyncIterator[AsyncCallRecordingClient]":
    """An async client that logs in to `vbc_sandbox`, for tests that anyio's plugin runs."""
    from vbc_call_recording import AsyncCallRecordingClient

    async with AsyncCallRecordingClient.from_env(vbc_sandbox.environment) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose requests do not fit openapi.yaml, or whose functions failed inside the sandbox."""
    sandbox: Sandbox | None = getattr(item, "funcargs", {}).get("vbc_sandbox")
    try:
        done = yield
    except BaseException:
        if sandbox is not None:
            item.add_report_section("call", "vbc_sandbox", _account(sandbox, item))
        raise
    if sandbox is not None:
        complaints = _complaints(sandbox, item)
        if complaints:
            item.add_report_section("call", "vbc_sandbox", _account(sandbox, item))
            pytest.fail("\n".join(complaints), pytrace=False)
    return done


def _complaints(sandbox: "Sandbox", item: pytest.Item) -> list[str]:
    errors = [f"In the sandbox: {type(error).__name__}: {error}" for error in sandbox.errors]
    marker = item.get_closest_marker(_MARKER)
    is_strict = marker is None or marker.kwargs.get("strict", True)
    misfits = [request for request in sandbox.requests if request.misfit] if is_strict else []
    if not misfits:
        return errors
    lines = [
        f"  {request.method} {request.operation or request.path}: {request.misfit}" for request in misfits
    ]
    return [*errors, f"{item.name} sent requests that do not fit openapi.yaml:", *dict.fromkeys(lines)]


def _account(sandbox: "Sandbox", item: pytest.Item) -> str:
    """What it takes to play it again."""
    quirks = item.config.option.vbc_quirks
    again = f"--vbc-quirks={quirks}\n" if quirks else ""
    changed = "".join(f"{name} = {value!r}\n" for name, value in sandbox.quirks.changed().items())
    complaints = "".join(f"{line}\n" for line in _complaints(sandbox, item))
    asked = "".join(f"{request}\n" for request in sandbox.requests[-20:])
    return f"{again}{changed}{complaints}The last requests:\n{asked or 'none'}"
