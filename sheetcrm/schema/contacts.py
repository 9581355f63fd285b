"""E-mail addresses, phone numbers, web addresses and countries as people write them, brought to one form."""

from __future__ import annotations

import re
from functools import cache

from sheetcrm.table import Invalid, Raw

_MAIL = re.compile(r"[a-z0-9]+(?:[._%+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)
_DIGITS = re.compile(r"\d")


def parse_email(raw: Raw) -> str | Invalid:
    """The address with its domain in lower case, or Invalid. Several addresses in one cell are Invalid."""
    if not isinstance(raw, str):
        return Invalid(raw)
    text = raw.strip()
    if _MAIL.fullmatch(text) and len(text) <= 254 and text.index("@") <= 64:
        # Nearly all addresses are this plain; the library takes 40 times as long to say the same.
        local, _, domain = text.partition("@")
        return f"{local}@{domain.lower()}"
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError:
        return Invalid(raw)


def phone_text(raw: Raw) -> str:
    """A phone cell as text: spreadsheets keep 36201234567 as a float."""
    if isinstance(raw, float) and raw.is_integer() and 0 < raw < 1e15:
        return str(int(raw))
    return str(raw).strip()


def parse_phone(raw: Raw, region: str) -> str | Invalid:
    """The number in E.164 form; its bare digits where no country can be told; Invalid where it is no number.

    `region` is the ISO code of the country that a number without + belongs to, empty where unknown. Of several numbers
    in one cell the first one counts.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return Invalid(raw)
    text = phone_text(raw)
    if not 5 <= len(_DIGITS.findall(text)) <= 40:
        return Invalid(raw)
    number = _e164(text, region)
    if number is None and not text.startswith(("+", "0")) and len(text) > 9:
        number = _e164(f"+{text}", "")
    if number is not None:
        return number
    digits = "".join(_DIGITS.findall(text))
    is_unplaced = not region and not text.startswith("+") and len(digits) <= 15 and not re.search(r"[^\W\d_]{2}", text)
    return digits if is_unplaced else Invalid(raw)


def _e164(text: str, region: str) -> str | None:
    import phonenumbers as pn

    try:
        number = pn.parse(text, region or None)
    except pn.NumberParseException:
        number = None
    if number is not None and pn.is_possible_number(number):
        return f"+{number.country_code}{pn.national_significant_number(number)}"
    first = next(iter(pn.PhoneNumberMatcher(text, region or None, leniency=pn.Leniency.POSSIBLE)), None)
    return None if first is None else pn.format_number(first.number, pn.PhoneNumberFormat.E164)


def parse_url(raw: Raw) -> str | Invalid:
    """The web address with its scheme; a bare `www.x.com` is one too."""
    if not isinstance(raw, str):
        return Invalid(raw)
    text = raw.strip()
    host = re.sub(r"^https?://", "", text, flags=re.IGNORECASE).split("/")[0].split("?")[0].split(":")[0]
    if not _HOST.fullmatch(host) or " " in text:
        return Invalid(raw)
    return text if "://" in text else f"https://{text}"


def domain_of(url_or_mail: str) -> str:
    """The domain of a web or mail address without `www.`, empty where there is none."""
    host = re.sub(r"^https?://", "", url_or_mail.lower()).split("/")[0].rpartition("@")[2]
    return host.removeprefix("www.")


@cache
def _countries() -> dict[str, str]:
    from babel import Locale

    names = {}
    for language in ("de", "en", "fr", "es", "it", "nl", "pl", "hu"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "UN", "EZ", "ZZ", "XA", "XB", "QO"}:
                names[name.casefold()] = code
                names[code.casefold()] = code
    extra = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US"}
    return {**names, **extra, "america": "US", "holland": "NL", "brd": "DE", "d": "DE", "a": "AT", "ch": "CH"}


@cache
def country_code(text: str) -> str:
    """The ISO code of a country as people write it ("Germany", "Deutschland", "UK", "de"), empty where unknown."""
    return _countries().get(text.strip().casefold(), "")
