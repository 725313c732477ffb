"""`vbc-recordings sync`: brings everything that is new into an archive."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import attrs
import click
from dateutil.relativedelta import relativedelta

from ..archive import Archive
from ..config import CONFIG, ArchiveConfig, config_from, config_text, read_config
from ..custody import write_whole
from ..sync import SyncResult, sync
from . import archives, options, words
from .account import opened
from .endings import CommandError, ExitCode
from .following import Following
from .group import Command, Common
from .init import zone_here
from .options import When
from .progress import Progress


@click.command(
    "sync",
    cls=Command,
    example="vbc-recordings sync /srv/recordings\n"
    "vbc-recordings sync /srv/recordings --days 7 --dry-run\n"
    "vbc-recordings sync /srv/recordings --quiet --log-json 2>> sync.log",
)
@archives.folder
@options.period
@click.option("--days", type=click.IntRange(1), metavar="N", help="The last N days, and today.")
@click.option("--user", "users", multiple=True, metavar="ID", help="On-demand recordings of this user, too.")
@click.option("--dry-run", is_flag=True, help="Say what would be fetched. Nothing is written.")
@archives.catalogue
@options.as_json
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    since: When | None,
    until: When | None,
    days: int | None,
    users: tuple[str, ...],
    dry_run: bool,
    catalogue: Path | None,
    as_json: bool,
) -> ExitCode:
    """Bring everything that is new into the archive in DIR, verified.

    The first run, the nightly run and the repair after a crash are the same command. It can be stopped and
    killed at any moment: the next run goes on. What the vendor no longer has stays here.
    """
    if days is not None and since is not None:
        raise CommandError("--days and --since say the same", "accepted: one of them")
    config = _settings(common, folder, dry_run)
    now, zone = datetime.now(UTC), config.timezone
    if days is not None:
        since = When(f"{days}d", (now.astimezone(zone) - relativedelta(days=days)).date())
    with (
        opened(common, folder, config.profile) as client,
        _archive(folder, config, catalogue, dry_run) as archive,
        Progress(common.screen, "looking" if dry_run else "syncing", "windows") as progress,
    ):
        following = Following(common.screen, progress)
        result = sync(
            archive,
            client,
            since=None if since is None else since.start(now, zone),
            until=None if until is None else min(until.end(now, zone), now),
            sources=tuple(dict.fromkeys((*config.sources, *(f"user:{user}" for user in users)))),
            dry_run=dry_run,
            on_event=following,
        )
    _tell(common, result, following, dry_run, as_json)
    return {"ok": ExitCode.DONE, "stopped": ExitCode.INTERRUPTED}.get(result.result, ExitCode.INCOMPLETE)


def _settings(common: Common, folder: Path, dry_run: bool) -> ArchiveConfig:
    """Those of the archive. A new or empty folder becomes one."""
    if (folder / CONFIG).exists() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        return read_config(folder)
    config = config_from({"timezone": zone_here()})
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / CONFIG, [config_text(config)])
        common.screen.note(f"a new archive, with days in {config.timezone}; its settings: {folder / CONFIG}")
    return config


@contextmanager
def _archive(
    folder: Path, config: ArchiveConfig, catalogue: Path | None, dry_run: bool
) -> Generator[Archive]:
    """For writing. One that is not there yet is tried in a place that is gone afterwards."""
    if folder.exists() or not dry_run:
        with Archive(folder, config, writable=True, catalogue=catalogue) as archive:
            yield archive
        return
    with tempfile.TemporaryDirectory() as place, Archive(place, config, writable=True) as archive:
        yield archive


def _tell(common: Common, result: SyncResult, following: Following, dry_run: bool, as_json: bool) -> None:
    began = [attrs.asdict(each) for each in following.began]
    if as_json:
        common.screen.document({**attrs.asdict(result), **({"would_fetch": began} if dry_run else {})})
    if dry_run:
        number = sum(each.recordings for each in following.began)
        size = words.size(sum(each.bytes for each in following.began))
        ways = sorted({"by export" if each.how == "export" else "singly" for each in following.began})
        told = f"would fetch {words.count(number, 'recording')} ({size}) {' and '.join(ways)}"
        common.screen.note(told.rstrip() if number else "nothing to fetch")
        return
    parts = {
        "transcripts": result.transcripts,
        "failed": result.failed,
        "vanished at the vendor": result.vanished,
        "lost": result.lost,
        "copied to where they were lacking": result.copied,
        "not at every destination yet": result.uncopied,
    }
    new = f"{words.count(result.files, 'recording')} fetched ({words.size(result.bytes)})"
    told = new if result.files else "no new recordings"
    told = ", ".join([told, *(f"{number:,} {name}" for name, number in parts.items() if number)])
    states = ", ".join(f"{number:,} {state}" for state, number in result.windows.items() if number)
    common.screen.note(f"{told}; windows: {states or 'none'}")
