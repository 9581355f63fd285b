"""A calendar entry for a mail: the day of a follow-up, as an invitation for calendar programs (RFC 5545, 5546)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sheetcrm.errors import ConfigError


def invitation(plain: Mapping[str, Any], uid: str, sender: str, to: str, now: datetime) -> str:
    """The text of an all-day event: `plain` holds its `day` (ISO) and `summary`. The same for the same arguments.

    Sent again with another day under the same `uid`, it moves the entry.
    """
    try:
        from icalendar import Calendar, Event, vCalAddress
    except ImportError as error:
        raise ConfigError("Calendar entries need a package.", 'Run: pip install "sheetcrm[mail]"') from error
    day = date.fromisoformat(str(plain["day"]))
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", str(plain["summary"]))
    event.add("sequence", int(now.timestamp()) // 60 % 2**31)
    event.add("transp", "TRANSPARENT")
    event.add("organizer", vCalAddress(f"mailto:{sender}"))
    event.add("attendee", vCalAddress(f"mailto:{to}"), parameters={"rsvp": "FALSE", "partstat": "ACCEPTED"})
    calendar = Calendar()
    calendar.add("prodid", "-//sheetcrm//follow-ups//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode("utf-8")
