"""The built-in tables and their columns, read from `tables.toml`, and what the settings add to them.

A field is the schema's word; aliases are people's words for it, compared without case, accents and punctuation. A
workbook whose tabs use these words needs no configuration.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from sheetcrm.table import Raw

KINDS = (
    *("text", "name", "company", "email", "phone", "money", "number", "percent", "date", "datetime"),
    *("yes/no", "choice", "person", "url", "tags", "key", "reference"),
)
"""All kinds of column, in the order of the reference."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column that the schema knows: its kind, people's words for it, and what must hold."""

    field: str
    kind: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    refers_to: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One tab that the schema knows; a tab of another title counts where it has all fields of one signature."""

    name: str
    aliases: tuple[str, ...]
    prefix: str
    fields: tuple[FieldSpec, ...]
    signatures: tuple[frozenset[str], ...]

    def spec(self, name: str) -> FieldSpec | None:
        """The column of that field, None where the schema does not know it."""
        return next((one for one in self.fields if one.field == name), None)


@dataclass(frozen=True, slots=True)
class StageNames:
    """The pipeline: open stages in order, won and lost ones, and people's other words for each."""

    open: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """Every stage, the open ones first."""
        return self.open + self.won + self.lost


BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u2060\ufeff"
"""Characters that show nothing: all spaces, and the zero-width ones that pasted text brings along."""

_WORD = re.compile(r"[^\W_]+")
_ASCII = "".join(c if c.isalnum() else " " for c in map(chr, range(128)))


def is_blank(raw: Raw) -> bool:
    """Whether a cell holds nothing that a person can see."""
    return raw is None or (isinstance(raw, str) and not raw.strip(BLANKS))


def normal(text: object) -> str:
    """A title or header as compared: no case, accents or punctuation; `Lead-Nr.` and `lead nr` are one."""
    return _normal(str(text))


@lru_cache(maxsize=1 << 16)
def _normal(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text.casefold()))


@cache
def _toml() -> dict[str, Any]:
    return tomllib.loads((files("sheetcrm.schema") / "tables.toml").read_text("utf-8"))


def _field(name: str, plain: Mapping[str, Any]) -> FieldSpec:
    return FieldSpec(name, **{**plain, "aliases": tuple(map(normal, (*plain["aliases"], name)))})


@cache
def built_in_tables() -> tuple[TableSpec, ...]:
    """Leads, Accounts, Activities and Team, in the order in which tabs are claimed."""
    return tuple(
        TableSpec(
            name,
            tuple(map(normal, plain["aliases"])),
            plain["prefix"],
            tuple(_field(field_name, one) for field_name, one in plain["fields"].items()),
            tuple(map(frozenset, plain["signatures"])),
        )
        for name, plain in _toml()["tables"].items()
    )


@cache
def german_words() -> frozenset[str]:
    """Words, normalised, that titles and headers of German workbooks use."""
    return frozenset(_toml()["languages"]["de"])


@cache
def built_in_stages() -> StageNames:
    """New to Negotiation, Won, Lost, with their English and German aliases."""
    plain = _toml()["stages"]
    aliases = {name: tuple(words) for name, words in plain["aliases"].items()}
    return StageNames(tuple(plain["open"]), tuple(plain["won"]), tuple(plain["lost"]), aliases)


def with_columns(
    tables: Sequence[TableSpec], tabs: Mapping[str, str], columns: Mapping[str, Sequence[FieldSpec]]
) -> tuple[TableSpec, ...]:
    """The tables with what the settings add: titles of tabs, aliases of known fields, new fields.

    `tabs` maps a table's name to the tab's title; `columns` a table's name to fields, whose aliases come first.
    """
    return tuple(
        replace(
            table,
            aliases=(normal(tabs[table.name]),) if table.name in tabs else table.aliases,
            fields=_merged(table.fields, columns.get(table.name, ())),
        )
        for table in tables
    )


def _merged(known: tuple[FieldSpec, ...], added: Sequence[FieldSpec]) -> tuple[FieldSpec, ...]:
    fields = {one.field: one for one in added}
    for one in known:
        if other := fields.get(one.field):
            fields[one.field] = replace(other, kind=other.kind or one.kind, aliases=other.aliases + one.aliases)
    new = tuple(one if one.kind else replace(one, kind="text") for one in fields.values())
    return new + tuple(one for one in known if one.field not in fields)
