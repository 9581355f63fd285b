"""What a person is told about a cell that could not be read: code, address, words, way out."""
# ruff: noqa: E501 -- one case a line

import pytest
from drawn_tables import grid, shown_issues, understood

HEADERS = "Company|Status|E-Mail|Phone|Amount|Probability|Next due|Do not contact"
FIELDS = ("company", "status", "email", "phone", "amount", "probability", "next_due", "do_not_contact")


def issues_of(field, text, **schema):
    cells = ["Acme" if one == "company" else text if one == field else "" for one in FIELDS]
    return understood(grid("Leads", f"{HEADERS}\n{'|'.join(cells)}"), **schema).issues


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("email", "ann@", 'C2 email_broken: E-Mail: "ann@" is no e-mail address > Correct the address, as in name@company.com'),
        ("email", "a@b.io, c@d.io", 'C2 several_emails: E-Mail: "a@b.io, c@d.io" holds several addresses > Keep one address here, the others in Notes'),
        ("email", "n/a", 'C2 placeholder: E-Mail: "n/a" stands for nothing known > Leave the cell blank where nothing is known'),
        ("phone", "12", 'D2 phone_unreadable: Phone: "12" is no phone number > Type it with country code, as in +44 20 7946 0018'),
        ("phone", "-", 'D2 placeholder: Phone: "-" stands for nothing known > Leave the cell blank where nothing is known'),
        ("amount", "12k", 'E2 not_a_number: Amount: "12k" is not one clear number > Type one number, as in 1200.50'),
        ("amount", "#DIV/0!", "E2 error_value: Amount: the formula gives #DIV/0! > Repair the formula or type the value"),
        ("probability", "high", 'F2 not_a_number: Probability: "high" is not one clear number > Type one number, as in 1200.50'),
        ("next_due", "2026-13-01", 'G2 date_impossible: Next due: "2026-13-01" is a day that does not exist > Type the date as 2026-03-31'),
        ("next_due", "03/04/2026", 'G2 date_ambiguous: Next due: "03/04/2026" could be day/month or month/day > Type the date as 2026-03-31'),
        ("next_due", "soon", 'G2 not_a_date: Next due: "soon" is not a date > Type the date as 2026-03-31'),
        ("next_due", "46083", 'G2 not_a_date: Next due: "46083" is a number without a date format > Type the date as 2026-03-31'),
        ("do_not_contact", "maybe", 'H2 not_yes_or_no: Do not contact: "maybe" is neither yes nor no > Type yes or no, or leave it blank'),
        ("status", "Negotation", 'B2 not_allowed: Status: "Negotation" is not one of the allowed values > Did you mean "Negotiation"?'),
        ("status", "qualifizirt", 'B2 not_allowed: Status: "qualifizirt" is not one of the allowed values > Did you mean "qualifiziert"?'),
        ("status", "zzz", 'B2 not_allowed: Status: "zzz" is not one of the allowed values > Use one of: New, Contacted, Qualified, Proposal, Negotiation, Won, Lost'),
    ],
)  # fmt: skip
def test_each_kind_says_what_is_wrong_and_the_way_out(field, text, shown):
    assert shown_issues(issues_of(field, text)) == [shown]


def test_the_example_of_a_number_speaks_the_locale():
    (issue,) = issues_of("amount", "12k", locale="de_DE")
    assert issue.remedy == "Type one number, as in 1200,50"


def test_an_issue_names_tab_key_field_and_raw_value():
    (issue,) = understood(grid("Leads", "Lead ID|Company|Status\nL-7|Acme|Nwe")).issues
    assert (issue.tab, issue.key, issue.field, issue.raw, issue.severity) == ("Leads", "L-7", "status", "Nwe", "error")


@pytest.mark.parametrize(("field", "text"), [("email", "n/a"), ("phone", "12")])
def test_what_hinders_nobody_is_a_warning_only(field, text):
    assert [one.severity for one in issues_of(field, text)] == ["warning"]


def test_blank_cells_and_names_that_look_blank_raise_no_issue():
    assert understood(grid("Leads", "Company|Contact|Status|E-Mail\nNone|NA||")).issues == ()


def test_the_number_and_the_error_of_the_same_look_are_told_apart():
    issues = understood(grid("Leads", "Company|Status|Next due\nA|New|#REF!\nB|New|'#REF!")).issues
    assert [one.code for one in issues] == ["error_value", "not_a_date"]
