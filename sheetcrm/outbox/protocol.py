"""What every outbox can do: send a message once, and say whether it knows that it was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sheetcrm.plan import Message

State = Literal["accepted", "refused", "later", "unknown"]
"""`accepted`: it is out; `refused`: it is not and will not be; `later`: it is not, and may be tried again;
`unknown`: nobody can tell, so it is not repeated."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message; `detail` is where it lies, or why it was not taken."""

    state: State
    detail: str = ""
    stops_address: bool = False
    """refused: whether it is the address that is no good."""
    is_down: bool = False
    """Whether the other messages would fare the same: the server is away, or does not let us in."""


class Outbox(Protocol):
    """A place that takes messages; `send` of the same message again may be asked after a crash."""

    def expect(self, messages: Sequence[Message], now: datetime) -> None:
        """Tells which messages will follow, so that some of the work can be done while waiting for answers."""

    def send(self, message: Message, now: datetime, on_start: Callable[[], None]) -> Receipt:
        """What became of the message. Raises MessageRefused for one that must not be sent at all.

        `on_start` is called once just before the moment from which on the message may be out.
        """

    def was_sent(self, message: Message) -> bool | None:
        """Whether a message went out whose sending was started; None where this outbox cannot know."""

    def close(self) -> None:
        """Ends what was opened for sending."""

    def describe(self) -> str:
        """The outbox in one phrase for a person."""
