"""Audio is told from what a server sends in its place."""

import pytest

from vbc_call_recording._files.signatures import looks_like_audio, looks_wrong

AUDIO = {
    "mp3 with a tag": b"ID3\x03\x00\x00",
    "mp3 frame": b"\xff\xfb\x90\x64",
    "mpeg 2 layer 3": b"\xff\xf3\x40\xc4",
    "aac in adts": b"\xff\xf1\x50\x80",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "aiff": b"FORM\x00\x00\x00\x24AIFFCOMM",
    "ogg": b"OggS\x00\x02",
    "flac": b"fLaC\x00",
    "m4a": b"\x00\x00\x00\x20ftypM4A ",
    "amr": b"#!AMR\n",
}


@pytest.mark.parametrize("head", AUDIO.values(), ids=AUDIO.keys())
def test_audio_is_recognised(head: bytes) -> None:
    assert looks_like_audio(head)


@pytest.mark.parametrize(
    "head",
    [b"", b"{}", b"<!DOCTYPE html>", b"PK\x03\x04", b"\xff\xff\xff\xff", b"\xff", b"RIFF____AVI ", bytes(64)],
)
def test_anything_else_is_not(head: bytes) -> None:
    assert not looks_like_audio(head)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json", "text/html; charset=utf-8", "TEXT/plain"]
)
def test_words_in_place_of_a_file_are_recognised_by_their_type(kind: str) -> None:
    assert looks_wrong(kind, "audio")
    assert looks_wrong(kind, "archive")


@pytest.mark.parametrize("kind", ["", "audio/mpeg", "application/octet-stream", "application/zip"])
def test_a_type_that_may_be_a_file_is_let_through(kind: str) -> None:
    assert not looks_wrong(kind, "audio")


def test_a_transcript_may_be_text_or_json_but_no_web_page() -> None:
    assert looks_wrong("text/html; charset=utf-8", "transcript")
    assert not looks_wrong("text/plain", "transcript")
    assert not looks_wrong("application/json", "transcript")
