"""Whatever breaks between us and Google: no row twice, no cell wrong, nothing of ours left; and the words for it."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
import requests
from google.oauth2.credentials import Credentials
from gspread.exceptions import APIError
from scene import BATCH, LEADS, OWNER, READ, Scene

from sheetcrm.connectors import CellWrite, RowWrite, open_workbook
from sheetcrm.connectors.google.client import PATIENCE, Call, NoConnection, SheetsClient, Unconfirmed
from sheetcrm.connectors.google.pending import load
from sheetcrm.connectors.google.workbook import GoogleWorkbook
from sheetcrm.errors import ConfigError, EditRefused, SheetcrmError, WorkbookBusy, WorkbookUnreadable

WANTED = {"L-2": "Ben", "L-6": "Cem"}
NEW = {"L-100": "New 100", "L-101": "New 101"}


@pytest.fixture
def scene(server, tmp_path) -> Scene:
    return Scene(server, tmp_path)


def run(scene: Scene) -> int:
    """Does what a run does, from a new process each time, until it is through; gives the number of tries."""
    for tries in range(1, 8):
        book = scene.open()
        try:
            attempt(scene, book)
        except WorkbookBusy:
            continue
        return tries
    raise AssertionError("it never came through")


def attempt(scene: Scene, book: GoogleWorkbook) -> None:
    book.read()
    book.check_writable()
    for last in (False, True):
        (leads, _team) = book.read()
        headers = leads.rows[0]
        key, owner = headers.index("Lead ID"), headers.index("Owner")
        places = {row[key]: i for i, row in enumerate(leads.rows) if len(row) > key and row[key]}
        cells = [
            CellWrite("Leads", places[lead], owner, name, 0, key)
            for lead, name in WANTED.items()
            if lead in places and leads.raw(places[lead], owner) is None
        ]
        rows = [
            RowWrite("Leads", {key: lead, headers.index("Company"): name}, 0)
            for lead, name in NEW.items()
            if lead not in places
        ]
        try:
            book.write(cells, rows, scene.folder / "backups" / "0001-CRM")
        except WorkbookBusy as busy:
            if last or "changed since" not in busy.what:
                raise
            continue
        return


def check(scene: Scene) -> None:
    scene.server.control.reset()
    # Where taking our hidden tab away failed, the next run that writes does it.
    book = scene.open()
    book.read()
    book.check_writable()
    owners = {row[1]: WANTED.get(str(row[0]), row[2] or "") for row in LEADS}
    assert scene.owners() == {**owners, **dict.fromkeys(NEW.values(), "")}
    assert scene.tabs() == ["Leads", "Team"], "nothing of ours is left"
    assert not (scene.folder / "records" / "pending.json").exists()
    assert len(scene.server.resource(scene.key).get("developerMetadata", [])) <= 1


FAULTS = [
    *((when, status) for when in ("before", "middle", "after") for status in (500, 503)),
    *((when, "drop") for when in ("before", "after", "answer")),
    ("before", 429),
]


@pytest.mark.parametrize("times", [1, 9], ids=["once", "storm"])
@pytest.mark.parametrize(("when", "do"), FAULTS)
@pytest.mark.parametrize("call", [(READ, 1), (BATCH, 1), (BATCH, 2), (BATCH, 3)], ids=str)
def test_a_fault_at_any_call_ends_with_everything_written_once(scene, call, when, do, times) -> None:
    if when == "middle" and call[0] == READ:
        when = "before"
    scene.server.control.fail(call[0], do, when=when, nth=call[1], times=times)
    run(scene)
    check(scene)


@pytest.mark.parametrize("act", ["sort", "insert", "type"])
@pytest.mark.parametrize(("when", "do"), [("after", 503), ("after", "drop"), ("answer", "drop"), ("before", "drop")])
def test_people_who_sort_insert_and_type_while_an_answer_is_lost_lose_nothing(scene, when, do, act) -> None:
    acts = {
        "sort": scene.sort,
        "insert": lambda: scene.insert("ROWS", 1),
        "type": lambda: scene.type_in(4, OWNER, "by hand"),
    }
    scene.at(2, acts[act])
    scene.at(1, lambda: scene.sort("Lead ID", "ASCENDING"), READ, "after")
    scene.server.control.fail(BATCH, do, when=when, nth=2)
    run(scene)
    owners = scene.owners()
    assert {name: owners[name] for name in ("Firm 2", "Firm 6")} == {"Firm 2": "Ben", "Firm 6": "Cem"}
    assert owners["Firm 4"] == ("by hand" if act == "type" else "")
    keys = [row[0] for row in scene.rows() if row and row[0]]
    assert sorted(keys) == sorted([*(str(row[0]) for row in LEADS), *NEW])


def test_a_process_that_dies_after_the_write_is_looked_after_by_the_next_one(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(2, scene.sort)
    scene.server.control.fail(BATCH, "drop", when="after", nth=2)
    scene.server.control.fail(READ, "drop", times=3)
    with pytest.raises(WorkbookBusy, match="all of it is written, or none of it") as busy:
        scene.write(book, {2: "Ben"})
    assert "nothing is written twice" in busy.value.remedy
    (pending,) = load(scene.folder / "records" / "pending.json")
    assert pending.targets[0].key == "L-2"
    assert scene.owners()["Firm 7"] == "Ben", "the value stands in a wrong row now"
    again = scene.open()
    again.read()
    again.check_writable()
    assert scene.owners()["Firm 7"] == "Ann"
    assert scene.owners()["Firm 2"] == "Ben"
    assert scene.tabs() == ["Leads", "Team"]


def start_again(scene: Scene) -> None:
    book = scene.open()
    book.read()
    book.check_writable()


def test_rows_appended_right_before_a_process_died_are_put_right_by_the_next_one(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(2, lambda: scene.insert("COLUMNS", 1))
    scene.server.control.fail(BATCH, "drop", when="after", nth=2)
    scene.server.control.fail(READ, "drop", times=3)
    with pytest.raises(WorkbookBusy, match="all of it is written, or none of it"):
        book.write([], [RowWrite("Leads", {0: "L-9", 1: "Firm 9", 3: "hall 9"}, 0)], scene.folder / "b")
    assert "Firm 9" not in scene.owners(), "its values stand below other headers"
    start_again(scene)
    assert scene.rows()[-1] == ["L-9", "", "Firm 9", "", "hall 9"]
    assert scene.tabs() == ["Leads", "Team"]


def test_what_is_to_be_put_right_is_not_forgotten_when_that_batch_never_arrives(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(2, scene.sort)
    scene.server.control.fail(BATCH, 400, nth=3)
    with pytest.raises(EditRefused, match="Google refused the change"):
        scene.write(book, {2: "Ben"})
    assert scene.owners()["Firm 7"] == "Ben", "the value stands in a wrong row now"
    start_again(scene)
    assert scene.owners()["Firm 7"] == "Ann"
    assert scene.owners()["Firm 2"] == "Ben"
    assert scene.tabs() == ["Leads", "Team"]


def test_a_write_that_never_arrived_leaves_only_a_note_that_the_next_run_tears_up(scene) -> None:
    book = scene.open()
    book.read()
    scene.server.control.fail(BATCH, "drop", when="before", nth=2)
    scene.server.control.fail(READ, "drop", times=3)
    with pytest.raises(WorkbookBusy):
        scene.write(book, {2: "Ben"})
    again = scene.open()
    again.read()
    again.check_writable()
    assert not (scene.folder / "records" / "pending.json").exists()
    assert scene.owners()["Firm 2"] == ""


@pytest.mark.parametrize(
    "junk", ["", "{", "[]", '{"mark": 1}', '{"mark": 1, "scratch": {}, "headers": [], "targets": [{}]}']
)
def test_a_note_that_cannot_be_read_stops_nothing(scene, junk) -> None:
    path = scene.folder / "records" / "pending.json"
    path.parent.mkdir(parents=True)
    path.write_text(junk)
    book = scene.open()
    book.read()
    assert scene.write(book, {2: "Ben"}) == ()
    assert not path.exists()


# -- the client: patience, and its end --------------------------------------------------------------------------------


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(server, waits) -> SheetsClient:
    return SheetsClient(Credentials("x"), base=server.url, sleep=waits.append, dice=lambda: 0.5)


def get(client, key):
    return client.request("get", f"https://sheets.googleapis.com/v4/spreadsheets/{key}").json()


def post(client, key):
    body = {"requests": [{"addSheet": {}}]}
    return client.request("post", f"https://sheets.googleapis.com/v4/spreadsheets/{key}:batchUpdate", json=body)


def test_a_read_is_repeated_with_growing_waits_that_end(client, scene, waits) -> None:
    scene.server.control.fail(READ, 503, times=3)
    get(client, scene.key)
    assert waits == [1, 2, 4]
    assert client.asked[-1].tries == 4
    assert "3 of them repeated" in client.spent()
    waits.clear()
    scene.server.control.fail(READ, 503, times=99)
    with pytest.raises(APIError):
        get(client, scene.key)
    assert len(waits) == 6
    assert sum(waits) <= PATIENCE


def test_a_write_is_not_repeated_but_for_a_429_which_says_that_nothing_was_done(client, scene, waits) -> None:
    scene.server.control.fail(BATCH, 429, times=2)
    post(client, scene.key)
    assert waits == [1, 2]
    for do in (500, 503, "drop"):
        scene.server.control.reset()
        scene.server.control.fail(BATCH, do, when="after")
        with pytest.raises(Unconfirmed):
            post(client, scene.key)
        assert scene.calls().count(BATCH) == 1
    assert len(scene.tabs()) == 2 + 1 + 3


def test_no_connection_is_said_after_few_tries(client, scene, waits) -> None:
    scene.server.control.fail(READ, "drop", times=99)
    with pytest.raises(NoConnection):
        get(client, scene.key)
    assert len(waits) == 2
    nowhere = SheetsClient(Credentials("x"), base="http://127.0.0.1:9", sleep=waits.append)
    with pytest.raises(NoConnection):
        get(nowhere, scene.key)


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(client, scene) -> None:
    client.set_timeout(0.2)
    scene.server.control.fail(READ, "hang", times=99)
    with pytest.raises(NoConnection) as broken:
        get(client, scene.key)
    assert isinstance(broken.value.__cause__, requests.Timeout)


def test_what_cannot_pass_is_not_repeated(client, waits) -> None:
    with pytest.raises(APIError):
        get(client, "nope")
    assert waits == []
    assert Call("post", "x:getByDataFilter", {}).is_read
    assert not Call("post", "x:batchUpdate", {}).is_read


def test_a_quota_of_sixty_a_minute_is_enough_for_many_runs(scene) -> None:
    scene.server.control.quota = 60
    for n in range(15):
        book = scene.open()
        book.read()
        scene.write(book, {2: f"Owner {n}"})
    assert scene.owners()["Firm 2"] == "Owner 14"


# -- words ------------------------------------------------------------------------------------------------------------


def refusal(book: GoogleWorkbook, kind: type[SheetcrmError]) -> SheetcrmError:
    with pytest.raises(kind) as found:
        book.read()
    assert found.value.remedy
    return found.value


def test_a_sheet_that_is_not_shared_names_the_address_to_share_it_with(scene) -> None:
    scene.server.control.private_ids = {scene.key}
    book = scene.open()
    object.__setattr__(book.sender, "email", "robot@project.example")
    found = refusal(book, WorkbookUnreadable)
    assert found.what == "The sheet is not shared with robot@project.example."
    assert "click Share, and add robot@project.example as Editor" in found.remedy


def test_a_sheet_that_is_gone_is_said_to_be(scene) -> None:
    scene.server.store.delete(scene.key)
    assert "it was deleted, or the address is not complete" in refusal(scene.open(), WorkbookUnreadable).what


@pytest.mark.parametrize(
    ("do", "kind", "words"),
    [
        (429, WorkbookBusy, "Google allows no more calls for now"),
        (503, WorkbookBusy, "does not answer as it should"),
        ("drop", WorkbookBusy, "Google cannot be reached"),
        (401, ConfigError, "does not accept the sign-in"),
        (400, WorkbookUnreadable, "refused to show the sheet"),
    ],
)
def test_what_goes_wrong_with_a_read_is_said_in_the_owners_words(scene, do, kind, words) -> None:
    scene.server.control.fail(READ, do, times=99)
    assert words in refusal(scene.open(), kind).what


def test_the_api_that_is_switched_off_is_named_with_the_page_that_switches_it_on() -> None:
    from sheetcrm.connectors.google.faults import words

    page = "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=7"
    message = (
        f"Google Sheets API has not been used in project 7 before or it is disabled. Enable it: {page} then retry."
    )
    answer = requests.Response()
    answer.status_code = 403
    error = {"code": 403, "message": message, "status": "PERMISSION_DENIED"}
    answer.raw = BytesIO(json.dumps({"error": error}).encode())
    found = words(APIError(answer), "k", "", is_write=False)
    assert isinstance(found, ConfigError)
    assert page in found.remedy


def test_who_may_only_look_is_told_before_anything_is_written(scene) -> None:
    book = scene.open()
    book.read()
    scene.server.control.fail(BATCH, 403, times=9)
    with pytest.raises(EditRefused, match="may look at the sheet, but not change it") as found:
        book.check_writable()
    assert "as Editor" in found.value.remedy


def test_a_refusal_that_nobody_foresaw_is_passed_on_and_nothing_stays_behind(scene) -> None:
    book = scene.open()
    book.read()
    scene.server.control.fail(BATCH, 400, nth=2)
    with pytest.raises(EditRefused, match="Google refused the change"):
        scene.write(book, {2: "Ben"})
    assert scene.tabs() == ["Leads", "Team"]
    again = scene.open()
    again.read()
    again.check_writable()
    assert not (scene.folder / "records" / "pending.json").exists()


def test_rows_that_people_take_away_in_that_moment_mean_that_the_sheet_changed(scene) -> None:
    book = scene.open()
    book.read()
    size = {"rowCount": 5, "columnCount": 4}
    shrink = {"properties": {"sheetId": 0, "gridProperties": size}, "fields": "gridProperties(rowCount,columnCount)"}
    scene.at(2, lambda: scene.edit({"updateSheetProperties": shrink}))
    with pytest.raises(WorkbookBusy, match="changed since it was read"):
        scene.write(book, {2: "Ben"})
    assert scene.owners()["Firm 2"] == ""


def test_an_address_is_a_workbook_however_it_is_written(scene) -> None:
    key = scene.key
    for address in (
        key,
        f"https://docs.google.com/spreadsheets/d/{key}",
        f"https://docs.google.com/spreadsheets/d/{key}/edit?usp=sharing#gid=0",
        f"https://docs.google.com/spreadsheets/u/1/d/{key}/edit",
        f"  https://docs.google.com/a/firm.example/spreadsheets/d/{key}/edit ",
    ):
        book = open_workbook(address)
        assert isinstance(book, GoogleWorkbook)
        assert book.key == key
        assert book.address == f"https://docs.google.com/spreadsheets/d/{key}"


def test_a_line_that_breaks_after_the_server_was_busy_is_given_up_as_well(client, scene, server, waits) -> None:
    for n in range(1, 4):
        server.control.fail(READ, 429, nth=n)
    for n in range(4, 40):
        server.control.fail(READ, "drop", nth=n)
    with pytest.raises(NoConnection):
        client.ask(Call("get", f"https://sheets.googleapis.com/v4/spreadsheets/{scene.key}", {}), may_repeat=True)
    assert len(waits) <= 4
    assert client.spent().startswith("1 call (1 to read")
