"""Local times as moments, across changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def first_moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the wall clock of a zone shows a local time or a later one."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if _wall(moment, zone) == local:
        return moment
    # The clocks skip it. They change after `early`, where they still show less, and not after `late`.
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (early, middle) if _wall(middle, zone) >= local else (middle, late)
    return late


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
