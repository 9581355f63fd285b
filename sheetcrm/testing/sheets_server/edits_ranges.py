"""Requests on named and protected ranges, and on developer metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write, write_mask
from sheetcrm.testing.sheets_server.finding import chosen_metadata, create, located
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.objects import answer, bounded, find, new_number
from sheetcrm.testing.sheets_server.rights import OWNER, may_edit
from sheetcrm.testing.sheets_server.work import Work

_RANGE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,249}")


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
    """addProtectedRange: who adds it may go on editing, and is listed among the editors from the next read on."""
    given = deepcopy(plain.get("protectedRange", {}))
    if "namedRangeId" in given:
        given["range"] = deepcopy(_named(work, given["namedRangeId"])["range"])
    sheet, where = bounded(work, given.get("range", {}))
    number = new_number(work, "protectedRanges", "protectedRangeId", given)
    editors = {name: one for name, one in given.get("editors", {}).items() if one}
    users = list(dict.fromkeys([*editors.get("users", ()), work.user.email, OWNER]))
    new = {**given, "protectedRangeId": number, "range": where, "editors": {**editors, "users": users}}
    new["unprotectedRanges"] = [bounded(work, each)[1] for each in given.get("unprotectedRanges", ())]
    new = {name: one for name, one in new.items() if one not in ([], None) and name != "requestingUserCanEdit"}
    sheet.objects["protectedRanges"].append(new)
    shown = answer("ProtectedRange", {**new, "requestingUserCanEdit": True, "editors": editors})
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
    "createDeveloperMetadata": create_metadata,
    "updateDeveloperMetadata": update_metadata,
    "deleteDeveloperMetadata": delete_metadata,
}
