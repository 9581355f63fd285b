"""gspread pointed at a server by its own public means; every exchange is checked in both directions."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import gspread
from discovery import answer_faults, request_faults
from google.oauth2.credentials import Credentials
from requests import Response

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class CheckedClient(gspread.HTTPClient):
    """Rewrites Google's addresses, and fails where a request or an answer breaks the discovery document."""

    base = ""

    def request(self, method, endpoint, params=None, data=None, json=None, files=None, headers=None) -> Response:
        for host in HOSTS:
            endpoint = endpoint.replace(host, self.base)
        response = self.session.request(
            method, endpoint, json=json, params=params, data=data, files=files, headers=headers, timeout=10
        )
        check(method, response, json)
        if not response.ok:
            raise gspread.exceptions.APIError(response)
        return response


def check(method: str, response: Response, body) -> None:
    parts = urlsplit(response.request.url)
    if not parts.path.startswith("/v4/"):
        return
    if response.ok:
        assert request_faults(method, parts.path, parse_qs(parts.query), body) == []
    assert answer_faults(method, parts.path, response.status_code, json.loads(response.text)) == []


def client_of(url: str) -> gspread.Client:
    kind = type("Client", (CheckedClient,), {"base": url})
    return gspread.Client(auth=Credentials("any-token"), http_client=kind)
