"""When a rule concerns a row: columns and the patterns that their values must meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from sheetcrm.schema.contacts import country_code, domain_of
from sheetcrm.schema.fields import normal
from sheetcrm.schema.numbers import Money
from sheetcrm.table import Row, Table, show_raw

Condition = Mapping[str, Sequence[str]]
"""Field or header to patterns; all fields must meet one of theirs. Empty: every row."""


def meets(row: Row, condition: Condition) -> bool:
    """Whether a row meets a condition. A blank value meets no pattern but `""`."""
    for name, patterns in condition.items():
        field = field_of(row.table, name)
        texts = _texts(row, field)
        if not any(matches(text, pattern, field) for text in texts for pattern in patterns):
            return False
    return True


def field_of(table: Table, name: str) -> str:
    """The field that a condition names, by itself or by its column's header; the name where there is none."""
    if name in table.values or name == "domain":
        return name
    word = normal(name)
    return next((one.field for one in table.columns.values() if normal(one.header) == word), name)


def _texts(row: Row, field: str) -> Sequence[str]:
    if field == "domain" and field not in row.table.values:
        return (domain_of(row.text("email") or row.text("website")),)
    value = row[field]
    if isinstance(value, tuple) and not isinstance(value, Money):
        return value or ("",)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (show_raw(value.amount if isinstance(value, Money) else value),)


def value_of(row: Row, name: str) -> str:
    """The text of a field, or of a column by its header; `domain` is the e-mail's or website's domain.

    Money is its amount, yes/no is `yes` or `no`, tags are joined by commas.
    """
    return ", ".join(_texts(row, field_of(row.table, name)))


def matches(value: str, pattern: str, field: str = "") -> bool:
    """Whether a text meets a pattern: itself without case, `*` for anything, `80000-89999` for numbers between.

    In the field `country` both sides are countries, however they are written.
    """
    value, pattern = value.strip(), pattern.strip()
    if not value or not pattern:
        return value == pattern
    if field == "country" and (code := country_code(pattern)):
        return country_code(value) == code
    low, dash, high = pattern.partition("-")
    if dash and low.strip().isdecimal() and high.strip().isdecimal():
        return _is_plain_number(value) and int(low) <= Decimal(value) <= int(high)
    # Only * is special: a company may well be called [x] or Who?
    pattern = pattern.casefold().replace("[", "[[]").replace("?", "[?]")
    return fnmatchcase(value.casefold(), pattern)


def _is_plain_number(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal()


def covers(territory: Sequence[str], row: Row) -> str:
    """The part of a territory that a lead lies in, empty where in none.

    A part is a country, a range or beginning of postcodes (`80000-89999`, `SW1*`), a domain (`*.hu`), or a city.
    """
    country, postcode, city = row.text("country"), row.text("postcode"), row.text("city")
    domain = value_of(row, "domain")
    for part in territory:
        if country_code(part):
            if country and matches(country, part, "country"):
                return part
        elif any(text and matches(text, part) for text in (postcode, domain, city, country)):
            return part
    return ""
