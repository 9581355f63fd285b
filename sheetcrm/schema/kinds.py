"""Kinds of column: how the cells of one column become values. None is blank; what cannot be read is Invalid.

What a whole column tells is decided once, before its first cell: the order of day and month, percentages in points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Literal, cast

from sheetcrm.schema import contacts, dates, numbers
from sheetcrm.schema.fields import BLANKS, FieldSpec, StageNames, built_in_stages, is_blank, normal
from sheetcrm.schema.people import People
from sheetcrm.schema.placeholders import is_placeholder
from sheetcrm.table import CellError, Invalid, Raw, show_raw

Reader = Callable[[Raw], object]
"""Turns a cell that is not blank into a value or Invalid."""

_YES = frozenset({"yes", "y", "true", "ja", "j", "x", "1", "wahr", "oui", "si"})
_NO = frozenset({"no", "n", "false", "nein", "0", "falsch", "non"})


@dataclass(frozen=True)
class Reading:
    """What reading depends on besides the cell: locale, phone region, currency, stages and people."""

    locale: str = "en"
    region: str = ""
    currency: str = ""
    stages: StageNames = field(default_factory=built_in_stages)
    people: People = field(default_factory=People)

    @property
    def decimal_mark(self) -> Literal[".", ","]:
        """The locale's decimal mark."""
        return (
            "." if self.locale.split("_")[0] in {"en", "zh", "ja", "ko", "he", "th"} or self.locale == "de_CH" else ","
        )


_PLAIN = frozenset({str, int, float, date, datetime, type(None)})
"""Types of which equal ones are the same to every reader, unless 10**17 stands beside 1e17; TRUE equals 1."""


def read_column(raws: Sequence[Raw], reader: Reader) -> list[object]:
    """The values of a column; cells that are equal are read once and give one and the same object."""
    types = set(map(type, raws))
    if isinstance(reader, _Days) and types <= {date, type(None)}:
        return list(raws)
    if isinstance(reader, _Texts) and types <= {str, type(None)}:
        # Mostly each cell differs: to look for equal ones takes longer.
        return [(raw.strip(BLANKS) or None) if isinstance(raw, str) else None for raw in raws]
    if not types <= _PLAIN or {int, float} <= types:
        return [_read(raw, reader) for raw in raws]
    known: dict[Raw, object] = dict.fromkeys(raws)
    for raw in known:
        known[raw] = _read(raw, reader)
    return [known[raw] for raw in raws]


def _read(raw: Raw, reader: Reader) -> object:
    if is_blank(raw):
        return None
    return Invalid(raw) if isinstance(raw, CellError) else reader(raw)


def reader_for(spec: FieldSpec, raws: Sequence[Raw], reading: Reading) -> Reader:
    """The reader of a column, given all its cells."""
    return _READERS[spec.kind](spec, raws, reading)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Reads any cell as text without blanks around."""

    def __call__(self, raw: Raw) -> str:
        return (raw if isinstance(raw, str) else show_raw(raw)).strip(BLANKS)


def _text(_spec: FieldSpec, _raws: Sequence[Raw], _reading: Reading) -> Reader:
    return _Texts()


def _email(_spec: FieldSpec, _raws: Sequence[Raw], _reading: Reading) -> Reader:
    return contacts.parse_email


def _phone(_spec: FieldSpec, _raws: Sequence[Raw], reading: Reading) -> Reader:
    return lambda raw: contacts.parse_phone(raw, reading.region)


def _money(_spec: FieldSpec, _raws: Sequence[Raw], reading: Reading) -> Reader:
    mark, currency = reading.decimal_mark, reading.currency
    # Kept, since the past mostly holds the same amounts; by type, for TRUE equals 1.
    return lru_cache(maxsize=None, typed=True)(lambda raw: numbers.parse_money(raw, mark, currency))


def _number(_spec: FieldSpec, _raws: Sequence[Raw], reading: Reading) -> Reader:
    mark = reading.decimal_mark
    return lambda raw: numbers.parse_number(raw, mark)


def _percent(_spec: FieldSpec, raws: Sequence[Raw], reading: Reading) -> Reader:
    in_points = numbers.shows_points(raws, reading.decimal_mark)
    return lambda raw: numbers.parse_percent(raw, reading.decimal_mark, in_points=in_points)


@dataclass(frozen=True)
class _Days:
    """Reads days; one that is a date already stays as it is."""

    raws: Sequence[Raw] = field(repr=False)
    locale: str

    @cached_property
    def is_day_first(self) -> bool | None:
        """The column's order of day and month; asked for by the first cell that is text."""
        return dates.day_first(self.raws, self.locale)

    def __call__(self, raw: Raw) -> date | Invalid:
        is_day_first = self.is_day_first if isinstance(raw, str) else None
        return dates.parse_date(raw, is_day_first=is_day_first, locale=self.locale)


def _date(_spec: FieldSpec, raws: Sequence[Raw], reading: Reading) -> Reader:
    return _Days(raws, reading.locale)


def _datetime(_spec: FieldSpec, raws: Sequence[Raw], reading: Reading) -> Reader:
    is_day_first = dates.day_first(raws, reading.locale)

    def read(raw: Raw) -> datetime | Invalid:
        if isinstance(raw, datetime):
            return raw
        day = dates.parse_date(raw, is_day_first=is_day_first, locale=reading.locale)
        return day if isinstance(day, Invalid) else datetime.combine(day, _time_in(raw))

    return read


def _time_in(raw: Raw) -> time:
    words = raw.replace("T", " ").split() if isinstance(raw, str) else []
    try:
        return time.fromisoformat(words[-1]) if words and ":" in words[-1] else time()
    except ValueError:
        return time()


def _yes_no(_spec: FieldSpec, _raws: Sequence[Raw], _reading: Reading) -> Reader:
    def read(raw: Raw) -> object:
        if isinstance(raw, bool):
            return raw
        word = show_raw(raw).strip(BLANKS).casefold()
        return True if word in _YES else False if word in _NO else Invalid(raw)

    return read


def _choice(spec: FieldSpec, raws: Sequence[Raw], reading: Reading) -> Reader:
    words = stage_words(reading.stages) if spec.field == "status" else {normal(one): one for one in spec.choices}
    own = own_choices(raws, words) if spec.field == "status" else {}

    def read(raw: Raw) -> object:
        word = normal(show_raw(raw))
        return words.get(word) or own.get(word) or Invalid(raw)

    return read


def stage_words(stages: StageNames) -> dict[str, str]:
    """Every word for a stage, normalised, to the stage."""
    words = {
        normal(alias): stage for stage, aliases in stages.aliases.items() for alias in aliases if stage in stages.all
    }
    return {**words, **{normal(stage): stage for stage in stages.all}}


_OFTEN = 3


def own_choices(raws: Sequence[Raw], words: dict[str, str]) -> dict[str, str]:
    """Stages that the schema does not know but the sheet uses as its own: in three rows or more, and no misspelling."""
    counts: Counter[str] = Counter()
    for raw, count in Counter(raw for raw in raws if isinstance(raw, str)).items():
        if not is_placeholder(raw):
            counts[raw.strip(BLANKS)] += count
    often = [text for text, count in reversed(counts.most_common()) if count >= _OFTEN and normal(text) not in words]
    own = [text for text in often if normal(text)]
    if not own:
        return {}
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    known = ["", *words]
    return {
        normal(text): text
        for text in own
        if process.extractOne(normal(text), known, scorer=OSA.normalized_similarity, score_cutoff=0.8) is None
    }


def _person(_spec: FieldSpec, _raws: Sequence[Raw], reading: Reading) -> Reader:
    def read(raw: Raw) -> object:
        text = show_raw(raw).strip(BLANKS)
        return reading.people.find(text) or text

    return read


def _url(_spec: FieldSpec, _raws: Sequence[Raw], _reading: Reading) -> Reader:
    return contacts.parse_url


def _tags(_spec: FieldSpec, _raws: Sequence[Raw], _reading: Reading) -> Reader:
    def read(raw: Raw) -> object:
        text = show_raw(raw)
        mark = ";" if ";" in text else ","
        return tuple(tag.strip(BLANKS) for tag in text.split(mark) if tag.strip(BLANKS))

    return read


_READERS: dict[str, Callable[[FieldSpec, Sequence[Raw], Reading], Reader]] = {
    "text": _text,
    "name": _text,
    "company": _text,
    "key": _text,
    "reference": _text,
    "email": _email,
    "phone": _phone,
    "money": _money,
    "number": _number,
    "percent": _percent,
    "date": _date,
    "datetime": _datetime,
    "yes/no": _yes_no,
    "choice": _choice,
    "person": _person,
    "url": _url,
    "tags": _tags,
}


def as_days(values: Sequence[object]) -> Sequence[date | None]:
    """The days of a column of values, None for anything that is none."""
    if {date, type(None)}.issuperset(map(type, values)):
        return cast("Sequence[date | None]", values)
    return list(map(as_day, values))


def as_day(value: object) -> date | None:
    """The day of a date or date-time value, None for anything else."""
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
