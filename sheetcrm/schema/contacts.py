"""E-mail addresses, phone numbers, web addresses and countries as people write them, brought to one form."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from sheetcrm.schema.fields import BLANKS
from sheetcrm.table import Invalid, Raw

_MAIL = re.compile(
    r"[a-z0-9]+(?:[._%+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}", re.IGNORECASE | re.ASCII
)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,24}|xn--[a-z0-9-]+)", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
_PLAIN = re.compile(r"\+?[0-9][0-9 ./-]*[0-9]")


def parse_email(raw: Raw) -> str | Invalid:
    """The address with its domain in lower case, or Invalid. Several addresses in one cell are Invalid."""
    if not isinstance(raw, str):
        return Invalid(raw)
    text = raw.strip(BLANKS)
    if _MAIL.fullmatch(text) and len(text) <= 254 and text.index("@") <= 64:
        # Nearly all addresses are this plain; the library takes 40 times as long to say the same.
        local, _, domain = text.partition("@")
        return f"{local}@{domain.lower()}"
    from email_validator import EmailNotValidError, validate_email

    try:
        mail = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return Invalid(raw)
    # Names of the office network (anna@firma) are no addresses to a customer.
    return mail.normalized if "." in mail.domain else Invalid(raw)


def phone_text(raw: Raw) -> str:
    """A phone cell as text: spreadsheets keep 36201234567 as a float."""
    if isinstance(raw, float) and raw.is_integer() and 0 < raw < 1e15:
        return str(int(raw))
    return str(raw).strip(BLANKS)


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
    number = _plain_e164(text, region) or _e164(text, region) or _without_plus(text)
    if number is not None:
        return number
    digits = "".join(_DIGITS.findall(text))
    is_unplaced = not region and not text.startswith("+") and len(digits) <= 15 and not re.search(r"[^\W\d_]{2}", text)
    return digits if is_unplaced else Invalid(raw)


def _plain_e164(text: str, region: str) -> str | None:
    """The E.164 form of a number in plain spelling, where nothing but its length needs a look; else None.

    Gives what `_e164` gives, 20 times as fast: most numbers of a sheet are this plain.
    """
    if not _PLAIN.fullmatch(text):
        return None
    digits = "".join(_DIGITS.findall(text))
    if text.startswith("+"):
        code = next((digits[:n] for n in (1, 2, 3) if digits[:n] in _lengths()), "")
        national = digits[len(code) :]
    else:
        code, national = _trunk_zero(region), digits[1:]
        if not code or not digits.startswith("0"):
            return None
    if not code or national.startswith("0") or len(national) not in _lengths()[code]:
        return None
    return f"+{code}{national}"


@cache
def _lengths() -> dict[str, frozenset[int]]:
    """Calling codes of countries whose trunk prefix is a plain 0, each with the possible lengths of its numbers."""
    codes = {region: _trunk_zero(region) for region in ("DE", "AT", "CH", "GB", "FR", "NL", "BE", "SE", "RO", "IE")}
    return {code: frozenset(_metadata(region).general_desc.possible_length) for region, code in codes.items() if code}


@cache
def _trunk_zero(region: str) -> str:
    """The calling code of a country whose trunk prefix is a plain 0, empty for any other."""
    plain = region and (meta := _metadata(region)) is not None and meta.national_prefix_for_parsing == "0"
    return str(meta.country_code) if plain else ""


def _metadata(region: str) -> Any:
    import phonenumbers as pn

    return pn.PhoneMetadata.metadata_for_region(region, None)


def _without_plus(text: str) -> str | None:
    """The number of bare digits that begin with a country's code, as spreadsheets keep 36201234567.0.

    At least eleven digits, and a number that is in use there: shorter ones are rather national ones.
    """
    import phonenumbers as pn

    if not (text.isdecimal() and 11 <= len(text) <= 15) or text.startswith("0"):
        return None
    try:
        number = pn.parse(f"+{text}")
    except pn.NumberParseException:
        return None
    return pn.format_number(number, pn.PhoneNumberFormat.E164) if pn.is_valid_number(number) else None


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
    text = raw.strip(BLANKS)
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


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """The ISO code of a country as people write it ("Germany", "Deutschland", "UK", "de"), empty where unknown."""
    return _countries().get(text.strip().casefold(), "")
