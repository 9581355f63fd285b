"""The commands on a Google Sheet: what they cost is said on request, and what goes wrong in the owner's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scene import BATCH, READ, Scene

from sheetcrm.cli import main

DAY = "2026-03-02"


@pytest.fixture
def scene(server, tmp_path, monkeypatch) -> Scene:
    monkeypatch.setenv("SHEETCRM_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Scene(server, tmp_path, headers=["Lead ID", "Company", "Owner", "Notes"])


@pytest.fixture
def call(capsys) -> Callable[..., tuple[int, str]]:
    """A command's exit code, and all that it says."""

    def done(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return done


def address(scene: Scene) -> str:
    return f"https://docs.google.com/spreadsheets/d/{scene.key}/edit?gid=0#gid=0"


def test_the_doctor_tries_the_sheet_only_when_asked(scene, call) -> None:
    _, plain = call("doctor", address(scene))
    assert "the sheet CRM can be read, its zone is Etc/GMT" in plain
    assert "taken away again" not in plain
    assert BATCH not in scene.calls()
    _, tried = call("doctor", address(scene), "--scratch")
    assert "and the tab was taken away again" in tried
    assert scene.tabs() == ["Leads", "Team"]


def test_the_doctor_names_whom_to_share_the_sheet_with(scene, call) -> None:
    scene.server.control.fail(BATCH, 403, times=9)
    code, tried = call("doctor", address(scene), "--scratch")
    assert code == 1
    assert "may look at the sheet, but not change it" in tried
    assert "click Share" in tried


def test_what_google_was_asked_is_said_on_request_only(scene, call) -> None:
    code, quiet = call("plan", address(scene), "--as-of", DAY)
    assert (code, "Google:" in quiet) == (0, False)
    _, told = call("plan", address(scene), "--as-of", DAY, "--verbose")
    assert "Google: 1 call (1 to read, 0 to write)" in told


def test_a_run_that_writes_takes_four_calls(scene, call) -> None:
    scene.edit({"appendCells": {"sheetId": 0, "rows": [{"values": []}], "fields": "*"}})
    scene.type_in(9, 1, "Firm without a key")
    _, done = call("run", address(scene), "--as-of", DAY, "--verbose")
    assert "Google: 4 calls (1 to read, 3 to write)" in done, done
    assert [one for one in scene.calls() if one in (READ, BATCH)] == [READ, BATCH, BATCH, BATCH]
    assert scene.rows()[-1][0], "the row got a key"


@pytest.mark.usefixtures("server")
def test_a_sheet_that_is_gone_is_said_to_be(call) -> None:
    code, done = call("plan", "https://docs.google.com/spreadsheets/d/" + "x" * 44, "--as-of", DAY)
    assert code != 0
    assert "There is no such Google Sheet" in done
    assert "Traceback" not in done


def test_the_state_of_a_sheet_lies_with_the_user_and_not_where_the_command_was_given(scene, call, tmp_path) -> None:
    call("run", address(scene), "--as-of", DAY)
    assert [one.name for one in (tmp_path / "work").iterdir() if one.suffix in {".db", ".sqlite"}] == []
    assert list((tmp_path / "home").rglob(scene.key))


def test_the_tab_for_rules_is_put_into_the_sheet_once(scene, call) -> None:
    code, done = call("rules", "add-tab", address(scene))
    assert (code, scene.tabs()) == (0, ["Leads", "Team", "Rules"]), done
    assert "CRM has a tab Rules now" in done
    rules = next(one for one in scene.server.resource(scene.key)["sheets"] if one["properties"]["title"] == "Rules")
    assert rules["properties"]["gridProperties"]["frozenRowCount"] == 3
    assert rules["data"][0]["rowData"][3]["values"][0]["dataValidation"]["strict"]
    code, _ = call("rules", "check", address(scene))
    assert code == 0
    code, done = call("rules", "add-tab", address(scene))
    assert (code, "has a tab Rules already" in done) == (3, True)


def test_what_is_wrong_is_kept_in_a_tab_with_a_link_to_each_cell(scene, call) -> None:
    scene.type_in(2, 0, "L-1")
    code, done = call("check", address(scene), "--tab")
    assert (code, scene.tabs()) == (0, ["Leads", "Team", "Issues"]), done
    rows = scene.server.cells(scene.key, "Issues")
    assert {row[1] for row in rows if row[0] in {"error", "warning"} and row[2] == "L-1"} == {"Leads!A2", "Leads!A3"}
    tab = next(one for one in scene.server.resource(scene.key)["sheets"] if one["properties"]["title"] == "Issues")
    assert tab["properties"]["gridProperties"]["frozenRowCount"] == 2
    links = [row["values"][1].get("hyperlink", "") for row in tab["data"][0]["rowData"][2:]]
    assert any(one.startswith("#gid=0&range=A") for one in links), links
    scene.type_in(2, 0, "L-2")
    call("run", address(scene), "--as-of", DAY)
    assert not [row for row in scene.server.cells(scene.key, "Issues") if "L-1" in row]


TWINS = (
    "Lead ID|Company|Contact|E-mail|Phone|Status|Owner|Created|Duplicate Of",
    "L-1|Acme Ltd|Ann Lee|ann.lee@acme.example||Contacted|Dan|2026-01-01|",
    "L-2|Acme Ltd|Ann Lee|ann.lee@acme.example|+44 20 7946 0018|Proposal||2026-02-01|",
    "L-3|Acme Limited|Ann Lee|a.lee@acme.example||New|Eva|2026-02-03|",
    "L-4|Bolt Werke|Bo Ek|bo@bolt.example||New|Eva|2026-02-04|",
)


def test_duplicates_are_asked_about_in_a_tab_and_merged_as_decided(scene, call) -> None:
    scene.key = scene.server.create("CRM", {"Leads": [line.split("|") for line in TWINS]})
    code, done = call("review", address(scene), "--allow-large")
    assert (code, scene.tabs()) == (0, ["Leads", "Duplicates"]), done
    tab = next(one for one in scene.server.resource(scene.key)["sheets"] if one["properties"]["title"] == "Duplicates")
    lists = [
        (i, j, cell["dataValidation"])
        for i, row in enumerate(tab["data"][0]["rowData"])
        for j, cell in enumerate(row.get("values", ()))
        if "dataValidation" in cell
    ]
    row, column, rule = lists[0]
    assert "Same" in [one["userEnteredValue"] for one in rule["condition"]["values"]]
    start = {"sheetId": tab["properties"]["sheetId"], "rowIndex": row, "columnIndex": column}
    same = {"values": [{"userEnteredValue": {"stringValue": "Same"}}]}
    scene.edit({"updateCells": {"start": start, "rows": [same], "fields": "userEnteredValue"}})
    code, done = call("run", address(scene), "--as-of", DAY, "--allow-large")
    assert code == 0, done
    leads = {row[0]: row for row in scene.server.cells(scene.key, "Leads")}
    assert (leads["L-1"][8], leads["L-2"][6]) == ("L-2", "Dan"), "what the one that stays lacked came from the other"
