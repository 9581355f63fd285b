"""What goes without where a tab lacks a column is said once, and nothing is added."""

from drawn_tables import grid, understood

from sheetcrm.schema.wanted import missing_columns


def test_each_wanted_column_that_a_tab_lacks_is_noted_beside_its_headers():
    tables = understood(grid("Leads", "Lead ID | Company | Status | Owner\nL-1 | Acme | New |")).tables
    notes = [(one.cell, one.message.split(":")[0], one.severity) for one in missing_columns(tables)]
    assert notes == [
        ("E1", "There is no column Next Step Due", "note"),
        ("E1", "There is no column Duplicate Of", "note"),
        ("E1", "There is no column Last Reminder", "note"),
    ]
