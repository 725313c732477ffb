"""What tests of files share: a source, its bytes, and what an interrupted download leaves."""

import zipfile
from pathlib import Path

from vbc_call_recording._files.part_file import PartFile
from vbc_call_recording._files.ranges import Body
from vbc_call_recording._files.sources import Source
from vbc_call_recording._files.verification import Findings

AUDIO = b"ID3" + bytes(range(97))
SOURCE = Source(
    url="http://api/audio/5?secret=x",
    name="call-company-5.mp3",
    unique="5",
    size=100,
    kind="audio",
    scope="company",
)
ARCHIVE = Source(url="http://api/zip", name="export-1.zip", unique="1", size=None, kind="archive")
TEXT = Source(url="http://api/t", name="transcription-1.txt", unique="1", size=None, kind="transcript")
WHOLE = Body(start=0, end=100, total=100, validator='"v1"')


def part_file(
    path: Path,
    source: Source = SOURCE,
    *,
    named_by_us: bool = False,
    overwrite: bool = False,
    resume: bool = True,
) -> PartFile:
    return PartFile(source, path, named_by_us=named_by_us, overwrite=overwrite, resume=resume)


def broken_off(path: Path, count: int, body: Body = WHOLE) -> None:
    """Leaves what a download leaves that broke off after so many bytes."""
    sink = part_file(path)
    assert sink.open(Findings())
    sink.begin(body)
    sink.write(AUDIO[:count])
    sink.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def transferred(sink: PartFile, data: bytes, findings: Findings | None = None) -> bool:
    """Brings the whole of it in one answer and publishes it."""
    findings = findings or Findings()
    assert sink.open(findings)
    try:
        sink.begin(Body(start=0, end=len(data), total=len(data), validator='"v1"'))
        sink.write(data)
        return sink.publish(findings)
    finally:
        sink.close()


Entries = dict[str, bytes]


def make_archive(path: Path, entries: Entries, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def everything_below(folder: Path) -> Entries:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
