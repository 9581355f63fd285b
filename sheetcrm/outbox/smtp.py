"""The outbox that is an SMTP server: one encrypted connection for all mails of a run, each mail in two round trips.

What the server says, and where in the dialogue it falls silent, decides a message's fate:

    greeting … AUTH, MAIL   4xx, silence, nonsense: later, for all · 5xx, no trustworthy TLS: refused, for all
    RCPT, DATA              4xx, silence, nonsense: later          · 5xx: refused, and the address is no good
    after the final dot     2xx: accepted · 4xx: later · 5xx: likewise · silence, nonsense, a broken line: unknown

A 5xx whose second code says that it is not about the address (RFC 3463: 5.3 … 5.7, as where we stand on a list of
senders of spam) stops no address: the same message is tried again in the next run.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sheetcrm.errors import ConfigError, SheetcrmError
from sheetcrm.outbox.message_file import Built, build_mail, in_realm
from sheetcrm.outbox.protocol import Receipt
from sheetcrm.outbox.secrets import access_token, secret
from sheetcrm.outbox.tls import trusting
from sheetcrm.plan import Message

MOST_BROKEN = 2
"""Connections that may break in a row before the server counts as away."""

STEPS = 3
"""Commands before a mail's content: MAIL, RCPT, DATA."""

_OWN_NAME = "localhost.localdomain"
_ENHANCED = re.compile(r"5\.(\d{1,3})\.\d{1,3}\b")
_DOTS = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to get in: `security` is starttls, tls or none, `login` password or xoauth2."""

    host: str
    port: int
    security: str = "starttls"
    ca_file: str = ""
    user: str = ""
    login: str = "password"
    token_url: str = ""
    client_id: str = ""
    timeout: float = 60
    per_minute: int = 0


class _Broken(Exception):  # noqa: N818 -- a state of the line
    """The line is down, or the server talks nonsense: nothing more can be said on this connection."""


class SmtpOutbox:
    """Sends messages over SMTP. The connection is made with the first message, and again where it broke."""

    def __init__(
        self,
        server: Server,
        sender: str,
        realm: str = "",
        unsubscribe: str = "",
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`realm` names the workbook in Message-IDs; `pause` and `clock` keep the rate limit."""
        self._server, self._sender, self._realm, self._unsubscribe = server, sender, realm, unsubscribe
        self._pause, self._clock = pause, clock
        self._smtp: smtplib.SMTP | None = None
        self._broken_in_a_row = 0
        self._next_at = 0.0
        self._expected: Iterator[tuple[Message, datetime]] = iter(())
        self._ready: dict[str, Built] = {}

    def send(self, message: Message, now: datetime, on_start: Callable[[], None] = lambda: None) -> Receipt:
        """What became of the message. Raises MessageRefused as `build_mail` does, before anything is sent."""
        mail = self._ready.pop(message.key, None) or self._built(message, now)
        was_open = self._smtp is not None
        receipt = self._try(mail, on_start)
        if receipt is None and was_open:
            # The server may end a connection that it has had enough of: a fresh one tells.
            receipt = self._try(mail, on_start)
        return receipt or self._away("the server ends every connection")

    def expect(self, messages: Sequence[Message], now: datetime) -> None:
        """Tells which messages will follow: each is built while the server works on the one before."""
        self._expected, self._ready = iter([(one, now) for one in messages[1:]]), {}

    def _built(self, message: Message, now: datetime) -> Built:
        return build_mail(in_realm(message, self._realm), self._sender, now, self._unsubscribe)

    def _build_next(self) -> None:
        # One that must not be sent is refused in its own turn.
        with suppress(SheetcrmError):
            for message, now in self._expected:
                self._ready[message.key] = self._built(message, now)
                return

    def _try(self, mail: Built, on_start: Callable[[], None]) -> Receipt | None:
        """What became of a message; None where the connection ended before the message was begun."""
        try:
            smtp = self._smtp or self._connect()
        except _NoEntry as error:
            return error.receipt
        self._smtp = smtp
        self._keep_pace()
        try:
            receipt = _hand_over(smtp, mail, on_start, self._build_next)
        except _Ended:
            self._hang_up()
            return None
        except _Broken as error:
            self._hang_up()
            return self._away(str(error))
        except _Unknown as error:
            self._hang_up()
            self._broken_in_a_row += 1
            return Receipt("unknown", str(error), is_down=self._broken_in_a_row >= MOST_BROKEN)
        self._broken_in_a_row = 0
        if smtp.sock is None:
            self._smtp = None
        return receipt

    def _away(self, why: str) -> Receipt:
        self._broken_in_a_row += 1
        return Receipt("later", why, is_down=self._broken_in_a_row >= MOST_BROKEN)

    def _keep_pace(self) -> None:
        if self._server.per_minute:
            now = self._clock()
            if now < self._next_at:
                self._pause(self._next_at - now)
            self._next_at = max(now, self._next_at) + 60 / self._server.per_minute

    def _connect(self) -> smtplib.SMTP:
        """A connection, encrypted and logged in. Raises _NoEntry."""
        server = self._server
        where = f"{server.host}:{server.port}"
        try:
            smtp = _opened(server)
        except ConfigError as error:
            raise _NoEntry("refused", str(error)) from error
        except ssl.SSLError as error:
            raise _NoEntry("refused", f"{where}: no trustworthy TLS: {_words(error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise _NoEntry("refused", f"{where} {_missing(error)}") from error
        except smtplib.SMTPResponseException as error:
            code, said = error.smtp_code, f"{where} answered {error.smtp_code} {_text(error.smtp_error)}"
            raise _NoEntry("refused" if 500 <= code <= 599 and not _is_local(error) else "later", said) from error
        except (OSError, smtplib.SMTPException) as error:
            raise _NoEntry("later", f"{where} cannot be reached: {_words(error)}") from error
        return smtp

    def was_sent(self, message: Message) -> bool | None:  # noqa: ARG002 -- the face is the protocol's
        """None: an SMTP server does not say what it took before."""
        return None

    def close(self) -> None:
        """Says goodbye; the server may have hung up already."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def describe(self) -> str:
        """The outbox in one phrase, with server and encryption."""
        how = {"starttls": "STARTTLS", "tls": "TLS", "none": "not encrypted, on this computer"}[self._server.security]
        return f"the SMTP server {self._server.host}:{self._server.port} ({how})"


class _NoEntry(Exception):  # noqa: N818 -- carries the receipt of every message
    """No connection: the same for every message."""

    def __init__(self, state: str, why: str) -> None:
        super().__init__(why)
        self.receipt = Receipt("refused" if state == "refused" else "later", why, is_down=True)


class _Ended(Exception):  # noqa: N818
    """The server ended the connection before it took anything of a message."""


class _Unknown(Exception):  # noqa: N818
    """The line broke after the message was handed over whole."""


def _opened(server: Server) -> smtplib.SMTP:
    context = trusting(server.ca_file)
    smtp: smtplib.SMTP | None = None
    try:
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(server.host, server.port, _OWN_NAME, timeout=server.timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, _OWN_NAME, timeout=server.timeout)
        # The last line of a mail goes by itself: it must not wait for the answer to the lines before.
        if isinstance(smtp.sock, socket.socket):
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _greet(smtp)
        if server.security == "starttls":
            smtp.starttls(context=context)
            _greet(smtp)
        if server.user:
            _log_in(smtp, server)
    except BaseException:
        if smtp is not None:
            smtp.close()
        raise
    return smtp


def _greet(smtp: smtplib.SMTP) -> None:
    """EHLO, or HELO for a server that does not know it. Raises SMTPResponseException."""
    code, said = smtp.ehlo()
    if 500 <= code <= 599:
        code, said = smtp.helo()
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    account = f"{server.user}@{server.host}"
    if server.login == "password":
        smtp.login(server.user, secret("SHEETCRM_SMTP_PASSWORD", account))
        return
    token = access_token("SHEETCRM_SMTP_", server.token_url, server.client_id, account, server.timeout)
    bearer = f"user={server.user}\x01auth=Bearer {token}\x01\x01"
    # A second challenge is the server's complaint, to be answered with nothing.
    smtp.auth("XOAUTH2", lambda challenge=None: bearer if challenge is None else "", initial_response_ok=True)


def _commands(mail: Built) -> tuple[str, str, str]:
    return f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.to}>", "DATA"


def _hand_over(smtp: smtplib.SMTP, mail: Built, on_start: Callable[[], None], meanwhile: Callable[[], None]) -> Receipt:
    """Hands one message over. Raises _Ended, _Broken or _Unknown where the line does not hold."""
    said = (_pipelined if smtp.has_extn("pipelining") else _one_by_one)(smtp, _commands(mail))
    refusal = _refusal(said)
    if refusal is not None:
        if len(said) == STEPS and said[-1][0] == 354:
            # DATA was taken though the recipient was not. The empty message that RFC 2920 asks for might be delivered.
            smtp.close()
        else:
            _start_over(smtp)
        return refusal
    return _hand_over_content(smtp, mail.content, on_start, meanwhile)


def _pipelined(smtp: smtplib.SMTP, commands: Sequence[str]) -> list[tuple[int, str]]:
    # The commands of one mail at once, but not those of the next: two answers in a row may be held back by TCP.
    _send(smtp, "".join(f"{one}\r\n" for one in commands).encode("ascii"), _Ended)
    first = _reply(smtp, _Ended)
    return [first, *(_reply(smtp) for _ in range(STEPS - 1))] if first[0] != 421 else _ended(first)


def _one_by_one(smtp: smtplib.SMTP, commands: Sequence[str]) -> list[tuple[int, str]]:
    said: list[tuple[int, str]] = []
    for command in commands:
        problem = _Broken if said else _Ended
        _send(smtp, f"{command}\r\n".encode("ascii"), problem)
        said.append(_reply(smtp, problem))
        if said[0][0] == 421:
            return _ended(said[0])
        if not 200 <= said[-1][0] <= 399:
            break
    return said


def _ended(said: tuple[int, str]) -> list[tuple[int, str]]:
    raise _Ended(f"{said[0]} {said[1]}")


def _refusal(said: list[tuple[int, str]]) -> Receipt | None:
    """The receipt where MAIL, RCPT or DATA was not taken; None where all were."""
    for step, (code, text) in enumerate(said):
        expected = (354,) if step == 2 else (250, 251, 252)
        if code in expected:
            continue
        answer = f"{code} {text}"
        if 500 <= code <= 599:
            # Refusing the sender refuses every message; refusing the recipient concerns that address alone.
            is_address = step > 0 and _is_about_address(text)
            return Receipt("refused", answer, stops_address=is_address, is_down=step == 0)
        if 400 <= code <= 499:
            return Receipt("later", answer, is_down=step == 0)
        raise _Broken(f"the server answered out of turn: {answer}")
    return None


def _is_about_address(text: str) -> bool:
    """Whether a 5xx is about the recipient, as far as the server says: 5.1 (address), 5.2 (mailbox), or nothing."""
    enhanced = _ENHANCED.match(text)
    return enhanced is None or enhanced[1] in {"1", "2"}


def _hand_over_content(
    smtp: smtplib.SMTP, content: bytes, on_start: Callable[[], None], meanwhile: Callable[[], None]
) -> Receipt:
    body = _DOTS.sub(b"..", content)
    # All but the last line first: as long as that is missing, the message is surely not taken.
    _send(smtp, body if body.endswith(b"\r\n") else body + b"\r\n", _Broken)
    on_start()
    _send(smtp, b".\r\n", _Unknown)
    meanwhile()
    code, text = _reply(smtp, _Unknown)
    answer = f"{code} {text}"
    if 200 <= code <= 299:
        return Receipt("accepted", answer)
    if 400 <= code <= 499:
        return Receipt("later", answer)
    if 500 <= code <= 599:
        return Receipt("refused", answer, stops_address=_is_about_address(text))
    raise _Unknown(f"the server answered out of turn: {answer}")


def _send(smtp: smtplib.SMTP, data: bytes, problem: type[Exception]) -> None:
    try:
        smtp.send(data)
    except (OSError, smtplib.SMTPException) as error:
        raise problem(f"the line broke: {_words(error)}") from error


def _reply(smtp: smtplib.SMTP, problem: type[Exception] = _Broken) -> tuple[int, str]:
    """The server's answer. Raises `problem` where there is none, or none that makes sense."""
    try:
        code, text = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise problem(f"the line broke: {_words(error)}") from error
    if not 200 <= code <= 599:
        raise problem(f"the server talks nonsense: {_text(text)}")
    return code, _text(text)


def _start_over(smtp: smtplib.SMTP) -> None:
    _send(smtp, b"RSET\r\n", _Broken)
    _reply(smtp)


def _is_local(error: smtplib.SMTPResponseException) -> bool:
    """Whether it was smtplib that said so, of a line that never ends."""
    return error.smtp_error == "Line too long."


def _missing(error: Exception) -> str:
    said = str(error)
    return "offers no STARTTLS: nothing is sent readable" if "STARTTLS" in said else f"cannot do it: {said}"


def _words(error: Exception) -> str:
    return _text(str(error)) or type(error).__name__


def _text(said: bytes | str) -> str:
    """The answer on one line, in what can be printed, cut short."""
    plain = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(one if one.isprintable() else " " for one in plain).split())[:200]
