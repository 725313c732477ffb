"""The sandbox's data: made up, but plausible, and the same for the same seed."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from vbc_call_recording_sandbox import PERIOD, REFERENCE, USER_IDS, Recording, Sandbox


def _recordings(seed: int) -> list[Recording]:
    return Sandbox(seed=seed).store.recordings()


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    assert _recordings(3) == _recordings(3)
    assert _recordings(3) != _recordings(4)


def test_the_default_is_half_a_year_of_a_busy_office() -> None:
    store = Sandbox().store
    company = store.company()
    assert len(company) == 3_000
    assert {r.call_direction for r in company} == {"INBOUND", "OUTBOUND", "INTRA_PBX"}
    assert len({extension for r in company for extension in r.extensions}) == 40
    assert all(REFERENCE - PERIOD <= r.start < REFERENCE for r in company)
    assert max(r.start for r in company) - min(r.start for r in company) > timedelta(days=175)
    transcripts = Counter(r.transcript for r in company)
    assert all(transcripts[state] > 50 for state in ("ready", "pending", "failed"))
    assert 800 < len(company) - transcripts[None] < 1_200
    assert sum(len(store.on_demand(user_id)) for user_id in USER_IDS) == 300


def test_ids_call_ids_and_file_names_are_unique() -> None:
    recordings = _recordings(0)
    for values in (
        [r.id for r in recordings],
        [r.call_id for r in recordings],
        [r.file_name for r in recordings],
    ):
        assert len(set(values)) == len(recordings)


def test_some_calls_start_in_the_same_second() -> None:
    starts = Counter(r.start for r in _recordings(0))
    assert sum(1 for count in starts.values() if count > 1) > 100


@pytest.mark.parametrize("counts", [{"recordings": -1}, {"on_demand": -1}])
def test_a_negative_number_of_recordings_is_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="-1"):
        Sandbox(**counts)


def test_a_sandbox_may_be_empty() -> None:
    with Sandbox(recordings=0, on_demand=0) as sandbox:
        assert sandbox.store.recordings() == []
        assert sandbox.store.new_id() > 0


@pytest.mark.slow
def test_importing_it_needs_neither_the_client_nor_test_packages() -> None:
    program = (
        "import sys, vbc_call_recording_sandbox\n"
        "unwanted = {'vbc_call_recording', 'vbc_call_recording_generated', 'httpx', 'pytest', 'hypothesis'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
