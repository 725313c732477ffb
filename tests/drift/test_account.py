"""After regenerating: what has changed in Python, and what to tell users."""

import shutil
from pathlib import Path

import pytest

from scripts.account import (
    Difference,
    changelog,
    describe_changes,
    differ,
    next_version,
    surface,
)
from tests.drift.drifting import ROOT

TREE = ROOT / "generated" / "vbc_call_recording_generated"

OPERATION = '''
def sync_detailed(id: str, *, client: Client, page: int | Unset = 1{parameters}) -> Response[Thing]:
    """Anything."""
'''
MODEL = """
class Thing:
    id: int | Unset = UNSET{fields}

    def to_dict(self) -> None: ...
"""


def tree(folder: Path, parameters: str = "", fields: str = "", words: str = "A") -> Path:
    (folder / "api" / "things").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "api" / "things" / "get_thing.py").write_text(OPERATION.format(parameters=parameters))
    (folder / "models" / "thing.py").write_text(MODEL.format(fields=fields))
    members = "\n".join(f"    {word} = '{word}'" for word in words.split())
    (folder / "models" / "word.py").write_text(f"class Word(StrEnum):\n{members}\n")
    return folder


def test_the_generated_package_against_itself_is_no_change() -> None:
    assert describe_changes(TREE, TREE) == "Regenerated: nothing that users can see has changed."


@pytest.mark.parametrize(
    ("old", "new", "told", "version"),
    [
        (
            {},
            {"fields": "\n    name: str | Unset = UNSET"},
            "added    models.Thing.name: str | Unset = UNSET",
            "0.1.1",
        ),
        ({"fields": "\n    name: str = UNSET"}, {}, "removed  models.Thing.name: str = UNSET", "0.2.0"),
        (
            {"fields": "\n    name: str = UNSET"},
            {"fields": "\n    name: int = UNSET"},
            "changed  models.Thing.name: str = UNSET, now: int = UNSET",
            "0.2.0",
        ),
        (
            {},
            {"parameters": ", size: int = 1"},
            "added    api.things.get_thing(size): int = 1",
            "0.1.1",
        ),
        ({}, {"parameters": ", size: int"}, "added    api.things.get_thing(size): int", "0.2.0"),
        (
            {"parameters": ", size: int = 1"},
            {"parameters": ", size: int = 2"},
            "changed  api.things.get_thing(size): int = 1, now: int = 2",
            "0.1.1",
        ),
        ({}, {"words": "A B"}, "added    models.Word.B = 'B'", "0.1.1"),
        ({"words": "A B"}, {}, "removed  models.Word.B = 'B'", "0.2.0"),
    ],
)
def test_a_change_is_told_in_python_with_the_version_it_asks_for(
    old: dict[str, str], new: dict[str, str], told: str, version: str, tmp_path: Path
) -> None:
    differences = differ(surface(tree(tmp_path / "old", **old)), surface(tree(tmp_path / "new", **new)))
    assert [str(difference) for difference in differences] == [told]
    assert next_version("0.1.0", differences) == version


def test_after_1_0_0_the_bump_is_that_of_semantic_versioning() -> None:
    gone, new, other = (
        Difference("a", "", None),
        Difference("a", None, ""),
        Difference("a", ": int = 1", ": int = 2"),
    )
    assert [next_version("1.2.3", [each]) for each in (gone, new, other)] == ["2.0.0", "1.3.0", "1.2.4"]


def test_the_parts_of_what_is_new_or_gone_are_not_told_again(tmp_path: Path) -> None:
    new = tree(tmp_path / "new")
    shutil.copytree(new, tmp_path / "old")
    (tmp_path / "old" / "models" / "thing.py").unlink()
    (tmp_path / "old" / "api" / "things" / "get_thing.py").unlink()
    names = [difference.name for difference in differ(surface(tmp_path / "old"), surface(new))]
    assert names == ["api.things.get_thing", "models.Thing"]


def test_the_changelog_entry_has_the_form_of_keep_a_changelog() -> None:
    differences = [
        Difference("models.A", None, ""),
        Difference("models.B.c", ": int", ": str"),
        Difference("models.D", "", None),
    ]
    assert changelog(differences) == [
        "### Added",
        "",
        "- `models.A`",
        "",
        "### Changed",
        "",
        "- **Breaking:** `models.B.c` is now `str`",
        "",
        "### Removed",
        "",
        "- **Breaking:** `models.D`",
    ]


def test_a_folder_that_is_not_a_generated_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not a generated package"):
        describe_changes(tmp_path, TREE)
