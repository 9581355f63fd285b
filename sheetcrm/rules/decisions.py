"""Decision tables: a tab whose header names columns and whose cells hold criteria, the first row that fits wins.

Country | Amount  | → Owner
DE, AT  | >=1000  | Ann Abel
DE      |         | Ben Berg
        |         | Mia Meyer
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from sheetcrm.rules.columns import header_row
from sheetcrm.rules.rule import FormulaRule
from sheetcrm.rules.triplets import criteria
from sheetcrm.schema.fields import normal
from sheetcrm.table import Grid, Issue, Raw, cell_name, show_raw

ARROWS = ("→", "->", "=>", "then ", "dann ", "set ")


_COMPARED = re.compile(r"(>=|<=|>|<|=|)\s*(-?\d{1,15}(?:\.\d{1,15})?)")


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the table: its criteria by column, and what it decides by column."""

    row: int
    tests: dict[str, str]
    outcomes: dict[str, Raw]


def decided(rule: FormulaRule, grid: Grid) -> tuple[list[FormulaRule], list[Issue]]:
    """The rules that a decision table stands for, one for each row and outcome, in a group where the first wins."""
    top = header_row(grid)
    if top is None:
        return [], [_issue(grid, grid.top, grid.left, f"the tab {grid.tab} has no header row", "Name the columns")]
    inputs, outputs = _headers(grid, top)
    if not outputs:
        remedy = "Put an arrow before the header of what is decided: → Owner"
        return [], [_issue(grid, top, grid.left, "no column says what is decided", remedy)]
    lines = list(_lines(grid, top, inputs, outputs))
    found: list[FormulaRule] = []
    for line in lines:
        tests = [criteria(column, cell) for column, cell in line.tests.items()]
        own = blake2b(
            "\x1f".join((*line.tests.values(), *map(show_raw, line.outcomes.values()))).encode(), digest_size=4
        )
        for column, outcome in line.outcomes.items():
            is_owner = normal(column) in {"owner", "zustandig", "betreuer"}
            found.append(
                replace(
                    rule,
                    key=f"{rule.key}/{own.hexdigest()}",
                    name=f"{rule.name}: {grid.tab} row {line.row + 1}",
                    tests=(*rule.tests, *(test for test in tests if test)),
                    then="assign" if is_owner else "set",
                    to=show_raw(outcome) if is_owner else column,
                    value="" if is_owner else show_raw(outcome),
                    group=f"{rule.key}/{column}",
                    is_first_only=True,
                    where=f"{grid.tab}!{cell_name(line.row, grid.left)}",
                    cells={},
                )
            )
    return found, list(_gaps(grid, lines))


def _headers(grid: Grid, top: int) -> tuple[dict[int, str], dict[int, str]]:
    """Input columns and outcomes by place; a header that begins with an arrow is an outcome."""
    inputs: dict[int, str] = {}
    outputs: dict[int, str] = {}
    for column in range(grid.left, grid.left + len(grid.rows[top - grid.top])):
        text = show_raw(grid.raw(top, column)).strip()
        arrow = next((one for one in ARROWS if text.casefold().startswith(one)), None)
        if arrow is not None:
            outputs[column] = text[len(arrow) :].strip()
        elif text:
            inputs[column] = text
    return inputs, outputs


def _lines(grid: Grid, top: int, inputs: dict[int, str], outputs: dict[int, str]) -> Iterator[_Line]:
    for row in range(top + 1, grid.top + len(grid.rows)):
        outcomes = {name: grid.raw(row, at) for at, name in outputs.items() if grid.raw(row, at) is not None}
        if outcomes:
            yield _Line(row, {name: show_raw(grid.raw(row, at)).strip() for at, name in inputs.items()}, outcomes)


def _gaps(grid: Grid, lines: Sequence[_Line]) -> Iterator[Issue]:
    """A warning for each row that no lead can reach, and for a table without a row that catches the rest."""
    for i, line in enumerate(lines):
        above = next(
            (one for one in lines[:i] if _covers(one, line) and one.outcomes.keys() >= line.outcomes.keys()), None
        )
        if above is not None:
            message = f"is never reached: row {above.row + 1} takes all that it would take"
            yield _issue(grid, line.row, grid.left, message, "Move it up, or remove it")
    if lines and not any(not any(line.tests.values()) for line in lines):
        message = "no row catches what fits none of the others"
        yield _issue(grid, lines[-1].row, grid.left, message, "Add a last row with blank criteria, if that is wanted")


def _covers(one: _Line, other: _Line) -> bool:
    """Whether each criterion of the one surely lets through all that the other's does; a blank one everything."""
    return all(not cell or _is_within(other.tests[name], cell) for name, cell in one.tests.items())


def _is_within(cell: str, wider: str) -> bool:
    words = _words(cell)
    return bool(words) and all(any(_lets_through(other, one) for other in _words(wider)) for one in words)


def _lets_through(wider: str, criterion: str) -> bool:
    if wider.casefold() == criterion.casefold():
        return True
    one, other = _COMPARED.fullmatch(wider), _COMPARED.fullmatch(criterion)
    if one is None or other is None:
        return False
    (sign, bound), (own, value) = (one[1], float(one[2])), (other[1] or "=", float(other[2]))
    if sign in {">", ">="}:
        is_above = value > bound or (value == bound and (sign == ">=" or own == ">"))
        return own in {">", ">=", "="} and is_above
    is_below = value < bound or (value == bound and (sign == "<=" or own == "<"))
    return sign in {"<", "<="} and own in {"<", "<=", "="} and is_below


def _words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip()]


def _issue(grid: Grid, row: int, column: int, message: str, remedy: str) -> Issue:
    return Issue("decision_table", grid.tab, cell_name(row, column), "", message, remedy, "warning")
