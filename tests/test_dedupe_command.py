"""`sheetcrm dedupe`: any CSV file or tab in, the same rows out with their groups, and the pairs to look at."""

from __future__ import annotations

import csv
import json
import sys

import pytest
from openpyxl import Workbook

from sheetcrm.cli import main

TABLE = [
    ["row_id", "Name", "Firma", "E-Mail", "PLZ"],
    ["A7", "Ann Marlowe", "Acme Foods Ltd", "ann@acme.example", "007"],
    ["A8", "Hugo Brothwell", "NA", "hugo@bolt.example", "None"],
    ["A9", "Marlowe, Ann", "ACME FOODS", "ANN@acme.example", "007"],
    ["A10", "Percy Ladle", "Acme Foods", "ann@acme.example", ""],
]


def run(capsys, *args):
    with pytest.raises(SystemExit) as stop:
        main(["dedupe", *map(str, args)])
    return stop.value.code, capsys.readouterr()


def write(path, rows, encoding="utf-8", delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_out_holds_the_rows_as_they_were_with_group_likelihood_and_reason(tmp_path, capsys):
    out = tmp_path / "out.csv"
    code, said = run(capsys, write(tmp_path / "in.csv", TABLE), "-o", out)
    assert code == 0
    assert said.out == "4 rows: 1 group of the same, 1 row too many; out.csv\n2 pairs to look at; out.csv.review.csv\n"
    rows = read(out)
    assert [row[:5] for row in rows] == TABLE
    assert rows[0][5:] == ["cluster_id", "probability", "reason"]
    assert [row[5] for row in rows[1:]] == ["1", "2", "1", "3"]
    assert float(rows[1][6]) > 0.9
    assert rows[1][7].startswith("same name; ")
    assert rows[2][6:] == ["", ""]


def test_unsure_pairs_stand_in_the_review_file_by_their_row_id(tmp_path, capsys):
    run(capsys, write(tmp_path / "in.csv", TABLE), "-o", tmp_path / "out.csv")
    header, *rows = read(tmp_path / "out.csv.review.csv")
    assert header == ["row_id_1", "row_id_2", "score", "reason"]
    assert sorted(row[:2] for row in rows) == [["A7", "A10"], ["A9", "A10"]]
    assert all(0.3 <= float(row[2]) < 0.85 and "different names" in row[3] for row in rows)


def test_without_row_id_the_rows_are_numbered_from_one(tmp_path, capsys):
    run(capsys, write(tmp_path / "in.csv", [row[1:] for row in TABLE]), "-o", tmp_path / "out.csv")
    assert sorted(row[:2] for row in read(tmp_path / "out.csv.review.csv")[1:]) == [["1", "4"], ["3", "4"]]


def test_a_tab_of_a_workbook_is_read_below_its_title_and_007_and_na_survive(tmp_path, capsys):
    book = Workbook()
    book.active.title = "Notes"
    tab = book.create_sheet("Leads")
    for row in [["Our leads"], [], *TABLE]:
        tab.append(row)
    book.save(tmp_path / "crm.xlsx")
    code, _ = run(capsys, tmp_path / "crm.xlsx", "-t", "Leads", "-o", tmp_path / "out.csv")
    assert code == 0
    assert [row[:5] for row in read(tmp_path / "out.csv")] == TABLE


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";")])
def test_a_file_in_the_manner_of_excel_is_understood(tmp_path, capsys, encoding, delimiter):
    rows = [["Name", "Ort"], ["Jörg Köhler", "Köln"], ["Jörg Köhler", "Köln"], ["Zoë; Weiß", "Ulm"]]
    code, _ = run(capsys, write(tmp_path / "in.csv", rows, encoding, delimiter), "-o", tmp_path / "out.csv")
    assert code == 0
    assert [row[:2] for row in read(tmp_path / "out.csv")] == rows


def test_its_own_output_can_be_read_again_without_being_believed(tmp_path, capsys):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run(capsys, write(tmp_path / "in.csv", TABLE), "-o", first)
    run(capsys, first, "-o", second)
    assert [row[8] for row in read(second)[1:]] == [row[5] for row in read(first)[1:]]


def test_short_and_long_rows_blank_cells_and_twin_headers_lose_nothing(tmp_path, capsys):
    rows = [["Name", "Tel", "Tel"], ["Ann Lee"], ["", "", ""], ["Bo Ek", "1", "2", "3"]]
    run(capsys, write(tmp_path / "in.csv", rows), "-o", tmp_path / "out.csv")
    assert [row[: len(given)] for row, given in zip(read(tmp_path / "out.csv"), rows, strict=True)] == rows
    one = [["Name"], ["Ann Lee"], [""], ["Bo Ek"]]
    run(capsys, write(tmp_path / "one.csv", one), "-o", tmp_path / "out.csv")
    assert [row[0] for row in read(tmp_path / "out.csv")] == ["Name", "Ann Lee", "", "Bo Ek"]


def test_json_tells_counts_files_and_what_each_column_was_taken_for(tmp_path, capsys):
    _, said = run(capsys, write(tmp_path / "in.csv", TABLE), "-o", tmp_path / "out.csv", "--json")
    told = json.loads(said.out)
    assert (told["rows"], told["groups"], told["duplicates"], told["review"]) == (4, 1, 1, 2)
    assert told["columns"] == {"Name": "name", "Firma": "company", "E-Mail": "e-mail", "PLZ": "postcode"}


@pytest.mark.parametrize(
    ("table", "more", "code", "word"),
    [
        ("absent.csv", [], 6, "is no file"),
        ("in.csv", ["-t", "Leads"], 6, "has no tabs"),
        ("empty.csv", [], 5, "holds no table"),
        ("zeros.csv", [], 5, "zero bytes"),
        ("broken.xlsx", [], 5, "broken.xlsx"),
    ],
)
def test_what_cannot_be_read_is_said_plainly_and_nothing_is_written(tmp_path, capsys, table, more, code, word):
    write(tmp_path / "in.csv", TABLE)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "zeros.csv").write_bytes(b"a,b\n\0\0\n")
    (tmp_path / "broken.xlsx").write_text("no workbook")
    found, said = run(capsys, tmp_path / table, *more, "-o", tmp_path / "out.csv")
    assert found == code
    assert word in said.err
    assert not (tmp_path / "out.csv").exists()


def test_the_table_itself_is_never_overwritten(tmp_path, capsys):
    table = write(tmp_path / "in.csv", TABLE)
    code, said = run(capsys, table, "-o", table)
    assert (code, read(table)) == (3, TABLE)
    assert "another name" in said.err


def test_without_dask_the_scheduler_option_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, said = run(capsys, write(tmp_path / "in.csv", TABLE), "-o", tmp_path / "o.csv", "--scheduler", "tcp://x:1")
    assert code == 2
    assert "sheetcrm[cluster]" in said.err
