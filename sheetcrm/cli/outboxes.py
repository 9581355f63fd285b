"""The outbox that the settings ask for, and what they say of sending."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from sheetcrm.outbox import Outbox
from sheetcrm.post.deliver import Postage
from sheetcrm.post.judge import Limits
from sheetcrm.post.settings import MailSettings
from sheetcrm.rules.calendar import calendar_of
from sheetcrm.rules.settings import CalendarRule


def outbox_of(mail: MailSettings, folder: Path, realm: str) -> Outbox:
    """Where mails go: the SMTP server, or the folder of .eml files. Nothing is opened yet."""
    if not mail.smtp.host:
        from sheetcrm.outbox.folder import FolderOutbox

        return FolderOutbox(folder / mail.outbox, mail.sender, realm, mail.unsubscribe)
    from sheetcrm.outbox.smtp import Server, SmtpOutbox

    one = mail.smtp
    ca_file = str(folder / one.ca_file) if one.ca_file else ""
    server = Server(
        host=one.host,
        port=one.port_used,
        security=one.security,
        ca_file=ca_file,
        user=one.user,
        login=one.login,
        token_url=one.token_url,
        client_id=one.client_id,
        timeout=one.timeout_seconds,
        per_minute=one.per_minute,
    )
    return SmtpOutbox(server, mail.sender, realm, mail.unsubscribe)


def postage_of(mail: MailSettings, calendar: CalendarRule, zone: ZoneInfo, year: int) -> Postage:
    """What the settings say of when mails go, and how many."""
    days = calendar_of(calendar, year)
    limits = Limits(zone, days.is_working, mail.quiet_hours, mail.most_per_person, mail.most_per_day)
    return Postage(limits, mail.unconfirmed, mail.test_to)
