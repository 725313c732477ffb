"""What stands at the target already is skipped, compared, refused or replaced, and never lost by mistake."""

import os
import socket
import zipfile
from pathlib import Path

import pytest
from attrs import evolve

from tests.files.support import ARCHIVE, AUDIO, SOURCE, TEXT, WHOLE, broken_off, names, part_file, transferred
from vbc_call_recording._errors import DestinationError
from vbc_call_recording._files.ranges import Body
from vbc_call_recording._files.sources import Source
from vbc_call_recording._files.verification import Findings


def test_under_a_name_of_ours_a_file_of_the_right_size_is_not_transferred_again(tmp_path: Path) -> None:
    (tmp_path / SOURCE.name).write_bytes(AUDIO)
    sink, findings = part_file(tmp_path / SOURCE.name, named_by_us=True), Findings()
    assert not sink.open(findings)
    assert findings.unproven == ()
    assert sink.received.offset == 100
    assert names(tmp_path) == [SOURCE.name]


@pytest.mark.parametrize(
    ("source", "content", "unproven"),
    [(evolve(SOURCE, size=None), AUDIO, ("size",)), (TEXT, b"words", ("size", "contents"))],
)
def test_under_a_name_of_ours_a_file_of_unknown_size_is_known_too_and_the_findings_say_so(
    source: Source, content: bytes, unproven: tuple[str, ...], tmp_path: Path
) -> None:
    """Only whole files are given such a name."""
    (tmp_path / source.name).write_bytes(content)
    findings = Findings()
    assert not part_file(tmp_path / source.name, source, named_by_us=True).open(findings)
    assert findings.unproven == unproven


def test_an_archive_is_known_by_its_name_if_it_is_sound(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / ARCHIVE.name, "w") as archive:
        archive.writestr("a.mp3", b"ID3 sound")
    assert not part_file(tmp_path / ARCHIVE.name, ARCHIVE, named_by_us=True).open(Findings())
    damaged = (tmp_path / ARCHIVE.name).read_bytes().replace(b"ID3 sound", b"ID3 Sound")
    (tmp_path / ARCHIVE.name).write_bytes(damaged)
    with pytest.raises(DestinationError, match="overwrite=True"):
        part_file(tmp_path / ARCHIVE.name, ARCHIVE, named_by_us=True).open(Findings())


@pytest.mark.parametrize("content", [AUDIO + b"x", bytes(100)], ids=["longer", "not audio"])
def test_something_else_under_a_name_of_ours_is_kept_and_refused_before_any_request(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / SOURCE.name).write_bytes(content)
    with pytest.raises(DestinationError, match="overwrite=True"):
        part_file(tmp_path / SOURCE.name, named_by_us=True).open(Findings())
    assert (tmp_path / SOURCE.name).read_bytes() == content


@pytest.mark.parametrize("verify", ["strict", "size", "none"])
def test_an_empty_file_is_never_taken_for_a_download(verify: str, tmp_path: Path) -> None:
    source = evolve(SOURCE, size=None)
    (tmp_path / source.name).touch()
    sink = part_file(tmp_path / source.name, source, named_by_us=True)
    with pytest.raises(DestinationError, match="overwrite=True"):
        transferred(sink, AUDIO, Findings(verify))  # type: ignore[arg-type]
    assert (tmp_path / source.name).read_bytes() == b""


@pytest.mark.parametrize(("verify", "is_there"), [("strict", False), ("size", False), ("none", True)])
def test_how_much_must_fit_to_be_known_is_the_callers_choice(
    verify: str, is_there: bool, tmp_path: Path
) -> None:
    (tmp_path / SOURCE.name).write_bytes(AUDIO + b"x")
    sink, findings = part_file(tmp_path / SOURCE.name, named_by_us=True), Findings(verify)  # type: ignore[arg-type]
    if is_there:
        assert not sink.open(findings)
        assert findings.unproven == ("size",)
    else:
        with pytest.raises(DestinationError):
            sink.open(findings)


def test_at_a_path_of_the_callers_size_proves_nothing_and_the_same_bytes_do(tmp_path: Path) -> None:
    target = tmp_path / "x.mp3"
    target.write_bytes(AUDIO)
    before = target.stat()
    assert not transferred(part_file(target), AUDIO), "the same bytes are no new file"
    assert target.stat().st_ino == before.st_ino
    with pytest.raises(DestinationError, match="exists and is something else"):
        transferred(part_file(target), AUDIO[:-1] + b"?")
    assert target.read_bytes() == AUDIO
    assert names(tmp_path) == ["x.mp3"], "what was only there to be compared is gone"


@pytest.mark.parametrize("stated", [None, 90], ids=["by the API", "by the server"])
def test_at_a_path_of_the_callers_another_size_is_refused_before_the_bytes_come(
    stated: int | None, tmp_path: Path
) -> None:
    target = tmp_path / "x.mp3"
    target.write_bytes(b"mine")
    sink = part_file(target, evolve(SOURCE, size=None if stated else 100))

    def ask() -> None:
        if sink.open(Findings()):
            sink.begin(Body(start=0, end=stated, total=stated, validator=None))

    with pytest.raises(DestinationError, match="overwrite=True"):
        ask()
    sink.close()
    assert names(tmp_path) == ["x.mp3"]
    assert target.read_bytes() == b"mine"


def test_with_verify_none_a_wrong_size_of_the_apis_does_not_keep_from_comparing(tmp_path: Path) -> None:
    target = tmp_path / "x.mp3"
    target.write_bytes(AUDIO)
    findings = Findings("none")
    assert not transferred(part_file(target, evolve(SOURCE, size=5)), AUDIO, findings)
    assert findings.unproven == ("size",)


def test_what_a_kill_left_beside_a_published_file_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(AUDIO)
    for leftover in ("call.mp3.part.json", "call.mp3.part.json.new", "call.mp3.part.lock"):
        (tmp_path / leftover).touch()
        assert not part_file(tmp_path / "call.mp3", named_by_us=True).open(Findings())
        assert names(tmp_path) == ["call.mp3"]


def test_overwrite_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(b"old")
    assert transferred(part_file(tmp_path / "call.mp3", overwrite=True), AUDIO)
    assert (tmp_path / "call.mp3").read_bytes() == AUDIO


@pytest.mark.parametrize(("there", "fine"), [(b"same text", True), (b"other text", False)])
def test_a_target_that_appears_meanwhile_is_kept_and_an_error_unless_equal(
    there: bytes, fine: bool, tmp_path: Path
) -> None:
    sink = part_file(tmp_path / "t.txt", TEXT, named_by_us=True)
    sink.open(Findings())
    sink.begin(Body(start=0, end=9, total=None, validator=None))
    sink.write(b"same text")
    (tmp_path / "t.txt").write_bytes(there)
    if fine:
        assert not sink.publish(Findings())
    else:
        with pytest.raises(DestinationError, match="exists"):
            sink.publish(Findings())
    sink.close()
    assert (tmp_path / "t.txt").read_bytes() == there


def test_no_link_is_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("call.mp3", "call.mp3.part"):
        (folder / name).symlink_to(victim)
        with pytest.raises(DestinationError):
            part_file(folder / "call.mp3").open(Findings())
        (folder / name).unlink()
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("leads_to", ["victim", "nowhere"])
def test_overwrite_replaces_a_link_and_not_what_it_points_to(leads_to: str, tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    target = tmp_path / "call.mp3"
    target.symlink_to(tmp_path / leads_to)
    assert transferred(part_file(target, overwrite=True), AUDIO)
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not target.is_symlink()


@pytest.fixture(params=["fifo", "link to a device", "socket", "link to a directory"])
def special(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "call.mp3"
    if request.param == "fifo":
        os.mkfifo(path)
    elif request.param == "socket":
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    else:
        path.symlink_to("/dev/null" if "device" in request.param else tmp_path)
    return path


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("appears_later", [False, True])
def test_a_device_a_fifo_or_a_socket_is_never_replaced(
    overwrite: bool, appears_later: bool, special: Path
) -> None:
    aside = special.with_name("aside")
    if appears_later:
        special.rename(aside)
    sink = part_file(special, overwrite=overwrite)

    def download() -> None:
        sink.open(Findings())
        sink.begin(WHOLE)
        sink.write(AUDIO)
        aside.rename(special)
        sink.publish(Findings())

    with pytest.raises(DestinationError, match="a device, a FIFO or a socket"):
        download()
    sink.close()
    assert not special.is_file()


def test_a_name_that_leaves_no_room_for_the_side_files_works_and_is_resumed(tmp_path: Path) -> None:
    for target in (tmp_path / f"{'x' * 251}.mp3", tmp_path / f"{chr(0xE9) * 125}.mp3"):
        broken_off(target, 40)
        sink = part_file(target)
        assert sink.open(Findings())
        assert sink.received.offset == 40
        sink.begin(Body(start=40, end=100, total=100, validator='"v1"'))
        sink.write(AUDIO[40:])
        sink.publish(Findings())
        sink.close()
        assert target.read_bytes() == AUDIO
        assert names(tmp_path) == [target.name]
        target.unlink()


def test_long_names_that_differ_at_their_end_have_side_files_of_their_own(tmp_path: Path) -> None:
    for last in "ab":
        broken_off(tmp_path / f"{'x' * 250}{last}", 40)
    assert len(names(tmp_path)) == 4
