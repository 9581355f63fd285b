"""What a rule remembers from run to run: since when which row meets it, what it did and wrote. JSON in the memory."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b

from sheetcrm.rules.rule import FormulaRule

PREFIX = "rules/"


@dataclass(frozen=True)
class RuleState:
    """Rows are named by their identity."""

    text: str = ""
    """A digest of the rule as it was when it was last seen; empty: never seen."""
    since: Mapping[str, str] = field(default_factory=dict)
    """For each row that met it last time: since when, as an ISO time."""
    fired: Mapping[str, str] = field(default_factory=dict)
    """For each row the occasion on which it last acted; mails are remembered by the Journal."""
    wrote: Mapping[str, object] = field(default_factory=dict)
    """For each row what it last wrote, as a JSON value."""
    day: str = ""
    """The last day on which a daily rule looked."""
    matches: int = 0
    acted: str = ""
    """The day on which it last did something."""
    why: str = ""
    """Why it did so, of one row."""
    held: int = 0
    """Rows that it would act on once it was shown."""
    waiting: int = 0
    """Rows left for the next run by its limit."""

    def only(self, rows: Collection[str]) -> RuleState:
        """The state without rows that are gone."""
        since, fired = ({row: one for row, one in some.items() if row in rows} for some in (self.since, self.fired))
        wrote = {row: one for row, one in self.wrote.items() if row in rows}
        return replace(self, since=since, fired=fired, wrote=wrote)

    def dumped(self) -> str:
        """The state for the memory."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def state_of(memory: Mapping[str, str], rule: FormulaRule) -> RuleState:
    """What the memory holds of a rule; an empty state where it holds nothing."""
    text = memory.get(PREFIX + rule.key)
    return loaded(text) if text else RuleState()


def loaded(text: str) -> RuleState:
    """The state that `dumped` wrote."""
    return RuleState(**json.loads(text))


def digest_of(rule: FormulaRule) -> str:
    """A digest of what a rule looks for and does: a change makes it a new rule, which is shown before it acts."""
    parts = (rule.table, rule.condition, *rule.tests, rule.then, rule.to, rule.value, rule.template, str(rule.when))
    return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
