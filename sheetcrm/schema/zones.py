"""The time zone in which a customer lives, as far as a row tells: by the telephone number, else by the country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sheetcrm.schema.contacts import country_code
from sheetcrm.schema.people import is_zone
from sheetcrm.table import Row


def zone_of_row(row: Row, now: datetime) -> str:
    """The zone's name; empty where the row does not tell, or where it may be several hours apart.

    A number of a mobile network, or a country as large as the United States, has several zones.
    """
    return _by_phone(row.text("phone"), now.date().isoformat()) or _by_country(
        row.text("country"), now.date().isoformat()
    )


@lru_cache(maxsize=4096)
def _by_phone(phone: str, day: str) -> str:
    if not phone.startswith("+"):
        return ""
    import phonenumbers
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    return _one_of(timezone.time_zones_for_number(number), day)


@lru_cache(maxsize=512)
def _by_country(country: str, day: str) -> str:
    from babel.core import get_global

    return _one_of(get_global("territory_zones").get(country_code(country) or "", ()), day)


def _one_of(names: Sequence[str], day: str) -> str:
    """The first of several zones that show the same time all year round; empty where they do not."""
    zones = [ZoneInfo(name) for name in names if is_zone(name)]
    start = datetime.fromisoformat(day)
    moments = [start + timedelta(days=30 * month) for month in range(12)]
    clocks = {tuple(moment.replace(tzinfo=zone).utcoffset() for moment in moments) for zone in zones}
    return zones[0].key if len(clocks) == 1 else ""
