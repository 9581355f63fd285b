"""Calls of the Sheets API through gspread's client: with timeouts, patience that ends, and a count of what was asked.

Reads are repeated when Google is busy. Writes are not, but for a 429, which says that nothing was done: whoever wrote
must look first whether the write arrived (`Unconfirmed`).
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import gspread
import requests
from google.auth.exceptions import TransportError
from gspread.exceptions import APIError
from gspread.http_client import FileType, ParamsType

URL_VARIABLE = "SHEETCRM_GOOGLE_URL"
"""The environment variable with the base address of another server, such as `sheetcrm.testing.sheets_server`."""

PATIENCE_VARIABLE = "SHEETCRM_GOOGLE_PATIENCE"
"""The environment variable with the seconds that a run waits in all while Google says to slow down."""

PATIENCE = 90.0
TIMEOUTS = (10.0, 90.0)
"""Seconds to connect, and to wait for an answer."""

MOST_TRIES = 7
FEW_TRIES = 3
"""Tries while there is no connection at all: a laptop without network should say so soon."""

SLOW_DOWN = 429
PASSING = (408, SLOW_DOWN)
"""Refusals that pass, and say that nothing was done."""

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
_READS = re.compile(r":(?:getByDataFilter|batchGetByDataFilter|search)$")

Broken = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
"""What the way to Google and back ends in where it breaks."""


class Unconfirmed(Exception):  # noqa: N818 -- a state of knowledge, no fault
    """A write was sent and no answer tells whether it was done; the cause is chained."""


class NoConnection(Exception):  # noqa: N818 -- as Unconfirmed
    """Google could not be reached; the cause is chained."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call: HTTP method, address, and the other arguments of gspread's `request`."""

    method: str
    endpoint: str
    rest: Mapping[str, Any]

    @property
    def is_read(self) -> bool:
        """Whether it only reads."""
        return self.method.upper() == "GET" or bool(_READS.search(self.endpoint))


@dataclass(frozen=True, slots=True)
class Asked:
    """One call that was answered or not: what it was, and how many bytes went out and came in."""

    what: str
    is_read: bool
    sent: int = 0
    received: int = 0
    tries: int = 1


class SheetsClient(gspread.HTTPClient):
    """gspread's client with patience; `asked` lists the calls."""

    def __init__(
        self,
        auth: Any,
        session: requests.Session | None = None,
        *,
        base: str = "",
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(auth, session)
        self.timeout = TIMEOUTS
        self.asked: list[Asked] = []
        self._base = base.rstrip("/")
        self._patience = patience
        self._sleep = sleep
        self._dice = dice

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: Any = None,
    ) -> requests.Response:
        """The answer. Raises APIError for a refusal, NoConnection, and Unconfirmed for a write of unknown outcome."""
        call = Call(
            method, endpoint, {"params": params, "data": data, "json": json, "files": files, "headers": headers}
        )
        return self.ask(call, may_repeat=call.is_read)

    def ask(self, call: Call, *, may_repeat: bool) -> requests.Response:
        """The answer to a call, which is made again only where that cannot do anything twice."""
        waits = self._waits()
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(call, tries)
            except APIError as fault:
                if fault.code >= 500 and not may_repeat:
                    raise Unconfirmed from fault
                if not (fault.code >= 500 or fault.code in PASSING) or tries >= MOST_TRIES:
                    raise
            except (*Broken, TransportError) as fault:
                is_unsent = isinstance(fault, TransportError | requests.ConnectTimeout)
                if not may_repeat and not is_unsent:
                    raise Unconfirmed from fault
                if tries >= FEW_TRIES:
                    raise NoConnection from fault
            self._sleep(next(waits))

    def _once(self, call: Call, tries: int) -> requests.Response:
        endpoint = call.endpoint
        for host in HOSTS:
            endpoint = endpoint.replace(host, self._base) if self._base else endpoint
        what = f"{call.method.upper()} {re.sub(r'.*/spreadsheets/[^/:]+', 'spreadsheet', endpoint)}"
        asked = Asked(what, call.is_read, 0, 0, tries)
        try:
            answer = super().request(call.method, endpoint, **call.rest)
            body = answer.request.body
            size = len(body) if isinstance(body, bytes | str) else 0
            asked = Asked(what, call.is_read, size, len(answer.content), tries)
        finally:
            # Of a call that is made again the last try counts for all.
            self.asked[len(self.asked) - (tries > 1) :] = [asked]
        return answer

    def _waits(self) -> Iterator[float]:
        """Growing waits with dice in them, which together stay within the patience."""
        left = self._patience
        for n in count():
            wait = min(left, 2.0**n * (0.5 + self._dice()))
            left -= wait
            yield wait

    def spent(self) -> str:
        """What was asked so far in one phrase, for people."""
        reads, writes = (sum(one.is_read is is_read for one in self.asked) for is_read in (True, False))
        again = sum(one.tries - 1 for one in self.asked)
        sent, received = (sum(getattr(one, name) for one in self.asked) for name in ("sent", "received"))
        kilobytes = f"{sent / 1024:,.0f} KB sent, {received / 1024:,.0f} KB received"
        more = f", {again} of them repeated" if again else ""
        calls = f"{len(self.asked)} call{'' if len(self.asked) == 1 else 's'}"
        return f"{calls} ({reads} to read, {writes} to write{more}), {kilobytes}"


def client_for(auth: Any) -> SheetsClient:
    """A client with the base address and patience that the environment sets."""
    try:
        patience = float(os.environ.get(PATIENCE_VARIABLE) or PATIENCE)
    except ValueError:
        patience = PATIENCE
    return SheetsClient(auth, base=os.environ.get(URL_VARIABLE, ""), patience=patience)
