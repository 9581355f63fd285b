"""What is known of addresses: those that bounced, were refused or opted out get nothing more; when each last replied.

Jobs remember it as any other thing, in the journal's memory, under `address/…` and `replied/…`. Values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OPTED_OUT = "opted out"
STOPPED = ("bounced", "refused", OPTED_OUT)
_STOP, _REPLY = "address/", "replied/"

INBOX_FAILS = "inbox/fails"
"""Under this the memory keeps why the inbox could not be read: nobody knows then who has answered."""

INBOX_MARK = "inbox/mark"
"""Under this the memory keeps how far the inbox was read."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why an address gets nothing more: one of STOPPED, the day, and what was said."""

    state: str
    day: str
    said: str = ""

    def __str__(self) -> str:
        return f"the address {self.state} on {self.day}" + (f": {self.said}" if self.said else "")


def stop(address: str, state: str, day: str, said: str = "") -> dict[str, str]:
    """What to remember so that an address gets nothing more."""
    return {f"{_STOP}{address.casefold()}": f"{state}\x1f{day}\x1f{said}"}


def allow(address: str) -> dict[str, str]:
    """What to remember so that a stopped address is written to again."""
    return {f"{_STOP}{address.casefold()}": ""}


def stopped(memory: Mapping[str, str]) -> dict[str, Stopped]:
    """All stopped addresses, in lower case."""
    found = {name.removeprefix(_STOP): value for name, value in memory.items() if name.startswith(_STOP) and value}
    return {address: Stopped(*value.split("\x1f", 2)) for address, value in found.items()}


def replied(address: str, at: str) -> dict[str, str]:
    """What to remember of a reply: when it came, as ISO time."""
    return {f"{_REPLY}{address.casefold()}": at}


def replies(memory: Mapping[str, str]) -> dict[str, str]:
    """When each address last replied, in lower case."""
    return {name.removeprefix(_REPLY): at for name, at in memory.items() if name.startswith(_REPLY) and at}


REPLY_MAIL = "reply/"


@dataclass(frozen=True, slots=True)
class ReplyMail:
    """An answer that the sheet does not tell of yet: from whom (in lower case), when as ISO time, and its subject."""

    address: str
    at: str
    subject: str


def reply_mail(name: str, mail: ReplyMail) -> dict[str, str]:
    """What to remember so that an answer is told in the sheet; `name` tells it from every other."""
    return {f"{REPLY_MAIL}{name}": f"{mail.address}\x1f{mail.at}\x1f{mail.subject}"}


def reply_mails(memory: Mapping[str, str]) -> dict[str, ReplyMail]:
    """The answers that the sheet does not tell of yet, by name."""
    found = {
        name.removeprefix(REPLY_MAIL): text for name, text in memory.items() if name.startswith(REPLY_MAIL) and text
    }
    return {name: ReplyMail(*text.split("\x1f", 2)) for name, text in found.items()}
