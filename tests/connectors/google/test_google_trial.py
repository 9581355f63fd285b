"""`sheetcrm doctor --scratch`: everything that a run does to a sheet is tried in a tab of its own."""

from __future__ import annotations

import pytest
from scene import BATCH, READ, Scene

from sheetcrm.connectors.google.state import TRIAL
from sheetcrm.connectors.google.trial import try_out
from sheetcrm.errors import EditRefused, SheetcrmError, WorkbookBusy


@pytest.fixture
def scene(server, tmp_path) -> Scene:
    return Scene(server, tmp_path)


def is_untouched(scene: Scene) -> bool:
    resource = scene.server.resource(scene.key)
    return scene.tabs() == ["Leads", "Team"] and not resource.get("developerMetadata") and len(scene.rows()) == 8


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "hu_HU"])
def test_a_trial_tells_what_worked_and_leaves_nothing(server, locale) -> None:
    key = server.create("CRM", {"Leads": [["Lead ID"], ["L-1"]]}, locale=locale)
    before = server.resource(key)
    lines = list(try_out(key))
    assert [line.split()[0] for line in lines] == ["text,", "a", "rows,", "and"]
    assert server.resource(key) == before


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize(("do", "when"), [(500, "after"), ("drop", "after"), (503, "before")])
def test_a_trial_that_fails_in_between_leaves_nothing(scene, nth, do, when) -> None:
    scene.server.control.fail(BATCH, do, when=when, nth=nth)
    if nth < 3:
        with pytest.raises(WorkbookBusy):
            list(try_out(scene.key))
    else:
        list(try_out(scene.key))
    assert is_untouched(scene)


def test_what_an_earlier_trial_left_is_no_obstacle(scene) -> None:
    scene.server.control.fail(BATCH, "drop", when="after", nth=1)
    scene.server.control.fail(READ, 503, nth=2, times=9)
    with pytest.raises(SheetcrmError):
        list(try_out(scene.key))
    assert TRIAL in scene.tabs()
    scene.server.control.reset()
    assert len(list(try_out(scene.key))) == 4
    assert is_untouched(scene)


def test_a_person_who_may_only_look_is_told_so(scene) -> None:
    scene.server.control.fail(BATCH, 403, times=9)
    with pytest.raises(EditRefused, match="may look at the sheet, but not change it"):
        list(try_out(scene.key))
    assert is_untouched(scene)
