"""The text of one CSV file, cut into fields without losing how each was written, so that only touched fields change."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sheetcrm.errors import WorkbookUnreadable
from sheetcrm.table import Raw, show_raw

_DELIMITERS = ",;\t|"
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


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

    def rows(self) -> list[list[Raw]]:
        """The records, all of one length; blank fields are None, everything else stays text."""
        width = max(map(len, self.spans), default=0)
        return [self._row(record, width) for record in self.spans]

    def _row(self, record: list[tuple[int, int]], width: int) -> list[Raw]:
        row: list[Raw] = [unquoted(self.text[start:end]) or None for start, end in record]
        return row + [None] * (width - len(record))

    def show(self, value: Raw) -> str:
        """A value as this file writes it: quoted where it must be, dates in the file's manner."""
        text = self._shown(value)
        if any(mark in text for mark in (self.delimiter, '"', "\n", "\r")) or text != text.strip():
            return '"' + text.replace('"', '""') + '"'
        return text

    def can_hold(self, value: Raw) -> bool:
        """Whether the file's encoding has all the letters of a value."""
        try:
            self.show(value).encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _shown(self, value: Raw) -> str:
        day = value.date() if isinstance(value, datetime) else value
        if isinstance(day, date):
            dotted, iso = len(_DOTTED.findall(self.text)), len(_ISO.findall(self.text))
            return f"{day:%d.%m.%Y}" if dotted > iso else day.isoformat()
        return show_raw(value)


def read_csv(data: bytes, name: str) -> CsvText:
    """A CSV file understood. Raises WorkbookUnreadable where it is no text."""
    mark, encoding, text = _decoded(data, name)
    line_end = "\r\n" if "\r\n" in text else "\n"
    delimiter = _delimiter(text)
    return CsvText(text, mark, encoding, delimiter, line_end, _spans(text, delimiter))


def _decoded(data: bytes, name: str) -> tuple[bytes, str, str]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return mark, encoding, _decode(data.removeprefix(mark), encoding, name)
    try:
        return b"", "utf-8", _without_zeros(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data, cp_isolation=["cp1252", "cp1250", "mac_roman", "iso8859_15"]).best()
        encoding = best.encoding if best else "cp1252"
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
    """The mark that cuts the first lines into the most fields, the same number in most of them."""
    head = text[:20_000]

    def rank(mark: str) -> tuple[int, int]:
        lengths = Counter(len(record) for record in _spans(head, mark)[:40])
        length, count = max(lengths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (count if length > 1 else 0), length

    return max(_DELIMITERS, key=rank)


def _spans(text: str, delimiter: str) -> list[list[tuple[int, int]]]:
    """Where the fields stand. A quote opens a quoted field only at its beginning; blank lines are records too."""
    field = re.compile(
        rf'(?:"(?:[^"]|"")*"(?=[{re.escape(delimiter)}\r\n]|\Z)|[^{re.escape(delimiter)}\r\n]*)(\r\n|[{re.escape(delimiter)}\r\n]|\Z)'
    )
    records: list[list[tuple[int, int]]] = [[]]
    at, size = 0, len(text)
    while at < size:
        match = field.match(text, at)
        if match is None:  # cannot happen: the second branch matches anything
            break
        records[-1].append((at, match.start(1)))
        at = match.end()
        if match[1] != delimiter:
            records.append([])
        elif at == size:
            records[-1].append((at, at))
    return records if records[-1] else records[:-1]


def unquoted(field: str) -> str:
    """A field's value."""
    if len(field) >= 2 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field
