"""How files of each kind begin, and which content types a server gives them. Pure."""

from typing import Literal

Kind = Literal["audio", "transcript", "archive"]

HEAD_BYTES = 64
"""How much of a file's beginning is looked at."""

_AT_START = (
    b"ID3",
    b"OggS",
    b"fLaC",
    b"#!AMR",
    b".snd",
    b"\x1a\x45\xdf\xa3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)


def looks_like_audio(head: bytes) -> bool:
    """Whether a file that begins with `head` is audio of any kind in use. The vendor documents none."""
    in_container = (head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE") or (
        head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")
    )
    return head.startswith(_AT_START) or in_container or head[4:8] == b"ftyp" or _is_mpeg_frame(head)


def looks_wrong(content_type: str, kind: Kind) -> bool:
    """Whether this content type means something else instead of the file, such as an error page.

    A transcript may be any text except a web page.
    """
    named = content_type.partition(";")[0].strip().lower()
    if kind == "transcript":
        return named in ("text/html", "application/xhtml+xml")
    return named.startswith("text/") or named.endswith(("/json", "+json", "/xml", "+xml"))


def _is_mpeg_frame(head: bytes) -> bool:
    """An MPEG audio frame (MP3), or one of AAC in ADTS, that starts with the first byte."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 0b11, head[1] >> 1 & 0b11
    if layer == 0:
        return head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 0b1111 < 13
    return version != 0b01 and head[2] >> 4 != 0b1111 and head[2] >> 2 & 0b11 != 0b11
