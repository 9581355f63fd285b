"""Conditions joined by AND that no row can meet at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.formula.tree import Binary, Call, Cells, Literal, Node, Unary, show, without_parens

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_DAYS = 1e9
"""TODAY() as a number apart from all others: only its distance to itself is known."""


@dataclass
class _Bounds:
    low: float = -math.inf
    high: float = math.inf
    low_is_out: bool = False
    high_is_out: bool = False
    text: str | None = None
    seen: str = ""

    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_is_out or self.high_is_out))


def contradiction(parts: Sequence[Node]) -> str:
    """Which two parts exclude each other, in words; empty where none do."""
    known: dict[str, _Bounds] = {}
    for part in parts:
        told = _comparison(without_parens(part))
        if told is None:
            continue
        sign, column, value = told
        shown = show(part)
        bounds = known.setdefault(show(column).casefold(), _Bounds(seen=shown))
        if not _narrow(bounds, sign, value):
            return f"{bounds.seen} and {shown} are never true at once."
        bounds.seen = shown
    return ""


def _comparison(node: Node) -> tuple[str, Node, float | str] | None:
    """Sign, cell and constant of a comparison, the cell on the left; None where it is another."""
    if not isinstance(node, Binary) or node.sign not in _TURNED:
        return None
    left, right = without_parens(node.left), without_parens(node.right)
    if isinstance(left, Cells) and (value := _constant(right)) is not None:
        return node.sign, left, value
    if isinstance(right, Cells) and (value := _constant(left)) is not None:
        return _TURNED[node.sign], right, value
    return None


def _constant(node: Node) -> float | str | None:
    node = without_parens(node)
    if isinstance(node, Literal):
        return node.value if isinstance(node.value, float | str) and not isinstance(node.value, bool) else None
    if isinstance(node, Unary) and node.sign == "-":
        value = _constant(node.operand)
        return -value if isinstance(value, float) else None
    if isinstance(node, Call) and node.name == "TODAY":
        return _DAYS
    if isinstance(node, Binary) and node.sign in {"+", "-"}:
        one, other = _constant(node.left), _constant(node.right)
        if isinstance(one, float) and isinstance(other, float):
            return one + other if node.sign == "+" else one - other
    return None


def _narrow(bounds: _Bounds, sign: str, value: float | str) -> bool:
    """Takes one more condition in; False where nothing is left."""
    if isinstance(value, str):
        if sign != "=":
            return True
        is_possible = bounds.text is None or bounds.text == value.casefold()
        bounds.text = value.casefold()
        return is_possible
    if sign in {"<", "<=", "="} and value <= bounds.high:
        bounds.high_is_out = sign == "<" or (bounds.high_is_out and value == bounds.high)
        bounds.high = value
    if sign in {">", ">=", "="} and value >= bounds.low:
        bounds.low_is_out = sign == ">" or (bounds.low_is_out and value == bounds.low)
        bounds.low = value
    outside = sign == "=" and not bounds.low <= value <= bounds.high
    # Days around TODAY and plain numbers are not comparable here.
    if bounds.low > _DAYS / 2 > bounds.high > -math.inf or bounds.high > _DAYS / 2 > bounds.low > -math.inf:
        return True
    return not outside and not bounds.is_empty()
