"""Which pairs are worth comparing: records that share a key, many keys to each, none that half the table has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from sheetcrm.matching.names import same_word
from sheetcrm.matching.record import Prepared

LARGEST = 12
"""A block of more records is not compared all with all, only neighbours in the order of names."""
NEIGHBOURS = 4


def keys(record: Prepared) -> Iterator[str]:
    """The record's keys: mailbox, numbers, and its names with firm, address or town."""
    if record.email:
        yield f"e{record.email}"
    for number in record.phones:
        yield f"p{number[-7:]}"
    firm = record.company.replace(" ", "")[:7]
    if len(record.names) > 1:
        yield from _name_keys(record, firm)
    elif record.names and (firm or record.domain):
        yield f"s{record.names[0][:5]}|{firm or record.domain[:5]}"
    if not record.names and record.company:
        yield f"c{record.company}"
        yield f"w{firm}|{record.postcode or record.city[:5]}"
    if record.street and record.house:
        yield from (
            f"a{record.street[:5]}{record.house}|{where[:4]}" for where in (record.postcode, record.city) if where
        )


def _name_keys(record: Prepared, firm: str) -> Iterator[str]:
    first, last = sorted(map(same_word, (record.names[0], record.names[-1])))
    for name in (first, last):
        if firm:
            yield f"f{firm}|{name[:2]}"
        if record.domain:
            yield f"d{record.domain}|{name[:2]}"
        if record.city or record.postcode:
            yield f"t{(record.postcode or record.city)[:5]}|{name[:3]}"
    # A name alone never reaches a review: namesakes meet only where firm or town begins alike.
    for hint in (firm[:2], record.city[:3], record.postcode[:3]):
        if hint:
            yield f"n{first[:4]}|{last[:4]}|{hint}"


def pairs(records: Sequence[Prepared]) -> Iterator[tuple[int, int]]:
    """Each pair (one < other) that shares a key, once, in no order."""
    # Hashes take half the memory of the keys; two keys of one hash cost a comparison and no more.
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in {hash(key) for key in keys(record)}:
            blocks[key].append(place)
    width = len(records)
    seen: set[int] = set()
    for block in blocks.values():
        if len(block) > 1:
            seen.update(one * width + other for one, other in _block_pairs(block, records))
    return (divmod(pair, width) for pair in seen)


def _block_pairs(block: list[int], records: Sequence[Prepared]) -> Iterable[tuple[int, int]]:
    if len(block) <= LARGEST:
        return combinations(block, 2)
    # A switchboard of 500 people would make 125,000 pairs; the same person stands beside himself in order of names.
    ordered = sorted(block, key=lambda place: (sorted(records[place].names), records[place].company, place))
    near = (
        (ordered[i], ordered[j])
        for i in range(len(ordered))
        for j in range(i + 1, min(i + 1 + NEIGHBOURS, len(ordered)))
    )
    return ((min(pair), max(pair)) for pair in near)
