"""A write that is under way, kept on disk: so that one which was cut short can be looked after by the next run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sheetcrm.connectors.google.reading import DATE, DURATION, MOMENT, TIME, value_of
from sheetcrm.connectors.google.state import Formula, Typed
from sheetcrm.connectors.google.targets import Target, kind_of_value
from sheetcrm.connectors.google.verifying import Appended
from sheetcrm.connectors.google.writing import extended
from sheetcrm.files import write_whole

KINDS = (DATE, MOMENT, TIME, DURATION, "")


@dataclass(frozen=True)
class Pending:
    """A batch that was sent: its mark, the hidden tab for each tab, and what it wrote."""

    mark: int
    scratch: Mapping[int, int]
    targets: tuple[Target, ...]
    rows: tuple[Appended, ...] = ()
    puts: Mapping[int, str] = field(default_factory=dict)
    """The whole tabs that it filled anew, each with the digest of what had stood there when it was read."""


def _plain_value(value: Typed) -> list[Any]:
    return [extended(value), kind_of_value(value)]


def _value(plain: list[Any]) -> Typed:
    entered, kind = plain
    return Formula(entered["formulaValue"]) if "formulaValue" in entered else value_of(entered, kind)


_PLAIN = tuple(one.name for one in fields(Target) if one.name not in {"value", "old", "origin", "headers", "texts"})


def save(path: Path, pending: Sequence[Pending]) -> None:
    """Writes them down, whole, the one that was sent last at the end."""
    write_whole(path, json.dumps([_plain(one) for one in pending]).encode())


def _plain(pending: Pending) -> dict[str, Any]:
    all_headers = [*(one.headers for one in pending.targets), *(one.headers for one in pending.rows)]
    headers = list(dict.fromkeys(all_headers))
    targets = [
        {name: getattr(one, name) for name in _PLAIN}
        | {"value": _plain_value(one.value), "old": _plain_value(one.old), "headers": headers.index(one.headers)}
        for one in pending.targets
    ]
    rows = [
        [one.tab, headers.index(one.headers), one.header_row, [[j, _plain_value(v)] for j, v in one.values.items()]]
        for one in pending.rows
    ]
    return {
        "mark": pending.mark,
        "scratch": {str(tab): one for tab, one in pending.scratch.items()},
        "headers": headers,
        "targets": targets,
        "rows": rows,
        "puts": {str(tab): digest for tab, digest in pending.puts.items()},
    }


def load(path: Path) -> tuple[Pending, ...]:
    """What was written down; nothing where nothing was, or nothing that can be read."""
    try:
        return tuple(_pending(one) for one in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return ()


def _pending(plain: Mapping[str, Any]) -> Pending:
    headers = [tuple(one) for one in plain["headers"]]
    scratch, puts = ({int(tab): one for tab, one in plain[name].items()} for name in ("scratch", "puts"))
    rows = (
        Appended(tab, headers[number], header_row, {j: _value(value) for j, value in values})
        for tab, number, header_row, values in plain["rows"]
    )
    return Pending(plain["mark"], scratch, tuple(_target(one, headers) for one in plain["targets"]), tuple(rows), puts)


def _target(plain: Mapping[str, Any], headers: Sequence[tuple[str, ...]]) -> Target:
    target = Target(**{name: plain[name] for name in _PLAIN}, value=_value(plain["value"]))
    return replace(target, old=_value(plain["old"]), headers=headers[plain["headers"]])
