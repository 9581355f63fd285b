"""The server itself: HTTP in, HTTP out, one thread for each connection."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import unquote

from sheetcrm.testing.sheets_server.control import Call, CallOff, Control
from sheetcrm.testing.sheets_server.drive import Drive
from sheetcrm.testing.sheets_server.errors import NO_CREDENTIALS, ApiError, DriveError
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.routes import Found, find
from sheetcrm.testing.sheets_server.service import Service, as_error, split, user_of
from sheetcrm.testing.sheets_server.tokens import consent, token

LONGEST_HANG = 60
PRETTY_BELOW = 65_536
"""Answers larger than this are not indented."""

_FILES = "/drive/v3/files"
_FILE = re.compile(rf"{_FILES}/([^/]+)")
_COPY = re.compile(rf"{_FILES}/([^/]+)/copy")
_EXPORT = re.compile(rf"{_FILES}/([^/]+)/export")
_PERMISSIONS = re.compile(rf"{_FILES}/([^/]+)/permissions")
_PERMISSION = re.compile(rf"{_FILES}/([^/]+)/permissions/([^/]+)")
_COMMENTS = re.compile(rf"{_FILES}/([^/]+)/comments(?:/[^/]+/replies)?")
_UPLOAD = re.compile(r"/upload/drive/v[23]/files/([^/]+)")


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    data: bytes = b""
    kind: str = "application/json; charset=UTF-8"
    location: str = ""


def _json(status: int, plain: Any, *, is_pretty: bool = True) -> Answer:
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    if is_pretty and len(text) < PRETTY_BELOW:
        text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return Answer(status, text.encode("utf-8", "surrogatepass"))


@dataclass
class Desk:
    """Who answers what."""

    service: Service
    drive: Drive
    control: Control

    def answer(self, method: str, target: str, bearer: str, raw: bytes) -> tuple[Answer, Call]:
        """The answer to a request, and its line in the log. Raises CallOff where none is to be given."""
        path, query = split(target)
        found = find(method, path)
        name = found.name if found else _drive_name(method, path)
        user = user_of(bearer)
        try:
            answer = self._answer(name, found, method, path, query, bearer, raw)
        except ApiError as fault:
            answer = _json(fault.code, fault.body())
        except CallOff:
            self.control.log.append(Call(name, method, path, user.email, 0, _kinds(name, raw), len(raw)))
            raise
        call = Call(name, method, path, user.email, answer.status, _kinds(name, raw), len(raw), len(answer.data))
        self.control.log.append(call)
        return answer, call

    def _answer(
        self,
        name: str,
        found: Found | None,
        method: str,
        path: str,
        query: dict[str, list[str]],
        bearer: str,
        raw: bytes,
    ) -> Answer:
        if not bearer:
            raise ApiError(401, NO_CREDENTIALS)
        writes = found.writes if found else method != "GET"
        self.control.let_in(name, "before")
        self.control.strike(name, "before", is_write=writes)
        if found:
            self.control.spend(user_of(bearer).email, is_write=writes)
            is_pretty = query.get("prettyPrint", ["true"])[-1].lower() != "false"
            answer = _json(200, self.service.answer(found, query, raw, user_of(bearer)), is_pretty=is_pretty)
        else:
            answer = self._of_drive(method, path, query, raw)
        self.control.let_in(name, "after")
        self.control.strike(name, "after", is_write=writes)
        return answer

    def _of_drive(self, method: str, path: str, query: dict[str, list[str]], raw: bytes) -> Answer:
        for pattern, verb, act in _DRIVE:
            found = pattern.fullmatch(path)
            if found and verb == method:
                return act(self.drive, [unquote(one) for one in found.groups()], query, raw)
        raise DriveError(404, "Not Found", "notFound")


Act = Callable[[Drive, list[str], dict[str, list[str]], bytes], Answer]


def _plain(raw: bytes) -> Json:
    try:
        plain = json.loads(raw or b"{}")
    except ValueError:
        raise DriveError(400, "Parse Error", "parseError") from None
    return {name: one for name, one in plain.items() if one is not None} if isinstance(plain, dict) else {}


def _deleted(drive: Drive, args: list[str]) -> Answer:
    if len(args) == 1:
        drive.delete(args[0])
    else:
        drive.unshare(args[0], args[1])
    return Answer(204, kind="text/html")


def _export(drive: Drive, args: list[str], query: dict[str, list[str]], _raw: bytes) -> Answer:
    kind, data = drive.export(args[0], query)
    return Answer(200, data, kind)


_DRIVE: tuple[tuple[re.Pattern[str], str, Act], ...] = (
    (re.compile(_FILES), "POST", lambda drive, _a, query, raw: _json(200, drive.create(_plain(raw), query))),
    (re.compile(_FILES), "GET", lambda drive, _a, query, _r: _json(200, drive.list(query))),
    (_FILE, "GET", lambda drive, a, query, _r: _json(200, drive.get(a[0], query))),
    (_FILE, "PATCH", lambda drive, a, query, raw: _json(200, drive.update(a[0], _plain(raw), query))),
    (_FILE, "DELETE", lambda drive, a, _q, _r: _deleted(drive, a)),
    (_COPY, "POST", lambda drive, a, query, raw: _json(200, drive.copy(a[0], _plain(raw), query))),
    (_EXPORT, "GET", _export),
    (_PERMISSIONS, "GET", lambda drive, a, query, _r: _json(200, drive.permissions(a[0], query))),
    (_PERMISSIONS, "POST", lambda drive, a, query, raw: _json(200, drive.share(a[0], _plain(raw), query))),
    (_PERMISSION, "PATCH", lambda drive, a, query, raw: _json(200, drive.reshare(a[0], a[1], _plain(raw), query))),
    (_PERMISSION, "DELETE", lambda drive, a, _q, _r: _deleted(drive, a)),
    (_COMMENTS, "GET", lambda drive, a, query, _r: _json(200, drive.comments(a[0], query))),
    (_COMMENTS, "POST", lambda drive, a, query, raw: _json(200, drive.comment(a[0], _plain(raw), query))),
    (_UPLOAD, "PUT", lambda drive, a, _q, raw: _json(200, drive.import_csv(a[0], raw))),
)


def _drive_name(method: str, path: str) -> str:
    place = re.sub(r"/drive/v3/files(?:/[^/]+)?", "drive.files", path).strip("/").replace("/", ".")
    return f"{place}:{method.lower()}"


def _kinds(name: str, raw: bytes) -> tuple[str, ...]:
    if name != "spreadsheets.batchUpdate":
        return ()
    try:
        return tuple(next(iter(one), "") for one in json.loads(raw).get("requests", ()))
    except (ValueError, AttributeError, TypeError):
        return ()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the face is the standard library's
        """Nothing is printed: what people keep in their sheets does not belong on a screen."""

    def _handle(self) -> None:
        raw = self._raw()
        path, query = split(self.path)
        if path == "/token":
            status, plain = token(raw)
            self._send(_json(status, plain))
        elif path == "/auth":
            self._send(Answer(302, location=consent(query)))
        elif path.startswith("/control/"):
            self._send(self._control(path.removeprefix("/control/"), raw))
        else:
            self._call(raw)

    def _raw(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _control(self, name: str, raw: bytes) -> Answer:
        try:
            return _json(200, self.server.desk.control.order(name, json.loads(raw or b"{}")))
        except ApiError as fault:
            return _json(fault.code, fault.body())
        except ValueError as fault:
            return _json(400, {"error": str(fault)})

    def _call(self, raw: bytes) -> None:
        scheme, _, bearer = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            bearer = (split(self.path)[1].get("access_token") or [""])[0]
        desk = self.server.desk
        try:
            answer, call = desk.answer(self.command, self.path, bearer.strip(), raw)
            desk.control.strike(call.name, "answer", is_write=False)
        except CallOff as off:
            self._break_off(off.how, answer if off.how == "half" else None)
        except Exception as fault:  # noqa: BLE001 -- a server answers, whatever happens
            self._send(_json(500, as_error(fault).body()))
        else:
            self._send(answer)

    def _break_off(self, how: str, answer: Answer | None) -> None:
        self.close_connection = True
        if how == "hang":
            self.server.stopping.wait(LONGEST_HANG)
        if answer is not None:
            self._head(answer)
            self.wfile.write(answer.data[: len(answer.data) // 2])
            self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.location:
            self.send_header("Location", answer.location)
        if answer.status != 204:
            self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()

    def _send(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.data)
        self.wfile.flush()

    def do_GET(self) -> None:
        """GET."""
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815


class Server(ThreadingHTTPServer):
    """Listens on one port of this computer."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], desk: Desk) -> None:
        super().__init__(address, Handler)
        self.desk = desk
        self.stopping = Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that goes away is no error."""
