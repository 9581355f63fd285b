"""Requests on what colours cells by rule: conditional formats and banding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.objects import answer, bounded, find, new_number, painted, removed
from sheetcrm.testing.sheets_server.work import Work


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
    return removed(work, "bandedRanges", "bandedRangeId", plain.get("bandedRangeId"), "banding")


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
}
