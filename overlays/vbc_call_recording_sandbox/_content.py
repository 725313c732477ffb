"""The files behind the URLs, made up on demand: audio as silent MP3, transcripts as plain text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from ._data import Recording

# MPEG-1 layer III, 320 kbit/s at 32 kHz, mono: every frame is exactly 1,440 bytes, so that the audio can be
# cut anywhere without reading what comes before. An all-zero side information makes the frame silent, and a
# decoder skips what follows it: room for a text that tells each frame of each recording apart.
_FRAME_HEADER = b"\xff\xfb\xe8\xc0" + bytes(17)
_FRAME_SIZE = 1_440
_FRAMES_PER_CHUNK = 45

_LINES = (
    "Good morning, thank you for calling. How can I help you?",
    "I am calling about the invoice I received last week.",
    "Let me look that up for you. One moment, please.",
    "Could you spell your name for me?",
    "That is what I was hoping for, thank you.",
    "Is there anything else I can do for you?",
)


@dataclass(frozen=True, slots=True)
class Content:
    """A file to serve: `chunks(start, stop)` gives these bytes of it, the same ones every time.

    `recording` is what it was made of, if it was made of one.
    """

    size: int
    etag: str
    media_type: str
    file_name: str
    chunks: Callable[[int, int], Iterator[bytes]]
    recording: Recording | None = None


def audio(recording: Recording) -> Content:
    """The recording's MP3, exactly `size` bytes long."""

    def chunks(start: int, stop: int) -> Iterator[bytes]:
        head = _id3_tag(recording)
        yield from _cut(head[start:stop])
        label = f"recording {recording.id} revision {recording.revision} frame "
        yield from _frames(label, max(start - len(head), 0), stop - len(head))

    etag = f'"audio-{recording.id}-{recording.revision}-{recording.size}"'
    return Content(recording.size, etag, "audio/mpeg", recording.file_name, chunks, recording)


def transcript(recording: Recording) -> Content:
    """The recording's transcript: one `[minutes:seconds] speaker: words` a line."""
    text = _transcript_text(recording).encode()
    etag = f'"transcript-{recording.id}"'
    return Content(
        len(text),
        etag,
        "text/plain; charset=utf-8",
        f"{recording.file_name}.txt",
        lambda start, stop: _cut(text[start:stop]),
        recording,
    )


def _cut(data: bytes) -> Iterator[bytes]:
    if data:
        yield data


def _id3_tag(recording: Recording) -> bytes:
    """An ID3v2.3 tag whose padding makes the rest of the file a whole number of frames."""
    text = b"\x00" + f"Recording {recording.id}".encode()
    title = b"TIT2" + len(text).to_bytes(4) + bytes(2) + text
    padding = (recording.size - 10 - len(title)) % _FRAME_SIZE
    body = title + bytes(padding)
    synchsafe = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + synchsafe + body


def _frames(label: str, start: int, stop: int) -> Iterator[bytes]:
    position = start
    while position < stop:
        first = position // _FRAME_SIZE
        block = b"".join(_frame(label, number) for number in range(first, first + _FRAMES_PER_CHUNK))
        offset = first * _FRAME_SIZE
        chunk = block[position - offset : stop - offset]
        yield chunk
        position += len(chunk)


def _frame(label: str, number: int) -> bytes:
    return (_FRAME_HEADER + f"{label}{number}".encode()).ljust(_FRAME_SIZE, b"\x00")


def _transcript_text(recording: Recording) -> str:
    random = Random(recording.id)
    seconds = 0
    lines: list[str] = []
    for turn in range(random.randint(4, 12)):
        speaker = "Caller" if turn % 2 else "Agent"
        lines.append(f"[{seconds // 60:02d}:{seconds % 60:02d}] {speaker}: {random.choice(_LINES)}\n")
        seconds += random.randint(2, 15)
    return "".join(lines)
