"""Whatever people do to the workbook between plan and apply: no edit of theirs is lost, and no wrong row is written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.undo import undo_plan

TODAY = "2026-03-02"
HEADERS = [
    *("Lead ID", "Company", "Contact", "E-mail", "Status", "Owner", "Created", "Last Contact"),
    *("Next Step", "Next Step Due", "Duplicate Of", "Last Reminder", "Trade fair"),
]
TEAM = [["Name", "Email", "Role"], ["Ann Abel", "ann@x.example", "Sales"], ["Ben Berg", "ben@x.example", "Sales"]]
JOBS = ("keys", "dedupe", "assignment", "reminders")


def lead(i: int) -> list[object]:
    """Lead i: every third without owner, every fourth overdue, 7 and 8 the same person, 5 without a key."""
    twin = 7 if i == 8 else i
    return [
        None if i == 5 else f"L-{i:04}",
        f"Firm {twin} Works",
        f"Person{chr(64 + twin)} Surname{chr(64 + twin)}",
        f"p{twin}@firm{twin}.example",
        "Contacted",
        None if i % 3 == 0 else "Ann Abel",
        date(2026, 1, i),
        date(2026, 2, 20),
        "call back",
        date(2026, 2, 25) if i % 4 == 0 else date(2026, 3, 20),
        None,
        None,
        f"Hall {i}",
    ]


def build(path: Path) -> None:
    book = openpyxl.Workbook()
    leads = book.active
    leads.title = "Leads"
    leads.append(HEADERS)
    for i in range(1, 13):
        leads.append(lead(i))
    team = book.create_sheet("Team")
    for row in TEAM:
        team.append(row)
    book.save(path)


@dataclass
class Person:
    """Plays a person at the sheet, and remembers which cells (by the row's hall and the header) they typed."""

    rows: list[list[object]]
    columns: list[str]
    names: dict[str, str] = field(default_factory=dict)
    typed: dict[tuple[str, str], object] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def hall(self, row: list[object]) -> str:
        return str(row[self.columns.index("Trade fair")])

    def edit(self, place: int, column: int, value: object) -> None:
        row, name = self.rows[place % len(self.rows)], self.columns[column % len(self.columns)]
        if name not in {"Trade fair", "Lead ID"}:
            row[self.columns.index(name)] = value
            self.typed[self.hall(row), name] = value

    def retype_key(self, place: int, number: int) -> None:
        row = self.rows[place % len(self.rows)]
        row[self.columns.index("Lead ID")] = f"L-9{number:03}"
        self.typed[self.hall(row), "Lead ID"] = f"L-9{number:03}"

    def sort(self, column: int, *, down: bool) -> None:
        at = column % len(self.columns)
        self.rows.sort(key=lambda row: (row[at] is None, str(row[at])), reverse=down)

    def insert(self, place: int, number: int) -> None:
        row: list[object] = [None] * len(self.columns)
        for name, value in {
            "Lead ID": f"L-5{number:03}",
            "Company": f"New {number}",
            "Trade fair": f"New {number}",
        }.items():
            row[self.columns.index(name)] = value
        self.rows.insert(place % len(self.rows), row)

    def delete(self, place: int) -> None:
        if len(self.rows) > 1:
            self.gone.add(self.hall(self.rows.pop(place % len(self.rows))))

    def move_column(self, source: int, target: int) -> None:
        source, target = source % len(self.columns), target % len(self.columns)
        self.columns.insert(target, self.columns.pop(source))
        for row in self.rows:
            row.insert(target, row.pop(source))

    def insert_column(self, place: int) -> None:
        at = place % len(self.columns)
        self.columns.insert(at, f"Extra {len(self.columns)}")
        for row in self.rows:
            row.insert(at, None)

    def rename(self, column: int, name: str) -> None:
        old = self.columns[column % len(self.columns)]
        if old != "Trade fair" and name not in self.names.values():
            self.names[old] = name

    def headers(self) -> list[str]:
        return [self.names.get(name, name) for name in self.columns]


PATIENT = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
PLACES = st.integers(0, 30)
STEPS = st.one_of(
    st.tuples(
        st.just("edit"), PLACES, PLACES, st.sampled_from(["Ben Berg", "typed by hand", 7, None, date(2026, 2, 1)])
    ),
    st.tuples(st.just("retype_key"), PLACES, st.integers(0, 999)),
    st.tuples(st.just("sort"), PLACES, st.booleans()),
    st.tuples(st.just("insert"), PLACES, st.integers(0, 999)),
    st.tuples(st.just("delete"), PLACES),
    st.tuples(st.just("move_column"), PLACES, PLACES),
    st.tuples(st.just("insert_column"), PLACES),
    st.tuples(
        st.just("rename"),
        PLACES,
        st.sampled_from(["Zuständig", "Wer macht's", "Erinnert am", "Spalte X", "Responsible"]),
    ),
)


def perform(person: Person, steps: list[tuple[object, ...]]) -> None:
    for name, *arguments in steps:
        if name == "sort":
            person.sort(arguments[0], down=arguments[1])
        else:
            getattr(person, str(name))(*arguments)


def read_rows(path: Path) -> list[list[object]]:
    rows = openpyxl.load_workbook(path)["Leads"].iter_rows(values_only=True)
    return [[value.date() if hasattr(value, "date") else value for value in row] for row in rows]


def save_rows(path: Path, headers: list[str], rows: list[list[object]]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["Leads"]
    sheet.delete_rows(1, sheet.max_row + 1)
    for i, row in enumerate([headers, *rows], 1):
        for j, value in enumerate(row, 1):
            sheet.cell(i, j, value)
    book.save(path)


def desk(book: Path) -> Desk:
    return desk_for(str(book), as_of=TODAY, knows_originals=False)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "crm.xlsx"
    build(path)
    return path


@PATIENT
@given(steps=st.lists(STEPS, min_size=1, max_size=7))
@example(steps=[("rename", 11, "Zuständig"), ("move_column", 11, 0), ("insert_column", 12)])
def test_no_edit_between_plan_and_apply_is_lost_and_no_wrong_row_is_written(
    original: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    book = tmp_path_factory.mktemp("book") / "crm.xlsx"
    shutil.copy(original, book)
    at = desk(book)
    plan = at.plan(at.take(), JOBS, lambda _step: None)
    person = Person([lead(i) for i in range(1, 13)], list(HEADERS))
    perform(person, steps)
    save_rows(book, person.headers(), person.rows)

    outcome = desk(book).apply(plan, allow_large=True)

    headers, *rows = read_rows(book)
    assert headers == person.headers()
    assert len(rows) == len(person.rows)
    wanted = {(change.ref, change.field): change for change in plan.changes}
    done = {(one.deed.ref, one.deed.field) for one in outcome.deeds if one.state == "done"}
    by_key = {f"L-{i:04}": f"Hall {i}" for i in range(1, 13)}
    allowed = {(by_key.get(ref.key, "Hall 5"), wanted[ref, name].header): wanted[ref, name].new for ref, name in done}
    for before, after in zip(person.rows, rows, strict=True):
        hall = person.hall(before)
        for j, name in enumerate(person.columns):
            old, new = plain(before[j]), plain(after[j])
            if old == new:
                continue
            assert (hall, name) in allowed, f"{hall} {name}: {old!r} became {new!r} without a plan"
            assert new == plain(allowed[hall, name])
            assert old is None or (hall, name) not in person.typed, f"{hall} {name}: the person's {old!r} is gone"
    for change in plan.changes:
        hall = by_key.get(change.ref.key, "")
        is_touched = {(hall, change.header), (hall, "Lead ID")} & person.typed.keys() or hall in person.gone
        if hall and not is_touched and change.header not in person.names and "Lead ID" not in person.names:
            assert (change.ref, change.field) in done, f"{hall} {change.header} was free to be written"


@PATIENT
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
@example(steps=[("rename", 11, "Zuständig"), ("move_column", 11, 0), ("insert_column", 12)])
@example(steps=[("sort", 0, False), ("edit", 30, 10, None)])
@example(steps=[("move_column", 6, 0), ("rename", 10, "Zuständig"), ("rename", 19, "Wer macht's")])
def test_undo_puts_back_what_still_stands_and_nothing_that_people_typed_since(
    original: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    book = tmp_path_factory.mktemp("book") / "crm.xlsx"
    shutil.copy(original, book)
    at = desk(book)
    plan = at.plan(at.take(), JOBS, lambda _step: None)
    at.apply(plan, allow_large=True)
    headers, *applied = read_rows(book)
    person = Person(applied, list(headers))
    left = {person.hall(row): dict(zip(headers, row, strict=True)) for row in applied}
    perform(person, steps)
    save_rows(book, person.headers(), person.rows)

    again = desk(book)
    outcome = again.apply(undo_plan(again.journal, 1))

    first = {f"Hall {i}": dict(zip(HEADERS, lead(i), strict=True)) for i in range(1, 13)}
    _, *rows = read_rows(book)
    assert len(rows) == len(person.rows)
    undone = put_back_by_person = 0
    for before, after in zip(person.rows, rows, strict=True):
        hall = person.hall(before)
        for j, name in enumerate(person.columns):
            was_written = name in left.get(hall, ()) and plain(left[hall][name]) != first[hall][name]
            put_back_by_person += was_written and plain(before[j]) == first[hall][name]
            if plain(before[j]) != plain(after[j]):
                undone += 1
                assert plain(after[j]) == first[hall][name], (
                    f"{hall} {name} is neither as it was nor as the run left it"
                )
                assert (hall, name) not in person.typed or plain(person.typed[hall, name]) == plain(before[j])
    assert undone + put_back_by_person == sum(one.state == "done" for one in outcome.deeds)


def plain(value: object) -> object:
    return value.date() if hasattr(value, "date") else value


def test_an_untouched_workbook_gets_exactly_the_planned_cells_and_the_next_plan_is_empty(
    original: Path, tmp_path: Path
) -> None:
    book = tmp_path / "crm.xlsx"
    shutil.copy(original, book)
    at = desk(book)
    plan = at.plan(at.take(), JOBS, lambda _step: None)

    outcome = at.apply(plan, allow_large=True)

    changed = {
        (f"Leads!{openpyxl.utils.get_column_letter(j)}{i}", plain(new))
        for i, (old_row, new_row) in enumerate(zip(read_rows(original), read_rows(book), strict=True), 1)
        for j, (old, new) in enumerate(zip(old_row, new_row, strict=True), 1)
        if plain(old) != plain(new)
    }
    assert changed == {(change.cell, change.new) for change in plan.changes}
    assert {change.job for change in plan.changes} == set(JOBS)
    assert not outcome.skipped
    again = desk(book)
    assert again.plan(again.take(), JOBS, lambda _step: None).is_empty


@pytest.mark.slow
@pytest.mark.parametrize(
    "law",
    [
        test_no_edit_between_plan_and_apply_is_lost_and_no_wrong_row_is_written,
        test_undo_puts_back_what_still_stands_and_nothing_that_people_typed_since,
    ],
    ids=lambda law: law.__name__,
)
def test_it_holds_over_many_more_interleavings(law, original: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(PATIENT, max_examples=200)
    @given(steps=st.lists(STEPS, min_size=1, max_size=8))
    def holds(steps: list[tuple[object, ...]]) -> None:
        law.hypothesis.inner_test(original, tmp_path_factory, steps)

    holds()
