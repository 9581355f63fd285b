"""Why two records may be the same, in words of a business owner: `same e-mail; name 94 % alike; same company`."""

from __future__ import annotations

from sheetcrm.matching.names import NameLevel, name_likeness
from sheetcrm.matching.record import Prepared
from sheetcrm.matching.score import Level, Likeness

_EMAIL = {Level.SAME: "same e-mail", Level.FEW: "same e-mail under two names", Level.SHARED: "same shared mailbox",
          Level.CLOSE: "e-mails a typo apart"}  # fmt: skip
_PHONE = {Level.SAME: "same phone", Level.SHARED: "same shared phone"}
_NAME = {
    NameLevel.SAME: "same name", NameLevel.INITIAL: "name fits the initial",
    NameLevel.SURNAME: "part of the name agrees",
    NameLevel.FAMILY: "other first name", NameLevel.FIRST_ONLY: "other surname", NameLevel.DIFFERENT: "different names",
}  # fmt: skip
_COMPANY = {Level.SAME: "same company", Level.CLOSE: "company nearly alike", Level.DIFFERENT: "other company"}
_STREET = {Level.SAME: "same street", Level.CLOSE: "street nearly alike", Level.DIFFERENT: "other street"}
_PLACE = {Level.SAME: "same postcode", Level.CLOSE: "postcode nearly alike", Level.SHARED: "same city",
          Level.DIFFERENT: "other place"}  # fmt: skip


def explain(likeness: Likeness, one: Prepared, other: Prepared) -> str:
    """What speaks for the pair and what against it, the strongest first."""
    name = _NAME.get(likeness.name, "")
    if likeness.name is NameLevel.CLOSE:
        name = f"name {name_likeness(one.names, other.names):.0%} alike".replace("%", " %")
    company = _COMPANY.get(likeness.company, "")
    if (
        likeness.domain is Level.SAME
        and likeness.company not in {Level.SAME, Level.CLOSE}
        and likeness.email <= Level.NONE
    ):
        company = "same website"
    parts = (
        _EMAIL.get(likeness.email, ""), _PHONE.get(likeness.phone, ""), name, company,
        _STREET.get(likeness.street, ""), _PLACE.get(likeness.place, ""),
    )  # fmt: skip
    return "; ".join(part for part in parts if part)
