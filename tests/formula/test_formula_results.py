"""Formulas with the results of Excel, one a line in excel_results.tsv; and what each type of cell does to them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from sheetcrm.formula import FUNCTIONS, CellError, FormulaError, evaluate

TODAY = date(2026, 1, 15)
LINES = (Path(__file__).parent / "excel_results.tsv").read_text("utf-8").splitlines()


def told(text: str) -> object:
    if text.startswith('"'):
        return text[1:-1]
    if text.startswith("#"):
        return CellError(text)
    return text == "TRUE" if text in {"TRUE", "FALSE"} else float(text)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition("\t")[0][:60])
def test_a_formula_gives_what_excel_gives(line: str) -> None:
    formula, _, result = line.partition("\t")
    expected = told(result)
    if isinstance(expected, float):
        expected = pytest.approx(expected, rel=1e-9, abs=1e-12)
    (value,) = evaluate(formula, {}, TODAY)
    assert value == expected
    assert isinstance(value, bool) is isinstance(expected, bool)


def test_most_functions_have_a_line() -> None:
    text = "\n".join(LINES)
    missing = [name for name in FUNCTIONS if f"{name}(" not in text]
    assert len(missing) < len(FUNCTIONS) * 0.42, missing


CELLS = {
    "blank": [None],
    "text": ["abc"],
    "digits": ["5"],
    "yes": [True],
    "day": [date(2020, 1, 1)],
    "moment": [datetime(2020, 1, 1, 12)],
    "error": [CellError("#N/A")],
    "T[n]": [1, "2", True, None, 4.5],
    "T[e]": [1, CellError("#DIV/0!"), 2, None, None],
}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("[blank]", 0.0),
        ("[blank]=0", True),
        ('[blank]=""', True),
        ("[blank]=FALSE", True),
        ("[blank]+1", 1.0),
        ('[blank]&"x"', "x"),
        ("ISBLANK([blank])", True),
        ("LEN([blank])", 0.0),
        ("[digits]+1", 6.0),
        ("[digits]>1000", True),
        ("SUM([digits],1)", 1.0),
        ('SUM("5",1)', 6.0),
        ("[yes]+1", 2.0),
        ("[yes]=1", False),
        ("SUM([yes],1)", 1.0),
        ("SUM(TRUE,1)", 2.0),
        ("[yes]>[text]", True),
        ("[text]>9999999", True),
        ("[text]=0", False),
        ("[text]+1", CellError("#VALUE!")),
        ("[day]", 43831.0),
        ("[moment]", 43831.5),
        ("[moment]-[day]", 0.5),
        ("[day]=DATE(2020,1,1)", True),
        ('[day]="1/1/2020"', False),
        ("YEAR([day])", 2020.0),
        ("[error]", CellError("#N/A")),
        ("[error]+1/0", CellError("#N/A")),
        ("1/0+[error]", CellError("#DIV/0!")),
        ("IFERROR([error],1)", 1.0),
        ("IF(FALSE,[error],1)", 1.0),
        ("AND([text],TRUE)", True),
        ("AND([text])", CellError("#VALUE!")),
        ("SUM(T[n])", 5.5),
        ("COUNT(T[n])", 2.0),
        ("COUNTA(T[n])", 4.0),
        ("COUNTBLANK(T[n])", 1.0),
        ("AVERAGEA(T[n])", 6.5 / 4),
        ("MAX(T[e])", CellError("#DIV/0!")),
        ("COUNT(T[e])", 2.0),
        ("AGGREGATE(9,6,T[e])", 3.0),
        ("SUBTOTAL(9,T[n])", 5.5),
        ("SUMPRODUCT(T[n]*1)", 8.5),
        ("SUM(T[n]*1)", 8.5),
        ("SUM(--(T[n]>1))", 3.0),
        ("ISREF(T[n])", True),
        ("TODAY()", 46037.0),
        ("SUM(FILTER(T[n],ISNUMBER(T[n])))", 5.5),
        ("ROWS(UNIQUE({1;1;2}))", 2.0),
        ('TEXTJOIN("-",TRUE,SORT({3;1;2}))', "1-2-3"),
        ("SUM(SEQUENCE(4))", 10.0),
    ],
)
def test_cells_count_as_excel_counts_them(formula: str, expected: object) -> None:
    (value,) = evaluate(formula, CELLS, TODAY)
    assert value == expected
    assert type(value) is type(expected)


def test_now_is_the_moment_of_the_run_and_today_its_day() -> None:
    assert evaluate("NOW()-TODAY()", {}, datetime(2026, 1, 15, 6)) == [0.25]


def test_only_the_last_sum_of_a_formula_is_rounded_to_nothing() -> None:
    assert evaluate("0.1+0.2-0.3", {}, TODAY) == [0.0]
    assert evaluate("[a]+0.2-0.3", {"a": [0.1, 0.2]}, TODAY) == [0.0, pytest.approx(0.1)]
    assert evaluate("(0.1+0.2-0.3)", {}, TODAY)[0] != 0
    assert evaluate("(43.1-43.2)+1=0.9", {}, TODAY) == [False]
    assert evaluate("0.1*3=0.3", {}, TODAY) == [True]


def test_numbers_beyond_excel_are_errors_and_not_crashes() -> None:
    assert evaluate("[a]", {"a": [10**400, float("inf"), float("nan")]}, TODAY) == [CellError("#NUM!")] * 3


def test_a_formula_that_gives_several_values_is_refused() -> None:
    with pytest.raises(FormulaError, match="gives 5 values"):
        evaluate("T[n]", CELLS, TODAY)
    assert evaluate("T[n]", {"T[n]": [7]}, TODAY) == [7.0]


def test_no_rows_give_no_values() -> None:
    assert evaluate("[a]+1", {"a": []}, TODAY) == []
    assert evaluate('COUNTIFS(T[a],[a])&"x"', {"a": ["x"], "T[a]": []}, TODAY) == ["0x"]
