"""What earlier versions left beside an interrupted download is gone on from."""

import json
from pathlib import Path

from attrs import evolve

from tests.files.support import AUDIO, SOURCE, names, part_file
from vbc_call_recording._files.ranges import Body, Received
from vbc_call_recording._files.verification import Findings

FORMATS = json.loads((Path(__file__).parent / "formats" / "0.1.0.json").read_text("utf-8"))


def leave(folder: Path) -> Path:
    """What version 0.1.0 left of `call.mp3`."""
    (folder / "call.mp3.part").write_bytes(AUDIO[:40])
    (folder / "call.mp3.part.json").write_text(json.dumps(FORMATS["sidecar"]), "utf-8")
    return folder / "call.mp3"


def test_a_sidecar_of_0_1_0_is_read_and_the_download_goes_on(tmp_path: Path) -> None:
    """It does not say whether the recording is the company's: that came later."""
    assert "scope" not in FORMATS["sidecar"]["source"]
    sink = part_file(leave(tmp_path))
    assert sink.open(Findings())
    assert sink.received == Received(offset=40, total=100, validator='"v1"')
    sink.begin(Body(start=40, end=100, total=100, validator='"v1"'))
    sink.write(AUDIO[40:])
    assert sink.publish(Findings())
    sink.close()
    assert (tmp_path / "call.mp3").read_bytes() == AUDIO
    assert names(tmp_path) == ["call.mp3"]


def test_a_sidecar_of_0_1_0_that_is_of_another_recording_is_not_gone_on_from(tmp_path: Path) -> None:
    sink = part_file(leave(tmp_path), evolve(SOURCE, unique="6"))
    assert sink.open(Findings())
    assert sink.received == Received()
    sink.close()


def test_a_sidecar_written_now_has_all_that_0_1_0_looks_for(tmp_path: Path) -> None:
    sink = part_file(tmp_path / "call.mp3")
    sink.open(Findings())
    sink.begin(Body(start=0, end=100, total=100, validator='"v1"'))
    sink.write(AUDIO[:40])
    sink.close()
    written = json.loads((tmp_path / "call.mp3.part.json").read_text("utf-8"))
    assert written.keys() == FORMATS["sidecar"].keys()
    assert written["source"].items() >= FORMATS["sidecar"]["source"].items()
