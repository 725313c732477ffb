"""Archives to draw, made once: nothing here writes to them."""

from pathlib import Path

import pytest

from vbc_call_recording_archive.archive import Archive
from vbc_call_recording_archive.report import Figures, figures

from . import made


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.two_years(tmp_path_factory.mktemp("made") / "berlin", a_day=3)


@pytest.fixture(scope="session")
def drawn(two_years: Path) -> Figures:
    with Archive(two_years) as archive:
        return figures(archive, made.NOW)
