"""Values of all rows at once. Where all are numbers numpy works on them; the results are the same as one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetcrm.formula.values import Value, same_numbers

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
_NUMERIC = {float, type(None)}
_TEXTUAL = {str, type(None)}
_PLAIN = {str, float, type(None)}


class Column:
    """The values of all rows: a list, or an array of numbers or truths of which the list is made when asked for."""

    __slots__ = ("_floats", "_kinds", "_truths", "_values")

    def __init__(
        self, values: list[Value] | None = None, *, floats: Floats | None = None, truths: Truths | None = None
    ) -> None:
        self._values = values
        self._floats = floats
        self._truths = truths
        self._kinds: set[type] | None = None

    def __len__(self) -> int:
        for one in (self._values, self._floats, self._truths):
            if one is not None:
                return len(one)
        return 0

    @property
    def values(self) -> list[Value]:
        """The values, row by row."""
        if self._values is None:
            made = self._floats if self._floats is not None else self._truths
            self._values = [] if made is None else made.tolist()
        return self._values

    @property
    def kinds(self) -> set[type]:
        """The types that occur."""
        if self._kinds is None:
            if self._values is None:
                self._kinds = {float} if self._floats is not None else {bool}
            else:
                self._kinds = set(map(type, self._values))
        return self._kinds

    @property
    def floats(self) -> Floats | None:
        """All values as numbers, blanks as 0; None where there is anything else."""
        if self._floats is None and self._values and self.kinds <= _NUMERIC and float in self.kinds:
            floats = np.array(self._values, dtype=np.float64)
            self._floats = np.nan_to_num(floats, copy=False, nan=0.0)
        return self._floats

    @property
    def truths(self) -> Truths | None:
        """All values as TRUE or FALSE; None where there is anything else."""
        if self._truths is None and self._values and self.kinds == {bool}:
            self._truths = np.array(self._values, dtype=np.bool_)
        return self._truths

    @property
    def is_textual(self) -> bool:
        """Whether there are only texts and blanks."""
        return self.kinds <= _TEXTUAL

    @property
    def is_repetitive(self) -> bool:
        """Whether working out each different value once pays; texts are looked up anyway."""
        return self.is_textual or (self.kinds <= _PLAIN and len(set(self.values)) * 2 < len(self))


Vector = Any
"""A Column, or a value that is the same for all rows."""


def values_of(vector: Vector, rows: int) -> Sequence[Value]:
    """A vector's values, one for each row."""
    return vector.values if type(vector) is Column else [vector] * rows


def _operand(vector: Vector) -> Floats | float | None:
    if type(vector) is Column:
        return vector.floats
    return float(vector) if type(vector) is float else None


_ARITHMETIC: dict[str, Callable[[Any, Any], Floats]] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_COMPARISONS: dict[str, Callable[[Any, Any], Truths]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_IF_SAME = {"=": True, "<>": False, "<": False, "<=": True, ">": False, ">=": True}


def fast_binary(sign: str, left: Vector, right: Vector) -> Column | None:
    """An operation on numbers only; None where it must go value by value."""
    one, other = _operand(left), _operand(right)
    if one is None or other is None:
        return None
    if sign in _ARITHMETIC:
        with np.errstate(all="ignore"):
            floats = _ARITHMETIC[sign](one, other)
        return Column(floats=floats) if np.isfinite(floats).all() else None
    if sign not in _COMPARISONS:
        return None
    truths = _COMPARISONS[sign](one, other)
    _even_out(sign, one, other, truths)
    return Column(truths=truths)


def _even_out(sign: str, one: Floats | float, other: Floats | float, truths: Truths) -> None:
    # Numbers that differ behind the fifteenth digit count as the same: rare, so looked at one by one.
    gap = np.abs(np.subtract(one, other))
    near = np.nonzero((gap > 0) & (gap < 1e-14 * np.abs(one)))[0]
    for i in near.tolist():
        left = float(one if isinstance(one, float) else one[i])
        right = float(other if isinstance(other, float) else other[i])
        if same_numbers(left, right):
            truths[i] = _IF_SAME[sign]


def fast_last_sum(sign: str, left: Vector, right: Vector) -> Column | None:
    """As `fast_binary` for a sum or difference as the last step: 0 where the two cancel each other out."""
    column = fast_binary(sign, left, right)
    one, other = _operand(left), _operand(right)
    if column is None or column.floats is None or one is None or other is None:
        return column
    floats = column.floats
    near = np.nonzero((floats != 0) & (np.abs(floats) < 1e-13 * np.abs(one)))[0]
    for i in near.tolist():
        first = float(one if isinstance(one, float) else one[i])
        second = float(other if isinstance(other, float) else other[i])
        if same_numbers(first, second if sign == "-" else -second):
            floats[i] = 0.0
    return column


def fast_negative(vector: Vector) -> Column | None:
    """Numbers with the other sign; None where there is anything else."""
    if type(vector) is not Column or vector.floats is None:
        return None
    return Column(floats=0.0 - vector.floats)


def fast_logic(name: str, vectors: Sequence[Vector]) -> Column | None:
    """AND, OR or NOT of truths only; None where there is anything else."""
    truths: list[Any] = [one.truths if type(one) is Column else one for one in vectors]
    if any(one is None or (not isinstance(one, np.ndarray) and type(one) is not bool) for one in truths):
        return None
    result: Any = truths[0]
    if name == "NOT":
        return Column(truths=np.logical_not(result))
    for one in truths[1:]:
        result = np.logical_and(result, one) if name == "AND" else np.logical_or(result, one)
    return Column(truths=result)


def fast_if(vectors: Sequence[Vector], rows: int) -> Column | None:
    """IF by truths; None where the condition is anything else."""
    condition = vectors[0]
    truths = condition.truths if type(condition) is Column else None
    if truths is None:
        return None
    then = values_of(vectors[1], rows)
    otherwise = values_of(vectors[2] if len(vectors) > 2 else False, rows)
    chosen = zip(condition.values, then, otherwise, strict=True)
    return Column([one if truth else other for truth, one, other in chosen])


def by_value(work: Callable[[Value], Value], column: Column) -> Column:
    """`work` on each different value, once for all rows that hold it."""
    known = {value: work(value) for value in set(column.values)}
    return Column([known[value] for value in column.values])


def fast_same_text(sign: str, column: Column, text: str) -> Column:
    """Whether each text of a column equals another one, without case; a blank equals a text of no length."""
    lowered = text.lower()
    is_same = sign == "="
    blank = (text == "") is is_same
    return Column(
        [blank if one is None else (one == text or one.lower() == lowered) is is_same for one in column.values]
    )
