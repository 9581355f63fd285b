"""The one contract of all connectors: what is written is there and nothing else changed, or nothing was written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.connectors import CellWrite, RowWrite, TabWrite, Workbook, open_workbook
from sheetcrm.errors import EditRefused, NotFound, WorkbookBusy, WorkbookUnreadable
from sheetcrm.tab import TabContent
from sheetcrm.table import Grid, Raw
from sheetcrm.testing.sheets_server import SheetsServer

Place = Path | str
"""Where a workbook is: a path, or the key of a Google Sheet."""

TABS: dict[str, list[list[Raw]]] = {
    "Leads": [
        ["Lead ID", "Company", "Owner", "Notes", "Due"],
        ["007", "Łódź & Söhne", None, 'says "hi"; or, not', date(2026, 3, 2)],
        ["L-0002", "NA", "Ann Abel", "=1+1", None],
        ["L-0003", "two\nlines", None, "  padded ", date(2026, 2, 27)],
        ["L-0004", "None"],
    ],
    "Team": [["Name", "Email"], ["Ann Abel", "ann@x.example"]],
}


@dataclass(frozen=True)
class Kind:
    """One kind of workbook: how people make and edit it, and a cell of Leads that it cannot take."""

    make: Callable[[Path], Place]
    edit: Callable[[Place], None]
    refused: CellWrite
    shown: Callable[[Raw], Raw]
    """What a cell reads as once a value was written."""
    content: Callable[[Place], object]
    """All that the workbook, or a backup of it, holds."""
    is_file: bool = True


def file_content(place: Place) -> object:
    """Every byte of the workbook by file."""
    path = Path(place)
    files = [path] if path.is_file() else sorted(path.iterdir())
    return [one.read_bytes() for one in files]


def make_excel(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for tab, rows in TABS.items():
        sheet = book.create_sheet(tab)
        for i, row in enumerate(rows, 1):
            for j, value in enumerate(row, 1):
                cell = sheet.cell(i, j, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # openpyxl takes "=1+1" for a formula
    book["Leads"]["H2"] = "=1+1"
    book.save(folder / "crm.xlsx")
    return folder / "crm.xlsx"


def edit_excel(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Team"]["A3"] = "Ben Berg"
    book.save(path)


def make_csv(folder: Path) -> Path:
    path = folder / "crm"
    path.mkdir()
    for tab, rows in TABS.items():
        lines = (";".join(field(value) for value in row) + "\r\n" for row in rows)
        (path / f"{tab}.csv").write_bytes("".join(lines).encode("utf-16"))
    return path


def field(value: Raw) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(';"\n') else text


def edit_csv(path: Path) -> None:
    with (path / "Team.csv").open("ab") as file:
        file.write("Ben Berg;\r\n".encode("utf-16-le"))


def make_google(_folder: Path) -> str:
    cells: dict[str, list[list[Raw]]] = {tab: [list(row) for row in rows] for tab, rows in TABS.items()}
    cells["Leads"][1] += [None, None, "formula"]
    server = running_server()
    key = server.create("crm", {tab: [[plain(one) for one in row] for row in rows] for tab, rows in cells.items()})
    formula = {"userEnteredValue": {"formulaValue": "=1+1"}}
    day = {"userEnteredFormat": {"numberFormat": {"type": "DATE"}}}
    server.control.edit(
        key,
        [
            {"updateCells": {"start": at(1, 7), "rows": [{"values": [formula]}], "fields": "userEnteredValue"}},
            {"repeatCell": {"range": COLUMN_OF_DAYS, "cell": day, "fields": "userEnteredFormat.numberFormat"}},
        ],
    )
    return key


COLUMN_OF_DAYS = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 4, "endColumnIndex": 5}


def at(row: int, column: int, sheet: int = 0) -> dict[str, int]:
    return {"sheetId": sheet, "rowIndex": row, "columnIndex": column}


def plain(value: Raw) -> object:
    return (value - date(1899, 12, 30)).days if isinstance(value, date) else value


def edit_google(key: Place) -> None:
    cell = {"userEnteredValue": {"stringValue": "Ben Berg"}}
    new = {"updateCells": {"start": at(2, 0, 1), "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
    running_server().control.edit(str(key), [new])


def google_content(place: Place) -> object:
    """What people typed into a Google Sheet, or what a backup says of it."""
    if isinstance(place, Path):
        return json.loads(place.read_text("utf-8"))["tabs"]
    server = running_server()
    found = {}
    for sheet in server.resource(place)["sheets"]:
        title = sheet["properties"]["title"]
        typed = [[value_typed(cell) for cell in row.get("values", ())] for row in sheet["data"][0].get("rowData", ())]
        found[title] = typed
    return found


def value_typed(cell: dict[str, object]) -> object:
    entered = cell.get("userEnteredValue")
    if not isinstance(entered, dict):
        return None
    ((kind, value),) = entered.items()
    if kind == "formulaValue":
        return {"f": value}
    has_days = "numberFormat" in cell.get("effectiveFormat", {})
    return str(date(1899, 12, 30) + timedelta(days=value)) if has_days and kind == "numberValue" else value


KINDS = {
    "excel": Kind(
        make_excel, edit_excel, CellWrite("Leads", 1, 7, "over a formula"), lambda value: value, file_content
    ),
    "csv": Kind(
        make_csv,
        edit_csv,
        CellWrite("Leads", 3, 2, "\ud83c half a letter"),
        lambda value: value if value is None else str(value),
        file_content,
    ),
    "google": Kind(
        make_google,
        edit_google,
        CellWrite("Leads", 1, 7, "over a formula"),
        lambda value: value,
        google_content,
        is_file=False,
    ),
}

SERVERS: list[SheetsServer] = []


def running_server() -> SheetsServer:
    return SERVERS[-1]


@pytest.fixture(autouse=True)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The Sheets server, for the tests that need it."""
    if "google" not in request.node.name:
        yield
        return
    with SheetsServer() as running:
        SERVERS.append(running)
        monkeypatch.setenv("SHEETCRM_GOOGLE_URL", running.url)
        monkeypatch.setenv("SHEETCRM_GOOGLE_TOKEN", "user:robot@x.example")
        monkeypatch.setenv("SHEETCRM_GOOGLE_PATIENCE", "0")
        yield
        SERVERS.remove(running)


@pytest.fixture
def place(kind: Kind, tmp_path: Path) -> Place:
    return kind.make(tmp_path)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def book(place: Place) -> Workbook:
    return open_workbook(place)


@pytest.fixture
def backup(tmp_path: Path, kind: Kind) -> Path:
    return tmp_path / "backups" / ("crm.xlsx" if kind.make is make_excel else "crm")


def cells(grids: tuple[Grid, ...]) -> dict[tuple[str, int, int], Raw]:
    """All cells that hold something, by tab and place."""
    return {
        (grid.tab, grid.top + i, grid.left + j): value
        for grid in grids
        for i, row in enumerate(grid.rows)
        for j, value in enumerate(row)
        if value is not None
    }


def read(place: Place) -> dict[tuple[str, int, int], Raw]:
    return cells(open_workbook(place).read())


def test_read_gives_each_tab_as_typed(book: Workbook, kind: Kind) -> None:
    found = cells(book.read())
    wanted = {
        (tab, i, j): kind.shown(value)
        for tab, rows in TABS.items()
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value is not None
    }
    assert {place: value for place, value in found.items() if place[2] < 7} == wanted


VALUES: dict[str, Raw] = {
    "a word": "Ben Berg",
    "leading zeros": "00420",
    "a quote": 'the "best" one',
    "two lines": "one\ntwo",
    "delimiters": "a;b,c\td|e",
    "what looks like a formula": "=1+1",
    "blanks around": "  x ",
    "a word that some programs take for blank": "NA",
    "letters beyond ASCII": "Łukasz Ünal 東京",
    "a number": 12.5,
    "a whole number": 7,
    "yes": True,
    "a day": date(2026, 3, 2),
    "blank": None,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_written_cell_reads_as_promised_and_no_other_cell_changed(
    book: Workbook, place: Place, kind: Kind, backup: Path, value: Raw
) -> None:
    before = cells(book.read())
    expected = book.as_read("Leads", value)

    assert book.write([CellWrite("Leads", 2, 2, value)], [], backup) == ()

    after = read(place)
    assert after.pop(("Leads", 2, 2), None) == expected
    assert after == {place: old for place, old in before.items() if place != ("Leads", 2, 2)}
    assert value is True or expected == kind.shown(value)


def test_many_cells_and_rows_of_several_tabs_are_written_at_once(book: Workbook, place: Place, backup: Path) -> None:
    before = cells(book.read())
    new = {("Leads", 1, 2): "Ann Abel", ("Leads", 3, 2): "Ben Berg", ("Team", 1, 1): "abel@x.example"}

    book.write(
        [CellWrite(*place, value) for place, value in new.items()],
        [RowWrite("Team", {0: "Ben Berg", 1: "ben@x.example"}), RowWrite("Team", {0: "Cem Can"})],
        backup,
    )

    new |= {("Team", 2, 0): "Ben Berg", ("Team", 2, 1): "ben@x.example", ("Team", 3, 0): "Cem Can"}
    assert read(place) == {**before, **new}


def test_cells_to_the_right_of_a_short_row_are_written_in_their_columns(
    book: Workbook, place: Place, backup: Path
) -> None:
    before = cells(book.read())
    new = {("Leads", 4, 2): "Ann Abel", ("Leads", 4, 4): "later", ("Leads", 4, 9): "far out"}

    book.write([CellWrite(*place, value) for place, value in new.items()], [], backup)

    assert read(place) == {**before, **new}


def test_a_cell_that_cannot_be_taken_is_refused_alone(book: Workbook, place: Place, kind: Kind, backup: Path) -> None:
    before = cells(book.read())
    good = CellWrite("Leads", 1, 2, "Ann Abel")

    (refusal,) = book.write([kind.refused, good], [], backup)

    assert (refusal.tab, refusal.row, refusal.column) == ("Leads", kind.refused.row, kind.refused.column)
    assert refusal.why
    assert read(place) == {**before, ("Leads", 1, 2): "Ann Abel"}


def test_a_write_of_refused_cells_only_changes_no_byte(book: Workbook, place: Place, kind: Kind, backup: Path) -> None:
    before = kind.content(place)
    book.read()
    assert len(book.write([kind.refused], [], backup)) == 1
    assert kind.content(place) == before


def test_a_workbook_changed_since_it_was_read_is_not_written(
    book: Workbook, place: Place, kind: Kind, backup: Path
) -> None:
    book.read()
    kind.edit(place)
    changed = kind.content(place)

    with pytest.raises(WorkbookBusy, match="changed since it was read"):
        book.write([CellWrite("Leads", 1, 2, "Ann Abel")], [], backup)

    assert kind.content(place) == changed


def test_after_a_refused_write_the_next_read_starts_anew(
    book: Workbook, place: Place, kind: Kind, backup: Path
) -> None:
    book.read()
    kind.edit(place)
    with pytest.raises(WorkbookBusy):
        book.write([CellWrite("Leads", 1, 2, "stale")], [], backup)

    before = cells(book.read())
    book.write([CellWrite("Leads", 3, 2, "Ann Abel")], [], backup)

    assert read(place) == {**before, ("Leads", 3, 2): "Ann Abel"}


def test_the_backup_holds_the_state_before(book: Workbook, place: Place, backup: Path, kind: Kind) -> None:
    before = kind.content(place)
    book.read()
    book.write([CellWrite("Leads", 1, 2, "Ann Abel")], [], backup)
    assert kind.content(backup) == before


def test_nothing_but_the_workbook_and_its_backup_is_left_behind(book: Workbook, backup: Path) -> None:
    book.read()
    folder = backup.parent.parent
    before = set(folder.rglob("*"))
    book.write([CellWrite("Leads", 1, 2, "Ann Abel")], [RowWrite("Team", {0: "Ben"})], backup)
    left = {one for one in set(folder.rglob("*")) - before if one.is_file() and backup not in one.parents}
    assert left <= {backup}


def test_the_fingerprint_tells_whether_the_content_is_the_same(book: Workbook, place: Place, kind: Kind) -> None:
    book.read()
    first = book.fingerprint()
    again = open_workbook(place)
    again.read()
    assert again.fingerprint() == first
    kind.edit(place)
    assert book.fingerprint() == first, "it speaks of the last read"
    book.read()
    assert book.fingerprint() != first


def test_a_tab_that_is_not_there_is_not_found_and_nothing_is_written(
    book: Workbook, place: Place, backup: Path, kind: Kind
) -> None:
    before = kind.content(place)
    book.read()
    for some, rows in (([CellWrite("Deals", 1, 1, "x")], []), ([], [RowWrite("Deals", {0: "x"})])):
        with pytest.raises(NotFound, match="Deals"):
            book.write([CellWrite("Leads", 1, 2, "Ann Abel"), *some], rows, backup)
    assert kind.content(place) == before


FILES = [name for name, one in KINDS.items() if one.is_file]
of_files = pytest.mark.parametrize("kind", FILES, indirect=True)


@pytest.fixture
def path(place: Place) -> Path:
    """The workbook's file or folder."""
    return Path(place)


@of_files
def test_a_read_only_file_is_refused_before_anything_is_written(
    book: Workbook, path: Path, backup: Path, kind: Kind
) -> None:
    files = [path] if path.is_file() else sorted(path.iterdir())
    files[0].chmod(0o444)
    before = kind.content(path)
    book.read()
    with pytest.raises(EditRefused, match="read-only"):
        book.check_writable()
    with pytest.raises(EditRefused, match="read-only"):
        book.write([CellWrite("Leads", 1, 2, "Ann Abel")], [], backup)
    assert kind.content(path) == before
    assert not backup.exists()


@of_files
def test_a_workbook_open_elsewhere_names_who_has_it_and_is_not_written(
    book: Workbook, path: Path, backup: Path, kind: Kind
) -> None:
    file = path if path.is_file() else path / "Leads.csv"
    before = kind.content(path)
    book.read()
    assert book.who_has_it_open() is None
    file.with_name(f".~lock.{file.name}#").write_text("Dana Doe,host,02.03.2026 09:00;", encoding="utf-8")
    assert book.who_has_it_open() == "Dana Doe"
    with pytest.raises(WorkbookBusy, match="Dana Doe"):
        book.write([CellWrite("Leads", 1, 2, "Ann Abel")], [], backup)
    file.with_name(f".~lock.{file.name}#").unlink()
    assert kind.content(path) == before


@of_files
def test_an_unreadable_file_is_named_with_what_to_do(book: Workbook, path: Path) -> None:
    file = path if path.is_file() else path / "Leads.csv"
    file.write_bytes(b"\x00\x01\x02\xff" * 100)
    with pytest.raises(WorkbookUnreadable) as refusal:
        book.read()
    assert file.name in refusal.value.what
    assert refusal.value.remedy


def test_a_workbook_that_is_gone_is_unreadable(place: Place, kind: Kind) -> None:
    if not kind.is_file:
        running_server().store.delete(str(place))
    elif Path(place).is_dir():
        shutil.rmtree(place)
    else:
        Path(place).unlink()
    with pytest.raises(WorkbookUnreadable):
        open_workbook(place).read()


def test_a_single_csv_file_is_answered_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "Leads.csv").write_text("Name\n")
    with pytest.raises(WorkbookUnreadable, match="Give its folder instead"):
        open_workbook(tmp_path / "Leads.csv")


OWN = TabContent((("Pair", "Decision"), ("L-0001 ↔ L-0002", None)), {0: 30.0})


def put(book, tmp_path, name, content, number=1):
    book.read()
    return book.write([], [], tmp_path / "backups" / str(number), [TabWrite(name, content)])


def test_a_whole_tab_is_put_replaced_and_removed_and_the_others_stay(book, tmp_path):
    before = book.read()
    assert put(book, tmp_path, "Duplicates", OWN) == ()
    grids = {grid.tab: grid for grid in book.read()}
    assert grids["Duplicates"].rows[0] == ["Pair", "Decision"]
    assert grids["Duplicates"].rows[1][0] == "L-0001 ↔ L-0002"
    assert [grids[one.tab].rows for one in before] == [one.rows for one in before]
    more = TabContent((("Pair", "Decision"), ("a", "Same"), ("b", None)))
    assert put(book, tmp_path, "Duplicates", more, 2) == ()
    grids = {grid.tab: grid for grid in book.read()}
    assert [row[0] for row in grids["Duplicates"].rows] == ["Pair", "a", "b"]
    assert put(book, tmp_path, "Duplicates", None, 3) == ()
    assert [grid.rows for grid in book.read()] == [grid.rows for grid in before]
    assert put(book, tmp_path, "Duplicates", None, 4) == ()


def test_a_tab_that_a_person_made_is_never_replaced(book, tmp_path):
    before = book.read()
    (refusal,) = put(book, tmp_path, "Team", OWN)
    assert (refusal.tab, refusal.row, refusal.column) == ("Team", -1, -1)
    assert "not made by sheetcrm" in refusal.why
    assert [grid.rows for grid in book.read()] == [grid.rows for grid in before]
