"""SMTP: what the server says, and where in the dialogue it falls silent, decides what becomes of a message."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from smtp_servers import GARBAGE, RESET, SILENCE, STAGES, certificate, scripted, tls_context

from sheetcrm.errors import ConfigError
from sheetcrm.outbox import secrets
from sheetcrm.outbox.smtp import Server, SmtpOutbox
from sheetcrm.plan import Mail, Message

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))
MESSAGE = Message(
    "overdue/L-1/due 2026-02-27",
    "dan@example.com",
    "digest",
    {},
    "rule North",
    "reminders",
    mail=Mail("Acme: 3 days overdue", "Call Ann.\n.\n..two dots\n.x\n", "<p>Call Ann.</p>"),
)
SENDER = "Sales <sales@example.com>"


def other(number: int) -> Message:
    return replace(MESSAGE, key=f"other/{number}", to=f"p{number}@example.com")


def outbox(port: int, **more: object) -> SmtpOutbox:
    server = Server("127.0.0.1", port, "none", timeout=0.3)
    return SmtpOutbox(replace(server, **more), SENDER, "realm")


def send(port: int, *messages: Message, **more: object):
    """The receipts of messages sent one after the other, and how often each was started."""
    post, starts, receipts = outbox(port, **more), [], []
    for message in messages or (MESSAGE,):
        receipt = post.send(message, NOW, lambda message=message: starts.append(message.key))
        receipts.append(receipt)
    post.close()
    return receipts, starts


# The dialogue, stage by stage

REFUSED, LATER, UNKNOWN = "refused", "later", "unknown"
FATES = {
    **{("5", stage): REFUSED for stage in STAGES},
    **{("4", stage): LATER for stage in STAGES},
    **{(kind, stage): LATER for kind in (SILENCE, RESET, GARBAGE) for stage in STAGES},
    **{(kind, "dot"): UNKNOWN for kind in (SILENCE, RESET, GARBAGE)},
}


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(("kind", "stage"), FATES)
def test_each_answer_at_each_stage_leads_to_the_right_state(kind, stage, pipelining):
    script = {stage: {"4": "451 try later", "5": "550 no"}.get(kind, kind)}
    if not pipelining:
        script = {"EHLO": "250 plain", **script}
    with scripted(script) as server:
        (receipt,), starts = send(server.port)
    assert receipt.state == FATES[kind, stage]
    # Where nothing was started a crash leaves nothing unknown; `unknown` only ever follows a start.
    assert starts == ([MESSAGE.key] if stage == "dot" else [])
    assert len(server.taken) == (stage == "dot")
    assert receipt.stops_address == (kind == "5" and stage in {"RCPT", "DATA", "dot"})


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
@pytest.mark.parametrize(
    ("answer", "is_address"),
    [
        ("550 5.1.1 no such user", True),
        ("552 5.2.2 mailbox full", True),
        ("554 5.7.1 client host blocked", False),
        ("552 5.3.4 message too big", False),
    ],
)
def test_a_refusal_that_is_about_us_stops_no_address(stage, answer, is_address):
    with scripted({stage: answer}) as server:
        (receipt,), _ = send(server.port)
    assert (receipt.state, receipt.stops_address) == (REFUSED, is_address)


def test_a_server_that_takes_no_mail_for_now_is_asked_once():
    with scripted({"MAIL": "452 out of room"}) as server:
        receipts, _ = send(server.port, other(1), other(2))
    assert [(one.state, one.is_down) for one in receipts] == [(LATER, True), (LATER, True)]


def test_an_accepted_message_arrives_as_it_was_built_dots_included():
    with scripted() as server:
        (receipt,), _ = send(server.port)
    assert receipt.state == "accepted"
    content = server.taken[0].replace(b"\r\n..", b"\r\n.")
    mail = BytesParser(policy=policy.default).parsebytes(content)
    assert mail["Subject"] == "Acme: 3 days overdue"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == MESSAGE.mail.text


def test_messages_share_one_connection_and_two_round_trips_each():
    with scripted() as server:
        receipts, _ = send(server.port, *(other(n) for n in range(20)))
    assert [one.state for one in receipts] == ["accepted"] * 20
    assert server.connections == 1
    assert [one.split(":")[0] for one in server.commands].count("MAIL FROM") == 20


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
@pytest.mark.parametrize("answer", ["550 no such user", "451 greylisted"])
def test_one_refused_message_does_not_stop_the_others(stage, answer):
    class Once(dict):
        def get(self, key, default=None):
            return self.pop(key, default)

    with scripted(Once({stage: answer})) as server:
        receipts, _ = send(server.port, *(other(n) for n in range(3)))
    assert [one.state for one in receipts] == ["refused" if answer[0] == "5" else "later", "accepted", "accepted"]


def test_a_server_that_takes_data_for_a_refused_recipient_is_left_without_any():
    with scripted({"RCPT": "550 no such user"}) as server:
        receipts, starts = send(server.port, other(1), other(2))
    assert [one.state for one in receipts] == ["refused", "refused"]
    assert (server.taken, starts) == ([], [])


@pytest.mark.parametrize("kind", [SILENCE, RESET, GARBAGE])
def test_after_two_broken_connections_in_a_row_the_server_counts_as_away(kind):
    with scripted({"MAIL": kind}) as server:
        receipts, _ = send(server.port, other(1), other(2))
    assert [one.state for one in receipts] == ["later", "later"]
    assert [one.is_down for one in receipts] == [False, True]


def test_a_server_that_ends_the_connection_between_messages_is_called_again():
    class EndsSecond(dict):
        mails = 0

        def get(self, key, default=None):
            if key == "MAIL":
                self.mails += 1
                return "421 enough" if self.mails == 2 else default
            return default

    with scripted(EndsSecond()) as server:
        receipts, _ = send(server.port, other(1), other(2), other(3))
    assert [one.state for one in receipts] == ["accepted"] * 3
    assert server.connections == 2


def test_where_nobody_listens_all_messages_go_later():
    with scripted() as server:
        port = server.port
    (receipt,), starts = send(port)
    assert (receipt.state, receipt.is_down, starts) == ("later", True, [])
    assert "cannot be reached" in receipt.detail


def test_a_sender_who_is_refused_refuses_all_messages_and_stops_no_address():
    with scripted({"MAIL": "550 you may not send"}) as server:
        (receipt,), _ = send(server.port)
    assert (receipt.state, receipt.is_down, receipt.stops_address) == ("refused", True, False)


def test_what_the_server_says_is_kept_on_one_line_without_control_characters():
    with scripted({"RCPT": "550 \x1b[31mno\x07 " + "x" * 900}) as server:
        (receipt,), _ = send(server.port)
    assert receipt.detail.isprintable()
    assert len(receipt.detail) < 220


# TLS and login


class Sink:
    """Keeps what a real server takes."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 -- aiosmtpd asks for it
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


@contextmanager
def real_server(sink: Sink, **options: object) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="localhost", **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def foreign_certificate(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("foreign"), "elsewhere.example")


def starttls(pair) -> dict[str, object]:
    return {"tls_context": tls_context(*pair), "require_starttls": True}


def test_over_starttls_a_message_arrives_with_its_headers(own_certificate):
    sink = Sink()
    with real_server(sink, **starttls(own_certificate)) as port:
        (receipt,), _ = send(port, host="localhost", security="starttls", ca_file=str(own_certificate[0]))
    assert receipt.state == "accepted"
    ((sender, to, content),) = sink.mails
    assert (sender, to) == ("sales@example.com", ["dan@example.com"])
    mail = BytesParser(policy=policy.default).parsebytes(content)
    assert [str(mail[name]) for name in ("From", "To", "Auto-Submitted")] == [
        SENDER,
        "dan@example.com",
        "auto-generated",
    ]


def test_over_implicit_tls_a_message_arrives(own_certificate):
    sink = Sink()
    with real_server(sink, ssl_context=tls_context(*own_certificate)) as port:
        (receipt,), _ = send(port, host="localhost", security="tls", ca_file=str(own_certificate[0]))
    assert (receipt.state, len(sink.mails)) == ("accepted", 1)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_or_of_another_name_is_refused(
    own_certificate, foreign_certificate, security
):
    for pair, trusted in ((own_certificate, ""), (foreign_certificate, str(foreign_certificate[0]))):
        sink = Sink()
        options = starttls(pair) if security == "starttls" else {"ssl_context": tls_context(*pair)}
        with real_server(sink, **options) as port:
            host = "127.0.0.1" if not trusted else "localhost"
            (receipt,), starts = send(port, host=host, security=security, ca_file=trusted)
        assert (receipt.state, receipt.is_down, starts, sink.mails) == ("refused", True, [], [])
        assert "no trustworthy TLS" in receipt.detail


def test_a_server_without_starttls_gets_nothing():
    with scripted() as server:
        (receipt,), _ = send(server.port, security="starttls")
    assert (receipt.state, receipt.is_down, server.taken) == ("refused", True, [])
    assert "offers no STARTTLS" in receipt.detail
    assert not [one for one in server.commands if one.startswith("MAIL")]


def login(*accepted: tuple[str, bytes, bytes]):
    def check(_server, _session, _envelope, mechanism, data):
        return AuthResult(success=(mechanism, data.login, data.password) in accepted, handled=False)

    return check


def test_the_password_comes_from_the_environment_and_a_wrong_one_is_refused(own_certificate, monkeypatch):
    sink = Sink()
    options = {
        **starttls(own_certificate),
        "authenticator": login(("PLAIN", b"sales", b"s3cret"), ("LOGIN", b"sales", b"s3cret")),
    }
    more = {
        "host": "localhost",
        "security": "starttls",
        "ca_file": str(own_certificate[0]),
        "user": "sales",
        "timeout": 9,
    }
    with real_server(sink, auth_required=True, **options) as port:
        monkeypatch.setenv("SHEETCRM_SMTP_PASSWORD", "wrong")
        (wrong,), _ = send(port, **more)
        monkeypatch.setenv("SHEETCRM_SMTP_PASSWORD", "s3cret")
        (right,), _ = send(port, **more)
    assert (wrong.state, wrong.is_down, right.state) == ("refused", True, "accepted"), wrong
    assert "s3cret" not in wrong.detail + right.detail


def test_without_a_password_nothing_is_sent_and_the_message_says_where_to_put_it(own_certificate, monkeypatch):
    monkeypatch.delenv("SHEETCRM_SMTP_PASSWORD", raising=False)
    monkeypatch.setattr(secrets, "find_secret", lambda *_: "")
    with real_server(Sink(), **starttls(own_certificate)) as port:
        more = {"host": "localhost", "security": "starttls", "ca_file": str(own_certificate[0]), "user": "sales"}
        (receipt,), _ = send(port, **more)
    assert receipt.state == "refused"
    assert "keyring set sheetcrm sales@localhost" in receipt.detail


class TakesTokens(Sink):
    """A server that takes one OAuth2 token."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes] = []

    async def auth_XOAUTH2(self, server, args):  # noqa: N802 -- aiosmtpd asks for it
        token = b64decode(args[1]) if len(args) > 1 else b""
        self.seen.append(token)
        if token == b"user=sales@example.com\x01auth=Bearer good\x01\x01":
            return AuthResult(success=True, auth_data="sales")
        await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
        await server._reader.readline()  # noqa: SLF001 -- its own way of asking hides the complaint
        await server.push("535 5.7.8 the token is not valid")
        return AuthResult(success=False, handled=True)


@pytest.mark.parametrize(("token", "state"), [("good", "accepted"), ("old", "refused")])
def test_xoauth2_logs_in_with_a_token(own_certificate, monkeypatch, token, state):
    sink = TakesTokens()
    monkeypatch.setenv("SHEETCRM_SMTP_TOKEN", token)
    with real_server(sink, auth_required=True, **starttls(own_certificate)) as port:
        (receipt,), _ = send(
            port, host="localhost", security="starttls", ca_file=str(own_certificate[0]),
            user="sales@example.com", login="xoauth2",
        )  # fmt: skip
    assert receipt.state == state, receipt
    assert len(sink.mails) == (state == "accepted")


def test_a_refresh_token_is_exchanged_for_an_access_token(monkeypatch):
    asked = []

    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps({"access_token": "fresh"} if "good" in asked[-1] else {"error": "invalid_grant"}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Tokens) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/token"
        monkeypatch.delenv("SHEETCRM_SMTP_TOKEN", raising=False)
        monkeypatch.setenv("SHEETCRM_SMTP_REFRESH_TOKEN", "good one")
        assert secrets.access_token("SHEETCRM_SMTP_", url, "client", "sales@host", 5) == "fresh"
        assert asked == ["grant_type=refresh_token&client_id=client&refresh_token=good+one"]
        monkeypatch.setenv("SHEETCRM_SMTP_REFRESH_TOKEN", "bad one")
        with pytest.raises(ConfigError, match="gave no access token"):
            secrets.access_token("SHEETCRM_SMTP_", url, "client", "sales@host", 5)
        server.shutdown()


# Pace


def test_a_rate_limit_spreads_the_mails_evenly():
    time, waited = [100.0], []

    def pause(seconds: float) -> None:
        waited.append(round(seconds, 3))
        time[0] += seconds

    with scripted() as server:
        where = Server("127.0.0.1", server.port, "none", timeout=1, per_minute=30)
        post = SmtpOutbox(where, SENDER, pause=pause, clock=lambda: time[0])
        for n in range(4):
            post.send(other(n), NOW)
            time[0] += 0.5
        post.close()
    assert waited == [1.5, 1.5, 1.5]


def test_the_outbox_names_server_and_encryption():
    assert SmtpOutbox(Server("smtp.example.com", 587), SENDER).describe() == (
        "the SMTP server smtp.example.com:587 (STARTTLS)"
    )
