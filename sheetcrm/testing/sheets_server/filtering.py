"""Which rows a basic filter hides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sheetcrm.testing.sheets_server.computing import Values
from sheetcrm.testing.sheets_server.model import Sheet, Value
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.showing import shown


def hidden_rows(sheet: Sheet, values: Values, locale: str) -> frozenset[int]:
    """The rows below its header that a sheet's basic filter hides."""
    if not sheet.objects["basicFilter"]:
        return frozenset()
    plain = sheet.objects["basicFilter"][0]
    area = sheet.clipped(plain["range"])
    criteria = list(_criteria(plain, area))
    if not criteria:
        return frozenset()
    return frozenset(
        row
        for row in range(area.top + 1, area.bottom)
        if any(_hides(one, values.at(sheet, row, column), sheet, row, column, locale) for column, one in criteria)
    )


def _criteria(plain: Mapping[str, Any], area: Area) -> Iterator[tuple[int, Mapping[str, Any]]]:
    specs = plain.get("filterSpecs")
    if specs:
        for one in specs:
            yield area.left + one.get("columnIndex", 0), one.get("filterCriteria", {})
        return
    for column, one in plain.get("criteria", {}).items():
        yield int(column), one


def _hides(criteria: Mapping[str, Any], value: Value, sheet: Sheet, row: int, column: int, locale: str) -> bool:
    text = shown(value, sheet.cell(row, column).format.get("numberFormat"), locale)
    if text in criteria.get("hiddenValues", ()):
        return True
    condition = criteria.get("condition")
    return condition is not None and not holds(condition, value, text)


def holds(condition: Mapping[str, Any], value: Value, text: str) -> bool:
    """Whether a BooleanCondition holds for a cell; one that is not known here holds."""
    kind = condition.get("type", "")
    wanted = [str(one.get("userEnteredValue", "")) for one in condition.get("values", ())]
    if kind in ("BLANK", "NOT_BLANK"):
        return bool(value in (None, "")) is (kind == "BLANK")
    if kind.startswith("TEXT_") and wanted:
        one, other = text.casefold(), wanted[0].casefold()
        found: Mapping[str, bool] = {
            "TEXT_EQ": one == other,
            "TEXT_NOT_EQ": one != other,
            "TEXT_CONTAINS": other in one,
            "TEXT_NOT_CONTAINS": other not in one,
            "TEXT_STARTS_WITH": one.startswith(other),
            "TEXT_ENDS_WITH": one.endswith(other),
        }
        return found.get(kind, True)
    if kind.startswith("NUMBER_") and wanted:
        return _is_number_of(kind, value, wanted)
    if kind == "ONE_OF_LIST":
        return text in wanted
    return True


def _is_number_of(kind: str, value: Value, wanted: list[str]) -> bool:
    if not isinstance(value, float) or isinstance(value, bool):
        return False
    try:
        limits = [float(one) for one in wanted]
    except ValueError:
        return True
    first, last = limits[0], limits[-1]
    return {
        "NUMBER_GREATER": value > first,
        "NUMBER_GREATER_THAN_EQ": value >= first,
        "NUMBER_LESS": value < first,
        "NUMBER_LESS_THAN_EQ": value <= first,
        "NUMBER_EQ": value == first,
        "NUMBER_NOT_EQ": value != first,
        "NUMBER_BETWEEN": first <= value <= last,
        "NUMBER_NOT_BETWEEN": not first <= value <= last,
    }.get(kind, True)
