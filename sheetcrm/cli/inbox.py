"""The inbox that the settings name, read before each run: who answered, who opted out, which addresses are no good."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import click

from sheetcrm.addresses import INBOX_FAILS, INBOX_MARK, stopped
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.options import book_argument, config_option, json_option
from sheetcrm.errors import ConfigError, NotFound, SheetcrmError
from sheetcrm.inbox.protocol import MOST_MAILS, Inbox
from sheetcrm.post.inbound import Sent, take_in
from sheetcrm.run import FOLLOW_UPS

LOOKS_BACK = timedelta(days=30)
"""How old mails may be that lie in the inbox when it is read for the first time."""


def inbox_of(desk: Desk) -> Inbox:
    """The inbox of the settings; nothing is opened yet. Raises ConfigError."""
    from sheetcrm.inbox.imap import ImapInbox, ImapServer, check_installed

    check_installed()
    one, folder = desk.settings.mail.inbox, desk.path.parent
    if one.maildir:
        from sheetcrm.inbox.maildir import Maildir

        return Maildir(folder / one.maildir)
    server = ImapServer(
        host=one.host,
        port=one.port_used,
        user=one.user,
        folder=one.folder,
        security=one.security,
        ca_file=str(folder / one.ca_file) if one.ca_file else "",
        login=one.login,
        token_url=one.token_url,
        client_id=one.client_id,
        timeout=one.timeout_seconds,
    )
    return ImapInbox(server)


def look_into_inbox(desk: Desk) -> Counter[str]:
    """Takes in what came since the last time, in counts. Raises SheetcrmError where the inbox cannot be read.

    Before the first run there is nothing that anybody could have answered.
    """
    found: Counter[str] = Counter()
    if not desk.settings.mail.inbox.is_set or not desk.has_journal:
        return found
    from sheetcrm.inbox.incoming import read_incoming

    journal = desk.journal
    memory = journal.memory()
    inbox = inbox_of(desk)
    mark, is_full = memory.get(INBOX_MARK, ""), True
    sent = Sent(journal.mails(), journal.fact("id"), FOLLOW_UPS)
    while is_full:
        try:
            fetched = inbox.fetch(mark, (desk.now - LOOKS_BACK).date())
        except (SheetcrmError, OSError) as error:
            journal.remember({INBOX_FAILS: memory.get(INBOX_FAILS) or f"{desk.now:%Y-%m-%d %H:%M}"})
            raise (
                error if isinstance(error, SheetcrmError) else SheetcrmError(f"{inbox.describe()}: {error}.")
            ) from error
        mails = [read_incoming(mail) for mail in fetched.mails]
        done = take_in(mails, sent, stopped(journal.memory()), desk.now)
        journal.remember({**done.remember, INBOX_MARK: fetched.mark, INBOX_FAILS: ""})
        found += done.counts
        mark, is_full = fetched.mark, len(fetched.mails) >= MOST_MAILS
    return found


def try_inbox(desk: Desk) -> str:
    """Takes in what came; gives what went wrong. A run goes on without, but writes to no customer."""
    try:
        look_into_inbox(desk)
    except ConfigError:
        raise
    except SheetcrmError as error:
        return str(error)
    return ""


@click.command("inbox")
@book_argument
@config_option
@json_option
def inbox_command(book: str, config: str, as_json: bool) -> None:
    """Read answers and bounces of mails to customers, as each run does first."""
    desk = desk_for(book, config)
    if not desk.settings.mail.inbox.is_set:
        raise ConfigError("No inbox is set.", "Name one under [mail.inbox]; see docs/how-to/follow-ups.md.")
    if not desk.find_records():
        raise NotFound(f"{desk.path.name} was never run.", "Nobody was mailed yet.")
    with desk.locked():
        counts = look_into_inbox(desk)
    if as_json:
        click.echo(json.dumps(dict(sorted(counts.items()))))
    else:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        click.echo(f"New in {inbox_of(desk).describe()}: {kinds or 'nothing that concerns this workbook'}.")
