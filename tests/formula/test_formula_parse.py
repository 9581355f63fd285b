"""The syntax: what is understood, what is refused and where, and that a tree printed and read again is the same."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.errors import ConfigError
from sheetcrm.formula import CellError, FormulaError, evaluate
from sheetcrm.formula.parse import parse
from sheetcrm.formula.tree import ArrayConstant, Binary, Call, Cells, Follow, Literal, Node, Parens, Unary, show

TODAY = date(2026, 1, 15)
LEADS = {"Last Contact": [1, 2], "a]b": [3, 4], "Jan": [1, 2], "Feb": [10, 20], "T[x y]": [5, 6]}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("[Last Contact]", [1.0, 2.0]),
        ("=[last  CONTACT]", [1.0, 2.0]),
        ("[@[Last Contact]]", [1.0, 2.0]),
        ("Leads[@Jan]", [1.0, 2.0]),
        ("leads[[#This Row],[Jan]]", [1.0, 2.0]),
        ("SUM(Leads[Jan])", [3.0, 3.0]),
        ("SUM(Leads[[#Data],[Jan]])", [3.0, 3.0]),
        ("SUM(Leads[@[Jan]:[Feb]])", [11.0, 22.0]),
        ("SUM([@[Jan]:[Feb]])", [11.0, 22.0]),
        ("SUM(Leads[[Jan]:[Feb]])", [33.0, 33.0]),
        ("SUM(T)", [11.0, 11.0]),
        ("ROWS(Leads)*COLUMNS(Leads)", [8.0, 8.0]),
        ("[a']b]", [3.0, 4.0]),
        ("SUM('T'[x y])", [11.0, 11.0]),
        ('“a”&„b”&"c"', ["abc", "abc"]),
        ("\u00a01\u00a0+\t\n1", [2.0, 2.0]),
        ('"say ""hi"""', ['say "hi"'] * 2),
        ("sum( 1 , 2 )", [3.0, 3.0]),
        ("_xlfn.CONCAT(1,2)", ["12", "12"]),
        ("+-+-1", [1.0, 1.0]),
        ("-2^2", [4.0, 4.0]),
        ("2^-1", [0.5, 0.5]),
        ("2^3^2", [64.0, 64.0]),
        ("1+2&3*4", ["312", "312"]),
        ("1=1=TRUE", [True, True]),
        ("50%%", [0.005, 0.005]),
        ("SUM({1,2;-3,4})", [4.0, 4.0]),
        ("#N/A", [CellError("#N/A")] * 2),
        ("IF(TRUE,,5)", [0.0, 0.0]),
        ("LET(x,[Jan]*2,y,x+1,x*y)", [6.0, 20.0]),
        ("LET(x,1,LET(x,2,x)+x)", [3.0, 3.0]),
    ],
)
def test_syntax_is_understood(formula: str, expected: list[object]) -> None:
    assert evaluate(formula, LEADS, TODAY, table="Leads") == expected


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("", "is empty"),
        ("=", "is empty"),
        ("1+", "ends too early"),
        ("(1", "never closed"),
        ("1)", "not expected"),
        ('"abc', "never closed"),
        ("[Jan", "never closed"),
        ("[]", "names no column"),
        ("[Jna]", "no column 'Jna'. Did you mean 'Jan'?"),
        ("Jan+1", r"Jan stands without brackets. Write \[Jan\]."),
        ("Ledas[Jan]", "no tab 'Ledas'. Did you mean 'Leads'?"),
        ("T[@x y]", "asks for the row at hand"),
        ("A1+1", "is a cell's address"),
        ("SUM($A$1:B2)", "belongs to cell addresses"),
        ("Sheet1!A1", "is a cell's address"),
        ("SUMM(1)", "no function SUMM. Did you mean 'SUM'"),
        ("INDIRECT([Jan])", "INDIRECT cannot be used: rules know rows"),
        ("LAMBDA(x,x)", "LAMBDA cannot be used"),
        ("RAND()", "RAND cannot be used"),
        ("LEFT()", "LEFT takes 1 to 2 arguments, not 0"),
        ("LEFT(1,2,3)", r"Write LEFT\(text, \[count\]\)"),
        ("TODAY(1)", "takes no arguments"),
        ('COUNTIF("a","a")', "looks into cells"),
        ("{1,2;3}", "differ in length"),
        ("{1,[Jan]}", "cannot stand in braces"),
        ("SUM(Leads[#Totals])", "is not for rules"),
        ("[Jan].[Feb]", "refers to no other tab"),
        ("LET(1,2,3)", "what is no name"),
        ("LET(x,1)", "names and values in turn"),
        ("AGGREGATE(9,5,Leads[Jan])", "hidden rows"),
        ("1 2", "not expected"),
        ("a\x00", "unprintable character 0x0000"),
        ("🙂", "means nothing"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_a_way_out(formula: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message) as caught:
        evaluate(formula, LEADS, TODAY, table="Leads")
    assert isinstance(caught.value, ConfigError)
    assert caught.value.what.endswith((".", "?"))
    assert formula == "AGGREGATE(9,5,Leads[Jan])" or caught.value.position is not None


def test_a_country_with_decimal_commas_parts_arguments_by_semicolons() -> None:
    cells = {"Amount": [1.5, 1234.5], "Status": ["offen", "zu"]}
    assert evaluate('WENN([Amount]>=1,5;[Amount]&" €";"")', cells, TODAY, locale="de") == ["1,5 €", "1234,5 €"]
    assert evaluate('UND([Status]="Offen";[Amount]<1000)', cells, TODAY, locale="de_AT") == [True, False]
    assert evaluate("SUMME({1,5.2;3.4})", {}, TODAY, locale="de") == [10.5]
    assert evaluate('"1.234,5"+0', {}, TODAY, locale="de") == [1234.5]
    assert evaluate('"31.12.2025"+0', {}, TODAY, locale="de") == [46022.0]
    assert evaluate('TEXT(46022;"TT.MM.JJJJ")&TEXT(1234,5;" #.##0,00")', {}, TODAY, locale="de") == [
        "31.12.2025 1.234,50"
    ]
    assert evaluate('TEXT(46022;"T. MMMM JJJJ")', {}, TODAY, locale="de") == ["31. Dezember 2025"]
    assert evaluate('"5. März 2020"+0', {}, TODAY, locale="de") == [43895.0]
    with pytest.raises(FormulaError, match="decimal sign here"):
        evaluate("SUMME(1, 2)", {}, TODAY, locale="de")
    with pytest.raises(FormulaError, match="no locale"):
        evaluate("1", {}, TODAY, locale="qq_QQ")


names = st.text("ab c[]#'@1", min_size=1, max_size=6).map(lambda name: " ".join(name.split())).filter(bool)
plain = st.sampled_from(["Leads", "T_1", "Won Deals", "It's"])
constants = st.one_of(
    st.floats(0, 1e15).map(lambda number: float(f"{number:.14e}")),
    st.text("ab\" '", max_size=5),
    st.booleans(),
    st.sampled_from([CellError("#N/A"), CellError("#DIV/0!")]),
)
cells = st.one_of(
    st.builds(lambda name: Cells("", name, "", is_row=True), names),
    st.builds(lambda one, other: Cells("", one, other, is_row=True), names, names),
    st.builds(lambda table, name, is_row: Cells(table, name, "", is_row=is_row), plain, names, st.booleans()),
    st.builds(lambda table, one, other: Cells(table, one, other, is_row=False), plain, names, names),
)
leaves = st.one_of(
    constants.map(Literal),
    cells,
    st.builds(lambda name, column: Follow(Cells("", name, "", is_row=True), column), names, names),
    st.lists(st.tuples(constants, constants), min_size=1, max_size=3).map(lambda rows: ArrayConstant(tuple(rows))),
)


def compound(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    wrapped = inner.map(Parens)
    return st.one_of(
        wrapped,
        st.builds(Unary, st.sampled_from("-+%"), wrapped),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">="]), wrapped, wrapped),
        st.lists(st.one_of(inner, st.none()), min_size=2, max_size=4).map(lambda parts: Call("SUM", tuple(parts))),
    )


trees = st.recursive(leaves, compound, max_leaves=12)


@given(trees)
def test_a_tree_printed_and_read_again_is_the_same(tree: Node) -> None:
    assert parse(show(tree)) == tree


@given(st.text(max_size=60) | st.text("[]()+-*/^&=<>{},;:@#'\"1aA. %", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(FormulaError):
        evaluate(text, {"a": [1, "x", None], "A b": [2, 3, 4]}, TODAY)


WORDS = """[a] T[b] 1 "x" + & = ( ) SUM( IF( COUNTIF( LET( x , {1,2} % TEXT( INDEX( XLOOKUP( DATE( - / "0.0" FILTER(
[a].[b] OFFSET( AGGREGATE( SWITCH( TEXTSPLIT( [@[a]:[a]]""".split()


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_heap_of_words_does_more_than_be_refused(text: str) -> None:
    with suppress(FormulaError):
        evaluate(text, {"a": [1, "x", None, CellError("#N/A")], "T[b]": [1, "y"]}, TODAY)


KEYS = [f"k{i}" for i in range(20_000)]
HOSTILE = {
    "parentheses": ("(" * 20_000 + "1" + ")" * 20_000, {}),
    "minus signs": ("-" * 20_000 + "1", {}),
    "a few minus signs": ("-" * 5_000 + "1", {}),
    "percent signs": ("1" + "%" * 5_000, {}),
    "a long sum": ("1" + "+1" * 4_000, {}),
    "a megabyte": ('"' + "a" * 1_000_000 + '"', {}),
    "blanks": (" " * 1_000_000, {}),
    "control characters": ("".join(map(chr, range(32))), {}),
    "brackets": ("[" * 8_000, {}),
    "quotes": ('"' * 8_001, {}),
    "arguments": ("SUM(" + "1," * 4_000 + "1)", {}),
    "nested functions": ("ABS(" * 100 + "1" + ")" * 100, {}),
    "wildcards": ('COUNTIF(T[a],"*a*a*a*a*a*a*a*a*b")', {"T[a]": ["a" * 30_000]}),
    "question marks": ('SEARCH("a?a?a?a?a?a?a?b",[a])', {"a": ["a" * 30_000]}),
    "huge text": ('REPT("abc",1E300)', {}),
    "text that doubles": ("LET(" + ",".join(f"{n}_,{m}_&{m}_" for m, n in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=True)).replace("a_&a_", '"xx"') + ",u_)", {}),  # noqa: E501
    "towers of powers": ("9^9^9^9^9", {}),
    "a great factorial": ("FACT(170)*FACT(170)", {}),
    "many combinations": ("COMBIN(2147483647,1000000000)", {}),
    "many permutations": ("PERMUT(2147483647,1000000000)", {}),
    "many columns": ("SUM(SEQUENCE(1000000,1000000))", {}),
    "large matrices": ("SUM(MMULT(SEQUENCE(400,400),SEQUENCE(400,400)))", {}),
    "columns times rows": ("SUMPRODUCT((T[a]=[a])*1)", {"a": KEYS, "T[a]": KEYS}),
    "sums of columns for each row": ("SUM([a],T[a])", {"a": KEYS, "T[a]": KEYS}),
    "patterns for each row": ('COUNTIF(T[a],"*"&[a]&"*")', {"a": KEYS, "T[a]": KEYS}),
    "joined columns for each row": ("TEXTJOIN([a],TRUE,T[a])", {"a": KEYS, "T[a]": KEYS}),
    "centuries of working days": ("WORKDAY([a],2000000,{5})", {"a": list(map(float, range(5_000)))}),
    "endless loans": ("CUMIPMT(0.1,1E9,1,1,1E9,0)", {}),
    "endless depreciation": ("DB(1,1,1E12,1E9)", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_formulas_are_refused_or_answered_at_once(name: str) -> None:
    formula, columns = HOSTILE[name]
    start = time.process_time()
    with suppress(FormulaError):
        values = evaluate(formula, columns, TODAY)
        assert all(isinstance(value, float | str | bool | CellError) for value in values)
    assert time.process_time() - start < 1.5


def test_a_formula_deep_in_other_work_still_fits_on_the_stack() -> None:
    def deep(levels: int) -> list[object]:
        return deep(levels - 1) if levels else evaluate("(" * 60 + "[a]" + "+1)" * 60, {"a": [1]}, TODAY)

    assert deep(150) == [61.0]
