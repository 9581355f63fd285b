"""Formulas overwritten on request: the shared one goes on in the next cell, the calculation chain stays true."""

import re

import openpyxl
import pytest
from odd_workbooks import MAIN, OFFICE, contents, links, parts_of, put, row, sheet, sheet_of

from sheetcrm.errors import EditRefused
from sheetcrm.xlsx import edit, open_book
from sheetcrm.xlsx.formats import NO_STYLES

# Formats that openpyxl reads too.
STYLES = {"xl/styles.xml": NO_STYLES.replace(b"</cellXfs>", b'<xf numFmtId="2"/></cellXfs>').decode()}
CHAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"


def over(path, *cells):
    return edit(path, path, {("Sheet1", cell): 7 for cell in cells}, over_formulas=True)


def shared(*followers, formula="A2*$B$1", ref="C2:D9"):
    """A sheet whose C2 shares its formula with these cells."""
    cells = {"C2": f'<c r="C2"><f t="shared" ref="{ref}" si="0">{formula}</f><v>1</v></c>'}
    cells |= {one: f'<c r="{one}" s="1"><f t="shared" si="0"/><v>2</v></c>' for one in followers}
    rows = sorted({int(one[1:]) for one in cells})
    return sheet("".join(row(i, *(cells[one] for one in sorted(cells) if one[1:] == str(i))) for i in rows))


def test_a_formula_is_overwritten_only_on_request(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="2" t="str"><f>"a"</f><v>a</v></c>')))
    with pytest.raises(EditRefused, match="not overwritten unasked"):
        edit(path, path, {("Sheet1", "A1"): 7})
    over(path, "A1")
    assert '<c r="A1" s="2"><v>7</v></c>' in sheet_of(path)


@pytest.mark.parametrize(
    ("cells", "holder", "formula", "ref"),
    [
        (["C2"], "C3", "A3*$B$1", "C3:D4"),
        (["C2", "C3"], "D3", "B3*$B$1", "C3:D4"),
        (["C2", "C3", "D3"], "C4", "A4*$B$1", "C4"),
        (["C3"], "C2", "A2*$B$1", "C2:D9"),
        (["C2", "C3", "D3", "C4"], None, "", ""),
    ],
)
def test_a_shared_formula_is_handed_on_to_the_first_cell_left(tmp_path, cells, holder, formula, ref):
    path = put(tmp_path, shared("C3", "D3", "C4"), STYLES)
    left = {"C2", "C3", "D3", "C4"} - set(cells)
    before = {one: translated(path, one) for one in left}
    over(path, *cells)
    xml = sheet_of(path)
    if holder is None:
        assert "<f" not in xml
        return
    found = {one: translated(path, one) for one in left}
    assert found == before
    assert re.search(rf'<c r="{holder}"[^>]*><f [^>]*ref="{ref}"[^>]*>{re.escape(formula)}</f>', xml)
    assert xml.count("</f>") == 1


def translated(path, cell):
    """The formula of a cell as openpyxl understands the shared one."""
    return openpyxl.load_workbook(path)["Sheet1"][cell].value


def test_no_other_cell_changes_when_a_shared_formula_is_handed_on(tmp_path):
    path = put(tmp_path, shared("C3", "D3", "C4"), STYLES)
    over(path, "C2")
    expected = shared("C3", "D3", "C4").replace('<f t="shared" ref="C2:D9" si="0">A2*$B$1</f><v>1</v>', "<v>7</v>")
    handed = '<c r="C3" s="1"><f t="shared" si="0" ref="C3:D4">A3*$B$1</f>'
    assert sheet_of(path) == expected.replace('<c r="C3" s="1"><f t="shared" si="0"/>', handed)


def test_a_formula_of_one_array_cell_is_overwritten_and_of_several_is_not(tmp_path):
    one = '<c r="A1" cm="1"><f t="array" ref="A1">SUM(B1:B2*2)</f><v>6</v></c>'
    two = '<c r="A2"><f t="array" ref="A2:A3">ROW()</f><v>2</v></c>'
    path = put(tmp_path, sheet(row(1, one) + row(2, two) + row(3, '<c r="A3"><v>3</v></c>')))
    over(path, "A1")
    assert '<c r="A1"><v>7</v></c>' in sheet_of(path)
    for cell in ("A2", "A3"):
        with pytest.raises(EditRefused, match="array formula"):
            over(path, cell)


def chained(folder, entries):
    cells = [f'<c r="{letter}1"><f>1+1</f><v>2</v></c>' for letter in "ABC"]
    more = {
        "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}">{entries}</calcChain>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("calcChain", "calcChain.xml")
        ),
        "[Content_Types].xml": parts_of("")["[Content_Types].xml"].replace(
            "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{CHAIN}"/></Types>'
        ),
        **STYLES,
    }
    return put(folder, sheet(row(1, *cells)), more)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<c r="A1" i="1"/><c r="B1"/><c r="C1" l="1"/>', '<c r="B1" i="1"/><c r="C1" l="1"/>'),
        ('<c r="B1" i="1"/><c r="A1"/><c r="C1"/>', '<c r="B1" i="1"/><c r="C1"/>'),
        ('<c r="A1" i="2"/><c r="A1" i="1"/><c r="C1"/>', '<c r="A1" i="2"/><c r="C1" i="1"/>'),
        ('<c r="A1" i="1"/><c r="A1" i="2"/>', '<c r="A1" i="2"/>'),
        ('<c r="B1" i="2"/><c r="A1"/>', '<c r="B1" i="2"/><c r="A1"/>'),
    ],
)
def test_the_calculation_chain_loses_just_the_overwritten_cell(tmp_path, before, after):
    path = chained(tmp_path, before)
    over(path, "A1")
    assert contents(path)["xl/calcChain.xml"].decode() == f'<calcChain xmlns="{MAIN}">{after}</calcChain>'


def test_an_empty_calculation_chain_goes_with_all_that_names_it(tmp_path):
    path = chained(tmp_path, '<c r="A1" i="1"/>')
    receipt = over(path, "A1")
    parts = contents(path)
    assert receipt.parts_removed == ("xl/calcChain.xml",)
    assert not any(b"calcChain" in part for part in parts.values())
    assert openpyxl.load_workbook(path)["Sheet1"]["A1"].value == 7


PROTECTED = (
    f'<styleSheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="0" applyProtection="1"><protection locked="0"/></xf>'
    '<xf numFmtId="0" applyProtection="1"><protection hidden="1"/></xf></cellXfs></styleSheet>'
)


def protected(folder, styles=PROTECTED):
    cells = ('<c r="A1" s="1"><v>1</v></c>', '<c r="B1" s="2"><v>1</v></c>', '<c r="C1"><v>1</v></c>')
    columns = '<cols><col min="5" max="5" style="1"/></cols>'
    lock = '<sheetProtection sheet="1" objects="1"/>'
    return put(folder, sheet(row(1, *cells), before=columns, after=lock), {"xl/styles.xml": styles})


def test_a_protected_tab_takes_values_in_its_unlocked_cells_only(tmp_path):
    path = protected(tmp_path)
    for cell in ("B1", "C1", "D1", "D9"):
        with pytest.raises(EditRefused, match=f"{cell} is locked"):
            edit(path, path, {("Sheet1", cell): 5})
    edit(path, path, {("Sheet1", "A1"): 5, ("Sheet1", "E1"): 6, ("Sheet1", "E9"): 7})
    grid = open_book(path).grid("Sheet1")
    assert [grid.raw(0, 0), grid.raw(0, 4), grid.raw(8, 4)] == [5, 6, 7]
    assert grid.is_protected


def test_where_no_format_unlocks_a_cell_the_refusal_comes_at_once(tmp_path):
    book = open_book(protected(tmp_path, PROTECTED.replace('locked="0"', 'locked="1"')))
    book.grid("Sheet1")
    with pytest.raises(EditRefused, match="A1 is locked: its tab is protected"):
        book.set("Sheet1", "A1", 5)
