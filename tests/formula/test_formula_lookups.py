"""Lookups and criteria, by index and by Excel's own rules."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.formula import CellError, evaluate
from sheetcrm.formula.wildcards import is_like

TODAY = date(2026, 1, 15)
CELLS = {
    "T[c]": ["apple", "Apple pie", None, "", 5, "5", True, "TRUE", CellError("#N/A"), date(2020, 1, 1), "a*b", 0],
    "T[n]": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048],
}


@pytest.mark.parametrize(
    ("criterion", "places"),
    [
        ('"apple"', 1),
        ('"APPLE*"', 1 + 2),
        ('"=apple"', 1),
        ('"<>apple"', 4095 - 1),
        ('"*"', 1 + 2 + 8 + 32 + 128 + 1024),
        ('"?"', 32),
        ('"a~*b"', 1024),
        ('"a*b"', 1024),
        ("5", 16 + 32),
        ('"5"', 16 + 32),
        ('">4"', 16 + 512),
        ('"<=5"', 16 + 2048),
        ("0", 2048),
        ("[blank]", 2048),
        ('""', 4 + 8),
        ('"="', 4),
        ('"<>"', 4095 - 4),
        ("TRUE", 64),
        ('"TRUE"', 64),
        ("NA()", 256),
        ('"#N/A"', 256),
        ("DATE(2020,1,1)", 512),
        ('"1/1/2020"', 512),
        ('">=2020-01-01"', 512),
        ('">b"', 128),
        ('"<b"', 1 + 2 + 8 + 32 + 1024),
        ('"<>*"', 4 + 16 + 64 + 256 + 512 + 2048),
    ],
)
def test_a_criterion_finds_the_cells_that_excel_finds(criterion: str, places: int) -> None:
    cells = CELLS | {"blank": [None]}
    assert evaluate(f"SUMIF(T[c],{criterion},T[n])", cells, TODAY) == [float(places)]
    assert evaluate(f"COUNTIF(T[c],{criterion})", cells, TODAY) == [float(places.bit_count())]
    assert evaluate(f'SUMIFS(T[n],T[c],{criterion},T[n],">0")', cells, TODAY) == [float(places)]


KEYS = ["a", "A", "b", "c*", None, 1, "1", True, "x"]
ACTIVITIES = {
    "T[key]": ["a", "b", "A", None, 1, "1", True, "c*", "cc", "a"],
    "T[kind]": ["Call", "Mail", "call", "Call", "Call", "Call", "Call", "Call", "Call", 7],
    "T[n]": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
}


def test_criteria_with_a_key_per_row_give_what_each_row_gives_alone() -> None:
    together = {"key": KEYS, **ACTIVITIES}
    for formula in (
        "COUNTIF(T[key],[key])",
        'COUNTIFS(T[key],[key],T[kind],"call")',
        'SUMIFS(T[n],T[key],[key],T[kind],"Call")',
        'MAXIFS(T[n],T[key],[key],T[n],">1")',
        'COUNTIFS(T[key],[key]&"*",T[kind],"<>Mail")',
        "SUMPRODUCT((T[key]=[key])*T[n])",
    ):
        alone = [evaluate(formula, {"key": [key], **ACTIVITIES}, TODAY)[0] for key in KEYS]
        assert evaluate(formula, together, TODAY) == alone, formula
    assert evaluate('SUMIFS(T[n],T[key],[key],T[kind],"Call")', together, TODAY)[:4] == [5.0, 5.0, 0.0, 384.0]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("VLOOKUP([k],T[[key]:[n]],3,FALSE)", [1.0, CellError("#N/A"), 2.0]),
        ("XLOOKUP([k],T[key],T[n])", [1.0, CellError("#N/A"), 2.0]),
        ('XLOOKUP([k],T[key],T[n],"none")', [1.0, "none", 2.0]),
        ("XLOOKUP([k],T[key],T[n],0,0,-1)", [512.0, 0.0, 2.0]),
        ("INDEX(T[n],MATCH([k],T[key],0))", [1.0, CellError("#N/A"), 2.0]),
        ("XMATCH([k],T[key])", [1.0, CellError("#N/A"), 2.0]),
        ("SUM(XLOOKUP([k],T[key],T[[n]:[n]],0))", [1.0, 0.0, 2.0]),
    ],
)
def test_lookups_find_the_row_of_a_key(formula: str, expected: list[object]) -> None:
    assert evaluate(formula, {"k": ["A", "zz", "b"], **ACTIVITIES}, TODAY) == expected


@pytest.mark.parametrize(
    ("value", "cells", "place"),
    [
        (3, [1, 2, 4, 8], 2),
        (0, [1, 2], "#N/A"),
        (9, [1, 2], 2),
        (2, [2, 2, 2, 3], 3),
        (5, [1, 9, 2, 8, 3, 7], 5),
        (4, [5, 4, 3, 2, 1], 5),
        ("m", ["a", "k", "z"], 2),
        (2, [1, "x", 2, "y", 3], 3),
        (2, ["x", "y"], "#N/A"),
    ],
)
def test_an_approximate_match_ends_where_excels_halving_ends(value: object, cells: list[object], place: object) -> None:
    expected = float(place) if isinstance(place, int) else CellError(str(place))
    assert evaluate("MATCH([v],T[a],1)", {"v": [value], "T[a]": cells}, TODAY) == [expected]


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=30), st.integers(-25, 25))
def test_an_approximate_match_on_sorted_numbers_finds_the_last_not_larger(numbers: list[int], value: int) -> None:
    numbers.sort()
    expected = [i for i, one in enumerate(numbers, 1) if one <= value]
    (place,) = evaluate("IFERROR(MATCH([v],T[a]),0)", {"v": [value], "T[a]": numbers}, TODAY)
    assert place == (expected[-1] if expected else 0)
    # Mixed with a text at the end the slow way is taken, with the same result.
    (slow,) = evaluate("IFERROR(MATCH([v],T[a]),0)", {"v": [value], "T[a]": [*numbers, "x"]}, TODAY)
    assert slow == place


def naive(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "~" and pattern[1:2] in {"*", "?", "~"} and pattern[1:2]:
        return text[:1] == pattern[1] and naive(text[1:], pattern[2:])
    if pattern[0] == "*":
        return naive(text, pattern[1:]) or (bool(text) and naive(text[1:], pattern))
    return bool(text) and (pattern[0] in {"?", text[0]}) and naive(text[1:], pattern[1:])


@given(st.text("ab*?~", max_size=10), st.text("ab*?~", max_size=8))
def test_wildcards_match_what_a_simple_matcher_matches(text: str, pattern: str) -> None:
    assert is_like(text, pattern) is naive(text, pattern)


@given(st.lists(st.sampled_from(["a", "B", 1, 2.5, True, None, "1", ""]), max_size=12), st.sampled_from(
    ["a", "b", "1", "", "<>a", ">1", "*", "<>", "TRUE", "<=2.5", "="]))  # fmt: skip
def test_an_index_finds_what_looking_at_each_cell_finds(cells: list[object], criterion: str) -> None:
    (found,) = evaluate("COUNTIF(T[a],[c])", {"c": [criterion], "T[a]": cells}, TODAY)
    alone = [evaluate("COUNTIF(T[a],[c])", {"c": [criterion], "T[a]": [cell]}, TODAY)[0] for cell in cells]
    assert found == sum(alone)


def test_a_reference_is_followed_blank_to_blank_and_missing_to_not_available() -> None:
    cells = {
        "Account": ["ACME", None, "gone"],
        "Accounts[Company]": ["Bolt", "Acme"],
        "Accounts[Owner]": ["Dan", "Eve"],
        "Team[Name]": ["Eve", "Dan"],
        "Team[Mail]": ["eve@x.example", "dan@x.example"],
    }
    references = {"Account": "Accounts[Company]", "Accounts[Owner]": "Team[Name]"}
    assert evaluate("[Account].[Owner].[Mail]", cells, TODAY, references=references) == [
        "eve@x.example",
        0.0,
        CellError("#N/A"),
    ]
    assert evaluate("ISBLANK([Account].[Owner])", cells, TODAY, references=references) == [False, True, False]
