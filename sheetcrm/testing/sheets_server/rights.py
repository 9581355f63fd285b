"""Who asks, and what protected ranges let them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sheetcrm.testing.sheets_server.errors import PROTECTED, bad
from sheetcrm.testing.sheets_server.model import Sheet
from sheetcrm.testing.sheets_server.places import Area

OWNER = "owner@example.com"


@dataclass(frozen=True, slots=True)
class User:
    """Who sent a call."""

    email: str = OWNER

    @property
    def is_owner(self) -> bool:
        """Whether nothing is protected from this user."""
        return self.email == OWNER


THE_OWNER = User()


def may_edit(user: User, protection: Mapping[str, Any]) -> bool:
    """Whether a protected range lets a user write."""
    editors = protection.get("editors", {}).get("users", ())
    return bool(protection.get("warningOnly")) or user.is_owner or user.email in editors


def check_editable(sheet: Sheet, areas: Iterable[Area], user: User) -> None:
    """Nothing; raises the 400 of a write into a protected range."""
    barred = [one for one in sheet.objects["protectedRanges"] if not may_edit(user, one)]
    if not barred:
        return
    for area in areas:
        for one in barred:
            if _bars(one, area, sheet):
                raise bad(PROTECTED)


def _bars(protection: Mapping[str, Any], area: Area, sheet: Sheet) -> bool:
    if not sheet.clipped(protection.get("range", {})).meets(area):
        return False
    return not any(sheet.clipped(one).holds(area) for one in protection.get("unprotectedRanges", ()))
