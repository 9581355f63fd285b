"""An IMAP server on this computer, as much of it as a reader needs: login, folders, search by number or day, fetch."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Folder:
    """Mails by number; `days` holds the day on which each arrived, as 2026-03-02."""

    mails: dict[int, bytes] = field(default_factory=dict)
    days: dict[int, str] = field(default_factory=dict)
    validity: int = 7

    def add(self, content: bytes, day: str = "2026-03-02") -> None:
        number = max(self.mails, default=0) + 1
        self.mails[number], self.days[number] = content, day


@dataclass
class Imap:
    """The server: one folder INBOX, one user; `said` holds the commands without their tags."""

    inbox: Folder = field(default_factory=Folder)
    password: str = "secret"  # noqa: S105 -- of a test server
    said: list[str] = field(default_factory=list)
    port: int = 0
    is_silent: bool = False


@contextmanager
def imap_server(context=None) -> Iterator[Imap]:
    """A server at work until the block ends; with a TLS context it speaks TLS from the start."""
    server = Imap()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, server, ended, context), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", server.port)).close()
            thread.join()


def _serve(listener: socket.socket, server: Imap, ended: threading.Event, context) -> None:
    while True:
        connection, _ = listener.accept()
        if ended.is_set():
            connection.close()
            return
        with suppress(OSError), connection:
            if context is None:
                _talk(connection, server, ended)
            else:
                with context.wrap_socket(connection, server_side=True) as encrypted:
                    _talk(encrypted, server, ended)


def _talk(connection: socket.socket, server: Imap, ended: threading.Event) -> None:
    with connection.makefile("rwb", buffering=0) as stream:
        _listen(stream, server, ended)


def _listen(stream, server: Imap, ended: threading.Event) -> None:
    while server.is_silent and not ended.wait(0.01):
        pass
    stream.write(b"* OK ready\r\n")
    for line in stream:
        tag, _, command = line.decode().strip().partition(" ")
        server.said.append(command)
        if command.startswith("AUTHENTICATE"):
            stream.write(b"+\r\n")
            token = base64.b64decode(stream.readline()).decode()
            said = "OK in" if f"Bearer {server.password}" in token else "NO wrong"
        else:
            said = _answer(command, server, stream)
        stream.write(f"{tag} {said}\r\n".encode())
        if command.startswith("LOGOUT"):
            return


def _answer(command: str, server: Imap, stream) -> str:
    box = server.inbox
    if command.startswith("CAPABILITY"):
        stream.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
    elif command.startswith("LOGIN"):
        return "OK in" if f'"{server.password}"' in command else "NO [AUTHENTICATIONFAILED] wrong"
    elif command.startswith(("SELECT", "EXAMINE")) and "INBOX" in command:
        stream.write(f"* {len(box.mails)} EXISTS\r\n".encode())
    elif command.startswith("STATUS"):
        stream.write(f'* STATUS "INBOX" (UIDVALIDITY {box.validity})\r\n'.encode())
    elif command.startswith("UID SEARCH"):
        stream.write(f"* SEARCH {' '.join(map(str, _found(command, box)))}\r\n".encode())
    elif fetch := re.match(r"UID FETCH (\d+) ", command, re.IGNORECASE):
        content = box.mails[int(fetch[1])]
        stream.write(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (fetch[1].encode(), len(content), content))
    else:
        return "NO there is no such folder" if command.startswith(("SELECT", "EXAMINE")) else "BAD what?"
    return "OK done"


_MONTHS = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13), strict=True))


def _found(command: str, box: Folder) -> list[int]:
    if by_number := re.search(r"UID (\d+):\*", command.removeprefix("UID SEARCH")):
        # As the standard says, "9:*" gives the last mail even where its number is lower.
        first = min(int(by_number[1]), max(box.mails, default=0))
        return [n for n in box.mails if n >= first]
    day, month, year = re.search(r"SINCE (\d+)-(\w+)-(\d+)", command).groups()
    since = f"{year}-{_MONTHS[month]:02}-{int(day):02}"
    return [n for n in box.mails if box.days[n] >= since]
