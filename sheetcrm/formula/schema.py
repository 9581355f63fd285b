"""What a formula may name: tables, their columns, and what these hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sheetcrm.errors import FormulaError
from sheetcrm.formula.brackets import clean

KINDS = ("any", "text", "number", "date", "bool", "choice")


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `kind`: any, text, number, date, bool or choice (then `choices` are all there are).

    `refers_to`: the other table's column, `Accounts[Company]`, whose row a cell of this one means.
    """

    name: str
    kind: str = "any"
    choices: tuple[str, ...] = ()
    refers_to: str = ""


@dataclass(frozen=True)
class Table:
    """A table by its name and its columns, in their order."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Schema:
    """The table whose rows a formula speaks of, the other tables, and the country whose signs it uses."""

    base: Table
    others: tuple[Table, ...] = ()
    locale: str = "en"

    def table(self, name: str, position: int) -> Table:
        """The table of a name; empty means the base. Raises FormulaError where there is none, with the nearest one."""
        if not name or normal(name) == normal(self.base.name):
            return self.base
        for table in self.others:
            if normal(table.name) == normal(name):
                return table
        names = [table.name for table in (self.base, *self.others) if table.name]
        raise FormulaError(f"There is no tab {name!r}.", suggestion(name, names), position)

    def is_base(self, table: Table) -> bool:
        """Whether it is the table whose rows the formula speaks of."""
        return table is self.base


def normal(name: str) -> str:
    """A name as names are compared: without case, blanks told once."""
    return " ".join(name.split()).casefold()


def suggestion(name: str, known: Iterable[str]) -> str:
    """Words that name the nearest of the known names, or list a few of them."""
    by_normal = {normal(one): one for one in known}
    near = get_close_matches(normal(name), by_normal, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {by_normal[near[0]]!r}?"
    return f"Known are {', '.join(list(by_normal.values())[:12])}." if by_normal else ""


def column_of(table: Table, name: str, position: int) -> Column:
    """The column of a name. Raises FormulaError where the table has none, with the nearest one."""
    wanted = normal(name)
    for column in table.columns:
        if normal(column.name) == wanted:
            return column
    where = f"{table.name} has no column" if table.name else "There is no column"
    raise FormulaError(f"{where} {name!r}.", suggestion(name, [one.name for one in table.columns]), position)


def split_name(name: str) -> tuple[str, str]:
    """Table and column of a key such as `Accounts[Tier]`; a bare column has an empty table."""
    table, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]") or not table.strip():
        return "", name
    return table.strip().strip("'"), clean(rest[:-1])


def schema_of(names: Iterable[str], base: str, references: Mapping[str, str], locale: str) -> Schema:
    """The schema that the keys of columns tell: which tables and columns there are, of any kind."""
    tables: dict[str, list[Column]] = {"": []}
    for name in names:
        table, column = split_name(name)
        if base and normal(table) == normal(base):
            table = ""
        refers_to = references.get(name, "")
        tables.setdefault(table, []).append(Column(column, refers_to=refers_to))
    others = tuple(Table(name, tuple(columns)) for name, columns in tables.items() if name)
    return Schema(Table(base, tuple(tables[""])), others, locale)
