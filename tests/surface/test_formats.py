"""What version 0.1.0 wrote is still read: tokens of exports, and the names users import."""

import json
from pathlib import Path
from typing import Any

import pytest

import vbc_call_recording
from vbc_call_recording import CallRecordingClient, ExportProgress
from vbc_call_recording_sandbox import Sandbox

WRITTEN: dict[str, Any] = json.loads((Path(__file__).parent / "formats" / "0.1.0.json").read_text("utf-8"))
MOVED_TO_THE_ARCHIVE = {"ExportReport"}


@pytest.mark.parametrize("name", ["export", "export_on_demand", "export_adopted"])
def test_an_export_goes_on_from_a_token_of_an_earlier_version(name: str) -> None:
    token = WRITTEN["export_tokens"][name]
    export = CallRecordingClient(auth="t").export_jobs.resume(token)
    fields = json.loads(token)
    assert export.job_ids == tuple(fields["job_ids"])
    assert export.filters == fields["filters"]
    assert json.loads(export.token) == fields
    assert export.progress == ExportProgress(jobs_total=len(fields["job_ids"]))


def test_an_export_can_be_asked_for_again_by_a_token_of_an_earlier_version(sandbox: Sandbox) -> None:
    with CallRecordingClient.from_env(sandbox.environment) as client:
        again = client.export_jobs.resume(WRITTEN["export_tokens"]["export"]).reexport()
        assert again.filters == {"extension": "101"}


def test_no_public_name_is_lost() -> None:
    names = set(vbc_call_recording.__all__)
    assert set(WRITTEN["public_names"]) - names == MOVED_TO_THE_ARCHIVE
