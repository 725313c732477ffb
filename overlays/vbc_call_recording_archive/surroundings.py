"""What `vbc-recordings doctor` looks at beside the vendor: settings, disk, destinations."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from attrs import frozen

from vbc_call_recording import CallRecordingError, ConfigurationError

from .catalogue import network_filesystem
from .config import CONFIG, ArchiveConfig, read_config
from .custody import write_whole
from .destinations import LOCAL, Apart, Destination, open_destination, replace
from .instants import now, to_text
from .layout import PAYLOAD
from .places import PROBE, keeps_what_it_has, said

State = Literal["ok", "warning", "failed", "skipped"]

LEAST_FREE = 10**9  # bytes


@frozen
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it was.
        state: How it is.
        said: What was found.
        hint: What to click or set, if it is not as it should be.
        error: What went wrong, for the exit code.
    """

    name: str
    state: State
    said: str
    hint: str | None = None
    error: CallRecordingError | OSError | None = None


def settings_of(folder: Path) -> tuple[ArchiveConfig, Check]:
    if not (folder / CONFIG).exists():
        return ArchiveConfig(), Check("settings", "skipped", f"{folder} holds no {CONFIG}; init makes one")
    try:
        return read_config(folder), Check("settings", "ok", f"{folder / CONFIG} can be used")
    except ConfigurationError as error:
        return ArchiveConfig(), Check("settings", "failed", str(error), f"mend {folder / CONFIG}", error)


def disk(folder: Path, catalogue: Path | None = None, mounts: str = "") -> Check:
    """Whether an archive can be kept there: writable, local enough for the catalogue, and with room."""
    place = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"doctor")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(place).free
    except OSError as error:
        hint = "choose another folder, or give this user the right to write there"
        return Check("disk", "failed", f"{place} cannot be written: {error.strerror}", hint, error)
    room = f"{place} has {free / 1e9:.1f} GB free"
    if kind := network_filesystem((folder / (catalogue or "")).resolve(), mounts):
        hint = 'keep the catalogue on a local disk: catalogue = "…" in archive.toml, or --catalogue'
        return Check("disk", "warning", f"{room}, on a network file system ({kind})", hint)
    if free < LEAST_FREE:
        return Check("disk", "warning", room, "make room, or choose another folder")
    return Check("disk", "ok", room)


def destinations(folder: Path, config: ArchiveConfig) -> Iterator[Check]:
    """Whether each destination but the folder can be written and read, and keeps what it has."""
    for name in config.destinations:
        if name != LOCAL:
            try:
                yield _destination(Apart(open_destination(name, folder, config.stores.get(name, {}))))
            except ConfigurationError as error:
                yield Check("destination", "failed", str(error), f"mend {folder / CONFIG}", error)
            except OSError as error:
                hint = "look at the bucket's name, its region and endpoint, and what this login may do there"
                yield Check("destination", "failed", said(error), hint, error)


def _destination(destination: Destination) -> Check:
    """Leaves one small file there."""
    with tempfile.TemporaryDirectory() as place:
        written = Path(place) / PROBE
        write_whole(written, [f"vbc-recordings doctor wrote this at {to_text(now())}.\n"])
        replace(destination, PROBE, written)
        keeps = keeps_what_it_has(destination, Path(place))
        next(iter(destination.list(f"{PAYLOAD}/")), None)  # a permission of its own, which `verify` needs
    name = destination.name
    if keeps:
        return Check("destination", "ok", f"{name} can be written and read, and keeps what it has")
    hint = "let nobody else write there: sync looks before it writes, but two at once replace each other's"
    return Check("destination", "warning", f"{name} replaces what is there when told not to", hint)
