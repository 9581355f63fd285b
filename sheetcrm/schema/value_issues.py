"""An Issue for every cell that its column's kind cannot read: what is wrong with it, and the way out."""

from __future__ import annotations

from collections.abc import Callable

from sheetcrm.schema import dates
from sheetcrm.schema.fields import FieldSpec, TableSpec
from sheetcrm.schema.kinds import Reading
from sheetcrm.schema.placeholders import is_placeholder
from sheetcrm.table import CellError, Column, Invalid, Issue, Raw, Stale, Table, show_raw

Words = tuple[str, str, str]
"""An Issue's code, message and remedy."""


def value_issues(table: Table, reading: Reading, spec: TableSpec) -> list[Issue]:
    """The Issues of a table's invalid cells, by column, then by row."""
    issues: list[Issue] = []
    for name, column in table.columns.items():
        if Invalid not in set(map(type, table.values[name])):
            continue
        field = spec.spec(name) or FieldSpec(name, "text")
        described: dict[tuple[type, str], Words] = {}
        issues += _stale_issue(table, column)
        for i, value in enumerate(table.values[name]):
            if isinstance(value, Invalid) and not isinstance(value.raw, Stale):
                shown = type(value.raw), show_raw(value.raw)
                if shown not in described:
                    described[shown] = describe(value.raw, field, reading)
                issues.append(_issue(table, i, column, value.raw, described[shown]))
    return issues


def _stale_issue(table: Table, column: Column) -> list[Issue]:
    """One Issue for all cells of a column whose formula's result is out of date or was never stored."""
    values = table.values[column.field]
    rows = [i for i, value in enumerate(values) if isinstance(value, Invalid) and isinstance(value.raw, Stale)]
    if not rows:
        return []
    count = "one formula's result is" if len(rows) == 1 else f"the results of {len(rows)} formulas are"
    message = f"{column.header}: {count} out of date and not used"
    remedy = "Open the workbook in Excel and save it, or calculate with --recalculate"
    cell = table.cell(rows[0], column.field)
    return [Issue("stale_result", table.tab, cell, "", message, remedy, "warning", "", column.field)]


def _issue(table: Table, i: int, column: Column, raw: Raw, words: Words) -> Issue:
    code, message, remedy = words
    severity = "warning" if code in {"placeholder", "phone_unreadable"} else "error"
    return Issue(
        code,
        table.tab,
        table.cell(i, column.field),
        show_raw(raw),
        f"{column.header}: {message}",
        remedy,
        severity,
        table.key(i),
        column.field,
    )


def describe(raw: Raw, field: FieldSpec, reading: Reading) -> Words:
    """What is wrong with a cell that a kind could not read."""
    shown = show_raw(raw)
    if isinstance(raw, CellError):
        return "error_value", f"the formula gives {shown}", "Repair the formula or type the value"
    if is_placeholder(shown):
        return "placeholder", f'"{shown}" stands for nothing known', "Leave the cell blank where nothing is known"
    return _WORDS.get(field.kind, _unreadable)(raw, field, reading)


def _unreadable(raw: Raw, field: FieldSpec, _reading: Reading) -> Words:
    return "unreadable", f'"{show_raw(raw)}" is no {field.kind}', f"Type a {field.kind}"


def _email(raw: Raw, _field: FieldSpec, _reading: Reading) -> Words:
    shown = show_raw(raw)
    if shown.count("@") > 1:
        return "several_emails", f'"{shown}" holds several addresses', "Keep one address here, the others in Notes"
    return "email_broken", f'"{shown}" is no e-mail address', "Correct the address, as in name@company.com"


def _phone(raw: Raw, _field: FieldSpec, _reading: Reading) -> Words:
    return (
        "phone_unreadable",
        f'"{show_raw(raw)}" is no phone number',
        "Type it with country code, as in +44 20 7946 0018",
    )


def _amount(raw: Raw, _field: FieldSpec, reading: Reading) -> Words:
    example = "1200.50" if reading.decimal_mark == "." else "1200,50"
    return "not_a_number", f'"{show_raw(raw)}" is not one clear number', f"Type one number, as in {example}"


def _date(raw: Raw, _field: FieldSpec, _reading: Reading) -> Words:
    why = dates.why_no_date(raw)
    code = {"could be day/month or month/day": "date_ambiguous", "is a day that does not exist": "date_impossible"}
    return code.get(why, "not_a_date"), f'"{show_raw(raw)}" {why}', "Type the date as 2026-03-31"


def _choice(raw: Raw, field: FieldSpec, reading: Reading) -> Words:
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    allowed = reading.stages.all if field.field == "status" else field.choices
    also = [word for words in reading.stages.aliases.values() for word in words] if field.field == "status" else []
    shown = show_raw(raw).strip()
    nearest = process.extractOne(shown, [*allowed, *also], processor=str.casefold, scorer=ratio, score_cutoff=60)
    remedy = f'Did you mean "{nearest[0]}"?' if nearest else f"Use one of: {', '.join(allowed)}"
    return "not_allowed", f'"{show_raw(raw)}" is not one of the allowed values', remedy


def _yes_no(raw: Raw, _field: FieldSpec, _reading: Reading) -> Words:
    return "not_yes_or_no", f'"{show_raw(raw)}" is neither yes nor no', "Type yes or no, or leave it blank"


_WORDS: dict[str, Callable[[Raw, FieldSpec, Reading], Words]] = {
    "email": _email,
    "phone": _phone,
    "money": _amount,
    "number": _amount,
    "percent": _amount,
    "date": _date,
    "datetime": _date,
    "choice": _choice,
    "yes/no": _yes_no,
}
