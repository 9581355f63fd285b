"""Messages carried out once: each is in the journal before it is sent, while it is, and after.

One commit a message: what became of the last one is recorded together with the start of the next, so a crash leaves at
most one message of which nobody knows whether it went out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sheetcrm.addresses import INBOX_FAILS, replies, stop, stopped
from sheetcrm.errors import SheetcrmError
from sheetcrm.journal import Journal
from sheetcrm.mail_states import NEVER, MailState, in_utc
from sheetcrm.outbox import Outbox, Receipt
from sheetcrm.plan import Message
from sheetcrm.post.judge import CUSTOMERS, Counts, Judge, Limits

WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60))
"""How long after each failed try the next one follows; after the last of them the message is given up."""


TEST = "test/"
"""What the keys of test mode begin with: a test counts for itself only, the real message and its reasons stay open."""


@dataclass(frozen=True)
class Postage:
    """How mails are sent: what the settings allow, what becomes of unknown ones, and where tests go."""

    limits: Limits
    unconfirmed: str = "hold"
    test_to: str = ""


UNLIMITED = Postage(Limits(ZoneInfo("UTC")))
"""Everything may go at any time."""


@dataclass
class Delivered:
    """What became of messages: where they went, and by key why others did not go, or wait."""

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)
    """What to remember of addresses that are no good."""

    @property
    def missing(self) -> dict[str, str]:
        """By key, why a message is not out."""
        return {**self.failed, **self.waiting}


def deliver(
    run: int,
    messages: Sequence[Message],
    journal: Journal,
    outbox: Outbox,
    postage: Postage,
    no_contact: frozenset[str],
    now: datetime,
) -> Delivered:
    """Sends what was not sent yet and may go now."""
    memory = journal.memory() if messages else {}
    round_ = _Round(run, journal, outbox, postage, now, replies(memory))
    if not messages:
        return round_.done
    barred = {address: str(why) for address, why in stopped(memory).items()}
    judge = Judge(postage.limits, barred, no_contact, memory.get(INBOX_FAILS, ""))
    to_send = round_.sorted_out(messages, judge)
    try:
        outbox.expect([message for message, _ in to_send], now)
        with journal.kept_open():
            for message, before in to_send:
                round_.send(message, before)
            round_.write_down()
    finally:
        outbox.close()
    if round_.done.stops:
        journal.remember(round_.done.stops)
    return round_.done


class _Round:
    """One round of the post: keeps what is not yet written down."""

    def __init__(
        self,
        run: int,
        journal: Journal,
        outbox: Outbox,
        postage: Postage,
        now: datetime,
        answered: Mapping[str, str],
    ) -> None:
        self.done = Delivered()
        self._answered = answered
        self._run, self._journal, self._outbox, self._postage, self._now = run, journal, outbox, postage, now
        self._unwritten: list[tuple[MailState, Sequence[str]]] = []
        self._down: Receipt | None = None

    def sorted_out(self, messages: Sequence[Message], judge: Judge) -> list[tuple[Message, MailState]]:
        """The messages to send now, all claimed in one commit; what became of the others is recorded."""
        keys = json.dumps([key for one in messages for key in (one.key, self._test_key(one))])
        lately = (self._now - timedelta(days=3)).isoformat()
        where = "at >= ? OR key IN (SELECT value FROM json_each(?))"
        known = {one.key: one for one in self._journal.mails(where, lately, keys)}
        counts, found = counts_of(known.values()), []
        for message in messages:
            test = self._as_test(message) if self._postage.test_to else None
            one = test or message
            before = known.get(one.key) or MailState(one.key, self._run, one.to, "", "")
            before = replace(before, run=self._run, to=one.to, job=one.job, first=before.first or self._now.isoformat())
            if test:
                self.done.waiting[message.key] = f"test mode: it goes to {test.to}, and counts as not sent"
            if self._is_settled(one, before) or self._was_answered(one, before):
                continue
            verdict = judge.judge(one, self._now, counts)
            if verdict.may_go:
                counts.add(one.to, self._now)
                found.append((one, replace(before, state="claimed")))
            elif verdict.until is None:
                self._settle(one, replace(before, state="failed", detail=verdict.why))
            else:
                self._wait(one, before, verdict.until, verdict.why)
        self._unwritten += [(self._stamped(state), message.reasons) for message, state in found]
        self.write_down()
        return found

    def _is_settled(self, message: Message, before: MailState) -> bool:
        """Whether nothing is to be done for a message, now or ever; why is noted."""
        if before.state == "accepted":
            return True
        if before.state == "dropped":
            self.done.failed[message.key] = "it was dropped"
        elif before.state == "failed" and before.due == NEVER:
            self.done.failed[message.key] = f"the mail was not sent: {before.detail}; sheetcrm outbox retry sends it"
        elif before.state == "waiting" and before.due > in_utc(self._now):
            self.done.waiting[message.key] = f"the mail waits until {_shown(before.due)}: {before.detail}"
        elif before.state == "unconfirmed":
            self._settle(message, replace(before, detail=before.detail or "an earlier try got no answer"))
        elif before.state == "started":
            return self._find_out(message, before)
        else:
            return False
        return True

    def _was_answered(self, message: Message, before: MailState) -> bool:
        """Whether a customer has answered since the mail was first about to go; why is noted."""
        at = self._answered.get(message.to.casefold(), "") if message.audience == CUSTOMERS else ""
        if not before.state or not at or datetime.fromisoformat(at) < datetime.fromisoformat(before.first):
            return False
        self._settle(message, replace(before, state="failed", detail="they have answered since"))
        return True

    def _find_out(self, message: Message, before: MailState) -> bool:
        """Whether it is settled what became of a message whose sending was cut short."""
        was_sent = self._outbox.was_sent(message)
        if was_sent:
            self._settle(message, replace(before, state="accepted", detail=""))
        elif was_sent is None and self._postage.unconfirmed == "hold":
            why = "the run was cut short while sending it"
            self._settle(message, replace(before, state="unconfirmed", detail=why))
        else:
            return False
        return True

    def send(self, message: Message, before: MailState) -> None:
        """Sends one message, unless the outbox is down."""
        # A message that is not even tried, since the server is away, keeps its tries.
        tries = before.tries + (self._down is None)
        receipt = self._down or self._sent(message, before)
        if receipt.is_down:
            self._down = receipt
        after = replace(before, tries=tries, detail=receipt.detail, due="")
        if receipt.state == "later" or (receipt.state == "unknown" and self._postage.unconfirmed == "resend"):
            self._try_again(message, after)
        elif receipt.state == "accepted":
            self._settle(message, replace(after, state="accepted"))
        elif receipt.state == "unknown":
            self._settle(message, replace(after, state="unconfirmed"))
        else:
            is_final = receipt.stops_address
            self._settle(message, replace(after, state="failed", due=NEVER if is_final else ""))
            if receipt.stops_address:
                self.done.stops |= stop(message.to, "refused", self._now.date().isoformat(), receipt.detail)

    def _sent(self, message: Message, before: MailState) -> Receipt:
        def started() -> None:
            self._unwritten.append((self._stamped(replace(before, state="started")), ()))
            self.write_down()

        try:
            return self._outbox.send(message, self._now, started)
        except (SheetcrmError, OSError) as error:
            return Receipt("refused", str(error))

    def _try_again(self, message: Message, after: MailState) -> None:
        if after.tries > len(WAITS):
            why = f"given up after {after.tries} tries: {after.detail}"
            self._settle(message, replace(after, state="failed", due=NEVER, detail=why))
        else:
            self._wait(message, after, self._now + WAITS[max(after.tries - 1, 0)], after.detail)

    def _wait(self, message: Message, before: MailState, until: datetime, why: str) -> None:
        self._note(message, replace(before, state="waiting", due=in_utc(until), detail=why))
        self.done.waiting.setdefault(message.key, f"the mail waits until {_shown(in_utc(until))}: {why}")

    def _settle(self, message: Message, after: MailState) -> None:
        self._note(message, after)
        if after.state == "accepted":
            if after.detail:
                self.done.sent.append(after.detail)
        elif after.state == "unconfirmed":
            why = f"unconfirmed, nobody knows whether the mail was sent: {after.detail}"
            self.done.failed[message.key] = why
        else:
            self.done.failed[message.key] = f"the mail was not sent: {after.detail}"

    def _note(self, message: Message, after: MailState) -> None:
        self._unwritten.append((self._stamped(after), message.reasons))

    def _stamped(self, state: MailState) -> MailState:
        return replace(state, at=self._now.isoformat())

    def _test_key(self, message: Message) -> str:
        return f"{TEST}{self._postage.test_to}/{message.key}"

    def _as_test(self, message: Message) -> Message:
        mail = message.mail and replace(message.mail, subject=f"[for {message.to}] {message.mail.subject}")
        to = self._postage.test_to
        return replace(message, key=self._test_key(message), to=to, mail=mail, reasons=(), audience="team")

    def write_down(self) -> None:
        """Records all that happened since the last time, in one commit."""
        if self._unwritten:
            self._journal.record_mails(self._unwritten)
            self._unwritten = []


def counts_of(states: Iterable[MailState]) -> Counts:
    """How many mails are out, or may be."""
    out = ("accepted", "started", "unconfirmed")
    return Counts([(one.to.casefold(), datetime.fromisoformat(one.at)) for one in states if one.state in out])


def held(states: Iterable[MailState], memory: Mapping[str, str], now: datetime) -> Held:
    """What is not to be planned now: messages that wait, were refused for good or dropped; stopped addresses."""
    keys = {one.key: why for one in states if (why := _why_held(one, now))}
    return Held(keys, {address: str(why) for address, why in stopped(memory).items()})


@dataclass(frozen=True)
class Held:
    """Why messages are held back, by key and by address in lower case."""

    keys: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def why(self, message: Message) -> str:
        """Why a message is held back, empty where it is not."""
        return self.keys.get(message.key) or self.addresses.get(message.to.casefold(), "")


def _why_held(one: MailState, now: datetime) -> str:
    if one.state == "waiting" and one.due > in_utc(now):
        return f"waits until {_shown(one.due)}: {one.detail}"
    if one.state == "failed" and one.due == NEVER:
        return f"{one.detail}; sheetcrm outbox retry sends it"
    return "it was dropped" if one.state == "dropped" else ""


def _shown(due: str) -> str:
    return due[:16].replace("T", " ") + " UTC"
