"""One spelling for what people spell in many ways. Each function takes text as typed and gives the form to compare."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import combining, normalize

from sheetcrm.matching.words import LEGAL_FORMS, NICKNAMES, ORDINALS, STREET_WORDS, TITLES

# Bytes are translated at a sixth of the cost of characters, and most of what is typed is plain.
_GAPS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)
_PHONE_SIGNS = b"0123456789 +()-"
_PLAIN_NO_DIGITS = bytes(code for code in range(128) if not 48 <= code < 58)
_NO_DIGITS = {code: None for code in range(0x3000) if not (48 <= code < 58)}
_EXTENSION = re.compile(r"(?:ext|x|durchwahl|dw|app)\b.*", re.IGNORECASE)
_NUMBERS = re.compile(r"[;|,\n]|/(?=[^/]*[0-9][^/]{5,}[0-9])(?<=[0-9 ]{7}/)|\\bor\\b")
_UNSPLIT = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "a", "œ": "o", "þ": "th", "\u0131": "i"})
_LETTERS_APART = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_AFTER_STREET = re.compile(r"(?<=[a-z]{2}) (?:between|bet|near|at|off|corner|ecke|opposite) .*")
_UMLAUT = re.compile(r"([aou])e")


def fold(text: str) -> str:
    """The text in small plain letters and digits, parted by single blanks: `Café  Müller & Co.` is `cafe muller co`."""
    text = text.lower()
    if not text.isascii():
        # NFKD parts a letter from its accent; what it cannot part (ß, ø) stands in the table.
        text = "".join(sign for sign in normalize("NFKD", text.translate(_UNSPLIT)) if not combining(sign))
        text = text.lower()
        if not text.isascii():
            return _other_scripts(text)
    return text if text.isalnum() else " ".join(text.encode().translate(_GAPS).decode().split())


def _other_scripts(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.lower()).split())


@lru_cache(maxsize=65536)
def loosen(word: str) -> str:
    """A folded word with `ue` as `u`, so that Mueller, Müller and Muller are one."""
    return _UMLAUT.sub(r"\1", word) if len(word) > 3 else word


def name_words(name: str) -> tuple[str, ...]:
    """First name first, without titles: `Dr. KENT, Jess` gives `('jess', 'kent')`; middle initials fall away."""
    if name.isascii() and name.replace(" ", "").isalpha():
        return _own_words(name.lower().split())
    head, comma, tail = name.partition(",")
    if comma and tail.strip() and not is_title(tail):
        name = f"{tail} {head}"
    words = fold(name.replace("'", "").replace("\u2019", "")).split()
    return _own_words([word for word in words if not word.isdigit()])


def _own_words(words: list[str]) -> tuple[str, ...]:
    if not TITLES.isdisjoint(words):
        words = [word for word in words if word not in TITLES]
    if len(words) > 2:
        words = [word for place, word in enumerate(words) if len(word) > 1 or place in {0, len(words) - 1}]
    return tuple(words)


def is_title(text: str) -> bool:
    """Whether all the words are titles, as in `Kent, Dr.`."""
    return TITLES.issuperset(fold(text).split())


def company_core(company: str) -> str:
    """The company without legal form and filler: `The Corpa Security P.L.C.` gives `corpa security`."""
    folded = fold(company.replace("'", ""))
    if "." in company:
        folded = _LETTERS_APART.sub(r"\1", folded)
    words = list(map(loosen, folded.split()))
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


def email_form(text: str) -> str:
    """The mailbox, or a text that is nearly one, such as `ann.leeacme.example`: mistyped mails compare as well."""
    key = email_key(text)
    if key:
        return key
    text = text.strip().lower()
    return text if len(text) > 7 and "." in text and " " not in text else ""


def phone_keys(phones: str) -> tuple[str, ...]:
    """The numbers' national digits, without country code and leading zeros; too short ones and placeholders fall away.

    `+44 (0)20 7946 0123` and `020 7946 0123` both give `2079460123`.
    """
    if phones.isascii() and not phones.encode().translate(None, _PHONE_SIGNS):
        return _number(phones)
    found: list[str] = []
    for part in _NUMBERS.split(phones):
        text = part.strip().removesuffix(".0")
        found.extend(number for number in _number(_EXTENSION.sub("", text)) if number not in found)
    return tuple(found)


def _number(text: str) -> tuple[str, ...]:
    text = text.replace("(0)", "")
    typed = _digits(text)
    if len(typed.lstrip("0")) < 7:
        return ()
    national = _national(typed, has_plus="+" in text[:3])
    return (national,) if len(set(national)) > 2 else ()


def _digits(text: str) -> str:
    return text.encode().translate(None, _PLAIN_NO_DIGITS).decode() if text.isascii() else text.translate(_NO_DIGITS)


def _national(digits: str, *, has_plus: bool) -> str:
    is_abroad = has_plus or digits.startswith("00") or (digits[:1] != "0" and len(digits) > 10)
    digits = digits.lstrip("0")
    if is_abroad:
        for length in (1, 2, 3):
            if digits[:length] in _calling_codes() and len(digits) - length >= 6:
                return digits[length:].lstrip("0")
    return digits


@lru_cache(maxsize=1)
def _calling_codes() -> frozenset[str]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def domain_key(website: str) -> str:
    """The host without `www.`: `HTTPS://www.Acme.example/contact` gives `acme.example`."""
    host = website.strip().lower().rpartition("//")[2].partition("/")[0].partition(":")[0]
    return host.removeprefix("www.") if "." in host and "@" not in host else ""


def street_parts(street: str) -> tuple[str, str]:
    """The street's words and its house number: `12, Kellenstr.` gives `('kellen st', '12')`."""
    folded = fold(street)
    folded = _AFTER_STREET.sub("", folded) if len(folded) > 20 else folded
    words = [ORDINALS.get(word, word) for word in folded.split()]
    house = next((word for word in words if word[0].isdigit()), "")
    names = [_street_word(word) for word in words if word != house]
    return " ".join(filter(None, names)), house


@lru_cache(maxsize=65536)
def _street_word(word: str) -> str:
    word = loosen(word)
    if word in STREET_WORDS:
        return STREET_WORDS[word]
    for ending in ("strasse", "str"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return f"{word.removesuffix(ending)} st"
    return word


def compact(text: str) -> str:
    """The folded text without blanks, umlauts loosened: `de Pierro` gives `depierro`, `O'Neill` `oneill`."""
    return "".join(map(loosen, fold(text).split()))


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """The long form of a first name: `bob` gives `robert`."""
    return loosen(NICKNAMES.get(word, word))


_SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "1" * 4 + "2" * 8 + "334556", "aeiouyhw")


def sound(word: str) -> str:
    """How a word sounds, roughly: its first letter and the groups of its consonants, as in Soundex but not cut off."""
    if not word.isascii():
        return word
    groups = word[1:].translate(_SOUNDS)
    for doubled in ("11", "22", "33", "44", "55", "66"):
        groups = groups.replace(doubled, doubled[0])
    return word[:1] + groups


def name_sound(word: str) -> str:
    """How the long form of a name sounds."""
    return sound(root(word))


def name_form(text: str) -> str:
    """A first name or a surname as one word, without titles and middle initials."""
    words = name_words(text)
    if len(words) == 1:
        return words[0]
    return "".join(word for word in words if len(word) > 1) or "".join(words)


def name_parts(name: str) -> tuple[str, str, str]:
    """First, last and middle names; a single word is a last name."""
    words = name_words(name)
    if len(words) == 2:
        return words[0], words[1], ""
    if len(words) < 2:
        return "", "".join(words), ""
    return words[0], words[-1], "".join(words[1:-1])
