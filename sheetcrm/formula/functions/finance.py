"""Loans, savings and depreciation."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import numbers
from sheetcrm.formula.registry import Block, Number, Values, Whole, function
from sheetcrm.formula.values import DIV0, NA, NUM, Stop

_MOST_PERIODS = 20_000


@function("PMT")
def pmt(rate: Number, periods: Number, value: Number, future: Number = 0, at_start: Number = 0) -> Number:
    """The payment of each period for a loan."""
    if periods == 0:
        raise Stop(NUM)
    if rate == 0:
        return -(value + future) / periods
    growth = math.pow(1 + rate, periods)
    return float(-rate * (value * growth + future) / ((1 + rate * bool(at_start)) * (growth - 1)))


@function("FV")
def fv(rate: Number, periods: Number, payment: Number, value: Number = 0, at_start: Number = 0) -> Number:
    """What payments and a value grow to."""
    if rate == 0:
        return -(value + payment * periods)
    growth = math.pow(1 + rate, periods)
    return float(-(value * growth + payment * (1 + rate * bool(at_start)) * (growth - 1) / rate))


@function("PV")
def pv(rate: Number, periods: Number, payment: Number, future: Number = 0, at_start: Number = 0) -> Number:
    """What later payments are worth now."""
    if rate == 0:
        return -(future + payment * periods)
    growth = math.pow(1 + rate, periods)
    return float(-(future + payment * (1 + rate * bool(at_start)) * (growth - 1) / rate) / growth)


@function("NPER")
def nper(rate: Number, payment: Number, value: Number, future: Number = 0, at_start: Number = 0) -> Number:
    """How many periods a loan takes."""
    if rate == 0:
        return -(value + future) / payment
    due = payment * (1 + rate * bool(at_start))
    return math.log((due - future * rate) / (value * rate + due)) / math.log(1 + rate)


@function("IPMT")
def ipmt(
    rate: Number, period: Number, periods: Number, value: Number, future: Number = 0, at_start: Number = 0
) -> Number:
    """The interest in a period's payment."""
    if not 1 <= period < periods + 1:
        raise Stop(NUM)
    if at_start and period == 1:
        return 0.0
    payment = pmt(rate, periods, value, future, at_start)
    interest: float = fv(rate, period - 1, payment, value, at_start) * rate
    return interest / (1 + rate) if at_start else interest


@function("PPMT")
def ppmt(
    rate: Number, period: Number, periods: Number, value: Number, future: Number = 0, at_start: Number = 0
) -> Number:
    """What a period's payment takes off the loan."""
    payment: float = pmt(rate, periods, value, future, at_start)
    return payment - ipmt(rate, period, periods, value, future, at_start)


def _cumulated(
    work: Callable[..., float], rate: float, periods: float, value: float, span: tuple[int, int], at_start: float
) -> float:
    first, last = span
    is_sound = rate > 0 and periods > 0 and value > 0 and at_start in {0, 1}
    if not is_sound or not 1 <= first <= last <= periods or last - first > _MOST_PERIODS:
        raise Stop(NUM)
    return math.fsum(work(rate, period, periods, value, 0, at_start) for period in range(first, last + 1))


@function("CUMIPMT")
def cumipmt(rate: Number, periods: Number, value: Number, first: Whole, last: Whole, at_start: Number) -> Number:
    """The interest of several periods."""
    return _cumulated(ipmt, rate, periods, value, (first, last), at_start)


@function("CUMPRINC")
def cumprinc(rate: Number, periods: Number, value: Number, first: Whole, last: Whole, at_start: Number) -> Number:
    """What several periods take off the loan."""
    return _cumulated(ppmt, rate, periods, value, (first, last), at_start)


@function("ISPMT")
def ispmt(rate: Number, period: Number, periods: Number, value: Number) -> Number:
    """The interest of a period where the loan is paid back evenly."""
    return value * rate * (period / periods - 1)


def _solve(work: Callable[[float], float], guess: float) -> float:
    """The rate at which something is worth nothing, from a guess on; by secants, then by halving."""
    one, other = guess, guess + 1e-4
    low, high = work(one), work(other)
    for _ in range(100):
        if abs(other - one) < 1e-13 * max(1.0, abs(other)) or high == low:
            break
        one, low, other = other, high, other - high * (other - one) / (high - low)
        if other <= -1:
            other = (one - 1) / 2
        high = work(other)
        if not math.isfinite(high):
            break
    if math.isfinite(high) and math.isfinite(other) and abs(high) < 1e-6 * max(1.0, abs(work(0.0))):
        return other
    return _halve(work)


def _halve(work: Callable[[float], float]) -> float:
    edges = [-0.9999, -0.9, -0.5, -0.1, 0.0, 0.05, 0.2, 0.5, 1.0, 5.0, 50.0, 1000.0]
    for start, end in pairwise(edges):
        low, high = start, end
        if work(low) * work(high) > 0:
            continue
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if work(low) * work(middle) > 0 else (low, middle)
        return (low + high) / 2
    raise Stop(NUM)


@function("RATE")
def rate_(periods: Number, payment: Number, value: Number, future: Number = 0, at_start: Number = 0, guess: Number = 0.1) -> Number:  # noqa: E501  # fmt: skip
    """The interest rate of a loan."""
    if periods <= 0:
        raise Stop(NUM)

    def left(rate: float) -> float:
        return float(fv(rate, periods, payment, value, at_start)) + future

    return _solve(left, guess)


def _worth(rate: float, flows: list[float]) -> float:
    return math.fsum(flow / (1 + rate) ** i for i, flow in enumerate(flows))


@function("NPV")
def npv(context: Context, rate: Number, flow: Values, *more: Values) -> Number:
    """What a series of payments is worth now, the first one a period from now."""
    return _worth(rate, numbers(context, (flow, *more))) / (1 + rate)


@function("IRR")
def irr(context: Context, flows: Block, guess: Number = 0.1) -> Number:
    """The rate at which a series of payments is worth nothing."""
    found = numbers(context, (flows,))
    if not found or min(found) >= 0 or max(found) <= 0:
        raise Stop(NUM)
    return _solve(lambda rate: _worth(rate, found), guess)


@function("MIRR")
def mirr(context: Context, flows: Block, finance_rate: Number, reinvest_rate: Number) -> Number:
    """The internal rate where debts cost one rate and gains earn another."""
    found = numbers(context, (flows,))
    size = len(found)
    gains = _worth(reinvest_rate, [max(one, 0.0) for one in found])
    costs = _worth(finance_rate, [min(one, 0.0) for one in found])
    if not gains or not costs:
        raise Stop(DIV0)
    return float(math.pow(-gains * math.pow(1 + reinvest_rate, size - 1) / costs, 1 / (size - 1)) - 1)


def _dated(context: Context, flows: Block, days: Block) -> list[tuple[float, int]]:
    amounts, moments = numbers(context, (flows,)), numbers(context, (days,))
    if not amounts:
        raise Stop(NA)
    if len(amounts) != len(moments) or min(moments) < moments[0]:
        raise Stop(NUM)
    return [(amount, int(day) - int(moments[0])) for amount, day in zip(amounts, moments, strict=True)]


@function("XNPV")
def xnpv(context: Context, rate: Number, flows: Block, days: Block) -> Number:
    """What payments on given days are worth on the first of them."""
    if rate <= 0:
        raise Stop(NUM)
    return math.fsum(amount / math.pow(1 + rate, after / 365) for amount, after in _dated(context, flows, days))


@function("XIRR")
def xirr(context: Context, flows: Block, days: Block, guess: Number = 0.1) -> Number:
    """The yearly rate at which payments on given days are worth nothing."""
    found = _dated(context, flows, days)
    if min(found)[0] >= 0 or max(found)[0] <= 0:
        raise Stop(NUM)
    return _solve(lambda rate: math.fsum(amount / math.pow(1 + rate, after / 365) for amount, after in found), guess)


@function("EFFECT")
def effect(rate: Number, periods: Whole) -> Number:
    """The yearly rate of one that is paid several times a year."""
    if rate <= 0 or periods < 1:
        raise Stop(NUM)
    return (1 + rate / periods) ** periods - 1


@function("NOMINAL")
def nominal(rate: Number, periods: Whole) -> Number:
    """The rate that, paid several times a year, makes a yearly one."""
    if rate <= 0 or periods < 1:
        raise Stop(NUM)
    return float((math.pow(1 + rate, 1 / periods) - 1) * periods)


@function("RRI")
def rri(periods: Number, value: Number, future: Number) -> Number:
    """The rate at which a value grows to another."""
    if periods <= 0 or value == 0:
        raise Stop(NUM)
    return float(math.pow(future / value, 1 / periods) - 1)


@function("PDURATION")
def pduration(rate: Number, value: Number, future: Number) -> Number:
    """How many periods a value takes to grow to another."""
    if rate <= 0 or value <= 0 or future <= 0:
        raise Stop(NUM)
    return math.log(future / value) / math.log(1 + rate)


@function("SLN")
def sln(cost: Number, salvage: Number, life: Number) -> Number:
    """The even depreciation of each period."""
    return (cost - salvage) / life


@function("SYD")
def syd(cost: Number, salvage: Number, life: Number, period: Number) -> Number:
    """The depreciation of a period by the sum of the years' digits."""
    if life <= 0 or period < 1 or period > life:
        raise Stop(NUM)
    return (cost - salvage) * (life - period + 1) * 2 / life / (life + 1)


@function("DDB")
def ddb(cost: Number, salvage: Number, life: Number, period: Number, factor: Number = 2) -> Number:
    """The depreciation of a period by a declining balance."""
    if cost < 0 or salvage < 0 or life <= 0 or not 0 < period <= life or factor <= 0:
        raise Stop(NUM)
    rate = min(factor / life, 1.0)
    before = cost * math.pow(1 - rate, period - 1) if rate < 1 else (cost if period == 1 else 0.0)
    after = cost * math.pow(1 - rate, period)
    return max(before - max(after, salvage), 0.0) if before > salvage else 0.0


@function("DB")
def db(cost: Number, salvage: Number, life: Number, period: Whole, months: Whole = 12) -> Number:
    """The depreciation of a period by a fixed declining balance."""
    if cost < 0 or salvage < 0 or life <= 0 or not 1 <= period <= life + (months < 12) or not 1 <= months <= 12:
        raise Stop(NUM)
    if cost == 0:
        return 0.0
    rate = round(1 - math.pow(salvage / cost, 1 / life), 3)
    first = cost * rate * months / 12
    if period == 1:
        return float(first)
    left = (cost - first) * (1 - rate) ** (period - 2)
    return float(left * rate * ((12 - months) / 12 if period > life else 1))


@function("DOLLARDE")
def dollarde(price: Number, fraction: Whole) -> Number:
    """A price in fractions as a decimal number."""
    return _fractions(price, fraction, is_decimal=True)


@function("DOLLARFR")
def dollarfr(price: Number, fraction: Whole) -> Number:
    """A decimal price in fractions."""
    return _fractions(price, fraction, is_decimal=False)


def _fractions(price: float, fraction: int, *, is_decimal: bool) -> float:
    if fraction < 0:
        raise Stop(NUM)
    if fraction == 0:
        raise Stop(DIV0)
    whole = math.trunc(price)
    scale = 10 ** math.ceil(math.log10(fraction)) / fraction
    return float(whole + (price - whole) * (scale if is_decimal else 1 / scale))
