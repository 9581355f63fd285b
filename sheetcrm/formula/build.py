"""A tree made into steps: names resolved against the schema, functions found, arguments counted."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.errors import FormulaError
from sheetcrm.formula.compound import Application, Branch, Followed, LastSum, Operation, Sign
from sheetcrm.formula.functions import GROUPS
from sheetcrm.formula.limits import TALLEST_TREE
from sheetcrm.formula.operators import COMPARISONS
from sheetcrm.formula.refused import REFUSED
from sheetcrm.formula.registry import FUNCTIONS, Function
from sheetcrm.formula.schema import Column, Schema, Table, column_of, normal, split_name, suggestion
from sheetcrm.formula.steps import Fixed, Key, RowCell, RowCells, Shared, Step, Whole
from sheetcrm.formula.tree import ArrayConstant, Binary, Call, Cells, Follow, Literal, Name, Node, Parens, Unary
from sheetcrm.formula.values import Array
from sheetcrm.table import CellError

assert GROUPS  # noqa: S101 -- importing the files registers the functions


class Builder:
    """Makes steps of nodes. `kinds` tells afterwards what each node gives, `used` which columns were named."""

    def __init__(self, schema: Schema, language: str = "en") -> None:
        self._schema = schema
        self._language = language
        self._names: dict[str, tuple[Step, str]] = {}
        self._heights: dict[int, int] = {}
        self.kinds: dict[int, str] = {}
        self.columns: dict[int, Column] = {}
        self.used: dict[Key, str] = {}

    def whole(self, node: Node) -> Step:
        """The steps of a whole formula; a sum as its last step is rounded to 0 as Excel does."""
        if isinstance(node, Binary) and node.sign in {"+", "-"}:
            step, kind = self._binary(node, LastSum)
            self.kinds[id(node)] = kind
            return step
        return self.step(node)

    def step(self, node: Node) -> Step:
        """The step of a node."""
        step, kind = self._built(node)
        self.kinds[id(node)] = kind
        return step

    def kind(self, node: Node) -> str:
        """What a node gives: number, text, date, bool, any."""
        return self.kinds.get(id(node), "any")

    def _built(self, node: Node) -> tuple[Step, str]:  # noqa: PLR0911 -- one return for each kind of node
        match node:
            case Literal(value):
                return Fixed(value), _kind_of(value)
            case ArrayConstant(rows):
                return Fixed(Array.of_rows(rows)), "any"
            case Cells():
                return self._cells(node)
            case Follow():
                return self._follow(node)
            case Unary(sign, operand):
                step = self.step(operand)
                return self._grown(Sign(sign, step), step), self.kind(operand) if sign == "+" else "number"
            case Binary():
                return self._binary(node, Operation)
            case Parens(inner):
                return self.step(inner), self.kind(inner)
            case Call():
                return self._call(node)
            case Name():
                return self._name(node)

    def _grown(self, step: Step, *parts: Step) -> Step:
        height = 1 + max((self._heights.get(id(part), 0) for part in parts), default=0)
        if height > TALLEST_TREE:
            raise FormulaError(f"More than {TALLEST_TREE} steps wait for each other.", "Part the formula.")
        self._heights[id(step)] = height
        return step

    def _binary(self, node: Binary, step: type[Operation]) -> tuple[Step, str]:
        left, right = self.step(node.left), self.step(node.right)
        made = self._grown(step(node.sign, left, right), left, right)
        if node.sign in COMPARISONS:
            return made, "bool"
        if node.sign == "&":
            return made, "text"
        kinds = {self.kind(node.left), self.kind(node.right)}
        # A day and a number make a day; two days lie a number apart.
        is_day = node.sign in {"+", "-"} and "date" in kinds and kinds != {"date"}
        return made, "date" if is_day and "any" not in kinds else "number"

    def _key(self, table: Table, column: Column) -> Key:
        is_base = self._schema.is_base(table)
        key = ("" if is_base else normal(table.name), normal(column.name))
        self.used.setdefault(key, column.name if is_base else f"{table.name}[{column.name}]")
        return key

    def _cells(self, node: Cells) -> tuple[Step, str]:
        table = self._table(node)
        if node.is_row and not self._schema.is_base(table):
            raise FormulaError(
                f"{node.table}[@…] asks for the row at hand, which is one of {self._schema.base.name or 'others'}.",
                f"Write {node.table}[{node.first}] for the whole column, or find the row with XLOOKUP.",
                node.position,
            )
        columns = self._columns(table, node)
        keys = tuple(self._key(table, column) for column in columns)
        if len(columns) == 1:
            self.columns[id(node)] = columns[0]
        kind = _kind_of_column(columns[0]) if len(columns) == 1 else "any"
        if not node.is_row:
            return Whole(keys), kind
        return (RowCell(keys[0]), kind) if len(keys) == 1 else (RowCells(keys), kind)

    def _table(self, node: Cells) -> Table:
        try:
            return self._schema.table(node.table, node.position)
        except FormulaError:
            # Where the rows at hand have no name told, any unknown one before [@…] is theirs.
            if node.is_row and not self._schema.base.name:
                return self._schema.base
            raise

    def _columns(self, table: Table, node: Cells) -> Sequence[Column]:
        if not node.first:
            return table.columns
        first = column_of(table, node.first, node.position)
        if not node.last:
            return [first]
        places = sorted(table.columns.index(one) for one in (first, column_of(table, node.last, node.position)))
        return table.columns[places[0] : places[1] + 1]

    def _follow(self, node: Follow) -> tuple[Step, str]:
        origin = self.step(node.origin)
        column = self.columns.get(id(node.origin))
        if column is None or not column.refers_to or origin.is_block:
            name = column.name if column else "It"
            raise FormulaError(
                f"{name} refers to no other tab.", "Only a column that is declared a reference can be followed.",
                node.position,
            )  # fmt: skip
        table_name, key_name = split_name(column.refers_to)
        table = self._schema.table(table_name, node.position)
        target = column_of(table, node.column, node.position)
        self.columns[id(node)] = target
        key = self._key(table, column_of(table, key_name, node.position))
        step = Followed(origin, key, self._key(table, target))
        return self._grown(step, origin), _kind_of_column(target)

    def _name(self, node: Name) -> tuple[Step, str]:
        known = self._names.get(normal(node.name))
        if known:
            return known
        names = [table.name for table in (self._schema.base, *self._schema.others) if table.name]
        if normal(node.name) in map(normal, names):
            return self._cells(Cells(node.name, "", "", is_row=False, position=node.position))
        columns = [column.name for column in self._schema.base.columns]
        if normal(node.name) in map(normal, columns):
            raise FormulaError(f"{node.name} stands without brackets.", f"Write [{node.name}].", node.position)
        raise FormulaError(
            f"{node.name!r} means nothing here.", suggestion(node.name, [*columns, *names, *FUNCTIONS]), node.position
        )

    def _call(self, node: Call) -> tuple[Step, str]:
        name = node.name
        if name == "LET":
            return self._let(node)
        function = _function(node, name)
        _check_arity(node, function)
        arguments = [Fixed(None) if one is None else self.step(one) for one in node.arguments]
        _check_ranges(node, function, arguments)
        step = Branch(function, arguments) if function.is_branch else Application(function, arguments)
        return self._grown(step, *arguments), self._kind_of_call(node, function)

    def _kind_of_call(self, node: Call, function: Function) -> str:
        if function.is_branch:
            picked = {self.kind(one) for one in _picked(function.name, node.arguments) if one is not None}
            return picked.pop() if len(picked) == 1 else "any"
        if function.name in {"XLOOKUP", "INDEX", "MAX", "MIN"}:
            of = node.arguments[2 if function.name == "XLOOKUP" else 0]
            return self.kind(of) if of is not None else "any"
        kinds = {"number": "number", "text": "text", "date": "date", "yes/no": "bool"}
        return kinds.get(function.gives, "any")

    def _let(self, node: Call) -> tuple[Step, str]:
        if len(node.arguments) < 3 or len(node.arguments) % 2 == 0:
            raise FormulaError(
                "LET takes names and values in turn, and a result last.", "LET(age, TODAY()-[Since], age>30)",
                node.position,
            )  # fmt: skip
        before = dict(self._names)
        for name, value in zip(node.arguments[:-1:2], node.arguments[1::2], strict=True):
            if not isinstance(name, Name):
                raise FormulaError("LET gives a value to what is no name.", "Use a plain word.", node.position)
            step = Fixed(None) if value is None else self.step(value)
            kind = "any" if value is None else self.kind(value)
            self._names[normal(name.name)] = (self._grown(Shared(step), step), kind)
        last = node.arguments[-1]
        result = Fixed(None) if last is None else self.step(last)
        self._names = before
        return result, "any" if last is None else self.kind(last)


def _picked(name: str, arguments: Sequence[Node | None]) -> Sequence[Node | None]:
    """The arguments among which a branching function picks its result."""
    match name:
        case "IFS":
            return arguments[1::2]
        case "IFERROR" | "IFNA":
            return arguments
        case "SWITCH":
            return [*arguments[2::2], *([arguments[-1]] if len(arguments) % 2 == 0 else [])]
    return arguments[1:]


def _function(node: Call, name: str) -> Function:
    if name in REFUSED:
        raise FormulaError(f"{name} cannot be used: {REFUSED[name]}.", "Leave it out.", node.position)
    function = FUNCTIONS.get(name)
    if function is None:
        raise FormulaError(f"There is no function {node.name}.", suggestion(name, FUNCTIONS), node.position)
    return function


def _check_arity(node: Call, function: Function) -> None:
    count = len(node.arguments)
    if function.least == 0 and count == 0:
        return
    if count < function.least or (function.most is not None and count > function.most):
        wanted = _wanted(function)
        raise FormulaError(
            f"{function.name} takes {wanted}, not {count}.", f"Write {function.signature}.", node.position
        )


def _wanted(function: Function) -> str:
    if function.most is None:
        return f"{function.least} arguments or more"
    if function.most == function.least:
        return f"{function.least} argument{'' if function.least == 1 else 's'}" if function.least else "no arguments"
    return f"{function.least} to {function.most} arguments"


def _check_ranges(node: Call, function: Function, arguments: Sequence[Step]) -> None:
    for i, step in enumerate(arguments):
        if function.parameter(i).kind == "Range" and not step.is_cell and node.arguments[i] is not None:
            raise FormulaError(
                f"{function.name} looks into cells; argument {i + 1} is none.",
                "Name a column, as in Activities[Account].",
                node.position,
            )


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "text"
    return "any" if isinstance(value, CellError) else "number"


def _kind_of_column(column: Column) -> str:
    return "text" if column.kind == "choice" else column.kind
