"""What can be downloaded of what the API lists, under which name, and what is refused."""

import pytest

from vbc_call_recording._errors import InputError
from vbc_call_recording._files.sources import archive_source, recording_source, transcription_source
from vbc_call_recording_generated.models import ExportJob, Recording, Transcription


def test_a_recording_brings_its_name_size_and_id() -> None:
    source = recording_source(
        Recording(id=5, download_url="https://api/5", file_name="../a.mp3", file_size_in_bytes=100)
    )
    assert (source.name, source.unique, source.size, source.kind) == ("a-5.mp3", "5", 100, "audio")


@pytest.mark.parametrize("size", [0, -1, "100"])
def test_a_size_that_can_be_none_is_not_expected(size: int) -> None:
    assert recording_source(Recording(id=5, download_url="u", file_size_in_bytes=size)).size is None


def test_every_property_but_the_url_may_be_missing() -> None:
    first, other = (
        recording_source(Recording(download_url="a")),
        recording_source(Recording(download_url="b")),
    )
    assert first.name != other.name
    assert first.name.endswith(".mp3")


def test_a_recording_without_url_is_refused_by_id() -> None:
    with pytest.raises(InputError, match="recording 5 has no download_url"):
        recording_source(Recording(id=5))


def test_a_transcription_that_is_not_ready_or_failed_says_so() -> None:
    with pytest.raises(InputError, match="recording 5 is not ready"):
        transcription_source(Transcription(recording_id=5, transcription_ready=False))
    with pytest.raises(InputError, match="recording 5 failed: no speech"):
        transcription_source(Transcription(recording_id=5, transcription_error="no speech"))
    ready = transcription_source(Transcription(recording_id=5, transcription_url="u"))
    assert ready.name == "transcription-5.txt"


def test_an_archive_is_named_after_its_job() -> None:
    assert archive_source(ExportJob(id="afa7", download_url="u")).name == "export-afa7.zip"
    with pytest.raises(InputError, match="afa7"):
        archive_source(ExportJob(id="afa7"))
