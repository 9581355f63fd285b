"""Requests on filters: the basic one of a sheet, and filter views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

from sheetcrm.testing.sheets_server.fields import write
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.objects import answer, bounded, find, new_number, painted, removed
from sheetcrm.testing.sheets_server.work import Work


def _filter(work: Work, message: str, given: Json) -> tuple[Sheet, Json]:
    """A filter with its open ends closed at the grid's."""
    sheet, _ = bounded(work, given.get("range", {}))
    return sheet, painted(work, message, {**given, "range": sheet.area(given.get("range", {})).as_range(sheet.id)})


def set_basic_filter(work: Work, plain: Json) -> Json:
    """setBasicFilter: in place of the one that is there; sorts at once where it says so."""
    sheet, new = _filter(work, "BasicFilter", plain.get("filter", {}))
    sheet.objects["basicFilter"] = [new]
    if new.get("sortSpecs"):
        from sheetcrm.testing.sheets_server.edits_data import sort_area

        area = sheet.clipped(new["range"])
        sort_area(work, sheet, area._replace(top=min(area.top + 1, area.bottom)), new["sortSpecs"])
    return {}


def clear_basic_filter(work: Work, plain: Json) -> Json:
    """ClearBasicFilter."""
    work.book.sheet(plain.get("sheetId")).objects["basicFilter"] = []
    return {}


def add_filter_view(work: Work, plain: Json) -> Json:
    """AddFilterView."""
    given = plain.get("filter", {})
    sheet, new = _filter(work, "FilterView", given)
    new["filterViewId"] = new_number(work, "filterViews", "filterViewId", given)
    new.setdefault("title", f"Filter {len(sheet.objects['filterViews']) + 1}")
    sheet.objects["filterViews"].append(new)
    return {"addFilterView": {"filter": answer("FilterView", new)}}


def update_filter_view(work: Work, plain: Json) -> Json:
    """UpdateFilterView."""
    given = plain.get("filter", {})
    _, one = find(work, "filterViews", "filterViewId", given.get("filterViewId"), "filter view")
    target = deepcopy(one)
    write(plain.get("fields", ""), "FilterView", target, given)
    _, new = _filter(work, "FilterView", target)
    one.clear()
    one |= {**new, "filterViewId": given["filterViewId"]}
    return {}


def duplicate_filter_view(work: Work, plain: Json) -> Json:
    """DuplicateFilterView."""
    sheet, one = find(work, "filterViews", "filterViewId", plain.get("filterId"), "filter view")
    new = {**deepcopy(one), "filterViewId": work.new_id(), "title": f"Copy of {one['title']}"}
    sheet.objects["filterViews"].append(new)
    return {"duplicateFilterView": {"filter": answer("FilterView", new)}}


def delete_filter_view(work: Work, plain: Json) -> Json:
    """DeleteFilterView."""
    return removed(work, "filterViews", "filterViewId", plain.get("filterId"), "filter view")


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "deleteFilterView": delete_filter_view,
}
