"""Sentences in the reader's language, singular and plural right: English, German; others read English."""

from __future__ import annotations

from collections.abc import Sequence

_NUMBERS = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "de": ("keine", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
}


def language_of(locale: str) -> str:
    """The language of our words for a locale: `de` for German ones, else `en`."""
    return "de" if locale.replace("-", "_").split("_")[0].lower() == "de" else "en"


def say_verdict(won: int, amounts: Sequence[str], late: int, largest: str, locale: str) -> str:
    """Two short sentences: what was won this month, and what is late.

    `amounts` holds the sums won as text, one per currency; `largest` names the largest late lead, empty where amounts
    cannot tell.
    """
    if language_of(locale) == "de":
        return f"{_won_de(won, amounts)} {_late_de(late, largest)}"
    return f"{_won_en(won, amounts)} {_late_en(late, largest)}"


def say_why(days_overdue: int, days_idle: int, next_step: str, locale: str) -> str:
    """Why a lead needs somebody: `6 days overdue: call back`, or `no contact for 34 days`."""
    german = language_of(locale) == "de"
    if days_overdue > 0:
        unit = ("Tag" if days_overdue == 1 else "Tage") if german else ("day" if days_overdue == 1 else "days")
        late = f"{days_overdue} {unit} überfällig" if german else f"{days_overdue} {unit} overdue"
        return f"{late}: {next_step}" if next_step else late
    if german:
        return f"seit {days_idle} {'Tag' if days_idle == 1 else 'Tagen'} kein Kontakt"
    return f"no contact for {days_idle} {'day' if days_idle == 1 else 'days'}"


def say_nobody(locale: str) -> str:
    """What stands for a blank owner."""
    return "niemand" if language_of(locale) == "de" else "nobody"


def _number(count: int, locale: str) -> str:
    words = _NUMBERS[locale]
    return words[count] if count < len(words) else str(count)


def _joined(amounts: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(amounts[:-1]), amounts[-1]]))


def _won_en(won: int, amounts: Sequence[str]) -> str:
    if not won:
        return "Nothing won yet this month."
    if amounts:
        return f"You won {_joined(amounts, 'and')} this month."
    return f"You won {_number(won, 'en')} {'deal' if won == 1 else 'deals'} this month."


def _won_de(won: int, amounts: Sequence[str]) -> str:
    if not won:
        return "Diesen Monat ist noch nichts gewonnen."
    if amounts:
        return f"Diesen Monat sind {_joined(amounts, 'und')} gewonnen."
    if won == 1:
        return "Diesen Monat ist ein Auftrag gewonnen."
    return f"Diesen Monat sind {_number(won, 'de')} Aufträge gewonnen."


def _late_en(late: int, largest: str) -> str:
    if not late:
        return "No follow-up is late."
    if late == 1:
        return f"One follow-up is late: {largest}." if largest else "One follow-up is late."
    said = f"{_number(late, 'en').capitalize()} follow-ups are late"
    return f"{said}; {largest} is the largest." if largest else f"{said}."


def _late_de(late: int, largest: str) -> str:
    if not late:
        return "Keine Wiedervorlage ist überfällig."
    if late == 1:
        return f"Eine Wiedervorlage ist überfällig: {largest}." if largest else "Eine Wiedervorlage ist überfällig."
    said = f"{_number(late, 'de').capitalize()} Wiedervorlagen sind überfällig"
    return f"{said}; {largest} ist die größte." if largest else f"{said}."
