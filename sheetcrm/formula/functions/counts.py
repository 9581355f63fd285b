"""Probability distributions of counts."""

from __future__ import annotations

import math

from sheetcrm.formula.functions.distributions import need
from sheetcrm.formula.registry import Logical, Number, Whole, function
from sheetcrm.formula.special import beta_below, gamma_above

_MOST_TERMS = 20_000
"""Terms that one sum may have: so many hold all of its digits."""


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
    need(0 <= successes <= trials <= _MOST_TERMS * 100 and 0 <= chance <= 1)
    if not cumulative:
        return _exact_binomial(successes, trials, chance)
    if successes == trials:
        return 1.0
    return beta_below(trials - successes, successes + 1, 1 - chance)


@function("BINOM.DIST.RANGE")
def binom_dist_range(trials: Whole, chance: Number, low: Whole, high: Whole | None = None) -> Number:
    """The chance of a count of successes between two."""
    top = low if high is None else high
    need(0 <= low <= top <= trials <= _MOST_TERMS and 0 <= chance <= 1)
    return math.fsum(_exact_binomial(i, trials, chance) for i in range(low, top + 1))


@function("BINOM.INV", "CRITBINOM")
def binom_inv(trials: Whole, chance: Number, share: Number) -> Number:
    """The smallest count of successes up to which a share lies."""
    need(0 <= trials <= _MOST_TERMS and 0 < chance < 1 and 0 < share < 1)
    total = 0.0
    for successes in range(trials + 1):
        total += _exact_binomial(successes, trials, chance)
        if total >= share:
            return float(successes)
    return float(trials)


@function("NEGBINOM.DIST")
def negbinom_dist(failures: Whole, successes: Whole, chance: Number, cumulative: Logical) -> Number:
    """The chance of so many failures before so many successes."""
    need(failures >= 0 and successes >= 1 and 0 <= chance <= 1 and failures + successes <= _MOST_TERMS)
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
    need(count >= 0 and average >= 0)
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
    need(0 <= hits <= min(drawn, good) and hits >= drawn - size + good)
    need(0 < drawn <= size and 0 < good <= size <= _MOST_TERMS)
    if not cumulative:
        return _hypergeometric(hits, drawn, good, size)
    return math.fsum(_hypergeometric(i, drawn, good, size) for i in range(max(0, drawn - size + good), hits + 1))


@function("HYPGEOMDIST")
def hypgeomdist(hits: Whole, drawn: Whole, good: Whole, size: Whole) -> Number:
    """The chance of so many good ones among those drawn."""
    return hypgeom_dist(hits, drawn, good, size, cumulative=False)
