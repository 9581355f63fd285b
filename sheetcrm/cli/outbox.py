"""outbox: mails that wait, failed, or of which nobody knows whether they went out; and those of the next run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from sheetcrm.addresses import stopped
from sheetcrm.cli import screen
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.inbox import try_inbox
from sheetcrm.cli.options import as_of_option, book_argument, config_option, json_option
from sheetcrm.cli.outcome import show_outcome
from sheetcrm.cli.work import check_standing
from sheetcrm.errors import MessageRefused, NotFound
from sheetcrm.jobs.registry import JOBS
from sheetcrm.mail_states import MailState
from sheetcrm.post.again import drop, find_mail, let_go, message_of, retry_plan, short_name, write_again

STATES = ("claimed", "started", "waiting", "unconfirmed", "failed", "dropped", "lapsed", "accepted")

names_argument = click.argument("names", metavar="MAIL...", nargs=-1, required=True)


@click.group("outbox")
def outbox_command() -> None:
    """List mails and decide about those that are not out.

    MAIL is the short name that `list` prints, or the key.
    """


def _with_journal(book: str, config: str, as_of: str = "") -> Desk:
    desk = desk_for(book, config, as_of)
    if not desk.find_records():
        raise NotFound(f"{desk.path.name} was never run.", "`sheetcrm plan` shows what a run would mail.")
    return desk


@outbox_command.command("list")
@book_argument
@config_option
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only mails in this state.")
@json_option
def list_mails(book: str, config: str, states: tuple[str, ...], as_json: bool) -> None:
    """List the mails that are not out, and addresses that get nothing more."""
    journal = _with_journal(book, config).journal
    mails = journal.mails()
    shown = [one for one in mails if (one.state in states if states else one.state not in {"accepted", "lapsed"})]
    stops = stopped(journal.memory())
    if as_json:
        plain = {
            "mails": [{"name": short_name(one.key), **asdict(one)} for one in shown],
            "stopped": {address: str(why) for address, why in stops.items()},
        }
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    for one in shown:
        _show_line(one)
    for address, why in stops.items():
        click.echo(f"stopped      {address}: {why}")
    counts = Counter(one.state for one in mails)
    click.secho(", ".join(f"{counts[name]} {name}" for name in STATES if counts[name]) or "No mails.", bold=True)


def _show_line(one: MailState) -> None:
    due = f" until {one.due[:16].replace('T', ' ')}" if one.state == "waiting" else ""
    click.echo(f"{short_name(one.key)}  {one.state + due:11}  {one.to}  {one.key}  {one.detail}")


@outbox_command.command("show")
@book_argument
@click.argument("name", metavar="MAIL")
@config_option
@json_option
def show(book: str, name: str, config: str, as_json: bool) -> None:
    """Show one mail: what it says, why it was planned, and how far it came."""
    journal = _with_journal(book, config).journal
    one = find_mail(journal, name)
    message = message_of(journal, one)
    mail = message.mail if message else None
    if as_json:
        said = asdict(mail) if mail else None
        why = {"why": message.why, "reasons": list(message.reasons)} if message else {}
        click.echo(json.dumps({**asdict(one), **why, "mail": said}, ensure_ascii=False, indent=1))
        return
    _show_line(one)
    tries = f", {screen.counted(one.tries, 'try', 'tries')}" if one.tries else ""
    click.echo(f"        run {one.run}, last changed {one.at[:16].replace('T', ' ')}{tries}")
    if message:
        click.echo(f"        {message.why}")
    if mail:
        click.echo(f"\nSubject: {mail.subject}\n\n{mail.text}")


@outbox_command.command("preview")
@book_argument
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@config_option
@as_of_option
def preview(book: str, folder: Path, config: str, as_of: str) -> None:
    """Write the mails of a run into FOLDER, as they would go out; nothing is sent or recorded.

    Each is an .eml file that a mail program opens.
    """
    from sheetcrm.outbox.folder import file_name
    from sheetcrm.outbox.message_file import build_mail

    desk = desk_for(book, config, as_of)
    mail = desk.settings.mail
    plan = desk.plan(desk.take(), tuple(JOBS), lambda _step: None)
    folder.mkdir(parents=True, exist_ok=True)
    places, refused = [], []
    for message in plan.messages:
        place = folder / file_name(message, desk.now)
        try:
            place.write_bytes(build_mail(message, mail.sender, desk.now, mail.unsubscribe).content)
            places.append(str(place))
        except MessageRefused as error:
            refused.append(str(error))
    for line in (*places, *refused):
        click.echo(line)
    click.secho(f"{screen.counted(len(places), 'mail')}.", bold=True)


@outbox_command.command("retry")
@book_argument
@names_argument
@config_option
@as_of_option
def retry(book: str, names: tuple[str, ...], config: str, as_of: str) -> int:
    """Send mails again, now, and write the cells that wait for them.

    Of an unconfirmed mail it is you who decides: the recipient may get it twice.
    """
    desk = _with_journal(book, config, as_of)
    with desk.locked():
        if problem := try_inbox(desk):
            click.secho(f"{problem} Until then nothing goes to customers.", fg="yellow", err=True)
        desk.finish_unfinished()
        mails = [find_mail(desk.journal, name) for name in dict.fromkeys(names)]
        plan = retry_plan(desk.journal, mails)
        taken = desk.take()
        check_standing(taken, plan, adopt=False)
        for one in mails:
            let_go(desk.journal, one, desk.now)
        outcome = desk.apply(plan, allow_large=True, seen=taken.seen)
        desk.settle(taken)
    show_outcome(outcome, desk.place)
    return 8 if outcome.failed else 0


@outbox_command.command("drop")
@book_argument
@names_argument
@config_option
def drop_mails(book: str, names: tuple[str, ...], config: str) -> None:
    """Never send mails; their reasons count as mailed."""
    desk = _with_journal(book, config)
    with desk.locked():
        for name in dict.fromkeys(names):
            one = find_mail(desk.journal, name)
            drop(desk.journal, one, desk.now)
            click.echo(f"dropped: {one.key}")


@outbox_command.command("allow")
@book_argument
@click.argument("address")
@config_option
def allow_address(book: str, address: str, config: str) -> None:
    """Write to an ADDRESS again that bounced, was refused, or opted out."""
    desk = _with_journal(book, config)
    with desk.locked():
        write_again(desk.journal, address)
    click.echo(f"{address} gets mails again.")
