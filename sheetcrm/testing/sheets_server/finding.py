"""Developer metadata, and the data filters by which it, and ranges, are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any

from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.errors import ApiError, bad
from sheetcrm.testing.sheets_server.model import Json, Sheet, Spreadsheet
from sheetcrm.testing.sheets_server.places import Area

MOST_METADATA = 30_000
"""Characters of developer metadata that a location of a spreadsheet holds."""


def located(plain: Mapping[str, Any], book: Spreadsheet) -> Json:
    """A DeveloperMetadataLocation with its type. Raises the 400 of one that names no place of the spreadsheet."""
    if plain.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "dimensionRange" in plain:
        span = dict(plain["dimensionRange"])
        sheet = book.sheet(span.get("sheetId"))
        start, end = span.get("startIndex", 0), span.get("endIndex", 0)
        size = sheet.row_count if span.get("dimension") == "ROWS" else sheet.column_count
        if end - start != 1 or end > size:
            raise bad("location.dimensionRange must represent a single row or column of the sheet.")
        kind = "ROW" if span["dimension"] == "ROWS" else "COLUMN"
        return {"locationType": kind, "dimensionRange": {**span, "sheetId": sheet.id}}
    if "sheetId" in plain:
        return {"locationType": "SHEET", "sheetId": book.sheet(plain["sheetId"]).id}
    raise bad("Location must be specified.")


def create(plain: Mapping[str, Any], book: Spreadsheet, random: Random) -> Json:
    """Adds developer metadata and gives it back. Raises the 400 of an id that is taken, or of a missing part."""
    if not plain.get("metadataKey"):
        raise bad("developerMetadata.metadataKey: A metadata key must be specified.")
    if plain.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise bad("developerMetadata.visibility: A visibility must be specified.")
    taken = {one["metadataId"] for one in book.metadata}
    number = plain.get("metadataId")
    if number is not None and number <= 0:
        raise bad("developerMetadata.metadataId: The metadata ID must be positive.")
    if number in taken:
        raise bad(f"Duplicate developer metadata id: {number}")
    while number is None or number in taken:
        number = random.randrange(1, 2**31)
    location = located(plain.get("location", {}), book)
    new = {**deepcopy(dict(plain)), "metadataId": number, "location": location}
    _check_room(new, book)
    book.metadata.append(new)
    return new


def _check_room(new: Mapping[str, Any], book: Spreadsheet) -> None:
    held = [one for one in (*book.metadata, new) if one["location"] == new["location"]]
    if sum(len(one["metadataKey"]) + len(one.get("metadataValue", "")) for one in held) > MOST_METADATA:
        raise bad(f"Developer metadata may hold at most {MOST_METADATA} characters.")


def _area(location: Mapping[str, Any], sheet: Sheet) -> Area | None:
    """What a location covers of a sheet; None where it lies elsewhere. A spreadsheet's covers all."""
    if location.get("locationType") == "SPREADSHEET":
        return sheet.whole
    if location.get("locationType") == "SHEET":
        return sheet.whole if location["sheetId"] == sheet.id else None
    span = location.get("dimensionRange", {})
    if span.get("sheetId", 0) != sheet.id:
        return None
    if span["dimension"] == "ROWS":
        return Area(span.get("startIndex", 0), 0, span["endIndex"], sheet.column_count)
    return Area(0, span.get("startIndex", 0), sheet.row_count, span["endIndex"])


def _fits(lookup: Mapping[str, Any], one: Json, book: Spreadsheet) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and lookup[name] != one.get(name):
            return False
    kind = lookup.get("locationType")
    if kind and not kind.endswith("UNSPECIFIED") and one["location"]["locationType"] != kind:
        return False
    if "metadataLocation" not in lookup:
        return True
    wanted = located(lookup["metadataLocation"], book)
    if wanted == one["location"]:
        return True
    if lookup.get("locationMatchingStrategy", "EXACT_LOCATION") != "INTERSECTING_LOCATION":
        return False
    return any(
        (ours := _area(wanted, sheet)) and (theirs := _area(one["location"], sheet)) and ours.meets(theirs)
        for sheet in book.sheets
    )


def looked_up(lookup: Mapping[str, Any], book: Spreadsheet) -> list[Json]:
    """The developer metadata that a DeveloperMetadataLookup finds."""
    return [one for one in book.metadata if _fits(lookup, one, book)]


def chosen_metadata(one: Mapping[str, Any], book: Spreadsheet) -> list[Json]:
    """The developer metadata that a DataFilter finds: by lookup, or all within a range."""
    if "developerMetadataLookup" in one:
        return looked_up(one["developerMetadataLookup"], book)
    found = []
    for sheet, plain in chosen_ranges(one, book):
        area = sheet.clipped(plain)
        found += [each for each in book.metadata if (its := _area(each["location"], sheet)) and its.meets(area)]
    return found


def chosen_ranges(one: Mapping[str, Any], book: Spreadsheet) -> Iterator[tuple[Sheet, Json]]:
    """The sheets and GridRanges that a DataFilter chooses."""
    if "a1Range" in one:
        sheet, plain, _ = parse_range(one["a1Range"], book)
        yield sheet, plain
    elif "gridRange" in one:
        sheet = book.sheet(one["gridRange"].get("sheetId"))
        sheet.area(one["gridRange"])
        yield sheet, {"sheetId": sheet.id, **one["gridRange"]}
    elif "developerMetadataLookup" in one:
        yield from _places(looked_up(one["developerMetadataLookup"], book), book)
    else:
        raise bad("A data filter must be specified.")


def _places(found: Iterable[Json], book: Spreadsheet) -> Iterator[tuple[Sheet, Json]]:
    for each in found:
        location = each["location"]
        if location["locationType"] == "SPREADSHEET":
            yield from ((sheet, {"sheetId": sheet.id}) for sheet in book.sheets)
        elif location["locationType"] == "SHEET":
            yield book.sheet(location["sheetId"]), {"sheetId": location["sheetId"]}
        else:
            span = location["dimensionRange"]
            sheet = book.sheet(span.get("sheetId"))
            keys = (
                ("startRowIndex", "endRowIndex")
                if span["dimension"] == "ROWS"
                else ("startColumnIndex", "endColumnIndex")
            )
            yield sheet, {"sheetId": sheet.id, keys[0]: span.get("startIndex", 0), keys[1]: span["endIndex"]}


def by_id(number: int, book: Spreadsheet) -> Json:
    """The developer metadata of an id. Raises a 404."""
    for one in book.metadata:
        if one["metadataId"] == number:
            return one
    raise ApiError(404, f"No developer metadata with id: {number}")


def search(filters: Iterable[Mapping[str, Any]], book: Spreadsheet) -> list[Json]:
    """MatchedDeveloperMetadata: what is found, each with the filters that found it."""
    found: dict[int, Json] = {}
    for one in filters:
        for each in chosen_metadata(one, book):
            entry = found.setdefault(each["metadataId"], {"developerMetadata": deepcopy(each), "dataFilters": []})
            entry["dataFilters"].append(deepcopy(dict(one)))
    return list(found.values())
