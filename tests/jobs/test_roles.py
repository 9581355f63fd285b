"""Who leads reads the summary and takes no leads: one list tells both."""

from zoneinfo import ZoneInfo

import pytest

from sheetcrm.jobs.roles import is_leader, is_sales
from sheetcrm.table import Person


@pytest.mark.parametrize(
    ("role", "leads", "sells"),
    [
        ("Owner", True, False),
        ("Sales manager", False, True),
        ("Vertriebsleiter", True, False),
        ("Geschäftsführung", True, False),
        ("GESCHAEFTSFUEHRER", True, False),
        ("Assistenz", False, False),
        ("Sales", False, True),
        ("", False, True),
    ],
)
def test_a_role_tells_who_leads_and_who_sells(role, leads, sells):
    person = Person("Dan", "dan@x.example", ZoneInfo("UTC"), role)
    assert (is_leader(person), is_sales(person)) == (leads, sells)
