"""Number formats, as TEXT takes them: `#,##0.00`, `0.0%`, `0.0E+00`, `# ?/?`, `dd.mm.yyyy hh:mm`, `0;-0;"none";@`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sheetcrm.formula.context import Context
from sheetcrm.formula.date_format import format_moment
from sheetcrm.formula.digits import format_digits
from sheetcrm.formula.locale import Locale
from sheetcrm.formula.values import VALUE, Stop, Value

_COMPARISONS = ("<=", ">=", "<>", "<", ">", "=")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a format between semicolons: its tokens (kind, text), and a condition such as (">", 100)."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, float] | None = None

    def has(self, *kinds: str) -> bool:
        """Whether a token of these kinds is among them."""
        return any(kind in kinds for kind, _ in self.tokens)


def formatted(context: Context, value: Value, pattern: str) -> str:
    """A value in a number format. Raises Stop where the format means nothing for it."""
    sections = _sections(pattern, context.locale)
    if type(value) in {bool, str}:
        return _text(context.text(value), sections)
    number = context.number(value)
    section, is_absolute = _chosen(number, sections)
    if section is None:
        return context.text(number)
    if is_absolute:
        number = abs(number)
    if section.has("date"):
        if number < 0:
            raise Stop(VALUE)
        return format_moment(number, section.tokens, context.locale)
    if section.has("text"):
        return "".join(context.text(number) if kind == "text" else text for kind, text in section.tokens)
    if section.has("general"):
        sign = "-" if number < 0 else ""
        shown = general_11(abs(number)).replace(".", context.locale.decimal)
        return sign + "".join(shown if kind == "general" else text for kind, text in section.tokens)
    return format_digits(number, section.tokens, context.locale)


def _text(value: str, sections: tuple[Section, ...]) -> str:
    if len(sections) == 4:
        chosen = sections[3]
    else:
        chosen = sections[-1]
        if not chosen.has("text"):
            return value
    return "".join(value if kind == "text" else text for kind, text in chosen.tokens)


def _chosen(number: float, sections: tuple[Section, ...]) -> tuple[Section | None, bool]:
    """The section for a number, and whether it shows the number without its sign."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        return _by_condition(number, numeric)
    if len(numeric) > 1 and number < 0:
        return numeric[1], True
    if len(numeric) > 2 and number == 0:
        return numeric[2], False
    return numeric[0], False


def _by_condition(number: float, sections: tuple[Section, ...]) -> tuple[Section | None, bool]:
    for i, section in enumerate(sections):
        condition = section.condition
        if condition is None:
            is_last = i == len(sections) - 1
            if i == 1 and not is_last and number >= 0:
                continue
            return section, i == 1 and number < 0 and not is_last
        if _holds(number, *condition):
            # A section that only takes negative numbers shows them as it likes.
            return section, number < 0 and condition[0] in {"<", "<="} and condition[1] <= 0 and i > 0
    return None, False


def _holds(number: float, sign: str, limit: float) -> bool:
    match sign:
        case "<":
            return number < limit
        case "<=":
            return number <= limit
        case ">":
            return number > limit
        case ">=":
            return number >= limit
        case "<>":
            return number != limit
    return number == limit


def general_11(number: float) -> str:
    """A number as a cell of ordinary width shows it: at most eleven signs."""
    if number == 0:
        return "0"
    if 1e-9 <= number < 1e11:
        whole = len(str(int(number)))
        shown = f"{number:.{max(10 - whole - (whole == 10), 0)}f}"
        if "." in shown:
            shown = shown.rstrip("0").rstrip(".")
        if shown != "0" and len(shown) <= 11 and (number >= 1e-4 or float(shown) == number):
            return shown
    mantissa, _, exponent = f"{number:.5e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}E{exponent[0]}{abs(int(exponent)):02d}"


@lru_cache(maxsize=1_000)
def _sections(pattern: str, locale: Locale) -> tuple[Section, ...]:
    sections: list[Section] = []
    tokens: list[tuple[str, str]] = []
    condition: tuple[str, float] | None = None
    at = 0
    while at < len(pattern):
        if pattern[at] == ";":
            sections.append(Section(tuple(tokens), condition))
            tokens, condition = [], None
            at += 1
            continue
        kind, text, at = _token(pattern, at, locale)
        if kind == "condition":
            condition = _condition(text, locale)
        elif kind:
            tokens.append((kind, text))
    sections.append(Section(tuple(tokens), condition))
    return tuple(sections)


def _token(pattern: str, at: int, locale: Locale) -> tuple[str, str, int]:
    """The token at a place: kind (empty for what shows nothing), text, and where the next one starts."""
    sign = pattern[at]
    if sign == '"':
        end = pattern.find('"', at + 1)
        end = len(pattern) if end < 0 else end
        return "literal", pattern[at + 1 : end], end + 1
    if sign == "\\":
        return "literal", pattern[at + 1 : at + 2], at + 2
    if sign == "_":
        return "literal", " " if at + 1 < len(pattern) else "", at + 2
    if sign == "*":
        return "", "", at + 2
    if sign == "[":
        return _bracket(pattern, at, locale)
    return _plain_token(pattern, at, locale)


def _bracket(pattern: str, at: int, locale: Locale) -> tuple[str, str, int]:
    end = pattern.find("]", at)
    if end < 0:
        raise Stop(VALUE)
    inside = pattern[at + 1 : end]
    lowered = _english_letters(inside.lower(), locale)
    if lowered and set(lowered) in ({"h"}, {"m"}, {"s"}):
        return "date", f"[{lowered}]", end + 1
    if inside.startswith(_COMPARISONS):
        return "condition", inside, end + 1
    if inside.startswith("$"):
        return "literal", inside[1:].partition("-")[0], end + 1
    # A colour, which a text cannot show.
    return "", "", end + 1


def _english_letters(text: str, locale: Locale) -> str:
    if locale.format_letters == "ymdhs":
        return text
    return text.translate(str.maketrans(locale.format_letters, "ymdhs"))


def _plain_token(pattern: str, at: int, locale: Locale) -> tuple[str, str, int]:
    sign = pattern[at]
    rest = pattern[at:].lower()
    for word in ("am/pm", "a/p"):
        if rest.startswith(word):
            return "date", pattern[at : at + len(word)], at + len(word)
    if rest.startswith("general"):
        return "general", "", at + 7
    if sign in "Ee" and pattern[at + 1 : at + 2] in {"+", "-"}:
        return "exponent", pattern[at : at + 2], at + 2
    letter = _english_letters(sign.lower(), locale)
    if letter in "ymdhs":
        end = at + 1
        while end < len(pattern) and pattern[end].lower() == sign.lower():
            end += 1
        return "date", letter * (end - at), end
    kinds = {locale.decimal: "point", "%": "percent", "@": "text", "/": "slash"}
    if sign in "0#?":
        return "digit", sign, at + 1
    if sign == locale.group or (locale.group == " " and sign == "\u00a0"):
        return "comma", sign, at + 1
    return kinds.get(sign, "literal"), sign, at + 1


def _condition(text: str, locale: Locale) -> tuple[str, float]:
    sign = next(one for one in _COMPARISONS if text.startswith(one))
    try:
        return sign, float(text[len(sign) :].strip().replace(locale.decimal, "."))
    except ValueError:
        raise Stop(VALUE) from None
