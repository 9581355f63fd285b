"""What reports say, by a catalogue of one file per language; English where a language lacks a word.

`catalogue/en.toml` and `de.toml` are complete. A language of your own is a table `[summary.words.fr]` of the settings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from sheetcrm.reports.money import parse_locale

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PLACE = re.compile(r"\{(\w+)\}")
OwnWords = Mapping[str, Mapping[str, Any]]
"""Words of the settings, by language."""


def language_of(locale: str) -> str:
    """The language of a locale: `de` for `de_AT`; English where it is none. It names folders of templates."""
    language = locale.strip().replace("-", "_").partition("_")[0].lower()
    return language if _LANGUAGE.fullmatch(language) else "en"


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """The words of a language that comes with us; nothing for another."""
    file = files("sheetcrm.reports") / "catalogue" / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if language.isalpha() and file.is_file() else {}


@lru_cache(maxsize=16384)
def _count(count: int, locale: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(count, locale=parse_locale(locale)))


class Words:
    """The sentences of one reader: `words("why.overdue", n=3)` is `3 days overdue`."""

    def __init__(self, locale: str, own: OwnWords | None = None) -> None:
        self.locale = locale
        language = language_of(locale)
        self._sources = [(own or {}).get(language, {}), catalogue(language), catalogue("en")]
        self._numbers = next(one for one in map(self._at, ["number_words"]) if one)

    def _at(self, name: str) -> Any:
        """The word as the catalogue holds it, of the first source that has it."""
        for source in self._sources:
            found: Any = source
            for part in name.split("."):
                found = found.get(part) if isinstance(found, Mapping) else None
            if found is not None:
                return found
        raise KeyError(name)

    def __call__(self, name: str, **values: object) -> str:
        """The sentence filled in; `n` chooses between the forms of the language's plural."""
        text = self._at(name)
        number = values.get("n")
        if isinstance(text, Mapping):
            form = parse_locale(self.locale).plural_form(number) if isinstance(number, int) else "other"
            text = text.get(form, text.get("other", ""))
        if isinstance(number, int):
            word = self.number(number)
            values = {"words": word, "Words": word[:1].upper() + word[1:], **values, "n": self.count(number)}
        return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), str(text))

    def section(self, name: str) -> dict[str, Any]:
        """All words of a section, English ones where the language lacks them."""
        found: dict[str, Any] = {}
        for source in reversed(self._sources):
            found |= source.get(name, {})
        return found

    def pick(self, name: str, word: str) -> str:
        """One word of a table such as `verdict.kind`; the word itself where the table lacks it."""
        found = self._at(name)
        return str(found.get(word, word)) if isinstance(found, Mapping) else word

    def number(self, count: int) -> str:
        """A small number as a word, others in digits."""
        return str(self._numbers[count]) if count < len(self._numbers) else self.count(count)

    def count(self, count: int) -> str:
        """A whole number with the locale's marks: 12,345."""
        return _count(count, self.locale)

    def joined(self, texts: list[str]) -> str:
        """`a, b and c`."""
        if len(texts) < 2:
            return "".join(texts)
        return self("and", first=", ".join(texts[:-1]), last=texts[-1])
