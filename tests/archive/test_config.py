"""archive.toml and profiles: what may be said, and no secret among it."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vbc_call_recording import CallRecordingClient, ConfigurationError
from vbc_call_recording_archive.config import ArchiveConfig, bytes_of, config_text, read_config
from vbc_call_recording_archive.profiles import client_environment, profile_files

EVERYTHING = """
[archive]
timezone = "Europe/Berlin"
window = "week"
overlap = 5
since = 2025-01-31
company = false
users = ["193", "self"]
layout = "{start:%Y}/{id}"
transcripts = "catalogue"
metadata = "beside"
min_free = "20 GB"
concurrency = 4
bag = false
catalogue = "/var/lib/vbc/catalogue.sqlite3"
profile = "acme"
destinations = ["local", "s3://calls/berlin/", "az://calls"]

[profiles.acme]
username = "jane"

[destinations."s3://calls/berlin"]
endpoint = "https://minio.example.com"
profile = "backup"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "archive.toml").write_text(text, "utf-8")
    return folder


def test_every_key_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, EVERYTHING))
    assert config == ArchiveConfig(
        timezone=ZoneInfo("Europe/Berlin"),
        window="week",
        overlap=5,
        since=date(2025, 1, 31),
        company=False,
        users=("193", "self"),
        layout="{start:%Y}/{id}",
        transcripts="catalogue",
        metadata="beside",
        min_free=20 * 10**9,
        concurrency=4,
        bag=False,
        catalogue=Path("/var/lib/vbc/catalogue.sqlite3"),
        profile="acme",
        destinations=("local", "s3://calls/berlin", "az://calls"),
        stores={"s3://calls/berlin": {"endpoint": "https://minio.example.com", "profile": "backup"}},
    )
    assert config.sources == ("user:193", "user:self")
    assert config.begin == datetime(2025, 1, 30, 23, tzinfo=UTC)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, EVERYTHING))
    assert read_config(write(tmp_path, config_text(config))) == config
    assert read_config(write(tmp_path, config_text(ArchiveConfig()))) == ArchiveConfig()
    assert read_config(write(tmp_path, "")) == ArchiveConfig()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('windw = "day"', "did you mean 'window'"),
        ('window = "dya"', '"hour" or "day" or "week" or "month"'),
        ("overlap = -1", "overlap is -1; accepted: a whole number, 0 to 1000"),
        ("overlap = true", "overlap is True"),
        ("overlap = 1.5", "overlap is 1.5"),
        ('timezone = "Berlin"', "timezone is 'Berlin'; accepted: the name of a time zone"),
        ("timezone = 1", "timezone is 1"),
        ('since = "yesterday"', "since is 'yesterday'; accepted: a day"),
        ("since = 2026-01-01T00:00:00Z", "accepted: a day"),
        ('users = "193"', "users is '193'; accepted: a list"),
        ('users = ["193", "193"]', "accepted: a list"),
        ('users = ["../x"]', "accepted: a list"),
        ('layout = "{nope}"', "{nope} is not a field; accepted: {start}"),
        ('transcripts = "yes"', '"beside" or "catalogue" or "none"'),
        ('min_free = "much"', "min_free is 'much'; accepted: bytes"),
        ("min_free = -1", "accepted: bytes"),
        ("concurrency = 0", "accepted: a whole number, 1 to 80"),
        ('bag = "yes"', "accepted: true or false"),
        ('catalogue = ""', "accepted: the path of a file"),
        ("destinations = []", "destinations is []; accepted: a list, each once"),
        ('destinations = "local"', "accepted: a list, each once"),
        ('destinations = ["local", "local"]', "accepted: a list, each once"),
        ('destinations = ["/mnt/calls"]', "has '/mnt/calls'; accepted: \"local\", or a URL"),
        ('destinations = ["s3://key:hush@bucket"]', "has 's3://…'; accepted: \"local\", or"),
        ('destinations = ["az://bucket?sig=hush"]', "has 'az://…'; accepted: \"local\", or"),
        ('[destinations."s3://b"]', "is of no destination; accepted: local"),
        ("[archve]", "[archve]; accepted: [archive]"),
        ("= 1", "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_what_is_accepted(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_config(write(tmp_path, line if line.startswith("[") else f"[archive]\n{line}\n"))
    assert message in str(caught.value)


def test_a_folder_without_settings_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="vbc-recordings init"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("value", "size"), [(5, 5), ("5", 5), ("1 kB", 1000), ("2GB", 2 * 10**9), ("3 T", 3 * 10**12)]
)
def test_sizes_may_have_units(value: object, size: int) -> None:
    assert bytes_of(value) == size


def profile(folder: Path, text: str) -> tuple[Path, ...]:
    return (write(folder, f"[profiles.acme]\n{text}\n") / "archive.toml",)


def test_a_profile_brings_a_login_whose_secrets_are_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pa ss\n")
    (tmp_path / "secret").write_text("from the environment\n")
    files = profile(
        tmp_path, 'username = "jane"\nclient_id = "app"\npassword_file = "password"\nrate_limit = "10/min"'
    )
    environ = {
        "VBC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
        "VBC_USERNAME": "somebody else",
        "VBC_PROFILE": "acme",
        "HOME": "/",
    }
    given = client_environment(environ, files=files)
    assert given == {
        "VBC_USERNAME": "jane",
        "VBC_PASSWORD": "pa ss",
        "VBC_CLIENT_ID": "app",
        "VBC_CLIENT_SECRET": "from the environment",
        "VBC_RATE_LIMIT": "10/min",
    }
    with CallRecordingClient.from_env(given) as client:
        assert client.account_id == "self"


def test_without_a_profile_the_environment_is_all(tmp_path: Path) -> None:
    assert client_environment({"VBC_USERNAME": "jane", "PATH": "/bin"}) == {"VBC_USERNAME": "jane"}
    files = (write(tmp_path, '[profiles.default]\nusername = "jane"\n') / "archive.toml",)
    assert client_environment({}, files=files) == {"VBC_USERNAME": "jane"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('password = "secret"', "which is a secret; accepted: password_file"),
        ('user = "jane"', "has user; accepted: account_id"),
        ("username = 5", "accepted: text in quotes"),
        ('password_file = "nowhere"', "cannot be read: No such file"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client_environment({}, profile="acme", files=profile(tmp_path, text))
    assert message in str(caught.value)
    assert 'secret"' not in str(caught.value)


def test_a_profile_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="profile is 'other'; accepted: acme"):
        client_environment({}, profile="other", files=profile(tmp_path, 'username = "jane"'))


def test_the_archives_own_profiles_come_before_the_users(tmp_path: Path) -> None:
    own, mine = profile_files(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert own == tmp_path / "archive.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text('[profiles.acme]\nusername = "mine"\n[profiles.other]\nusername = "other"\n')
    write(tmp_path, '[profiles.acme]\nusername = "own"\n')
    assert client_environment({}, profile="acme", files=(own, mine)) == {"VBC_USERNAME": "own"}
    assert client_environment({}, profile="other", files=(own, mine)) == {"VBC_USERNAME": "other"}
