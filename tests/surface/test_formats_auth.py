"""Token files written by earlier versions are gone on with."""

import json
from pathlib import Path

import pytest

from vbc_call_recording._auth.store import FileTokenStore
from vbc_call_recording._auth.tokens import TokenSet

FORMATS = sorted((Path(__file__).parent / "formats").glob("*.json"))


@pytest.mark.parametrize("written_by", FORMATS, ids=lambda path: path.stem)
def test_a_token_file_is_read_and_written_as_it_was(written_by: Path, tmp_path: Path) -> None:
    record = json.loads(written_by.read_bytes())["token_file"]
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps(record))
    path.chmod(0o600)
    store, login = FileTokenStore(path), record["login"]
    tokens = store.load(login)
    assert tokens == TokenSet(**record["tokens"])
    store.save(login, tokens)
    assert json.loads(path.read_bytes()) == record
