"""A package with changes not yet written: parts that are new, changed or gone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count

from sheetcrm.xlsx.package import Package, part_key


class Parts:
    """The parts as they will be: `new` holds those that differ, by name, and `gone` the names of dropped ones."""

    def __init__(self, package: Package, new: dict[str, bytes]) -> None:
        self._package = package
        self.limits = package.limits
        self.new = new
        self.gone: set[str] = set()
        self._keys = {part_key(name): name for name in [*package.names(), *new]}

    def __contains__(self, name: str) -> bool:
        return part_key(name) in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._keys.values()))

    def read(self, name: str, cap: int | None = None) -> bytes:
        """The part as it will be."""
        found = self._keys.get(part_key(name), name)
        return self.new[found] if found in self.new else self._package.read(found, cap)

    def size(self, name: str) -> int:
        """The part's length, unpacked."""
        found = self._keys.get(part_key(name), name)
        return len(self.new[found]) if found in self.new else self._package.member(found).size

    def put(self, name: str, data: bytes) -> None:
        """Let the part hold these bytes."""
        name = self._package.member(name).name if name in self._package else name
        self.new[name] = data
        self.gone.discard(name)
        self._keys[part_key(name)] = name

    def drop(self, name: str) -> None:
        """Let the part be gone."""
        found = self._keys.pop(part_key(name), None)
        if found is not None:
            self.new.pop(found, None)
            if found in self._package:
                self.gone.add(found)

    def free(self, like: str, taken: Collection[str] = ()) -> str:
        """A name that no part has, nor is taken: `xl/charts/chart1.xml` with the next free number."""
        stem = re.sub(r"[0-9]+\.xml$", "", like)
        names = (f"{stem}{number}.xml" for number in count(1))
        return next(name for name in names if name not in self and part_key(name) not in taken)
