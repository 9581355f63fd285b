"""Older copies of a workbook become part of its history, in the order of time, each once."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner
from small_crm import build, desk, plan_of, type_in

from sheetcrm.cli import sheetcrm as program


def ran(path, day):
    at = desk(path, day)
    at.apply(plan_of(at, ("keys",)), allow_large=True)
    return at


def import_copies(path, *words):
    return CliRunner().invoke(program, ["history", "import", str(path), *map(str, words)], catch_exceptions=False)


def stage_moves(path):
    """When each lead changed its stage, by the trail."""
    trail = desk(path).journal.trail("Leads", ["status"])
    held = zip(trail.row, trail.moment, trail.fields["status"], strict=True)
    return [(trail.keys[row], str(trail.moments[moment].date()), status) for row, moment, status in held]


@pytest.fixture
def book(tmp_path):
    """A workbook whose lead 3 was New in February; the copy of January lacks leads 17 to 20."""
    january = build(tmp_path / "crm-2026-01-31.xlsx", count=16)
    type_in(january, "met in hall 3", "Status", "New")
    path = build(tmp_path / "crm.xlsx")
    ran(path, "2026-03-02")
    return path, january


def test_a_copy_becomes_the_past_before_the_first_run(book):
    path, january = book
    before = stage_moves(path)
    assert import_copies(path, january).output == "1 of 1 copies taken in.\n"
    moves = stage_moves(path)
    assert ("L-0003", "2026-01-31", "New") in moves
    assert ("L-0003", "2026-03-02", "Contacted") in moves
    assert ("L-0004", "2026-01-31", "Contacted") in moves
    assert not [one for one in moves if one[0] == "L-0004" and one[1] > "2026-01-31" and one[2] != "Contacted"]
    assert ("L-0020", "2026-03-02", "Contacted") in moves
    # Leads 5 and 12 had no key in January: the history knows them by who they are, and by their key since.
    assert len({key for key, *_ in moves}) == len({key for key, *_ in before}) + 2


def test_the_same_copy_is_taken_in_once(book):
    path, january = book
    import_copies(path, january)
    moves = stage_moves(path)
    assert import_copies(path, january).output == "0 of 1 copies taken in, 1 known already.\n"
    assert stage_moves(path) == moves


def test_what_the_last_run_left_stays_what_later_runs_compare_with(book):
    path, january = book
    before = desk(path).journal.last_states()
    import_copies(path, january)
    assert desk(path).journal.last_states() == before


def test_the_report_explains_what_moved_since_the_copy(book):
    path, january = book
    import_copies(path, january)
    words = ["report", "explain", str(path), "forward", "--period", "2026-01-31..2026-03-01", "--as-of", "2026-03-02"]
    found = CliRunner().invoke(program, [*words, "--json"], catch_exceptions=False)
    rows = json.loads(found.output)["rows"]
    assert [(one["key"], one["before"], one["status"]) for one in rows] == [("L-0003", "New", "Contacted")]


def test_the_day_of_a_copy_may_be_said(book, tmp_path):
    path, january = book
    copy = shutil.copy(january, tmp_path / "old.xlsx")
    import_copies(path, copy, "--on", "2025-12-24")
    assert ("L-0003", "2025-12-24", "New") in stage_moves(path)


def test_a_copy_that_is_not_older_than_the_last_run_is_refused_so_that_rules_compare_with_that(book, tmp_path):
    from sheetcrm.errors import PlanRefused

    path, january = book
    before = desk(path).journal.last_states()
    for day in ("2026-03-02", "2027-01-31"):
        with pytest.raises(PlanRefused, match="not before the last run"):
            import_copies(path, shutil.copy(january, tmp_path / f"crm-{day}.xlsx"))
    assert desk(path).journal.last_states() == before


def test_nothing_is_taken_in_before_the_first_run(tmp_path):
    from sheetcrm.errors import PlanRefused

    path, copy = build(tmp_path / "crm.xlsx"), build(tmp_path / "crm-2026-01-31.xlsx")
    with pytest.raises(PlanRefused, match="was never run"):
        import_copies(path, copy)


def test_what_is_no_copy_is_refused_with_a_way_out(book, tmp_path):
    path, _ = book
    from sheetcrm.errors import SheetcrmError

    with pytest.raises(SheetcrmError, match="There is no copy") as caught:
        import_copies(path, tmp_path / "none.xlsx")
    assert re.search("Check", caught.value.remedy)
