"""COUNTIFS of all rows at once, where each criterion is plain text: the usual way to count what belongs to a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetcrm.formula.context import Context
from sheetcrm.formula.criteria import count, test_of, together
from sheetcrm.formula.values import Array, Stop
from sheetcrm.formula.vectors import Column, Vector

_SIGNS = "*?~"
_TRUTHS = {"tru", "fal"}


def fast_count(context: Context, vectors: Sequence[Vector]) -> Column | None:
    """What COUNTIFS gives for all rows; None where a criterion is anything but plain text."""
    blocks, criteria = vectors[::2], vectors[1::2]
    varying = [one for one in criteria if type(one) is Column]
    first = blocks[0]
    if len(varying) != 1 or not all(_is_like(one, first) for one in blocks) or not _is_plain(varying[0], context):
        return None
    values = varying[0].values
    # A blank criterion asks for 0: worked out once, by the long way.
    blanks = 0
    keys: list[object] = []
    try:
        for criterion in criteria:
            if type(criterion) is Column:
                keys.append(None)
                continue
            test = test_of(criterion, context)
            if not test.is_joined:
                return None
            keys.append(test.found_by)
        if type(None) in varying[0].kinds:
            given = [None if type(one) is Column else one for one in criteria]
            blanks = count(list(zip(blocks, given, strict=True)), context)
    except Stop:
        return None
    texts = [None if value is None else value.lower() for value in values]
    place = next(i for i, one in enumerate(criteria) if type(one) is Column)
    counts = together(list(blocks)).counts(keys, place, texts)
    if blanks:
        counts[[i for i, text in enumerate(texts) if text is None]] = blanks
    return Column(floats=counts.astype(np.float64))


def _is_like(block: Vector, first: Vector) -> bool:
    return type(block) is Array and (block.height, block.width) == (first.height, first.width)


def _is_plain(column: Column, context: Context) -> bool:
    """Whether all criteria are texts that mean themselves: no sign before, no wildcard, no number, no TRUE."""
    if not column.is_textual:
        return False
    texts = {value for value in column.values if value is not None}
    if not texts or any(sign in text for text in ("\n".join(texts),) for sign in _SIGNS):
        return False
    if max(map(len, texts)) > 255 or not all(sign.isalpha() for sign in {text[:1] for text in texts}):
        return False
    beginnings = {text[:3].lower() for text in texts}
    return beginnings.isdisjoint(context.locale.date_beginnings) and beginnings.isdisjoint(_TRUTHS)
