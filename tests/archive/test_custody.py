"""Hashes, manifests that sha256sum reads, and files that are there whole or not at all."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from vbc_call_recording_archive.custody import (
    Digest,
    hash_file,
    hash_text,
    manifest_of_window,
    move_into_place,
    read_manifest,
    update_manifest,
    write_manifest,
    write_whole,
)
from vbc_call_recording_archive.errors import ArchiveError


def test_a_file_is_hashed_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)
    assert hash_file(tmp_path / "a") == Digest(sha256(content).hexdigest(), len(content))


def test_a_text_has_the_digest_of_the_file_it_is_written_to(tmp_path: Path) -> None:
    text = "Jörg \ud800\r\nSmith\n"
    write_whole(tmp_path / "new" / "a", [text[:4], text[4:]])
    assert hash_file(tmp_path / "new" / "a") == hash_text(text)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]


@pytest.mark.slow
def test_a_manifest_is_read_by_sha256sum_and_by_us(tmp_path: Path) -> None:
    files = []
    for name in ("data/a b.mp3", "data/ü.mp3", "data/x/-1.mp3"):
        write_whole(tmp_path / name, [name])
        files.append((name, hash_text(name).sha256))
    write_manifest(tmp_path / "manifest.txt", files)
    subprocess.run(["sha256sum", "--check", "--strict", "manifest.txt"], cwd=tmp_path, check=True)
    assert list(read_manifest(tmp_path / "manifest.txt")) == files


def test_a_manifest_is_written_only_if_something_changed(tmp_path: Path) -> None:
    path, one, two = tmp_path / "m" / "manifest.txt", ("a", "0" * 64), ("b", "1" * 64)
    for files, changed in (([one], True), ([one], False), ([one, two], True), ([two], True), ([], True)):
        assert update_manifest(path, lambda files=files: files) is changed
        assert (list(read_manifest(path)) if path.exists() else []) == files
    assert not path.exists()
    assert not update_manifest(path, list)
    write_whole(path, ["tampered\n"])
    assert update_manifest(path, lambda: [one])
    assert list(read_manifest(path)) == [one]


def test_a_line_that_is_none_is_told_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "m").write_text(f"{'0' * 64}  a\nabc  b\n")
    with pytest.raises(ArchiveError, match="m:2 is not a line"):
        list(read_manifest(tmp_path / "m"))


def test_nothing_is_moved_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    move_into_place(tmp_path / "new", tmp_path / "folder" / "a")
    assert (tmp_path / "folder" / "a").read_text() == "new"
    (tmp_path / "newer").write_text("newer")
    with pytest.raises(FileExistsError):
        move_into_place(tmp_path / "newer", tmp_path / "folder" / "a")
    assert (tmp_path / "newer").exists()


def test_manifests_of_sources_and_windows_have_names_every_file_system_takes() -> None:
    assert manifest_of_window("user:5", "2026-W48") == "manifests/user-5/2026-W48/manifest-sha256.txt"
