"""Requests on what lies over the cells: named and protected ranges, filters, conditional formats, banding, metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write, write_mask
from sheetcrm.testing.sheets_server.finding import chosen_metadata, create, located
from sheetcrm.testing.sheets_server.forms import theme_of, tidied, with_colors
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.rights import OWNER, may_edit
from sheetcrm.testing.sheets_server.work import Work

_RANGE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,249}")


def bounded(work: Work, plain: Mapping[str, Any]) -> tuple[Sheet, Json]:
    """The sheet of a GridRange, and the range with its sheet named. Raises the 400 of one that leaves the grid."""
    sheet = work.book.sheet(plain.get("sheetId"))
    sheet.area(plain)
    return sheet, {**plain, "sheetId": sheet.id}


def find(work: Work, listed: str, key: str, wanted: object, what: str) -> tuple[Sheet, Json]:
    """An object of some sheet by its id. Raises a 400."""
    for sheet in work.book.sheets:
        for one in sheet.objects[listed]:
            if one[key] == wanted:
                return sheet, one
    raise bad(f"No {what} with ID: {wanted}")


def painted(work: Work, message: str, plain: Json) -> Json:
    """A copy of a message with its colours told both ways."""
    return with_colors(message, deepcopy(plain), theme_of(work.book.properties))


def answer(message: str, plain: Json) -> Json:
    """A copy of a message as it goes out."""
    return tidied(message, deepcopy(plain))


def _taken(work: Work, listed: str, key: str) -> set[Any]:
    return {one[key] for sheet in work.book.sheets for one in sheet.objects[listed]}


def new_number(work: Work, listed: str, key: str, given: Json) -> int:
    """The id given, or a free one. Raises the 400 of one that is taken."""
    taken = _taken(work, listed, key)
    if given.get(key) in taken:
        raise bad(f"{key}: There is one with the ID {given[key]} already.")
    return int(given[key]) if given.get(key) is not None else work.new_id(taken)


def add_named_range(work: Work, plain: Json) -> Json:
    """AddNamedRange."""
    given = plain.get("namedRange", {})
    _, where = bounded(work, given.get("range", {}))
    _check_name(work, given.get("name", ""))
    new = {"namedRangeId": given.get("namedRangeId") or str(work.new_id()), "name": given["name"], "range": where}
    if any(one["namedRangeId"] == new["namedRangeId"] for one in work.book.named_ranges):
        raise bad(f"namedRangeId: There is one with the ID {new['namedRangeId']} already.")
    work.book.named_ranges.append(new)
    return {"addNamedRange": {"namedRange": answer("NamedRange", new)}}


def _check_name(work: Work, name: str, but: object = None) -> None:
    if not _RANGE_NAME.fullmatch(name):
        raise bad(f"Invalid name: {name}")
    if any(one["name"].casefold() == name.casefold() and one is not but for one in work.book.named_ranges):
        raise bad(f"A named range with the name {name} already exists.")


def _named(work: Work, wanted: object) -> Json:
    found = next((one for one in work.book.named_ranges if one["namedRangeId"] == wanted), None)
    if found is None:
        raise bad(f"No named range with ID: {wanted}")
    return found


def update_named_range(work: Work, plain: Json) -> Json:
    """UpdateNamedRange."""
    given = plain.get("namedRange", {})
    one = _named(work, given.get("namedRangeId"))
    target = deepcopy(one)
    write(plain.get("fields", ""), "NamedRange", target, given)
    _check_name(work, target.get("name", ""), one)
    _, target["range"] = bounded(work, target.get("range", {}))
    one |= {**target, "namedRangeId": one["namedRangeId"]}
    return {}


def delete_named_range(work: Work, plain: Json) -> Json:
    """DeleteNamedRange."""
    work.book.named_ranges.remove(_named(work, plain.get("namedRangeId")))
    return {}


def add_protected_range(work: Work, plain: Json) -> Json:
    """addProtectedRange: who adds it may go on editing."""
    given = deepcopy(plain.get("protectedRange", {}))
    if "namedRangeId" in given:
        given["range"] = deepcopy(_named(work, given["namedRangeId"])["range"])
    sheet, where = bounded(work, given.get("range", {}))
    number = new_number(work, "protectedRanges", "protectedRangeId", given)
    editors = given.get("editors", {})
    if not given.get("warningOnly"):
        users = list(dict.fromkeys([*editors.get("users", ()), work.user.email, OWNER]))
        given["editors"] = {**editors, "users": users}
    new = {**given, "protectedRangeId": number, "range": where}
    new["unprotectedRanges"] = [bounded(work, each)[1] for each in given.get("unprotectedRanges", ())]
    new = {name: one for name, one in new.items() if one not in ([], None) and name != "requestingUserCanEdit"}
    sheet.objects["protectedRanges"].append(new)
    shown = answer("ProtectedRange", {**new, "requestingUserCanEdit": True})
    return {"addProtectedRange": {"protectedRange": shown}}


def _own_protection(work: Work, wanted: object) -> tuple[Sheet, Json]:
    sheet, one = find(work, "protectedRanges", "protectedRangeId", wanted, "protected range")
    if not may_edit(work.user, one):
        raise bad("You do not have permission to modify this protected range.")
    return sheet, one


def update_protected_range(work: Work, plain: Json) -> Json:
    """UpdateProtectedRange."""
    given = plain.get("protectedRange", {})
    _, one = _own_protection(work, given.get("protectedRangeId"))
    target = deepcopy(one)
    write(plain.get("fields", ""), "ProtectedRange", target, given)
    _, target["range"] = bounded(work, target.get("range") or one["range"])
    one.clear()
    one |= {**target, "protectedRangeId": given["protectedRangeId"]}
    return {}


def delete_protected_range(work: Work, plain: Json) -> Json:
    """DeleteProtectedRange."""
    sheet, one = _own_protection(work, plain.get("protectedRangeId"))
    sheet.objects["protectedRanges"].remove(one)
    return {}


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
    sheet, one = find(work, "filterViews", "filterViewId", plain.get("filterId"), "filter view")
    sheet.objects["filterViews"].remove(one)
    return {}


def _rule(work: Work, given: Json) -> tuple[Sheet, Json]:
    if not given.get("ranges"):
        raise bad("rule.ranges: At least one range must be specified.")
    pairs = [bounded(work, one) for one in given["ranges"]]
    if len({sheet.id for sheet, _ in pairs}) > 1:
        raise bad("rule.ranges: All ranges must be on the same sheet.")
    if ("booleanRule" in given) == ("gradientRule" in given):
        raise bad("rule: A boolean or gradient rule must be specified.")
    return pairs[0][0], painted(work, "ConditionalFormatRule", {**given, "ranges": [one for _, one in pairs]})


def _at(rules: list[Json], index: int) -> Json:
    if not 0 <= index < len(rules):
        raise bad(f"No conditional format on sheet at index: {index}")
    return rules[index]


def add_conditional_format_rule(work: Work, plain: Json) -> Json:
    """AddConditionalFormatRule."""
    sheet, new = _rule(work, plain.get("rule", {}))
    rules = sheet.objects["conditionalFormats"]
    rules.insert(min(plain.get("index", 0), len(rules)), new)
    return {}


def update_conditional_format_rule(work: Work, plain: Json) -> Json:
    """updateConditionalFormatRule: another rule, or another place."""
    index = plain.get("index", 0)
    if "rule" in plain:
        sheet, new = _rule(work, plain["rule"])
        rules = sheet.objects["conditionalFormats"]
        old, rules[index : index + 1] = _at(rules, index), [new]
        shown = {"oldRule": answer("ConditionalFormatRule", old), "newRule": answer("ConditionalFormatRule", new)}
        return {"updateConditionalFormatRule": shown | {"newIndex": index}}
    rules = work.book.sheet(plain.get("sheetId")).objects["conditionalFormats"]
    one = _at(rules, index)
    rules.pop(index)
    rules.insert(plain.get("newIndex", 0), one)
    shown = {"newRule": answer("ConditionalFormatRule", one), "oldIndex": index}
    return {"updateConditionalFormatRule": shown | {"newIndex": plain.get("newIndex", 0)}}


def delete_conditional_format_rule(work: Work, plain: Json) -> Json:
    """deleteConditionalFormatRule: gives the rule that was there."""
    rules = work.book.sheet(plain.get("sheetId")).objects["conditionalFormats"]
    one = _at(rules, plain.get("index", 0))
    rules.remove(one)
    return {"deleteConditionalFormatRule": {"rule": answer("ConditionalFormatRule", one)}}


def add_banding(work: Work, plain: Json) -> Json:
    """AddBanding."""
    given = plain.get("bandedRange", {})
    sheet, where = bounded(work, given.get("range", {}))
    area = sheet.clipped(where)
    if any(sheet.clipped(one["range"]).meets(area) for one in sheet.objects["bandedRanges"]):
        raise bad(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    if "rowProperties" not in given and "columnProperties" not in given:
        raise bad("bandedRange: Row or column properties must be specified.")
    new = painted(work, "BandedRange", {**given, "range": where})
    new["bandedRangeId"] = new_number(work, "bandedRanges", "bandedRangeId", given)
    sheet.objects["bandedRanges"].append(new)
    return {"addBanding": {"bandedRange": answer("BandedRange", new)}}


def update_banding(work: Work, plain: Json) -> Json:
    """UpdateBanding."""
    given = plain.get("bandedRange", {})
    _, one = find(work, "bandedRanges", "bandedRangeId", given.get("bandedRangeId"), "banding")
    target = deepcopy(one)
    write(plain.get("fields", ""), "BandedRange", target, given)
    _, target["range"] = bounded(work, target.get("range", {}))
    one.clear()
    one |= {**painted(work, "BandedRange", target), "bandedRangeId": given["bandedRangeId"]}
    return {}


def delete_banding(work: Work, plain: Json) -> Json:
    """DeleteBanding."""
    sheet, one = find(work, "bandedRanges", "bandedRangeId", plain.get("bandedRangeId"), "banding")
    sheet.objects["bandedRanges"].remove(one)
    return {}


def create_metadata(work: Work, plain: Json) -> Json:
    """CreateDeveloperMetadata."""
    new = create(plain.get("developerMetadata", {}), work.book, work.random)
    return {"createDeveloperMetadata": {"developerMetadata": answer("DeveloperMetadata", new)}}


def update_metadata(work: Work, plain: Json) -> Json:
    """updateDeveloperMetadata: all that the filters find."""
    mask = write_mask(plain.get("fields", ""), "DeveloperMetadata")
    found = {
        one["metadataId"]: one for each in plain.get("dataFilters", ()) for one in chosen_metadata(each, work.book)
    }
    for one in found.values():
        write(plain["fields"], "DeveloperMetadata", one, plain.get("developerMetadata", {}))
        if "location" in mask or "*" in mask:
            one["location"] = located(one.get("location", {}), work.book)
    shown = [answer("DeveloperMetadata", one) for one in found.values()]
    return {"updateDeveloperMetadata": {"developerMetadata": shown} if shown else {}}


def delete_metadata(work: Work, plain: Json) -> Json:
    """deleteDeveloperMetadata: gives what was there."""
    found = chosen_metadata(plain.get("dataFilter", {}), work.book)
    work.book.metadata = [one for one in work.book.metadata if one not in found]
    shown = [answer("DeveloperMetadata", one) for one in found]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": shown} if shown else {}}


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "deleteFilterView": delete_filter_view,
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "createDeveloperMetadata": create_metadata,
    "updateDeveloperMetadata": update_metadata,
    "deleteDeveloperMetadata": delete_metadata,
}
