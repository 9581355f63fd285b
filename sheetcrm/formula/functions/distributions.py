"""Probability distributions of numbers, and their inverses."""

from __future__ import annotations

import math

from sheetcrm.formula.registry import Logical, Number, Whole, function
from sheetcrm.formula.special import (
    beta_below,
    gamma_above,
    gamma_below,
    inverse,
    normal_below,
    normal_density,
)
from sheetcrm.formula.values import DIV0, NUM, Stop


def need(holds: bool) -> None:
    """Raises Stop with #NUM! where a condition on the arguments does not hold."""
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
    need(spread > 0)
    z = (x - middle) / spread
    return normal_below(z) if cumulative else normal_density(z) / spread


def _normal_at(share: float) -> float:
    need(0 < share < 1)
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
    need(spread > 0)
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
    need(x > 0 and spread > 0)
    z = (math.log(x) - middle) / spread
    return normal_below(z) if cumulative else normal_density(z) / spread / x


@function("LOGNORMDIST")
def lognormdist(x: Number, middle: Number, spread: Number) -> Number:
    """The share of a lognormal distribution below x."""
    return lognorm_dist(x, middle, spread, cumulative=True)


@function("LOGNORM.INV", "LOGINV")
def lognorm_inv(share: Number, middle: Number, spread: Number) -> Number:
    """Below which number a share of a lognormal distribution lies."""
    need(spread > 0)
    return math.exp(middle + spread * _normal_at(share))


@function("EXPON.DIST", "EXPONDIST")
def expon_dist(x: Number, rate: Number, cumulative: Logical) -> Number:
    """An exponential distribution."""
    need(x >= 0 and rate > 0)
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


@function("WEIBULL.DIST", "WEIBULL")
def weibull_dist(x: Number, shape: Number, scale: Number, cumulative: Logical) -> Number:
    """A Weibull distribution."""
    need(x >= 0 and shape > 0 and scale > 0)
    if cumulative:
        return -math.expm1(-((x / scale) ** shape))
    return float(shape / scale**shape * x ** (shape - 1) * math.exp(-((x / scale) ** shape)))


@function("GAMMA")
def gamma(x: Number) -> Number:
    """The gamma function."""
    need(not (x <= 0 and x.is_integer()))
    return math.gamma(x)


@function("GAMMALN", "GAMMALN.PRECISE")
def gammaln(x: Number) -> Number:
    """The logarithm of the gamma function."""
    need(x > 0)
    return math.lgamma(x)


@function("GAMMA.DIST", "GAMMADIST")
def gamma_dist(x: Number, shape: Number, scale: Number, cumulative: Logical) -> Number:
    """A gamma distribution."""
    need(x >= 0 and shape > 0 and scale > 0)
    if cumulative:
        return gamma_below(shape, x / scale)
    if x == 0:
        need(shape >= 1)
        return 1 / scale if shape == 1 else 0.0
    return math.exp((shape - 1) * math.log(x) - x / scale - shape * math.log(scale) - math.lgamma(shape))


@function("GAMMA.INV", "GAMMAINV")
def gamma_inv(share: Number, shape: Number, scale: Number) -> Number:
    """Below which number a share of a gamma distribution lies."""
    need(0 <= share < 1 and shape > 0 and scale > 0)
    return 0.0 if share == 0 else scale * inverse(lambda x: gamma_below(shape, x), share, 0.0, shape + 10)


@function("CHISQ.DIST")
def chisq_dist(x: Number, freedom: Whole, cumulative: Logical) -> Number:
    """A chi-square distribution."""
    need(x >= 0 and 1 <= freedom <= 10**10)
    return gamma_dist(x, freedom / 2, 2.0, cumulative)


@function("CHISQ.DIST.RT", "CHIDIST")
def chisq_dist_rt(x: Number, freedom: Whole) -> Number:
    """The share of a chi-square distribution above x."""
    need(x >= 0 and 1 <= freedom <= 10**10)
    return gamma_above(freedom / 2, x / 2)


@function("CHISQ.INV")
def chisq_inv(share: Number, freedom: Whole) -> Number:
    """Below which number a share of a chi-square distribution lies."""
    need(0 <= share < 1 and 1 <= freedom <= 10**10)
    return gamma_inv(share, freedom / 2, 2.0)


@function("CHISQ.INV.RT", "CHIINV")
def chisq_inv_rt(share: Number, freedom: Whole) -> Number:
    """Above which number a share of a chi-square distribution lies."""
    need(0 < share <= 1 and 1 <= freedom <= 10**10)
    return 2 * inverse(lambda x: -gamma_above(freedom / 2, x), -share, 0.0, freedom + 10.0)


@function("BETA.DIST")
def beta_dist(x: Number, alpha: Number, beta: Number, cumulative: Logical, low: Number = 0, high: Number = 1) -> Number:
    """A beta distribution."""
    need(alpha > 0 and beta > 0 and low < high and low <= x <= high)
    part = (x - low) / (high - low)
    if cumulative:
        return beta_below(alpha, beta, part)
    need(0 < part < 1 or (alpha >= 1 and beta >= 1))
    front = math.exp(math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta))
    return float(front * part ** (alpha - 1) * (1 - part) ** (beta - 1) / (high - low))


@function("BETADIST")
def betadist(x: Number, alpha: Number, beta: Number, low: Number = 0, high: Number = 1) -> Number:
    """The share of a beta distribution below x."""
    return beta_dist(x, alpha, beta, True, low, high)


@function("BETA.INV", "BETAINV")
def beta_inv(share: Number, alpha: Number, beta: Number, low: Number = 0, high: Number = 1) -> Number:
    """Below which number a share of a beta distribution lies."""
    need(alpha > 0 and beta > 0 and low < high and 0 < share < 1)
    return low + (high - low) * inverse(lambda x: beta_below(alpha, beta, x), share, 0.0, 1.0)


def t_above(x: float, freedom: float) -> float:
    """The share of Student's t distribution above x."""
    share = beta_below(freedom / 2, 0.5, freedom / (freedom + x * x)) / 2
    return share if x >= 0 else 1 - share


@function("T.DIST")
def t_dist(x: Number, freedom: Whole, cumulative: Logical) -> Number:
    """Student's t distribution."""
    need(freedom >= 1)
    if cumulative:
        return 1 - t_above(x, freedom)
    front = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    return float(front * (1 + x * x / freedom) ** (-(freedom + 1) / 2))


@function("T.DIST.RT")
def t_dist_rt(x: Number, freedom: Whole) -> Number:
    """The share of Student's t distribution above x."""
    need(freedom >= 1)
    return t_above(x, freedom)


@function("T.DIST.2T")
def t_dist_2t(x: Number, freedom: Whole) -> Number:
    """The share of Student's t distribution beyond x on both sides."""
    need(freedom >= 1 and x >= 0)
    return 2 * t_above(x, freedom)


@function("TDIST")
def tdist(x: Number, freedom: Whole, tails: Whole) -> Number:
    """The share of Student's t distribution beyond x, on one side or both."""
    need(freedom >= 1 and x >= 0 and tails in {1, 2})
    return tails * t_above(x, freedom)


@function("T.INV")
def t_inv(share: Number, freedom: Whole) -> Number:
    """Below which number a share of Student's t distribution lies."""
    need(0 < share < 1 and freedom >= 1)
    if share == 0.5:
        return 0.0
    if share < 0.5:
        return -inverse(lambda x: -t_above(x, freedom), -share, 0.0, 10.0)
    return inverse(lambda x: -t_above(x, freedom), share - 1, 0.0, 10.0)


@function("T.INV.2T", "TINV")
def t_inv_2t(share: Number, freedom: Whole) -> Number:
    """Beyond which number, on both sides, a share of Student's t distribution lies."""
    need(0 < share <= 1 and freedom >= 1)
    return inverse(lambda x: -2 * t_above(x, freedom), -share, 0.0, 10.0) if share < 1 else 0.0


def _f_below(x: float, one: float, other: float) -> float:
    return beta_below(one / 2, other / 2, one * x / (one * x + other))


def f_above(x: float, one: float, other: float) -> float:
    """The share of the F distribution above x."""
    return beta_below(other / 2, one / 2, other / (one * x + other))


@function("F.DIST")
def f_dist(x: Number, one: Whole, other: Whole, cumulative: Logical) -> Number:
    """The F distribution."""
    need(x >= 0 and one >= 1 and other >= 1)
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
    need(x >= 0 and one >= 1 and other >= 1)
    return f_above(x, one, other)


@function("F.INV")
def f_inv(share: Number, one: Whole, other: Whole) -> Number:
    """Below which number a share of the F distribution lies."""
    need(0 <= share < 1 and one >= 1 and other >= 1)
    return inverse(lambda x: _f_below(x, one, other), share, 0.0, 10.0) if share else 0.0


@function("F.INV.RT", "FINV")
def f_inv_rt(share: Number, one: Whole, other: Whole) -> Number:
    """Above which number a share of the F distribution lies."""
    need(0 < share <= 1 and one >= 1 and other >= 1)
    return inverse(lambda x: -f_above(x, one, other), -share, 0.0, 10.0) if share < 1 else 0.0


@function("CONFIDENCE", "CONFIDENCE.NORM")
def confidence(alpha: Number, spread: Number, size: Whole) -> Number:
    """Half the width of a confidence interval, by the normal distribution."""
    need(0 < alpha < 1 and spread > 0 and size >= 1)
    return -_normal_at(alpha / 2) * spread / math.sqrt(size)


@function("CONFIDENCE.T")
def confidence_t(alpha: Number, spread: Number, size: Whole) -> Number:
    """Half the width of a confidence interval, by Student's t distribution."""
    need(0 < alpha < 1 and spread > 0 and size >= 1)
    if size == 1:
        raise Stop(DIV0)
    return t_inv_2t(alpha, size - 1) * spread / math.sqrt(size)


@function("FISHER")
def fisher(x: Number) -> Number:
    """The Fisher transformation."""
    need(-1 < x < 1)
    return math.atanh(x)


@function("FISHERINV")
def fisherinv(y: Number) -> Number:
    """The inverse of the Fisher transformation."""
    return math.tanh(y)
