"""What one atomic batch holds: the mark, hidden copies of the tabs that it touches, and what it writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from sheetcrm.connectors.google.reading import MARK_KEY
from sheetcrm.connectors.google.state import SCRATCH, Json, State
from sheetcrm.connectors.google.tabs import Put, put_requests
from sheetcrm.connectors.google.targets import Target
from sheetcrm.connectors.google.writing import MOST_CELLS, append_requests, growth_requests, write_requests
from sheetcrm.connectors.protocol import RowWrite

SPARE_ROWS = 200
"""Rows below the last filled one that are watched, in case people add some in the same moment."""


@dataclass(frozen=True)
class Batch:
    """What one batch writes."""

    targets: tuple[Target, ...] = ()
    rows: tuple[RowWrite, ...] = ()
    puts: tuple[Put, ...] = ()

    @property
    def size(self) -> int:
        """How many cells it writes."""
        count = sum(len(one.values) for one in self.rows) + sum(one.cell_count for one in self.puts)
        return len(self.targets) + count


def batches_of(targets: Sequence[Target], rows: Sequence[RowWrite], puts: Sequence[Put]) -> Iterator[Batch]:
    """Everything in one batch, or in a few where it is too much for one; the cells of a row stay together.

    Whole tabs come last: nothing refers to them before the rest is there.
    """
    lines: dict[tuple[int, int], list[Target]] = defaultdict(list)
    for one in targets:
        lines[one.tab, one.row].append(one)
    pieces = [
        *(Batch(tuple(line)) for line in lines.values()),
        *(Batch(rows=(row,)) for row in rows),
        *(Batch(puts=(put,)) for put in puts),
    ]
    size = 0
    held: list[Batch] = []
    for piece in pieces:
        if size and size + piece.size > MOST_CELLS:
            yield _joined(held)
            size, held = 0, []
        size += piece.size
        held.append(piece)
    if held:
        yield _joined(held)


def _joined(pieces: Sequence[Batch]) -> Batch:
    targets = (target for one in pieces for target in one.targets)
    rows = (row for one in pieces for row in one.rows)
    return Batch(tuple(targets), tuple(rows), tuple(put for one in pieces for put in one.puts))


def digests_of(puts: Iterable[Put]) -> dict[int, str]:
    """What stood, when they were read, in the tabs that are filled anew."""
    return {one.id: one.before.digest for one in puts if one.before is not None}


def number_of(*parts: str) -> int:
    """A positive number of 31 bits made from texts."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % (2**31 - 1) + 1


def free_ids(seed: int, taken: frozenset[int], count: int) -> list[int]:
    """Numbers that no tab has yet."""
    found: list[int] = []
    while len(found) < count:
        seed = seed % (2**31 - 2) + 1
        if seed not in taken:
            found.append(seed)
    return found


def mark_request(mark: int, name: str) -> Json:
    """The request that leaves a mark."""
    made = {"metadataId": mark, "metadataKey": MARK_KEY, "metadataValue": name, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**made, "location": {"spreadsheet": True}}}}


def tidy_requests(scratch: Iterable[int], marks: Iterable[int]) -> list[Json]:
    """The requests that take our hidden tabs and marks away."""
    lookups = [{"developerMetadataLookup": {"metadataId": one}} for one in marks]
    return [
        *({"deleteSheet": {"sheetId": one}} for one in scratch),
        *({"deleteDeveloperMetadata": {"dataFilter": one}} for one in lookups),
    ]


def appearing(tab: int, properties: Json) -> Json:
    """The request that changes properties of a tab."""
    changes = {"properties": {"sheetId": tab, **properties}, "fields": ",".join(properties)}
    return {"updateSheetProperties": changes}


def free_titles(state: State, tabs: Iterable[int]) -> Iterator[str]:
    """Titles that nothing has yet, each like that of a tab."""
    titles = {one.id: one.title for one in state.tabs}
    taken = {one.lower() for one in titles.values()} | state.other_titles
    for tab in tabs:
        title = next(one for n in count(2) if (one := f"{titles[tab]} ({n})").lower() not in taken)
        taken.add(title.lower())
        yield title


def scratch_title(number: int) -> str:
    """The title of a hidden tab of ours."""
    return f"{SCRATCH} {number}"


def copy_requests(state: State, scratch: Mapping[int, int], whole: Container[int]) -> Iterator[Json]:
    """Requests that copy each tab, as far as it holds anything, to the same places of a hidden one; some as a whole."""
    for tab in state.tabs:
        if tab.id not in scratch:
            continue
        if tab.id in whole:
            yield from _whole_copy(tab.id, scratch[tab.id], len(state.taken_ids))
            continue
        new, rows = scratch[tab.id], max(1, min(tab.row_count, tab.end + SPARE_ROWS))
        grid = {"rowCount": rows, "columnCount": tab.column_count}
        properties = {"sheetId": new, "title": scratch_title(new), "hidden": True, "gridProperties": grid}
        yield {"addSheet": {"properties": properties}}
        ends = {"startRowIndex": 0, "endRowIndex": rows, "startColumnIndex": 0, "endColumnIndex": tab.column_count}
        places = {"source": {"sheetId": tab.id, **ends}, "destination": {"sheetId": new, **ends}}
        yield {"copyPaste": {**places, "pasteType": "PASTE_NORMAL"}}


def _whole_copy(tab: int, new: int, index: int) -> Iterator[Json]:
    named = {"newSheetId": new, "newSheetName": scratch_title(new)}
    yield {"duplicateSheet": {"sourceSheetId": tab, "insertSheetIndex": index, **named}}
    yield appearing(new, {"hidden": True})


def content_requests(state: State, batch: Batch) -> Iterator[Json]:
    """The requests for what a batch writes."""
    for tab in state.tabs:
        ours = [one for one in batch.targets if one.tab == tab.id]
        yield from growth_requests(tab, ours)
        yield from write_requests(ours)
        yield from append_requests(tab, [one for one in batch.rows if one.tab == tab.title])
    numbers = {tab.title.lower(): tab.id for tab in state.tabs} | {put.title.lower(): put.id for put in batch.puts}
    for n, put in enumerate(batch.puts):
        yield from put_requests(put, numbers, len(state.taken_ids) + n)
