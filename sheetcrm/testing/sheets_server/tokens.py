"""`/token` and `/auth`: what google-auth and an owner's browser ask for before the first call."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

from sheetcrm.testing.sheets_server.model import Json

LASTS = 3599


def token(raw: bytes) -> tuple[int, Json]:
    """Status and answer to a token request: for a service account's JWT, an owner's code, or a refresh token."""
    form = parse_qs(raw.decode("utf-8", "replace"))
    grant = form.get("grant_type", [""])[0]
    if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return _for_account(form.get("assertion", [""])[0])
    if grant == "refresh_token":
        if form.get("refresh_token", [""])[0] == "revoked":
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return 200, {"access_token": "owner-token", "expires_in": LASTS, "token_type": "Bearer", "scope": _scope(form)}
    if grant == "authorization_code":
        answer = {"access_token": "owner-token", "refresh_token": "owner-refresh-token", "expires_in": LASTS}
        return 200, {**answer, "token_type": "Bearer", "scope": _scope(form)}
    return 400, {"error": "unsupported_grant_type", "error_description": f"Invalid grant_type: {grant}"}


def _scope(form: Mapping[str, list[str]]) -> str:
    return form.get("scope", ["https://www.googleapis.com/auth/spreadsheets"])[0]


def _for_account(assertion: str) -> tuple[int, Json]:
    try:
        middle = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        email = str(claims["iss"])
    except (IndexError, ValueError, KeyError, TypeError):
        return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    return 200, {"access_token": f"user:{email}", "expires_in": LASTS, "token_type": "Bearer"}


def consent(query: Mapping[str, list[str]]) -> str:
    """Where a browser is sent that asks for consent: back with a code, as if the owner had agreed."""
    back = query.get("redirect_uri", ["http://localhost/"])[0]
    answer = {"code": "owner-code", "scope": query.get("scope", [""])[0], "state": query.get("state", [""])[0]}
    return f"{back}?{urlencode(answer)}"
