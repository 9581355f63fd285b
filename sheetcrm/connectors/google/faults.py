"""What Google refuses, in the owner's words: what happened, what is safe, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from google.auth.exceptions import GoogleAuthError, RefreshError
from gspread.exceptions import APIError

from sheetcrm.connectors.google.access import SIGN_IN
from sheetcrm.connectors.google.address import address_of
from sheetcrm.connectors.google.client import SLOW_DOWN, NoConnection
from sheetcrm.errors import ConfigError, EditRefused, SheetcrmError, WorkbookBusy, WorkbookUnreadable

_ENABLE = re.compile(r"https://console\.\S+?(?=[\s\"']|$)")
NOTHING_WRITTEN = "Nothing was written."


@contextmanager
def in_words(key: str, email: str, *, is_write: bool = False) -> Iterator[None]:
    """Turns what goes wrong with a call into an error that tells the owner what to do."""
    try:
        yield
    except APIError as fault:
        raise words(fault, key, email, is_write=is_write) from fault
    except NoConnection as fault:
        what = f"Google cannot be reached. {NOTHING_WRITTEN if is_write else ''}".strip()
        raise WorkbookBusy(what, "Check the internet connection, then run again.") from fault
    except RefreshError as fault:
        raise ConfigError("Google does not accept the sign-in any more.", SIGN_IN) from fault
    except GoogleAuthError as fault:
        raise ConfigError(f"Signing in to Google did not work: {type(fault).__name__}.", SIGN_IN) from fault


def words(fault: APIError, key: str, email: str, *, is_write: bool) -> SheetcrmError:
    """A refusal of Google as an error of ours."""
    message = str(fault.error.get("message", "") if isinstance(fault.error, dict) else fault.error)
    share = f"Open {address_of(key)}, click Share, and add {email or 'your account'} as Editor."
    if fault.code == 404:
        what = "There is no such Google Sheet: it was deleted, or the address is not complete."
        return WorkbookUnreadable(what, "Copy the address from the browser again.")
    if fault.code == 401:
        return ConfigError("Google does not accept the sign-in.", SIGN_IN)
    if fault.code == 403:
        return _forbidden(message, share, email or "this account", is_write=is_write)
    if fault.code == SLOW_DOWN:
        what = "Google allows no more calls for now (60 a minute)."
        return WorkbookBusy(f"{what} {NOTHING_WRITTEN}" if is_write else what, "Run again in a few minutes.")
    if fault.code >= 500 or fault.code == 408:
        return WorkbookBusy("Google Sheets does not answer as it should.", "Run again in a few minutes.")
    if is_write:
        return EditRefused(f"Google refused the change: {message} {NOTHING_WRITTEN}", "See what the message names.")
    return WorkbookUnreadable(f"Google refused to show the sheet: {message}", "See what the message names.")


def _forbidden(message: str, share: str, who: str, *, is_write: bool) -> SheetcrmError:
    if _is_api_off(message):
        found = _ENABLE.search(message)
        where = found[0].rstrip(".") if found else "https://console.cloud.google.com/apis/library/sheets.googleapis.com"
        return ConfigError("The Google Sheets API is not switched on for this key's project.", f"Switch it on: {where}")
    if is_write:
        return EditRefused(f"{who} may look at the sheet, but not change it. {NOTHING_WRITTEN}", share)
    return WorkbookUnreadable(f"The sheet is not shared with {who}.", share)


def _is_api_off(message: str) -> bool:
    return "has not been used in project" in message or "is disabled" in message or "SERVICE_DISABLED" in message


def unknown_outcome() -> WorkbookBusy:
    """The error of a write of which nobody knows whether it arrived."""
    what = "The connection broke while the sheet was being written: all of it is written, or none of it."
    return WorkbookBusy(what, "`sheetcrm run` looks which, and finishes it; nothing is written twice.")
