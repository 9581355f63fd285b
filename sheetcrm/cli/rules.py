"""rules: the owner's rules listed, checked, tried and explained, touching nothing; and the tab to write them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.options import all_option, as_of_option, book_argument, config_option
from sheetcrm.errors import EditRefused, NotFound
from sheetcrm.rules.book import ReadyRule, RuleBook, rule_book
from sheetcrm.rules.columns import Workbook
from sheetcrm.rules.firing import fire
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Row, Snapshot, Table, show_raw

_SHOWN = 20
_TAKEN = {"unowned": "that is nobody's", "left": "that is nobody's or of somebody who left", "any": "whoever has it"}
_REMINDED = {
    "overdue": "the next step is overdue",
    "idle": "nobody was in contact for {rule.working_days} working days, and nothing is planned",
    "new": "the lead is new and was not contacted for {rule.working_hours:g} working hours",
    "date": "{rule.field} is at most {rule.days_ahead} days ahead",
}
"""What the usual reminders look for, in words."""


@click.group("rules")
def rules_command() -> None:
    """Rules that you write as Excel formulas: list, check, test and explain them; add-tab makes the tab.

    None of these writes into BOOK, save add-tab.
    """


@dataclass(frozen=True)
class _Read:
    """A workbook's rules, with all that they are tried on."""

    desk: Desk
    snapshot: Snapshot
    book: RuleBook

    def rule(self, name: str) -> ReadyRule:
        """The rule of that name, ID or place; NotFound with the reason where it does not run."""
        found = [one for one in self.book.ready if normal(name) in {normal(one.rule.name), normal(one.rule.key)}]
        if not found and name.isdecimal() and 0 < int(name) <= len(self.book.ready):
            found = [self.book.ready[int(name) - 1]]
        if not found:
            known = ", ".join(one.rule.name for one in self.book.ready) or "none"
            reason = next((why for key, why in self.book.broken.items() if normal(key) == normal(name)), "")
            raise NotFound(f"No rule {name!r} is switched on and sound. {reason}".strip(), f"There are: {known}.")
        return found[0]


def _read(book: str, config: str, as_of: str) -> _Read:
    desk = desk_for(book, config, as_of)
    snapshot = desk.take().snapshot
    return _Read(desk, snapshot, rule_book(snapshot, desk.settings.job_rules))


@rules_command.command("list")
@book_argument
@config_option
@as_of_option
def list_command(book: str, config: str, as_of: str) -> None:
    """Each rule that is switched on, as one formula, with the rows that meet it now."""
    read = _read(book, config, as_of)
    for i, ready in enumerate(read.book.ready, start=1):
        _show_rule(i, ready, read.snapshot)
    for one in read.desk.settings.reminders.rules if read.desk.settings.reminders.on else ():
        click.secho(f"{one.name} ([reminders])", bold=True)
        click.echo(f"   if   {_REMINDED[one.kind].format(rule=one)}")
        click.echo("   then remind owner")
    if not any(one.rule.usual is None for one in read.book.ready):
        click.echo("No rule of your own is switched on. `sheetcrm rules add-tab` makes a tab for them.")
    _show_issues(read.book.issues)


@rules_command.command("check")
@book_argument
@config_option
@as_of_option
def check_command(book: str, config: str, as_of: str) -> int:
    """What is wrong with the rules, and what in the cells may surprise. Exit code 2 where a rule cannot run."""
    read = _read(book, config, as_of)
    _show_issues(read.book.issues)
    own = [ready for ready in read.book.ready if ready.rule.usual is None]
    for ready in own:
        for message in _traps(ready, read.snapshot):
            click.echo(f"{ready.rule.name}: {message}")
    count = len(own)
    broken = len(read.book.broken)
    click.echo(f"{count} {'rule is' if count == 1 else 'rules are'} sound, {broken} cannot run.")
    return 2 if broken else 0


@rules_command.command("test")
@book_argument
@click.argument("rule")
@config_option
@as_of_option
@all_option
def test_command(book: str, rule: str, config: str, as_of: str, everything: bool) -> None:
    """The rows that meet RULE (its name, ID or number) now, each with the reason, and those it would act on."""
    read = _read(book, config, as_of)
    ready = read.rule(rule)
    _show_rule(0, ready, read.snapshot)
    fired = fire(ready, read.snapshot)
    acting = {one.row.i for one in fired.firings}
    table = read.snapshot.tables[ready.rule.table]
    rows = [row for row in table if row.identity in fired.met]
    for row in rows if everything else rows[:_SHOWN]:
        mark = "now" if row.i in acting else "done"
        click.echo(f"  {mark:4}  {_place(row)}  {row.label}: {_explained(ready, read.snapshot, row)}")
    if len(rows) > _SHOWN and not everything:
        click.echo(f"  ... and {len(rows) - _SHOWN} more; --all shows them.")
    _show_issues(fired.issues)


@rules_command.command("explain")
@book_argument
@click.argument("rule")
@click.argument("row")
@config_option
@as_of_option
def explain_command(book: str, rule: str, row: str, config: str, as_of: str) -> None:
    """Why RULE does or does not concern ROW: a key such as L-0007, or the row's number in the tab."""
    read = _read(book, config, as_of)
    ready = read.rule(rule)
    table = read.snapshot.tables[ready.rule.table]
    found = _row(table, row)
    fired = fire(ready, read.snapshot)
    meets = found.identity in fired.met
    verdict = "meets" if meets else "does not meet"
    click.echo(f"{_place(found)} {found.label} {verdict} the rule {ready.rule.name}: "
               f"{_explained(ready, read.snapshot, found)}.")  # fmt: skip
    if meets and found.i not in {one.row.i for one in fired.firings}:
        click.echo("It was acted on before, or waits: see When, Again and Limit.")


@rules_command.command("add-tab")
@book_argument
@config_option
def add_tab_command(book: str, config: str) -> None:
    """Add a tab Rules to BOOK, with drop-downs, help and examples that are switched off; nothing else changes."""
    from sheetcrm.cli.rules_tab import put_rules_tab

    desk = desk_for(book, config)
    snapshot = desk.take().snapshot
    if "Rules" in snapshot.tables:
        tab = snapshot.tables["Rules"].tab
        raise EditRefused(f"{desk.workbook.name} has a tab {tab} already.", "Write your rules there.")
    with desk.locked():
        tab = put_rules_tab(desk.workbook, snapshot, desk.state / "backups" / f"before-rules-{desk.workbook.name}")
    click.echo(f"{desk.workbook.name} has a tab {tab} now, with examples that are switched off.")
    click.echo(f"Switch one on, then: sheetcrm plan {book}")


def _row(table: Table, wanted: str) -> Row:
    for row in table:
        if row.key and normal(row.key) == normal(wanted):
            return row
    number = int(wanted) - 1 if wanted.isdecimal() else -1
    if number in table.numbers:
        return table.row(table.numbers.index(number))
    raise NotFound(f"{table.tab} has no row {wanted!r}.", "Give a key such as L-0007, or a row's number.")


def _place(row: Row) -> str:
    return row.key or f"row {row.table.numbers[row.i] + 1}"


def _show_rule(number: int, ready: ReadyRule, snapshot: Snapshot) -> None:
    rule = ready.rule
    click.secho(f"{f'{number}. ' if number else ''}{rule.name} ({rule.key}, {rule.where})", bold=True)
    condition = ready.condition.formula if ready.condition else "TRUE"
    if rule.usual is not None:
        condition = f"an open lead {_TAKEN[rule.usual.takes]}{_patterns(rule.usual.when)}"
    words = [rule.then, rule.to, rule.value]
    if rule.when.kind != "run":
        click.echo(f"   when {rule.when}")
    click.echo(f"   if   {condition}")
    click.echo(f"   then {' '.join(word for word in words if word)}")
    if number:
        count = len(fire(ready, snapshot).met)
        click.echo(f"   {count} {'row' if count == 1 else 'rows'} of {snapshot.tables[rule.table].tab} now")


def _explained(ready: ReadyRule, snapshot: Snapshot, row: Row) -> str:
    if ready.rule.usual is not None:
        status, owner = row.text("status") or "blank", row.text("owner") or "nobody"
        return f"Status is {status}, Owner is {owner}"
    if ready.condition is None:
        return "the rule has no condition"
    columns = Workbook(snapshot).columns(ready.rule.table, ready.condition.reads)
    return ready.condition.explain(columns, snapshot.now.replace(tzinfo=None), row.i).text


def _patterns(when: Mapping[str, Sequence[str]]) -> str:
    return "".join(f", {name} {' or '.join(some)}" for name, some in when.items())


def _traps(ready: ReadyRule, snapshot: Snapshot) -> Sequence[str]:
    if ready.condition is None:
        return ("it has no condition, so that every row meets it",)
    columns = Workbook(snapshot).columns(ready.rule.table, ready.condition.reads)
    found = ready.condition.traps(columns, snapshot.now.replace(tzinfo=None))
    return [f"{one.message} {one.remedy}".strip() for one in found]


def _show_issues(issues: Sequence[Issue]) -> None:
    for one in issues:
        where = f"{one.tab}!{one.cell}" if one.cell else one.tab
        raw = f' ("{show_raw(one.raw)}")' if one.raw else ""
        click.echo(f"{where}: {_sentence(f'{one.message}{raw}')} {_sentence(one.remedy)}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
