"""What is suspicious about a formula that can be read: seen before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sheetcrm.formula.bounds import contradiction
from sheetcrm.formula.context import Context
from sheetcrm.formula.dates import day_of
from sheetcrm.formula.locale import ENGLISH
from sheetcrm.formula.operators import COMPARISONS, OPERATORS
from sheetcrm.formula.reading import moment_of_text
from sheetcrm.formula.schema import Column, suggestion
from sheetcrm.formula.tree import Binary, Call, Cells, Follow, Literal, Node, children, show, without_parens
from sheetcrm.formula.values import Stop
from sheetcrm.formula.wildcards import has_wildcards


@dataclass(frozen=True, slots=True)
class Finding:
    """Something suspicious: what, what to do, and at which character of the formula it stands."""

    code: str
    message: str
    remedy: str = ""
    position: int = 0


class Known(Protocol):
    """What the checks ask of whoever built the formula."""

    columns: dict[int, Column]

    def kind(self, node: Node) -> str:
        """What a node gives."""


def findings(tree: Node, known: Known) -> tuple[Finding, ...]:
    """All that is suspicious, in the order in which it stands."""
    found = [one for node in _walk(tree) for one in _of_node(node, known)]
    found += _always(tree)
    return tuple(dict.fromkeys(sorted(found, key=lambda one: one.position)))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child)


def _of_node(node: Node, known: Known) -> Iterator[Finding]:
    if isinstance(node, Binary):
        if node.sign in COMPARISONS:
            yield from _of_comparison(node, known)
        elif node.sign != "&":
            yield from _of_arithmetic(node, known)
    if isinstance(node, Call):
        yield from _of_call(node, known)


def _of_comparison(node: Binary, known: Known) -> Iterator[Finding]:
    for one, other in ((node.left, node.right), (node.right, node.left)):
        one, other = without_parens(one), without_parens(other)  # noqa: PLW2901
        column = known.columns.get(id(one))
        if column is not None and isinstance(other, Literal) and isinstance(other.value, str):
            yield from _of_text(node.sign, column, other)
    kinds = {known.kind(node.left), known.kind(node.right)}
    if kinds <= {"text", "number", "date", "bool"} and not kinds <= {"number", "date"} and len(kinds) > 1:
        has_literal = any(isinstance(without_parens(one), Literal) for one in (node.left, node.right))
        if not has_literal or "text" not in kinds:
            yield Finding(
                "kinds_differ",
                f"{show(node)} compares {' with '.join(sorted(kinds))}: in Excel numbers come before text, text before TRUE.",  # noqa: E501
                "Compare like with like.",
                node.position,
            )  # fmt: skip


def _of_text(sign: str, column: Column, text: Literal) -> Iterator[Finding]:
    value = str(text.value)
    if column.kind in {"number", "date", "bool"} and value:
        remedy = "Write it without quotes."
        if column.kind == "date":
            remedy = _as_date(value)
        yield Finding(
            "kinds_differ", f"{column.name} holds {column.kind}s; {value!r} is text, which never equals one.",
            remedy, text.position,
        )  # fmt: skip
    elif sign in {"=", "<>"}:
        yield from _of_choice(column, text, is_pattern=False)


def _as_date(text: str) -> str:
    found = moment_of_text(text, ENGLISH, 2000)
    if found is None:
        return "Write DATE(year, month, day)."
    day = day_of(found)
    return f"Write DATE({day.year},{day.month},{day.day})."


def _of_choice(column: Column, text: Literal, *, is_pattern: bool) -> Iterator[Finding]:
    value = str(text.value)
    if not column.choices or not value:
        return
    if is_pattern:
        value = value.removeprefix("<>").removeprefix("=")
        if has_wildcards(value) or value[:1] in {"<", ">"} or not value:
            return
    if value.casefold() not in {one.casefold() for one in column.choices}:
        yield Finding(
            "no_such_choice", f"{column.name} is never {value!r}.", suggestion(value, column.choices), text.position
        )


def _of_arithmetic(node: Binary, known: Known) -> Iterator[Finding]:
    for one in (node.left, node.right):
        inner = without_parens(one)
        column = known.columns.get(id(inner))
        if column is not None and column.kind in {"text", "choice"}:
            yield Finding(
                "kinds_differ", f"{column.name} holds text; {node.sign} needs numbers.",
                "Is another column meant?", node.position,
            )  # fmt: skip


_CRITERIA = {
    **dict.fromkeys(("COUNTIF", "SUMIF", "AVERAGEIF", "COUNTIFS"), 0),
    **dict.fromkeys(("SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS"), 1),
}
"""At which argument the pairs of cells and criterion begin."""


def _of_call(node: Call, known: Known) -> Iterator[Finding]:
    if node.name == "SWITCH" and node.arguments:
        column = known.columns.get(id(node.arguments[0]))
        for case in node.arguments[1:-1:2]:
            if column is not None and isinstance(case, Literal) and isinstance(case.value, str):
                yield from _of_choice(column, case, is_pattern=False)
    first = _CRITERIA.get(node.name)
    if first is None:
        return
    for cells, criterion in zip(node.arguments[first::2], node.arguments[first + 1 :: 2], strict=False):
        column = known.columns.get(id(cells))
        if column is not None and isinstance(criterion, Literal) and isinstance(criterion.value, str):
            yield from _of_choice(column, criterion, is_pattern=True)


def _always(tree: Node) -> Iterator[Finding]:
    """A whole condition, or a part joined by AND and OR, that says the same for every row."""
    node = without_parens(tree)
    if isinstance(node, Call) and node.name in {"AND", "OR"}:
        for part in node.arguments:
            if part is not None:
                yield from _always(part)
        if node.name == "AND" and (message := contradiction([one for one in node.arguments if one is not None])):
            yield Finding("never_true", message, "Use OR, or change one of the two.", node.position)
        return
    if isinstance(node, Call) and node.name == "NOT" and node.arguments[0] is not None:
        yield from _always(node.arguments[0])
        return
    is_condition = isinstance(node, Binary) and node.sign in COMPARISONS
    if is_condition and not any(isinstance(one, Cells | Follow | Call) for one in _walk(node)):
        message = f"{show(node)} {_result(node)} whatever the row holds."
        yield Finding("always_same", message, "Name a column.", node.position)
    elif isinstance(node, Literal) and isinstance(node.value, bool):
        yield Finding("always_same", f"{show(node)} is the same for all rows.", "Name a column.", node.position)
    elif is_condition and isinstance(node, Binary) and show(node.left) == show(node.right):
        message = f"{show(node)} compares something with itself."
        yield Finding("always_same", message, "Name another column.", node.position)


def _result(node: Node) -> str:
    if isinstance(node, Binary):
        left, right = without_parens(node.left), without_parens(node.right)
        if isinstance(left, Literal) and isinstance(right, Literal):
            try:
                context = Context(date(2000, 1, 1))
                return "is always true" if OPERATORS[node.sign](context, left.value, right.value) else "is never true"
            except Stop:
                return "is always an error"
    return "says the same"
