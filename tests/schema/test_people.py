"""Who the Team tab's people are, and whom an Owner cell means."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from drawn_tables import grid, understood

TEAM = """
    Name       | Email           | Role    | Manager | Time zone     | Territory        | Capacity | Per day | Active | Leave from  | Leave to
    Ann Lee    | ann@house.io    | Sales   | kent    | Europe/Vienna | AT; 8*, Munich   | 12       | 3       |        | @2026-03-02 | @2026-03-06
    Ben Kent   | boss@house.io   | Manager |         |               |                  |          |         | yes    |             |
    Ann Moor   | moor@house.io   | Sales   | Nobody  | Mars          |                  | x        |         | no     | @2026-05-01 |
    Ann Lee    |                 |         |         |               |                  |          |         |        | @2026-08-01 | @2026-08-09
    Jörg Öztan | joerg@house.io  | Sales   | boss@house.io |         |                  |          |         | ja     |             | @2026-01-31
    """  # noqa: E501 -- a table


@pytest.fixture
def people():
    return understood(grid("Team", TEAM), zone=ZoneInfo("Europe/London")).people


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Lee", "Ann Lee"),
        ("ann  lee ", "Ann Lee"),
        ("Lee, Ann", "Ann Lee"),
        ("ANN@house.io", "Ann Lee"),
        ("Lee", "Ann Lee"),
        ("Ben", "Ben Kent"),
        ("boss", "Ben Kent"),
        ("jorg oztan", "Jörg Öztan"),
        ("Ann", None),
        ("Ann L", None),
        ("house.io", None),
        ("", None),
    ],
)
def test_a_person_is_found_by_name_address_or_a_name_that_only_one_bears(people, text, name):
    assert people.find(text) == name


def test_owner_cells_become_the_team_s_names():
    tables = understood(
        grid("Team", TEAM), grid("Leads", "Company|Status|Owner\nA|New|lee\nB|New|Ann\nC|New|Zoe")
    ).tables
    assert tables["Leads"].values["owner"] == ["Ann Lee", "Ann", "Zoe"]


def test_several_rows_of_one_person_are_several_leaves(people):
    ann = people.team[0]
    assert len(people.team) == 4
    assert [ann.is_available(date(2026, *day)) for day in ((3, 1), (3, 2), (3, 6), (3, 7), (8, 5), (8, 10))] == [
        True, False, False, True, False, True,
    ]  # fmt: skip


def test_a_leave_without_end_lasts_and_one_without_beginning_has_begun(people):
    moor, jorg = people.team[2:]
    assert moor.leave == ((date(2026, 5, 1), date.max),)
    assert [jorg.is_available(date(2026, *day)) for day in ((1, 31), (2, 1))] == [False, True]


def test_who_left_is_not_available(people):
    assert not people.team[2].is_available(date(2026, 1, 1))


def test_a_person_has_zone_capacity_territory_and_manager(people):
    ann, ben, moor, jorg = people.team
    assert ann.territory == ("AT", "8*", "Munich")
    assert (ann.capacity_total, ann.capacity_per_day) == (12, 3)
    assert (moor.capacity_total, moor.zone) == (None, ZoneInfo("Europe/London"))
    assert [one.zone.key for one in (ann, ben)] == ["Europe/Vienna", "Europe/London"]
    assert [one.manager for one in (ann, ben, moor, jorg)] == ["Ben Kent", "", "Nobody", "Ben Kent"]
