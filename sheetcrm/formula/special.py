"""The incomplete gamma and beta functions, and inverses by halving.

Series and continued fractions as in Abramowitz and Stegun, 6.5 and 26.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_TINY = 1e-300
_EPSILON = 1e-16


def gamma_below(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function P."""
    if x <= 0:
        return 0.0
    if x < shape + 1:
        return _gamma_series(shape, x)
    return 1 - _gamma_fraction(shape, x)


def gamma_above(shape: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q."""
    if x <= 0:
        return 1.0
    if x < shape + 1:
        return 1 - _gamma_series(shape, x)
    return _gamma_fraction(shape, x)


def _gamma_series(shape: float, x: float) -> float:
    term = total = 1 / shape
    n = shape
    for _ in range(10_000):
        n += 1
        term *= x / n
        total += term
        if abs(term) < abs(total) * _EPSILON:
            break
    return total * math.exp(-x + shape * math.log(x) - math.lgamma(shape))


def _gamma_fraction(shape: float, x: float) -> float:
    b = x + 1 - shape
    c, d = 1 / _TINY, 1 / b
    h = d
    for i in range(1, 10_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / ((a * d + b) or _TINY)
        c = (b + a / c) or _TINY
        h *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return h * math.exp(-x + shape * math.log(x) - math.lgamma(shape))


def beta_below(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or _TINY)
    h = d
    for m in range(1, 10_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + step * d) or _TINY)
            c = (1 + step / c) or _TINY
            h *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return h


def normal_below(z: float) -> float:
    """The share of the standard normal distribution below z."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_density(z: float) -> float:
    """The density of the standard normal distribution."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def inverse(work: Callable[[float], float], share: float, low: float, high: float) -> float:
    """Where a growing function reaches a share, between two bounds of which the upper one may be widened."""
    while math.isfinite(high) and work(high) < share and high < 1e300:
        low, high = high, high * 2
    for _ in range(400):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if work(middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2
