"""What comes in is told apart: bounces, delays, programs' answers, opt-outs, and people's answers."""

from __future__ import annotations

import pytest
from came_in import EXIM, ID, QMAIL, UNNAMED, answer, mail, report
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.inbox.incoming import read_incoming

ANN = ("ann@acme.io",)


@pytest.mark.parametrize("content", [report(), QMAIL, EXIM], ids=["rfc3464", "qmail", "exim"])
def test_a_bounce_names_the_address_that_is_no_good(content):
    one = read_incoming(content)
    assert (one.kind, one.addresses) == ("bounce", ANN)


@pytest.mark.parametrize(
    ("head", "note"),
    [
        (
            "From: Mailer-Daemon@mx.example.net\nTo: crm@example.com\nSubject: Message status - undeliverable",
            "The message that you sent was undeliverable to the following:\n\n\tann@acme.io (user not found)\n",
        ),
        (
            "Return-Path: <>\nFrom: <>\nTo: crm@example.com\nAuto-Submitted: auto-replied",
            "You sent mail to Ann@Acme.io. That's not a valid user here.\n",
        ),
        (
            "Return-Path: <>\nFrom: Postmaster <postmaster@acme.io>\nTo: crm@example.com\nSubject: Unzustellbar",
            "Ihre Nachricht an <ann@acme.io> konnte nicht zugestellt werden. Von: crm@example.com\n",
        ),
    ],
    ids=["groupwise", "exim filter", "german"],
)
def test_a_note_of_a_server_that_keeps_to_no_form_names_the_address_too(head, note):
    one = read_incoming(mail(head, note))
    assert (one.kind, one.addresses) == ("bounce", ANN)


def test_a_note_of_absence_that_names_a_mailbox_that_is_gone_stops_nobody():
    head = "Return-Path: <>\nFrom: ann@acme.io\nTo: crm@example.com\nSubject: Out of office"
    one = read_incoming(mail(head, "Write to ben@acme.io; mails to bea@acme.io are not delivered any more.\n"))
    assert (one.kind, one.addresses) == ("automatic", ANN)


def test_a_bounce_tells_what_the_server_said_and_which_mail_it_returns():
    one = read_incoming(report())
    assert (one.said, one.answers) == ("550 5.1.1 unknown user", (ID,))


def test_a_bounce_that_names_nobody_still_tells_which_mail_it_returns():
    one = read_incoming(UNNAMED)
    assert (one.kind, one.addresses, one.answers) == ("bounce", (), (ID,))


def test_a_mail_that_is_late_is_no_bounce():
    one = read_incoming(report("delayed", "4.4.1", code="451 try later"))
    assert (one.kind, one.addresses) == ("delay", ANN)


def test_an_answer_says_from_whom_to_which_mail_and_when():
    one = read_incoming(answer())
    assert (one.kind, one.addresses, one.answers) == ("answer", ANN, (ID,))
    assert (one.at, one.subject) == ("2026-03-03T09:30:00+01:00", "Re: A short question")


def test_an_answer_that_quotes_a_bounce_is_an_answer():
    assert read_incoming(answer(body=QMAIL.decode().partition("\r\n\r\n")[2])).kind == "answer"
    assert read_incoming(answer(subject="Re: Undelivered Mail Returned to Sender")).kind == "answer"


@pytest.mark.parametrize(
    "more",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated; owner-email=x@y.io\n",
        "X-Autoreply: yes\n",
        "X-Autorespond: away\n",
        "Precedence: auto_reply\n",
        "Precedence: bulk\n",
    ],
)
def test_an_answer_that_a_program_wrote_is_none(more):
    assert read_incoming(answer(more=more)).kind == "automatic"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: A short question",
        "Out of Office: back on Monday",
        "AUTO: Lee, Ann is out of the office. (returning 05/01/2026)",
        "Abwesenheitsnotiz: Eine kurze Frage",
        "Automatische Antwort: Eine kurze Frage",
        "=?utf-8?q?R=C3=A9ponse_automatique_=3A_offre?=",
    ],
)
def test_a_note_of_absence_is_known_by_its_subject_as_well(subject):
    assert read_incoming(answer(subject=subject)).kind == "automatic"


def test_who_says_no_to_automatic_is_a_person():
    assert read_incoming(answer(more="Auto-Submitted: no\n")).kind == "answer"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("unsubscribe", "\n"),
        ("Re: Unsubscribe", "\n"),
        ("Re: A short question", "Unsubscribe.\n\n> quoted\n"),
        ("Re: A short question", "\n  STOP  \n"),
        ("AW: Eine kurze Frage", "Bitte abmelden!\nGruß\n"),
        ("AW: Eine kurze Frage", "Keine weiteren Mails\n"),
    ],
)
def test_who_asks_for_no_more_mails_opts_out(subject, body):
    assert read_incoming(answer(subject=subject, body=body)).kind == "opt-out"


@pytest.mark.parametrize(
    "body", ["Stop by any time!\n", "I did not unsubscribe.\n", "> unsubscribe\n", "Hi\nunsubscribe\n"]
)
def test_a_word_of_it_within_an_answer_is_no_opt_out(body):
    assert read_incoming(answer(body=body)).kind == "answer"


def test_an_opt_out_in_html_alone_is_read():
    html = "<html><head><style>p {x}</style></head><body><p>Unsubscribe</p><p>Ann</p></body></html>\n"
    assert read_incoming(answer(more="Content-Type: text/html\n", body=html)).kind == "opt-out"


def test_two_mails_have_two_names_and_one_mail_has_one():
    other = answer().replace(b"<a1@", b"<a2@")
    assert read_incoming(answer()).name == read_incoming(answer()).name != read_incoming(other).name


CHARSETS = (b"idna", b"punycode", b"undefined", b"rot13", b"no-such", b"\x00")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"From: x",
        b"\x00\xff" * 500,
        mail("From: =?utf-8?q?broken"),
        mail("Subject: =?no-such-charset?q?x?=\nContent-Type: text/plain; charset=no-such"),
        mail("Content-Type: multipart/mixed; boundary=x"),
        mail("From: a@b.io\nDate: Mon, 99 Foo 2026"),
        b"From: a@b.io\r\n" + b"X: y\r\n" * 5000,
        report().replace(b"Final-Recipient", b"\x00inal"),
        b"From: a@b.io\r\nSubject: =?utf-8?b?abcde?=\r\n\r\nhi",
        *(b"From: a@b.io\r\nContent-Type: text/plain; charset=" + one + b"\r\n\r\nhi\xff" for one in CHARSETS),
        b"From: a@b.io\r\n"
        + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(3000)),
    ],
)
def test_a_broken_mail_is_read_all_the_same(content):
    assert read_incoming(content).name


PIECES = st.sampled_from(
    [
        b"From: ",
        b"a@b.io",
        b"\r\n",
        b"\n\n",
        b"Content-Type: multipart/report; boundary=b",
        b"--b",
        b"=?",
        b">",
        b"\xff",
        b"Status: 5",
        b"Subject: =?utf-8?b?abcde?=",
        b"Content-Type: text/plain; charset=punycode",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map(b"".join) | st.binary(max_size=200))
def test_whatever_comes_in_is_read(content):
    assert read_incoming(content).kind in {"bounce", "delay", "automatic", "opt-out", "answer"}
