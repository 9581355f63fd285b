"""One spelling for what people spell in many ways. Each function takes text as typed and gives the form to compare."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import combining, normalize

from sheetcrm.matching.record import Prepared, Record
from sheetcrm.matching.words import FREE_MAIL, LEGAL_FORMS, STREET_WORDS, TITLES

_GAPS = re.compile(r"[^0-9a-z]+")
_NO_DIGIT = re.compile(r"[^0-9]+")
_EXTENSION = re.compile(r"(?:ext|x|durchwahl|dw|app)\b.*", re.IGNORECASE)
_NUMBERS = re.compile(r"[;/|,\n]")
_UNSPLIT = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "a", "œ": "o", "þ": "th", "\u0131": "i"})
_LETTERS_APART = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_UMLAUT = re.compile(r"([aou])e")


def fold(text: str) -> str:
    """The text in small plain letters and digits, parted by single blanks: `Café  Müller & Co.` is `cafe muller co`."""
    text = text.lower()
    if not text.isascii():
        # NFKD parts a letter from its accent; what it cannot part (ß, ø) stands in the table.
        text = "".join(sign for sign in normalize("NFKD", text.translate(_UNSPLIT)) if not combining(sign))
        text = text.lower() if text.isascii() else _other_scripts(text)
    return _GAPS.sub(" ", text).strip() if text.isascii() else text


def _other_scripts(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())


@lru_cache(maxsize=65536)
def loosen(word: str) -> str:
    """A folded word with `ue` as `u`, so that Mueller, Müller and Muller are one."""
    return _UMLAUT.sub(r"\1", word) if len(word) > 3 else word


def name_words(name: str) -> tuple[str, ...]:
    """First name first, without titles: `Dr. KENT, Jess` gives `('jess', 'kent')`; middle initials fall away."""
    head, comma, tail = name.partition(",")
    if comma and tail.strip() and not is_title(tail):
        name = f"{tail} {head}"
    words = [word for word in fold(name.replace("'", "").replace("\u2019", "")).split() if word not in TITLES]
    if len(words) > 2:
        words = [word for place, word in enumerate(words) if len(word) > 1 or place in {0, len(words) - 1}]
    return tuple(word for word in words if not word.isdigit())


def is_title(text: str) -> bool:
    """Whether all the words are titles, as in `Kent, Dr.`."""
    return all(word in TITLES for word in fold(text).split())


@lru_cache(maxsize=65536)
def company_core(company: str) -> str:
    """The company without legal form and filler: `The Corpa Security P.L.C.` gives `corpa security`."""
    folded = _LETTERS_APART.sub(r"\1", fold(company.replace("'", "")))
    words = [loosen(word) for word in folded.split()]
    core = [word for word in words if word not in LEGAL_FORMS]
    # "The Co Company" has no other name than its fillers.
    return " ".join(core or words)


def email_key(email: str) -> str:
    """The mailbox that a mail arrives in: small letters, no +tag, no dots at Gmail; empty if it is no address."""
    local, at, host = email.strip().lower().removeprefix("mailto:").strip("<> .;,").rpartition("@")
    if not at or not local or "." not in host or " " in local:
        return ""
    local = local.partition("+")[0] or local
    if host in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{host}"


def phone_keys(phones: str) -> tuple[str, ...]:
    """The numbers' digits from the first that is no zero; too short ones and placeholders fall away."""
    found = []
    for part in _NUMBERS.split(phones) if phones else ():
        digits = _NO_DIGIT.sub("", _EXTENSION.sub("", part.strip().removesuffix(".0").replace("(0)", ""))).lstrip("0")
        if len(digits) >= 7 and len(set(digits)) > 2 and digits not in found:
            found.append(digits)
    return tuple(found)


def domain_key(website: str) -> str:
    """The host without `www.`: `HTTPS://www.Acme.example/contact` gives `acme.example`."""
    host = website.strip().lower().rpartition("//")[2].partition("/")[0].partition(":")[0]
    return host.removeprefix("www.") if "." in host and "@" not in host else ""


@lru_cache(maxsize=65536)
def street_parts(street: str) -> tuple[str, str]:
    """The street's words and its house number: `12, Kellenstr.` gives `('kellen st', '12')`."""
    words = fold(street).split()
    house = next((word for word in words if word[0].isdigit()), "")
    names = [_street_word(loosen(word)) for word in words if word != house]
    return " ".join(part for part in names if part), house


def _street_word(word: str) -> str:
    if word in STREET_WORDS:
        return STREET_WORDS[word]
    for ending in ("strasse", "str"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return f"{word.removesuffix(ending)} st"
    return word


def prepare(record: Record) -> Prepared:
    """The record in its comparable forms."""
    email = email_key(record.email) if record.email else ""
    host = email.rpartition("@")[2]
    domain = domain_key(record.domain) if record.domain else ""
    street, house = street_parts(record.street) if record.street else ("", "")
    return Prepared(
        names=name_words(record.name) if record.name else (),
        company=company_core(record.company) if record.company else "",
        email=email,
        phones=phone_keys(record.phone),
        street=street,
        house=house,
        postcode=fold(record.postcode).replace(" ", "") if record.postcode else "",
        city=fold(record.city) if record.city else "",
        domain=domain or ("" if host in FREE_MAIL else host),
    )
