"""The text of one CSV file, cut into fields without losing how each was written, so that only touched fields change."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sheetcrm.connectors.old_encodings import old_encoding
from sheetcrm.errors import WorkbookUnreadable
from sheetcrm.table import Raw, show_raw

_DELIMITERS = ",;\t|"
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUOTED = re.compile(rf'(?:(?<=[{_DELIMITERS}\r\n])|\A)"[^"]*+(?:""[^"]*+)*+"(?=[{_DELIMITERS}\r\n]|\Z)')
_DECIMAL = re.compile(r"\d,\d")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text with its manner of writing: encoding, delimiter, line end, dates."""

    text: str
    mark: bytes
    """The byte order mark that the file begins with, empty where it has none."""
    encoding: str
    delimiter: str
    line_end: str
    spans: list[list[tuple[int, int]]]
    """Where each field of each record stands in the text, quotes included."""

    @cached_property
    def width(self) -> int:
        """The fields of the longest record."""
        return max(map(len, self.spans), default=0)

    def rows(self) -> list[list[Raw]]:
        """The records, all of one length; blank fields are None, everything else stays text."""
        return [self._row(record) for record in self.spans]

    def _row(self, record: list[tuple[int, int]]) -> list[Raw]:
        text = self.text
        row: list[Raw] = [unquoted(text[start:end]) or None for start, end in record]
        return row + [None] * (self.width - len(record))

    def shown(self, value: Raw) -> str:
        """A value as text, dates in the file's manner."""
        day = value.date() if isinstance(value, datetime) and not any(value.timetuple()[3:6]) else value
        if isinstance(day, date) and not isinstance(day, datetime):
            return f"{day:%d.%m.%Y}" if self._is_dotted else day.isoformat()
        return show_raw(value)

    @cached_property
    def _is_dotted(self) -> bool:
        return len(_DOTTED.findall(self.text)) > len(_ISO.findall(self.text))

    def written(self, value: Raw, old: str = "") -> str:
        """A value as this file writes it: quoted where it must be, or where the `old` field was."""
        text = self.shown(value)
        is_quoted = bool(text) and old.startswith('"')
        # All delimiters count: a file without a quote around "a;b" might next time be taken for one of semicolons.
        if is_quoted or any(mark in text for mark in (*_DELIMITERS, '"', "\n", "\r")) or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
        return text

    def can_hold(self, value: Raw) -> bool:
        """Whether the file's encoding has all the letters of a value."""
        try:
            self.shown(value).encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


def read_csv(data: bytes, name: str, old: str = "") -> CsvText:
    """A CSV file understood; `old` is the encoding of its neighbours from before Unicode, if that is known.

    Raises WorkbookUnreadable where it is no text.
    """
    mark, encoding, text = _decoded(data, name, old)
    ends = Counter(_LINE_END.findall(text, 0, 100_000))
    line_end = ends.most_common(1)[0][0] if ends else "\r\n"
    delimiter = _delimiter(text)
    return CsvText(text, mark, encoding, delimiter, line_end, _spans(text, delimiter))


def csv_manner(data: bytes, name: str) -> tuple[str, str]:
    """The encoding to open a CSV file with, and its delimiter. Raises WorkbookUnreadable where it is no text."""
    mark, encoding, text = _decoded(data, name, "")
    # Python's own readers of these three take the mark away; the names with an ending leave it in the first cell.
    opened = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    return opened.get(mark, encoding), _delimiter(text)


def is_old(data: bytes) -> bool:
    """Whether a file is in an encoding from before Unicode."""
    if data.startswith(tuple(_MARKS)):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _decoded(data: bytes, name: str, old: str) -> tuple[bytes, str, str]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return mark, encoding, _decode(data.removeprefix(mark), encoding, name)
    if not is_old(data):
        return b"", "utf-8", _decode(data, "utf-8", name)
    encoding = old or old_encoding(data)
    return b"", encoding, _decode(data, encoding, name)


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        return _without_zeros(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise WorkbookUnreadable(
            f"{name} is not text ({encoding}: {error.reason}).", "Save it as CSV UTF-8."
        ) from error


def _without_zeros(text: str, name: str) -> str:
    if "\0" in text:
        raise WorkbookUnreadable(f"{name} is not text: it holds zero bytes.", "Save it as CSV UTF-8.")
    return text


def _delimiter(text: str) -> str:
    """The mark that cuts most of the first lines, and most of these into the same number of fields."""
    if text[:4].lower() == "sep=" and text[4:5] in tuple(_DELIMITERS) and text[5:6] in ("\r", "\n"):
        return text[4]  # Excel's own way of telling
    head = text[:20_000]
    lines = _QUOTED.sub("", head).splitlines()[: None if len(head) == len(text) else -1][:100]

    def rank(mark: str) -> tuple[int, int, int, int]:
        counts = Counter(count for line in lines if (count := line.count(mark)))
        most, same = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        decimal = sum(len(_DECIMAL.findall(line)) for line in lines) if mark == "," else 0
        return counts.total(), same, most, -decimal

    return max(_DELIMITERS, key=rank)


def _spans(text: str, delimiter: str) -> list[list[tuple[int, int]]]:
    """Where the fields stand. A quote opens a quoted field only at its beginning; blank lines are records too."""
    mark = re.escape(delimiter)
    field = re.compile(
        rf'(?:"[^"]*+(?:""[^"]*+)*+"(?=[{mark}\r\n]|\Z)|[^{mark}\r\n]*+)(\r\n|[{mark}\r\n]|\Z)',
    )
    records: list[list[tuple[int, int]]] = [[]]
    record, at = records[0], 0
    # The very last match holds nothing; it is a field only where it stands behind a delimiter.
    has_last = text.endswith(delimiter)
    for match in field.finditer(text):
        start, end = match.span(1)
        if at < end or has_last:
            record.append((at, start))
        at = end
        if end > start and match[1] != delimiter:
            record = []
            records.append(record)
    return records if records[-1] else records[:-1]


def unquoted(field: str) -> str:
    """A field's value."""
    if len(field) >= 2 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field
