"""Whole columns give what row by row gives; the fast way gives what the slow way gives."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.formula import FUNCTIONS, CellError, FormulaError, Schema, Table, compile, evaluate  # noqa: A004
from sheetcrm.formula.parse import parse
from sheetcrm.formula.schema import Column
from sheetcrm.formula.vectors import Column as Vector
from sheetcrm.table import Invalid

TODAY = date(2026, 1, 15)
FORMULAS = """
[a]+[b]  [a]-[b]  [a]*2  [a]/[b]  -[a]  [a]%  [a]&[b]  [a]=[b]  [a]<>[b]  [a]<[b]  [a]>=0.3  [a]^2
[a]="open"  "open"=[a]  [a]<>"x"  AND([a]>0,[b]>0)  OR([a]>0,[b]>0)  NOT([a]>0)  IF([a]>0,[b],1)  IF([a],1,2)
IFERROR([a]/[b],0)  SUM([a],[b],1)  SUM([@[a]:[b]])  MAX([a],T[n])  COUNTIF(T[k],[a])  COUNTIFS(T[k],[a],T[n],">1")
COUNTIFS(T[k],[a],T[m],"call")  SUMIFS(T[n],T[k],[a],T[m],[b])  XLOOKUP([a],T[k],T[n],0)  MATCH([a],T[k],0)
MATCH([a],T[n],1)  VLOOKUP([a],T[[k]:[n]],3,FALSE)  SUMPRODUCT((T[k]=[a])*T[n])  LEN([a])  LEFT([a],2)  ROUND([a],1)
TEXT([a],"0.0")  YEAR([a])  ISBLANK([a])  ISNUMBER([a])  CHOOSE([a],1,2)  SWITCH([a],1,"x","y")  LET(x,[a]+1,x*x)
RANK([a],T[n])  INDEX(T[n],[a])  SUM(COUNTIFS(T[k],[a],T[m],{"call","mail"}))  [a]+0.2-0.3  TEXTJOIN(",",TRUE,[a],T[k])
([a]=1)+([b]=TRUE)  IFS([a]>1,1,[b]>1,2)  [a]-[a]*1.0000000000000002  LARGE(T[n],[a])  SUMIF(T[k],[a],T[n])
""".split()
cell = st.one_of(
    st.none(),
    st.sampled_from(["open", "Open", "", "1", "x", "2020-01-01", "k1", "TRUE", ">1", "a*"]),
    st.sampled_from([0, 1, 2, -1, 0.1, 0.3, 0.1 + 0.2, 1e15, 1e-9, 2.5, 43831]),
    st.booleans(),
    st.sampled_from([CellError("#N/A"), CellError("#DIV/0!")]),
    st.sampled_from([date(2020, 1, 1), datetime(2021, 5, 6, 7, 8)]),
)
numbers = st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-5, 5), st.sampled_from([0.1, 0.3, 0.1 + 0.2]))
texts = st.one_of(st.none(), st.sampled_from(["open", "Open", "k1", "K1", "Call", "", "x"]))
column = st.one_of(*[st.lists(kind, min_size=6, max_size=6) for kind in (cell, numbers, texts, st.booleans())])
OTHER = {
    "T[k]": ["k1", "K2", 1, None, True, "open", "1", "k1"],
    "T[m]": ["Call", "call", "Mail", None, "Call", 3, "x", "Mail"],
    "T[n]": [1, 2, 3, 4.5, 5, 6, 7, 8],
}


def alike(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


@given(formula=st.sampled_from(FORMULAS), a=column, b=column)
@settings(max_examples=500, deadline=None)
def test_a_whole_column_gives_what_its_rows_give_one_by_one(formula: str, a: list[object], b: list[object]) -> None:
    columns = [Column(name) for name in ("a", "b")]
    schema = Schema(Table("", tuple(columns)), (Table("T", (Column("k"), Column("m"), Column("n"))),))
    compiled = compile(formula, schema)
    together = compiled.evaluate({"a": a, "b": b, **OTHER}, TODAY)
    alone = [compiled.evaluate({"a": [x], "b": [y], **OTHER}, TODAY)[0] for x, y in zip(a, b, strict=True)]
    slow = compiled.evaluate({"a": a, "b": b, **OTHER}, TODAY, is_fast=False)
    for one, other, third in zip(together, alone, slow, strict=True):
        assert alike(one, other), (one, other)
        assert alike(one, third), (one, third)


def test_true_and_one_and_the_text_1_are_never_mixed_up() -> None:
    cells = {"a": [True, 1, 1.0, "1", "TRUE", False, 0, None, ""]}
    assert evaluate('IF(ISNUMBER([a]),"n",IF(ISLOGICAL([a]),"b",IF(ISTEXT([a]),"t","-")))', cells, TODAY) == list(
        "bnnttbn-t"
    )
    assert evaluate("SUMPRODUCT(({1}=[a])*1)&TYPE([a])", cells, TODAY) == [
        "04", "11", "11", "02", "02", "04", "01", "01", "02",
    ]  # fmt: skip
    assert evaluate("COUNTIF(T[a],[a])", {**cells, "T[a]": [True, 1, 0]}, TODAY)[:4] == [1.0, 1.0, 1.0, 1.0]


def test_cells_of_every_type_are_taken() -> None:
    cells = {"a": [Decimal("1.5"), time(12), timedelta(days=2), Invalid("n/a"), date(1850, 1, 1), object()]}
    assert evaluate("[a]", cells, TODAY) == [1.5, 0.5, 2.0, "n/a", "1850-01-01", CellError("#VALUE!")]
    assert evaluate("[a]", {"a": [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]}, TODAY) == [1.0, 59.0, 61.0]


def test_columns_of_different_lengths_are_refused_and_those_of_other_tables_filled_up() -> None:
    with pytest.raises(FormulaError, match="differ in length"):
        evaluate("[a]+[b]", {"a": [1], "b": [1, 2]}, TODAY)
    assert evaluate("COUNTBLANK(T)", {"T[a]": [1], "T[b]": [1, 2]}, TODAY) == [1.0]


def test_a_missing_column_of_a_compiled_formula_is_named() -> None:
    compiled = compile("[a]+T[b]", Schema(Table("L", (Column("a"),)), (Table("T", (Column("b"),)),)))
    with pytest.raises(FormulaError, match=r"The values of T\[b\] are missing"):
        compiled.evaluate({"a": [1]}, TODAY)


def test_the_same_formula_evaluates_many_times_with_other_cells() -> None:
    compiled = compile("COUNTIF(T[b],[a])", Schema(Table("L", (Column("a"),)), (Table("T", (Column("b"),)),)))
    assert compiled.evaluate({"a": ["x"], "T[b]": ["x", "x"]}, TODAY) == [2.0]
    assert compiled.evaluate({"a": ["x", "y"], "T[b]": ["y"]}, TODAY) == [0.0, 1.0]
    assert compiled.reads == ("T[b]", "a")
    assert compiled.formula == "COUNTIF(T[b],[a])"
    assert compiled.kind == "number"


def test_numbers_are_worked_on_as_arrays() -> None:
    assert Vector([1.0, None]).floats is not None
    assert Vector([1.0, "x"]).floats is None
    assert Vector([True, 1.0]).floats is None
    assert Vector([None, None]).floats is None


ANY = st.sampled_from(
    '''0 1 -1 2.5 -2.5 1E10 1E300 -1E300 1E-300 "3" "x" "" TRUE 1/0 NA() [b] T[n] T[k] {1,2,3} {1;"a"} 43831 60 171
    "yyyy" "2020-02-29" [d] 0.5 -0.5 "1:00PM"'''.split()
)


@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(ANY, max_size=6))
@settings(max_examples=1000, deadline=None)
def test_no_function_does_more_than_refuse_any_arguments(name: str, arguments: list[str]) -> None:
    cells = {"b": [None, "x"], "d": [date(2024, 2, 29), True], **OTHER}
    with suppress(FormulaError):
        values = evaluate(f"{name}({','.join(arguments)})", cells, TODAY)
        assert all(type(value) in {float, str, bool, CellError} for value in values)


def test_a_formula_that_gives_many_values_gives_them_all_as_a_block() -> None:
    schema = Schema(Table("", (Column("least"),)), (Table("T", (Column("a"), Column("b"))),))
    columns = {"least": [2], "T[a]": [3, 1, 2], "T[b]": ["x", None, "z"]}
    for formula, block in (
        ("FILTER(T,T[a]>=[least])", [(3.0, "x"), (2.0, "z")]),
        ("T[b]", [("x",), (None,), ("z",)]),
        ("[least]*2", [(4.0,)]),
        ("1/0", [(CellError("#DIV/0!"),)]),
    ):
        assert compile(formula, schema).block(columns, TODAY) == block
        assert compile(parse(formula), schema).block(columns, TODAY) == block
