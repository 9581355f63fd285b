"""What is seen before anything runs, how a row is explained, which cells are traps."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

import pytest

from sheetcrm.formula import Column, Schema, Table, compile, explain  # noqa: A004
from sheetcrm.formula.registry import FUNCTIONS

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 1, 15)
SCHEMA = Schema(
    Table(
        "Leads",
        (
            Column("Status", "choice", choices=("New", "Open", "Won")),
            Column("Last Contact", "date"),
            Column("Amount", "number"),
            Column("Company", "text"),
            Column("Owner", "text", refers_to="Team[Name]"),
        ),
    ),
    (Table("Team", (Column("Name", "text"), Column("Role", "choice", choices=("Sales", "Office")))),),
)


@pytest.mark.parametrize(
    ("formula", "code", "words"),
    [
        ('[Status]="Opne"', "no_such_choice", "Did you mean 'Open'?"),
        ('[Status]<>"Lost"', "no_such_choice", "Status is never 'Lost'"),
        ('COUNTIF(Leads[Status],"Opne")=0', "no_such_choice", "never 'Opne'"),
        ('COUNTIFS(Team[Role],"<>Sale")>0', "no_such_choice", "Did you mean 'Sales'?"),
        ('SWITCH([Status],"Neww",1,"Open",2,3)>1', "no_such_choice", "'Neww'"),
        ('[Owner].[Role]="Sale"', "no_such_choice", "'Sales'"),
        ('[Last Contact]<"2025-12-01"', "kinds_differ", "Write DATE(2025,12,1)."),
        ('"soon">[Last Contact]', "kinds_differ", "Write DATE(year, month, day)."),
        ('[Amount]="100"', "kinds_differ", "without quotes"),
        ("[Company]>[Amount]", "kinds_differ", "compares number with text"),
        ("[Company]*2>1", "kinds_differ", "needs numbers"),
        ("[Amount]>=[Amount]", "always_same", "with itself"),
        ("1=1", "always_same", "is always true"),
        ('AND([Status]="Open",2<1)', "always_same", "is never true"),
        ("OR(TRUE,[Amount]>1)", "always_same", "same for all rows"),
        ('AND([Status]="Open",[Status]="Won")', "never_true", "never true at once"),
        ("AND([Amount]>5,[Amount]<=5)", "never_true", "never true at once"),
        ("AND(10<[Amount],[Amount]<3)", "never_true", "never true at once"),
        ("AND([Last Contact]>TODAY(),[Last Contact]<TODAY()-14)", "never_true", "never true at once"),
        ("AND([Amount]=1,[Amount]=2)", "never_true", "never true at once"),
    ],
)
def test_what_is_suspicious_is_found_before_anything_runs(formula: str, code: str, words: str) -> None:
    found = [(one.code, f"{one.message} {one.remedy}") for one in compile(formula, SCHEMA).findings]
    assert any(one == code and words in told for one, told in found), found


@pytest.mark.parametrize(
    "formula",
    [
        'AND([Status]="open", [Last Contact] < TODAY()-14, [Amount]>=1000)',
        'OR([Status]="Open",[Status]="Won")',
        "AND([Amount]>5,[Amount]<=6)",
        "AND([Last Contact]<TODAY(),[Last Contact]>=TODAY()-14)",
        "AND([Last Contact]>DATE(2025,1,1),[Last Contact]<TODAY())",
        'COUNTIF(Leads[Status],"O*")=0',
        '[Status]=""',
        '[Last Contact]=""',
        '[Owner].[Role]="Sales"',
        "[Amount]>AVERAGE(Leads[Amount])",
        "AND([Amount]>=5,[Amount]<=5)",
    ],
)
def test_sound_conditions_raise_no_suspicion(formula: str) -> None:
    assert compile(formula, SCHEMA).findings == ()


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("TODAY()-14", "date"),
        ("[Last Contact]", "date"),
        ("TODAY()-[Last Contact]", "number"),
        ('IF([Amount]>1,"a","b")', "text"),
        ("[Amount]>1", "bool"),
        ("[Owner].[Role]", "text"),
        ("MAX(Leads[Last Contact])", "date"),
        ("LET(x,EDATE(TODAY(),1),x)", "date"),
        ('[Company]&"x"', "text"),
        ('IF([Amount]>1,"a",2)', "any"),
    ],
)
def test_what_a_formula_gives_is_known_beforehand(formula: str, kind: str) -> None:
    assert compile(formula, SCHEMA).kind == kind


WHY = "Status is Open; Last Contact is 7 Dec 2025 (39 days ago), before 1 Jan 2026; Amount is 4,279.82, at least 1,000"
ROW = {
    "Status": ["Open", "New"],
    "Last Contact": [date(2025, 12, 7), None],
    "Amount": [4279.82, 12],
    "Company": ["Acme", None],
    "Owner": ["Eve", None],
    "Team[Name]": ["Eve"],
    "Team[Role]": ["Sales"],
}


@pytest.mark.parametrize(
    ("formula", "row", "words"),
    [
        (
            'AND([Status]="Open", [Last Contact] < TODAY()-14, [Amount]>=1000)',
            0,
            WHY,
        ),
        ('AND([Status]="Open", [Amount]>=1000)', 1, "Status is New, not Open; Amount is 12, below 1,000"),
        ("[Last Contact]<TODAY()", 1, "Last Contact is blank, which Excel counts as 0: before 15 Jan 2026"),
        ('OR([Status]="New",[Amount]>5)', 1, "Status is New or Amount is 12, above 5"),
        ('OR([Status]="Won",[Amount]>50)', 1, "Status is New, not Won and Amount is 12, at most 50"),
        ('NOT([Status]="Won")', 0, "Status is Open, not Won"),
        ("ISBLANK([Company])", 1, "Company is blank"),
        ("NOT(ISBLANK([Company]))", 0, "Company is Acme"),
        ('[Owner].[Role]="Sales"', 0, "Owner Role is Sales"),
        ("[Amount]/0>1", 0, "[Amount]/0 is #DIV/0! (Amount is 4,279.82)"),
        ("COUNTIF(Team[Name],[Owner])=1", 0, "COUNTIF(Team[Name],[Owner]) is 1 (Owner is Eve)"),
        ("1000<=[Amount]", 0, "Amount is 4,279.82, at least 1,000"),
        ("[Company]>5", 0, "Company is Acme, which Excel ranks after 5"),
        ('ISNUMBER(SEARCH("c",[Company]))', 0, 'ISNUMBER(SEARCH("c",[Company])) is TRUE where Company is Acme'),
        ("[Last Contact]=TODAY()-39", 0, "Last Contact is 7 Dec 2025 (39 days ago)"),
    ],
)
def test_a_row_is_explained_with_its_values(formula: str, row: int, words: str) -> None:
    told = compile(formula, SCHEMA).explain(ROW, TODAY, row)
    assert told.text == words


def test_an_explanation_tells_whether_the_row_matches_and_each_reason() -> None:
    told = explain('AND([a]>1,[b]="x")', {"a": [2], "b": ["y"]}, TODAY)
    assert told.value is False
    assert not told.matches
    assert [(one.text, one.holds) for one in told.reasons] == [("a is 2, above 1", True), ("b is y, not x", False)]


def test_traps_are_counted_with_a_way_out() -> None:
    cells = {**ROW, "Last Contact": [None, "n/a"], "Amount": ["n/a", 5]}
    told = compile("AND([Last Contact]<TODAY(),[Amount]>=1000)", SCHEMA).traps(cells, TODAY)
    assert [(one.code, one.message) for one in told] == [
        ("blank", "Last Contact is blank in 1 row; these match."),
        ("text", "Amount is text, which ranks above every number, in 1 row; these match."),
    ]
    many = {"Last Contact": [None] * 498 + [TODAY]}
    (trap,) = compile("[Last Contact]<TODAY()-14", SCHEMA).traps(many, TODAY)
    assert trap.message == "Last Contact is blank in 498 rows; these match."
    assert compile('AND([Last Contact]<TODAY()-14,[Last Contact]<>"")', SCHEMA).traps(many, TODAY) == ()


def test_every_function_is_documented_and_told_what_it_takes() -> None:
    assert len(FUNCTIONS) > 120
    for function in FUNCTIONS.values():
        assert function.help.endswith("."), function.name
        assert all(one.kind for one in function.shown)
        assert function.most is None or function.most >= function.least


def test_the_page_of_functions_is_what_the_code_says() -> None:
    path = ROOT / "docs" / "make_formula_functions.py"
    spec = importlib.util.spec_from_file_location("make_formula_functions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shown = (ROOT / "docs" / "formula-functions.md").read_text("utf-8")
    assert module.page() == shown, "run: python docs/make_formula_functions.py"


def test_the_how_to_pages_formulas_are_all_understood() -> None:
    text = (ROOT / "docs" / "how-to" / "formulas.md").read_text("utf-8")
    block = text.split("```text\n")[1].split("```")[0]
    names = "Status Last_Contact Amount Owner Lead_ID Account Created Next_Step_Due".split()
    base = Table("Leads", tuple(Column(name.replace("_", " ")) for name in names))
    others = (
        Table("Team", (Column("Name"),)),
        Table("Activities", (Column("Lead"), Column("Kind"))),
        Table("Accounts", (Column("Company"), Column("Tier"))),
    )
    for formula in block.strip().splitlines():
        assert compile(formula, Schema(base, others)).findings == ()
