"""Rows that a person calls the same are merged, and taken back months later: nothing is lost, people's edits stay."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from merged_crm import LEADS, at, build, decide, read, rows, run, sort, type_in, undo, unmerge

from sheetcrm.errors import NotFound, PlanRefused
from sheetcrm.jobs.decisions import SAME, decided
from sheetcrm.jobs.marks import merge_of
from sheetcrm.xlsx import open_book

PHONES = (
    LEADS[0],
    "L-1|Acme Ltd|Ann Lee|ann.lee@acme.example|+44 20 7946 0018|Won|Dan|2026-01-01|||",
    "L-2|Acme Ltd|Ann Lee|ann.lee@acme.example|+44 20 7946 0099|New||2026-02-01|||",
)


@pytest.fixture(params=["crm.xlsx", "crm"])
def crm(request, tmp_path):
    return build(tmp_path / request.param)


@pytest.fixture
def book(tmp_path):
    return build(tmp_path / "crm.xlsx")


def test_by_default_sure_duplicates_are_marked_and_asked_about_and_nothing_is_merged(crm):
    before = rows(crm)
    plan = run(crm)
    assert [(one.cell, one.new) for one in plan.changes] == [
        ("Activities!A4", "A-3"), ("Leads!J2", "L-2"), ("Leads!J4", "L-2"),
    ]  # fmt: skip
    assert rows(crm) == before | {key: {**before[key], "Duplicate Of": "L-2"} for key in ("L-1", "L-3")}
    assert [row[0] for row in read(crm, "Duplicates")[2:]] == ["L-1 ↔ L-2"] * 2 + ["L-2 ↔ L-3"] * 2
    assert run(crm).is_empty


def test_two_rows_called_the_same_are_one_with_the_values_of_both(crm):
    run(crm)
    decide(crm, L1_L2="Same")
    plan = run(crm)
    assert rows(crm)["L-2"] == {
        "Lead ID": "L-2", "Company": "Acme Ltd", "Contact": "Ann Lee", "E-mail": "ann.lee@acme.example",
        "Phone": "+44 20 7946 0018", "Status": "Proposal", "Owner": "Dan", "Created": "2026-01-01", "Tags": "fair, hot",
        "Notes": "wants a call\nmet at the fair\n— from L-1, merged 2026-03-02",
    }  # fmt: skip
    assert [row["Lead"] for row in rows(crm, "Activities").values()] == ["L-2", "L-2", "L-3"]
    assert {one.rule for one in plan.changes} == {"merge L-1 into L-2"}
    assert [row[0] for row in read(crm, "Duplicates")[2:]] == ["L-2 ↔ L-3"] * 2
    assert run(crm).is_empty


def test_a_merge_is_taken_back_after_a_sort_and_an_edit_and_the_edit_stays(crm):
    before = rows(crm)
    run(crm)
    decide(crm, L1_L2="Same")
    run(crm)
    sort(crm)
    type_in(crm, "L-2", "Owner", "Eva")
    plan = unmerge(crm, "L-1")
    assert [(one.what, one.cell) for one in plan.skipped] == [("Owner of L-2", "Leads!G4")]
    assert plan.skipped[0].why == 'a person changed it since the merge to "Eva"; it stays'
    after = rows(crm)
    assert after["L-1"] == before["L-1"]
    assert after["L-2"] == {**before["L-2"], "Owner": "Eva"}
    assert rows(crm, "Activities")["A-1"]["Lead"] == "L-1"
    assert not run(crm, "2026-05-03").changes


def test_of_two_rows_merged_one_is_taken_back_and_the_other_stays_merged(crm):
    run(crm)
    decide(crm, L1_L2="Same", L2_L3="Same")
    run(crm)
    unmerge(crm, "L-1")
    after = rows(crm)["L-2"]
    assert (after["Owner"], after["Created"], after["Tags"]) == ("Eva", "2026-02-01", "fair")
    assert after["Notes"] == ("wants a call\nsecond desk\nE-mail: a.lee@acme.example\n— from L-3, merged 2026-03-02")
    assert [row["Lead"] for row in rows(crm, "Activities").values()] == ["L-1", "L-2", "L-2"]


def test_of_a_merge_in_two_steps_the_first_is_taken_back_from_both(book):
    before = rows(book)
    run(book)
    decide(book, L2_L3="Same")
    run(book)
    plan_chain(book)
    assert "second desk" in rows(book)["L-4"]["Notes"]
    assert rows(book, "Activities")["A-3"]["Lead"] == "L-4"
    unmerge(book, "L-3")
    assert rows(book)["L-3"] == before["L-3"]
    assert "second desk" not in rows(book)["L-4"]["Notes"] + rows(book)["L-2"]["Notes"]
    assert rows(book, "Activities")["A-3"]["Lead"] == "L-3"
    unmerge(book, "L-2")
    assert {key: row for key, row in rows(book).items() if key in {"L-2", "L-4"}} == {
        "L-2": before["L-2"], "L-4": {**before["L-4"], "Status": "Won"},
    }  # fmt: skip


def plan_chain(book):
    """L-2, into which L-3 went, goes into L-4 itself."""
    type_in(book, "L-4", "Status", "Won")
    say_same(book, "L-2", "L-4")
    run(book, "2026-03-05")


def archived(book):
    head, *lines = read(book, "Archive")
    return [dict(zip(head, line, strict=True)) for line in lines]


def say_same(path, one, other):
    table = at(path).take().snapshot.tables["Leads"]
    by_key = {row.key: row for row in table}
    at(path).journal.remember(decided(SAME, by_key[one], by_key[other], 0.8, "2026-03-01"))


def test_another_address_or_number_goes_into_the_notes(tmp_path):
    book = build(tmp_path / "crm.xlsx", PHONES)
    run(book, merge="sure")
    assert rows(book)["L-1"]["Notes"] == "Phone: +44 20 7946 0099\n— from L-2, merged 2026-03-02"
    unmerge(book, "L-2", merge="sure")
    assert "Notes" not in rows(book)["L-1"]


def test_another_number_goes_into_the_column_for_it_where_there_is_one(tmp_path):
    leads = tuple(f"{line}|{'Phone 2' if i == 0 else ''}" for i, line in enumerate(PHONES))
    book = build(tmp_path / "crm.xlsx", leads)
    run(book, merge="sure")
    assert rows(book)["L-1"]["Phone 2"] == "+44 20 7946 0099"
    assert "Notes" not in rows(book)["L-1"]


def test_surely_the_same_rows_are_merged_unasked_where_the_owner_wants_it_so(book):
    run(book, merge="sure")
    assert rows(book)["L-2"]["Owner"] == "Dan"
    assert not [row for row in at(book).take().snapshot.grids if row.tab == "Duplicates"]


def test_nothing_is_merged_where_the_owner_forbids_it(book):
    run(book)
    decide(book, L1_L2="Same")
    assert not run(book, merge="never").changes


def test_a_field_keeps_the_value_that_the_owner_s_rule_says(book):
    run(book)
    decide(book, L1_L2="Same")
    run(book, fields={"created": "newest", "Owner": "master", "tags": "longest"})
    after = rows(book)["L-2"]
    assert (after["Created"], after.get("Owner"), after["Tags"]) == ("2026-02-01", None, "fair")


def test_what_a_person_calls_different_loses_its_mark_and_is_not_asked_about_again(crm):
    run(crm)
    decide(crm, L1_L2="Different")
    plan = run(crm)
    assert [(one.cell, one.new) for one in plan.changes] == [("Leads!J2", None)]
    assert [row[0] for row in read(crm, "Duplicates")[2:]] == ["L-2 ↔ L-3"] * 2
    assert run(crm).is_empty


def test_decisions_are_remembered_after_the_tab_was_deleted(tmp_path):
    folder = build(tmp_path / "crm")
    run(folder)
    decide(folder, L1_L2="Different", L2_L3="Later")
    run(folder)
    (folder / "Duplicates.csv").unlink()
    run(folder)
    assert [row[:2] for row in read(folder, "Duplicates")[2::2]] == [["L-2 ↔ L-3", "Later"]]


def test_a_merge_in_the_archive_leaves_the_key_and_comes_back_whole(book):
    before = rows(book)
    run(book, archive=True)
    decide(book, L1_L2="Same")
    run(book, archive=True)
    assert rows(book)["L-1"] == {"Lead ID": "L-1", "Duplicate Of": "L-2"}
    (told,) = archived(book)
    assert (told["From Tab"], told["Merged Into"], told["Merged On"]) == ("Leads", "L-2", datetime(2026, 3, 2))
    assert {name: told[name] for name in before["L-1"]} == before["L-1"]
    unmerge(book, "L-1", archive=True)
    assert rows(book) == before | {"L-3": {**before["L-3"], "Duplicate Of": "L-2"}}
    assert len(read(book, "Archive")) == 1


def test_undoing_an_earlier_merge_leaves_what_later_ones_put_into_the_archive(book):
    run(book, archive=True)
    decide(book, L1_L2="Same")
    run(book, archive=True)
    decide(book, L2_L3="Same")
    run(book, archive=True)
    undo(book, 2)
    assert rows(book)["L-1"]["Notes"] == "met at the fair"
    assert [row["Lead ID"] for row in archived(book)] == ["L-1", "L-3"]


def test_a_row_in_the_archive_comes_back_before_those_that_went_into_it(book):
    run(book, archive=True)
    decide(book, L2_L3="Same")
    run(book, archive=True)
    type_in(book, "L-4", "Status", "Won")
    say_same(book, "L-2", "L-4")
    run(book, "2026-03-05", archive=True)
    with pytest.raises(PlanRefused, match="L-2 itself was merged into L-4"):
        unmerge(book, "L-3", archive=True)
    unmerge(book, "L-2", archive=True)
    unmerge(book, "L-3", archive=True)
    assert rows(book)["L-3"]["Notes"] == "second desk"


def test_an_archive_of_a_person_s_own_is_left_alone(book):
    sheet = open_book(book)
    assert "Archive" not in sheet.tabs
    from merged_crm import write

    write(book, {"Archive": [["old", "things"], [1, 2]]})
    run(book, merge="sure", archive=True)
    assert read(book, "Archive") == [["old", "things"], [1, 2]]
    assert len(read(book, "Archive (sheetcrm)")) == 3


def test_a_tab_duplicates_of_a_person_s_own_is_left_alone_and_told_of(book):
    from merged_crm import write

    write(book, {"Duplicates": [["Cards", "Count"], ["red", 2]]})
    plan = run(book)
    assert [(one.what, one.why) for one in plan.skipped] == [
        ("the tab Duplicates with 2 pairs that may be the same", "the workbook has another tab of that name")
    ]
    assert read(book, "Duplicates") == [["Cards", "Count"], ["red", 2]]


def test_accounts_are_merged_with_their_leads_and_activities(tmp_path):
    accounts = (
        "Account ID|Account Name|Website|City|Duplicate Of",
        "AC-1|Acme Ltd|acme.example||",
        "AC-2|Acme Limited|www.acme.example|London|",
        *(f"AC-{i + 3}|{name} Works|{name.lower()}.example|Paris|" for i, name in enumerate(FIRMS)),
    )
    leads = ("Lead ID|Company|Contact|Account|Status", "L-1|Acme Ltd|Ann Lee|AC-2|Won")
    activities = ("Activity ID|Lead|Account|Type|Date|Subject", "A-1||AC-2|Call|2026-01-05|hello")
    book = build(tmp_path / "crm.xlsx", leads, Accounts=accounts, Activities=activities)
    run(book)
    decide_first(book, "Same")
    run(book)
    run(book)
    stays = next(key for key in ("AC-1", "AC-2") if "Duplicate Of" not in rows(book, "Accounts")[key])
    assert rows(book, "Accounts")[stays]["City"] == "London"
    assert rows(book)["L-1"]["Account"] == rows(book, "Activities")["A-1"]["Account"] == stays
    gone = {"AC-1": "AC-2", "AC-2": "AC-1"}[stays]
    unmerge(book, gone, "Accounts")
    assert not [row for row in rows(book, "Accounts").values() if "Duplicate Of" in row]
    assert rows(book)["L-1"]["Account"] == "AC-2"


def decide_first(book, word):
    from merged_crm import write

    table = read(book, "Duplicates")
    table[2][1] = word
    write(book, {"Duplicates": table})


def test_undo_takes_a_merge_back_and_nobody_merges_it_again(crm):
    before = rows(crm)
    run(crm)
    marked = rows(crm)
    decide(crm, L1_L2="Same")
    run(crm)
    undo(crm)
    assert rows(crm) == marked
    assert not run(crm).changes
    undo(crm, 1)
    assert rows(crm) == before


def test_an_unmerge_that_is_undone_is_a_merge_again(crm):
    run(crm)
    decide(crm, L1_L2="Same")
    run(crm)
    merged, calls = rows(crm), rows(crm, "Activities")
    unmerge(crm, "L-1")
    undo(crm)
    assert (rows(crm), rows(crm, "Activities")) == (merged, calls)
    assert merge_of(at(crm).journal.memory(), "Leads", "L-1").into == "L-2"
    unmerge(crm, "L-1")
    assert rows(crm)["L-2"]["Created"] == "2026-02-01"


def test_a_mark_that_a_person_changed_since_stays_and_is_told(book):
    run(book)
    decide(book, L1_L2="Same")
    run(book)
    type_in(book, "L-1", "Duplicate Of", "L-4")
    plan = unmerge(book, "L-1")
    assert [(one.what, one.cell) for one in plan.skipped] == [("Duplicate Of of L-1", "Leads!J2")]
    assert rows(book)["L-1"]["Duplicate Of"] == "L-4"
    assert rows(book)["L-2"]["Created"] == "2026-02-01"


def test_a_row_that_was_never_merged_is_refused(book):
    run(book)
    with pytest.raises(NotFound, match="No row L-1 is merged"):
        unmerge(book, "L-1")


FIRMS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper")
KEYS = ("L-1", "L-2", "L-3", "L-4")
HEADS = ("Company", "Phone", "Owner", "Notes")
LINES = st.tuples(
    st.sampled_from(["", "Acme", "Bolt", "Cord"]),
    st.sampled_from(["", "+44 20 7946 0018", "+44 20 7946 0019"]),
    st.sampled_from(["New", "Contacted", "Won", "Lost"]),
    st.sampled_from(["", "Dan", "Eva"]),
    st.sampled_from(["", "2026-01-01", "2026-02-01"]),
    st.sampled_from(["", "a", "b, a"]),
    st.sampled_from(["", "one", "two", "one and two"]),
)
STEPS = st.lists(
    st.tuples(st.just("same"), st.lists(st.sampled_from(KEYS), min_size=2, max_size=2, unique=True))
    | st.tuples(st.just("sort"), st.permutations(range(4)))
    | st.tuples(st.just("edit"), st.tuples(st.sampled_from(KEYS), st.sampled_from(HEADS)))
    | st.tuples(st.just("back"), st.sampled_from(KEYS)),
    min_size=2,
    max_size=6,
)


def quietly(examples):
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks)


ANY = given(
    lines=st.lists(LINES, min_size=4, max_size=4), steps=STEPS, calls=st.lists(st.sampled_from(KEYS), max_size=3)
)


@pytest.mark.parametrize("archive", [False, True])
@quietly(2)
@ANY
@example(
    lines=[("Acme", "", "New", "", "", "a", "one")] * 2 + [("Bolt", "", "Won", "Dan", "2026-01-01", "", "two")] * 2,
    steps=[("same", ["L-1", "L-2"]), ("edit", ("L-1", "Notes")), ("same", ["L-3", "L-1"]), ("back", "L-2")],
    calls=["L-1", "L-2"],
)
@example(
    lines=[
        ("Cord", "+44 20 7946 0019", "New", "", "", "", ""),
        ("", "+44 20 7946 0019", "New", "", "", "", ""),
        ("", "", "New", "", "", "", ""),
        ("", "", "New", "Eva", "2026-01-01", "", "one"),
    ],
    steps=[("same", ["L-1", "L-4"]), ("same", ["L-1", "L-2"])],
    calls=[],
)
@example(
    lines=[("", "", "New", "", "", "", "")] * 4,
    steps=[("edit", ("L-2", "Phone")), ("same", ["L-1", "L-2"])],
    calls=[],
)
def test_whatever_is_merged_sorted_edited_and_taken_back_in_the_end_all_is_as_people_left_it(
    lines, steps, calls, archive, tmp_path_factory
):
    carry_out(lines, steps, calls, archive, tmp_path_factory)


@pytest.mark.slow
@pytest.mark.parametrize("archive", [False, True])
@quietly(60)
@ANY
def test_many_more_histories_of_merges_are_taken_back(lines, steps, calls, archive, tmp_path_factory):
    carry_out(lines, steps, calls, archive, tmp_path_factory)


def carry_out(lines, steps, calls, archive, tmp_path_factory):
    head = "Lead ID|Company|Contact|Phone|Status|Owner|Created|Tags|Notes|Duplicate Of"
    leads = [head]
    for key, (company, phone, status, owner, created, tags, notes) in zip(KEYS, lines, strict=True):
        leads.append(f"{key}|{company}|Person {key[-1]}|{phone}|{status}|{owner}|{created}|{tags}|{notes}|")
    activities = ["Activity ID|Lead|Type|Date|Subject", *(f"A-{i}|{key}|Call||x" for i, key in enumerate(calls))]
    crm = build(tmp_path_factory.mktemp("crm") / "crm", tuple(leads), Activities=tuple(activities))
    wanted, calls_before = rows(crm), rows(crm, "Activities")
    said = set()
    for n, (step, what) in enumerate(steps):
        if step == "same" and frozenset(what) not in said:
            said.add(frozenset(what))
            say_same(crm, *what)
            run(crm, archive=archive)
        elif step == "sort":
            sort(crm, list(what))
        elif step == "edit":
            key, header = what
            gone = merge_of(at(crm).journal.memory(), "Leads", key)
            if not (archive and gone):
                type_in(crm, key, header, f"edit {n}")
                wanted[key][header] = f"edit {n}"
        elif step == "back":
            taken_back(crm, [what], archive=archive)
    taken_back(crm, KEYS * 3, archive=archive)
    assert {key: {**row, "Duplicate Of": None} for key, row in rows(crm).items()} == {
        key: {**row, "Duplicate Of": None} for key, row in wanted.items()
    }
    assert rows(crm, "Activities") == calls_before


def taken_back(crm, keys, *, archive):
    for key in keys:
        try:
            unmerge(crm, key, archive=archive)
        except (NotFound, PlanRefused):
            continue


def test_the_commands_ask_merge_take_back_and_refuse_what_was_not_merged(book, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SHEETCRM_HOME", str(tmp_path / "home"))
    assert code_of(["review", str(book)]) == 0
    decide(book, L1_L2="Same")
    assert code_of(["run", str(book), "--job", "dedupe", "--job", "merge", "--job", "review"]) == 0
    assert rows(book)["L-2"]["Owner"] == "Dan"
    capsys.readouterr()
    assert code_of(["unmerge", str(book), "L-1", "--dry-run"]) == 0
    assert "without L-1" in capsys.readouterr().out
    assert code_of(["unmerge", str(book), "L-1"]) == 0
    assert "Owner" not in rows(book)["L-2"]
    capsys.readouterr()
    assert code_of(["unmerge", str(book), "L-9"]) == 6
    assert "No row L-9 is merged into another." in capsys.readouterr().err


def code_of(args):
    from sheetcrm.cli import main

    with pytest.raises(SystemExit) as ended:
        main(args)
    return ended.value.code
