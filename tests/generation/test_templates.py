"""Our templates are made from the stock ones of one version of the generator, and say why they differ."""

import shutil
from pathlib import Path

import pytest

from tests.generation.stock_templates import CHECKSUMS, OURS, checksums, stock

TEMPLATES = sorted(OURS.rglob("*.jinja"))


def parted(folder: Path) -> str:
    """What to do about stock templates that are not those ours were made from; empty if all are."""
    known = CHECKSUMS.read_text("utf-8").splitlines()
    names = [line.split("  ")[1] for line in checksums(folder) if line not in known]
    return "".join(
        f"scripts/templates/{name}: the generator's {name} is not the one it was made from. "
        f"Take over what is new there ({folder / name}), then: python -m tests.generation.stock_templates\n"
        for name in names
    )


def test_every_template_is_made_from_the_stock_one_that_is_installed() -> None:
    assert not parted(stock()), parted(stock())
    assert len(CHECKSUMS.read_text("utf-8").splitlines()) == len(TEMPLATES)


def test_a_stock_template_that_has_changed_or_gone_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(stock(), tmp_path / "templates")
    with (folder / "types.py.jinja").open("a") as file:
        file.write("# new")
    (folder / "property_templates" / "list_property.py.jinja").unlink()
    named = [line.split(": ")[0].removeprefix("scripts/templates/") for line in parted(folder).splitlines()]
    assert named == ["property_templates/list_property.py.jinja", "types.py.jinja"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_template_opens_with_why(template: Path) -> None:
    assert template.read_text("utf-8").startswith("{# Why: ")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_lacks_a_macro_the_stock_one_has(template: Path) -> None:
    """The generator calls a macro of a property by its name, and writes nothing at all if there is none."""

    def macros(path: Path) -> set[str]:
        words = path.read_text("utf-8").split("{% macro ")[1:]
        return {word.split("(")[0] for word in words}

    assert macros(stock() / template.relative_to(OURS)) <= macros(template)
