"""Mail servers on this computer: one that plays a script of answers, and certificates for those with TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SILENCE, RESET, GARBAGE = "silence", "reset", "garbage"
STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot")
GOOD = {
    "greeting": "220 ready",
    "EHLO": "250-here\r\n250 PIPELINING",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "dot": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class Scripted:
    """A server that answers each stage as its script says; `taken` holds the contents whose final dot it saw."""

    script: Mapping[str, str] = field(default_factory=dict)
    only_first: bool = False
    """Whether the script is for the first message alone."""
    taken: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    connections: int = 0

    def answer(self, stage: str) -> str:
        if self.only_first and self.taken:
            return GOOD[stage]
        return self.script.get(stage) or GOOD[stage]


class _HungUp(Exception):  # noqa: N818
    pass


@contextmanager
def scripted(script: Mapping[str, str] | None = None, *, only_first: bool = False) -> Iterator[Scripted]:
    """A scripted server at work until the block ends."""
    server = Scripted({} if script is None else script, only_first)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, server, ended), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", server.port)).close()
            thread.join()


def _serve(listener: socket.socket, server: Scripted, ended: threading.Event) -> None:
    while True:
        connection, _ = listener.accept()
        if ended.is_set():
            connection.close()
            return
        server.connections += 1
        with connection:
            try:
                _talk(connection, server, ended)
            except (OSError, _HungUp):
                continue


def _talk(connection: socket.socket, server: Scripted, ended: threading.Event) -> None:
    _say(connection, server.answer("greeting"), ended)
    lines = connection.makefile("rb")
    for line in lines:
        verb = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
        server.commands.append(line.decode("ascii", "replace").strip())
        said = server.answer(verb) if verb in GOOD else "502 what?"
        _say(connection, said, ended)
        if verb == "QUIT":
            return
        if verb == "DATA" and said.startswith("354"):
            content = b""
            while (line := lines.readline()) not in {b".\r\n", b""}:
                content += line
            if not line:
                return
            answer = server.answer("dot")
            server.taken.append(content)
            _say(connection, answer, ended)


def _say(connection: socket.socket, answer: str, ended: threading.Event) -> None:
    if answer == SILENCE:
        while not ended.wait(0.01):
            connection.settimeout(0.01)
            try:
                if not connection.recv(4096):
                    raise _HungUp
            except TimeoutError:
                continue
    if answer == RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        raise _HungUp
    text = "\x00\xff¡hola!" if answer == GARBAGE else answer
    connection.sendall(f"{text}\r\n".encode("latin-1"))


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    import subprocess

    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
