"""Probability distributions, their inverses, and tests."""

from __future__ import annotations

import math

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import mean, numbers
from sheetcrm.formula.functions.statistics import pairs, squares
from sheetcrm.formula.registry import Block, Logical, Number, Whole, function
from sheetcrm.formula.special import (
    beta_below,
    gamma_above,
    gamma_below,
    inverse,
    normal_below,
    normal_density,
)
from sheetcrm.formula.values import DIV0, NA, NUM, Stop

_MOST_TERMS = 20_000
"""Terms that one sum may have: so many hold all of its digits."""


def _need(holds: bool) -> None:
    if not holds:
        raise Stop(NUM)


@function("NORM.S.DIST")
def norm_s_dist(z: Number, cumulative: Logical) -> Number:
    """The standard normal distribution."""
    return normal_below(z) if cumulative else normal_density(z)


@function("NORMSDIST")
def normsdist(z: Number) -> Number:
    """The share of the standard normal distribution below z."""
    return normal_below(z)


@function("NORM.DIST", "NORMDIST")
def norm_dist(x: Number, middle: Number, spread: Number, cumulative: Logical) -> Number:
    """A normal distribution."""
    _need(spread > 0)
    z = (x - middle) / spread
    return normal_below(z) if cumulative else normal_density(z) / spread


def _normal_at(share: float) -> float:
    _need(0 < share < 1)
    if share > 0.5:
        return -_normal_at(1 - share) if share < 1 else math.inf
    return inverse(normal_below, share, -40.0, 0.1)


@function("NORM.S.INV", "NORMSINV")
def norm_s_inv(share: Number) -> Number:
    """Below which z a share of the standard normal distribution lies."""
    return _normal_at(share)


@function("NORM.INV", "NORMINV")
def norm_inv(share: Number, middle: Number, spread: Number) -> Number:
    """Below which number a share of a normal distribution lies."""
    _need(spread > 0)
    return middle + spread * _normal_at(share)


@function("GAUSS")
def gauss(z: Number) -> Number:
    """The share of the standard normal distribution between 0 and z."""
    return math.erf(z / math.sqrt(2)) / 2


@function("PHI")
def phi(z: Number) -> Number:
    """The density of the standard normal distribution."""
    return normal_density(z)


@function("LOGNORM.DIST")
def lognorm_dist(x: Number, middle: Number, spread: Number, cumulative: Logical) -> Number:
    """A lognormal distribution."""
    _need(x > 0 and spread > 0)
    z = (math.log(x) - middle) / spread
    return normal_below(z) if cumulative else normal_density(z) / spread / x


@function("LOGNORMDIST")
def lognormdist(x: Number, middle: Number, spread: Number) -> Number:
    """The share of a lognormal distribution below x."""
    return lognorm_dist(x, middle, spread, cumulative=True)


@function("LOGNORM.INV", "LOGINV")
def lognorm_inv(share: Number, middle: Number, spread: Number) -> Number:
    """Below which number a share of a lognormal distribution lies."""
    _need(spread > 0)
    return math.exp(middle + spread * _normal_at(share))


@function("EXPON.DIST", "EXPONDIST")
def expon_dist(x: Number, rate: Number, cumulative: Logical) -> Number:
    """An exponential distribution."""
    _need(x >= 0 and rate > 0)
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


@function("WEIBULL.DIST", "WEIBULL")
def weibull_dist(x: Number, shape: Number, scale: Number, cumulative: Logical) -> Number:
    """A Weibull distribution."""
    _need(x >= 0 and shape > 0 and scale > 0)
    if cumulative:
        return -math.expm1(-((x / scale) ** shape))
    return float(shape / scale**shape * x ** (shape - 1) * math.exp(-((x / scale) ** shape)))


@function("GAMMA")
def gamma(x: Number) -> Number:
    """The gamma function."""
    _need(not (x <= 0 and x.is_integer()))
    return math.gamma(x)


@function("GAMMALN", "GAMMALN.PRECISE")
def gammaln(x: Number) -> Number:
    """The logarithm of the gamma function."""
    _need(x > 0)
    return math.lgamma(x)


@function("GAMMA.DIST", "GAMMADIST")
def gamma_dist(x: Number, shape: Number, scale: Number, cumulative: Logical) -> Number:
    """A gamma distribution."""
    _need(x >= 0 and shape > 0 and scale > 0)
    if cumulative:
        return gamma_below(shape, x / scale)
    if x == 0:
        _need(shape >= 1)
        return 1 / scale if shape == 1 else 0.0
    return math.exp((shape - 1) * math.log(x) - x / scale - shape * math.log(scale) - math.lgamma(shape))


@function("GAMMA.INV", "GAMMAINV")
def gamma_inv(share: Number, shape: Number, scale: Number) -> Number:
    """Below which number a share of a gamma distribution lies."""
    _need(0 <= share < 1 and shape > 0 and scale > 0)
    return 0.0 if share == 0 else scale * inverse(lambda x: gamma_below(shape, x), share, 0.0, shape + 10)


@function("CHISQ.DIST")
def chisq_dist(x: Number, freedom: Whole, cumulative: Logical) -> Number:
    """A chi-square distribution."""
    _need(x >= 0 and 1 <= freedom <= 10**10)
    return gamma_dist(x, freedom / 2, 2.0, cumulative)


@function("CHISQ.DIST.RT", "CHIDIST")
def chisq_dist_rt(x: Number, freedom: Whole) -> Number:
    """The share of a chi-square distribution above x."""
    _need(x >= 0 and 1 <= freedom <= 10**10)
    return gamma_above(freedom / 2, x / 2)


@function("CHISQ.INV")
def chisq_inv(share: Number, freedom: Whole) -> Number:
    """Below which number a share of a chi-square distribution lies."""
    _need(0 <= share < 1 and 1 <= freedom <= 10**10)
    return gamma_inv(share, freedom / 2, 2.0)


@function("CHISQ.INV.RT", "CHIINV")
def chisq_inv_rt(share: Number, freedom: Whole) -> Number:
    """Above which number a share of a chi-square distribution lies."""
    _need(0 < share <= 1 and 1 <= freedom <= 10**10)
    return 2 * inverse(lambda x: -gamma_above(freedom / 2, x), -share, 0.0, freedom + 10.0)


@function("BETA.DIST")
def beta_dist(x: Number, alpha: Number, beta: Number, cumulative: Logical, low: Number = 0, high: Number = 1) -> Number:
    """A beta distribution."""
    _need(alpha > 0 and beta > 0 and low < high and low <= x <= high)
    part = (x - low) / (high - low)
    if cumulative:
        return beta_below(alpha, beta, part)
    _need(0 < part < 1 or (alpha >= 1 and beta >= 1))
    front = math.exp(math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta))
    return float(front * part ** (alpha - 1) * (1 - part) ** (beta - 1) / (high - low))


@function("BETADIST")
def betadist(x: Number, alpha: Number, beta: Number, low: Number = 0, high: Number = 1) -> Number:
    """The share of a beta distribution below x."""
    return beta_dist(x, alpha, beta, True, low, high)


@function("BETA.INV", "BETAINV")
def beta_inv(share: Number, alpha: Number, beta: Number, low: Number = 0, high: Number = 1) -> Number:
    """Below which number a share of a beta distribution lies."""
    _need(alpha > 0 and beta > 0 and low < high and 0 < share < 1)
    return low + (high - low) * inverse(lambda x: beta_below(alpha, beta, x), share, 0.0, 1.0)


def _t_above(x: float, freedom: float) -> float:
    share = beta_below(freedom / 2, 0.5, freedom / (freedom + x * x)) / 2
    return share if x >= 0 else 1 - share


@function("T.DIST")
def t_dist(x: Number, freedom: Whole, cumulative: Logical) -> Number:
    """Student's t distribution."""
    _need(freedom >= 1)
    if cumulative:
        return 1 - _t_above(x, freedom)
    front = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    return float(front * (1 + x * x / freedom) ** (-(freedom + 1) / 2))


@function("T.DIST.RT")
def t_dist_rt(x: Number, freedom: Whole) -> Number:
    """The share of Student's t distribution above x."""
    _need(freedom >= 1)
    return _t_above(x, freedom)


@function("T.DIST.2T")
def t_dist_2t(x: Number, freedom: Whole) -> Number:
    """The share of Student's t distribution beyond x on both sides."""
    _need(freedom >= 1 and x >= 0)
    return 2 * _t_above(x, freedom)


@function("TDIST")
def tdist(x: Number, freedom: Whole, tails: Whole) -> Number:
    """The share of Student's t distribution beyond x, on one side or both."""
    _need(freedom >= 1 and x >= 0 and tails in {1, 2})
    return tails * _t_above(x, freedom)


@function("T.INV")
def t_inv(share: Number, freedom: Whole) -> Number:
    """Below which number a share of Student's t distribution lies."""
    _need(0 < share < 1 and freedom >= 1)
    if share == 0.5:
        return 0.0
    if share < 0.5:
        return -inverse(lambda x: -_t_above(x, freedom), -share, 0.0, 10.0)
    return inverse(lambda x: -_t_above(x, freedom), share - 1, 0.0, 10.0)


@function("T.INV.2T", "TINV")
def t_inv_2t(share: Number, freedom: Whole) -> Number:
    """Beyond which number, on both sides, a share of Student's t distribution lies."""
    _need(0 < share <= 1 and freedom >= 1)
    return inverse(lambda x: -2 * _t_above(x, freedom), -share, 0.0, 10.0) if share < 1 else 0.0


def _f_below(x: float, one: float, other: float) -> float:
    return beta_below(one / 2, other / 2, one * x / (one * x + other))


def _f_above(x: float, one: float, other: float) -> float:
    return beta_below(other / 2, one / 2, other / (one * x + other))


@function("F.DIST")
def f_dist(x: Number, one: Whole, other: Whole, cumulative: Logical) -> Number:
    """The F distribution."""
    _need(x >= 0 and one >= 1 and other >= 1)
    if cumulative:
        return _f_below(x, one, other)
    if x == 0:
        return 0.0 if one > 2 else 1.0 if one == 2 else math.inf
    front = math.lgamma((one + other) / 2) - math.lgamma(one / 2) - math.lgamma(other / 2)
    ratio = one / other
    return math.exp(
        front + one / 2 * math.log(ratio) + (one / 2 - 1) * math.log(x) - (one + other) / 2 * math.log1p(ratio * x)
    )


@function("F.DIST.RT", "FDIST")
def f_dist_rt(x: Number, one: Whole, other: Whole) -> Number:
    """The share of the F distribution above x."""
    _need(x >= 0 and one >= 1 and other >= 1)
    return _f_above(x, one, other)


@function("F.INV")
def f_inv(share: Number, one: Whole, other: Whole) -> Number:
    """Below which number a share of the F distribution lies."""
    _need(0 <= share < 1 and one >= 1 and other >= 1)
    return inverse(lambda x: _f_below(x, one, other), share, 0.0, 10.0) if share else 0.0


@function("F.INV.RT", "FINV")
def f_inv_rt(share: Number, one: Whole, other: Whole) -> Number:
    """Above which number a share of the F distribution lies."""
    _need(0 < share <= 1 and one >= 1 and other >= 1)
    return inverse(lambda x: -_f_above(x, one, other), -share, 0.0, 10.0) if share < 1 else 0.0


def _binomial(successes: int, trials: int, chance: float) -> float:
    if chance in {0.0, 1.0}:
        return float(successes == trials * chance)
    log = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return math.exp(log + successes * math.log(chance) + (trials - successes) * math.log1p(-chance))


def _exact_binomial(successes: int, trials: int, chance: float) -> float:
    if trials <= 1000:
        return math.comb(trials, successes) * chance**successes * (1 - chance) ** (trials - successes)
    return _binomial(successes, trials, chance)


@function("BINOM.DIST", "BINOMDIST")
def binom_dist(successes: Whole, trials: Whole, chance: Number, cumulative: Logical) -> Number:
    """The chance of so many successes, or of at most so many."""
    _need(0 <= successes <= trials <= _MOST_TERMS * 100 and 0 <= chance <= 1)
    if not cumulative:
        return _exact_binomial(successes, trials, chance)
    if successes == trials:
        return 1.0
    return beta_below(trials - successes, successes + 1, 1 - chance)


@function("BINOM.DIST.RANGE")
def binom_dist_range(trials: Whole, chance: Number, low: Whole, high: Whole | None = None) -> Number:
    """The chance of a count of successes between two."""
    top = low if high is None else high
    _need(0 <= low <= top <= trials <= _MOST_TERMS and 0 <= chance <= 1)
    return math.fsum(_exact_binomial(i, trials, chance) for i in range(low, top + 1))


@function("BINOM.INV", "CRITBINOM")
def binom_inv(trials: Whole, chance: Number, share: Number) -> Number:
    """The smallest count of successes up to which a share lies."""
    _need(0 <= trials <= _MOST_TERMS and 0 < chance < 1 and 0 < share < 1)
    total = 0.0
    for successes in range(trials + 1):
        total += _exact_binomial(successes, trials, chance)
        if total >= share:
            return float(successes)
    return float(trials)


@function("NEGBINOM.DIST")
def negbinom_dist(failures: Whole, successes: Whole, chance: Number, cumulative: Logical) -> Number:
    """The chance of so many failures before so many successes."""
    _need(failures >= 0 and successes >= 1 and 0 <= chance <= 1 and failures + successes <= _MOST_TERMS)
    if cumulative:
        return beta_below(successes, failures + 1, chance)
    return math.comb(failures + successes - 1, failures) * chance**successes * (1 - chance) ** failures


@function("NEGBINOMDIST")
def negbinomdist(failures: Whole, successes: Whole, chance: Number) -> Number:
    """The chance of so many failures before so many successes."""
    return negbinom_dist(failures, successes, chance, cumulative=False)


@function("POISSON.DIST", "POISSON")
def poisson_dist(count: Whole, average: Number, cumulative: Logical) -> Number:
    """The chance of so many events, or of at most so many."""
    _need(count >= 0 and average >= 0)
    if cumulative:
        return gamma_above(count + 1, average)
    if average == 0:
        return float(count == 0)
    return math.exp(count * math.log(average) - average - math.lgamma(count + 1))


def _hypergeometric(hits: int, drawn: int, good: int, size: int) -> float:
    return math.comb(good, hits) * math.comb(size - good, drawn - hits) / math.comb(size, drawn)


@function("HYPGEOM.DIST")
def hypgeom_dist(hits: Whole, drawn: Whole, good: Whole, size: Whole, cumulative: Logical) -> Number:
    """The chance of so many good ones among those drawn."""
    _need(0 <= hits <= min(drawn, good) and hits >= drawn - size + good)
    _need(0 < drawn <= size and 0 < good <= size <= _MOST_TERMS)
    if not cumulative:
        return _hypergeometric(hits, drawn, good, size)
    return math.fsum(_hypergeometric(i, drawn, good, size) for i in range(max(0, drawn - size + good), hits + 1))


@function("HYPGEOMDIST")
def hypgeomdist(hits: Whole, drawn: Whole, good: Whole, size: Whole) -> Number:
    """The chance of so many good ones among those drawn."""
    return hypgeom_dist(hits, drawn, good, size, cumulative=False)


@function("CONFIDENCE", "CONFIDENCE.NORM")
def confidence(alpha: Number, spread: Number, size: Whole) -> Number:
    """Half the width of a confidence interval, by the normal distribution."""
    _need(0 < alpha < 1 and spread > 0 and size >= 1)
    return -_normal_at(alpha / 2) * spread / math.sqrt(size)


@function("CONFIDENCE.T")
def confidence_t(alpha: Number, spread: Number, size: Whole) -> Number:
    """Half the width of a confidence interval, by Student's t distribution."""
    _need(0 < alpha < 1 and spread > 0 and size >= 1)
    if size == 1:
        raise Stop(DIV0)
    return t_inv_2t(alpha, size - 1) * spread / math.sqrt(size)


@function("FISHER")
def fisher(x: Number) -> Number:
    """The Fisher transformation."""
    _need(-1 < x < 1)
    return math.atanh(x)


@function("FISHERINV")
def fisherinv(y: Number) -> Number:
    """The inverse of the Fisher transformation."""
    return math.tanh(y)


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
    above = _f_above(ratio, len(x) - 1, len(y) - 1)
    return 2 * min(above, 1 - above)


@function("T.TEST", "TTEST")
def t_test(context: Context, one: Block, other: Block, tails: Whole, kind: Whole) -> Number:
    """The chance that two averages differ by chance as much as they do: 1 paired, 2 equal spread, 3 unequal."""
    _need(tails in {1, 2} and kind in {1, 2, 3})
    if kind == 1:
        x, y = pairs(context, one, other)
        gaps = [a - b for a, b in zip(x, y, strict=True)]
        error = math.sqrt(squares(gaps) / (len(gaps) - 1) / len(gaps))
        return tails * _t_above(abs(mean(gaps) / error), len(gaps) - 1)
    x, y = numbers(context, (one,)), numbers(context, (other,))
    n, m = len(x), len(y)
    if kind == 2:
        error = math.sqrt((squares(x) + squares(y)) / (n + m - 2) * (1 / n + 1 / m))
        return tails * _t_above(abs((mean(x) - mean(y)) / error), n + m - 2)
    a, b = squares(x) / (n - 1) / n, squares(y) / (m - 1) / m
    freedom = (a + b) ** 2 / (a * a / (n - 1) + b * b / (m - 1))
    return tails * _t_above(abs(mean(x) - mean(y)) / math.sqrt(a + b), freedom)


@function("Z.TEST", "ZTEST")
def z_test(context: Context, block: Block, middle: Number, spread: Number | None = None) -> Number:
    """The chance of an average above the sample's."""
    found = numbers(context, (block,))
    if not found:
        raise Stop(NA)
    if spread is None:
        spread = math.sqrt(squares(found) / (len(found) - 1))
    _need(spread > 0)
    return 1 - normal_below((mean(found) - middle) / (spread / math.sqrt(len(found))))
