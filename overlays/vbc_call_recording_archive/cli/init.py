"""`vbc-recordings init`: the settings of a new archive. No secret is asked for, or written."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from vbc_call_recording import CallRecordingClient, ConfigurationError

from ..config import CONFIG, config_from, config_text
from ..custody import write_whole
from ..profiles import check_profile
from ..windows import SIZES
from .account import variables
from .endings import CommandError, ExitCode
from .group import Command, Common

_LOGIN = {
    "username": "User name, as shown in VBC",
    "client_id": "Client id of the application",
    "password_file": "Path of a file that holds the password",
    "client_secret_file": "Path of a file that holds the client secret",
}


@click.command(
    "init",
    cls=Command,
    example="vbc-recordings init /srv/recordings\n"
    "vbc-recordings init /srv/recordings --timezone Europe/Berlin --since 2026-01-01 --profile acme",
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--timezone", metavar="ZONE", help="The company's, as Europe/Berlin. Default: this machine's.")
@click.option("--since", metavar="DAY", help="First day to archive. Default: that of the oldest recording.")
@click.option("--user", "users", multiple=True, metavar="ID", help="On-demand recordings of this user, too.")
@click.option("--no-company", is_flag=True, help="No company recordings.")
@click.option(
    "--window", type=click.Choice(SIZES), metavar="WORD", help="hour, day, week or month. Default: day."
)
@click.option("--layout", metavar="TEMPLATE", help="Where files go: '{start:%Y/%m}/{direction}-{id}'.")
@click.option("--transcripts", metavar="WORD", help="beside, catalogue or none. Default: beside the audio.")
@click.option("--metadata", metavar="WORD", help="beside or catalogue. Default: catalogue.")
@click.option("--min-free", metavar="SIZE", help="Disk space to leave free. Default: 1 GB.")
@click.option(
    "--destination",
    "destinations",
    multiple=True,
    metavar="URL",
    help="Where files are kept: local, s3://BUCKET/PREFIX. Several are possible.",
)
@click.option("--catalogue", metavar="FILE", help="Where the catalogue is, if DIR is on a network.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def command(
    common: Common,
    /,
    folder: Path,
    users: tuple[str, ...],
    no_company: bool,
    destinations: tuple[str, ...],
    yes: bool,
    **given: Any,
) -> ExitCode:
    """Write the settings of a new archive to DIR/archive.toml.

    On a terminal it asks for what is missing. Secrets are not asked for: they stay in VBC_* variables, in
    files that VBC_*_FILE variables or the settings name, or in a token store.
    """
    if (folder / CONFIG).exists():
        raise CommandError(f"{folder / CONFIG} is there already", "edit it, or remove it first")
    asks = not yes and sys.stdin.isatty()
    values = {name: value for name, value in given.items() if value is not None}
    values |= {"users": list(users)} if users else {}
    values |= {"company": False} if no_company else {}
    values |= {"destinations": list(destinations)} if destinations else {}
    values |= {"profile": common.profile} if common.profile else {}
    values.setdefault("timezone", zone_here())
    if asks:
        _ask(values, given)
    text = config_text(config_from(values))
    login = _login(common, folder) if asks and not _can_log_in(common, folder) else {}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / CONFIG, [text, profile_text("default", login)])
    common.screen.note(f"wrote {folder / CONFIG}")
    common.screen.note(f"next: vbc-recordings doctor {folder}, then vbc-recordings sync {folder}")
    return ExitCode.DONE


def _ask(values: dict[str, Any], given: Mapping[str, Any]) -> None:
    """The few things that are different for everybody."""
    if given["timezone"] is None:
        values["timezone"] = _answer("Time zone of the company", "timezone", values["timezone"])
    if given["since"] is None:
        day = _answer("First day to archive (empty: that of the oldest recording)", "since", "")
        values |= {"since": day} if day else {}
    if "users" not in values:
        names = _answer("Users whose on-demand recordings to archive, too (ids; empty: none)", "users", "")
        values |= {"users": names.replace(",", " ").split()} if names else {}


def _answer(question: str, key: str, default: str) -> str:
    """What somebody types, asked for again until it can be used."""

    def checked(text: str) -> str:
        if text.strip():
            try:
                config_from({key: text.replace(",", " ").split() if key == "users" else text.strip()})
            except ConfigurationError as error:
                raise click.UsageError(str(error)) from None
        return text.strip()

    return str(
        click.prompt(question, default=default, value_proc=checked, show_default=bool(default), err=True)
    )


def _can_log_in(common: Common, folder: Path) -> bool:
    try:
        CallRecordingClient.from_env(variables(common, folder)).close()
    except ConfigurationError:
        return False
    return True


def _login(common: Common, folder: Path) -> dict[str, str]:
    """The account, where neither variables nor profiles say it."""
    common.screen.note(
        "No VBC_* variables or profile say how to log in. Leave the first answer empty to do that later."
    )
    values: dict[str, str] = {}
    for key, question in _LOGIN.items():
        answer = str(click.prompt(question, default="", show_default=False, err=True)).strip()
        if not answer and not values:
            return {}
        values |= {key: str(Path(answer).expanduser().absolute()) if key.endswith("_file") else answer}
    check_profile(values, "default")
    return values


def profile_text(name: str, values: Mapping[str, str]) -> str:
    """A profile as TOML; nothing without values."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["", f"[profiles.{name}]", *lines, ""]) if lines else ""


def zone_here(environ: Mapping[str, str] = os.environ, link: Path = Path("/etc/localtime")) -> str:
    """The name of this machine's time zone, UTC where that cannot be told."""
    try:
        name = environ.get("TZ") or str(link.readlink()).partition("zoneinfo/")[2]
        return str(config_from({"timezone": name}).timezone)
    except (OSError, ConfigurationError):
        return "UTC"
