"""The generator's own templates that ours were made from, by their checksums.

After a new version of the generator, once ours have taken over what is new in the stock ones:

    python -m tests.generation.stock_templates
"""

import hashlib
import importlib.util
from pathlib import Path

OURS = Path(__file__).resolve().parents[2] / "scripts" / "templates"
CHECKSUMS = Path(__file__).with_name("stock_templates.txt")


def stock() -> Path:
    """Where the installed generator has its templates."""
    spec = importlib.util.find_spec("openapi_python_client")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "templates"


def checksums(folder: Path) -> list[str]:
    """A line for each template we override: the checksum of the one in this folder, and its name."""
    names = sorted(path.relative_to(OURS).as_posix() for path in OURS.rglob("*.jinja"))
    return [f"{_checksum(folder / name)}  {name}" for name in names]


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "there is none"


if __name__ == "__main__":
    CHECKSUMS.write_text("\n".join([*checksums(stock()), ""]), "utf-8")
