"""How the cells of each kind of column become values; what could be read in two ways is refused."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from drawn_tables import grid, leads, understood

from sheetcrm.schema.fields import BLANKS, FieldSpec, StageNames, built_in_stages
from sheetcrm.schema.kinds import Reading, read_column, reader_for
from sheetcrm.schema.numbers import Money, parse_money
from sheetcrm.schema.people import People
from sheetcrm.table import CellError, Grid, Invalid, Person, show_raw

BAD = "!"


def read(kind, raws, field="x", choices=(), **reading):
    """The values of a column, `!` where a cell is Invalid."""
    values = read_column(raws, reader_for(FieldSpec(field, kind, choices=choices), raws, Reading(**reading)))
    return [BAD if isinstance(value, Invalid) else value for value in values]


@pytest.mark.parametrize("kind", ["text", "name", "company", "key", "person", "reference"])
def test_names_that_look_like_nothing_stay_what_they_are(kind):
    texts = ["None", "NA", "null", "nan", "TRUE", "007", "=HYPERLINK(1)", "0x1F", "1e5"]
    assert read(kind, texts) == texts


def test_numbers_in_columns_of_text_are_read_aloud_not_converted():
    assert read("text", [7.0, 7e30, 36201234567.0, 1.5, True]) == ["7", "7e+30", "36201234567", "1.5", "TRUE"]


def test_a_cell_is_read_alike_whatever_stands_above_it():
    for raws in ([10**17, 1e17], [1e17, 10**17], [True, 1], [1, True], ["1", 1, True, 1.0]):
        for kind in ("text", "number", "money", "percent", "yes/no"):
            alone = [read(kind, [raw])[0] for raw in raws]
            assert [(type(one), one) for one in read(kind, raws)] == [(type(one), one) for one in alone]
    assert [str(one) for one in read("number", [-0.0, 0.0])] == ["0.0", "0.0"]


@pytest.mark.parametrize("kind", ["text", "email", "phone", "money", "date", "yes/no", "choice", "person", "tags"])
def test_a_cell_of_spaces_that_nobody_sees_is_blank(kind):
    assert read(kind, [None, "", " ", "\u00a0", "\u200b", "\t\u202f\n", "\ufeff"]) == [None] * 7


def test_trailing_and_non_breaking_blanks_do_not_count():
    assert read("name", ["Ann \u00a0", "\u200bAnn", "Ann"]) == ["Ann"] * 3
    assert read("choice", ["new\u00a0", " NEW "], "status") == ["New", "New"]
    assert read("email", ["ann@acme.io\u00a0"]) == ["ann@acme.io"]
    assert read("date", ["2026-03-02 \u00a0"]) == [date(2026, 3, 2)]


@pytest.mark.parametrize("kind", ["text", "name", "email", "phone", "number", "date", "choice", "person", "key", "url"])
def test_an_error_value_is_invalid_in_every_kind(kind):
    assert read(kind, [CellError("#DIV/0!")]) == [BAD]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-02", date(2026, 3, 2)),
        ("2026-3-2", date(2026, 3, 2)),
        ("2026/03/02", date(2026, 3, 2)),
        ("2026-03-02T10:30:00", date(2026, 3, 2)),
        ("2026-03-02T10:30:00.123Z", date(2026, 3, 2)),
        ("2026-03-02 10:30:00+01:00", date(2026, 3, 2)),
        ("2.3.2026", date(2026, 3, 2)),
        ("02. 03. 2026", date(2026, 3, 2)),
        ("02.03.26", date(2026, 3, 2)),
        ("02.03.1985", date(1985, 3, 2)),
        ("02.03.85", date(1985, 3, 2)),
        ("2 March 2026", date(2026, 3, 2)),
        ("2nd Mar 2026", date(2026, 3, 2)),
        ("March 2, 2026", date(2026, 3, 2)),
        ("2. März 2026", date(2026, 3, 2)),
        ("02-Mar-26", date(2026, 3, 2)),
        ("31/3/2026", date(2026, 3, 31)),
        ("3/31/2026", date(2026, 3, 31)),
        ("3/3/2026", date(2026, 3, 3)),
        (datetime(2026, 3, 2, 10), date(2026, 3, 2)),
        ("2026-13-01", BAD),
        ("2026-02-30", BAD),
        ("2026-3", BAD),
        ("20261105", BAD),
        ("31.4.2026", BAD),
        ("3/4/26", BAD),
        ("03/04/2026", BAD),
        ("0026-03-02", BAD),
        ("tomorrow", BAD),
        ("March", BAD),
        ("Q2 2026", BAD),
        ("12", BAD),
        (46083.0, BAD),
        (True, BAD),
    ],
)
def test_a_date_is_read_in_one_way_or_refused(text, value):
    assert read("date", [text]) == [value]


@pytest.mark.parametrize(
    ("locale", "column", "values"),
    [
        ("en", ["03/04/2026", "25/04/2026"], ["2026-04-03", "2026-04-25"]),
        ("en", ["03/04/2026", "04/25/2026"], ["2026-03-04", "2026-04-25"]),
        ("en", ["03/04/2026", "25/04/2026", "04/25/2026"], [BAD, "2026-04-25", "2026-04-25"]),
        ("en", ["03/04/2026", "2026-04-25"], [BAD, "2026-04-25"]),
        ("en_US", ["03/04/2026"], ["2026-03-04"]),
        ("en_GB", ["03/04/2026"], ["2026-04-03"]),
        ("de_DE", ["03/04/2026", "03-04-2026"], ["2026-04-03", "2026-04-03"]),
        ("en_US", ["03/04/2026", "25/04/2026"], ["2026-04-03", "2026-04-25"]),
    ],
)
def test_a_column_has_one_order_of_day_and_month(locale, column, values):
    assert [value if value == BAD else value.isoformat() for value in read("date", column, locale=locale)] == values


def test_a_date_time_keeps_its_time():
    column = [datetime(2026, 3, 2, 10, 30), "2026-03-02T10:30", "2.3.2026", "2026-13-02 10:30"]
    day = datetime(2026, 3, 2)
    assert read("datetime", column) == [day.replace(hour=10, minute=30)] * 2 + [day, BAD]


@pytest.mark.parametrize(
    ("locale", "text", "amount"),
    [
        ("en", "1,234.50", "1234.50"),
        ("en", "1.234,50", "1234.50"),
        ("en", "1,234", "1234"),
        ("en", "1,5", "1.5"),
        ("en", "1.234", None),
        ("en", "0.125", "0.125"),
        ("de_DE", "1.234", "1234"),
        ("de_DE", "1.234,50", "1234.50"),
        ("de_DE", "1,234", None),
        ("de_DE", "1.200,-", "1200"),
        ("de_CH", "1'234.50", "1234.50"),
        ("fr_FR", "12\u202f500,00", "12500.00"),
        ("fr_FR", "12 500", "12500"),
        ("en", "\u2212500", "-500"),
        ("en", "12k", None),
        ("en", "5-6k", None),
        ("en", "5-6", None),
        ("en", "1,23,456", None),
        ("en", "ca. 500", None),
        ("en", "500?", None),
        ("en", "1e5", None),
        ("en", "500 + 200", None),
    ],
)
def test_money_is_one_clear_number_or_refused(locale, text, amount):
    (value,) = read("money", [text], locale=locale)
    assert value == (BAD if amount is None else (Decimal(amount), ""))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("€ 1,200", "1200 EUR"),
        ("1,200 EUR", "1200 EUR"),
        ("$500", "500 USD"),
        ("500 chf", "500 CHF"),
        ("500 Euro", "500 EUR"),
        ("SEK 1200", "1200 SEK"),
        ("500 Ft", "500 HUF"),
        ("500", "500 GBP"),
        ("12 kg", BAD),
        ("500 all", BAD),
        ("TBD 100", BAD),
        ("EUR 500 USD", BAD),
        (0.1 + 0.2, "0.3 GBP"),
        (1e15, BAD),
        (float("nan"), BAD),
    ],
)
def test_the_currency_beside_an_amount_wins_over_the_default(text, shown):
    (value,) = read("money", [text], currency="GBP")
    assert str(value) == shown


def test_the_currency_comes_from_the_cell_its_own_column_or_the_header():
    table = leads("""
        Company | Status | Amount (EUR) | Currency
        Acme    | New    | 100          |
        Bolt    | New    | $ 100        |
        Cask    | New    | 100          | chf
        """)
    assert [str(value) for value in table.values["amount"]] == ["100 EUR", "100 USD", "100 CHF"]


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Betrag €", "EUR"),
        ("Value in USD", "USD"),
        ("Amount [SEK]", "SEK"),
        ("Amount", ""),
        ("AMOUNT", ""),
        ("MRR", ""),
    ],
)
def test_a_header_names_its_currency(header, currency):
    from sheetcrm.schema.numbers import header_currency  # beside the reading, as parse uses it

    assert header_currency(header) == currency


@pytest.mark.parametrize(
    ("column", "shares"),
    [
        ([0.25, 1.0, 0.0], [0.25, 1.0, 0.0]),
        ([25.0, 1.0, 100.0, 0.0], [0.25, 0.01, 1.0, 0.0]),
        ([25.0, 0.5], [0.25, BAD]),
        (["25", "50 %", "0.5"], [0.25, 0.5, BAD]),
        (["25%", "5 %"], [0.25, 0.05]),
        ([120.0, -1.0, "abc", True], [BAD, BAD, BAD, BAD]),
    ],
)
def test_a_column_of_shares_is_written_in_points_or_in_fractions(column, shares):
    assert read("percent", column) == shares


def test_numbers_are_read_in_the_locale():
    assert read("number", ["1,5", 2.0, "3", "x", True], locale="de_DE") == [1.5, 2.0, 3.0, BAD, BAD]


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("+49 89 123456", "", "+4989123456"),
        ("+49 (0)89 123456", "", "+4989123456"),
        ("+49 (089) 123456", "", "+4989123456"),
        ("0049 89 123456", "DE", "+4989123456"),
        ("089/123456", "DE", "+4989123456"),
        ("089/123456", "", "089123456"),
        (36201234567.0, "", "+36201234567"),
        (36201234567.0, "HU", "+36201234567"),
        (89123456.0, "DE", "+4989123456"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("20 7946 0018", "", "2079460018"),
        ("(212) 555-1234", "", "2125551234"),
        ("(212) 555-1234", "US", "+12125551234"),
        ("020 7946 0018 / 07700 900123", "GB", "+442079460018"),
        ("+44 20 7946 0018 or +44 7700 900123", "", "+442079460018"),
        ("Mobile: 07700 900123", "GB", "+447700900123"),
        ("123", "GB", BAD),
        ("n/a", "GB", BAD),
        ("call the office", "", BAD),
        (1.5, "GB", BAD),
        (True, "GB", BAD),
        ("+999 1", "", BAD),
    ],
)
def test_a_phone_number_has_one_form_and_no_guessed_country(raw, region, number):
    assert read("phone", [raw], region=region) == [number]


def test_the_country_beside_a_phone_number_places_it():
    table = leads("""
        Company | Status | Phone         | Country
        Acme    | New    | '089 123456   | Deutschland
        Bolt    | New    | 2079460018    | UK
        Cask    | New    | '089 123456   |
        """)
    assert table.values["phone"] == ["+4989123456", "+442079460018", "089123456"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ann.Lee@ACME.io", "Ann.Lee@acme.io"),
        ("jörg@müller.de", "jörg@müller.de"),
        ("o'neill@acme.ie", "o'neill@acme.ie"),
        ("ann@acme", BAD),
        ("ann@acme..io", BAD),
        ("ann.acme.io", BAD),
        ("ann @acme.io", BAD),
        (".ann@acme.io", BAD),
        ("ann@acme.io; bob@acme.io", BAD),
        ("Ann <ann@acme.io>", BAD),
        ("ann@acme.io,", BAD),
        (5.0, BAD),
    ],
)
def test_an_address_is_valid_as_it_stands_or_refused(text, value):
    assert read("email", [text]) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("www.acme.io", "https://www.acme.io"),
        ("http://acme.io/x?y=1", "http://acme.io/x?y=1"),
        ("www.müller.de", "https://www.müller.de"),
        ("acme", BAD),
        ("see acme.io", BAD),
        (4.0, BAD),
    ],
)
def test_a_web_address_needs_a_domain(text, value):
    assert read("url", [text]) == [value]


def test_yes_and_no_in_the_languages_of_the_house():
    yes, no = ["yes", "Y", "ja", "x", "WAHR", True, 1.0, "1"], ["no", "n", "Nein", False, 0.0]
    assert read("yes/no", yes) == [True] * len(yes)
    assert read("yes/no", no) == [False] * len(no)
    assert read("yes/no", ["maybe", "n/a", 2.0, "since March"]) == [BAD] * 4


def test_tags_are_parted_by_commas_or_else_semicolons():
    assert read("tags", ["a, b,,c ", "a, b; c", 5.0]) == [("a", "b", "c"), ("a, b", "c"), ("5",)]


def test_stages_are_known_by_their_words_in_both_languages():
    column = ["new", "CONTACTED", "Angebot", "Closed Won", "verloren", "in Verhandlung"]
    assert read("choice", column, "status") == ["New", "Contacted", "Proposal", "Won", "Lost", "Negotiation"]


def test_a_stage_that_the_sheet_uses_three_times_is_its_own():
    assert read("choice", ["On hold"] * 3 + ["Frozen"] * 2, "status") == ["On hold"] * 3 + [BAD] * 2


@pytest.mark.parametrize("word", ["n/a", "TBD", "-", "?", "unknown", "Contactd", "Negotiaton", "qualifizirt"])
def test_neither_placeholders_nor_misspellings_become_stages(word):
    assert read("choice", [word] * 5, "status") == [BAD] * 5


def test_the_own_stages_of_a_sheet_count_as_open():
    stages = understood(grid("Leads", "Company|Status\n" + "Acme|On hold\n" * 3)).stages
    assert stages.open == (*built_in_stages().open, "On hold")


def test_stages_from_the_settings_replace_the_built_in_ones():
    own = StageNames(("Erst", "Dann"), ("Ja",), ("Nein",), {"Dann": ("later",), "New": ("fresh",)})
    assert read("choice", ["erst", "LATER", "ja", "fresh"], "status", stages=own) == ["Erst", "Dann", "Ja", BAD]


def test_a_choice_of_the_settings_allows_its_values_only():
    assert read("choice", ["gold ", "Tin"], "tier", choices=("Gold", "Silver")) == ["Gold", BAD]


def test_a_person_is_the_team_member_that_the_cell_means_else_the_text():
    words = {"dan kent": "Dan Kent", "dan": "Dan Kent"}
    people = People((Person("Dan Kent", "", None),), words)
    assert read("person", ["DAN", "Kent, Sue"], people=people) == ["Dan Kent", "Kent, Sue"]


def test_first_and_last_name_make_the_name():
    table = leads("""
        First name | Last name | E-Mail | Status
        Ann        | Lee       | a@b.io | New
                   | Lee       |        | New
                   |           | c@d.io | New
        """)
    assert table.values["name"] == ["Ann Lee", "Lee", None]


def test_invalid_is_never_blank_and_never_writable():
    table = leads("""
        Lead ID | Company | Status | Owner | Next due | Amount
        L-1     | Acme    | Nwe    | #N/A  | soon     | 12k
        """)
    row = table.row(0)
    for field in ("status", "owner", "next_due", "amount"):
        assert isinstance(table.values[field][0], Invalid)
        assert row[field] is None
        assert row.text(field) == ""
        assert not table.is_writable(0, field)
    assert [show_raw(table.raws[field][0]) for field in ("status", "owner", "next_due")] == ["Nwe", "#N/A", "soon"]
    assert table.is_writable(0, "company")


def test_a_leading_zero_survives_where_the_sheet_kept_it():
    table = understood(Grid("Leads", [["Lead ID", "Company", "PLZ"], ["007", "Acme", "01067"]])).tables["Leads"]
    assert (table.key(0), table.values["postcode"]) == ("007", ["01067"])


def test_what_shows_nothing_is_known_in_full():
    assert {" ", "\u00a0", "\u200b", "\u3000", "\ufeff", "\n"} <= set(BLANKS)
    assert not any(one.isprintable() and not one.isspace() for one in BLANKS)


def test_an_amount_of_four_hundred_digits_is_a_slip_and_stops_no_report():
    assert parse_money("1" * 400, ".", "EUR") == Invalid("1" * 400)
    assert parse_money("999,999,999,999,999", ".", "EUR") == Money(Decimal(999_999_999_999_999), "EUR")
