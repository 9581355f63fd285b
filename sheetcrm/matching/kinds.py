"""The kinds of evidence: how often each level shows among the same and among strangers before a table has taught it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from sheetcrm.matching.coded import Floats


class Group(Enum):
    """Whom a value belongs to: it says which pairs of different people agree on it."""

    FIRST = "first name"
    """One's own, also in the family."""
    FAMILY = "surname"
    """Shared by a family, not by colleagues."""
    OWN = "own"
    """One's own, such as the birth date or the private mailbox."""
    CONTEXT = "context"
    """Shared by a household or an office."""
    THING = "thing"
    """The name of a company, where no people stand in the table."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evidence; the shares are of the levels different, weak, partly, close, variant, same."""

    name: str
    group: Group
    same: tuple[float, ...]
    """Among pairs that are the same."""
    strangers: tuple[float, ...]
    most_different: float = 1.0
    """The largest share of different values that pairs of the same may have, whatever the table seems to teach."""
    is_contact: bool = False
    """Whether related people may have it in common, or nearly, and namesakes too, since mailboxes are made of names."""
    namesakes: tuple[float, ...] = ()
    """Among pairs of namesakes, of whose mailboxes each is made of the name; as among strangers where empty."""
    trust: float = 40.0
    """As how many pairs seen the shares count before the table is looked at."""
    is_guess: bool = False
    """Whether nothing is known of the column: it must show on the table that it tells anything."""


def shares(parts: tuple[float, ...]) -> Floats:
    """The shares as they are looked up by level: blank has 1, since it is no evidence."""
    table = np.array([1.0, *parts], np.float64)
    table[1:] /= table[1:].sum()
    return table.astype(np.float32)


GIVEN = Kind(
    "first name",
    Group.FIRST,
    (0.02, 0.02, 0.05, 0.08, 0.05, 0.78),
    (0.93, 0.04, 0.02, 0.003, 0.002, 0.005),
    most_different=0.1,
)
MIDDLE = Kind(
    "middle name",
    Group.FIRST,
    (0.05, 0.03, 0.1, 0.06, 0.02, 0.74),
    (0.9, 0.04, 0.04, 0.005, 0.005, 0.01),
    most_different=0.2,
)
FAMILY = Kind(
    "surname",
    Group.FAMILY,
    (0.03, 0.03, 0.02, 0.1, 0.01, 0.81),
    (0.965, 0.03, 0.002, 0.002, 0.0002, 0.002),
    most_different=0.12,
)
EMAIL = Kind(
    "e-mail",
    Group.OWN,
    (0.2, 0.01, 0.06, 0.1, 0.001, 0.63),
    (0.999, 1e-4, 3e-4, 1e-4, 1e-5, 1e-4),
    most_different=0.6,
    is_contact=True,
    namesakes=(0.6, 0.02, 0.25, 0.1, 0.001, 0.03),
)
PHONE = Kind(
    "phone",
    Group.OWN,
    (0.25, 0.01, 0.01, 0.05, 0.001, 0.63),
    (0.999, 1e-4, 1e-4, 3e-4, 1e-5, 1e-4),
    most_different=0.5,
    is_contact=True,
    namesakes=(0.98, 0.001, 0.001, 0.003, 0.001, 0.014),
)
COMPANY = Kind(
    "company",
    Group.CONTEXT,
    (0.08, 0.05, 0.1, 0.1, 0.01, 0.68),
    (0.92, 0.05, 0.01, 0.003, 0.001, 0.003),
    most_different=0.3,
)
THING = Kind(
    "name",
    Group.THING,
    (0.03, 0.05, 0.12, 0.15, 0.02, 0.65),
    (0.93, 0.06, 0.006, 0.001, 0.0005, 0.00005),
    most_different=0.1,
)
DOMAIN = Kind(
    "website",
    Group.CONTEXT,
    (0.12, 0.01, 0.01, 0.06, 0.001, 0.8),
    (0.99, 0.003, 1e-4, 0.001, 1e-4, 0.003),
    namesakes=(0.3, 0.01, 0.01, 0.05, 0.001, 0.63),
)
SHARED = Kind(
    "shared contact", Group.CONTEXT, (0.1, 0.01, 0.01, 0.01, 0.01, 0.9), (0.99, 1e-4, 1e-4, 1e-4, 1e-4, 0.002)
)
STREET = Kind(
    "street",
    Group.CONTEXT,
    (0.12, 0.05, 0.06, 0.12, 0.02, 0.63),
    (0.985, 0.006, 0.004, 0.001, 1e-4, 0.001),
    most_different=0.4,
)
PLACE = Kind(
    "place",
    Group.CONTEXT,
    (0.08, 0.08, 0.16, 0.05, 0.03, 0.6),
    (0.965, 0.01, 0.015, 0.002, 0.002, 0.006),
    most_different=0.4,
)
BIRTH = Kind(
    "birth date",
    Group.OWN,
    (0.03, 0.05, 0.04, 0.08, 0.01, 0.79),
    (0.95, 0.04, 0.006, 0.001, 1e-4, 3e-4),
    most_different=0.15,
)
BIRTH_PART = Kind("part of the birth date", Group.OWN, (0.06, 0.01, 0.01, 0.1, 0.01, 0.81),
                  (0.7, 0.01, 0.01, 0.2, 0.01, 0.07), most_different=0.25)  # fmt: skip
CODE = Kind(
    "number",
    Group.OWN,
    (0.1, 0.01, 0.01, 0.06, 0.01, 0.81),
    (0.999, 1e-4, 1e-4, 2e-4, 1e-5, 3e-4),
    trust=10,
)
CATEGORY = Kind(
    "value", Group.OWN, (0.4, 0.01, 0.01, 0.01, 0.01, 0.56), (0.7, 0.01, 0.01, 0.01, 0.01, 0.26), is_guess=True
)
NUMBER = Kind(
    "number", Group.OWN, (0.3, 0.02, 0.02, 0.1, 0.01, 0.55), (0.9, 0.01, 0.01, 0.05, 0.01, 0.02), is_guess=True
)
TEXT = Kind(
    "text",
    Group.OWN,
    (0.4, 0.1, 0.1, 0.1, 0.01, 0.29),
    (0.85, 0.09, 0.03, 0.01, 0.01, 0.01),
    is_guess=True,
)
