"""CSV as people's programs write it: read as typed whatever the dialect, and edited without touching another byte."""

from __future__ import annotations

import csv
import io
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.connectors import CellWrite, RowWrite
from sheetcrm.connectors.csv_folder import CsvFolder
from sheetcrm.connectors.csv_text import read_csv
from sheetcrm.errors import EditRefused, WorkbookUnreadable

ROWS = [["Firma", "Ort", "Notiz"], ["Müller GmbH", "Köln", "Größe: 5 m²"], ["Bäcker Jäger", "Düsseldorf", "prüft"]]
POLISH = [["Firma", "Miasto"], ["Żółw Sp. z o.o.", "Łódź"], ["Piekarnia Świeża", "Wrocław"], ["Gęś i Łoś", "Poznań"]]


def joined(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def edited(
    tmp_path: Path, data: bytes, *cells: tuple[int, int, object], rows: tuple[dict[int, object], ...] = ()
) -> bytes:
    """The file's bytes after these cells and rows were written."""
    path = tmp_path / "crm" / "Leads.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    folder = CsvFolder(path.parent)
    folder.read()
    writes = [CellWrite("Leads", *place, value) for *place, value in cells]
    assert folder.write(writes, [RowWrite("Leads", row) for row in rows], tmp_path / "backup") == ()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("rows", "encoding", "mark", "told"),
    [
        (ROWS, "utf-8", b"", "utf-8"),
        (ROWS, "utf-8", b"\xef\xbb\xbf", "utf-8"),
        (POLISH, "utf-16-le", b"\xff\xfe", "utf-16-le"),
        (POLISH, "utf-16-be", b"\xfe\xff", "utf-16-be"),
        (ROWS, "cp1252", b"", "cp1252"),
        (POLISH, "cp1250", b"", "cp1250"),
    ],
)
def test_each_encoding_is_read_and_written_back_in_kind(tmp_path, rows, encoding, mark, told):
    data = mark + joined(rows).encode(encoding)
    text = read_csv(data, "Leads.csv")
    assert (text.rows(), text.encoding, text.mark) == (rows, told, mark)
    new = edited(tmp_path, data, (1, 1, rows[2][1]))
    assert new == mark + joined([rows[0], [rows[1][0], rows[2][1], *rows[1][2:]], *rows[2:]]).encode(encoding)


def test_one_umlaut_in_a_long_file_is_enough_to_tell_the_encoding():
    data = joined([["Name", "City"], *[["Smith", "Leeds"]] * 3000, ["Jürgen Müller", "Köln"]]).encode("cp1252")
    assert read_csv(data, "Leads.csv").rows()[-1] == ["Jürgen Müller", "Köln"]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Jürgen Müller, Köln", "cp1252"),
        ("Société Générale, Sète, où", "cp1252"),
        ("Peña y Muñoz, Málaga", "cp1252"),
        ("Sørensen & Søn, Århus", "cp1252"),
        ("Åkesson, Göteborg", "cp1252"),
        ("Wohnung 80 m², 5 €", "cp1252"),
        ("Müller, Société Générale", "cp1252"),
        ("Żółw, Łódź", "cp1250"),
        ("Wrocław", "cp1250"),
        ("Dvořák, Čáslav, Ústí nad Labem, Brno-město", "cp1250"),
        ("Szőke és Tsa, Győr, Fűtő Kft", "cp1250"),
        ("Müller, Köln, Bäcker, Straße", "mac_roman"),
        ("Müller, Köln, Bäcker, Straße", "cp850"),
    ],
)
def test_the_letters_of_a_language_tell_its_encoding(words, encoding):
    assert read_csv(f"Name,City\r\n{words}\r\n".encode(encoding), "Leads.csv").encoding == encoding


@given(st.binary(max_size=40).filter(lambda data: 0 not in data and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}))
def test_no_bytes_without_zeros_are_unreadable_and_all_are_written_back_alike(data):
    text = read_csv(data, "Leads.csv")
    assert text.mark + text.text.encode(text.encoding) == data


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_each_delimiter_and_line_end_is_found_and_kept(tmp_path, delimiter, end):
    data = joined(ROWS, delimiter, end).encode()
    assert read_csv(data, "Leads.csv").rows() == ROWS
    new = edited(tmp_path, data, (1, 1, "Bonn"), rows=({0: "Neu", 2: "x"},))
    rows = [ROWS[0], ["Müller GmbH", "Bonn", "Größe: 5 m²"], ROWS[2], ["Neu", "", "x"]]
    assert new == joined(rows, delimiter, end).encode()


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name;Amount;Rate\nA;1,5;2,5\nB;3,5;4,5\n", ";"),
        ("Leads, as of March 2026\n\nName;Amount\nA;1,5\nB;2,5\n", ";"),
        ('Name,Notes\nA,"x;y;z"\nB,"u;v;w"\n', ","),
        ("Name;Notes\nA;short\nB\nC;a, b, c and d, e\nD\n", ";"),
        ("sep=;\nName;a,b,c\nA;d,e,f\n", ";"),
        ("Name\nA\nB\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_most_lines_alike(text, delimiter):
    assert read_csv(text.encode(), "Leads.csv").delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\r\n"x, ""y""",z\r\n', [["a", "b"], ['x, "y"', "z"]]),
        ('a,b\n"two\nlines",z', [["a", "b"], ["two\nlines", "z"]]),
        ('a,b\n5" pipe,z\n', [["a", "b"], ['5" pipe', "z"]]),
        ('a,b\n"never closed,z\nc,d\n', [["a", "b"], ['"never closed', "z"], ["c", "d"]]),
        ('a,b\n"x"y,z\n', [["a", "b"], ['"x"y', "z"]]),
        ("a,b\n\n\nc,d\n\n", [["a", "b"], [None, None], [None, None], ["c", "d"], [None, None]]),
        ("a,b\nc\nd,e,f", [["a", "b", None], ["c", None, None], ["d", "e", "f"]]),
        ("a,\n,b", [["a", None], [None, "b"]]),
        ('a,b\n"",\n', [["a", "b"], [None, None]]),
        ("a,b\nNA,007\nNone,7e30\n", [["a", "b"], ["NA", "007"], ["None", "7e30"]]),
    ],
)
def test_fields_are_read_as_typed(text, rows):
    assert read_csv(text.encode(), "Leads.csv").rows() == rows


@pytest.mark.parametrize(
    ("before", "cell", "after"),
    [
        ("a,b\nx,y", (1, 1, "new"), "a,b\nx,new"),
        ('a,b\n"x","y"\n', (1, 1, "new"), 'a,b\n"x","new"\n'),
        ('a,b\n"x","y"\n', (1, 1, None), 'a,b\n"x",\n'),
        ("a,b\nx,y\n", (1, 0, 'say "hi"'), 'a,b\n"say ""hi""",y\n'),
        ("a,b\nx,y\n", (1, 0, "u;v"), 'a,b\n"u;v",y\n'),
        ("a,b\nx,y\n", (1, 0, " u"), 'a,b\n" u",y\n'),
        ("a,b,c,d\nx\ny\n", (1, 3, "new"), "a,b,c,d\nx,,,new\ny\n"),
        ("a,b\n\nx,y\n", (1, 1, "new"), "a,b\n,new\nx,y\n"),
        ("a,b\nx,y\n", (1, 0, True), "a,b\nTRUE,y\n"),
        ("a,b\nx,y\n", (1, 0, 5.0), "a,b\n5,y\n"),
        ("a,b\nx,y\n", (1, 0, date(2026, 3, 2)), "a,b\n2026-03-02,y\n"),
        ("a;b\n01.02.2026;y\n", (1, 1, date(2026, 3, 2)), "a;b\n01.02.2026;02.03.2026\n"),
        ("a;b\n01.02.2026;y\n", (1, 1, datetime(2026, 3, 2)), "a;b\n01.02.2026;02.03.2026\n"),
        ("a,b\nx,y\n", (1, 0, datetime(2026, 3, 2, 8, 30)), "a,b\n2026-03-02 08:30,y\n"),
    ],
)
def test_a_value_is_written_in_the_files_manner(tmp_path, before, cell, after):
    assert edited(tmp_path, before.encode(), cell) == after.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a,b\nx,y\n", "a,b\nx,y\nnew,\n"),
        ("a,b\nx,y", "a,b\nx,y\nnew,"),
        ("a,b\nx,y\n\n\n", "a,b\nx,y\nnew,\n\n\n"),
        ("a,b\nx,y\n,\n", "a,b\nx,y\nnew,\n,\n"),
        ("", "new\r\n"),
        ("\n\n", "new\n\n\n"),
    ],
)
def test_a_new_row_goes_below_the_last_line_that_holds_something(tmp_path, before, after):
    assert edited(tmp_path, before.encode(), rows=({0: "new"},)) == after.encode()


def test_a_new_row_that_the_encoding_cannot_hold_is_refused_and_nothing_is_written(tmp_path):
    data = joined(ROWS).encode("cp1252")
    with pytest.raises(EditRefused, match="cp1252"):
        edited(tmp_path, data, (1, 1, "Bonn"), rows=({0: "Łódź"},))
    assert (tmp_path / "crm" / "Leads.csv").read_bytes() == data


@pytest.mark.parametrize("data", [b"PK\x03\x04\0\0", b"\xff\xfe\x00", b"\xff\xfe\x00\xd8\x41\x00"])
def test_what_is_no_text_is_unreadable_and_named(data):
    with pytest.raises(WorkbookUnreadable, match=r"Leads\.csv is not text"):
        read_csv(data, "Leads.csv")


def test_hidden_files_and_other_files_are_no_tabs(tmp_path):
    for name in ("Leads.csv", "._Leads.csv", "notes.txt"):
        (tmp_path / name).write_text("a,b\n", encoding="utf-8")
    assert [grid.tab for grid in CsvFolder(tmp_path).read()] == ["Leads"]


def test_two_files_of_one_name_are_refused_since_both_would_be_written(tmp_path):
    for name in ("Leads.csv", "Leads.CSV"):
        (tmp_path / name).write_text("a,b\n", encoding="utf-8")
    with pytest.raises(WorkbookUnreadable, match="the same tab"):
        CsvFolder(tmp_path).read()


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\";,\t|\n'= "), max_size=8)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "lineterminator": st.sampled_from(["\r\n", "\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    }
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A table with plain headers; its cells hold anything, also the marks of other dialects."""
    width = draw(st.integers(2, 5))
    row = st.lists(TEXT, min_size=width, max_size=width)
    return [[f"Header {j}" for j in range(width)], *draw(st.lists(row, min_size=1, max_size=6))]


def written(table: list[list[str]], dialect: dict[str, object]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows(table)
    return file.getvalue()


@settings(max_examples=300, deadline=None)
@given(table=tables(), dialect=DIALECTS, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_pythons_csv_writes_in_any_dialect_is_read_back_equal(table, dialect, encoding):
    data = written(table, dialect).encode(encoding)
    assert read_csv(data, "Leads.csv").rows() == [[cell or None for cell in row] for row in table]


@settings(max_examples=150, deadline=None)
@given(table=tables(), dialect=DIALECTS, new=TEXT, place=st.tuples(st.integers(0, 99), st.integers(0, 99)))
def test_an_edit_of_one_cell_leaves_every_other_byte_alone(tmp_path_factory, table, dialect, new, place):
    data = written(table, dialect).encode()
    i, j = place[0] % len(table), place[1] % len(table[0])
    start, end = (len(data.decode()[:at].encode()) for at in read_csv(data, "Leads.csv").spans[i][j])

    after = edited(tmp_path_factory.mktemp("csv"), data, (i, j, new))

    assert after.startswith(data[:start])
    assert after.endswith(data[end:])
    assert len(after) >= len(data) - (end - start)
    if i:
        assert read_csv(after, "Leads.csv").rows()[i][j] == (new or None)


def test_a_large_file_is_read_in_seconds():
    lines = [f'L-{i},Firm {i},"Doe, Ann",a{i}@x.example,+44 20 7946 0{i:05},2026-03-02,12.5,' for i in range(200_000)]
    data = "\r\n".join(["Lead ID,Company,Contact,Email,Phone,Due,Amount,Notes", *lines]).encode()
    start = time.process_time()
    rows = read_csv(data, "Leads.csv").rows()
    assert time.process_time() - start < 30  # minutes, if it were quadratic
    assert len(rows) == 200_001
    assert rows[-1] == ["L-199999", "Firm 199999", "Doe, Ann", "a199999@x.example", *rows[-1][4:7], None]


def test_the_files_of_a_folder_tell_their_encoding_together(tmp_path):
    (tmp_path / "Leads.csv").write_bytes("Firma;Ort\r\nMüller & Söhne;Köln\r\nBäcker Groß;Zürich\r\n".encode("cp1252"))
    (tmp_path / "Team.csv").write_bytes("Name;E-Mail\r\nZoë Š;zoe@x.example\r\n".encode("cp1252"))
    grids = {grid.tab: grid for grid in CsvFolder(tmp_path).read()}
    assert grids["Team"].raw(1, 0) == "Zoë Š"
    assert grids["Leads"].raw(2, 0) == "Bäcker Groß"
