"""Whole tabs put into a workbook and taken out again: all else stays, to the byte."""

import subprocess
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from odd_workbooks import MAIN, OFFICE, STRICT, STYLES, contents, links, put, row, sheet, zipped

from sheetcrm.errors import EditRefused, NotFound
from sheetcrm.table import CellError, TableRange
from sheetcrm.xlsx import (
    CellFormat,
    ChartSeries,
    DropDown,
    Rectangle,
    Styled,
    TabChart,
    TabContent,
    TabTable,
    open_book,
)

LISTS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
BOLD = CellFormat(is_bold=True, fill="DDEBF7", align="center", points=12)
ONE = sheet(row(1, '<c r="A1"><v>1</v></c>'))
OPEN = ChartSeries("Open", Rectangle(2, 0, 3, 0), Rectangle(2, 1, 3, 1), "4472C4")
FULL = TabContent(
    rows=(
        (Styled("Pipeline", CellFormat(is_bold=True, points=16)),),
        (Styled("Owner", BOLD), Styled("Open", BOLD), Styled("Due", BOLD)),
        ("Ann & <Co>", 12, date(2026, 3, 2)),
        ("=Ben", Styled(0.1 + 0.2, CellFormat("0.00 %")), datetime(2026, 3, 2, 9, 30)),
        (Styled("page", link="https://x.example/?a=1&b=2"), Styled("lead", link="internal:'Sheet1'!A1"), None, True),
    ),
    widths={0: 24.0, 2: 18.0},
    frozen_rows=2,
    tables=(TabTable("Owners", Rectangle(1, 0, 3, 2)),),
    charts=(
        TabChart(
            "column", "Open", (ChartSeries("Open", Rectangle(2, 0, 3, 0), Rectangle(2, 1, 3, 1), "4472C4"),), 6, 0
        ),
        TabChart("pie", "", (ChartSeries("Open", Rectangle(2, 0, 3, 0), Rectangle(2, 1, 3, 1)),), 6, 8),
    ),
)


def charted(path):
    """A workbook with a chart, a table, a link and a picture's worth of parts on its one tab."""
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Sheet1")
        tab.add_table("A1:B3", {"name": "Leads"})
        tab.write_url("D1", "https://x.example/")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Sheet1!$A$2:$A$3"})
        tab.insert_chart("D3", chart)
        tab.write_formula("E1", "=1+1", None, 2)
    return path


def test_a_tab_offers_choices_and_formats_what_is_not_filled_yet(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    lists = (
        DropDown(Rectangle(1, 1, 9, 1), ("Same", "Different", "Later"), "Who is who?"),
        DropDown(Rectangle(1, 2, 9, 2), ("a", "b"), is_strict=False),
    )
    content = TabContent((("Pair", "Decision", "Note"),), {0: 30}, dropdowns=lists, column_formats={2: CellFormat("@")})
    put_tab(path, content)
    tab = openpyxl.load_workbook(path)["Report"]
    first, second = tab.data_validations.dataValidation
    assert (str(first.sqref), first.formula1, first.prompt) == ("B2:B10", '"Same,Different,Later"', "Who is who?")
    assert (second.errorStyle, first.errorStyle) == ("warning", None)
    assert tab.column_dimensions["C"].number_format == "@"
    book = open_book(path)
    book.set("Report", "C5", "007")
    book.save()
    assert openpyxl.load_workbook(path)["Report"]["C5"].number_format == "@"


@pytest.mark.parametrize("choices", [(), ("a,b",), ("",), ("x" * 200, "y" * 56)])
def test_choices_that_excel_cannot_list_are_refused(tmp_path, choices):
    content = TabContent((("a",),), dropdowns=(DropDown(Rectangle(1, 0, 1, 0), choices),))
    with pytest.raises(EditRefused, match="drop-down list in A2"):
        open_book(charted(tmp_path / "book.xlsx")).put_tab("Report", content)


def rewrite(path, changes):
    """The same workbook with some parts changed, as if by another program."""
    path.write_bytes(zipped(contents(path) | changes))


def put_tab(path, content=FULL, name="Report"):
    book = open_book(path)
    book.put_tab(name, content)
    return book.save()


def remove_tab(path, name="Report"):
    book = open_book(path)
    book.remove_tab(name)
    return book.save()


def test_a_new_tab_comes_last_and_holds_what_was_asked_for(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    receipt = put_tab(path)
    book = open_book(path)
    assert book.tabs == ("Sheet1", "Report")
    grid = book.grid("Report")
    assert grid.rows == [
        ["Pipeline", None, None, None],
        ["Owner", "Open", "Due", None],
        ["Ann & <Co>", 12, date(2026, 3, 2), None],
        ["=Ben", 0.1 + 0.2, datetime(2026, 3, 2, 9, 30), None],
        ["page", "lead", None, True],
    ]
    assert not grid.formulas
    assert grid.tables == (TableRange("Owners", 1, 0, 3, 2),)
    assert "xl/worksheets/sheet2.xml" in receipt.parts_added
    assert set(receipt.parts_changed) == LISTS | {"xl/styles.xml"}


def test_openpyxl_sees_formats_widths_links_tables_charts_and_the_frozen_header(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    put_tab(path)
    tab = openpyxl.load_workbook(path)["Report"]
    header = tab["A2"]
    assert (header.font.b, header.font.sz, header.fill.fgColor.rgb) == (True, 12, "FFDDEBF7")
    assert header.alignment.horizontal == "center"
    assert tab["B4"].number_format == "0.00 %"
    assert round(tab.column_dimensions["A"].width) == 25
    assert tab["A5"].hyperlink.target == "https://x.example/?a=1&b=2"
    assert tab["B5"].hyperlink.location == "'Sheet1'!A1"
    assert tab.freeze_panes == "A3"
    assert list(tab.tables) == ["Owners"]
    assert tab.tables["Owners"].id == 2
    assert len(tab._charts) == 2  # noqa: SLF001 -- openpyxl tells it nowhere else


@pytest.mark.parametrize("make", ["charted", "odd", "prefixed", "strict", "bare", "unformatted", "elsewhere"])
def test_other_parts_stay_and_removing_the_tab_leaves_the_workbook_as_it_was(tmp_path, make):
    path = MAKES[make](tmp_path)
    before = contents(path)
    put_tab(path)
    there = contents(path)
    kept = [name for name in before if there[name] == before[name]]
    assert len(before) - len(kept) <= 4, "only the three lists and the styles may change"
    receipt = remove_tab(path)
    after = contents(path)
    assert set(receipt.parts_removed) == set(there) - set(after)
    styles = {name for name in after if name.endswith("styles.xml")}
    if make == "bare":  # the workbook had no formats: that they are there now is all that stays
        styles |= LISTS
    assert {name for name in after if after[name] != before.get(name)} <= styles
    assert [name for name in after if name in before] == list(before)


def odd(folder):
    return put(folder, ONE)


def prefixed(folder):
    parts = {
        "xl/styles.xml": STYLES.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x="),
        "xl/workbook.xml": f'<x:workbook xmlns:x="{MAIN}"><x:sheets>'
        f'<x:sheet name="Sheet1" sheetId="4" xmlns:q="{OFFICE}" q:id="rId0"/></x:sheets></x:workbook>',
    }
    return put(folder, ONE, parts)


def strict(folder):
    path = put(folder, ONE)
    office = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    new = {name: raw.decode().replace(MAIN, STRICT).replace(OFFICE, office) for name, raw in contents(path).items()}
    return put(folder, new.pop("xl/worksheets/sheet1.xml"), new)


def bare(folder):
    return put(folder, ONE, {"xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml"))}, "bare.xlsx")


def unformatted(folder):
    return put(folder, ONE, {"xl/styles.xml": f'<x:styleSheet xmlns:x="{MAIN}"/>'}, "unformatted.xlsx")


def elsewhere(folder):
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="9" r:id="rId0"/></sheets>'
    more = {
        "_rels/.rels": links(("officeDocument", "/Book/main.xml")),
        "Book/main.xml": f"{book}</workbook>",
        "Book/_rels/main.xml.rels": links(("worksheet", "/xl/worksheets/SHEET1.xml"), ("styles", "../xl/styles.xml")),
    }
    path = put(folder, ONE, more)
    types = contents(path)["[Content_Types].xml"].decode().replace("/xl/workbook.xml", "/Book/main.xml")
    return put(folder, ONE, {**more, "[Content_Types].xml": types})


MAKES = {
    "charted": lambda folder: charted(folder / "book.xlsx"),
    "odd": odd,
    "prefixed": prefixed,
    "strict": strict,
    "bare": bare,
    "unformatted": unformatted,
    "elsewhere": elsewhere,
}


def test_a_tab_put_again_takes_its_own_place_and_leaves_nothing_behind(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    put_tab(path)
    put_tab(path, TabContent((("later",),)), "Later")
    first = contents(path)
    put_tab(path, name="REPORT")
    assert {name for name, raw in contents(path).items() if first.get(name) != raw} <= {"xl/workbook.xml"}
    assert set(first) == set(contents(path))
    put_tab(path, TabContent((("now",),)))
    assert open_book(path).tabs == ("Sheet1", "Report", "Later")
    assert open_book(path).grid("Report").rows == [["now"]]
    assert not any("chart2" in name or "table2" in name for name in contents(path))


def test_a_replaced_tab_makes_the_workbook_calculate_anew_and_a_new_one_does_not(tmp_path):
    path = tmp_path / "book.xlsx"
    charted(path)
    raw = contents(path)["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    rewrite(path, {"xl/workbook.xml": raw})
    put_tab(path)
    assert b"fullCalcOnLoad" not in contents(path)["xl/workbook.xml"]
    put_tab(path)
    assert b"fullCalcOnLoad" in contents(path)["xl/workbook.xml"]


def test_a_part_that_is_declared_but_missing_keeps_its_declaration(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    drawing = b'<Override PartName="/xl/charts/chart2.xml" ContentType="x/y"/></Types>'
    rewrite(path, {"[Content_Types].xml": contents(path)["[Content_Types].xml"].replace(b"</Types>", drawing)})
    before = contents(path)["[Content_Types].xml"]
    assert "xl/charts/chart2.xml" not in put_tab(path).parts_added
    remove_tab(path)
    assert contents(path)["[Content_Types].xml"] == before


def test_a_persons_tab_is_neither_replaced_nor_removed(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    for act in (put_tab, remove_tab):
        with pytest.raises(EditRefused, match="not made by sheetcrm"):
            act(path, name="Sheet1")
    with pytest.raises(NotFound):
        remove_tab(path, name="None")


def test_a_tab_with_a_persons_formula_or_with_references_to_it_is_kept(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    put_tab(path, TabContent(((1,),)))
    raw = contents(path)
    summed = raw["xl/worksheets/sheet1.xml"].replace(b"<f>1+1</f>", b"<f>SUM(report!A1)</f>")
    rewrite(path, {"xl/worksheets/sheet1.xml": summed})
    with pytest.raises(EditRefused, match=r"Something in xl/worksheets/sheet1\.xml refers to the tab Report"):
        remove_tab(path)
    typed = raw["xl/worksheets/sheet2.xml"].replace(b"<v>1</v>", b"<f>1+1</f><v>2</v>")
    rewrite(path, {"xl/worksheets/sheet2.xml": typed})
    for act in (put_tab, remove_tab):
        with pytest.raises(EditRefused, match="Somebody wrote formulas into the tab Report"):
            act(path)


def test_names_that_count_tabs_by_place_are_counted_anew_when_one_before_goes(tmp_path):
    path = put(tmp_path, ONE)
    put_tab(path, TabContent(((1,),)))
    put_tab(path, TabContent(((2,),)), "Other")
    names = '</sheets><definedNames><definedName name="a" localSheetId="1">1</definedName>'
    names += '<definedName name="b" localSheetId="2">Other!$A$1</definedName></definedNames>'
    raw = contents(path)["xl/workbook.xml"].decode().replace("</sheets>", names)
    raw = raw.replace("<sheets>", '<bookViews><workbookView activeTab="2"/></bookViews><sheets>')
    rewrite(path, {"xl/workbook.xml": raw.encode()})
    remove_tab(path)
    new = contents(path)["xl/workbook.xml"].decode()
    assert '<definedNames><definedName name="b" localSheetId="1">Other!$A$1</definedName></definedNames>' in new
    assert '<workbookView activeTab="1"/>' in new


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (TabContent((("\x01",),)), "control character"),
        (TabContent(((Styled("x", CellFormat(color="red")),),)), "format that Excel does not know"),
        (TabContent(((Styled("x", link="javascript:alert(1)"),),)), "link that cannot be kept"),
        (TabContent(((float("nan"),),)), "no number"),
        (TabContent((("A", "a"), (1, 2)), tables=(TabTable("T", Rectangle(0, 0, 1, 1)),)), "valid name and headers"),
        (TabContent((("A",),), tables=(TabTable("Abc", Rectangle(0, 0, 0, 0)),)), "no row below its header"),
        (TabContent((), charts=(TabChart("radar", "", (), 0, 0),)), "no chart of kind 'radar'"),
    ],
)
def test_content_that_no_tab_can_hold_is_refused_at_once(tmp_path, content, match):
    book = open_book(put(tmp_path, ONE))
    with pytest.raises(EditRefused, match=match):
        book.put_tab("Report", content)


@pytest.mark.parametrize("name", ["", "x" * 32, "a/b", "'a", "History", "  "])
def test_names_that_no_tab_can_have_are_refused(tmp_path, name):
    with pytest.raises(EditRefused, match="No tab can be called"):
        open_book(put(tmp_path, ONE)).put_tab(name, FULL)


def test_a_table_never_takes_a_name_that_the_workbook_has(tmp_path):
    path = charted(tmp_path / "book.xlsx")
    content = TabContent((("A",), (1,)), tables=(TabTable("LEADS", Rectangle(0, 0, 1, 0)),))
    with pytest.raises(EditRefused, match="something called LEADS already"):
        put_tab(path, content)


def test_a_workbook_whose_structure_is_protected_takes_no_tab(tmp_path):
    raw = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookProtection lockStructure="1"/><sheets>'
    raw += '<sheet name="Sheet1" sheetId="1" r:id="rId0"/></sheets></workbook>'
    with pytest.raises(EditRefused, match="structure is protected"):
        put_tab(put(tmp_path, ONE, {"xl/workbook.xml": raw}))


def test_tabs_and_cells_are_saved_together(tmp_path):
    path = put(tmp_path, ONE)
    book = open_book(path)
    book.set("Sheet1", "B1", date(2026, 3, 2))
    book.put_tab("Report", TabContent(((date(2026, 3, 3), CellError("#N/A")),)))
    book.save()
    assert book.grid("Sheet1").rows == [[1, date(2026, 3, 2)]]
    assert book.grid("Report").rows == [[date(2026, 3, 3), CellError("#N/A")]]
    book.put_tab("Report", FULL)
    book.set("Report", "A1", 1)
    with pytest.raises(EditRefused, match="edited and replaced at once"):
        book.save()


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKES)
def test_libreoffice_opens_a_workbook_with_a_new_tab(tmp_path, make, needs):
    needs("soffice")
    path = MAKES[make](tmp_path)
    put_tab(path)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    assert path.with_suffix(".pdf").stat().st_size > 10_000
