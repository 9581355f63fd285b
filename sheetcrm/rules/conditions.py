"""When a rule concerns a row: columns and the patterns that their values must meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from sheetcrm.schema.contacts import country_code, domain_of
from sheetcrm.schema.fields import normal
from sheetcrm.table import Row, show_raw

Condition = Mapping[str, Sequence[str]]
"""Field or header to patterns; all fields must meet one of theirs. Empty: every row."""


def meets(row: Row, condition: Condition) -> bool:
    """Whether a row meets a condition. A blank value meets no pattern but `""`."""
    return all(
        any(matches(value_of(row, name), pattern, name) for pattern in patterns) for name, patterns in condition.items()
    )


def value_of(row: Row, name: str) -> str:
    """The text of a field, or of a column by its header; `domain` is the e-mail's or website's domain."""
    if name == "domain" and name not in row.table.values:
        return domain_of(row.text("email") or row.text("website"))
    if name in row.table.values:
        return show_raw(row[name])
    word = normal(name)
    field = next((one.field for one in row.table.columns.values() if normal(one.header) == word), None)
    return show_raw(row[field]) if field else ""


def matches(value: str, pattern: str, field: str = "") -> bool:
    """Whether a text meets a pattern: itself without case, `*` for anything, `80000-89999` for numbers between.

    In the field `country` both sides are countries, however they are written.
    """
    value, pattern = value.strip(), pattern.strip()
    if field == "country" and (code := country_code(pattern)):
        return country_code(value) == code
    low, dash, high = pattern.partition("-")
    if dash and low.strip().isdigit() and high.strip().isdigit():
        return value.isdigit() and int(low) <= int(value) <= int(high)
    return fnmatchcase(value.casefold(), pattern.casefold())


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
