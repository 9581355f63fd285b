"""Numbers in number formats: digits, groups, percent, exponents, fractions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from sheetcrm.formula.locale import Locale

Token = tuple[str, str]
_EXACT = Context(prec=700)
"""Room for the digits of the largest and the smallest number."""
_PAD = {"0": "0", "?": " ", "#": ""}


def format_digits(number: float, tokens: Sequence[Token], locale: Locale) -> str:
    """A number in a format of digits; the minus stands before all of it."""
    kinds = [kind for kind, _ in tokens]
    exact = abs(Decimal(f"{number:.14e}"))
    if "exponent" not in kinds:
        exact *= 100 ** kinds.count("percent")
    if "digit" not in kinds:
        shown = "".join(text for kind, text in tokens if kind != "comma")
        return f"-{shown}" if number < 0 and shown else shown
    if "exponent" in kinds:
        shown, is_zero = _with_exponent(exact, tokens, locale)
    elif "slash" in kinds and _fraction_parts(tokens):
        shown, is_zero = _as_fraction(exact, tokens)
    else:
        shown, is_zero = _plain(exact, tokens, locale)
    return f"-{shown}" if number < 0 and not is_zero else shown


def _split(tokens: Sequence[Token]) -> tuple[list[Token], list[Token] | None]:
    """The tokens before and behind the point; None where there is no point."""
    for i, (kind, _) in enumerate(tokens):
        if kind == "point":
            return list(tokens[:i]), list(tokens[i + 1 :])
    return list(tokens), None


def _plain(exact: Decimal, tokens: Sequence[Token], locale: Locale) -> tuple[str, bool]:
    tokens, scale = _without_scale(tokens)
    before, after = _split(tokens)
    places = sum(kind == "digit" for kind, _ in after or ())
    rounded = exact.scaleb(-3 * scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    return _laid_out(rounded, before, after, locale), rounded == 0


def _laid_out(rounded: Decimal, before: Sequence[Token], after: Sequence[Token] | None, locale: Locale) -> str:
    whole, _, rest = f"{rounded:f}".partition(".")
    shown = _whole_part(whole.lstrip("0"), before, locale.group)
    if after is None:
        return shown
    return f"{shown}{locale.decimal}{_decimal_part(rest, after)}"


def _without_scale(tokens: Sequence[Token]) -> tuple[list[Token], int]:
    """The tokens without the commas behind the last digit of the whole part, and how many these are."""
    point = next((i for i, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    last = max((i for i, (kind, _) in enumerate(tokens) if kind == "digit" and i < point), default=-1)
    if last < 0:
        last = point - 1 if point < len(tokens) else -1
    final = max(i for i, (kind, _) in enumerate(tokens) if kind == "digit")
    kept, scale = [], 0
    for i, token in enumerate(tokens):
        if token[0] == "comma" and (last < i < point or i > final):
            scale += 1
        else:
            kept.append(token)
    return kept, scale


def _whole_part(digits: str, tokens: Sequence[Token], group: str) -> str:
    """Digits filled in from the right; those beyond the first place stand there too."""
    slots = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    inner = [i for i, (kind, _) in enumerate(tokens) if kind == "comma" and slots and slots[0] < i]
    shown: list[str] = []
    count = 0
    if not slots and digits:
        return "".join(text for kind, text in tokens if kind != "comma") + digits
    for i in range(len(tokens) - 1, -1, -1):
        kind, text = tokens[i]
        if kind != "digit":
            shown.append("" if kind == "comma" else text)
            continue
        taken = [digits[-1] if digits else _PAD[text]]
        digits = digits[:-1]
        if i == slots[0]:
            taken += reversed(digits)
        for digit in taken:
            if digit and inner and count and count % 3 == 0:
                shown.append(group if digit != " " else " ")
            shown.append(digit)
            count += bool(digit)
    return "".join(reversed(shown))


def _decimal_part(digits: str, tokens: Sequence[Token]) -> str:
    shown = []
    at = 0
    for kind, text in tokens:
        if kind != "digit":
            shown.append("" if kind == "comma" else text)
            continue
        shown.append(digits[at] if text == "0" or digits[at:].strip("0") else _PAD[text])
        at += 1
    return "".join(shown)


def _with_exponent(exact: Decimal, tokens: Sequence[Token], locale: Locale) -> tuple[str, bool]:
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "exponent")
    before, after = _split(tokens[:at])
    whole_slots = sum(kind == "digit" for kind, _ in before)
    places = sum(kind == "digit" for kind, _ in after or ())
    step = max(whole_slots, 1)
    exponent = exact.adjusted() if exact else 0
    exponent = exponent // step * step
    rounded = exact.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    if rounded >= Decimal(10) ** step:
        exponent += step
        rounded = exact.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    sign = "-" if exponent < 0 else "+" if tokens[at][1][1] == "+" else ""
    tail = _whole_part(str(abs(exponent)), tokens[at + 1 :], "")
    return f"{_laid_out(rounded, before, after, locale)}{tokens[at][1][0]}{sign}{tail}", rounded == 0


def _fraction_parts(tokens: Sequence[Token]) -> tuple[int, int, int] | None:
    """Where the numerator starts, the slash stands, and the denominator ends; None where it is no fraction."""
    slash = next(i for i, (kind, _) in enumerate(tokens) if kind == "slash")
    start = slash
    while start > 0 and tokens[start - 1][0] == "digit":
        start -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end][0] == "digit" or tokens[end][1].isdecimal()):
        end += 1
    return (start, slash, end) if start < slash and end > slash + 1 else None


def _as_fraction(exact: Decimal, tokens: Sequence[Token]) -> tuple[str, bool]:
    parts = _fraction_parts(tokens)
    assert parts is not None  # noqa: S101 -- the caller has looked
    start, slash, end = parts
    head = [token for token in tokens[:start] if token[0] != "comma"]
    has_whole = any(kind == "digit" for kind, _ in head)
    whole = int(exact) if has_whole else 0
    rest = Fraction(exact) - whole
    denominator = "".join(text for _, text in tokens[slash + 1 : end])
    numerator_width, width = slash - start, end - slash - 1
    if denominator.strip("#?0"):
        below = int(denominator.replace("#", "0").replace("?", "0"))
        above = int(rest * below + Fraction(1, 2))
    else:
        told = rest.limit_denominator(10**width - 1)
        above, below = told.numerator, told.denominator
    if has_whole and above == below:
        whole, above = whole + 1, 0
    lead = _whole_part(str(whole).lstrip("0"), head, "")
    tail = "".join(text for kind, text in tokens[end:])
    if above == 0 and has_whole:
        lead = lead if whole or "0" in lead else _whole_part("", [*head[:-1]], "") + "0" + " "
        return lead + " " * (numerator_width + 1 + width) + tail, whole == 0
    return f"{lead}{str(above).rjust(numerator_width)}/{str(below).ljust(width)}{tail}", above == 0 and whole == 0
