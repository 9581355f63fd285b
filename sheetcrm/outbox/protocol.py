"""What every outbox can do: send a message once, and say whether it knows that it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sheetcrm.plan import Message

State = Literal["accepted", "refused", "unknown"]
"""`accepted`: it is out; `refused`: it is not and will not be; `unknown`: nobody can tell, so it is not repeated."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message; `detail` is where it lies, or why it was refused."""

    state: State
    detail: str = ""


class Outbox(Protocol):
    """A place that takes messages; `send` of the same message again may be asked after a crash."""

    def send(self, message: Message, now: datetime) -> Receipt:
        """What became of the message. Raises MessageRefused for one that must not be sent at all."""
        ...

    def was_sent(self, message: Message) -> bool | None:
        """Whether the message went out before; None where this outbox cannot know."""
        ...

    def describe(self) -> str:
        """The outbox in one phrase for a person."""
        ...
