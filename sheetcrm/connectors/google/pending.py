"""A write that is under way, kept on disk: so that one which was cut short can be looked after by the next run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sheetcrm.connectors.google.reading import DATE, DURATION, MOMENT, TIME, value_of
from sheetcrm.connectors.google.state import Formula, Typed
from sheetcrm.connectors.google.targets import Target, kind_of_value
from sheetcrm.connectors.google.writing import extended
from sheetcrm.files import write_whole

KINDS = (DATE, MOMENT, TIME, DURATION, "")


@dataclass(frozen=True)
class Pending:
    """A batch that was sent: its mark, the hidden tab for each tab, and what it wrote."""

    mark: int
    scratch: Mapping[int, int]
    targets: tuple[Target, ...]
    puts: Mapping[int, str] = field(default_factory=dict)
    """The whole tabs that it filled anew, each with the digest of what had stood there when it was read."""


def _plain_value(value: Typed) -> list[Any]:
    return [extended(value), kind_of_value(value)]


def _value(plain: list[Any]) -> Typed:
    entered, kind = plain
    return Formula(entered["formulaValue"]) if "formulaValue" in entered else value_of(entered, kind)


_PLAIN = tuple(one.name for one in fields(Target) if one.name not in {"value", "old", "origin", "headers", "texts"})


def save(path: Path, pending: Pending) -> None:
    """Writes it down, whole."""
    headers = list(dict.fromkeys(one.headers for one in pending.targets))
    targets = [
        {name: getattr(one, name) for name in _PLAIN}
        | {"value": _plain_value(one.value), "old": _plain_value(one.old), "headers": headers.index(one.headers)}
        for one in pending.targets
    ]
    plain = {
        "mark": pending.mark,
        "scratch": {str(tab): one for tab, one in pending.scratch.items()},
        "headers": headers,
        "targets": targets,
        "puts": {str(tab): digest for tab, digest in pending.puts.items()},
    }
    write_whole(path, json.dumps(plain).encode())


def load(path: Path) -> Pending | None:
    """What was written down; None where nothing was, or nothing that can be read."""
    try:
        plain = json.loads(path.read_text("utf-8"))
        targets = tuple(_target(one, plain["headers"]) for one in plain["targets"])
        scratch, puts = ({int(tab): one for tab, one in plain[name].items()} for name in ("scratch", "puts"))
        return Pending(plain["mark"], scratch, targets, puts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _target(plain: Mapping[str, Any], headers: list[list[str]]) -> Target:
    target = Target(**{name: plain[name] for name in _PLAIN}, value=_value(plain["value"]))
    return replace(target, old=_value(plain["old"]), headers=tuple(headers[plain["headers"]]))
