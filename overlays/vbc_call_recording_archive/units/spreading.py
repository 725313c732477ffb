"""All of it: plan, run on the workers of an executor, absorb."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import datetime
from functools import partial

from vbc_call_recording import CallRecordingClient

from ..archive import Archive
from ..sync.run import SyncResult
from ..sync.work import OnEvent
from .absorbing import absorb_outcomes
from .planning import plan
from .running import run
from .shapes import Receipt, Unit

_THREADS = 4


def sync_with(
    archive: Archive,
    client: CallRecordingClient,
    executor: Executor | None = None,
    task: Callable[[Unit], Receipt] | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    sources: Sequence[str] | None = None,
    on_event: OnEvent | None = None,
) -> SyncResult:
    """As `sync`, with the work spread over the workers of an executor: plan, run, absorb.

    Args:
        executor: Any of `concurrent.futures`, or one that behaves as they do. None: four threads that share
            the client.
        task: What is given to the executor with each unit; None: `run` with the worker's own environment, and
            with `client` in threads of this process.
        archive, client, since, until, sources, on_event: As for `sync`.

    Raises:
        ApiError, ArchiveError, InputError: As `plan`. A unit that fails is one of the result's `troubles`.
    """
    units = plan(archive, client, since=since, until=until, sources=sources)
    with ExitStack() as held:
        if executor is None:
            executor = held.enter_context(ThreadPoolExecutor(_THREADS))
            task = task or partial(run, client=client)
        futures = {executor.submit(task or run, unit): unit for unit in units}
        held.callback(_cancel, futures)
        return absorb_outcomes(archive, client, _outcomes(futures), on_event)


def _cancel(futures: Iterable[Future[Receipt]]) -> None:
    for future in futures:
        future.cancel()


def _outcomes(futures: dict[Future[Receipt], Unit]) -> Iterator[Receipt | str]:
    """The receipts as they come, and in place of those that do not, why."""
    for future in as_completed(futures):
        error = future.exception()
        if error is None:
            yield future.result()
        else:
            yield f"unit {futures[future]['id']}: {type(error).__name__}: {error}"
