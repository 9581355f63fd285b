"""Why a formula gives what it gives for one row, in words with the row's values."""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.formula.build import Builder
from sheetcrm.formula.dates import LAST_SERIAL, day_of
from sheetcrm.formula.operators import COMPARISONS
from sheetcrm.formula.steps import Run
from sheetcrm.formula.tree import Binary, Call, Cells, Follow, Literal, Node, children, show, without_parens
from sheetcrm.formula.values import Array, Value, single
from sheetcrm.table import CellError

_LONGEST = 80
_NOT_BLANK = ", not blank"


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a condition: what it says, and whether it holds (None: neither, as for an error)."""

    text: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A formula's value for one row, and the reasons in the order of the formula."""

    value: Value
    reasons: tuple[Reason, ...]

    @property
    def matches(self) -> bool:
        """Whether the condition holds."""
        return self.value is True

    @property
    def text(self) -> str:
        """The reasons that decided: all of a match, else those that failed."""
        if self.matches:
            return "; ".join(_once([one.text for one in self.reasons if one.holds]))
        failed = [one.text for one in self.reasons if not one.holds]
        return "; ".join(_once(failed or [one.text for one in self.reasons]))


def _once(texts: list[str]) -> list[str]:
    """The texts without those that say "not blank" of what another one says more of."""
    bare = [text.removesuffix(_NOT_BLANK) for text in texts]
    return [
        text
        for i, text in enumerate(texts)
        if not text.endswith(_NOT_BLANK) or not any(other.startswith(bare[i]) for other in texts if other != text)
    ]


@dataclass(frozen=True)
class Row:
    """The row that is explained, with what knows the formula's names and values."""

    builder: Builder
    run: Run
    row: int

    def value(self, node: Node) -> Value:
        """A node's value for the row."""
        return single(self.builder.step(node).one(self.run, self.row))

    def kind(self, node: Node) -> str:
        """What a node gives."""
        return self.builder.kind(node)

    def shown(self, value: Value, kind: str) -> str:
        """A value as people say it."""
        if type(value) is Array:
            return f"{len(value):,} values"
        if value is None or value == "":
            return "blank"
        if type(value) is float:
            return self._number(value, kind)
        if type(value) is bool:
            return "TRUE" if value else "FALSE"
        text = str(value)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def _number(self, value: float, kind: str) -> str:
        if kind == "date" and 1 <= value <= LAST_SERIAL:
            day = day_of(value)
            months = self.run.context.locale.short_months
            return f"{day.day} {months[day.month - 1]} {day.year}"
        shown = f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}" if abs(value) >= 0.01 else f"{value:.3g}"
        locale = self.run.context.locale
        return shown.replace(",", "\0").replace(".", locale.decimal).replace("\0", locale.group)

    def ago(self, value: Value) -> str:
        """How far a day lies from today, in brackets."""
        if type(value) is not float or not 1 <= value <= LAST_SERIAL:
            return ""
        days = int(self.run.context.now) - int(value)
        if days == 0:
            return " (today)"
        count = f"{abs(days):,} day{'s' if abs(days) != 1 else ''}"
        return f" ({count} ago)" if days > 0 else f" (in {count})"


def explain_row(tree: Node, row: Row) -> Explanation:
    """The value and the reasons for one row."""
    value = row.value(tree)
    value = 0.0 if value is None else value
    return Explanation(value, tuple(_reasons(tree, row)))


def _reasons(node: Node, row: Row) -> list[Reason]:
    node = without_parens(node)
    if isinstance(node, Call) and node.name == "AND":
        return [one for part in node.arguments if part is not None for one in _reasons(part, row)]
    if isinstance(node, Call) and node.name == "OR":
        return [_any_of(node, row)]
    if isinstance(node, Call) and node.name == "NOT" and node.arguments[0] is not None:
        return [_reason(node, node.arguments[0], row)]
    return [_reason(node, node, row)]


def _any_of(node: Call, row: Row) -> Reason:
    holds = _truth(row.value(node))
    parts = [one for part in node.arguments if part is not None for one in _reasons(part, row)]
    told = [one.text for one in parts if one.holds] if holds else [one.text for one in parts]
    return Reason((" or " if holds else " and ").join(told), holds)


def _truth(value: Value) -> bool | None:
    if type(value) is bool:
        return value
    return value != 0 if type(value) is float else None


def _reason(whole: Node, node: Node, row: Row) -> Reason:
    node = without_parens(node)
    holds = _truth(row.value(whole))
    if isinstance(node, Binary) and node.sign in COMPARISONS:
        return Reason(_compared(node, row), holds)
    if isinstance(node, Call) and node.name == "ISBLANK" and node.arguments[0] is not None:
        return Reason(f"{_name(node.arguments[0])} is {_said(node.arguments[0], row)}", holds)
    told = _values_in(node, row)
    shown = row.shown(row.value(node), row.kind(node))
    return Reason(f"{show(node)} is {shown}{f' where {told}' if told else ''}", holds)


def _name(node: Node) -> str:
    node = without_parens(node)
    if isinstance(node, Cells) and not node.last and (node.is_row or not node.table):
        return node.first
    if isinstance(node, Follow):
        return f"{_name(node.origin)} {node.column}"
    return show(node)


def _said(node: Node, row: Row) -> str:
    value = row.value(node)
    shown = row.shown(value, row.kind(node))
    return shown + (row.ago(value) if row.kind(node) == "date" else "")


def _values_in(node: Node, row: Row) -> str:
    """The row's cells that stand in a node, each with its value."""
    told: dict[str, str] = {}

    def walk(one: Node) -> None:
        if isinstance(one, Follow) or (isinstance(one, Cells) and one.is_row and not one.last and one.first):
            told.setdefault(_name(one), _said(one, row))
            return
        for child in children(one):
            walk(child)

    walk(node)
    return ", ".join(f"{name} is {value}" for name, value in told.items())


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def _compared(node: Binary, row: Row) -> str:
    """`Amount is 4,279.82, at least 1,000`: the cell first, then how it stands to the other side."""
    left, right, sign = node.left, node.right, node.sign
    if isinstance(without_parens(left), Literal) and not isinstance(without_parens(right), Literal):
        left, right, sign = right, left, _TURNED[sign]
    one, other = row.value(left), row.value(right)
    kinds = {row.kind(left), row.kind(right)}
    kind = "date" if "date" in kinds and "number" not in kinds else ""
    shown = row.shown(one, kind or row.kind(left)) + (row.ago(one) if kind == "date" else "")
    inside = _inside(left, row)
    subject = f"{_name(left)} is {shown}{inside}"
    if type(one) is CellError:
        return subject
    told = row.shown(other, kind or row.kind(right)) + _inside(right, row)
    relation = _relation(one, other, sign, told, is_date=kind == "date", holds=_truth(row.value(node)))
    return f"{subject}{relation}"


def _inside(node: Node, row: Row) -> str:
    """What a side that is more than a cell or a constant is made of."""
    node = without_parens(node)
    if isinstance(node, Cells | Follow | Literal):
        return ""
    told = _values_in(node, row)
    return f" ({told})" if told else ""


def _relation(one: Value, other: Value, sign: str, told: str, *, is_date: bool, holds: bool | None) -> str:  # fmt: skip
    if type(other) is CellError:
        return f", compared with the error {other}"
    if one is None and type(other) is float and sign in {"<", "<=", ">", ">="}:
        return f", which Excel counts as 0: {'' if holds else 'not '}{_words(sign, is_date=is_date)} {told}"
    if sign == "=":
        return "" if holds else f", not {told}"
    if sign == "<>":
        return f", not {told}" if holds else ""
    if not holds:
        sign = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[sign]
    if type(one) is not type(other) and one is not None and other is not None:
        return f", which Excel ranks {'before' if sign in {'<', '<='} else 'after'} {told}"
    return f", {_words(sign, is_date=is_date)} {told}"


def _words(sign: str, *, is_date: bool) -> str:
    if is_date:
        return {"<": "before", "<=": "not after", ">": "after", ">=": "not before"}[sign]
    return {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}[sign]
