"""What reminders say, in English and German; another language of the workbook reads the English words."""

from __future__ import annotations

ENGLISH = {
    "overdue": "Next step overdue",
    "idle": "Nothing happened for a while",
    "new": "New, not contacted yet",
    "date": "Coming up",
    "escalated": "Overdue for long",
    "overdue_what": "{step} was due {due}, {days} working days ago",
    "overdue_today": "{step} was due {due}",
    "no_step": "Next step",
    "idle_what": "No contact for {days} working days, since {due}",
    "new_what": "Came in on {due} and has not been contacted",
    "date_what": "{field} on {due}, in {days} days",
    "date_today": "{field} is today",
    "opt_out": "If you do not want to hear from us again, answer with the word: unsubscribe",
}
GERMAN = {
    "overdue": "Nächster Schritt überfällig",
    "idle": "Länger nichts passiert",
    "new": "Neu, noch nicht kontaktiert",
    "date": "Steht bevor",
    "escalated": "Seit langem überfällig",
    "overdue_what": "{step} war fällig am {due}, vor {days} Arbeitstagen",
    "overdue_today": "{step} war fällig am {due}",
    "no_step": "Nächster Schritt",
    "idle_what": "Kein Kontakt seit {days} Arbeitstagen, zuletzt am {due}",
    "new_what": "Eingegangen am {due}, noch nicht kontaktiert",
    "date_what": "{field} am {due}, in {days} Tagen",
    "date_today": "{field} ist heute",
    "opt_out": "Wenn Sie nichts mehr von uns hören möchten, antworten Sie mit dem Wort: abmelden",
}


def phrases(locale: str) -> dict[str, str]:
    """The phrases for a locale."""
    return GERMAN if locale.startswith("de") else ENGLISH
