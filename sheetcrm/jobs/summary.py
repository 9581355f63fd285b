"""Reports: mails to those who subscribed, a page for the reports folder, the Summary tab; each once a period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from sheetcrm.jobs.pace import PATIENCE, SLOW, Pace, next_pace, read_pace, rows_named
from sheetcrm.jobs.roles import is_leader, is_sales
from sheetcrm.plan import Message, Plan, Report, Skip, TabReplace
from sheetcrm.reports.condition import holds
from sheetcrm.reports.periods import last_whole
from sheetcrm.reports.subscriptions import Subscription, When, subscriptions_of
from sheetcrm.rules.settings import Rules, SummaryRule
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Person, Snapshot

if TYPE_CHECKING:
    from sheetcrm.reports.findings import Findings
    from sheetcrm.reports.shown import Shown

JOB = "summary"
_WHOLE = ("day", "week", "month", "quarter")
_EVERYBODY = ("everybody", "everyone", "all", "team", "alle")
_SALES = ("sales", "sales people", "reps", "vertrieb", "verkauf")
_LEADERS = ("owner", "owners", "manager", "managers", "boss", "inhaber", "chef", "leitung")


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The reports that are due and were not sent yet, with what is wrong in the Settings tab."""
    if not rules.summary.on or "Leads" not in snapshot.tables:
        return Plan()
    return _Reports(snapshot, rules.summary).plan()


class _Reports:
    """The reports of one snapshot. Figures are worked out once per kind of period, when a report is due."""

    def __init__(self, snapshot: Snapshot, rule: SummaryRule) -> None:
        self.snapshot = snapshot
        self.rule = rule
        self._findings: dict[str, Findings] = {}
        self._issues: list[Issue] = []
        self._remember: dict[str, str] = {}
        self._skipped: list[Skip] = []

    def plan(self) -> Plan:
        """All that is due."""
        table = self.snapshot.table("Subscriptions")
        subscriptions, self._issues = subscriptions_of(table)
        if table is None or not len(table):
            subscriptions = [_usual(self.rule)]
        messages = [one for subscription in subscriptions for one in self._messages(subscription)]
        reports, tabs = self._pages(), self._tabs(subscriptions)
        return Plan(
            messages=tuple({one.key: one for one in messages}.values()),
            reports=reports,
            tabs=tabs,
            issues=tuple(self._issues),
            skipped=tuple(self._skipped),
            remember=self._remember,
        )

    def findings(self, what: str) -> Findings:
        """The findings of the last whole period of a kind."""
        kind = what if what in _WHOLE else "day"
        if kind not in self._findings:
            self._findings[kind] = findings(self.snapshot, self.rule, kind)
        return self._findings[kind]

    def shown(self, what: str, locale: str) -> Shown:
        """The figures of a kind of period in a reader's language."""
        from sheetcrm.reports.shown import Shown
        from sheetcrm.reports.words import Words

        return Shown(self.findings(what).figures, Words(locale, self.rule.words), link_of(self.rule.link))

    def _pages(self) -> tuple[Report, ...]:
        key = f"report/{period_of(self.snapshot.today, self.rule.every)}"
        if key in self.snapshot.mailed:
            return ()
        return (page(self.findings(self.rule.every), self.rule, key),)

    def _tabs(self, subscriptions: list[Subscription]) -> tuple[TabReplace, ...]:
        """The Summary tab, where it is wanted and was not made this period."""
        asked = [one for one in subscriptions if one.what == "tab"]
        found = self.findings(self.rule.every) if any(one.condition for one in asked) else None
        wanted = [one for one in asked if found is None or not one.condition or self._is_wanted(one, found)]
        if not wanted and (asked or not self.rule.tab):
            return ()
        slot = wanted[0].when.slot(self.snapshot.now) if wanted else None
        key = f"tab/{slot or period_of(self.snapshot.today, self.rule.every)}"
        if self.snapshot.memory.get("summary.tab") == key:
            return ()
        self._remember["summary.tab"] = key
        locale = (wanted[0].language if wanted else "") or self.snapshot.locale
        return (summary_tab(self.findings(self.rule.every), self.rule, locale),)

    def _messages(self, one: Subscription) -> Iterator[Message]:
        slot = one.when.slot(self.snapshot.now)
        if one.what == "tab" or slot is None:
            return
        for person in self._readers(one):
            key = self._key(one, person, slot)
            if key in self.snapshot.mailed or (one.what in {"mine", "team", "day"} and slot != self.snapshot.today):
                continue
            message = self._message(one, person, slot)
            if message is not None:
                yield message

    def _key(self, one: Subscription, person: Person, slot: date) -> str:
        """What the mail is for, and for which day; the usual one is named after its period."""
        if not one.tab:
            return f"summary/{person.email}/{period_of(slot, one.what)}"
        if one.what == "quarter":
            # It may come each month, but tells of each quarter once.
            return f"summary/quarter/{person.email}/{last_whole(slot, 'quarter', self.rule.fiscal_year_start).key}"
        return f"summary/{one.what}/{person.email}/{slot}"

    def _message(self, one: Subscription, person: Person, slot: date) -> Message | None:
        locale = one.language or person.language or self.snapshot.locale
        found, shown = self.findings(one.what), self.shown(one.what, locale)
        if one.condition and not self._is_wanted(one, found):
            return None
        template, context, why, rows = _content(one.what, found, shown, person, self.snapshot)
        if not rows and (one.empty or ("skip" if one.what in {"mine", "team"} else "send")) == "skip":
            return None
        context["link"] = shown.link("", "")
        if one.slows and not self._keeps_pace(one, person, slot, context, shown):
            return None
        key = self._key(one, person, slot)
        return Message(key, person.email, template, context, why, JOB, (key,))

    def _keeps_pace(self, one: Subscription, person: Person, slot: date, context: dict[str, Any], shown: Shown) -> bool:
        """Whether a report goes out that slows down while nothing comes of it; it tells when it has done so."""
        name = f"pace/{one.what}/{person.email}"
        before = read_pace(self.snapshot.memory.get(name, ""))
        if self._key(one, person, before.day) not in self.snapshot.mailed:
            # It was planned, but never went out: nothing could come of it.
            before = Pace()
        pace = next_pace(before, one.what, rows_named(context), slot)
        if pace is None:
            why = "nothing has changed in the leads that the last ones named, so it comes less often now"
            self._skipped.append(Skip(f"mail to {person.email}: {one.what}", why))
            return False
        self._remember[name] = pace.to_text()
        if pace.is_slow and one.what in SLOW:
            context["notes"] = [*context["notes"], shown.words("foot.slow", n=PATIENCE, days=SLOW[one.what])]
        return True

    def _is_wanted(self, one: Subscription, found: Findings) -> bool:
        answer = holds(one.condition, found.figures, self.snapshot.now, self.snapshot.locale)
        if isinstance(answer, str):
            message, remedy = f"The condition cannot be read: {answer}", "Correct it, as in: [Overdue] > 5"
            issue = Issue("subscription_condition", one.tab, one.cell, one.condition, message, remedy, "warning")
            self._issues = [*self._issues, issue] if issue not in self._issues else self._issues
            return False
        return answer

    def _readers(self, one: Subscription) -> list[Person]:
        """Those whom the row names, each once; an Issue for a name that nobody in the Team tab has."""
        if not one.who:
            return _leaders(self.snapshot)
        found: dict[str, Person] = {}
        for word in one.who:
            people = _named(word, self.snapshot)
            if not people:
                message, remedy = f"Nobody in the Team tab is called {word}", "Write a name, an address or a role"
                issue = Issue("subscription_nobody", one.tab, one.cell, word, message, remedy, "warning")
                self._issues = [*self._issues, issue] if issue not in self._issues else self._issues
            found |= {person.email: person for person in people if person.email and person.is_active}
        return list(found.values())


def _usual(rule: SummaryRule) -> Subscription:
    """What there is without a Settings tab: once a day, week or month, from the first run in it on."""
    return Subscription(what=rule.every, who=tuple(rule.to), when=When(frozenset(range(7))))


def _content(
    what: str, found: Findings, shown: Shown, person: Person, snapshot: Snapshot
) -> tuple[str, dict[str, Any], str, int]:
    """Template, context, reason, and how many rows there are to tell of."""
    from sheetcrm.reports.digest import mine_context, team_context, team_of
    from sheetcrm.reports.page import mail_context

    if what == "mine":
        context = mine_context(found, shown, person)
        return "day", context, f"the day of {person.name}", context["rows"]
    if what == "team":
        context = team_context(found, shown, person, team_of(person, snapshot.team))
        return "day", context, f"the team of {person.name}", context["rows"]
    context = mail_context(found, shown, snapshot)
    return "report", context, f"report, once a {what}", len(context["needs_you"]) + len(context["moved"])


def _named(word: str, snapshot: Snapshot) -> list[Person]:
    plain = normal(word)
    team = snapshot.team
    if plain in _LEADERS:
        return _leaders(snapshot)
    if plain in _SALES:
        return [one for one in team if is_sales(one)]
    if plain in _EVERYBODY:
        return list(team)
    found = [one for one in team if normal(one.name) == plain or one.email.casefold() == word.casefold()]
    if found or "@" not in word:
        return found
    return [Person(word, word, zone=snapshot.now.tzinfo)]  # type: ignore[arg-type]  # a snapshot's zone is a ZoneInfo


def recipients(snapshot: Snapshot, rule: SummaryRule) -> list[str]:
    """The addresses to which the usual report goes: those of the settings, else of the owners and managers."""
    return list(rule.to) or [one.email for one in _leaders(snapshot)]


def _leaders(snapshot: Snapshot) -> list[Person]:
    return [one for one in snapshot.team if one.is_active and one.email and is_leader(one)]


def link_of(pattern: str) -> Any:
    """What gives the web address of a cell, by the setting `link`; of the workbook where no cell is named."""
    from urllib.parse import quote

    from sheetcrm.reports.shown import no_link

    if not pattern:
        return no_link

    def link(tab: str, cell: str) -> str:
        return pattern.replace("{tab}", quote(tab)).replace("{cell}", quote(cell or "A1"))

    return link


def findings(snapshot: Snapshot, rule: SummaryRule, period: str) -> Findings:
    """The findings of a snapshot for a period, named as people do: week, 2026-02, 30d."""
    # pandas takes a second to import: only who asks for figures waits for it.
    from sheetcrm.reports.findings import findings_of
    from sheetcrm.reports.periods import parse_period
    from sheetcrm.reports.values import ReportRule

    names = ("stalled_days", "stalled_factor", "commit", "best_case", "fiscal_year_start", "currency")
    own = ReportRule(**{name: getattr(rule, name) for name in names})
    return findings_of(snapshot, own, parse_period(period, snapshot.today, rule.fiscal_year_start))


def page(found: Findings, rule: SummaryRule, key: str) -> Report:
    """The page of the pipeline as it stands, for the reports folder."""
    from sheetcrm.reports.page import page_context

    context = page_context(found, rule.words, link_of(rule.link))
    return Report(key, f"pipeline-{found.basis.today}", "report_page", context, "pipeline report", JOB)


def summary_tab(found: Findings, rule: SummaryRule, locale: str) -> TabReplace:
    """The Summary tab of the owner's workbook, in the reader's language."""
    from sheetcrm.reports.summary_tab import summary_content
    from sheetcrm.reports.words import Words

    words = Words(locale, rule.words)
    return TabReplace(words("tab.title"), summary_content(found, words), "pipeline summary", JOB)


def period_of(day: date, every: str) -> str:
    """The period that a day belongs to: `2026-03-02`, `2026-W10`, `2026-03`."""
    year, week, _ = day.isocalendar()
    return {"day": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}"}[every]
