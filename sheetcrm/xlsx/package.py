"""The zip layer: members found and unpacked with caps, and a new file in which only some members differ."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.xlsx.limits import Limits

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR = 0x1, 0x8
_FULL = 0xFFFFFFFF
_LARGE = 4 << 20
_PIECE = 1 << 20
DAMAGED = "Open it in Excel and save it again, or take the last good copy."


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside the zip: where its local record starts, and its record in the central directory."""

    name: str
    start: int
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    central: bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """A part's content as a zip holds it."""

    method: int
    crc: int
    size: int
    content: bytes | memoryview


def stored(data: bytes) -> Packed:
    """Content that a zip is to hold unpacked."""
    return Packed(_STORED, zlib.crc32(data), len(data), data)


def zipped(parts: Mapping[str, Packed]) -> bytes:
    """A zip file of these parts, by name."""
    pieces: list[bytes | memoryview] = []
    directory, at = b"", 0
    for name, part in parts.items():
        local, central = _headers(name, part, at)
        pieces += [local, part.content]
        directory += central
        at += len(local) + len(part.content)
    end = _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(directory), at, 0)
    return b"".join([*pieces, directory, end])


def _headers(name: str, part: Packed, at: int) -> tuple[bytes, bytes]:
    """Local header and central record of a new member that starts at `at`."""
    coded = name.encode()
    common = 20, 0x800, part.method, 0, 0x21, part.crc, len(part.content), part.size
    local = _LOCAL.pack(b"PK\3\4", *common, len(coded), 0) + coded
    return local, _CENTRAL.pack(b"PK\1\2", 20, *common, len(coded), 0, 0, 0, 0, 0, at) + coded


def _deflated(data: bytes) -> Packed:
    # A large part is packed as Excel does it, fast: a third of the time for a tenth more bytes.
    level = 6 if len(data) < _LARGE else 3
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return Packed(_DEFLATED, zlib.crc32(data), len(data), packer.compress(data) + packer.flush())


class Package:
    """A zip file in memory, by part name. Names are compared as Excel does: no leading slash, letter case ignored."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.limits = limits
        self.members, self._directory, self._comment = _members(data, limits)
        self._by_name = {part_key(member.name): member for member in self.members}
        starts = sorted({member.start for member in self.members})
        self._ends = dict(zip(starts, [*starts[1:], self._directory], strict=True))

    def __contains__(self, name: str) -> bool:
        return part_key(name) in self._by_name

    def member(self, name: str) -> Member:
        """The member of that name; WorkbookUnreadable where there is none."""
        found = self._by_name.get(part_key(name))
        if found is None:
            raise WorkbookUnreadable(f"The workbook lacks its part {name}.", DAMAGED)
        return found

    def names(self) -> list[str]:
        """All part names in the order of the central directory, folders left out."""
        return [member.name for member in self.members if not member.name.endswith("/")]

    def read(self, name: str, cap: int | None = None) -> bytes:
        """The unpacked part, its length and checksum verified."""
        member = self.member(name)
        cap = min(cap or self.limits.part_bytes, self.limits.part_bytes)
        if member.flags & _ENCRYPTED:
            raise WorkbookUnreadable(f"The part {name} is encrypted.", "Save the workbook without a password.")
        if member.size > cap:
            raise WorkbookUnreadable(
                f"The part {name} unpacks to {member.size:,} bytes; the limit is {cap:,}.",
                "If the file is trusted, delete unused rows and sheets, or raise the limit.",
            )
        data = _unpacked(member, self._packed(member), cap)
        if len(data) != member.size or zlib.crc32(data) != member.crc:
            raise WorkbookUnreadable(f"The part {name} is damaged: its checksum is wrong.", DAMAGED)
        return data

    def holds(self, name: str, data: bytes) -> bool:
        """Whether the part unpacks to exactly these bytes; compared piece by piece, without a second copy."""
        member = self.member(name)
        if member.size != len(data) or member.crc != zlib.crc32(data):
            return False
        if member.method == _STORED:
            return self._packed(member) == data
        unpacker, packed = zlib.decompressobj(-15), self._packed(member)
        view, at, rest = memoryview(data), 0, bytes(packed[:_PIECE])
        for begin in range(_PIECE, len(packed) + _PIECE, _PIECE):
            while piece := unpacker.decompress(rest, _PIECE):
                if view[at : at + len(piece)] != piece:
                    return False
                at += len(piece)
                rest = unpacker.unconsumed_tail
            rest += bytes(packed[begin : begin + _PIECE])
        return at == len(data) and unpacker.eof

    def extra_field(self, name: str) -> bytes:
        """The extra fields of a part's local record."""
        member = self.member(name)
        *_, name_length, extra_length = _LOCAL.unpack_from(self.data, member.start)
        begin = member.start + _LOCAL.size + name_length
        return bytes(self.data[begin : begin + extra_length])

    def record(self, member: Member) -> memoryview:
        """A member's bytes as they stand: local header, packed data, descriptor, and the padding after it."""
        return memoryview(self.data)[member.start : self._ends[member.start]]

    def start_of(self, name: str, length: int) -> bytes:
        """The first bytes of a part, unverified."""
        member = self.member(name)
        packed = self._packed(member)
        if member.method == _STORED:
            return bytes(packed[:length])
        return zlib.decompressobj(-15).decompress(packed, length)

    def packed(self, name: str) -> Packed:
        """The part still packed, to be put into another zip."""
        member = self.member(name)
        return Packed(member.method, member.crc, member.size, self._packed(member))

    def check_writable(self) -> None:
        """Nothing; EditRefused where copying members raw would not be safe."""
        name, count = Counter(part_key(member.name) for member in self.members).most_common(1)[0]
        if count > 1:
            raise EditRefused(f"The zip file holds {name} twice.", "Open the workbook in Excel and save it again.")
        for member in self.members:
            if member.start + _LOCAL.size + member.packed > self._ends[member.start]:
                raise EditRefused(f"The zip member {member.name} overlaps the next one.", DAMAGED)

    def rewritten(
        self, parts: Mapping[str, bytes], gone: Collection[str] = frozenset(), extras: Mapping[str, bytes] | None = None
    ) -> Iterator[bytes | memoryview]:
        """The new file in pieces: every member raw and in its order, save those in `parts` (by part name) and `gone`.

        Parts that are not there yet come last, in their order. `extras` are the extra fields of members, by part name.
        """
        noted = {self.member(name).start: extra for name, extra in (extras or {}).items()}
        new = {self.member(name).start: self._repacked(name, data) for name, data in parts.items() if name in self}
        new |= {start: self._kept(start) for start in noted if start not in new}
        left = [member for member in self.members if member.name not in gone]
        physical = sorted(left, key=lambda member: member.start)
        at = min(member.start for member in self.members)
        yield memoryview(self.data)[:at]
        central: dict[int, bytes] = {}
        for member in physical:
            if member.start in new:
                extra = noted.get(member.start, b"")
                pieces, central[member.start] = _packed_anew(member, self.record(member), new[member.start], extra, at)
            else:
                pieces, central[member.start] = (self.record(member),), _moved(member, at)
            yield from pieces
            at += sum(len(piece) for piece in pieces)
        directory = b"".join(central[member.start] for member in left)
        added = [(name, data) for name, data in parts.items() if name not in self]
        for name, data in added:
            part = _deflated(data)
            local, entry = _headers(name, part, at)
            yield from (local, part.content)
            at += len(local) + len(part.content)
            directory += entry
        count = len(left) + len(added)
        if at + len(directory) >= _FULL or count >= 0xFFFF:
            raise EditRefused("The workbook is too large to be written.", "Split it into several workbooks.")
        yield directory
        yield _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), at, len(self._comment)) + self._comment

    def _repacked(self, name: str, data: bytes) -> Packed:
        return _deflated(data) if self.member(name).method == _DEFLATED else stored(data)

    def _kept(self, start: int) -> Packed:
        """The content of the member that starts there, as it is packed."""
        member = next(one for one in self.members if one.start == start)
        return Packed(member.method, member.crc, member.size, self._packed(member))

    def _packed(self, member: Member) -> memoryview:
        header = self.data[member.start : member.start + _LOCAL.size]
        if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
            raise WorkbookUnreadable(f"The zip member {member.name} has no local header.", DAMAGED)
        *_, name_length, extra_length = _LOCAL.unpack(header)
        begin = member.start + _LOCAL.size + name_length + extra_length
        return memoryview(self.data)[begin : begin + member.packed]


def part_key(name: str) -> str:
    """A part's name as Excel compares it: no leading slash, letter case ignored."""
    return name.replace("\\", "/").lstrip("/").lower()


def _members(data: bytes, limits: Limits) -> tuple[tuple[Member, ...], int, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        at = directory = archive.start_dir
        comment = archive.comment
    if not infos or len(infos) > limits.members:
        raise WorkbookUnreadable(
            f"The zip file holds {len(infos):,} members; 1 to {limits.members:,} are read.", DAMAGED
        )
    members = []
    for info in infos:
        fields = _CENTRAL.unpack_from(data, at)
        end = at + _CENTRAL.size + sum(fields[10:13])
        if fields[0] != b"PK\1\2" or end > len(data) or not 0 <= info.header_offset < directory:
            raise WorkbookUnreadable("The zip file's directory is damaged.", DAMAGED)
        sizes = info.CRC, info.compress_size, info.file_size
        name = info.orig_filename
        members.append(
            Member(name, info.header_offset, info.compress_type, info.flag_bits, *sizes, bytes(data[at:end]))
        )
        at = end
    return tuple(members), directory, comment


def _unpacked(member: Member, packed: memoryview, cap: int) -> bytes:
    if member.method == _STORED:
        return bytes(packed)
    if member.method != _DEFLATED:
        raise WorkbookUnreadable(f"The part {member.name} is packed by method {member.method}.", DAMAGED)
    # The declared size may lie: never unpack more than a byte beyond it.
    return zlib.decompressobj(-15).decompress(packed, max(min(member.size, cap) + 1, 1))


def _packed_anew(
    member: Member, record: memoryview, new: Packed, extra: bytes, at: int
) -> tuple[tuple[bytes | memoryview, ...], bytes]:
    """The member's record with other content or extra fields, and its central one."""
    old = _LOCAL.unpack_from(record)
    name = bytes(record[_LOCAL.size : _LOCAL.size + old[9]])
    flags = member.flags & ~_DESCRIPTOR
    sizes = new.crc, len(new.content), new.size
    # The old extra field held zip64 sizes, which are void now, or Excel's padding.
    lengths = len(name), len(extra)
    header = _LOCAL.pack(b"PK\3\4", old[1], flags, member.method, old[4], old[5], *sizes, *lengths)
    return (header + name + extra, new.content), _central_anew(member, flags, sizes, at)


def _central_anew(member: Member, flags: int, sizes: tuple[int, int, int], at: int) -> bytes:
    fields = list(_CENTRAL.unpack_from(member.central))
    name_end = _CENTRAL.size + fields[10]
    extra_end = name_end + fields[11]
    name, extra, comment = member.central[46:name_end], member.central[name_end:extra_end], member.central[extra_end:]
    extra = b"".join(field for kind, field in _extra_fields(extra) if kind != 1)
    fields[3], fields[7:10], fields[11], fields[16] = flags, sizes, len(extra), at
    return _CENTRAL.pack(*fields) + name + extra + comment


def _moved(member: Member, at: int) -> bytes:
    """The central record of a member whose local record now starts at `at`."""
    fields = list(_CENTRAL.unpack_from(member.central))
    if fields[16] != _FULL:
        fields[16] = at
        return _CENTRAL.pack(*fields) + member.central[_CENTRAL.size :]
    record = bytearray(member.central)
    # In zip64 the 8-byte offset follows the 8-byte sizes, and those stand only for sizes that are "full".
    place = 4 + 8 * sum(size == _FULL for size in (fields[9], fields[8]))
    begin = _CENTRAL.size + fields[10]
    for kind, extra in _extra_fields(member.central[begin : begin + fields[11]]):
        if kind == 1:
            struct.pack_into("<Q", record, begin + place, at)
        begin += len(extra)
    return bytes(record)


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        yield kind, extra[: 4 + length]
        extra = extra[4 + length :]
