"""Models that refer to each other, which our template imports at the end of their modules."""

import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from scripts import generate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where there is a package `circular` with such models."""
    folder = tmp_path_factory.mktemp("mutual")
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load((generate.ROOT / "openapi.yaml").read_text("utf-8"))
    own = document["components"]["schemas"]["Link"]["properties"]
    own |= {
        "inside": {"$ref": "#/components/schemas/ItemLinks"},
        "next": {"$ref": "#/components/schemas/Link"},
    }
    spec = folder / "openapi.yaml"
    with spec.open("w") as file:
        yaml.dump(document, file)
    generate.generate(spec, folder / "circular")
    return folder


@pytest.mark.parametrize("first", ["link", "item_links"])
def test_they_can_be_imported_in_any_order_and_read(folder: Path, first: str) -> None:
    program = (
        f"import circular.models.{first}\n"
        "from circular.models import Link\n"
        "answer = {'next': {'inside': {'self': {'href': 'x'}}}}\n"
        "link = Link.from_dict(answer)\n"
        "assert link.next_.inside.self_.href == 'x'\n"
        "assert link.to_dict() == answer\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)

    assert done.stderr == ""
