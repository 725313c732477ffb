"""The five methods, of every destination that there is: the folder, and buckets of three kinds."""

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from tests.archive.store import Store
from vbc_call_recording import ConfigurationError
from vbc_call_recording_archive.custody import Digest, hash_file
from vbc_call_recording_archive.destinations import (
    Destination,
    LocalFolder,
    OccupiedError,
    Seen,
    open_destination,
    put,
    replace,
)

pytestmark = pytest.mark.slow

KINDS = {
    "local": (),
    "drawer://upstairs": (),
    "s3://bucket": ("s3",),
    "az://bucket": ("azure",),
    "gs://bucket": ("store",),
}
ODD = "data/a b/=ü&+'(1).mp3"


def documented() -> Callable[[Path], Destination]:
    """The destination that docs/archive-inside.md shows how to write."""
    page = Path("docs/archive-inside.md").read_text("utf-8").partition("## A destination of your own")[2]
    code = page.partition("```python")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    return cast(Callable[[Path], Destination], names["Drawer"])


@pytest.fixture(params=KINDS)
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Destination:
    """An empty one: below a prefix of its own, where a bucket is shared."""
    if request.param.startswith("drawer"):
        return documented()(tmp_path / "drawer")
    for needed in KINDS[request.param]:
        request.getfixturevalue(needed)
    name = request.param if request.param == "local" else f"{request.param}/{uuid4().hex[:8]}/below"
    folder = tmp_path / "archive"
    folder.mkdir()
    return open_destination(name, folder, {})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").write_bytes(b"content")
    return tmp_path / "source"


def content(destination: Destination, key: str) -> bytes:
    return b"".join(destination.read(key))


def test_what_is_created_is_there_and_the_source_too(destination: Destination, source: Path) -> None:
    digest = sha256(b"content").hexdigest()
    destination.create(ODD, source, digest)
    assert content(destination, ODD) == b"content" == source.read_bytes()
    assert destination.look(ODD) == Seen(ODD, 7, digest if destination.name[:2] in ("s3", "az", "gs") else "")


def test_nothing_is_created_where_something_is(destination: Destination, source: Path) -> None:
    destination.create("data/a", source, "")
    other = source.with_name("other")
    other.write_bytes(b"other")
    with pytest.raises(FileExistsError):
        destination.create("data/a", other, "")
    assert content(destination, "data/a") == b"content"


def test_replacing_leaves_the_later_one(destination: Destination, source: Path) -> None:
    destination.replace("a", source, "")
    source.write_bytes(b"later, and longer")
    replace(destination, "a", source)
    assert content(destination, "a") == b"later, and longer"
    seen = destination.look("a")
    assert seen is not None
    assert seen.size == 17


def test_what_is_not_there_is_not_read(destination: Destination) -> None:
    assert destination.look("data/nothing") is None
    with pytest.raises(FileNotFoundError):
        content(destination, "data/nothing")
    assert [*destination.list("data/")] == []


def test_a_listing_names_what_is_below_and_nothing_else(destination: Destination, source: Path) -> None:
    keys = ["data/a/b.mp3", "data/c.mp3", "database", "other/d.mp3", ODD]
    for key in keys:
        destination.create(key, source, "")
    listed = {seen.key: seen.size for seen in destination.list("data/")}
    assert listed == {key: 7 for key in keys if key.startswith("data/")}


def test_many_are_listed_in_full(destination: Destination, source: Path) -> None:
    for number in range(40):
        destination.create(f"data/{number}", source, "")
    assert len([*destination.list("data/")]) == 40


def test_a_put_is_proven_and_may_be_repeated(destination: Destination, source: Path) -> None:
    digest = hash_file(source)
    put(destination, "data/a", source, digest)
    put(destination, "data/a", source, digest)
    other = source.with_name("other")
    other.write_bytes(b"altered")
    with pytest.raises(OccupiedError, match="something else in the place of data/a"):
        put(destination, "data/a", other, hash_file(other))
    assert content(destination, "data/a") == b"content"


def test_a_file_as_large_as_an_hour_of_talk(destination: Destination, source: Path) -> None:
    source.write_bytes(bytes(range(256)) * 4 * 1024 * 14)  # 14 MiB: more than one part of a multipart upload
    put(destination, "data/large", source, hash_file(source))
    if not destination.name.startswith("gs:"):  # our own server does not know multipart uploads
        replace(destination, "data/large", source)


def test_a_folder_without_hard_links_takes_copies(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refuse)
    folder = LocalFolder(tmp_path / "archive")
    folder.create("data/a", source, "")
    assert content(folder, "data/a") == b"content"
    with pytest.raises(FileExistsError):
        folder.create("data/a", source, "")
    assert [path.name for path in (tmp_path / "archive/data").iterdir()] == ["a"]


# -- what cannot be used


@pytest.mark.parametrize(
    ("name", "fixture"), [("s3://no-such-bucket/a", "s3"), ("az://nosuchcontainer/a", "azure")]
)
def test_a_bucket_that_is_not_there_is_trouble(
    name: str, fixture: str, request: pytest.FixtureRequest, tmp_path: Path, source: Path
) -> None:
    request.getfixturevalue(fixture)
    destination = open_destination(name, tmp_path, {})
    with pytest.raises(OSError, match=r"no-such-bucket|nosuchcontainer") as caught:
        put(destination, "data/a", source, Digest("0" * 64, 7))
    assert not isinstance(caught.value, FileNotFoundError)


def test_an_error_tells_what_the_store_said_and_no_secret(store: Store, tmp_path: Path, source: Path) -> None:
    store.refuse = lambda method, path: 403
    for name in ("s3://bucket/a", "gs://bucket/a"):
        destination = open_destination(name, tmp_path, {})
        with pytest.raises(OSError, match=f"{name} failed at data/a: Unwell: for a test") as caught:
            destination.create("data/a", source, "")
        assert caught.value.__cause__ is None
        assert "hush" not in repr(caught.value)


def test_a_signature_in_an_address_is_not_told(
    no_stores: None, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acme")
    monkeypatch.setenv("AZURE_STORAGE_SAS_KEY", "sv=2021-08-06&sig=hush-signature")
    destination = open_destination("az://bucket/a", tmp_path, {"endpoint": "http://127.0.0.1:9/acme"})
    with pytest.raises(OSError, match="az://bucket/a failed at data/a") as caught:
        destination.create("data/a", source, "")
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("sftp://host/a", {}, "of no known kind; accepted: local, s3://, gs://, az://"),
        (
            "s3://bucket",
            {"secret_access_key": "hush"},
            "has the setting 'secret_access_key'; accepted: endpoint, profile, region",
        ),
        ("s3://bucket", {"profile": "nobody"}, "s3://bucket cannot be used: ProfileNotFound"),
    ],
)
def test_what_cannot_be_opened_says_why(
    no_stores: None, tmp_path: Path, name: str, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_destination(name, tmp_path, settings)
    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_an_archive_in_its_folder_imports_no_object_store(tmp_path: Path) -> None:
    program = (
        "import sys; from vbc_call_recording_archive import Archive, ArchiveConfig\n"
        f"with Archive({str(tmp_path)!r}, ArchiveConfig(), writable=True) as archive: archive.places\n"
        "print([name for name in ('obstore', 'boto3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
