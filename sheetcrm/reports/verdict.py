"""The report in two or three sentences: what was won, how that compares, and what is late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sheetcrm.reports.money import Total, show_short
from sheetcrm.reports.values import Figures
from sheetcrm.reports.words import Words


def verdict(figures: Figures, words: Words) -> str:
    """What the owner should know in two or three short sentences.

    `You won €6.3k in two deals. That is €1.2k more than the week before. Six follow-ups are late; Fjord Fish is the
    largest.`
    """
    return " ".join([*_won(figures, words), _late(figures.total.overdue, figures.largest_late, words)])


def _won(figures: Figures, words: Words) -> Iterable[str]:
    won = figures.total.won
    amounts = [show_short(one.amount, one.currency, words.locale) for one in won.totals if one.amount]
    if not won.count:
        yield words("verdict.won_none")
    elif not amounts:
        yield words("verdict.won_bare", n=won.count)
    else:
        yield words("verdict.won", amount=words.joined(amounts), n_deals=words("verdict.deals", n=won.count))
    change = main_total(won.totals).amount - main_total(figures.before.won.totals).amount
    if change and won.count and len(amounts) < 2 and figures.before.won.count:
        name = "verdict.against_more" if change > 0 else "verdict.against_less"
        kind = words.pick("verdict.kind", figures.period.kind)
        yield words(name, change=show_short(abs(change), figures.currency, words.locale), kind=kind)


def _late(late: int, largest: str, words: Words) -> str:
    if not late:
        return words("verdict.late_none")
    if late == 1 and largest:
        return words("verdict.late_one", largest=largest)
    return words("verdict.late_largest", n=late, largest=largest) if largest else words("verdict.late", n=late)


def main_total(totals: Sequence[Total]) -> Total:
    """The sum in the main currency, which stands first."""
    return totals[0] if totals else Total(Decimal(0), "")
