"""`vbc-recordings verify`: what of an archive is not as it should be, and putting it right."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import attrs
import click

from vbc_call_recording import CallRecordingClient

from ..archive import Archive
from ..errors import ArchiveBusyError, CatalogueError, LedgerError
from ..places import LEDGER
from ..verify import Checked, Event, Finding, VerifyResult, verify
from . import archives, options, words
from .account import opened
from .endings import CommandError, ExitCode, sentence
from .group import Command, Common
from .progress import Progress
from .screen import Cell

_STYLES = {"=": "green", "+": "bold red", "-": "yellow", "*": "bold red", "!": "bold magenta"}


@click.command(
    "verify",
    cls=Command,
    example="vbc-recordings verify /srv/recordings\n"
    "vbc-recordings verify /srv/recordings --sample 500\n"
    "vbc-recordings verify /srv/recordings --listing --repair",
)
@archives.folder
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Read only N files, drawn at random.")
@click.option("--seed", type=int, metavar="N", help="Draw what another run drew: it tells its number.")
@click.option("--listing", is_flag=True, help="Compare with the vendor's listing, too.")
@click.option("--repair", is_flag=True, help="Fetch what is missing or broken, which is kept aside.")
@click.option("--all", "everything", is_flag=True, help="Show what is as it should be, too.")
@archives.catalogue
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    sample: int | None,
    seed: int | None,
    listing: bool,
    repair: bool,
    everything: bool,
    catalogue: Path | None,
    as_json: bool,
) -> ExitCode:
    """Compare the archive in DIR with what it should be: files, manifests, catalogue, ledger.

    Shows a line for each difference: `+` is missing here, `-` is here and nothing knows it, `*` differs, `!`
    cannot be compared. Ends with 1 if something is wrong and stays so.
    """
    if seed is not None and sample is None:
        raise CommandError("--seed is for a sample", "accepted: --sample N with it")
    with (
        _archive(common, folder, catalogue, writes=listing or repair) as archive,
        _client(common, archive, is_needed=listing or repair) as client,
        Progress(common.screen, "verifying", "files") as progress,
    ):
        result = verify(
            archive,
            client,
            sample=sample,
            seed=seed,
            listing=listing,
            repair=repair,
            on_event=_Shown(common, progress, everything, as_json),
        )
    if as_json:
        common.screen.document(attrs.asdict(result))
    _tell(common, result)
    return {"ok": ExitCode.DONE, "stopped": ExitCode.INTERRUPTED}.get(result.result, ExitCode.INCOMPLETE)


@attrs.frozen
class _Shown:
    """Shows what a verification tells."""

    common: Common
    progress: Progress
    everything: bool
    as_json: bool

    def __call__(self, event: Event) -> None:
        state = self.progress.state
        if isinstance(event, Checked):
            state.done, state.total = event.files, event.files_total
            state.bytes, state.bytes_total = event.bytes, event.bytes_total
        elif isinstance(event, Finding):
            state.failed += event.is_trouble and not event.is_repaired
            if self.everything or event.sign != "=":
                self._show(event)
        self.progress.moved()

    def _show(self, finding: Finding) -> None:
        if self.as_json:
            self.common.screen.document(attrs.asdict(finding))
            return
        why = "; ".join(filter(None, (finding.reason, finding.repair)))
        name = finding.name if finding.subject == "file" else f"{finding.subject} {finding.name}"
        told = f"{name}: {why}" if why else name
        self.common.screen.entry(Cell(finding.sign, 1, _STYLES[finding.sign]), Cell(told))


@contextmanager
def _archive(common: Common, folder: Path, catalogue: Path | None, *, writes: bool) -> Generator[Archive]:
    """For writing, so that it is kept what was verified; if that cannot be, and need not be, for reading."""
    if writes or (folder / LEDGER).exists():
        try:
            archive = Archive(folder, writable=True, catalogue=catalogue)
        except (ArchiveBusyError, CatalogueError, LedgerError, OSError) as error:
            if writes:
                raise
            common.screen.note(f"it is not kept what was verified: {sentence(error)}")
        else:
            with archive:
                yield archive
            return
    with Archive(folder, catalogue=catalogue) as archive:
        yield archive


@contextmanager
def _client(common: Common, archive: Archive, *, is_needed: bool) -> Generator[CallRecordingClient | None]:
    if not is_needed:
        yield None
        return
    with opened(common, archive.folder, archive.config.profile) as client:
        yield client


def _tell(common: Common, result: VerifyResult) -> None:
    read = f"{words.count(result.read, 'file')} read ({words.size(result.bytes)})"
    left = result.troubles - result.repaired
    parts = [read, f"{result.repaired:,} repaired" if result.repaired else ""]
    parts.append(f"{words.count(left, 'difference')} left" if left else "everything is as it should be")
    common.screen.note("; ".join(filter(None, parts)))
    if result.not_read:
        files = words.count(result.not_read, "other file")
        common.screen.note(f"{files} not read, only looked for; --seed {result.seed} draws these again")
    for source, doubt in result.doubts.items():
        common.screen.warn(
            f"{source}: the listing may not be complete, so nobody can tell what it lacks: {doubt}"
        )
