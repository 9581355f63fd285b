"""Who reads and writes the sheet: a service account, or the owner. Keys stay with the user, never in sheet or settings.

Looked for in this order: the environment, the keyring, a file in the user's config folder that only the user may read.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetcrm.errors import ConfigError

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
"""Sheets only: nothing else of the account can be seen."""

KEY_VARIABLE = "SHEETCRM_GOOGLE_KEY"
"""The environment variable with the key file of a service account, or its content."""

TOKEN_VARIABLE = "SHEETCRM_GOOGLE_TOKEN"  # noqa: S105 -- the variable's name
"""The environment variable with a ready access token."""

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 -- an address
SERVICE, ENTRY = "sheetcrm", "google"
SIGN_IN = "Run: sheetcrm auth google (docs/how-to/google.md tells how)."


@dataclass(frozen=True)
class Access:
    """Credentials, and the address that the sheet must be shared with (empty for the owner's own)."""

    credentials: Any
    email: str = ""
    found_in: str = ""


def config_folder() -> Path:
    """The user's folder for settings; `SHEETCRM_HOME` moves it."""
    import platformdirs

    return Path(os.environ.get("SHEETCRM_HOME") or platformdirs.user_config_dir("sheetcrm", appauthor=False))


def key_file() -> Path:
    """Where the key is kept without a keyring."""
    return config_folder() / "google.json"


def find_access() -> Access:
    """The access that is set up. Raises ConfigError where there is none, or none that can be used."""
    if token := os.environ.get(TOKEN_VARIABLE):
        from google.oauth2.credentials import Credentials

        return Access(Credentials(token), found_in=TOKEN_VARIABLE)  # type: ignore[no-untyped-call]
    for found_in, text in _places():
        if text:
            return _access(read_key(text, found_in), found_in)
    raise ConfigError("Nobody is signed in to Google.", SIGN_IN)


def _places() -> tuple[tuple[str, str], ...]:
    return (KEY_VARIABLE, _from_environment()), ("the keyring", _from_keyring()), (str(key_file()), _from_file())


def _from_environment() -> str:
    value = os.environ.get(KEY_VARIABLE, "").strip()
    if not value or value.startswith("{"):
        return value
    try:
        return Path(value).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{KEY_VARIABLE} names {value}, which cannot be read.", "Check the path.") from error


def _keyring() -> Any:
    """The keyring module where there is a keyring that can keep something; None elsewhere."""
    try:
        import keyring
        from keyring.backends.fail import Keyring as Fail

        return None if isinstance(keyring.get_keyring(), Fail) else keyring
    except Exception:  # noqa: BLE001 -- a broken keyring must not stop those who do not need one
        return None


def _from_keyring() -> str:
    ring = _keyring()
    try:
        return (ring.get_password(SERVICE, ENTRY) or "") if ring else ""
    except Exception:  # noqa: BLE001 -- locked, or its daemon is gone
        return ""


def _from_file() -> str:
    path = key_file()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read.", SIGN_IN) from error
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} may be read by others on this computer.", f"Close it: chmod 600 {path}")
    return text


def read_key(text: str, where: str) -> dict[str, Any]:
    """The content of a key: of a service account, or of an owner who signed in. Raises ConfigError."""
    try:
        plain = json.loads(text)
    except ValueError:
        plain = None
    kind = plain.get("type") if isinstance(plain, Mapping) else None
    needed = {
        "service_account": ("client_email", "private_key", "token_uri"),
        "authorized_user": ("client_id", "client_secret", "refresh_token"),
    }
    if not isinstance(plain, dict) or kind not in needed:
        what = f"{where} holds no key of a service account and no sign-in."
        if isinstance(plain, Mapping) and plain.keys() & {"installed", "web"}:
            what = f"{where} holds an OAuth client, which asks the owner to sign in."
            raise ConfigError(what, "Run: sheetcrm auth google --client FILE")
        raise ConfigError(what, "Download the key of a service account as JSON; docs/how-to/google.md tells how.")
    missing = [name for name in needed[kind] if not plain.get(name)]
    if missing:
        raise ConfigError(f"{where} lacks {', '.join(missing)}.", "Download the key again.")
    return plain


def _access(plain: Mapping[str, Any], found_in: str) -> Access:
    try:
        if plain["type"] == "service_account":
            from google.oauth2.service_account import Credentials as OfAccount

            found = OfAccount.from_service_account_info(plain, scopes=SCOPES)  # type: ignore[no-untyped-call]
            return Access(found, str(plain["client_email"]), found_in)
        from google.oauth2.credentials import Credentials as OfOwner

        parts = {name: plain[name] for name in ("refresh_token", "client_id", "client_secret")}
        token_uri = plain.get("token_uri") or TOKEN_URI
        owner = OfOwner(None, token_uri=token_uri, scopes=SCOPES, **parts)  # type: ignore[no-untyped-call]
        return Access(owner, found_in=found_in)
    except ValueError as error:
        raise ConfigError(f"The key in {found_in} cannot be used: {error}.", "Download it again.") from error


def keep(plain: Mapping[str, Any]) -> str:
    """Keeps a key in the keyring, or in a file that only the user may read; gives where it lies now."""
    text = json.dumps(plain)
    ring = _keyring()
    if ring is not None:
        try:
            ring.set_password(SERVICE, ENTRY, text)
        except Exception:  # noqa: BLE001 -- locked, or too small for a key: the file does as well
            _take_out(ring)
            ring = None
    if ring is not None:
        key_file().unlink(missing_ok=True)
        return "the keyring"
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
    return str(path)


def forget() -> bool:
    """Takes the kept key away; whether there was one."""
    was_there = key_file().exists()
    key_file().unlink(missing_ok=True)
    ring = _keyring()
    if ring is not None and _from_keyring():
        _take_out(ring)
        return True
    return was_there


def _take_out(ring: Any) -> None:
    """Takes the key out of the keyring, which is looked into first. Raises ConfigError where one stays in it."""
    with suppress(Exception):
        ring.delete_password(SERVICE, ENTRY)
    if _from_keyring():
        raise ConfigError("The keyring neither takes the key nor gives up the old one.", "Unlock it, and try again.")


def sign_in(client: Mapping[str, Any], *, opens_browser: bool = True, port: int = 0) -> dict[str, Any]:
    """The key of an owner who signs in with the browser and agrees. Raises ConfigError."""
    try:
        from google_auth_oauthlib.flow import InstalledAppFlow
    except ImportError as error:
        raise ConfigError("Signing in needs one more package.", 'pip install "sheetcrm[google]"') from error
    try:
        flow = InstalledAppFlow.from_client_config(client, SCOPES)
        said = {"authorization_prompt_message": "Open this address to agree:\n{url}"}
        found = flow.run_local_server(port=port, open_browser=opens_browser, **said)
    except Exception as error:
        what = f"Signing in did not work: {type(error).__name__}."
        raise ConfigError(what, "Try again; with --no-browser it prints the address instead.") from error
    plain: dict[str, Any] = json.loads(found.to_json())
    return {**plain, "type": "authorized_user"}


def is_headless() -> bool:
    """Whether there is no screen to open a browser on."""
    return sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
