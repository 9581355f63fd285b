"""Copies stay silent: a copied workbook mails nobody until a person says that it is the original now."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest
from small_crm import build, cells, desk, mails, plan_of, type_in

from sheetcrm import originals
from sheetcrm.cli.desk import Desk
from sheetcrm.cli.work import run_desk
from sheetcrm.originals import FEWEST_ROWS, Originals, likeness, sketch_of

TOMORROW = "2026-03-03"


def at(path: Path, day: str = "2026-03-02") -> Desk:
    return desk(path, day, knows_originals=True)


def run(path: Path, *, adopt: bool = False, day: str = "2026-03-02") -> None:
    assert run_desk(at(path, day), adopt=adopt) == 0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a workbook that was run today."""
    path = build(tmp_path / "home" / "crm.xlsx")
    run(path)
    assert len(mails(path)) == 3
    return path.parent


def copied(home: Path, tmp_path: Path) -> Path:
    """The workbook alone, copied to another folder."""
    (tmp_path / "elsewhere").mkdir()
    return Path(shutil.copy(home / "crm.xlsx", tmp_path / "elsewhere" / "crm.xlsx"))


def make_overdue(path: Path) -> None:
    """New reasons to mail: two leads are overdue that were not."""
    type_in(path, "met in hall 1", "Next Step Due", "2026-02-26")
    type_in(path, "met in hall 2", "Next Step Due", "2026-02-26")


def test_the_original_goes_on_mailing(home):
    make_overdue(home / "crm.xlsx")
    run(home / "crm.xlsx", day=TOMORROW)
    assert len(mails(home / "crm.xlsx")) == 5


def test_a_copied_file_mails_nobody_and_says_so(home, tmp_path, capsys):
    copy = copied(home, tmp_path)
    make_overdue(copy)
    run(copy, day=TOMORROW)
    assert mails(copy) == []
    assert f"copy of {home / 'crm.xlsx'}: nobody is mailed" in capsys.readouterr().err


def test_a_copy_gets_its_cells_but_for_those_that_wait_for_a_mail(home, tmp_path):
    copy = copied(home, tmp_path)
    type_in(copy, "met in hall 1", "Owner", None)
    make_overdue(copy)
    run(copy, day=TOMORROW)
    found = cells(copy)
    assert found["met in hall 1"]["Owner"] is not None
    assert found["met in hall 2"]["Last Reminder"] is None


def test_a_copied_folder_with_its_journal_mails_nobody(home, tmp_path):
    folder = shutil.copytree(home, tmp_path / "backup of home")
    make_overdue(folder / "crm.xlsx")
    run(folder / "crm.xlsx", day=TOMORROW)
    assert len(mails(folder / "crm.xlsx")) == 3, "those that were copied with it"


def test_a_copy_beside_the_original_mails_nobody(home):
    copy = Path(shutil.copy(home / "crm.xlsx", home / "Copy of crm.xlsx"))
    make_overdue(copy)
    run(copy, day=TOMORROW)
    assert len(mails(copy)) == 3


def test_a_copy_that_was_edited_since_is_still_known_as_one(home, tmp_path):
    copy = copied(home, tmp_path)
    for i in (1, 2, 3, 4):
        type_in(copy, f"met in hall {i}", "Company", f"Other firm {i}")
    assert at(copy).take().standing.copy_of == str(home / "crm.xlsx")


@pytest.mark.usefixtures("home")
def test_another_workbook_of_other_people_is_no_copy(tmp_path):
    other = build(tmp_path / "other" / "crm.xlsx")
    for i in range(1, 16):
        type_in(other, f"met in hall {i}", "Company", f"Other firm {i}")
    assert at(other).take().standing == originals.Standing()


def test_a_csv_export_of_the_workbook_is_a_copy(home, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    for sheet in openpyxl.load_workbook(home / "crm.xlsx"):
        with (folder / f"{sheet.title}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [value.date() if hasattr(value, "date") else value for value in row]
                for row in sheet.iter_rows(values_only=True)
            )
    assert at(folder).take().standing.copy_of == str(home / "crm.xlsx")


def test_a_plan_made_for_the_original_is_not_applied_to_a_copy(home, tmp_path):
    make_overdue(home / "crm.xlsx")
    plan = plan_of(at(home / "crm.xlsx", TOMORROW))
    assert plan.messages
    folder = shutil.copytree(home, tmp_path / "copy")
    copy = at(folder / "crm.xlsx", TOMORROW)
    assert copy.take().standing.copy_of
    assert plan_of(copy).messages == ()


def test_an_adopted_copy_mails_from_then_on(home, tmp_path):
    copy = copied(home, tmp_path)
    run(copy, adopt=True)
    assert len(mails(copy)) == 3
    make_overdue(copy)
    run(copy, day=TOMORROW)
    assert len(mails(copy)) == 5


def test_a_moved_folder_goes_on_as_the_original_and_repeats_no_mail(home, tmp_path):
    moved = home.rename(tmp_path / "moved") / "crm.xlsx"
    assert at(moved).take().standing.moved_from == str(home / "crm.xlsx")
    run(moved, day=TOMORROW)
    assert len(mails(moved)) == 3
    make_overdue(moved)
    run(moved, day="2026-03-04")
    assert len(mails(moved)) == 5
    assert at(moved).take().standing == originals.Standing()


@pytest.mark.parametrize("target", ["home/customers.xlsx", "new home/crm.xlsx"])
def test_a_file_renamed_or_moved_alone_takes_its_records_along(home, tmp_path, target):
    new = tmp_path / target
    new.parent.mkdir(exist_ok=True)
    (home / "crm.xlsx").rename(new)
    before = len(mails(new))
    run(new, day=TOMORROW)
    assert len(mails(new)) == before, "who was mailed is known"
    assert at(new).journal.runs()[-1].sent == 3
    make_overdue(new)
    run(new, day="2026-03-04")
    assert len(mails(new)) == before + 2


def test_history_and_undo_follow_a_renamed_file_at_once(home):
    new = (home / "crm.xlsx").rename(home / "customers.xlsx")
    assert at(new).find_records()
    assert at(new).journal.last_run() == 1


def test_a_copy_of_an_original_that_is_gone_with_its_records_waits_for_a_word(home, tmp_path):
    copy = copied(home, tmp_path)
    shutil.rmtree(home)
    assert at(copy).take().standing.copy_of == str(home / "crm.xlsx")
    run(copy)
    assert mails(copy) == []
    assert at(copy).take().standing.copy_of == str(home / "crm.xlsx")


def test_the_same_folder_on_another_machine_is_a_copy(home, monkeypatch):
    monkeypatch.setattr(originals, "machine", lambda: "another")
    assert at(home / "crm.xlsx").take().standing.copy_of == str(home / "crm.xlsx")


def test_a_machine_without_a_network_card_is_known_by_its_name(monkeypatch):
    monkeypatch.setattr(originals.platform, "node", lambda: "office-pc")
    monkeypatch.setattr(originals.uuid, "getnode", lambda: 0x010000000000 | 5)
    first = originals.machine()
    monkeypatch.setattr(originals.uuid, "getnode", lambda: 0x010000000000 | 6)
    assert originals.machine() == first
    monkeypatch.setattr(originals.uuid, "getnode", lambda: 0x00163E000001)
    assert originals.machine() != first


def test_a_copy_of_a_folder_whose_run_was_cut_short_mails_nobody_when_it_is_finished(tmp_path):
    path = build(tmp_path / "home" / "crm.xlsx")
    one = at(path)
    taken = one.take()
    one.settle(taken)
    one.journal.start(plan_of(one), "2026-03-02")
    folder = shutil.copytree(path.parent, tmp_path / "copy")
    assert at(folder / "crm.xlsx").finish_unfinished().sent == ()
    assert mails(folder / "crm.xlsx") == []
    assert len(at(path).finish_unfinished().sent) == 3


def test_a_run_that_is_cut_short_already_knows_whose_workbook_it_is(tmp_path, monkeypatch):
    path = build(tmp_path / "crm.xlsx")

    def cut(*_args: object, **_more: object) -> None:
        assert at(path).journal.fact("path") == str(path)
        raise KeyboardInterrupt

    monkeypatch.setattr("sheetcrm.cli.desk.apply", cut)
    with pytest.raises(KeyboardInterrupt):
        run_desk(at(path))


def test_keys_given_by_a_run_leave_the_sketch_as_it_was(tmp_path):
    path = build(tmp_path / "home" / "crm.xlsx", has_keys=False)
    before = sketch_of(at(path).take().snapshot.tables)
    run(path)
    assert sketch_of(at(path).take().snapshot.tables) == before
    assert at(copied(path.parent, tmp_path)).take().standing.copy_of


def test_fresh_workbooks_with_few_rows_are_not_compared(tmp_path):
    paths = [build(tmp_path / name / "crm.xlsx", count=FEWEST_ROWS - 1) for name in ("one", "two")]
    run(paths[0])
    assert at(paths[1]).take().standing == originals.Standing()


def test_two_copies_of_one_workbook_that_was_never_run_are_both_originals(tmp_path):
    paths = [build(tmp_path / name / "crm.xlsx") for name in ("one", "two")]
    for path in paths:
        run(path)
        assert len(mails(path)) == 3


def test_a_copy_is_known_although_people_overwrote_half_of_what_runs_wrote(home, tmp_path):
    copy = copied(home, tmp_path)
    for hall in (3, 6, 9, 12):
        type_in(copy, f"met in hall {hall}", "Owner", "Mia Meyer")
    assert at(copy).take().standing.copy_of == str(home / "crm.xlsx")


def test_without_a_list_only_the_journal_tells(tmp_path):
    nobody = Originals(None)
    assert nobody.standing(tmp_path / "crm.xlsx", None, {}) == originals.Standing()


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (range(100), range(100), 1.0),
        (range(100), range(100, 200), 0.0),
        (range(90), range(45), 0.5),
        (range(7), range(7), 0),
    ],
)
def test_likeness_is_the_share_of_rows_in_common(one, other, share):
    assert likeness([f"{i:03}" for i in one], [f"{i:03}" for i in other]) == pytest.approx(share, abs=0.05)
