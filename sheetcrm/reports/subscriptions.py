"""Who gets which report when: the rows of the Settings tab, understood; what cannot be understood becomes an Issue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sheetcrm.reports.money import known_locale
from sheetcrm.reports.periods import months_on
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Row, Table

WHATS = {
    "day": ("daily report", "day", "tagesbericht", "taglicher bericht", "taeglicher bericht"),
    "week": ("weekly report", "report", "week", "weekly", "wochenbericht", "bericht", "woche"),
    "month": ("monthly report", "month", "monthly", "monatsbericht", "monat"),
    "quarter": ("quarterly report", "quarter", "quartalsbericht", "quartal"),
    "mine": ("my day", "own day", "their day", "digest", "mein tag", "ihr tag", "tagesplan"),
    "team": ("my team", "team", "team digest", "mein team"),
    "tab": ("summary tab", "summary", "ubersicht", "uebersicht", "blatt ubersicht"),
}
"""What may be subscribed to, and what people call it."""
USUAL = {"day": "daily", "mine": "daily", "team": "daily", "week": "monday", "month": "monthly", "quarter": "monthly"}
"""When it comes where nothing is said."""
_WEEKDAYS = (
    ("monday", "mon", "mondays", "montag", "mo", "montags"),
    ("tuesday", "tue", "tuesdays", "dienstag", "di", "dienstags"),
    ("wednesday", "wed", "wednesdays", "mittwoch", "mi", "mittwochs"),
    ("thursday", "thu", "thursdays", "donnerstag", "do", "donnerstags"),
    ("friday", "fri", "fridays", "freitag", "fr", "freitags"),
    ("saturday", "sat", "saturdays", "samstag", "sa", "samstags", "sonnabend"),
    ("sunday", "sun", "sundays", "sonntag", "so", "sonntags"),
)
_DAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_WORDS = {
    **dict.fromkeys(("daily", "working day", "working days", "workday", "weekdays", "taglich", "taeglich"), "working"),
    **dict.fromkeys(("werktags", "werktag", "werktaglich", "arbeitstag", "day", "tag"), "working"),
    **dict.fromkeys(("weekly", "week", "wochentlich", "woechentlich", "woche"), "weekly"),
    **dict.fromkeys(("monthly", "month", "first of the month", "1st of the month", "monatlich", "monat"), "monthly"),
    **dict.fromkeys(("monatsanfang", "monatserster", "first", "erster"), "monthly"),
}
_TIME = re.compile(
    r"\b(?:at|um)\s+(?P<hour>\d{1,2})\b(?![:.]?\d)(?:\s*(?P<half>am|pm|uhr|h)\b)?"
    r"|\b(?P<hours>\d{1,2})(?:[:.](?P<minutes>\d{2})|\s*(?P<mark>am|pm|uhr|h))\s*(?P<end>am|pm|uhr)?",
    re.IGNORECASE,
)
_DAY_OF_MONTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\b")
_FILLER = re.compile(r"\b(every|each|on|at|the|of|jeden|jede|des|dem|am|um|and|und)\b")
_EMPTY = {
    "send": ("send", "yes", "always", "senden", "ja", "immer"),
    "skip": ("skip", "no", "nothing", "nein", "nichts"),
}
_LANGUAGES = {"de": ("deutsch", "german"), "en": ("english", "englisch"), "fr": ("francais", "french", "franzosisch")}


@dataclass(frozen=True, slots=True)
class When:
    """When a report comes: on these weekdays (0 is Monday), or on a day of each month; not before a time of day."""

    weekdays: frozenset[int] = frozenset()
    day_of_month: int = 0
    at: time = time()

    def slot(self, now: datetime) -> date | None:
        """The latest day on which it was due, `now` included; None where there was none within 31 days.

        A day of the month that a month lacks is its last day.
        """
        for back in range(32):
            day = now.date() - timedelta(days=back)
            if self._is_due(day) and (back or now.time() >= self.at):
                return day
        return None

    def _is_due(self, day: date) -> bool:
        if not self.day_of_month:
            return day.weekday() in self.weekdays
        last = months_on(day.replace(day=1), 1) - timedelta(days=1)
        return day.day == min(self.day_of_month, last.day)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One row of the Settings tab, or what stands for it in the settings file."""

    what: str
    who: tuple[str, ...] = ()
    """Names, addresses or roles; empty: owners and managers."""
    when: When = field(default_factory=When)
    condition: str = ""
    empty: str = ""
    """`send` or `skip` where there is nothing to tell; empty: as is usual for it."""
    language: str = ""
    slows: bool = False
    """Whether it comes less often while nothing comes of it."""
    tab: str = ""
    cell: str = ""


def subscriptions_of(table: Table | None) -> tuple[list[Subscription], list[Issue]]:
    """The rows that are switched on and understood, and Issues for the others."""
    found: list[Subscription] = []
    issues: list[Issue] = []
    for row in table or ():
        if row["on"] is False or not (row.text("what").strip() or row.text("who").strip()):
            continue
        try:
            found.append(_read(row))
        except _Unclear as unclear:
            issues.append(_issue(row, *unclear.args))
    return found, issues


class _Unclear(Exception):  # noqa: N818 -- says what it is
    """Field, message and remedy of a cell that cannot be understood."""


def _read(row: Row) -> Subscription:
    what = _named(row.text("what") or "week", WHATS)
    if not what:
        known = ", ".join(words[0] for words in WHATS.values())
        raise _Unclear("what", "There is no such report", f"Write one of: {known}")
    when = parse_when(row.text("when") or USUAL.get(what, "daily"))
    if when is None:
        raise _Unclear("when", "This says no day", "Write it as in: Monday 7:00, every working day, 1st of the month")
    empty = row.text("empty").strip()
    chosen = _named(empty, _EMPTY) if empty else ""
    if empty and not chosen:
        raise _Unclear("empty", "This says neither send nor skip", "Write send or skip, or leave it blank")
    language = _language(row.text("language").strip())
    who = tuple(filter(None, (one.strip() for one in re.split(r"[,;\n]", row.text("who")))))
    table = row.table
    cell = table.cell(row.i, "what") if "what" in table.columns else ""
    return Subscription(
        what=what,
        who=who,
        when=when,
        condition=row.text("condition").strip(),
        empty=chosen,
        language=language,
        slows=row["slow"] is True,
        tab=table.tab,
        cell=cell,
    )


def _language(text: str) -> str:
    """The locale that a person names, by its code or in words; empty where they name none."""
    if not text:
        return ""
    locale = known_locale(_named(text, _LANGUAGES) or text)
    if locale is None:
        raise _Unclear("language", "There is no such language", "Write a code, as in de, en or fr_CH")
    return str(locale)


def _named(text: str, known: Mapping[str, tuple[str, ...]]) -> str:
    word = normal(text)
    return next((name for name, words in known.items() if word == name or word in words), "")


def _issue(row: Row, name: str, message: str, remedy: str) -> Issue:
    cell = row.table.cell(row.i, name) if name in row.table.columns else ""
    return Issue("subscription_unclear", row.table.tab, cell, row.text(name), message, remedy, "warning", field=name)


def parse_when(text: str) -> When | None:
    """When a text says that a report comes; None where it says nothing that is understood.

    `Monday 7:00`, `Mon, Thu`, `every working day`, `daily at 8`, `weekly`, `1st of the month`, `15.`, `monthly`; the
    same in German.
    """
    at, rest = _time_of(text)
    plain = " ".join(_FILLER.sub(" ", normal(rest.replace(",", " "))).split())
    kind = _WORDS.get(plain) or _WORDS.get(normal(rest))
    if kind == "working":
        return When(frozenset(range(5)), at=at)
    if kind == "weekly":
        return When(frozenset({0}), at=at)
    if kind == "monthly":
        return When(day_of_month=1, at=at)
    words = plain.split()
    if words and all(word in _DAYS for word in words):
        return When(frozenset(_DAYS[word] for word in words), at=at)
    number = _DAY_OF_MONTH.match(plain.replace(" month", "").replace(" monats", "").strip())
    if number and 1 <= int(number[1]) <= 31 and plain.replace(number[0], "").strip() in {"", "month", "monats", "st"}:
        return When(day_of_month=int(number[1]), at=at)
    return None


def _time_of(text: str) -> tuple[time, str]:
    """The time of day in a text, midnight where it names none, and the text without it."""
    found = _TIME.search(text)
    if not found:
        return time(), text
    hour, minute = int(found["hour"] or found["hours"]), int(found["minutes"] or 0)
    half = (found["half"] or found["end"] or found["mark"] or "").lower()
    hour += 12 if half == "pm" and hour < 12 else 0
    if hour > 23 or minute > 59:
        return time(), text
    return time(0 if half == "am" and hour == 12 else hour, minute), text[: found.start()] + text[found.end() :]
