"""A CSV file of any size as rows of text, one after the other: nothing is held, nothing is read into the values."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.connectors.csv_text import csv_manner
from sheetcrm.errors import WorkbookUnreadable

_LONGEST_CELL = 10_000_000


@dataclass(frozen=True)
class CsvRows:
    """A CSV file whose manner is known."""

    path: Path
    encoding: str
    delimiter: str

    def __iter__(self) -> Iterator[list[str]]:
        """The records, the header first, each cell as it stands in the file; empty lines are none."""
        csv.field_size_limit(_LONGEST_CELL)
        width = 0
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                for record in csv.reader(file, delimiter=self.delimiter):
                    if not width and (not any(record) or (len(record) < 3 and record[0].lower().startswith("sep="))):
                        continue
                    width = width or len(record)
                    # In a file of one column an empty line is a blank cell.
                    if record or width == 1:
                        yield record or [""]
        except csv.Error as error:
            raise WorkbookUnreadable(f"{self.path.name} cannot be read as CSV: {error}.", "Save it again.") from error


def csv_rows(path: Path) -> CsvRows:
    """The rows of a CSV file in whatever encoding and with whatever delimiter; WorkbookUnreadable if it is no text."""
    encoding, delimiter = csv_manner(path.read_bytes(), path.name)
    return CsvRows(path, encoding, delimiter)
