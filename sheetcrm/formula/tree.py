"""A formula as a tree, and the tree as text again: `parse(show(tree)) == tree`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sheetcrm.formula.context import general
from sheetcrm.table import CellError

Constant = float | str | bool | CellError


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, TRUE or FALSE, or error value that stands in the formula."""

    value: Constant
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ArrayConstant:
    """A block of constants in braces, by rows."""

    rows: tuple[tuple[Constant, ...], ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells named by their columns.

    `[A]` is this row's cell (`table` empty, `is_row`), `T[A]` a whole column, `T[[A]:[B]]` the columns from A to B,
    `T` (no `first`) all columns; `is_row` asks for this row's part of them.
    """

    table: str
    first: str
    last: str
    is_row: bool
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Follow:
    """`[Account].[Tier]`: the row that a cell refers to, and its column there."""

    origin: Cells | Follow
    column: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before, or a percent sign behind."""

    sign: str
    operand: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and the sign between them."""

    sign: str
    left: Node
    right: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parens:
    """Something in brackets. Kept, since Excel rounds `0.1+0.2-0.3` to 0 and `(0.1+0.2-0.3)` not."""

    inner: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; None is an argument left out between separators."""

    name: str
    arguments: tuple[Node | None, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that LET gives, or a table as a whole."""

    name: str
    position: int = field(default=0, compare=False)


Node = Literal | ArrayConstant | Cells | Follow | Unary | Binary | Parens | Call | Name

_PRECEDENCE = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
PRECEDENCE = _PRECEDENCE
"""How tightly the signs bind, from comparisons to powers; all of them from left to right."""


def show(node: Node) -> str:
    """The tree as a formula in English signs, without the leading `=`."""
    match node:
        case Unary(sign, operand):
            return f"{show(operand)}%" if sign == "%" else f"{sign}{show(operand)}"
        case Binary(sign, left, right):
            return f"{show(left)}{sign}{show(right)}"
        case Parens(inner):
            return f"({show(inner)})"
        case Call(name, arguments):
            return f"{name}({','.join('' if one is None else show(one) for one in arguments)})"
        case Follow(origin, column):
            return f"{show(origin)}.[{escaped(column)}]"
    return _leaf(node)


def _leaf(node: Literal | ArrayConstant | Cells | Name) -> str:
    match node:
        case Literal(value):
            return _constant(value)
        case ArrayConstant(rows):
            return "{" + ";".join(",".join(_constant(one) for one in row) for row in rows) + "}"
        case Cells():
            return _cells(node)
        case Name(name):
            return _table_name(name)


def _constant(value: Constant) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        shown = general(value)
        return shown if float(shown) == value else repr(value).upper()
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return value.code


def _cells(node: Cells) -> str:
    table = _table_name(node.table)
    first, last = escaped(node.first), escaped(node.last)
    if not node.table:
        return f"[[{first}]:[{last}]]" if node.last else f"[{first}]"
    mark = "@" if node.is_row else ""
    if not node.first:
        return f"{table}[@]" if node.is_row else table
    if node.last:
        return f"{table}[{mark}[{first}]:[{last}]]"
    return f"{table}[{mark}{first}]" if not mark or _is_plain(node.first) else f"{table}[{mark}[{first}]]"


def _table_name(name: str) -> str:
    return name if _is_plain(name) else "'" + name.replace("'", "''") + "'"


def escaped(column: str) -> str:
    """A column's name as it stands in brackets: the signs that mean something there with an apostrophe before."""
    return "".join("'" + sign if sign in "[]#'@" else sign for sign in column)


def _is_plain(name: str) -> bool:
    return bool(name) and (name[0].isalpha() or name[0] == "_") and name.replace("_", "a").replace(".", "a").isalnum()


def children(node: Node) -> Iterator[Node]:
    """The parts of which a node is made."""
    match node:
        case Unary(_, operand):
            yield operand
        case Binary(_, left, right):
            yield left
            yield right
        case Parens(inner):
            yield inner
        case Call(_, arguments):
            yield from (one for one in arguments if one is not None)
        case Follow(origin, _):
            yield origin


def without_parens(node: Node) -> Node:
    """What stands in the outermost brackets."""
    while isinstance(node, Parens):
        node = node.inner
    return node
