"""All that a report can tell of a snapshot and a period; each part is worked out when somebody asks, once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sheetcrm.reports.basis import Basis, basis_of
from sheetcrm.reports.changes import Changes, changes_of
from sheetcrm.reports.crossing import Offer, offers
from sheetcrm.reports.customers import Portfolio, portfolio
from sheetcrm.reports.figures import figures_of
from sheetcrm.reports.forecast import ForecastLine, forecast_lines, with_forecast
from sheetcrm.reports.funnel import Cohort, Response, Velocity, cohorts, response, velocity
from sheetcrm.reports.people import Doing, doings
from sheetcrm.reports.periods import Period
from sheetcrm.reports.purchases import Purchases, purchases_of
from sheetcrm.reports.sources import SourceLine, source_lines
from sheetcrm.reports.values import Figures, ReportRule, Stages
from sheetcrm.table import Snapshot


@dataclass(frozen=True)
class Findings:
    """The figures of one basis and period."""

    basis: Basis
    period: Period

    @cached_property
    def figures(self) -> Figures:
        """How the pipeline stands, and what happened."""
        return figures_of(self.basis, self.period, self.changes)

    @cached_property
    def changes(self) -> Changes:
        """The leads behind what happened."""
        return changes_of(self.basis, self.period)

    @cached_property
    def forecast(self) -> tuple[ForecastLine, ...]:
        """What the open leads will bring, by month."""
        return forecast_lines(self.basis, self.forecast_leads)

    @cached_property
    def forecast_leads(self) -> pd.DataFrame:
        """The leads with the category and the month in which they are told."""
        return with_forecast(self.basis)

    @cached_property
    def cohorts(self) -> tuple[Cohort, ...]:
        """How far the leads of each month came."""
        return cohorts(self.basis)

    @cached_property
    def velocity(self) -> Velocity:
        """How much the pipeline turns into orders a day."""
        return velocity(self.basis)

    @cached_property
    def response(self) -> Response:
        """How fast new leads are answered."""
        return response(self.basis)

    @cached_property
    def doings(self) -> tuple[Doing, ...]:
        """What each person did in the period."""
        return doings(self.basis.snapshot.table("Activities"), self.period)

    @cached_property
    def sources(self) -> tuple[SourceLine, ...]:
        """Where leads and orders come from."""
        return source_lines(self.basis)

    @cached_property
    def portfolio(self) -> Portfolio:
        """The customers by what they bought."""
        return portfolio(self.purchases, self.basis.today)

    @cached_property
    def purchases(self) -> Purchases:
        """What customers bought."""
        return purchases_of(self.basis)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """What to offer to whom."""
        return offers(self.purchases)


def findings_of(snapshot: Snapshot, rule: ReportRule, period: Period) -> Findings:
    """The findings of a snapshot."""
    stages = Stages(snapshot.open_stages, snapshot.won_stages, snapshot.lost_stages)
    return Findings(basis_of(snapshot, stages, rule), period)
