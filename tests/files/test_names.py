"""Names made from names a server chose are safe on every file system, unique, and the same on every run."""

import ntpath
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vbc_call_recording._files.names import MAX_NAME_BYTES, name_key, safe_component, safe_name

ids = st.integers(min_value=0, max_value=10**12).map(str)
anything = st.text(st.characters(exclude_categories=()), max_size=400)

# What pathlib offers for it is deprecated where ntpath offers it.
is_reserved = getattr(ntpath, "isreserved", None) or (lambda name: PureWindowsPath(name).is_reserved())


@given(name=anything, unique=ids)
@example(name="../../etc/passwd", unique="1")
@example(name="..", unique="1")
@example(name="C:\\Windows\\system32\\calc.exe", unique="1")
@example(name="CON.mp3", unique="1")
@example(name="a\u202egpj.mp3", unique="1")
@example(name="x" * 500 + ".mp3", unique="1")
@example(name="\U0001f600" * 200, unique="1")
@example(name="\ud800", unique="1")
@example(name="-rf", unique="1")
def test_whatever_the_server_says_the_name_is_one_harmless_component(name: str, unique: str) -> None:
    made = safe_name(name, unique=unique, fallback_suffix=".mp3")
    assert PurePosixPath(made).parts == (made,)
    assert PureWindowsPath(made).parts == (made,)
    assert not is_reserved(made)
    assert not made.startswith((".", "-", " "))
    assert not made.endswith((".", " "))
    assert len(made.encode()) <= MAX_NAME_BYTES
    assert unicodedata.is_normalized("NFC", made)
    assert all(unicodedata.category(character)[0] != "C" for character in made)
    assert not set(made) & set('<>:"/\\|?*')


@given(name=anything, unique=ids)
def test_the_same_recording_gets_the_same_name_on_every_run(name: str, unique: str) -> None:
    first = safe_name(name, unique=unique, fallback_suffix=".mp3")
    assert safe_name(name, unique=unique, fallback_suffix=".mp3") == first
    assert safe_component(first) == first


@given(one=anything, other=anything, ids=st.lists(ids, min_size=2, max_size=2, unique=True))
def test_two_recordings_never_share_a_name_even_where_case_does_not_count(
    one: str, other: str, ids: list[str]
) -> None:
    names = (safe_name(one, unique=ids[0]), safe_name(other, unique=ids[1]))
    assert name_key(names[0]) != name_key(names[1])


@pytest.mark.parametrize(
    ("given_name", "made"),
    [
        ("730048.118.95a7.1463122442148.mp3", "730048.118.95a7.1463122442148-5.mp3"),
        ("call.MP3", "call-5.MP3"),
        ("no suffix", "no suffix-5.mp3"),
        ("730048.11826465111463122315701", "730048.11826465111463122315701-5.mp3"),
        ("", "unnamed-5.mp3"),
        ("a/b/c.mp3", "c-5.mp3"),
        ("a/b/", "b-5.mp3"),
        ("nul.mp3", "_nul-5.mp3"),
        ("cafe\u0301.mp3", "caf\u00e9-5.mp3"),
        ('say "hi"?.mp3', "say _hi__-5.mp3"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_safe(given_name: str, made: str) -> None:
    assert safe_name(given_name, unique="5", fallback_suffix=".mp3") == made


def test_names_that_differ_in_case_or_unicode_form_only_have_the_same_key() -> None:
    assert name_key("CAF\u00c9.mp3") == name_key("cafe\u0301.MP3")
    assert name_key("a.mp3") != name_key("b.mp3")
