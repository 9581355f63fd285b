"""Spread, ranks, middles and relations of numbers."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import mean, numbers, numbers_a, total
from sheetcrm.formula.registry import Block, Number, Values, Whole, function
from sheetcrm.formula.values import DIV0, NA, NUM, Array, Stop, Value
from sheetcrm.table import CellError


def squares(found: Sequence[float]) -> float:
    """The sum of the squares of the distances from the average."""
    middle = mean(found)
    return math.fsum((one - middle) ** 2 for one in found)


def _variance(found: Sequence[float], less: int) -> float:
    if len(found) <= less:
        raise Stop(DIV0)
    return squares(found) / (len(found) - less)


@function("VAR", "VAR.S")
def var(context: Context, *values: Values) -> Number:
    """The variance of a sample."""
    return _variance(numbers(context, values), 1)


@function("VARP", "VAR.P")
def varp(context: Context, *values: Values) -> Number:
    """The variance of all there are."""
    return _variance(numbers(context, values), 0)


@function("VARA")
def vara(context: Context, *values: Values) -> Number:
    """The variance of a sample; in cells text counts as 0 and TRUE as 1."""
    return _variance(numbers_a(context, values), 1)


@function("VARPA")
def varpa(context: Context, *values: Values) -> Number:
    """The variance of all there are; in cells text counts as 0 and TRUE as 1."""
    return _variance(numbers_a(context, values), 0)


@function("STDEV", "STDEV.S")
def stdev(context: Context, *values: Values) -> Number:
    """The standard deviation of a sample."""
    return math.sqrt(_variance(numbers(context, values), 1))


@function("STDEVP", "STDEV.P")
def stdevp(context: Context, *values: Values) -> Number:
    """The standard deviation of all there are."""
    return math.sqrt(_variance(numbers(context, values), 0))


@function("STDEVA")
def stdeva(context: Context, *values: Values) -> Number:
    """The standard deviation of a sample; in cells text counts as 0 and TRUE as 1."""
    return math.sqrt(_variance(numbers_a(context, values), 1))


@function("STDEVPA")
def stdevpa(context: Context, *values: Values) -> Number:
    """The standard deviation of all there are; in cells text counts as 0 and TRUE as 1."""
    return math.sqrt(_variance(numbers_a(context, values), 0))


def _some(found: Sequence[float]) -> Sequence[float]:
    if not found:
        raise Stop(NUM)
    return found


@function("DEVSQ")
def devsq(context: Context, *values: Values) -> Number:
    """The sum of the squares of the distances from the average."""
    return squares(_some(numbers(context, values)))


@function("AVEDEV")
def avedev(context: Context, *values: Values) -> Number:
    """The average distance from the average."""
    found = _some(numbers(context, values))
    middle = mean(found)
    return mean([abs(one - middle) for one in found])


@function("GEOMEAN")
def geomean(context: Context, *values: Values) -> Number:
    """The geometric average."""
    found = _some(numbers(context, values))
    if min(found) <= 0:
        raise Stop(NUM)
    return math.exp(mean([math.log(one) for one in found]))


@function("HARMEAN")
def harmean(context: Context, *values: Values) -> Number:
    """The harmonic average."""
    found = _some(numbers(context, values))
    if min(found) <= 0:
        raise Stop(NUM)
    return len(found) / math.fsum(1 / one for one in found)


@function("SKEW")
def skew(context: Context, *values: Values) -> Number:
    """How lopsided a sample is."""
    found = numbers(context, values)
    size = len(found)
    if size < 3 or not (spread := math.sqrt(_variance(found, 1))):
        raise Stop(DIV0)
    middle = mean(found)
    return size / (size - 1) / (size - 2) * math.fsum(((one - middle) / spread) ** 3 for one in found)


@function("SKEW.P")
def skew_p(context: Context, *values: Values) -> Number:
    """How lopsided all there are is."""
    found = numbers(context, values)
    if len(found) < 3 or not (spread := math.sqrt(_variance(found, 0))):
        raise Stop(DIV0)
    middle = mean(found)
    return math.fsum(((one - middle) / spread) ** 3 for one in found) / len(found)


@function("KURT")
def kurt(context: Context, *values: Values) -> Number:
    """How peaked a sample is."""
    found = numbers(context, values)
    n = len(found)
    if n < 4 or not (spread := math.sqrt(_variance(found, 1))):
        raise Stop(DIV0)
    middle = mean(found)
    fourth = math.fsum(((one - middle) / spread) ** 4 for one in found)
    return n * (n + 1) / (n - 1) / (n - 2) / (n - 3) * fourth - 3 * (n - 1) ** 2 / (n - 2) / (n - 3)


def ordered(context: Context, block: Value) -> list[float]:
    """The numbers of a block in order, sorted once."""
    if type(block) is not Array:
        return numbers(context, (block,))
    if "ascending" not in block.cache:
        block.cache["ascending"] = sorted(numbers(context, (block,)))
    found: list[float] = block.cache["ascending"]
    return found


@function("MEDIAN")
def median(context: Context, *values: Values) -> Number:
    """The number in the middle."""
    found = sorted(_some(numbers(context, values)))
    half = len(found) // 2
    return found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2


@function("MODE", "MODE.SNGL")
def mode(context: Context, *values: Values) -> Number:
    """The number that occurs most often; #N/A where none occurs twice."""
    return _modes(context, values)[0]


@function("MODE.MULT", gives="block")
def mode_mult(context: Context, *values: Values) -> Block:
    """The numbers that occur most often."""
    return Array([_modes(context, values)])


def _modes(context: Context, values: tuple[Value, ...]) -> list[float]:
    counts = Counter(numbers(context, values))
    most = max(counts.values(), default=0)
    if most < 2:
        raise Stop(NA)
    return [one for one, count in counts.items() if count == most]


@function("LARGE")
def large(context: Context, block: Values, k: Number) -> Number:
    """The kth largest number."""
    found = ordered(context, block)
    place = math.floor(k)
    if not 1 <= place <= len(found):
        raise Stop(NUM)
    return found[-place]


@function("SMALL")
def small(context: Context, block: Values, k: Number) -> Number:
    """The kth smallest number."""
    found = ordered(context, block)
    place = math.floor(k)
    if not 1 <= place <= len(found):
        raise Stop(NUM)
    return found[place - 1]


def _rank(context: Context, number: float, block: Array, *, ascending: bool) -> tuple[int, int]:
    """The rank of a number, and how many have it."""
    found = ordered(context, block)
    low, high = bisect_left(found, number), bisect_right(found, number)
    if low == high:
        raise Stop(NA)
    return (low + 1 if ascending else len(found) - high + 1), high - low


@function("RANK", "RANK.EQ")
def rank(context: Context, number: Number, block: Block, ascending: Number = 0) -> Number:
    """The place of a number from the largest on, or from the smallest; those alike share the best place."""
    return _rank(context, number, block, ascending=bool(ascending))[0]


@function("RANK.AVG")
def rank_avg(context: Context, number: Number, block: Block, ascending: Number = 0) -> Number:
    """As RANK; those alike share the average of their places."""
    place, alike = _rank(context, number, block, ascending=bool(ascending))
    return place + (alike - 1) / 2


def _at(found: Sequence[float], place: float) -> float:
    low = math.floor(place)
    part = place - low
    return found[low] if not part else found[low] + part * (found[low + 1] - found[low])


@function("PERCENTILE", "PERCENTILE.INC")
def percentile(context: Context, block: Values, share: Number) -> Number:
    """The number below which a share from 0 to 1 lies, the ends included."""
    found = _some(ordered(context, block))
    if not 0 <= share <= 1:
        raise Stop(NUM)
    return _at(found, share * (len(found) - 1))


@function("PERCENTILE.EXC")
def percentile_exc(context: Context, block: Values, share: Number) -> Number:
    """The number below which a share lies, the ends left out."""
    found = _some(ordered(context, block))
    place = share * (len(found) + 1)
    if not 0 < share < 1 or not 1 <= place <= len(found):
        raise Stop(NUM)
    return _at(found, place - 1)


@function("QUARTILE", "QUARTILE.INC")
def quartile(context: Context, block: Values, quarter: Whole) -> Number:
    """The smallest number (0), the quartiles (1 to 3), or the largest (4)."""
    if not 0 <= quarter <= 4:
        raise Stop(NUM)
    return percentile(context, block, quarter / 4)


@function("QUARTILE.EXC")
def quartile_exc(context: Context, block: Values, quarter: Whole) -> Number:
    """The quartiles 1 to 3, the ends left out."""
    return percentile_exc(context, block, quarter / 4)


def _share(context: Context, block: Value, number: float, digits: int, *, add: int) -> float:
    found = _some(ordered(context, block))
    if digits < 1 or not found[0] <= number <= found[-1]:
        raise Stop(NUM if digits < 1 else NA)
    if len(found) == 1:
        return 1.0
    low = bisect_left(found, number)
    place = float(low)
    if found[low] != number:
        place = low - 1 + (number - found[low - 1]) / (found[low] - found[low - 1])
    share = (place + (add > 0)) / (len(found) + (1 if add else -1))
    return float(math.floor(share * 10**digits + 1e-9) / 10**digits)


@function("PERCENTRANK", "PERCENTRANK.INC")
def percentrank(context: Context, block: Values, number: Number, digits: Whole = 3) -> Number:
    """The share of the numbers that lie below, the ends included."""
    return _share(context, block, number, digits, add=0)


@function("PERCENTRANK.EXC")
def percentrank_exc(context: Context, block: Values, number: Number, digits: Whole = 3) -> Number:
    """The share of the numbers that lie below, the ends left out."""
    return _share(context, block, number, digits, add=1)


@function("TRIMMEAN")
def trimmean(context: Context, block: Values, share: Number) -> Number:
    """The average without a share of the numbers at both ends."""
    if not 0 <= share < 1:
        raise Stop(NUM)
    found = _some(ordered(context, block))
    cut = int(len(found) * share / 2)
    return mean(found[cut : len(found) - cut])


@function("STANDARDIZE")
def standardize(number: Number, middle: Number, spread: Number) -> Number:
    """How many spreads a number lies from the middle."""
    if spread <= 0:
        raise Stop(NUM)
    return (number - middle) / spread


def pairs(context: Context, one: Array, other: Array) -> tuple[list[float], list[float]]:
    """The numbers that stand at the same place in two blocks. Raises Stop where they differ in size."""
    context.spend(len(one) * 2)
    if len(one) != len(other):
        raise Stop(NA)
    for cell in (*one.flat, *other.flat):
        if type(cell) is CellError:
            raise Stop(cell)
    both = [(x, y) for x, y in zip(one.flat, other.flat, strict=True) if type(x) is float and type(y) is float]
    return [x for x, _ in both], [y for _, y in both]


def products(x: Sequence[float], y: Sequence[float]) -> float:
    """The sum of the products of the distances from the averages."""
    if not x:
        raise Stop(DIV0)
    middle_x, middle_y = mean(x), mean(y)
    return total([(a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)])


@function("COVAR", "COVARIANCE.P")
def covariance_p(context: Context, one: Block, other: Block) -> Number:
    """How far two columns vary together."""
    x, y = pairs(context, one, other)
    return products(x, y) / len(x)


@function("COVARIANCE.S")
def covariance_s(context: Context, one: Block, other: Block) -> Number:
    """How far two samples vary together."""
    x, y = pairs(context, one, other)
    return products(x, y) / (len(x) - 1)


@function("CORREL", "PEARSON")
def correl(context: Context, one: Block, other: Block) -> Number:
    """How closely two columns go together, from -1 to 1."""
    x, y = pairs(context, one, other)
    return products(x, y) / math.sqrt(products(x, x) * products(y, y))


@function("RSQ")
def rsq(context: Context, ys: Block, xs: Block) -> Number:
    """The square of CORREL."""
    return correl(context, ys, xs) ** 2


@function("SLOPE")
def slope(context: Context, ys: Block, xs: Block) -> Number:
    """How steep the line through the points is."""
    y, x = pairs(context, ys, xs)
    return products(x, y) / products(x, x)


@function("INTERCEPT")
def intercept(context: Context, ys: Block, xs: Block) -> Number:
    """Where the line through the points stands at 0."""
    y, x = pairs(context, ys, xs)
    return mean(y) - products(x, y) / products(x, x) * mean(x)


@function("FORECAST", "FORECAST.LINEAR")
def forecast(context: Context, x: Number, ys: Block, xs: Block) -> Number:
    """Where the line through the points stands at x."""
    return intercept(context, ys, xs) + slope(context, ys, xs) * x


@function("STEYX")
def steyx(context: Context, ys: Block, xs: Block) -> Number:
    """How far the points lie from the line through them."""
    y, x = pairs(context, ys, xs)
    if len(x) < 3:
        raise Stop(DIV0)
    return math.sqrt((products(y, y) - products(x, y) ** 2 / products(x, x)) / (len(x) - 2))


@function("PROB")
def prob(context: Context, xs: Block, chances: Block, low: Number, high: Number | None = None) -> Number:
    """The chance of lying between two numbers."""
    x, chance = pairs(context, xs, chances)
    if not chance or abs(total(chance) - 1) > 1e-9 or min(chance) <= 0:
        raise Stop(NUM)
    top = low if high is None else high
    return total([p for one, p in zip(x, chance, strict=True) if low <= one <= top])
