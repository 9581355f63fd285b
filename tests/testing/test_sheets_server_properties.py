"""What holds for any input: texts come back, references follow, masks only leave out, ranges read back as written."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.clock import FixedClock
from sheetcrm.testing.sheets_server.entering import entered
from sheetcrm.testing.sheets_server.fields import masked, parse_mask
from sheetcrm.testing.sheets_server.model import Formula
from sheetcrm.testing.sheets_server.places import Area, quoted, shown_range
from sheetcrm.testing.sheets_server.references import moved, shifted, shifted_span
from sheetcrm.testing.sheets_server.showing import shown
from sheetcrm.testing.sheets_server.store import Store

SPAN = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair)))
LOCALES = st.sampled_from(["en_US", "en_GB", "de_DE", "fr_FR", "pl_PL", "ja_JP"])
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(SPAN, st.integers(0, 80), st.integers(1, 9))
def test_what_was_inserted_and_deleted_again_leaves_every_span_as_it_was(span, at, count) -> None:
    there = shifted_span(*span, at, count)
    assert there is not None
    assert shifted_span(*there, at, -count) == span


@given(st.integers(0, 300), st.integers(0, 30), st.integers(0, 400), st.integers(1, 9))
def test_references_follow_what_was_inserted_and_come_back(row, column, at, count) -> None:
    block, cell = Area(row, column, row + 3, column + 2), Area(row, column, row + 1, column + 1)
    formula = f'=SUM({shown_range("T", block)})&"A1"+{shown_range("T", cell)}'

    def is_ours(title):
        return title == "T"

    for dimension in ("ROWS", "COLUMNS"):
        there = shifted(formula, is_ours, dimension, at, count)
        assert shifted(there, is_ours, dimension, at, -count) == formula
        assert shifted(formula, lambda _title: False, dimension, at, count) == formula


@given(st.integers(0, 99), st.integers(0, 30), st.integers(0, 9), st.integers(0, 9))
def test_a_formula_copied_there_and_back_is_the_same(row, column, rows, columns) -> None:
    formula = f"={shown_range('T', Area(row, column, row + 2, column + 3))}*$C$4+A:B+$7:8"
    assert moved(moved(formula, rows, columns), -rows, -columns) == formula


@given(NAMES, st.integers(0, 900), st.integers(0, 20), st.integers(1, 50), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_every_range_reads_back_whatever_the_tab_is_called(title, top, left, height, width) -> None:
    dice = Random(0)  # noqa: S311 -- ids of a test server
    book = Store(FixedClock(), dice).create({"sheets": [{"properties": {"title": title}}]})
    sheet, plain, is_cell = parse_range(shown_range(title, Area(top, left, top + height, left + width)), book)
    assert (sheet.title, sheet.clipped(plain)) == (title, sheet.clipped(plain))
    assert sheet.clipped(plain).top == top
    assert is_cell == (height * width == 1)
    assert quoted(title)


@given(st.text(max_size=60), LOCALES)
def test_any_typed_text_means_something_and_can_be_shown(text, locale) -> None:
    found = entered(text, locale, date(2026, 3, 2))
    if isinstance(found.value, Formula):
        assert text.startswith("=")
        return
    number_format = {"type": found.format[0], "pattern": found.format[1]} if found.format else None
    again = shown(found.value, number_format, locale)
    assert isinstance(again, str)
    if isinstance(found.value, str):
        assert found.value in text


@given(st.floats(-1e14, 1e14), st.sampled_from(["en_US", "de_DE"]))
def test_a_plain_number_typed_as_it_is_shown_is_about_the_same_number(value, locale) -> None:
    typed = entered(shown(value, None, locale), locale, date(2026, 3, 2)).value
    assert isinstance(typed, float)
    assert abs(typed - value) <= max(abs(value) * 1e-4, 1e-9)


TREES = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3) | st.lists(inner, max_size=2),
)


@given(TREES, st.lists(st.sampled_from(["a", "b.c", "a(b,c.d)", "d/a"]), min_size=1, max_size=3))
def test_a_mask_only_leaves_out(tree, paths) -> None:
    def is_part(small, large):
        if isinstance(small, dict) and isinstance(large, dict):
            return all(name in large and is_part(one, large[name]) for name, one in small.items())
        if isinstance(small, list) and isinstance(large, list):
            return len(small) == len(large) and all(map(is_part, small, large))
        return small == large

    mask = parse_mask(",".join(paths))
    assert is_part(masked(mask, tree), tree)
    assert masked(mask, masked(mask, tree)) == masked(mask, tree)
