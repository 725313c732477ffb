"""What the guide says in numbers and words is what the code does."""

import re
from itertools import accumulate, islice
from pathlib import Path

from vbc_call_recording import PollSchedule, RetryPolicy
from vbc_call_recording._auth.environment import KNOWN
from vbc_call_recording._exports.jobs import FAILURE_WORDS
from vbc_call_recording._http.quota import DEFAULT_QUOTA_WAIT

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
PROSE = " ".join(GUIDE.split())  # lines may break anywhere


def test_the_words_of_failure_are_listed() -> None:
    (row,) = re.findall(r"^\| (`failed`.*?) \|", GUIDE, re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row)) == FAILURE_WORDS


def test_the_times_of_looking_are_those_of_the_schedule() -> None:
    first, *pauses = islice(PollSchedule(jitter=0).pauses(), 9)
    looks = [0.0, *accumulate([first, *pauses])]
    (told,) = re.findall(r"after about ([\d, and]+) s, and then every (\d+) s", PROSE)

    assert [float(number) for number in re.findall(r"\d+", told[0])] == looks[:4]
    assert {float(told[1])} == set(pauses[2:])
    assert "five requests in the first minute and two in" in PROSE
    assert (sum(look < 60 for look in looks), sum(60 <= look < 120 for look in looks)) == (5, 2)


def test_every_variable_of_the_environment_is_told() -> None:
    assert [name for name in KNOWN if f"`{name}`" not in GUIDE] == []


def test_the_defaults_are_those_of_the_code() -> None:
    policy = RetryPolicy()

    assert f"{policy.tries} tries within {policy.total_time:.0f} s" in PROSE
    assert f"`Retry-After` of up to {policy.max_wait:.0f} s" in PROSE
    assert f"waits up to {DEFAULT_QUOTA_WAIT:.0f} s" in PROSE


def test_what_things_cost_is_what_the_benchmarks_count() -> None:
    benchmarks = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    counted = dict(re.findall(r"^\| (.+?) \| ([\d,]+) \| [\d.]+ \|$", benchmarks, re.MULTILINE))
    costs = {re.sub(r" \(.*\)", "", way): number for way, number in counted.items()}
    told = re.findall(r"^\| ((?:listing|export|`download_many`).*?) \| ([\d,]+)\b.*\|$", GUIDE, re.MULTILINE)

    assert len(told) == 5
    assert dict(told).items() <= costs.items()


def test_what_is_compared_with_others_is_documented_here() -> None:
    rows = re.findall(
        r"^\| .* \| (.+) \|$", (ROOT / "docs" / "comparison.md").read_text("utf-8"), re.MULTILINE
    )

    assert rows[0] == "here"
    assert [cell for cell in rows[1:] if "](" not in cell] == ["the API has none", "no: listings change"]
