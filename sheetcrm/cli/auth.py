"""auth: who reads and writes Google Sheets, a service account or the owner; the key is kept with the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sheetcrm.errors import ConfigError


@click.group("auth")
def auth_command() -> None:
    """Sign in to Google, or let a service account do it; keys stay with you."""


@auth_command.command("google")
@click.argument("key", metavar="KEY", required=False, default="")
@click.option(
    "--client", default="", metavar="FILE", help="Sign in with the browser; FILE is an OAuth client (desktop)."
)
@click.option("--no-browser", is_flag=True, help="Print the address to open instead of opening it.")
@click.option("--forget", is_flag=True, help="Take the kept key away.")
def google_command(key: str, client: str, no_browser: bool, forget: bool) -> None:
    """Keep the KEY of a service account (a JSON file), or sign in as the owner.

    The key goes into the keyring where there is one, else into a file that only you may read. Only spreadsheets can be
    reached with it. docs/how-to/google.md tells where to get it.
    """
    from sheetcrm.connectors.google import access

    if forget:
        click.echo("The key is gone." if access.forget() else "No key was kept.")
        return
    if client:
        plain = access.sign_in(_client(client), opens_browser=not (no_browser or access.is_headless()))
    elif key:
        plain = access.read_key(_text(key), key)
    else:
        _say_who()
        return
    kept = access.keep(plain)
    email = plain.get("client_email", "")
    click.echo(f"Kept in {kept}.")
    if email:
        click.echo(f"Now share the sheet with {email} (as Editor), then: sheetcrm doctor ADDRESS")
    else:
        click.echo("Now: sheetcrm doctor ADDRESS")


def _say_who() -> None:
    from sheetcrm.connectors.google.access import find_access

    found = find_access()
    who = found.email or "the owner"
    click.echo(f"Signed in as {who} ({found.found_in}).")


def _text(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read.", "Give the JSON file that Google let you download.") from error


def _client(path: str) -> dict[str, Any]:
    try:
        plain = json.loads(_text(path))
    except ValueError:
        plain = None
    if not isinstance(plain, dict) or not plain.keys() & {"installed", "web"}:
        what = f"{path} is no OAuth client."
        raise ConfigError(what, "Download one of the type Desktop app; docs/how-to/google.md tells where.")
    return plain
