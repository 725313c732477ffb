"""What can be downloaded of what the API lists, under which name, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbc_call_recording._errors import InputError
from vbc_call_recording._files.names import name_key
from vbc_call_recording._files.sources import (
    Source,
    archive_source,
    recording_source,
    transcription_source,
)
from vbc_call_recording_generated.models import ExportJob, Recording, Transcription


def test_a_recording_brings_its_name_size_and_id() -> None:
    source = recording_source(
        Recording(id=5, download_url="https://api/5", file_name="../a.mp3", file_size_in_bytes=100), "company"
    )
    assert (source.name, source.unique, source.size, source.kind) == ("a-company-5.mp3", "5", 100, "audio")


def test_sources_of_different_kinds_never_share_a_name_though_they_share_their_id() -> None:
    recording = Recording(id=5, download_url="u")
    sources = [
        recording_source(recording, "company"),
        recording_source(recording, "on-demand"),
        transcription_source(Transcription(recording_id=5, transcription_url="u")),
        named_archive("5"),
    ]
    assert [source.name for source in sources] == [
        "recording-company-5.mp3",
        "recording-on-demand-5.mp3",
        "transcription-5.txt",
        "export-5.zip",
    ]


ids = st.one_of(
    st.integers(0, 10**12).map(str),
    st.text(st.sampled_from("aAb:_/\\-. \u00e9E\u0301"), min_size=1, max_size=8),
    st.text(min_size=1, max_size=300),
)


@given(one=ids, other=ids)
def test_different_ids_make_different_names_also_where_cleaning_or_case_makes_them_alike(
    one: str, other: str
) -> None:
    def named(job_id: str) -> str:
        return name_key(named_archive(job_id).name)

    assert (named(one) == named(other)) == (one == other)


@pytest.mark.parametrize("size", [0, -1, "100", True, 10**30])
def test_a_size_that_can_be_none_is_not_expected(size: int) -> None:
    assert named_source(Recording(id=5, download_url="u", file_size_in_bytes=size)).size is None


def named_archive(job_id: str) -> Source:
    source = archive_source(ExportJob(id="other", download_url="u"), job_id)
    assert source is not None
    return source


def named_source(recording: Recording) -> Source:
    return recording_source(recording, "company")


@pytest.mark.parametrize("identity", [True, 1.5, "", ["5"]])
def test_an_id_that_is_none_is_replaced_by_what_tells_its_url(identity: int) -> None:
    first, other = (named_source(Recording(id=identity, download_url=url)) for url in "ab")
    assert first.name != other.name


def test_every_property_but_the_url_may_be_missing() -> None:
    first, other = (named_source(Recording(download_url=url)) for url in "ab")
    assert first.name != other.name
    assert first.name.endswith(".mp3")


def test_a_recording_without_url_is_refused_by_id() -> None:
    with pytest.raises(InputError, match="recording 5 has no download_url"):
        named_source(Recording(id=5))


def test_a_transcription_that_is_not_ready_or_failed_says_so() -> None:
    with pytest.raises(InputError, match="recording 5 is not ready"):
        transcription_source(Transcription(recording_id=5, transcription_ready=False))
    with pytest.raises(InputError, match="recording 5 failed: no speech"):
        transcription_source(Transcription(recording_id=5, transcription_error="no speech"))
    ready = transcription_source(Transcription(recording_id=5, transcription_url="u"))
    assert ready.name == "transcription-5.txt"


def test_an_archive_is_named_after_the_job_that_was_asked_for() -> None:
    assert named_archive("afa7").name == "export-afa7.zip"
    assert archive_source(ExportJob(id="other"), "afa7") is None
