"""Unpacking an export's archive: ours against unzip, followed by a sync of everything."""

import random
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.file_peers import measured, run
from benchmarks.rows import Goal, Row, Turn, times


@contextmanager
def unzip(archive: str) -> Iterator[Turn]:
    if shutil.which("unzip") is None:
        raise FileNotFoundError("unzip")

    def job(folder: Path) -> int:
        run("unzip", "-q", archive, "-d", str(folder / "export"))
        run("sync")
        return len(list((folder / "export").iterdir()))

    yield measured(job)


@contextmanager
def ours_unpacking(archive: str) -> Iterator[Turn]:
    from vbc_call_recording._files.unpacking import unpack_archive

    yield measured(lambda folder: len(unpack_archive(Path(archive), folder / "export")))


@contextmanager
def archive_of_5000() -> Iterator[str]:
    """Of what does not pack well, as audio does not."""
    chance = random.Random(14)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(5_000):
                archive.writestr(
                    f"549825.{number}.fed342bdf5f89c1e7b6a434f35482773.mp3", chance.randbytes(5_000)
                )
        yield str(path)


ROWS = [
    Row(
        "unpacking 5,000 entries",
        {"unzip, then sync": unzip, "ours": ours_unpacking},
        [Goal("≤ 1.5 × unzip, then sync", times("ours", "unzip, then sync"), most=1.5)],
        by="wall",
        expects=5_000,
        server=archive_of_5000,
    ),
]
