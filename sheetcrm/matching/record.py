"""What comes in and what goes out: records as people typed them, and pairs with a score and a reason. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """A person or company as typed; every part may be blank, and blank is no evidence.

    `name` is a person's full name in either order; `phone` holds one number or several, parted by `;`.
    """

    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Two rows that may be the same: their places in the input (`one < other`), how likely, and why in words."""

    one: int
    other: int
    score: float
    why: str
