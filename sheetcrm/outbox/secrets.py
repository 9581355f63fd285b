"""Passwords and tokens: from the environment, or from the keyring under the service `sheetcrm`. Never from a file."""

from __future__ import annotations

import json
import os
from urllib.parse import urlencode

from sheetcrm.errors import ConfigError

SERVICE = "sheetcrm"


def find_secret(variable: str, account: str) -> str:
    """A secret, empty where neither the environment nor the keyring has it."""
    if found := os.environ.get(variable):
        return found
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, account) or ""
    except KeyringError:
        # A server without a desktop has no keyring.
        return ""


def secret(variable: str, account: str) -> str:
    """A secret. Raises ConfigError that says where to put it."""
    if found := find_secret(variable, account):
        return found
    raise ConfigError(
        f"There is no password for {account}.",
        f"Set {variable} in the environment, or store it: keyring set {SERVICE} {account}",
    )


def access_token(prefix: str, token_url: str, client_id: str, account: str, timeout: float) -> str:
    """An OAuth2 access token: that in PREFIX + TOKEN, or a fresh one for PREFIX + REFRESH_TOKEN. Raises ConfigError."""
    if token := os.environ.get(f"{prefix}TOKEN"):
        return token
    if not token_url:
        raise ConfigError(
            f"There is no access token for {account}.", f"Set {prefix}TOKEN, or token_url and a refresh token."
        )
    fields = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": secret(f"{prefix}REFRESH_TOKEN", f"refresh:{account}"),
    }
    if client_secret := find_secret(f"{prefix}CLIENT_SECRET", f"client:{account}"):
        fields["client_secret"] = client_secret
    return _fetched(token_url, fields, timeout)


def _fetched(url: str, fields: dict[str, str], timeout: float) -> str:
    from urllib.request import Request, urlopen

    request = Request(url, urlencode(fields).encode(), {"Accept": "application/json"})  # noqa: S310 -- https, as checked
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310
            token = json.load(answer)["access_token"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{url} gave no access token: {type(error).__name__}.", "See that client_id and refresh token are valid."
        ) from error
    return str(token)
