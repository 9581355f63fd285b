"""What people see: plans cell by cell, issues, outcomes and history, in colour where there is a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sheetcrm.plan import CellChange, Plan
from sheetcrm.table import Issue, show_raw

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sheetcrm.run import Progress

SHOWN = 60
"""Lines shown per list unless all are asked for."""

ALL = sys.maxsize

NARROWEST_PIPE = 160


def console(*, to_errors: bool = False) -> Console:
    """The screen, wide enough for a plan where it is a pipe or a file."""
    from rich.console import Console

    stream = sys.stderr if to_errors else sys.stdout
    width = None if stream.isatty() else NARROWEST_PIPE
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, emoji=False, markup=False)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """Names the step at work while a person watches; says nothing to pipes."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step: None
        return
    with console(to_errors=True).status("reading…") as status:
        yield lambda step: status.update(f"{step}…")


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold", no_wrap=header in {"Cell", "Field", ""})
    return table


def show_plan(plan: Plan, *, saved_as: Path | None, most: int = SHOWN, on: Console | None = None) -> None:
    """The plan: each cell with who, field, now, after and why; mails, pages, pairs to review, what was left out."""
    screen = on or console()
    screen.print(_title(plan), style="bold")
    for job in dict.fromkeys(change.job for change in plan.changes):
        _show_changes(screen, job, [one for one in plan.changes if one.job == job], most=most)
    _show_tabs(screen, plan)
    _show_review(screen, plan, most=most)
    _show_messages(screen, plan, most=most)
    for skip in plan.skipped[:most]:
        screen.print(f" - {skip.what}: {skip.why}", style="dim")
    screen.print()
    screen.print(totals(plan), style="bold")
    if saved_as is not None and not plan.is_empty:
        screen.print(f"Nothing has been written. The plan is saved as {saved_as}; `sheetcrm apply` carries it out.")


def _title(plan: Plan) -> str:
    rows = ", ".join(f"{count:,} {name.lower()}" for name, count in plan.rows.items() if name != "Team")
    when = plan.as_of[:16].replace("T", " ")
    return f"Plan for {plan.workbook} · {rows} · as of {when}"


def _show_changes(screen: Console, job: str, changes: Sequence[CellChange], *, most: int) -> None:
    from rich.text import Text

    table = _table("", "Cell", "Who", "Field", "Now", "After", "Why")
    for change in changes[:most]:
        old = Text(show_raw(change.old), style="red strike")
        new = Text(show_raw(change.new), style="green")
        mark = "~" if change.old is not None else "+"
        table.add_row(mark, change.cell, Text(change.who), change.header, old, new, Text(change.why, style="dim"))
    screen.print(f"\n{job}: {counted(len(changes), 'cell')}", style="cyan")
    screen.print(table)
    _more(screen, len(changes), most=most)


def _show_tabs(screen: Console, plan: Plan) -> None:
    if not plan.tabs:
        return
    from rich.text import Text

    table = _table("", "Tab", "", "Why")
    for one in plan.tabs:
        what = f"{counted(len(one.content.rows), 'row')}, put anew" if one.content is not None else "goes"
        table.add_row("#", Text(one.tab), what, Text(one.why, style="dim"))
    screen.print("\nwhole tabs", style="cyan")
    screen.print(table)


def _show_review(screen: Console, plan: Plan, *, most: int) -> None:
    if not plan.review:
        return
    from rich.text import Text

    table = _table("", "Cell", "Who", "Score", "Why")
    for pair in plan.review[:most]:
        cells = f"{pair.one} ↔ {pair.other.partition('!')[2]}"
        table.add_row("?", cells, Text(pair.who), f"{pair.score:.0%}", Text(pair.why, style="dim"))
    screen.print(f"\nto review: {counted(len(plan.review), 'pair')} that may be the same", style="cyan")
    screen.print(table)
    _more(screen, len(plan.review), most=most)


def _show_messages(screen: Console, plan: Plan, *, most: int) -> None:
    if not plan.messages and not plan.reports:
        return
    from rich.text import Text

    table = _table("", "To", "Subject", "Why")
    for one in plan.messages[:most]:
        table.add_row("@", one.to, Text(one.mail.subject if one.mail else ""), Text(one.why, style="dim"))
    for page in plan.reports:
        table.add_row("#", "page", Text(f"{page.name}.html"), Text(page.why, style="dim"))
    screen.print("\nmails and pages", style="cyan")
    screen.print(table)
    _more(screen, len(plan.messages), most=most)


def _more(screen: Console, count: int, *, most: int) -> None:
    if count > most:
        screen.print(f" … and {count - most:,} more: --all shows them", style="dim")


def totals(plan: Plan) -> str:
    """The plan in one sentence."""
    if plan.is_empty:
        return f"Nothing to do. {counted(len(plan.issues), 'issue')} to look at: sheetcrm check."
    people = len({one.to for one in plan.messages})
    parts = [
        f"{counted(len(plan.changes), 'cell')} to change",
        f"{counted(len(plan.appends), 'row')} to add" if plan.appends else "",
        f"{counted(len(plan.tabs), 'tab')} to put anew" if plan.tabs else "",
        f"{counted(len(plan.review), 'pair')} to review" if plan.review else "",
        f"{counted(len(plan.messages), 'mail')} to {counted(people, 'person', 'people')}" if plan.messages else "",
        f"{counted(len(plan.issues), 'issue')} for a person to look at" if plan.issues else "",
    ]
    return ", ".join(part for part in parts if part) + "."


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: 1 cell, 1,200 cells."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def show_issues(issues: Sequence[Issue], quality: int, *, everything: bool = False) -> None:
    """The issues by tab, worst first, with what to do; then the data quality."""
    from rich.text import Text

    screen = console()
    styles = {"error": "red", "warning": "yellow", "note": "dim"}
    ordered = sorted(issues, key=lambda one: (list(styles).index(one.severity), one.tab))
    shown = ordered if everything else _some_of_each(ordered)
    table = _table("", "Cell", "What", "What to do")
    for one in shown:
        cell = f"{one.tab}!{one.cell}" if one.cell else one.tab
        table.add_row(
            Text(one.severity, style=styles[one.severity]), cell, Text(one.message), Text(one.remedy, style="dim")
        )
    screen.print(table)
    if len(shown) < len(issues):
        screen.print(f" … and {len(issues) - len(shown):,} more: --all shows them", style="dim")
    counts = Counter(one.severity for one in issues)
    words = ", ".join(counted(counts[name], name) for name in styles if counts[name]) or "no issues"
    screen.print(f"\nData quality {quality} of 100: {words}.", style="bold")


def _some_of_each(issues: Iterable[Issue], most: int = 8) -> list[Issue]:
    seen: Counter[tuple[str, str]] = Counter()
    shown = []
    for one in issues:
        seen[one.code, one.tab] += 1
        if seen[one.code, one.tab] <= most:
            shown.append(one)
    return shown
