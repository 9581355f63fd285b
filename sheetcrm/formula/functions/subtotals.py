"""SUBTOTAL and AGGREGATE: one of many functions by its number. Whether a row is hidden is not known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetcrm.errors import FormulaError
from sheetcrm.formula.context import Context
from sheetcrm.formula.functions import aggregates, statistics
from sheetcrm.formula.registry import Block, Number, Values, Whole, function
from sheetcrm.formula.values import VALUE, Array, Stop, Value
from sheetcrm.table import CellError

_BY_NUMBER: Sequence[Callable[..., Value]] = (
    aggregates.average, aggregates.count, aggregates.counta, aggregates.max_, aggregates.min_, aggregates.product,
    statistics.stdev, statistics.stdevp, aggregates.sum_, statistics.var, statistics.varp,
    statistics.median, statistics.mode,
)  # fmt: skip
_WITH_ARGUMENT: Sequence[Callable[..., Value]] = (
    statistics.large, statistics.small, statistics.percentile, statistics.quartile,
    statistics.percentile_exc, statistics.quartile_exc,
)  # fmt: skip


@function("SUBTOTAL")
def subtotal(context: Context, which: Whole, *cells: Values) -> Number:
    """1 average, 2 count, 3 filled cells, 4 largest, 5 smallest, 6 product, 7 8 deviations, 9 sum, 10 11 variances."""
    which = which - 100 if which > 100 else which
    if not 1 <= which <= 11:
        raise Stop(VALUE)
    return float(_BY_NUMBER[which - 1](context, *cells))


@function("AGGREGATE")
def aggregate(context: Context, which: Whole, options: Whole, cells: Block, *more: Values) -> Number:
    """As SUBTOTAL, and 12 median, 13 mode, 14 large, 15 small, 16 to 19 percentiles; option 6 skips errors."""
    if not 1 <= which <= 19 or not 0 <= options <= 7:
        raise Stop(VALUE)
    if options not in {4, 6}:
        raise FormulaError(
            f"AGGREGATE with option {options} asks for hidden rows or subtotals, which rules cannot see.",
            "Use 6 to skip errors, or 4 to skip nothing.",
        )
    blocks: list[Value] = [cells, *more]
    if options == 6:
        blocks = [_without_errors(one) for one in blocks]
    if which <= 13:
        return float(_BY_NUMBER[which - 1](context, *blocks))
    if len(blocks) != 2:
        raise Stop(VALUE)
    return float(_WITH_ARGUMENT[which - 14](context, blocks[0], context.number(_first(blocks[1]))))


def _first(value: Value) -> Value:
    return value.at(0, 0) if type(value) is Array else value


def _without_errors(block: Value) -> Value:
    if type(block) is not Array:
        return block
    if "no errors" not in block.cache:
        cells = [cell for cell in block.flat if type(cell) is not CellError]
        block.cache["no errors"] = Array([cells], is_reference=True)
    kept: Array = block.cache["no errors"]
    return kept
