"""Formulas of cells as trees of `sheetcrm.formula`, which knows values by name and no addresses.

`[cell_0]` stands for the first reference if it is one cell, `range_0` if it is a range; `[at_0]` for the one cell of
that range which the formula sees from its own row or column, as Google reads a range where one value is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sheetcrm.errors import FormulaError
from sheetcrm.formula import FUNCTIONS, normal
from sheetcrm.formula.locale import Locale
from sheetcrm.formula.parse import parse
from sheetcrm.formula.tree import Binary, Call, Cells, Literal, Name, Node, Parens, Unary
from sheetcrm.testing.sheets_server.model import ErrorValue
from sheetcrm.testing.sheets_server.references import REFERENCE, Reference, reference_in

_WORD = re.compile(r'"(?:[^"]|"")*"|(?<![\w.\[])[A-Za-z_][\w.]*(?![\w.(\[])')
_LOST = re.compile(r"(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!#REF!")
_TAKING_WHOLE = frozenset({"FILTER", "INDEX", "SORT", "SUMPRODUCT"})
"""Functions within which a range stands for all its cells, however deep it stands; ARRAYFORMULA does nothing else."""


class Failure(Exception):  # noqa: N818 -- a value that a formula has, no fault of ours
    """The error value that a formula ends in before anything is computed."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.value = ErrorValue(kind, message)


def with_names(formula: str, named: Callable[[str], Reference | None]) -> tuple[str, list[Reference]]:
    """A formula with names in place of its references and named ranges, and what these are."""
    references: list[Reference] = []

    def put(reference: Reference | None, text: str) -> str:
        if reference is None:
            return text
        references.append(reference)
        n = len(references) - 1
        return f"range_{n}" if reference.is_range else f"[cell_{n}]"

    text = REFERENCE.sub(lambda found: put(reference_in(found), found[0]), _LOST.sub("#REF!", formula))
    return _WORD.sub(lambda found: put(named(found[0]), found[0]), text), references


def tree_of(text: str, locale: Locale) -> Node:
    """The tree of a formula whose references are names. Raises Failure."""
    try:
        tree = parse(text, locale)
    except FormulaError:
        raise Failure("ERROR", "Formula parse error.") from None
    return _Reading().of(tree)


@dataclass(frozen=True)
class _Reading:
    """How a part of a formula is read: whether ranges stand for all their cells, and which names LET gave."""

    is_whole: bool = False
    names: frozenset[str] = frozenset()

    def of(self, node: Node) -> Node:
        """The node as Google reads it."""
        match node:
            case Name():
                return self._name(node)
            case Unary():
                return replace(node, operand=self.of(node.operand))
            case Binary():
                return replace(node, left=self.of(node.left), right=self.of(node.right))
            case Parens():
                return replace(node, inner=self.of(node.inner))
            case Call("ARRAYFORMULA"):
                return Parens(replace(self, is_whole=True).of(_only_argument(node)))
            case Call("ROW" | "COLUMN"):
                return self._place(node)
            case Call():
                return self._call(node)
        return node

    def _name(self, node: Name) -> Node:
        if node.name.startswith("range_"):
            return node if self.is_whole else Cells("", node.name.replace("range", "at"), "", is_row=True)
        if normal(node.name) not in self.names:
            raise Failure("NAME", f"Unknown range name: '{node.name.upper()}'.")
        return node

    def _call(self, node: Call) -> Node:
        reading = self
        if node.name == "LET":
            given = {normal(one.name) for one in node.arguments[:-1:2] if isinstance(one, Name)}
            reading = replace(self, names=self.names | given)
        elif node.name not in FUNCTIONS:
            raise Failure("NAME", f"Unknown function: '{node.name}'.")
        elif node.name in _TAKING_WHOLE:
            reading = replace(self, is_whole=True)
        arguments = [
            one if one is None or _takes(node.name, i, one) else reading.of(one) for i, one in enumerate(node.arguments)
        ]
        return _in_excels_order(replace(node, arguments=tuple(arguments)))

    def _place(self, node: Call) -> Node:
        """ROW and COLUMN: of the formula's own cell, of a cell, or of each of a range."""
        word = node.name.lower()
        if not node.arguments:
            return Cells("", word, "", is_row=True)
        match _only_argument(node):
            case Name(name) if name.startswith("range_"):
                places = Name(name.replace("range", f"{word}s"))
                return places if self.is_whole else Call("INDEX", (places, Literal(1.0), Literal(1.0)))
            case Cells(first=name) if name.startswith("cell_"):
                return Call("INDEX", (Name(name.replace("cell", f"{word}s")), Literal(1.0), Literal(1.0)))
        raise Failure("N_A", "Argument must be a range.")


def _in_excels_order(node: Call) -> Call:
    """A call whose arguments Google takes otherwise than Excel: SORT's TRUE and FALSE, FILTER's many conditions."""
    first = node.arguments[:2]
    match node:
        case Call("SORT", (_, _, order)) if order is not None:
            return replace(node, arguments=(*first, Call("IF", (order, Literal(1.0), Literal(-1.0)))))
        case Call("FILTER", (block, condition, *more)) if condition is not None:
            for one in more:
                condition = Binary("*", condition, one or Literal(0.0))
            return replace(node, arguments=(block, condition))
    return node


def _only_argument(node: Call) -> Node:
    if len(node.arguments) != 1 or node.arguments[0] is None:
        raise Failure("N_A", f"Wrong number of arguments to {node.name}. Expected 1 arguments.")
    return node.arguments[0]


def _takes(name: str, i: int, argument: Node) -> bool:
    """Whether a function takes an argument as the range that it is."""
    function = FUNCTIONS.get(name)
    if function is None or not isinstance(argument, Name) or not argument.name.startswith("range_"):
        return False
    return (i < len(function.parameters) or bool(function.repeated)) and function.parameter(i).is_wide
