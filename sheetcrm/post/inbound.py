"""What incoming mails mean for those we wrote to: bounced, opted out, answered. Pure.

Only addresses count that a mail of ours went to: a stranger's mail stops nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sheetcrm.addresses import OPTED_OUT, ReplyMail, Stopped, replied, reply_mail, stop
from sheetcrm.inbox.incoming import Incoming
from sheetcrm.mail_states import MailState
from sheetcrm.outbox.message_file import id_hash


@dataclass
class TakenIn:
    """What is to be remembered of incoming mails, and how many of each kind concerned us."""

    remember: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


class Sent:
    """The mails that went out or are about to, by the beginnings of their Message-IDs and by address."""

    def __init__(self, mails: Iterable[MailState], realm: str, customers_job: str) -> None:
        """`realm` names the workbook in Message-IDs; mails of `customers_job` went to customers."""
        out = list(mails)
        self._by_id = {id_hash(f"{realm}/{one.key}" if realm else one.key, one.to): one for one in out}
        self._addresses = {one.to.casefold() for one in out}
        self._customers = {one.to.casefold(): one.at for one in out if one.job == customers_job}

    def meant(self, one: Incoming) -> set[str]:
        """The addresses of ours that a mail concerns, in lower case."""
        answered = {self._by_id[name].to.casefold() for name in one.answers if name in self._by_id}
        return (set(one.addresses) & self._addresses) | answered

    def customers(self, addresses: Iterable[str]) -> dict[str, str]:
        """Those of the addresses that are customers', with the time of the last mail to each."""
        return {one: self._customers[one] for one in addresses if one in self._customers}


def take_in(mails: Sequence[Incoming], sent: Sent, known: Mapping[str, Stopped], now: datetime) -> TakenIn:
    """What incoming mails come to: addresses that get nothing more, and answers.

    An address that is stopped already, as `known` tells, stays so for the reason that it has, but an opt-out counts for
    more than any other.
    """
    done, today = TakenIn(), now.date().isoformat()
    opted_out = {address for address, one in known.items() if one.state == OPTED_OUT}
    for one in mails:
        meant = sent.meant(one)
        if one.kind == "bounce":
            for address in sorted(meant - {*known, *opted_out}):
                done.remember |= stop(address, "bounced", today, one.said)
        elif one.kind == "opt-out":
            meant = set(sent.customers(meant))
            for address in sorted(meant - opted_out):
                done.remember |= stop(address, OPTED_OUT, today)
                opted_out.add(address)
        elif one.kind == "answer":
            customers = sent.customers(meant)
            meant = set(customers)
            for address, mailed in sorted(customers.items()):
                at = _moment(one.at, mailed, now)
                done.remember |= replied(address, at)
                done.remember |= reply_mail(one.name, ReplyMail(address, at, one.subject))
        if meant:
            done.counts[one.kind] += 1
    return done


def _moment(at: str, mailed: str, now: datetime) -> str:
    """When an answer came: as its head says, but neither before the mail that it answers nor after now."""
    said = datetime.fromisoformat(at) if at else now
    moment = min(max(said, datetime.fromisoformat(mailed)), now)
    return moment.astimezone(UTC).isoformat(timespec="seconds")
