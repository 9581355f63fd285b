"""Cells that make a condition match where nobody expects it: blanks that count as 0, text that ranks above numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetcrm.formula.build import Builder
from sheetcrm.formula.check import Finding
from sheetcrm.formula.operators import COMPARISONS
from sheetcrm.formula.steps import RowCell, Run
from sheetcrm.formula.tree import Binary, Cells, Follow, Node, children, without_parens
from sheetcrm.formula.values import Value
from sheetcrm.table import CellError


def traps(tree: Node, builder: Builder, run: Run, matches: Sequence[bool]) -> tuple[Finding, ...]:
    """The traps that a formula's comparisons meet in these rows, with counts."""
    found: list[Finding] = []
    for node in _comparisons(tree):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            cell = without_parens(side)
            if isinstance(cell, Cells) and cell.is_row and builder.kind(other) in {"number", "date"}:
                step = builder.step(cell)
                if isinstance(step, RowCell):
                    found += _of_column(cell, run.column(step.key).values, matches, node)
    return tuple(dict.fromkeys(found))


def _comparisons(node: Node) -> Iterator[Binary]:
    if isinstance(node, Binary) and node.sign in COMPARISONS:
        yield node
    if not isinstance(node, Follow):
        for child in children(node):
            yield from _comparisons(child)


def _of_column(cell: Cells, values: Sequence[Value], matches: Sequence[bool], node: Binary) -> Iterator[Finding]:
    blanks = [i for i, value in enumerate(values) if value is None]
    texts = [i for i, value in enumerate(values) if type(value) is str]
    errors = sum(type(value) is CellError for value in values)
    name = cell.first
    if node.sign not in {"=", "<>"}:
        yield from _counted(
            "blank", f"{name} is blank in", blanks, matches, node, f'Add [{name}]<>"" to leave them out.'
        )
        yield from _counted(
            "text", f"{name} is text, which ranks above every number, in", texts, matches, node,
            f"Add ISNUMBER([{name}]) to leave them out.",
        )  # fmt: skip
    if errors:
        message = f"{name} is an error in {_rows(errors)}; these never match."
        yield Finding("error", message, "Correct the cells.", node.position)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _counted(code: str, words: str, places: Sequence[int], matches: Sequence[bool], node: Binary, remedy: str) -> Iterator[Finding]:  # noqa: E501  # fmt: skip
    matching = sum(matches[i] for i in places)
    if matching:
        told = "these match" if matching == len(places) else f"{matching:,} of these match"
        yield Finding(code, f"{words} {_rows(len(places))}; {told}.", remedy, node.position)
