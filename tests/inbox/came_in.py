"""Mails as they come in: reports of several mail servers, answers by people and by programs."""

from __future__ import annotations

from textwrap import dedent

ID = "0123456789abcdef0123456789abcdef"
"""How the Message-ID of the mail began that is answered or returned."""


def mail(head: str, body: str = "Thank you, I am interested.\n") -> bytes:
    """A mail of these header lines and this text."""
    return (dedent(head).strip() + "\n\n" + body).replace("\n", "\r\n").encode()


def answer(
    sender: str = "Ann Lee <ann@acme.io>", subject: str = "Re: A short question", body: str = "", more: str = ""
) -> bytes:
    head = f"From: {sender}\nTo: crm@example.com\nSubject: {subject}\nMessage-ID: <a1@acme.io>\n"
    head += f"In-Reply-To: <{ID}@example.com>\nDate: Tue, 03 Mar 2026 09:30:00 +0100\n{more}"
    return mail(head, body or "Thank you, call me on Thursday.\n\n> If you do not want to hear from us again ...\n")


def report(
    action: str = "failed", status: str = "5.1.1", to: str = "ann@acme.io", code: str = "550 5.1.1 unknown user"
) -> bytes:
    """A delivery report as RFC 3464 has it."""
    return mail(
        """
        Return-Path: <>
        From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
        To: crm@example.com
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <r1@mx.example.com>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"
        """,
        f"""--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}

--b
Content-Type: message/rfc822

From: crm@example.com
To: {to}
Message-ID: <{ID}@example.com>
Subject: A short question

Dear Ann
--b--
""",
    )


QMAIL = mail(
    """
    Return-Path: <>
    From: MAILER-DAEMON@mail.acme.io
    To: crm@example.com
    Subject: failure notice
    """,
    """Hi. This is the qmail-send program at mail.acme.io.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@acme.io>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <0123456789abcdef0123456789abcdef@example.com>
""",
)
EXIM = mail(
    """
    Return-path: <>
    From: Mail Delivery System <Mailer-Daemon@mx.acme.io>
    To: crm@example.com
    X-Failed-Recipients: ann@acme.io
    Auto-Submitted: auto-replied
    Subject: Mail delivery failed: returning message to sender
    """,
    """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@acme.io
    Unrouteable address
""",
)
UNNAMED = mail(
    """
    Return-Path: <>
    From: postmaster@gateway.acme.io
    To: crm@example.com
    Subject: Nicht zugestellt
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary="b"
    """,
    """--b
Content-Type: text/plain

Der Empfaenger ist hier unbekannt.
--b
Content-Type: message/rfc822

Message-ID: <0123456789abcdef0123456789abcdef@example.com>

Dear Ann
--b--
""",
)
"""A report that names nobody: only the mail that it returns tells whom it was for."""
