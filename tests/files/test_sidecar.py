"""Whose bytes are in a part is told by its sidecar, and a damaged one is as good as none."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.files.support import AUDIO, SOURCE, WHOLE, broken_off, names, part_file, transferred
from vbc_call_recording._files.part_file import read_sidecar
from vbc_call_recording._files.ranges import Received
from vbc_call_recording._files.sources import Source
from vbc_call_recording._files.verification import Findings


def test_the_sidecar_holds_nothing_of_the_urls_query(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sidecar = (tmp_path / "call.mp3.part.json").read_text()
    assert "secret" not in sidecar
    assert json.loads(sidecar)["source"]["url"] == "http://api/audio/5"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda part: part.with_name("call.mp3.part.json").unlink(),
        lambda part: part.with_name("call.mp3.part.json").write_text("{"),
        lambda part: part.with_name("call.mp3.part.json").write_text("[]"),
        lambda part: part.with_name("call.mp3.part.json").write_text('{"version": 99}'),
        lambda part: part.with_name("call.mp3.part.json").write_text("[" * 60_000),
        lambda part: part.with_name("call.mp3.part.json").write_bytes(b"\xff\xfe\0"),
        lambda part: part.with_name("call.mp3.part.json").write_text(" " * 10**6),
        lambda part: (part.with_name("call.mp3.part.json").unlink(), os.mkfifo(f"{part}.json")),
        lambda part: part.unlink(),
    ],
    ids=[
        "no sidecar",
        "cut sidecar",
        "no object",
        "another version",
        "nested",
        "no text",
        "far too long",
        "a fifo",
        "no part",
    ],
)
def test_bytes_nobody_vouches_for_are_not_built_upon(spoil: object, tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    spoil(tmp_path / "call.mp3.part")  # type: ignore[operator]
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open(Findings())
    assert sink.received == Received()
    sink.close()
    assert transferred(part_file(tmp_path / "call.mp3"), AUDIO)
    assert names(tmp_path) == ["call.mp3"]


@pytest.mark.parametrize(
    "damage",
    [
        {"validator": '"caf\u00e9"'},
        {"validator": '"a"\r\nX: y'},
        {"validator": ['"v1"']},
        {"validator": ""},
        {"validator": '"' + "a" * 5000 + '"'},
        {"size": "100"},
        {"size": True},
        {"size": 1.5},
        {"size": {"size": 100}},
        {"size": 10**400},
        {"source": None},
        {"source": []},
        {"source": {"kind": ["audio"]}},
        {"version": [1]},
    ],
    ids=lambda damage: str(damage)[:40],
)
def test_a_sidecar_with_a_value_of_another_type_is_as_good_as_none(
    damage: dict[str, object], tmp_path: Path
) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sidecar = tmp_path / "call.mp3.part.json"
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | damage))
    sink = part_file(tmp_path / "call.mp3")
    assert sink.open(Findings())
    assert sink.received == Received()
    sink.close()


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["version", "source", "size", "validator", "kind"]), inner)
        ),
    )
)
def test_no_sidecar_is_too_odd_to_be_read(noted: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.part.json"
        path.write_text(json.dumps(noted))
        assert read_sidecar(path, SOURCE, 40) == Received()


def test_bytes_of_a_recording_on_demand_are_not_built_upon_for_one_of_the_company(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    sink = part_file(tmp_path / "call.mp3", evolve(SOURCE, scope="on-demand"))
    sink.open(Findings())
    assert sink.received == Received()
    sink.close()


def test_bytes_of_another_source_are_not_built_upon(tmp_path: Path) -> None:
    broken_off(tmp_path / "call.mp3", 40)
    other = Source(url="http://api/audio/6", name="call-6.mp3", unique="6", size=100, kind="audio")
    sink = part_file(tmp_path / "call.mp3", other)
    sink.open(Findings())
    assert sink.received == Received()
    sink.close()


def test_a_sidecar_that_is_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "call.mp3.part.json").symlink_to(victim)
    broken_off(tmp_path / "call.mp3", 40)
    assert victim.read_bytes() == b"precious"


def test_old_bytes_are_gone_before_the_sidecar_says_that_new_ones_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a kill in between would leave the old copy's bytes under the new one's validator."""
    broken_off(tmp_path / "call.mp3", 40)
    there: list[int] = []

    def look(*_: object) -> None:
        there.append((tmp_path / "call.mp3.part").stat().st_size)

    monkeypatch.setattr("vbc_call_recording._files.part_file.write_sidecar", look)
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(WHOLE)
    sink.close()
    assert there == [0]
