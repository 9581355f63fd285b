"""status: what runs next, what ran last, what was missed, what fails, and which mails need a person."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

import click

from sheetcrm.addresses import INBOX_FAILS, stopped
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.due import ledger_of, timetables
from sheetcrm.cli.options import book_argument, config_option, json_option
from sheetcrm.jobs.followups import under_way
from sheetcrm.schedule.ledger import Entry, Ledger
from sheetcrm.schedule.slots import Timetable

SHOWN_MISSED = 5


@click.command("status")
@book_argument
@config_option
@json_option
@click.option("--check", "checks", is_flag=True, help="Exit 1 where a group fails or a mail needs a person.")
def status_command(book: str, config: str, as_json: bool, checks: bool) -> int:
    """Show what runs next, ran last, was missed or fails, and mails that need a person."""
    desk = desk_for(book, config)
    groups = [_group(desk, table) for _, table in timetables(desk)]
    mails = _mails(desk)
    memory = desk.journal.memory() if desk.has_journal else {}
    sequences = list(under_way(memory, desk.settings.job_rules))
    inbox = memory.get(INBOX_FAILS, "")
    plain = {"book": desk.place, "groups": groups, "mails": mails, "sequences": sequences, "inbox_fails": inbox}
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        for one in groups:
            _show_group(one)
        _show_mails(mails)
        for one in sequences:
            counts = f"{one['under_way']} under way, {one['done']} done, {one['answered']} answered"
            click.echo(f"mails   sequence {one['sequence']}: {counts}")
        if inbox:
            click.secho(f"inbox   cannot be read since {inbox}: nothing goes to customers", fg="red")
    needs = mails["unconfirmed"] or mails["failed"] or inbox
    is_well = not any(one["failures"] for one in groups) and not needs
    return int(checks and not is_well)


def _mails(desk: Desk) -> dict[str, Any]:
    """The mails that are not out, in counts, and the unconfirmed ones by key."""
    states = desk.journal.mails("state != 'accepted'") if desk.has_journal else []
    counts = Counter(one.state for one in states)
    stops = stopped(desk.journal.memory()) if desk.has_journal else {}
    return {
        "waiting": counts["waiting"],
        "failed": counts["failed"],
        "unconfirmed": [one.key for one in states if one.state == "unconfirmed"],
        "stopped_addresses": len(stops),
    }


def _show_mails(mails: dict[str, Any]) -> None:
    for name in ("waiting", "failed"):
        if mails[name]:
            click.echo(f"mails   {mails[name]} {name}: sheetcrm outbox list")
    for key in mails["unconfirmed"]:
        click.secho(f"mail    {key}: unconfirmed, nobody knows whether it went out: sheetcrm outbox show", fg="red")
    if mails["stopped_addresses"]:
        click.echo(f"mails   {mails['stopped_addresses']} addresses get nothing more: sheetcrm outbox list")


def _group(desk: Desk, table: Timetable) -> dict[str, Any]:
    ledger = ledger_of(desk) if (desk.state / "schedule.sqlite").exists() else None
    slot = table.next(desk.now)
    found: dict[str, Any] = {
        "group": table.group,
        "zone": table.zone.key,
        "next": slot.due.astimezone(table.zone).isoformat() if slot else None,
        "last": None,
        "missed": [],
        "failures": 0,
    }
    return {**found, **_past(ledger, table.group)} if ledger else found


def _past(ledger: Ledger, group: str) -> dict[str, Any]:
    entries = ledger.entries(group)
    health = ledger.health(group)
    last = next((one for one in entries if one.state != "missed"), None)
    return {
        "last": _entry(last) if last else None,
        "missed": [_entry(one) for one in entries if one.state == "missed"],
        "failures": health.failures,
        "failing_since": health.failing_since,
        "error": health.error,
        "tries_again": health.not_before,
    }


def _entry(one: Entry) -> dict[str, str]:
    return {"slot": one.slot.name, "state": one.state, "decided": one.decided, "ended": one.ended, "detail": one.detail}


def _show_group(one: dict[str, Any]) -> None:
    click.secho(f"{one['group']} ({one['zone']})", bold=True)
    click.echo(f"  next    {_minute(one['next']) or 'never: no day meets its settings'}")
    if last := one["last"]:
        click.echo(f"  last    {last['slot'].replace('T', ' ')}  {last['state']}: {last['detail']}")
    else:
        click.echo("  last    never")
    for missed in one["missed"][:SHOWN_MISSED]:
        click.echo(f"  missed  {missed['slot'].replace('T', ' ')}  {missed['detail']}")
    if one["failures"]:
        since, again = (_minute(one[name]) for name in ("failing_since", "tries_again"))
        click.secho(f"  failing {one['failures']} times in a row since {since}; tries again {again}", fg="red")
        click.secho(f"          {one['error']}", fg="red")


def _minute(moment: str | None) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M %Z") if moment else ""
