"""Conditions without a formula: a column, a relation and a value, or a cell of a decision table, as formula text."""

from __future__ import annotations

import re

from sheetcrm.schema.fields import normal

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?%?")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SPECIAL = re.compile(r"(['\[\]#@])")
_COMPARED = {
    "is": "=", "equals": "=", "is not": "<>", "at least": ">=", "at most": "<=", "more than": ">", "less than": "<",
    "after": ">", "before": "<", "on or after": ">=", "on or before": "<=", "greater than": ">", "above": ">",
    "below": "<", "ist": "=", "ist nicht": "<>", "mindestens": ">=", "hochstens": "<=", "mehr als": ">",
    "weniger als": "<", "nach": ">", "vor": "<",
}  # fmt: skip
_OTHERS = {
    "is blank": 'TRIM({column})=""',
    "is not blank": 'TRIM({column})<>""',
    "contains": "ISNUMBER(SEARCH({text},{column}))",
    "does not contain": "NOT(ISNUMBER(SEARCH({text},{column})))",
    "starts with": "LEFT({column},LEN({text}))={text}",
    "ends with": "RIGHT({column},LEN({text}))={text}",
    "days ago or more": "AND(ISNUMBER({column}),{column}<=TODAY()-{value})",
    "in the last days": "AND(ISNUMBER({column}),{column}<=TODAY(),{column}>=TODAY()-{value})",
    "in the next days": "AND(ISNUMBER({column}),{column}>=TODAY(),{column}<=TODAY()+{value})",
}  # fmt: skip
_SAME = {
    "empty": "is blank", "is empty": "is blank", "ist leer": "is blank", "leer": "is blank",
    "filled": "is not blank", "ist nicht leer": "is not blank", "is filled": "is not blank",
    "enthalt": "contains", "enthalt nicht": "does not contain", "beginnt mit": "starts with",
    "endet mit": "ends with", "older than days": "days ago or more", "days ago": "days ago or more",
    "vor tagen oder mehr": "days ago or more", "in den letzten tagen": "in the last days",
    "in den nachsten tagen": "in the next days", "one of": "is", "is one of": "is", "eines von": "is",
}  # fmt: skip
RELATIONS = tuple(dict.fromkeys((*_COMPARED, *_OTHERS)))[:12]


class UnknownRelation(ValueError):  # noqa: N818 -- names what it says
    """A word between column and value that means no relation."""


def column_text(name: str) -> str:
    """A column as formulas name it: `[Last Contact]`, with quotes before signs that mean something in brackets."""
    name = name.strip().removeprefix("[").removesuffix("]")
    return "[" + _SPECIAL.sub(r"'\1", name) + "]"


def triplet(column: str, relation: str, value: str) -> str:
    """The formula of `Status | is | Open`. Several values parted by commas mean any of them, for `is`.

    Raises UnknownRelation.
    """
    word = normal(relation) or "is"
    word = _SAME.get(word, word)
    name = column_text(column)
    if word in _OTHERS:
        plain = literal(value) if _NUMBER.fullmatch(value.strip()) else "0"
        return _OTHERS[word].format(column=name, value=plain, text=quoted(value.strip()))
    if word not in _COMPARED:
        raise UnknownRelation(relation)
    sign = _COMPARED[word]
    values = [one.strip() for one in value.split(",")] if sign in {"=", "<>"} else [value.strip()]
    parts = [_with_sign(name, sign, one) for one in values]
    if len(parts) == 1:
        return parts[0]
    return f"{'OR' if sign == '=' else 'AND'}({','.join(parts)})"


def criteria(column: str, cell: str) -> str:
    """The formula of a decision table's cell, in which criteria stand as in COUNTIFS; `DE, AT` means any of them.

    Empty for a blank cell, which any row meets.
    """
    parts = [one.strip() for one in cell.split(",") if one.strip()]
    tests = [f"COUNTIF({column_text(column)},{quoted(one)})>0" for one in parts]
    return f"OR({','.join(tests)})" if len(tests) > 1 else "".join(tests)


def all_of(parts: list[str]) -> str:
    """One formula that holds where all of these do; empty where there are none."""
    parts = [one for one in parts if one]
    return f"AND({','.join(parts)})" if len(parts) > 1 else "".join(parts)


def literal(value: str) -> str:
    """A value as a formula writes it: numbers, ISO days as DATE, TRUE and FALSE, a formula after `=`, else text."""
    text = value.strip()
    if text.startswith("="):
        return f"({text[1:]})"
    if _NUMBER.fullmatch(text):
        return text
    if found := _DAY.fullmatch(text):
        return f"DATE({int(found[1])},{int(found[2])},{int(found[3])})"
    return text.upper() if text.upper() in {"TRUE", "FALSE"} else quoted(text)


def quoted(text: str) -> str:
    """Text as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def _with_sign(column: str, sign: str, value: str) -> str:
    if not value:
        return f'TRIM({column}){sign}""'
    test = f"{column}{sign}{literal(value)}"
    # A blank counts as 0 and as before every day: nobody who writes "before" means it.
    return f'AND({column}<>"",{test})' if sign in {"<", "<="} else test
