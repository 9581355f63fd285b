"""Who leads and who sells, told by the Role in the Team tab: leaders read the summary, sales people take leads."""

from __future__ import annotations

from sheetcrm.schema.fields import normal
from sheetcrm.table import Person

_LEADERS = (
    *("owner", "manager", "boss", "ceo", "director", "chef", "inhaber", "leitung"),
    *("geschaftsfuhr", "geschaeftsfuehr", "vertriebsleit"),
)
_OFFICE = ("assist", "office")


def is_leader(person: Person) -> bool:
    """Whether the person's role begins as an owner's or manager's does."""
    return normal(person.role).startswith(_LEADERS)


def is_sales(person: Person) -> bool:
    """Whether a person takes leads where a rule names nobody: anyone but owners, managers and the office."""
    return not normal(person.role).startswith(_LEADERS + _OFFICE)
