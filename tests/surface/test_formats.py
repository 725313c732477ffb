"""What version 0.1.0 wrote is still read: tokens of exports, and the names users import."""

import base64
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import vbc_call_recording
from vbc_call_recording import CallRecordingClient, ExportProgress, IncompleteListingWarning, Paginator
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


def listing_of(client: CallRecordingClient, name: str, token: str) -> Paginator[Any]:
    if name == "on_demand":
        return client.on_demand_recordings.list(resume=token)
    if name == "transcriptions":
        return client.transcriptions.list(resume=token)
    if name == "jobs":
        return client.export_jobs.list(resume=token)
    return client.company_recordings.list(resume=token)


@pytest.mark.parametrize("name", WRITTEN["listing_tokens"])
def test_a_listing_goes_on_from_a_token_of_an_earlier_version(sandbox: Sandbox, name: str) -> None:
    """What the token says was passed on does not come again. The sandbox holds other recordings than then."""
    token = WRITTEN["listing_tokens"][name]
    said = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    with CallRecordingClient.from_env(sandbox.environment) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteListingWarning)
        listing = listing_of(client, name, token)
        position = json.loads(base64.urlsafe_b64decode(listing.token + "=="))["position"]
        expected = said["position"] | {"received": said["position"]["received"] + said["offset"]}
        assert {key: value for key, value in position.items() if key in expected} == {
            key: value for key, value in expected.items() if key != "first"
        }
        ids = [getattr(item, "recording_id", None) or item.id for item in listing]
    assert not set(ids) & set(said["position"]["ids"])
    assert len(ids) == len(set(ids))
    assert ids or name == "jobs"


def test_no_public_name_is_lost() -> None:
    names = set(vbc_call_recording.__all__)
    assert set(WRITTEN["public_names"]) - names == MOVED_TO_THE_ARCHIVE
