"""Prints how many mails a second go to Debian's Postfix on this computer: `python bench/mails.py [COUNT]`, as root.

Beside `smtplib` as its manual shows it, one connection for all: both encrypted. Ours records each mail in the journal
before and after it is sent, which the other does not.
"""

from __future__ import annotations

import smtplib
import ssl
import sys
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "outbox"))

from postfix import delivered, postfix
from smtp_servers import certificate
from test_postfix import reminder, send

from sheetcrm.journal import Journal
from sheetcrm.outbox.smtp import Server
from sheetcrm.plan import Message


def by_smtplib(messages: list[Message], port: int, cert: Path) -> float:
    """Seconds for the same mails through the standard library."""
    start = perf_counter()
    with smtplib.SMTP("localhost", port) as server:
        server.starttls(context=ssl.create_default_context(cafile=str(cert)))
        for one in messages:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "Sales <sales@example.com>", one.to, one.mail.subject
            mail.set_content(one.mail.text)
            mail.add_alternative(one.mail.html, subtype="html")
            server.send_message(mail)
    return perf_counter() - start


def main() -> None:
    """Both ways once, in turn, and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with TemporaryDirectory(prefix="pytest-of-bench-") as name:
        folder = Path(name)
        cert, key = certificate(folder)
        (folder / "postfix").mkdir()
        with postfix(folder / "postfix", cert, key) as (port, maildir):
            messages = [reminder(number) for number in range(1, count + 1)]
            server = Server("localhost", port, ca_file=str(cert), timeout=30)
            start = perf_counter()
            sent = len(send(server, Journal(folder / "journal.sqlite"), messages).sent)
            ours = perf_counter() - start
            theirs = by_smtplib(messages, port, cert)
            arrived = len(delivered(maildir, 2 * count))
    print(f"sheetcrm {sent / ours:7.0f} mails a second, {sent} sent")
    print(f"smtplib  {count / theirs:7.0f} mails a second")
    print(f"ratio of rates {theirs / ours:.2f}; {arrived} of {2 * count} arrived")


if __name__ == "__main__":
    main()
