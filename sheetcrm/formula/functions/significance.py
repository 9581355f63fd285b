"""Tests of whether samples differ by chance."""

from __future__ import annotations

import math

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import mean, numbers
from sheetcrm.formula.functions.distributions import f_above, need, t_above
from sheetcrm.formula.functions.statistics import pairs, squares
from sheetcrm.formula.registry import Block, Number, Whole, function
from sheetcrm.formula.special import gamma_above, normal_below
from sheetcrm.formula.values import DIV0, NA, Stop


@function("CHISQ.TEST", "CHITEST")
def chisq_test(context: Context, actual: Block, expected: Block) -> Number:
    """The chance that actual counts differ from expected ones by chance as much as they do."""
    if (actual.height, actual.width) != (expected.height, expected.width) or len(actual) == 1:
        raise Stop(NA)
    seen, told = pairs(context, actual, expected)
    distance = math.fsum((a - b) ** 2 / b for a, b in zip(seen, told, strict=True))
    low, high = sorted((actual.height, actual.width))
    freedom = high - 1 if low == 1 else (low - 1) * (high - 1)
    return gamma_above(freedom / 2, distance / 2)


@function("F.TEST", "FTEST")
def f_test(context: Context, one: Block, other: Block) -> Number:
    """The chance that two samples vary differently by chance as much as they do."""
    x, y = numbers(context, (one,)), numbers(context, (other,))
    if min(len(x), len(y)) < 2:
        raise Stop(DIV0)
    ratio = squares(x) / (len(x) - 1) / (squares(y) / (len(y) - 1))
    above = f_above(ratio, len(x) - 1, len(y) - 1)
    return 2 * min(above, 1 - above)


@function("T.TEST", "TTEST")
def t_test(context: Context, one: Block, other: Block, tails: Whole, kind: Whole) -> Number:
    """The chance that two averages differ by chance as much as they do: 1 paired, 2 equal spread, 3 unequal."""
    need(tails in {1, 2} and kind in {1, 2, 3})
    if kind == 1:
        x, y = pairs(context, one, other)
        gaps = [a - b for a, b in zip(x, y, strict=True)]
        error = math.sqrt(squares(gaps) / (len(gaps) - 1) / len(gaps))
        return tails * t_above(abs(mean(gaps) / error), len(gaps) - 1)
    x, y = numbers(context, (one,)), numbers(context, (other,))
    n, m = len(x), len(y)
    if kind == 2:
        error = math.sqrt((squares(x) + squares(y)) / (n + m - 2) * (1 / n + 1 / m))
        return tails * t_above(abs((mean(x) - mean(y)) / error), n + m - 2)
    a, b = squares(x) / (n - 1) / n, squares(y) / (m - 1) / m
    freedom = (a + b) ** 2 / (a * a / (n - 1) + b * b / (m - 1))
    return tails * t_above(abs(mean(x) - mean(y)) / math.sqrt(a + b), freedom)


@function("Z.TEST", "ZTEST")
def z_test(context: Context, block: Block, middle: Number, spread: Number | None = None) -> Number:
    """The chance of an average above the sample's."""
    found = numbers(context, (block,))
    if not found:
        raise Stop(NA)
    if spread is None:
        spread = math.sqrt(squares(found) / (len(found) - 1))
    need(spread > 0)
    return 1 - normal_below((mean(found) - middle) / (spread / math.sqrt(len(found))))
