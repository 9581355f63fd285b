"""A column as numbers: each row a code, each code one text; so that equal texts are compared once, and as integers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from zlib import crc32

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Reals = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Levels = npt.NDArray[np.uint8]
BLANK = -1
PIECE = 20_000
"""Texts coded at a time: as many as stay near the processor."""


@dataclass(frozen=True)
class Letters:
    """Which letters and digits each text holds, as bits: two texts a slip apart differ in two bits at most."""

    bits: npt.NDArray[np.uint64]
    lengths: Codes

    def may_be_near(self, one: Codes, other: Codes, most: int, *, parts: bool) -> npt.NDArray[np.bool_]:
        """The pairs that differ in at most so many bits; with `parts`, also where one may be part of the other."""
        first, second = self.bits[one], self.bits[other]
        near = np.bitwise_count(first ^ second) <= most
        if parts:
            shorter = np.minimum(self.lengths[one], self.lengths[other])
            both = first & second
            near |= ((shorter == 1) | (shorter > 3)) & ((both == first) | (both == second))
        return np.asarray(near)


def letters_of(texts: Sequence[str]) -> Letters:
    """The letters of the texts."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    marks = np.frombuffer("".join(texts).encode("latin-1", "replace"), np.uint8)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if len(texts) else lengths
    bits = np.bitwise_or.reduceat(_BIT_OF[marks], starts) if len(marks) else np.zeros(len(texts), np.uint64)
    return Letters(bits, lengths.astype(np.int32))


_BIT_OF = np.array([1 << (ord(sign) % 64 if sign.isalnum() else 63) for sign in map(chr, range(256))], np.uint64)


@dataclass(frozen=True)
class Coded:
    """The texts of a column in the form to compare; row i holds `texts[codes[i]]`, nothing where the code is -1."""

    codes: Codes
    texts: list[str]
    _kept: dict[str, Codes] = field(default_factory=dict, repr=False)
    _letters: list[Letters] = field(default_factory=list, repr=False)

    @property
    def letters(self) -> Letters:
        """The letters of its texts."""
        if not self._letters:
            self._letters.append(letters_of(self.texts))
        return self._letters[0]

    def counts(self) -> Places:
        """How many rows hold each text."""
        return np.bincount(
            self.codes[self.codes >= 0], minlength=len(self.texts)
        )  # a column of paired codes has no texts

    def derive(self, name: str, form: Callable[[str], str]) -> Codes:
        """A coarser code for each row: texts of one form, such as those that sound alike, share it."""
        if name not in self._kept:
            self._kept[name] = self.rows(_encoded(map(form, self.texts))[0])
        return self._kept[name]

    def derived(self, form: Callable[[str], str]) -> Coded:
        """The column in a coarser form."""
        return derived([self], form)[0]

    def ordered(self, order: Places) -> Coded:
        """The column with its rows in that order."""
        return Coded(self.codes[order], self.texts)

    def rows(self, of_text: Codes) -> Codes:
        """The codes of rows, of which those of texts are given."""
        return np.append(of_text, np.int32(BLANK))[self.codes]


class Encoder:
    """A column coded piece by piece, so that a long one need not be held as text.

    Texts are known by their hashes, which stand in order: a dictionary of a million texts waits for memory at each of
    them. Two of a million share a hash of 64 bits once in thirty million columns.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._hashes = np.array([hash("")], np.int64)
        self._codes = np.array([BLANK], np.int32)
        self._pieces: list[Codes] = []

    def add(self, values: Sequence[str]) -> None:
        """The next values of the column, some thousands at a time."""
        self._pieces.append(self._coded(values))

    def coded(self) -> Coded:
        """The column."""
        return _without_blanks(Coded(np.concatenate([np.empty(0, np.int32), *self._pieces]), self.texts))

    def codes_of(self, values: Iterable[str]) -> Codes:
        """The codes of the values, -1 for blank ones; new texts get new codes as they come."""
        left = iter(values)
        codes = [np.empty(0, np.int32)]
        while piece := list(islice(left, PIECE)):
            codes.append(self._coded(piece))
        return np.concatenate(codes)

    def _coded(self, values: Sequence[str]) -> Codes:
        hashes = np.fromiter(map(hash, values), np.int64, len(values))
        hashes, first, back = np.unique(hashes, return_index=True, return_inverse=True)
        at = np.searchsorted(self._hashes, hashes)
        nearest = np.minimum(at, len(self._hashes) - 1)
        codes = self._codes[nearest]
        new = np.flatnonzero(self._hashes[nearest] != hashes)
        new_in_order = new[np.argsort(first[new])]
        codes[new_in_order] = np.arange(len(self.texts), len(self.texts) + len(new))
        self.texts += [values[i] for i in first[new_in_order].tolist()]
        self._hashes = np.insert(self._hashes, at[new], hashes[new])
        self._codes = np.insert(self._codes, at[new], codes[new])
        return np.asarray(codes[back])


def encode(values: Iterable[str]) -> Coded:
    """The values as they stand; blank ones, also those of blanks only, have no code."""
    return _without_blanks(Coded(*_encoded(values)))


def _without_blanks(coded: Coded) -> Coded:
    if any(map(str.isspace, coded.texts)):
        return coded.derived(lambda text: "" if text.isspace() else text)
    return coded


def _encoded(values: Iterable[str]) -> tuple[Codes, list[str]]:
    encoder = Encoder()
    return encoder.codes_of(values), encoder.texts


def derived(columns: Sequence[Coded], form: Callable[[str], str]) -> tuple[Coded, ...]:
    """The columns in a coarser form, with one list of texts."""
    codes, texts = _encoded(map(form, chain.from_iterable(column.texts for column in columns)))
    parts = np.split(codes, np.cumsum([len(column.texts) for column in columns])[:-1])
    return tuple(Coded(column.rows(part), texts) for column, part in zip(columns, parts, strict=True))


def spread(columns: Sequence[Coded], form: Callable[[str], Sequence[str]], most: int = 2) -> tuple[Coded, ...]:
    """The columns with one list of texts, each value cut into up to `most` parts; a column of codes for each part."""
    encoder = Encoder()
    slots: list[Codes] = []
    for column in columns:
        forms = list(map(form, column.texts))
        slots += [
            column.rows(encoder.codes_of(one[i] if len(one) > i else "" for one in forms))
            for i in range(min(max(map(len, forms), default=0), most))
        ]
    blank = np.full(len(columns[0].codes), BLANK, np.int32)
    return tuple(Coded(codes, encoder.texts) for codes in slots or [blank])


def combine(columns: Sequence[Coded], form: Callable[..., str]) -> Coded:
    """One column of several: `form` takes the texts of a row, blank ones as empty; rows alike are formed once."""
    if len(columns) == 1:
        return columns[0].derived(form)
    together = columns[0].codes.astype(np.int64)
    for column in columns[1:]:
        together = (together + 1) * (len(column.texts) + 1) + column.codes
    distinct, first, back = np.unique(together, return_index=True, return_inverse=True)
    del together, distinct
    rows = zip(*([(*column.texts, "")[i] for i in column.codes[first].tolist()] for column in columns), strict=True)
    codes, texts = _encoded(form(*row) for row in rows)
    return Coded(codes[back], texts)


def paired(one: Codes, other: Codes) -> Codes:
    """A code for each pair of codes, -1 where both are missing."""
    distinct, back = np.unique((one.astype(np.int64) + 1) << 32 | (other + 1), return_inverse=True)
    return np.asarray(back - (distinct[0] == 0 if len(distinct) else 0), np.int32)


def canonical_order(columns: Sequence[Coded], rows: int) -> Places:
    """The rows by a checksum of what stands in them: the same whatever order they are given in."""
    sums = np.zeros(rows, np.uint64)
    for column in columns:
        values = np.fromiter(map(crc32, map(str.encode, column.texts)), np.uint64, len(column.texts))
        values = np.append(values << np.uint64(1) | np.uint64(1), np.uint64(0))
        sums = (sums ^ values[column.codes]) * np.uint64(0x9E3779B97F4A7C15)
        sums ^= sums >> np.uint64(29)
    return np.asarray(np.argsort(sums, kind="stable"), np.int64)
