"""Working on text."""

from __future__ import annotations

import re
import unicodedata

from sheetcrm.formula.context import Context, limited
from sheetcrm.formula.registry import Anything, Logical, Number, Scalar, Text, Values, Whole, function
from sheetcrm.formula.values import NA, VALUE, Array, Stop, Value
from sheetcrm.formula.wildcards import search as search_like
from sheetcrm.table import CellError


def _not_negative(count: int) -> int:
    if count < 0:
        raise Stop(VALUE)
    return count


@function("LEFT", "LEFTB")
def left(text: Text, count: Whole = 1) -> Text:
    """The first characters."""
    return text[: _not_negative(count)]


@function("RIGHT", "RIGHTB")
def right(text: Text, count: Whole = 1) -> Text:
    """The last characters."""
    return text[-count:] if _not_negative(count) else ""


@function("MID", "MIDB")
def mid(text: Text, start: Whole, count: Whole) -> Text:
    """Characters from a place, counted from 1."""
    if start < 1:
        raise Stop(VALUE)
    return text[start - 1 : start - 1 + _not_negative(count)]


@function("LEN", "LENB")
def len_(text: Text) -> Number:
    """How many characters a text has, as Excel counts them: a symbol beyond the basic plane is two."""
    return len(text) + sum(sign > "\uffff" for sign in text) if not text.isascii() else len(text)


@function("LOWER")
def lower(text: Text) -> Text:
    """The text in small letters."""
    return text.lower()


@function("UPPER")
def upper(text: Text) -> Text:
    """The text in capital letters."""
    # Python makes SS of ß, Excel leaves it.
    return "ß".join(part.upper() for part in text.split("ß"))


@function("PROPER")
def proper(text: Text) -> Text:
    """The text with a capital letter at the start of each word."""
    signs = []
    is_inside = False
    for sign in text:
        signs.append(sign.lower() if is_inside else sign.upper())
        is_inside = sign.isalpha()
    return "".join(signs)


@function("TRIM")
def trim(text: Text) -> Text:
    """The text without blanks at its ends and with single ones between words."""
    return re.sub(" +", " ", text.strip(" "))


@function("CLEAN")
def clean(text: Text) -> Text:
    """The text without characters that cannot be printed."""
    return "".join(sign for sign in text if sign >= " ")


@function("EXACT")
def exact(one: Text, other: Text) -> Logical:
    """Whether two texts are the same, case included."""
    return one == other


@function("CONCATENATE")
def concatenate(*texts: Text) -> Text:
    """The texts joined."""
    return limited("".join(texts))


def _all_texts(context: Context, values: tuple[Value, ...]) -> list[str]:
    texts: list[str] = []
    for value in values:
        if type(value) is Array:
            context.spend(len(value))
            texts.extend(context.text(cell) for cell in value.flat)
        else:
            texts.append(context.text(value))
    return texts


@function("CONCAT")
def concat(context: Context, *values: Values) -> Text:
    """The texts joined, those of whole columns included."""
    return limited("".join(_all_texts(context, values)))


@function("TEXTJOIN")
def textjoin(context: Context, delimiter: Values, skip_blanks: Logical, value: Values, *more: Values) -> Text:
    """The texts joined, with a delimiter between them."""
    delimiters = _all_texts(context, (delimiter,))
    texts = [text for text in _all_texts(context, (value, *more)) if text or not skip_blanks]
    parts = []
    for i, text in enumerate(texts):
        parts += [delimiters[(i - 1) % len(delimiters)], text] if i else [text]
    return limited("".join(parts))


@function("REPT")
def rept(text: Text, times: Number) -> Text:
    """The text repeated."""
    if times < 0 or len(text) * int(times) > 32767:
        raise Stop(VALUE)
    return text * int(times)


@function("FIND", "FINDB")
def find(wanted: Text, text: Text, start: Whole = 1) -> Number:
    """The place of one text in another, case included; #VALUE! where it is not there."""
    if start < 1 or start > len(text) + 1:
        raise Stop(VALUE)
    place = text.find(wanted, start - 1)
    if place < 0:
        raise Stop(VALUE)
    return place + 1


@function("SEARCH", "SEARCHB")
def search(wanted: Text, text: Text, start: Whole = 1) -> Number:
    """The place of one text in another without case; `*` and `?` stand for anything. #VALUE! where it is not there."""
    if start < 1 or start > len(text) + 1 or len(wanted) > 255:
        raise Stop(VALUE)
    place = search_like(text, wanted, start - 1)
    if place < 0:
        raise Stop(VALUE)
    return place + 1


@function("SUBSTITUTE")
def substitute(text: Text, old: Text, new: Text, which: Whole | None = None) -> Text:
    """The text with one text exchanged for another: everywhere, or where it occurs for the nth time."""
    if which is None:
        return limited(text.replace(old, new)) if old else text
    if which < 1:
        raise Stop(VALUE)
    if not old:
        return text
    place = -1
    for _ in range(min(which, len(text) + 1)):
        place = text.find(old, place + 1) if place < 0 else text.find(old, place + len(old))
        if place < 0:
            return text
    return limited(text[:place] + new + text[place + len(old) :])


@function("REPLACE", "REPLACEB")
def replace(text: Text, start: Whole, count: Whole, new: Text) -> Text:
    """The text with some characters exchanged, by place and count."""
    if start < 1:
        raise Stop(VALUE)
    return limited(text[: start - 1] + new + text[start - 1 + _not_negative(count) :])


@function("CHAR")
def char(number: Whole) -> Text:
    """The character of a number from 1 to 255, as Windows numbers them."""
    if not 1 <= number <= 255:
        raise Stop(VALUE)
    return bytes([number]).decode("cp1252", "replace") if number not in {129, 141, 143, 144, 157} else chr(number)


@function("CODE")
def code(text: Text) -> Number:
    """The number of the first character, as Windows numbers them."""
    if not text:
        raise Stop(VALUE)
    try:
        return text[0].encode("cp1252")[0]
    except UnicodeEncodeError:
        return ord(text[0]) if ord(text[0]) < 256 else 63


@function("UNICHAR")
def unichar(number: Whole) -> Anything:
    """The character of a Unicode number."""
    if not 1 <= number <= 0x10FFFF:
        raise Stop(VALUE)
    if 0xD800 <= number <= 0xDFFF or number in {0xFFFE, 0xFFFF}:
        raise Stop(NA)
    return chr(number)


@function("UNICODE")
def unicode(text: Text) -> Number:
    """The Unicode number of the first character."""
    if not text:
        raise Stop(VALUE)
    return ord(text[0])


@function("VALUE")
def value(context: Context, text: Scalar) -> Number:
    """The number that a text reads as: amounts, percentages, dates, times."""
    if type(text) is bool:
        raise Stop(VALUE)
    return context.number(text)


@function("NUMBERVALUE")
def numbervalue(context: Context, text: Text, decimal: Text | None = None, group: Text | None = None) -> Number:
    """The number that a text reads as, with decimal and group signs of its own."""
    decimal = context.locale.decimal if decimal is None else decimal[:1]
    group = context.locale.group if group is None else group[:1]
    if not decimal or (not group and group is not None) or decimal == group:
        raise Stop(VALUE)
    plain = "".join(text.split())
    if not plain:
        return 0.0
    factor = 1.0
    if plain[0] == "(" and plain[-1] == ")" and plain[1:2] not in {"-", "+"}:
        plain, factor = plain[1:-1], -1.0
    if plain[:1] == context.locale.currency and plain[1:2] not in {"-", "+"}:
        plain = plain[1:]
    whole, point, rest = plain.partition(decimal)
    if group in rest or decimal in rest:
        raise Stop(VALUE)
    digits = whole.replace(group, "") + ("." if point else "") + rest
    percents = len(digits) - len(digits.rstrip("%"))
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", digits.rstrip("%"), re.ASCII):
        raise Stop(VALUE)
    return factor * float(digits.rstrip("%")) / float(100**percents)


@function("VALUETOTEXT")
def valuetotext(context: Context, value: Anything, strict: Whole = 0) -> Text:
    """A value as text; strictly, texts are in quotes."""
    if type(value) is CellError:
        return value.code
    text = context.text(value)
    return f'"{text}"' if strict and type(value) is str else text


@function("ASC")
def asc(text: Text) -> Text:
    """Wide East Asian letters and digits as narrow ones."""
    return "".join(unicodedata.normalize("NFKC", sign) if _is_wide(sign) else sign for sign in text)


def _is_wide(sign: str) -> bool:
    return "\uff01" <= sign <= "\uff5e" or sign == "\u3000"
