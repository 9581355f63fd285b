"""Results that depend on a changed cell are known as out of date until somebody calculates; refreshed on request."""

import subprocess
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_workbooks import contents, put, row, sheet, sheet_of

from sheetcrm.errors import EditRefused
from sheetcrm.table import CellError, Stale, cell_name
from sheetcrm.xlsx import edit, open_book
from sheetcrm.xlsx.notes import Note, areas_of, decoded_note
from sheetcrm.xlsx.places import place


def workbook(path, formulas, tabs=("Data", "Board")):
    """A Leads table on Data (Name, Amount, Fee, Owner), and formulas by cell of both tabs, each with the result 1."""
    with xlsxwriter.Workbook(path) as book:
        sheets = {name: book.add_worksheet(name) for name in tabs}
        rows = [[f"Lead {i}", 100 * i, None, "ann"] for i in range(5)]
        columns = [{"header": "Name"}, {"header": "Amount"}, {"header": "Fee"}, {"header": "Owner"}]
        sheets["Data"].add_table(0, 0, 5, 3, {"name": "Leads", "data": rows, "columns": columns})
        for (tab, cell), formula in formulas.items():
            sheets[tab].write_formula(cell, formula, None, 1)
        book.define_name("Total", "=Board!$A$1")
        book.define_name("Amounts", "=OFFSET(Data!$B$2,0,0,5,1)")
    return path


def stale(path):
    return {f"{tab}!{cell_name(*one)}" for tab, places in open_book(path).stale.items() for one in places}


@pytest.mark.parametrize(
    ("formula", "reads"),
    [
        ("=Data!B3*2", True),
        ("=Data!B4*2", False),
        ("=SUM(Data!B2:B6)", True),
        ("=SUM(Data!B:B)", True),
        ("=SUM(Data!3:3)", True),
        ("=SUM(Data!C:D)", False),
        ("=SUM(Leads[Amount])", True),
        ("=SUM(Leads[Fee])", False),
        ("=SUM(Leads[[Name]:[Fee]])", True),
        ("=SUM(Leads[[#Totals],[Amount]])", False),
        ("=COUNTA(Leads[#Headers])", False),
        ("=ROWS(Leads)", True),
        ("=SUM(Data:Board!B3)", True),
        ("=SUM(Amounts)", True),
        ('=INDIRECT("Data!B3")', True),
        ("=SUM(Data!B1:INDEX(Data!B:B,3))", True),
        ("='data'!$b$3", True),
        ('="Data!B3"', False),
        ("=1+1", False),
        ("=NoSuchName+1", False),
        ("=[1]Data!B3", False),
    ],
)  # fmt: skip
def test_a_result_is_out_of_date_where_its_formula_reads_the_changed_cell(tmp_path, formula, reads):
    path = workbook(
        tmp_path / "book.xlsx", {("Board", "A1"): formula, ("Board", "B2"): "=A1+1", ("Board", "B3"): "=Total"}
    )
    edit(path, path, {("Data", "B3"): 7})
    assert stale(path) == ({"Board!A1", "Board!B2", "Board!B3"} if reads else set())


def test_a_calculated_column_is_out_of_date_in_the_changed_row_only(tmp_path):
    formulas = {("Data", f"C{i}"): "=Leads[[#This Row],[Amount]]/10" for i in range(2, 7)}
    path = workbook(tmp_path / "book.xlsx", formulas)
    edit(path, path, {("Data", "B3"): 7, ("Data", "D4"): "bo"})
    assert stale(path) == {"Data!C3"}


def test_an_out_of_date_result_is_no_value_and_the_stored_one_stays_in_the_file(tmp_path):
    path = workbook(tmp_path / "book.xlsx", {("Board", "A1"): "=Data!B3", ("Board", "A2"): "=Data!B4"})
    before = contents(path)
    edit(path, path, {("Data", "B3"): 7})
    assert open_book(path).grid("Board").rows == [[Stale(stored=1.0)], [1.0]]
    after = contents(path)
    assert {name for name in after if after[name] != before[name]} == {"xl/worksheets/sheet1.xml"}


def test_edits_add_up_until_another_program_saves_the_workbook(tmp_path):
    formulas = {("Board", "A1"): "=Data!B3", ("Board", "A2"): "=Data!B4"}
    path = workbook(tmp_path / "book.xlsx", formulas)
    edit(path, path, {("Data", "B3"): 7})
    edit(path, path, {("Data", "B4"): 7})
    edit(path, path, {("Data", "A2"): "x"})
    assert stale(path) == {"Board!A1", "Board!A2"}
    with zipfile.ZipFile(path) as old:
        parts = {one.filename: old.read(one) for one in old.infolist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    assert stale(path) == set()


def test_a_formula_without_a_stored_result_has_no_value(tmp_path):
    cells = (
        '<c r="A1"><f>1+1</f></c>', '<c r="B1"><f>1+1</f><v>2</v></c>', '<c r="C1" t="str"><f>""</f><v></v></c>',
        '<c r="D1"><f t="shared" si="0"/></c>', '<c r="E1"><f>A1</f> </c>',
    )  # fmt: skip
    path = put(tmp_path, sheet(row(1, *cells)))
    assert open_book(path).grid("Sheet1").rows == [[Stale(), 2.0, None, Stale(), Stale()]]


def test_every_other_reader_takes_a_noted_file(tmp_path):
    path = workbook(tmp_path / "book.xlsx", {("Board", "A1"): "=Data!B3"})
    edit(path, path, {("Data", "B3"): 7})
    assert openpyxl.load_workbook(path)["Data"]["B3"].value == 7
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


PLACES = st.tuples(st.integers(0, 5), st.integers(0, 3))
SPANS = st.tuples(PLACES, PLACES)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reads=st.dictionaries(PLACES, st.lists(SPANS, max_size=3), max_size=10),
    changed=st.sets(PLACES, min_size=1, max_size=3),
)
def test_change_spreads_as_far_as_by_looking_at_every_formula_again_and_again(tmp_path, reads, changed):
    changed = changed - reads.keys()
    cells = {at: f'<c r="{cell_name(*at)}"><v>1</v></c>' for at in changed}
    for at, spans in reads.items():
        text = "+".join(
            f"SUM({cell_name(*one)}:{cell_name(*two)})" if one != two else cell_name(*one) for one, two in spans
        )
        cells[at] = f'<c r="{cell_name(*at)}"><f>{text or "1"}</f><v>1</v></c>'
    lines = [row(i + 1, *(cells[at] for at in sorted(cells) if at[0] == i)) for i in range(6)]
    path = put(tmp_path, sheet("".join(lines)))
    edit(path, path, {("Sheet1", cell_name(*at)): 2 for at in changed})

    def holds(span, at):
        return all(min(a, b) <= c <= max(a, b) for a, b, c in zip(*span, at, strict=True))

    expected, grew = set(changed), True
    while grew:
        new = {at for at, spans in reads.items() if any(holds(span, one) for span in spans for one in expected)}
        grew = not new <= expected
        expected |= new
    assert set(open_book(path).stale.get("Sheet1", ())) == expected - changed


@given(st.sets(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=60))
def test_areas_cover_just_the_cells(cells):
    areas = areas_of(cells)
    covered = [(r, c) for a in areas for r in range(a.top, a.bottom + 1) for c in range(a.left, a.right + 1)]
    assert sorted(covered) == sorted(cells)
    note = Note().with_changes({3: cells})
    assert decoded_note(note.encoded()) == note


def test_a_note_that_would_be_too_long_says_more_rather_than_less():
    cells = {(i * 2 + i % 7 * 3, i % 500 * 2) for i in range(30_000)}
    encoded = Note().with_changes({1: cells}).encoded()
    areas = decoded_note(encoded).changed[1]
    assert len(encoded) < 65_000
    assert all(any(area.holds(*cell) for area in areas) for cell in list(cells)[:500])


@pytest.mark.parametrize("extra", [b"", b"SC\x04\x00abcd", b"SC\xff\xffabc", b"UT\x05\x00\x03abcd", b"SC\x00\x00"])
def test_other_programs_fields_are_no_note(extra):
    assert not decoded_note(extra)


def test_a_chain_of_thirty_thousand_formulas_takes_seconds(tmp_path):
    cells = "".join(row(i, f'<c r="A{i}"><f>A{i - 1}+1</f><v>{i}</v></c>') for i in range(2, 30_001))
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>1</v></c>') + cells))
    edit(path, path, {("Sheet1", "A1"): 5})
    assert len(open_book(path).stale["Sheet1"]) == 29_999


@pytest.fixture
def calculated(needs):
    needs("soffice")


FORMULAS = {
    ("Board", "A1"): "=SUM(Leads[Amount])",
    ("Board", "A2"): '=A1&" in all"',
    ("Board", "A3"): "=A1>100",
    ("Board", "A4"): "=1/(Data!B3-7)",
    ("Board", "A5"): "=NOSUCHFUNCTION(Data!B3)",
    ("Board", "A6"): "=Data!B4",
    ("Board", "A7"): "=DATE(2026,1,Data!B3)",
}


@pytest.mark.usefixtures("calculated")
def test_libreoffice_calculates_and_only_results_are_taken_over(tmp_path):
    path = workbook(tmp_path / "book.xlsx", FORMULAS)
    edit(path, path, {("Data", "B3"): 7})
    before = contents(path)
    receipt = open_book(path).recalculate()

    assert {cell for _, cell in receipt.cells} == {"A1", "A2", "A3", "A4", "A7"}
    assert receipt.parts_changed == ("xl/worksheets/sheet2.xml",)
    column = [line[0] for line in open_book(path).grid("Board").rows]
    assert column[:4] == [907.0, "907 in all", True, CellError("#DIV/0!")]
    assert (column[4], column[5], column[6]) == (Stale(stored=1.0), 1.0, 46029.0)
    assert stale(path) == {"Board!A5"}
    after = contents(path)
    assert {name for name in after if after[name] != before[name]} == {"xl/worksheets/sheet2.xml"}
    old = before["xl/worksheets/sheet2.xml"].decode()
    changed = old.replace("<f>SUM(Leads[Amount])</f><v>1</v>", "<f>SUM(Leads[Amount])</f><v>907</v>")
    assert changed.partition('<row r="2"')[0] in after["xl/worksheets/sheet2.xml"].decode()
    assert open_book(path).recalculate().parts_changed == ()


@pytest.mark.usefixtures("calculated")
def test_a_workbook_without_results_gets_them_all(tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = 20, "=A1+1"
    book.save(path)
    open_book(path).recalculate()
    assert open_book(path).grid("Sheet").raw(*place("A2")) == 21.0


def test_what_is_not_saved_is_not_calculated(tmp_path):
    book = open_book(workbook(tmp_path / "book.xlsx", {}))
    book.set("Data", "B3", 7)
    with pytest.raises(EditRefused, match="Save first"):
        book.recalculate()


def test_libreoffice_never_gets_the_workbook_itself(tmp_path, monkeypatch):
    path = workbook(tmp_path / "book.xlsx", FORMULAS)
    edit(path, path, {("Data", "B3"): 7})
    before, seen = path.read_bytes(), []
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/soffice")

    def run(command, **_):
        seen.append(command[-1])
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Exception, match="took longer than 1 s"):
        open_book(path).recalculate(seconds=1)
    assert not seen[0].startswith(str(tmp_path / "book"))
    assert path.read_bytes() == before
    assert sheet_of(path)
