"""Whatever a cell holds, reading it gives a value, blank or Invalid, and never an exception."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sheetcrm.plan import CellChange, Message, Plan, Report, RowAppend, Skip, TabReplace, from_json, to_json
from sheetcrm.schema.contacts import country_code, domain_of, parse_phone
from sheetcrm.schema.dates import parse_date
from sheetcrm.schema.fields import KINDS, FieldSpec, built_in_tables, normal
from sheetcrm.schema.kinds import Reading, read_column, reader_for
from sheetcrm.schema.layout import layout_of
from sheetcrm.schema.numbers import Money, parse_money, read_number
from sheetcrm.schema.parse import Schema, understand
from sheetcrm.schema.value_issues import describe
from sheetcrm.tab import CellFormat, Styled, TabContent
from sheetcrm.table import CellError, Grid, Invalid, Issue, Pair, RowRef, TableRange

# The own folder that every test gets is only made once for all examples; none of them touches it.
ONCE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

HUMAN = st.sampled_from(
    ["n/a", "12k", "5-6k", "1.234,50 €", "03/04/2026", "2026-13-01", "31.2.26", "+49 (0)89 1", "²", "a@b", "٣/٤/٢٠٢٦"]
) | st.text("0123456789.,-/+€$ ()'@kKaeMar\u00a0\u2212²٣", max_size=25)
TEXTS = HUMAN | st.text(max_size=30)
DATES = st.dates(date(1899, 12, 30)) | st.datetimes(datetime(1900, 1, 1)) | st.times() | st.timedeltas()
NUMBERS = st.floats() | st.integers(-(10**18), 10**18) | st.booleans()
RAWS = st.none() | TEXTS | NUMBERS | DATES | st.builds(CellError, st.sampled_from(["#N/A", "#DIV/0!"]))
LOCALES = st.sampled_from(["en", "en_US", "en_GB", "de_DE", "de_CH", "fr_FR"])
ALLOWED = {"money": Money, "number": float, "percent": float, "yes/no": bool, "tags": tuple}
ALLOWED |= {"date": date, "datetime": datetime}


@ONCE
@given(st.sampled_from(KINDS), st.lists(RAWS, max_size=6), LOCALES, st.sampled_from(["", "GB", "DE", "HU", "US"]))
def test_every_kind_reads_every_column(kind, raws, locale, region):
    spec, reading = FieldSpec("status" if kind == "choice" else "x", kind), Reading(locale, region)
    values = read_column(raws, reader_for(spec, raws, reading))
    assert len(values) == len(raws)
    for raw, value in zip(raws, values, strict=True):
        if isinstance(value, Invalid):
            assert value.raw is raw or (type(value.raw), value.raw) == (type(raw), raw)
            assert all(describe(raw, spec, reading))
        else:
            assert value is None or type(value) is ALLOWED.get(kind, str)
        if raw is None:
            assert value is None


@ONCE
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), LOCALES, st.booleans())
def test_a_date_is_read_back_from_every_clear_spelling(day, locale, is_day_first):
    spellings = [
        day.isoformat(),
        f"{day.day}.{day.month}.{day.year}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%d %B %Y}",
        f"{day:%B %d, %Y}",
        f"{day:%d/%m/%Y}" if is_day_first else f"{day:%m/%d/%Y}",
    ]
    assert {parse_date(one, is_day_first=is_day_first, locale=locale) for one in spellings} == {day}


@ONCE
@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([".", ","]))
@example(Decimal("-0.50"), ",")
def test_money_is_read_back_from_its_locale_s_spelling(amount, mark):
    other = "," if mark == "." else "."
    text = f"{amount:,.2f}".translate(str.maketrans({".": mark, ",": other}))
    assert parse_money(text, mark, "") == parse_money(f"{text} EUR", mark, "")._replace(currency="") == (amount, "")


@ONCE
@given(st.text("0123456789.,' ", max_size=15), st.sampled_from([".", ","]))
def test_a_number_keeps_its_digits_whatever_the_marks(text, mark):
    number = read_number(text, mark)
    if number is not None:
        digits = "".join(filter(str.isdigit, text))
        assert format(number, "f").replace(".", "").lstrip("0") == digits.lstrip("0")


@ONCE
@given(
    st.sampled_from(["+49", "+43", "+44", "+33", "+41", "+31", "+353", "0", ""]),
    st.text("0123456789 /.-", min_size=3, max_size=14),
    st.sampled_from(["DE", "AT", "CH", "GB", "FR", "NL", "HU", "US", "IT", ""]),
)
def test_the_short_cut_for_plain_phone_numbers_gives_what_the_library_gives(prefix, digits, region):
    from sheetcrm.schema import contacts  # the short cut is private, and worth a look for that very reason

    quick = contacts._plain_e164(prefix + digits, region)  # noqa: SLF001
    assert quick is None or quick == contacts._e164(prefix + digits, region)  # noqa: SLF001


@ONCE
@given(TEXTS)
def test_what_is_compared_stays_the_same_when_compared_again(text):
    assert normal(normal(text)) == normal(text)
    assert isinstance(country_code(text) + domain_of(text), str)
    number = parse_phone(text, "GB")
    assert isinstance(number, Invalid) or parse_phone(number, "GB") == number


HEADERS = sorted({alias for spec in built_in_tables() for one in spec.fields for alias in one.aliases[:3]})


@st.composite
def grids(draw, tab):
    width = draw(st.integers(1, 6))
    header = draw(st.lists(st.sampled_from(HEADERS) | RAWS, min_size=width, max_size=width))
    above = draw(st.lists(st.lists(RAWS, max_size=width), max_size=2))
    rows = draw(st.lists(st.lists(RAWS, max_size=width), max_size=5))
    places = st.tuples(st.integers(0, 9), st.integers(0, 7))
    ranges = st.builds(TableRange, st.just("T"), *[st.integers(0, 8)] * 4, st.booleans())
    return Grid(
        tab,
        [*above, header, *rows],
        draw(st.integers(0, 2)),
        draw(st.integers(0, 2)),
        draw(st.frozensets(places, max_size=4)),
        tuple(draw(st.lists(ranges, max_size=1))),
        draw(st.booleans()),
    )


@ONCE
@given(st.tuples(*map(grids, ("Leads", "Accounts", "Activities", "Team", "Sheet1"))), st.data())
def test_every_workbook_is_understood_and_read_alike_with_its_own_layout(tabs, data):
    chosen = [tab for tab in tabs if data.draw(st.booleans())]
    first = understand(chosen, Schema())
    again = understand(chosen, Schema(), layout_of(first.tables))
    assert repr(again.tables) == repr(first.tables)
    for table in first.tables.values():
        assert len({column.index for column in table.columns.values()}) == len(table.columns)
        assert all(len(values) == len(table.numbers) == len(table.refs) for values in table.values.values())


@ONCE
@given(st.tuples(*map(grids, ("Leads", "Team"))))
def test_understanding_leaves_the_tabs_as_they_were(tabs):
    before = repr(tabs)
    understand(tabs, Schema())
    assert repr(tabs) == before


WORDS = st.text(max_size=8)
FINITE = (
    st.none() | TEXTS | st.floats(allow_nan=False) | st.integers() | st.booleans() | DATES | st.builds(CellError, WORDS)
)
CONTEXT = st.dictionaries(WORDS, st.none() | WORDS | st.integers() | st.lists(WORDS), max_size=2)
CHANGES = st.builds(CellChange, st.builds(RowRef, *[WORDS] * 3), *[WORDS] * 3, FINITE, FINITE, *[WORDS] * 6)
FORMATS = st.builds(CellFormat, WORDS, st.booleans(), st.booleans(), st.booleans(), st.booleans(), WORDS)
CELLS = FINITE | st.builds(Styled, FINITE, FORMATS, WORDS)
CONTENTS = st.builds(
    TabContent,
    st.lists(st.lists(CELLS, max_size=2).map(tuple), max_size=2).map(tuple),
    st.dictionaries(st.integers(0, 9), st.floats(1, 80), max_size=2),
    st.integers(0, 2),
)


def several(kind, *parts):
    """Return tuples of such values, at most three long."""
    return st.lists(st.builds(kind, *parts), max_size=3).map(tuple)


PLANS = st.builds(
    Plan,
    changes=st.lists(CHANGES, max_size=3).map(tuple),
    appends=several(RowAppend, *[WORDS] * 3, st.dictionaries(WORDS, FINITE, max_size=2), *[WORDS] * 3),
    messages=several(Message, *[WORDS] * 3, CONTEXT, *[WORDS] * 2, st.lists(WORDS).map(tuple)),
    reports=several(Report, *[WORDS] * 3, CONTEXT, *[WORDS] * 3),
    tabs=several(TabReplace, WORDS, st.none() | CONTENTS, *[WORDS] * 2),
    review=several(Pair, *[WORDS] * 3, st.floats(0, 1), *[WORDS] * 2),
    issues=several(Issue, *[WORDS] * 9),
    skipped=several(Skip, *[WORDS] * 3),
    remember=st.dictionaries(WORDS, WORDS, max_size=2),
)


@settings(parent=ONCE, max_examples=40)
@given(PLANS)
def test_a_plan_comes_back_from_its_json_as_it_was(plan):
    again = from_json(to_json(plan))
    assert again == plan
    assert [type(one.old) for one in again.changes] == [type(one.old) for one in plan.changes]
    assert to_json(again) == to_json(plan)


@pytest.mark.parametrize("raw", [time(10, 30), timedelta(days=400, microseconds=1), float("inf"), 7e30, True, 1, 1.0])
def test_every_kind_of_cell_survives_the_plan_s_json(raw):
    change = CellChange(RowRef("Leads", "L-1"), "Leads", "x", "X", raw, None, "", "")
    (again,) = from_json(to_json(Plan(changes=(change,)))).changes
    assert (again, type(again.old)) == (change, type(raw))
    assert again == replace(change)
