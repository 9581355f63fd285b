"""apply: a plan is carried out once and whole, whatever breaks in between; people's edits win; undo takes it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from email import policy
from email.parser import BytesParser
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from small_crm import DAY, build, cells, desk, mails, plan_of, type_in

from sheetcrm.apply import Outcome, World, apply, write_page
from sheetcrm.cli.desk import Desk
from sheetcrm.errors import EditRefused, PlanRefused, SheetcrmError, WorkbookBusy
from sheetcrm.outbox.protocol import Receipt, State
from sheetcrm.plan import CellChange, Message, Plan
from sheetcrm.table import RowRef
from sheetcrm.undo import latest_to_undo, undo_plan

OWNED = "met in hall 3"  # has no owner: assignment gives it one
OVERDUE = "met in hall 4"  # Ben's, overdue: reminders stamp it
KEYLESS = "met in hall 5"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return build(tmp_path / "crm.xlsx")


def run(path: Path, **world: object) -> Outcome:
    """Plan and apply in one go, parts of the world exchanged."""
    at = desk(path)
    plan = plan_of(at)
    return apply(plan, replace(at.world, **world), at.schema, at.now)


def undo(path: Path, number: int = 0) -> Outcome:
    at = desk(path)
    return at.apply(undo_plan(at.journal, number or latest_to_undo(at.journal)))


def changed(before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> dict[tuple[str, str], object]:
    """The cells that differ, by notes and header, with what they hold after."""
    return {
        (notes, header): after[notes][header]
        for notes, row in before.items()
        for header in row
        if row[header] != after[notes][header]
    }


def recipients(path: Path) -> Counter[str]:
    parsed = [BytesParser(policy=policy.default).parsebytes(one.read_bytes()) for one in mails(path)]
    return Counter(str(one["To"]) for one in parsed)


# A plan is applied once


def test_a_plan_is_applied_once(book):
    at = desk(book)
    plan = plan_of(at)
    at.apply(plan)
    before = book.read_bytes()
    with pytest.raises(PlanRefused, match="applied already, by run 1"):
        desk(book).apply(plan)
    assert book.read_bytes() == before
    assert len(mails(book)) == 3


def test_a_plan_that_another_run_has_overtaken_is_refused(book):
    early = plan_of(desk(book))
    at = desk(book)
    at.apply(plan_of(at, ("keys",)))
    before = book.read_bytes()
    with pytest.raises(PlanRefused, match="Run 1 has overtaken this plan"):
        desk(book).apply(early)
    assert (book.read_bytes(), mails(book)) == (before, [])


def test_all_planned_cells_are_written_and_no_other(book):
    before = cells(book)
    at = desk(book)
    plan = plan_of(at)
    outcome = at.apply(plan)
    assert len(changed(before, cells(book))) == len(plan.changes) == outcome.written == 13
    assert outcome.skipped == ()
    assert plan_of(desk(book)).is_empty


def test_what_jobs_remember_is_there_in_the_next_run(book):
    at = desk(book)
    at.apply(plan_of(at))
    again = desk(book)
    assert again.take().snapshot.memory["keys/Leads"] == "22"


# Cut short anywhere and run again


class Cut(BaseException):
    """The power goes."""


@dataclass
class Knife:
    """Cuts before or after the deed with that number."""

    at: int
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Cut

    def around(self, one: object, *names: str) -> object:
        """The same object, cut before and after each call of these methods."""

        def wrap(method: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object) -> object:
                self.step()
                result = method(*args)
                self.step()
                return result

            return call

        methods = {name: wrap(getattr(one, name)) for name in names}
        return type("Cuttable", (), {"__getattr__": lambda _, name: methods.get(name) or getattr(one, name)})()

    def world(self, at: Desk) -> World:
        """The desk's world under the knife."""
        return replace(
            at.world,
            workbook=self.around(at.workbook, "write"),
            outbox=self.around(at.outbox, "send"),
            journal=self.around(at.journal, "start", "record_mails", "finish"),
        )


SHAPES = {
    "keys in most rows": {},
    "no key column": {"has_key_column": False},
    "CSV files": {"name": "crm"},
}


@pytest.mark.parametrize(
    "shape",
    ["keys in most rows", *(pytest.param(name, marks=pytest.mark.slow) for name in ("no key column", "CSV files"))],
)
def test_cut_short_at_any_step_and_run_again_each_mail_goes_once_and_each_cell_is_written_once(tmp_path, shape):
    options = dict(SHAPES[shape])
    name = options.pop("name", "crm.xlsx")
    whole = build(tmp_path / "whole" / name, **options)
    full = Knife(0)
    at = desk(whole)
    plan = plan_of(at)
    outcome = apply(plan, full.world(at), at.schema, at.now)
    assert full.steps >= 18
    once = recipients(whole)
    assert set(once.values()) == {1}
    for step in range(1, full.steps + 1):
        path = build(tmp_path / str(step) / name, **options)
        at = desk(path)
        with pytest.raises(Cut):
            apply(plan_of(at), Knife(step).world(at), at.schema, at.now)

        finished = desk(path).finish_unfinished() or run_if_not_begun(path)

        again = desk(path)
        assert finished.skipped == (), step
        assert cells(path) == cells(whole), step
        assert recipients(path) == once, step
        assert again.journal.unfinished() is None
        (record,) = again.journal.runs()
        assert (record.written, record.sent, record.skipped) == (outcome.written, len(once), 0), step
        assert again.journal.deeds(1) == desk(whole).journal.deeds(1), step
        assert plan_of(again).is_empty, step


def run_if_not_begun(path: Path) -> Outcome:
    at = desk(path)
    if at.journal.runs():
        return Outcome(1, tuple(at.journal.deeds(1)))
    return at.apply(plan_of(at))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_that_was_cut_short_after_the_save_can_be_undone_like_any_other(tmp_path, shape):
    options = dict(SHAPES[shape])
    path = build(tmp_path / options.pop("name", "crm.xlsx"), **options)
    before = cells(path)
    at = desk(path)
    cut = Knife(2)
    world = replace(at.world, workbook=cut.around(at.workbook, "write"))
    with pytest.raises(Cut):
        apply(plan_of(at), world, at.schema, at.now)
    desk(path).finish_unfinished()
    undo(path)
    assert cells(path) == before


def test_an_unfinished_run_holds_up_other_plans_until_it_is_finished(book):
    at = desk(book)
    plan = plan_of(at)
    with pytest.raises(Cut):
        apply(plan, Knife(4).world(at), at.schema, at.now)
    other = desk(book)
    with pytest.raises(PlanRefused, match=r"Run 1 was cut short.*finishes it first"):
        other.apply(plan_of(other, ("keys",)))
    with pytest.raises(PlanRefused, match="Run 1 was cut short"):
        undo_plan(other.journal, 1)
    assert other.finish_unfinished().run == 1
    assert other.finish_unfinished() is None


def test_a_keyless_row_that_a_person_edited_after_the_crash_is_left_alone(tmp_path):
    path = build(tmp_path / "crm.xlsx", has_key_column=False)
    at = desk(path)
    world = replace(at.world, workbook=Knife(1).around(at.workbook, "write"))
    with pytest.raises(Cut):
        apply(plan_of(at), world, at.schema, at.now)
    type_in(path, OWNED, "Company", "New name")
    outcome = desk(path).finish_unfinished()
    assert [one.why for one in outcome.skipped] == ["the row was edited meanwhile"]
    assert cells(path)[OWNED]["Owner"] is None


def test_the_first_backup_of_a_run_stays_when_the_run_is_finished_later(book):
    before = book.read_bytes()
    at = desk(book)
    world = replace(at.world, workbook=Knife(2).around(at.workbook, "write"))
    with pytest.raises(Cut):
        apply(plan_of(at), world, at.schema, at.now)
    type_in(book, OWNED, "Owner", None)
    desk(book).finish_unfinished()
    assert (at.world.backups / "0001-crm.xlsx").read_bytes() == before
    assert cells(book)[OWNED]["Owner"] is not None


# Mails


@dataclass
class Post:
    """An outbox that answers some recipients as told, and counts what it was asked to send."""

    answers: dict[str, State]
    sent: list[str]
    knows: bool | None = False

    def send(self, message: Message, _now: object, on_start: Callable[[], None]) -> Receipt:
        on_start()
        self.sent.append(message.to)
        state = self.answers.get(message.to, "accepted")
        return Receipt(state, "mailbox full" if state == "refused" else "no answer" if state == "unknown" else "out")

    def was_sent(self, _message: Message) -> bool | None:
        return self.knows

    def expect(self, messages: object, now: object) -> None:
        pass

    def close(self) -> None:
        pass

    def describe(self) -> str:
        return "a post"


def test_a_cell_waits_for_its_message_and_stays_as_it_is_where_that_is_refused(book):
    outcome = run(book, outbox=Post({"ben@x.example": "refused"}, []))
    assert [(one.deed.header, one.why) for one in outcome.skipped] == [
        ("Last Reminder", "the mail was not sent: mailbox full")
    ] * 3
    assert cells(book)[OVERDUE]["Last Reminder"] is None
    assert cells(book)[OWNED]["Owner"] is not None, "a cell that waits for no mail is written"
    assert outcome.failed == {f"digest/ben@x.example/{DAY}": "the mail was not sent: mailbox full"}
    assert desk(book).journal.runs()[0].sent == 2


def test_a_refused_mail_is_tried_again_by_the_next_run(book):
    run(book, outbox=Post({"ben@x.example": "refused"}, []))
    post = Post({}, [])
    run(book, outbox=post)
    assert post.sent == ["ben@x.example"]
    assert cells(book)[OVERDUE]["Last Reminder"] == date(2026, 3, 2)
    assert plan_of(desk(book)).is_empty


@pytest.mark.parametrize("error", [OSError(28, "No space left"), SheetcrmError("The outbox is full.", "Empty it.")])
def test_an_outbox_that_breaks_costs_its_mails_only(book, error):
    class Broken(Post):
        def send(self, message: Message, now: object, on_start: Callable[[], None]) -> Receipt:
            if message.to == "ben@x.example":
                raise error
            return super().send(message, now, on_start)

    outcome = run(book, outbox=Broken({}, []))
    assert len(outcome.sent) == 2
    assert len(outcome.skipped) == 3
    assert desk(book).journal.unfinished() is None


def test_a_mail_of_unknown_fate_is_reported_never_repeated_and_its_cells_are_left_alone(book):
    post = Post({"ben@x.example": "unknown"}, [])
    outcome = run(book, outbox=post)
    assert "nobody knows whether the mail was sent: no answer" in outcome.failed[f"digest/ben@x.example/{DAY}"]
    assert cells(book)[OVERDUE]["Last Reminder"] is None
    at = desk(book)
    assert ("ben@x.example", "unconfirmed") in {(to, state) for _, to, state, _ in at.journal.messages(1)}
    assert plan_of(at).is_empty, "its reasons are not mailed again in another digest either"
    assert post.sent.count("ben@x.example") == 1


@pytest.mark.parametrize(
    ("knows", "asked", "state"), [(None, 1, "unconfirmed"), (True, 1, "accepted"), (False, 2, "accepted")]
)
def test_a_mail_whose_sending_was_cut_short_goes_again_only_where_it_surely_did_not_go(book, knows, asked, state):
    at = desk(book)
    post = Post({}, [], knows)
    with pytest.raises(Cut):
        apply(plan_of(at), replace(at.world, outbox=Knife(2).around(post, "send")), at.schema, at.now)
    first = post.sent[0]
    again = desk(book)
    number, plan = again.journal.unfinished()
    world = replace(again.world, outbox=post)
    outcome = apply(plan, world, again.schema, again.now)
    assert post.sent.count(first) == asked
    assert {to: kind for _, to, kind, _ in again.journal.messages(number.id)}[first] == state
    assert bool(outcome.failed) == (state == "unconfirmed")


def test_nobody_is_mailed_where_the_workbook_cannot_be_written(book):
    for prepare, error in (
        (lambda: book.with_name("~$crm.xlsx").write_bytes(b"\x03Dan" + bytes(200)), WorkbookBusy),
        (lambda: (book.with_name("~$crm.xlsx").unlink(), book.chmod(0o444)), EditRefused),
    ):
        prepare()
        at = desk(book)
        with pytest.raises(error):
            at.apply(plan_of(at))
        assert mails(book) == []
        assert desk(book).journal.runs() == []


def test_a_workbook_that_becomes_busy_after_the_mails_is_finished_by_the_next_run_without_mailing_again(book):
    at = desk(book)

    class Busy:
        def __getattr__(self, name: str) -> object:
            return getattr(at.workbook, name)

        def write(self, *_args: object) -> object:
            raise WorkbookBusy("It is open.", "Close it.")

    post = Post({}, [])
    with pytest.raises(WorkbookBusy):
        apply(plan_of(at), replace(at.world, workbook=Busy(), outbox=post), at.schema, at.now)
    assert len(post.sent) == 3
    again = desk(book)
    _, plan = again.journal.unfinished()
    outcome = apply(plan, replace(again.world, outbox=post), again.schema, again.now)
    assert (len(post.sent), outcome.written, outcome.skipped) == (3, 13, ())


# The person wins


def test_what_a_person_changed_between_plan_and_apply_stays_and_is_reported(book):
    at = desk(book)
    plan = plan_of(at)
    type_in(book, OWNED, "Owner", "Dana Doe")
    outcome = desk(book).apply(plan)
    assert [one.why for one in outcome.skipped] == ['a person changed it to "Dana Doe"']
    assert cells(book)[OWNED]["Owner"] == "Dana Doe"
    assert outcome.written == 12


def edit(change: Callable[[Worksheet], None]) -> Callable[[Path], None]:
    def perform(path: Path) -> None:
        file = openpyxl.load_workbook(path)
        change(file["Leads"])
        file.save(path)

    return perform


def set_cell(sheet: Worksheet, name: str, value: object) -> None:
    sheet[name] = value


EDITS = {
    "the cell holds a formula now": edit(lambda sheet: set_cell(sheet, "F4", '=IF(1,"","")')),
    "the row is gone": edit(lambda sheet: sheet.delete_rows(4)),
    "the tab is protected": edit(lambda sheet: sheet.protection.enable()),
    "the column Owner is gone": edit(lambda sheet: sheet.delete_cols(6)),
    "the key was taken meanwhile": edit(lambda sheet: set_cell(sheet, "A2", "L-0021")),
    "the row was edited meanwhile": edit(lambda sheet: set_cell(sheet, "B6", "Other name")),
}


@pytest.mark.parametrize("why", EDITS)
def test_what_is_in_the_way_is_named_and_left_alone(book, why):
    at = desk(book)
    plan = plan_of(at)
    EDITS[why](book)
    before = cells(book)
    outcome = desk(book).apply(plan)
    assert why in {one.why for one in outcome.skipped}
    done = {(one.deed.who, one.deed.header): one.deed.new for one in outcome.deeds if one.state == "done"}
    assert len(changed(before, cells(book))) == len(done)


def test_somebody_saving_just_before_the_write_makes_it_start_over_with_their_edit_kept(book):
    at = desk(book)

    class Racing:
        saves = 0

        def __getattr__(self, name: str) -> object:
            return getattr(at.workbook, name)

        def write(self, *args: object) -> object:
            if self.saves < 2:
                self.saves += 1
                type_in(book, OWNED, "Owner", f"Dana {self.saves}")
            return at.workbook.write(*args)

    outcome = apply(plan_of(at), replace(at.world, workbook=Racing()), at.schema, at.now)
    assert cells(book)[OWNED]["Owner"] == "Dana 2"
    assert [one.why for one in outcome.skipped] == ['a person changed it to "Dana 2"']
    assert outcome.written == 12


def test_a_cell_that_the_workbook_refuses_is_reported_and_the_others_are_written(book):
    file = openpyxl.load_workbook(book)
    file["Leads"].merge_cells("E4:F4")  # the owner of lead 3 is hidden in it
    file.save(book)
    at = desk(book)
    change = CellChange(RowRef("Leads", "L-0003"), "Leads", "owner", "Owner", None, "Ann Abel", "w", "assignment")
    other = replace(change, ref=RowRef("Leads", "L-0006"))
    outcome = at.apply(Plan((change, other), id="p", workbook="crm.xlsx", rows={"Leads": 20}))
    assert [(one.deed.ref.key, one.state) for one in outcome.deeds] == [("L-0003", "skipped"), ("L-0006", "done")]
    assert cells(book)["met in hall 6"]["Owner"] == "Ann Abel"


def test_a_workbook_that_refuses_the_whole_edit_ends_the_run_with_the_reason(book):
    at = desk(book)

    class Stubborn:
        def __getattr__(self, name: str) -> object:
            return getattr(at.workbook, name)

        def write(self, *_args: object) -> object:
            raise EditRefused("The sheet holds its rows out of order.", "Save it again.")

    outcome = apply(plan_of(at), replace(at.world, workbook=Stubborn()), at.schema, at.now)
    assert outcome.written == 0
    assert {one.why for one in outcome.skipped} == {
        "the workbook cannot take it: The sheet holds its rows out of order."
    }
    assert desk(book).journal.unfinished() is None


# Undo


def test_undo_puts_every_cell_back(tmp_path):
    for name in ("crm.xlsx", "crm"):
        path = build(tmp_path / f"for {name}" / name)
        before = cells(path)
        at = desk(path)
        at.apply(plan_of(at))
        assert cells(path) != before
        outcome = undo(path)
        assert (cells(path), outcome.skipped) == (before, ())
        assert len(mails(path)) == 3, "mails stay sent"


def test_undo_leaves_what_people_changed_since(book):
    before = cells(book)
    at = desk(book)
    at.apply(plan_of(at))
    type_in(book, OWNED, "Owner", "Dana Doe")
    type_in(book, OVERDUE, "Last Reminder", None)
    outcome = undo(book)
    assert changed(before, cells(book)) == {(OWNED, "Owner"): "Dana Doe"}
    assert [one.why for one in outcome.skipped] == ['a person changed it to "Dana Doe"']


def test_undo_takes_back_keys_given_in_the_same_run_with_all_else_in_their_rows(tmp_path):
    path = build(tmp_path / "crm.xlsx", has_keys=False)
    before = cells(path)
    at = desk(path)
    at.apply(plan_of(at))
    assert all(row["Lead ID"] for row in cells(path).values())
    assert undo(path).skipped == ()
    assert cells(path) == before


def test_undo_finds_rows_without_any_key_by_their_content(tmp_path):
    path = build(tmp_path / "crm.xlsx", has_key_column=False)
    before = cells(path)
    at = desk(path)
    at.apply(plan_of(at))
    type_in(path, OWNED, "Company", "New name")
    outcome = undo(path)
    assert [one.why for one in outcome.skipped] == ["the row was edited meanwhile"]
    assert set(changed(before, cells(path))) == {(OWNED, "Company"), (OWNED, "Owner")}


def test_a_run_is_undone_once(book):
    at = desk(book)
    at.apply(plan_of(at))
    undo(book)
    with pytest.raises(PlanRefused, match=r"undone already, by run 2.*redoes it"):
        undo(book, 1)
    with pytest.raises(PlanRefused, match="No run is left"):
        undo(book)


@pytest.mark.parametrize("options", [{}, {"has_keys": False}, {"has_key_column": False}])
def test_undoing_the_undo_does_it_again_and_then_it_can_be_undone_again(tmp_path, options):
    path = build(tmp_path / "crm.xlsx", **options)
    before = cells(path)
    at = desk(path)
    at.apply(plan_of(at))
    done = cells(path)
    undo(path)
    assert undo(path, 2).skipped == ()
    assert cells(path) == done
    undo(path)
    assert cells(path) == before


def test_a_run_that_wrote_nothing_cannot_be_undone(book):
    at = desk(book)
    at.apply(plan_of(at, ("summary",)))
    with pytest.raises(PlanRefused, match="Run 1 wrote no cell"):
        undo(book, 1)


def test_undo_follows_a_day_written_into_a_cell_that_shows_the_time(book):
    file = openpyxl.load_workbook(book)
    for row in file["Leads"].iter_rows(min_row=2):
        row[11].number_format = "yyyy-mm-dd hh:mm"
    file.save(book)
    before = cells(book)
    at = desk(book)
    at.apply(plan_of(at))
    assert undo(book).skipped == ()
    assert cells(book) == before


# Files


def test_the_last_backups_are_kept_also_past_run_ten_thousand(book, tmp_path):
    old = [f"{number:04}-crm.xlsx" for number in (9998, 9999, 10000)]
    folder = tmp_path / ".sheetcrm" / "crm.xlsx" / "backups"
    folder.mkdir(parents=True)
    for name in old:
        (folder / name).write_bytes(b"")
    at = desk(book)
    plan = plan_of(at)
    apply(plan, replace(at.world, backups_kept=2), at.schema, at.now)
    assert sorted(one.name for one in folder.iterdir()) == ["10000-crm.xlsx", "9999-crm.xlsx"]


def test_each_run_keeps_the_state_before_it(book):
    states = []
    for jobs in (("keys",), ("assignment",), ("dedupe",)):
        states.append(book.read_bytes())
        at = desk(book)
        at.apply(plan_of(at, jobs))
    folder = desk(book).world.backups
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == states


def test_a_page_is_there_whole_or_as_it_was(tmp_path, monkeypatch):
    page = tmp_path / "reports" / "pipeline-2026.03.html"
    write_page(page, "old")

    def broken(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "replace", broken)
        with pytest.raises(OSError, match="No space left"):
            write_page(page, "new")
    assert page.read_text("utf-8") == "old"
    write_page(page, "Łódź")
    assert page.read_text("utf-8") == "Łódź"
    assert [one.name for one in page.parent.iterdir()] == [page.name]


def test_a_page_that_cannot_be_written_is_reported_and_written_by_the_next_run(book, tmp_path):
    (tmp_path / "reports").write_text("a file in the folder's place", encoding="utf-8")
    at = desk(book)
    outcome = at.apply(plan_of(at))
    assert "was not written" in outcome.failed["report/2026-W10"]
    assert outcome.written == 13
    (tmp_path / "reports").unlink()
    again = desk(book)
    outcome = again.apply(plan_of(again))
    assert [page.name for page in outcome.reports] == ["pipeline-2026-03-02.html"]
    assert plan_of(desk(book)).is_empty
