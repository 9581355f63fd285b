"""What a test may do to the server: faults, people's edits between calls, a quota, and the log of calls."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from threading import RLock
from typing import Any, Literal

from sheetcrm.testing.sheets_server.batch import carry_out
from sheetcrm.testing.sheets_server.clock import Clock
from sheetcrm.testing.sheets_server.errors import ApiError, bad
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.store import Store

When = Literal["before", "middle", "after", "answer"]
"""When a fault strikes: before anything was done, in the middle of the work (which is rolled back), after all was
done, or while the answer is on its way."""

CALLS_OFF = ("drop", "hang")


@dataclass
class Fault:
    """Something that goes wrong with the nth to the (nth + times - 1)th call of a name."""

    call: str
    """A regular expression for the name, such as `spreadsheets.batchUpdate`."""
    when: When = "before"
    do: int | str = 503
    """A status to answer with, `drop` (the connection breaks) or `hang` (no answer comes)."""
    nth: int = 1
    times: int = 1
    seen: int = 0

    def strikes(self, call: str) -> bool:
        """Whether this call is one of those; counts it."""
        if not re.fullmatch(self.call, call):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass
class Visit:
    """What people do to a spreadsheet right before or after the nth call of a name."""

    call: str
    when: Literal["before", "after"]
    act: Callable[[], None]
    nth: int = 1
    seen: int = 0

    def is_now(self, call: str) -> bool:
        """Whether it is time; counts the call."""
        if not re.fullmatch(self.call, call):
            return False
        self.seen += 1
        return self.seen == self.nth


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the log."""

    name: str
    method: str
    path: str
    user: str
    status: int
    requests: tuple[str, ...] = ()
    """The kinds of requests of a batch."""
    bytes_in: int = 0
    bytes_out: int = 0


class CallOff(Exception):  # noqa: N818 -- the connection is to be broken, or left hanging
    """No answer is to be given: `drop` or `hang`; `half` where half of it is."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


MESSAGES = {
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    429: "Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' of service "
    "'sheets.googleapis.com' for consumer 'project_number:1'.",
    500: "Internal error encountered.",
    502: "The service is currently unavailable.",
    503: "The service is currently unavailable.",
    504: "The request timed out.",
}


def error(status: int, *, is_write: bool = False) -> ApiError:
    """The error of a status with Google's words."""
    kind = "Write" if is_write else "Read"
    text = MESSAGES.get(status, "Request contains an invalid argument.").format(kind=kind)
    return ApiError(status, text, [_used_up(kind)] if status == 429 else ())


def _used_up(kind: str) -> Json:
    metadata = {
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_limit": f"{kind}RequestsPerMinutePerUser",
        "service": "sheets.googleapis.com",
        "consumer": "projects/1",
    }
    info = {"reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata}
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}


@dataclass
class Control:
    """The levers of one server."""

    store: Store
    clock: Clock
    quota: int | None = None
    """Reads, and writes, per minute and user; None for no limit."""
    private_ids: set[str] = field(default_factory=set)
    log: list[Call] = field(default_factory=list)
    _faults: list[Fault] = field(default_factory=list)
    _visits: list[Visit] = field(default_factory=list)
    _recent: dict[tuple[str, bool], deque[Any]] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def fail(self, call: str, do: int | str = 503, *, when: When = "before", nth: int = 1, times: int = 1) -> None:
        """Lets calls of a name fail."""
        if isinstance(do, str) and do not in CALLS_OFF:
            raise ValueError(f"{do} is neither a status nor one of {', '.join(CALLS_OFF)}")
        self._faults.append(Fault(call, when, do, nth, times))

    def visit(
        self, call: str, act: Callable[[], None], *, when: Literal["before", "after"] = "before", nth: int = 1
    ) -> None:
        """Lets `act` happen right before or after the nth call of a name."""
        self._visits.append(Visit(call, when, act, nth))

    def edit(self, spreadsheet: str, requests: list[Json]) -> list[Json]:
        """Does to a spreadsheet at once what a person would, its owner; gives the replies."""
        with self.store.change(spreadsheet) as work:
            return carry_out(work, requests)

    def protect(self, spreadsheet: str, where: Mapping[str, Any], description: str = "") -> None:
        """Protects a GridRange against everybody but the owner."""
        plain = {"range": dict(where), "description": description}
        self.edit(spreadsheet, [{"addProtectedRange": {"protectedRange": plain}}])

    def reset(self) -> None:
        """Forgets faults, visits, the log and what was used of the quota."""
        self._faults.clear()
        self._visits.clear()
        self._recent.clear()
        self.log.clear()

    def strike(self, call: str, when: When, *, is_write: bool) -> None:
        """Nothing; raises what a fault wants of a call at this moment."""
        with self._lock:
            struck = [one for one in self._faults if one.when == when and one.strikes(call)]
        for one in struck:
            if isinstance(one.do, str):
                raise CallOff(one.do)
            if when == "answer":
                raise CallOff("half")
            raise error(one.do, is_write=is_write)

    def has_fault_in_the_middle(self, call: str) -> bool:
        """Whether the work of a call is to be broken off half-way."""
        return any(one.when == "middle" and re.fullmatch(one.call, call) for one in self._faults)

    def let_in(self, call: str, when: Literal["before", "after"]) -> None:
        """Lets people do what is due now."""
        with self._lock:
            due = [one for one in self._visits if one.when == when and one.is_now(call)]
        for one in due:
            one.act()

    def spend(self, user: str, *, is_write: bool) -> None:
        """Counts a call against the user's quota. Raises the 429."""
        if self.quota is None:
            return
        with self._lock:
            recent = self._recent.setdefault((user, is_write), deque())
            now = self.clock()
            while recent and now - recent[0] >= timedelta(minutes=1):
                recent.popleft()
            if len(recent) >= self.quota:
                raise error(429, is_write=is_write)
            recent.append(now)

    def order(self, name: str, body: Mapping[str, Any]) -> Any:
        """Does what came over HTTP under `/control/NAME`; gives the answer's JSON. Raises a 400."""
        if name not in ORDERS:
            raise bad(f"There is no /control/{name}; there are: {', '.join(ORDERS)}")
        try:
            return ORDERS[name](self, body)
        except (KeyError, TypeError, ValueError) as fault:
            raise bad(f"/control/{name}: {fault}") from fault


def _fail(control: Control, body: Mapping[str, Any]) -> Json:
    control.fail(
        body["call"], body.get("do", 503), **{key: body[key] for key in ("when", "nth", "times") if key in body}
    )
    return {}


def _visit(control: Control, body: Mapping[str, Any]) -> Json:
    book, requests = body["spreadsheetId"], body["requests"]

    def act() -> None:
        control.edit(book, requests)

    control.visit(body["call"], act, when=body.get("when", "before"), nth=body.get("nth", 1))
    return {}


def _edit(control: Control, body: Mapping[str, Any]) -> Json:
    return {"replies": control.edit(body["spreadsheetId"], body["requests"])}


def _protect(control: Control, body: Mapping[str, Any]) -> Json:
    control.protect(body["spreadsheetId"], body.get("range", {}), body.get("description", ""))
    return {}


def _quota(control: Control, body: Mapping[str, Any]) -> Json:
    control.quota = body.get("perMinute")
    return {}


def _forward(control: Control, body: Mapping[str, Any]) -> Json:
    forward = getattr(control.clock, "forward", None)
    if forward is None:
        raise ValueError("this server goes by the real clock; start it with --clock")
    forward(body["seconds"])
    return {}


def _private(control: Control, body: Mapping[str, Any]) -> Json:
    control.private_ids = set(body["ids"])
    return {}


def _reset(control: Control, _body: Mapping[str, Any]) -> Json:
    control.reset()
    return {}


def _log(control: Control, _body: Mapping[str, Any]) -> Json:
    return {"calls": [asdict(one) for one in control.log]}


ORDERS: Mapping[str, Callable[[Control, Mapping[str, Any]], Json]] = {
    "fail": _fail,
    "visit": _visit,
    "edit": _edit,
    "protect": _protect,
    "quota": _quota,
    "forward": _forward,
    "private": _private,
    "reset": _reset,
    "log": _log,
}
"""What can be ordered over HTTP: POST /control/NAME with a JSON body."""
