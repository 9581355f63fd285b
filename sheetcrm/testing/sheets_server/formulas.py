"""What a formula gives: a seam of one function, from a formula and a way to look cells up to a value.

Plain arithmetic, text, comparison, references, and the functions that people's sheets use most. What is not known here
is #NAME?, as Google says of a function that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sheetcrm.testing.sheets_server.locales import customs_of
from sheetcrm.testing.sheets_server.model import ERROR_CODES, ErrorValue, Value
from sheetcrm.testing.sheets_server.references import REFERENCE, Reference, reference_in
from sheetcrm.testing.sheets_server.showing import general

DEEPEST = 60


class Look(Protocol):
    """How a formula sees the sheets."""

    now: datetime

    def block(self, reference: Reference) -> list[list[Value]]:
        """The values of a reference, row by row. Raises Failure."""

    def named(self, name: str) -> list[list[Value]] | None:
        """The values of a named range; None where there is none."""


class Failure(Exception):  # noqa: N818 -- a value that a formula has, no fault of ours
    """The error value that a formula ends in."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.value = ErrorValue(kind, message)


@dataclass(frozen=True)
class Block:
    """The values of a range, row by row."""

    rows: list[list[Value]]

    def __iter__(self) -> Iterator[Value]:
        return (one for row in self.rows for one in row)


Operand = Value | Block

_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>"(?:[^"]|"")*")'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<error>#[A-Z/0]+[!?]?)|(?P<sign><=|>=|<>|[-+*/^&=<>%(),;]))"
)
_LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))


def value_of(formula: str, look: Look) -> Value:
    """The value of a formula (with its `=`): an ErrorValue where it fails."""
    try:
        found = Parser(formula[1:], look).whole()
        return _single(found)
    except Failure as failure:
        return failure.value
    except (RecursionError, OverflowError):
        return ErrorValue("NUM", "The formula is too deep or its result too large.")


def _single(found: Operand) -> Value:
    if isinstance(found, Block):
        return found.rows[0][0] if found.rows and found.rows[0] else None
    return found


class Parser:
    """Reads and computes a formula in one go."""

    def __init__(self, text: str, look: Look) -> None:
        self._text = text
        self._at = 0
        self._look = look
        self._depth = 0

    def whole(self) -> Operand:
        """The value of all of it."""
        found = self._level(0)
        if self._text[self._at :].strip():
            raise Failure("ERROR", "Formula parse error.")
        return found

    def _peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self._text, self._at)

    def _takes(self, *signs: str) -> str:
        token = self._peek()
        if token and token["sign"] in signs:
            self._at = token.end()
            return token["sign"]
        return ""

    def _level(self, level: int) -> Operand:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        while sign := self._takes(*_LEVELS[level]):
            left = _combined(sign, left, self._level(level + 1))
        return left

    def _unary(self) -> Operand:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Failure("ERROR", "Formula parse error.")
        if sign := self._takes("-", "+"):
            found: Operand = self._unary()
            found = -_number(found) if sign == "-" else found
        else:
            found = self._primary()
            while self._takes("%"):
                found = _number(found) / 100
        self._depth -= 1
        return found

    def _primary(self) -> Operand:
        if reference := self._reference():
            return reference
        token = self._peek()
        if token is None:
            raise Failure("ERROR", "Formula parse error.")
        self._at = token.end()
        if token["number"]:
            return float(token["number"])
        if token["text"]:
            return token["text"][1:-1].replace('""', '"')
        if token["error"]:
            raise Failure(next((kind for kind, code in ERROR_CODES.items() if code == token["error"]), "ERROR"))
        if token["name"]:
            return self._named(token["name"])
        if token["sign"] == "(":
            found = self._level(0)
            self._close()
            return found
        raise Failure("ERROR", "Formula parse error.")

    def _close(self) -> None:
        if not self._takes(")"):
            raise Failure("ERROR", "Formula parse error.")

    def _reference(self) -> Operand:
        start = self._at + len(self._text[self._at :]) - len(self._text[self._at :].lstrip())
        found = REFERENCE.match(self._text, start)
        reference = reference_in(found) if found else None
        if found is None or reference is None:
            return None
        self._at = found.end()
        rows = self._look.block(reference)
        return Block(rows) if reference.is_range else rows[0][0] if rows and rows[0] else Block([[None]])

    def _named(self, name: str) -> Operand:
        upper = name.upper()
        if not self._takes("("):
            if upper in ("TRUE", "FALSE"):
                return upper == "TRUE"
            rows = self._look.named(name)
            if rows is None:
                raise Failure("NAME", f"Unknown range name: '{upper}'.")
            return Block(rows)
        if upper in LAZY:
            return LAZY[upper](self)
        arguments = self._arguments()
        if upper in ("TODAY", "NOW"):
            return _serial(self._look.now, has_time=upper == "NOW")
        if upper not in FUNCTIONS:
            raise Failure("NAME", f"Unknown function: '{upper}'.")
        try:
            return FUNCTIONS[upper](arguments)
        except (TypeError, IndexError, ValueError):
            raise Failure("N_A", f"Wrong number of arguments to {upper}.") from None

    def _arguments(self) -> list[Operand]:
        if self._takes(")"):
            return []
        arguments = [self._level(0)]
        while self._takes(",", ";"):
            arguments.append(self._level(0))
        self._close()
        return arguments

    def choose(self) -> Operand:
        """IF: the branch that is not taken may fail."""
        arguments = self.attempts()
        condition = _truth(_held(arguments[0]))
        if condition:
            return _held(arguments[1]) if len(arguments) > 1 else True
        return _held(arguments[2]) if len(arguments) > 2 else False

    def otherwise(self) -> Operand:
        """IFERROR: the second where the first fails."""
        arguments = self.attempts()
        first = arguments[0]
        if isinstance(first, Failure | ErrorValue):
            return _held(arguments[1]) if len(arguments) > 1 else None
        return first

    def attempts(self) -> list[Operand | Failure]:
        """The arguments, each with the failure that it ends in."""
        found: list[Operand | Failure] = []
        while True:
            start = self._at
            try:
                found.append(self._level(0))
            except Failure as failure:
                self._at = start
                self._skip()
                found.append(failure)
            if not self._takes(",", ";"):
                self._close()
                return found

    def _skip(self) -> None:
        depth = 0
        while (token := self._peek()) or (self._at < len(self._text)):
            reference = REFERENCE.match(self._text, self._at)
            if token is None and reference is None:
                raise Failure("ERROR", "Formula parse error.")
            if token and token["sign"] and not reference:
                if depth == 0 and token["sign"] in (",", ";", ")"):
                    return
                depth += {"(": 1, ")": -1}.get(token["sign"], 0)
            self._at = (reference or token).end()  # type: ignore[union-attr]


def _held(found: Operand | Failure) -> Operand:
    if isinstance(found, Failure):
        raise found
    return found


LAZY: dict[str, Callable[[Parser], Operand]] = {"IF": Parser.choose, "IFERROR": Parser.otherwise}


def _checked(found: Operand) -> Value:
    value = _single(found)
    if isinstance(value, ErrorValue):
        raise Failure(value.kind, value.message)
    return value


def _number(found: Operand) -> float:
    value = _checked(found)
    if value is None:
        return 0.0
    if isinstance(value, str):
        try:
            return float(value.replace(",", ""))
        except ValueError:
            what = f"Expects number values. But '{value}' is a text and cannot be coerced to a number."
            raise Failure("VALUE", what) from None
    return float(value)  # type: ignore[arg-type]


def _text(found: Operand) -> str:
    value = _checked(found)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else value if isinstance(value, str) else general(float(value), customs_of(""))  # type: ignore[arg-type]


def _truth(found: Operand) -> bool:
    value = _checked(found)
    return _number(value) != 0 if not isinstance(value, bool) else value


def _rank(value: Value) -> tuple[int, Any]:
    if value is None:
        return 0, 0.0
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def _compared(sign: str, left: Operand, right: Operand) -> bool:
    one, other = _checked(left), _checked(right)
    if one is None and isinstance(other, str):
        one = ""
    if other is None and isinstance(one, str):
        other = ""
    first, second = _rank(one), _rank(other)
    return {
        "=": first == second,
        "<>": first != second,
        "<": first < second,
        ">": first > second,
        "<=": first <= second,
        ">=": first >= second,
    }[sign]


def _combined(sign: str, left: Operand, right: Operand) -> Operand:
    if sign == "&":
        return _text(left) + _text(right)
    if sign in _LEVELS[0]:
        return _compared(sign, left, right)
    one, other = _number(left), _number(right)
    if sign == "/":
        if other == 0:
            raise Failure("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
        return one / other
    if sign == "^":
        power: Any = one**other
        if isinstance(power, complex):
            raise Failure("NUM")
        return float(power)
    return one + other if sign == "+" else one - other if sign == "-" else one * other


def _flat(arguments: Sequence[Operand]) -> Iterator[tuple[Value, bool]]:
    """All values, and whether each came from a range."""
    for one in arguments:
        if isinstance(one, Block):
            yield from ((value, True) for value in one)
        else:
            yield one, False


def _numbers(arguments: Sequence[Operand]) -> list[float]:
    found = []
    for value, is_of_range in _flat(arguments):
        if isinstance(value, ErrorValue):
            raise Failure(value.kind, value.message)
        if is_of_range and (isinstance(value, bool | str) or value is None):
            continue
        found.append(_number(value))
    return found


def _average(arguments: Sequence[Operand]) -> float:
    numbers = _numbers(arguments)
    if not numbers:
        raise Failure("DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error.")
    return sum(numbers) / len(numbers)


def _is_true(criterion: Value, value: Value) -> bool:
    if isinstance(criterion, str) and (found := re.fullmatch(r"(<=|>=|<>|=|<|>)(.*)", criterion, re.DOTALL)):
        sign, wanted = found[1], _read(found[2])
        if sign not in ("=", "<>") and (isinstance(value, str) or value is None) != isinstance(wanted, str):
            return False
        return _compared(sign, value, wanted)
    wanted = _read(criterion) if isinstance(criterion, str) else criterion
    if isinstance(wanted, str) and set(wanted) & set("*?"):
        from fnmatch import fnmatchcase

        return isinstance(value, str) and fnmatchcase(value.casefold(), wanted.casefold())
    return value is not None and _compared("=", value, wanted)


def _read(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text


def _count_if(arguments: Sequence[Operand]) -> float:
    block, criterion = arguments
    return float(sum(_is_true(_single(criterion), value) for value, _ in _flat([block])))


def _sum_if(arguments: Sequence[Operand]) -> float:
    keys = [value for value, _ in _flat(arguments[:1])]
    amounts = [value for value, _ in _flat([arguments[2] if len(arguments) > 2 else arguments[0]])]
    criterion = _single(arguments[1])
    pairs = zip(keys, amounts, strict=False)
    return sum(
        float(amount)
        for key, amount in pairs
        if _is_true(criterion, key) and isinstance(amount, float) and not isinstance(amount, bool)
    )


def _rounded(arguments: Sequence[Operand]) -> float:
    from decimal import ROUND_HALF_UP, Decimal

    places = int(_number(arguments[1])) if len(arguments) > 1 else 0
    return float(Decimal(repr(_number(arguments[0]))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _looked_up(arguments: Sequence[Operand]) -> Value:
    key, table, column = _checked(arguments[0]), arguments[1], int(_number(arguments[2]))
    is_sorted = len(arguments) < 4 or _truth(arguments[3])
    if not isinstance(table, Block) or not table.rows or not 1 <= column <= len(table.rows[0]):
        raise Failure("REF", "VLOOKUP evaluates to an out of bounds range.")
    best = None
    for row in table.rows:
        if row[0] is not None and _compared("=", row[0], key):
            return row[column - 1]
        if is_sorted and row[0] is not None and _compared("<=", row[0], key):
            best = row
    if best is not None:
        return best[column - 1]
    raise Failure("N_A", f"Did not find value '{_text(key)}' in VLOOKUP evaluation.")


def _serial(moment: datetime | date, *, has_time: bool = False) -> float:
    days = (date(moment.year, moment.month, moment.day) - date(1899, 12, 30)).days
    if not has_time or not isinstance(moment, datetime):
        return float(days)
    return days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400


def _date(arguments: Sequence[Operand]) -> float:
    year, month, day = (int(_number(one)) for one in arguments)
    months = year * 12 + month - 1
    return _serial(date(months // 12, months % 12 + 1, 1)) + day - 1


FUNCTIONS: Mapping[str, Callable[[Sequence[Operand]], Operand]] = {
    "SUM": lambda all_: sum(_numbers(all_), 0.0),
    "AVERAGE": _average,
    "MIN": lambda all_: min(_numbers(all_), default=0.0),
    "MAX": lambda all_: max(_numbers(all_), default=0.0),
    "COUNT": lambda all_: float(sum(isinstance(v, float) and not isinstance(v, bool) for v, _ in _flat(all_))),
    "COUNTA": lambda all_: float(sum(value is not None for value, _ in _flat(all_))),
    "COUNTBLANK": lambda all_: float(sum(value in (None, "") for value, _ in _flat(all_))),
    "COUNTIF": _count_if,
    "SUMIF": _sum_if,
    "ROUND": _rounded,
    "ABS": lambda all_: abs(_number(all_[0])),
    "INT": lambda all_: float(_number(all_[0]) // 1),
    "AND": lambda all_: all(_truth(value) for value, _ in _flat(all_)),
    "OR": lambda all_: any(_truth(value) for value, _ in _flat(all_)),
    "NOT": lambda all_: not _truth(all_[0]),
    "ISBLANK": lambda all_: _single(all_[0]) is None,
    "CONCATENATE": lambda all_: "".join(_text(value) for value, _ in _flat(all_)),
    "CONCAT": lambda all_: "".join(_text(value) for value, _ in _flat(all_)),
    "LEN": lambda all_: float(len(_text(all_[0]))),
    "UPPER": lambda all_: _text(all_[0]).upper(),
    "LOWER": lambda all_: _text(all_[0]).lower(),
    "TRIM": lambda all_: " ".join(_text(all_[0]).split()),
    "LEFT": lambda all_: _text(all_[0])[: int(_number(all_[1])) if len(all_) > 1 else 1],
    "RIGHT": lambda all_: _text(all_[0])[-(int(_number(all_[1])) if len(all_) > 1 else 1) :],
    "VLOOKUP": _looked_up,
    "HYPERLINK": lambda all_: _text(all_[-1]),
    "DATE": _date,
}

MOMENT_FUNCTIONS = {"TODAY": "DATE", "DATE": "DATE", "NOW": "DATE_TIME"}
"""Functions whose result is shown as a moment, by the type of the number format."""


def format_of(formula: str) -> str:
    """The type of number format that a formula's result asks for, empty for none."""
    found = re.match(r"=\s*([A-Za-z]+)\(", formula)
    return MOMENT_FUNCTIONS.get(found[1].upper(), "") if found else ""
