"""The part of the Drive API that spreadsheets need: files, copies, permissions, comments, CSV import and export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sheetcrm.testing.sheets_server.drive_v2 import file_resource
from sheetcrm.testing.sheets_server.errors import ApiError, DriveError
from sheetcrm.testing.sheets_server.exporting import EXPORTS
from sheetcrm.testing.sheets_server.fields import masked, parse_mask
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.store import File, Store
from sheetcrm.testing.sheets_server.values_writing import grow, new_cell

SHEET_TYPE = "application/vnd.google-apps.spreadsheet"
IMPORT_ZONE = "America/Los_Angeles"
"""The time zone that Google gives a spreadsheet into which a CSV file was imported."""

Query = Mapping[str, list[str]]
_TERM = re.compile(r"""(\w+)\s*(=|!=|contains|in)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(true|false))""")
_PARENT = re.compile(r"""(?:"([^"]*)"|'([^']*)')\s+in\s+parents""")


def not_found(id_: str) -> DriveError:
    """A 404 as Drive says it."""
    return DriveError(404, f"File not found: {id_}.", "notFound")


def _moment(one: datetime) -> str:
    return one.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _resource(file: File) -> Json:
    return {
        "kind": "drive#file",
        "id": file.book.id,
        "name": file.name,
        "mimeType": SHEET_TYPE,
        "createdTime": _moment(file.created),
        "modifiedTime": _moment(file.modified),
        "parents": list(file.parents) or ["root"],
        "permissions": [dict(one) for one in file.permissions],
        "trashed": False,
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.book.id}/edit?usp=drivesdk",
    }


_USUAL = "kind,id,name,mimeType"


def _shown(plain: Json, query: Query, usual: str = _USUAL) -> Json:
    found: Json = masked(parse_mask(query.get("fields", [usual])[0] or usual), plain)
    return found


class Drive:
    """Drive's calls on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _file(self, id_: str) -> File:
        try:
            return self._store.file(id_)
        except ApiError:
            raise not_found(id_) from None

    def create(self, body: Json, query: Query) -> Json:
        """files.create: an empty spreadsheet."""
        plain = {"properties": {"title": body.get("name") or "Untitled"}}
        book = self._store.create(plain, parents=tuple(body.get("parents", ())))
        return _shown(_resource(self._store.file(book.id)), query)

    def list(self, query: Query) -> Json:
        """files.list: those that fit the search, the last changed first, page by page."""
        fits = _search(query.get("q", [""])[0])
        found = [one for one in self._store.files.values() if fits(one)]
        found.sort(key=lambda one: one.modified, reverse=True)
        size = int(query.get("pageSize", ["100"])[0])
        start = int(query.get("pageToken", ["0"])[0] or 0)
        usual = "id,name,mimeType,kind"
        mask = query.get("fields", [f"kind,nextPageToken,incompleteSearch,files({usual})"])[0]
        plain: Json = {"kind": "drive#fileList", "incompleteSearch": False}
        plain["files"] = [_resource(one) for one in found[start : start + size]]
        if start + size < len(found):
            plain["nextPageToken"] = str(start + size)
        return _shown(plain, {"fields": [mask]})

    def get(self, id_: str, query: Query) -> Json:
        """files.get."""
        return _shown(_resource(self._file(id_)), query)

    def update(self, id_: str, body: Json, query: Query) -> Json:
        """files.update: name and parents."""
        file = self._file(id_)
        if "name" in body:
            with self._store.change(id_) as work:
                work.book.properties["title"] = body["name"]
        removed = set(",".join(query.get("removeParents", [])).split(","))
        added = [one for one in ",".join(query.get("addParents", [])).split(",") if one]
        if added or removed - {""}:
            parents = (*(one for one in file.parents if one not in removed), *added)
            self._store.update(id_, parents=parents)
        return _shown(_resource(self._file(id_)), query)

    def delete(self, id_: str) -> None:
        """files.delete."""
        self._file(id_)
        self._store.delete(id_)

    def copy(self, id_: str, body: Json, query: Query) -> Json:
        """files.copy."""
        name = body.get("name") or f"Copy of {self._file(id_).name}"
        book = self._store.copy(id_, name)
        if body.get("parents"):
            self._store.update(book.id, parents=tuple(body["parents"]))
        return _shown(_resource(self._store.file(book.id)), query)

    def permissions(self, id_: str, query: Query) -> Json:
        """permissions.list."""
        listed = [dict(one) for one in self._file(id_).permissions]
        plain: Json = {"kind": "drive#permissionList", "permissions": listed}
        return _shown(plain, query, "kind,nextPageToken,permissions(kind,id,type,role)")

    def share(self, id_: str, body: Json, query: Query) -> Json:
        """permissions.create."""
        file = self._file(id_)
        number = f"{len(file.permissions) + 1:02}{self._store.random.randrange(10**8):08}"
        given = {name: one for name, one in body.items() if name in ("type", "role", "emailAddress", "domain")}
        new = {"kind": "drive#permission", "id": number, **given}
        self._store.update(id_, permissions=(*file.permissions, new))
        return _shown(new, query, "kind,id,type,role")

    def reshare(self, id_: str, permission: str, body: Json, query: Query) -> Json:
        """permissions.update."""
        file = self._file(id_)
        changed = [{**one, **body} if one["id"] == permission else one for one in file.permissions]
        found = next((one for one in changed if one["id"] == permission), None)
        if found is None:
            raise DriveError(404, f"Permission not found: {permission}.", "notFound")
        self._store.update(id_, permissions=tuple(changed))
        return _shown(dict(found), query, "kind,id,type,role")

    def unshare(self, id_: str, permission: str) -> None:
        """permissions.delete."""
        file = self._file(id_)
        kept = tuple(one for one in file.permissions if one["id"] != permission)
        if len(kept) == len(file.permissions):
            raise DriveError(404, f"Permission not found: {permission}.", "notFound")
        self._store.update(id_, permissions=kept)

    def comments(self, id_: str, query: Query) -> Json:
        """comments.list."""
        plain: Json = {"kind": "drive#commentList", "comments": [dict(one) for one in self._file(id_).comments]}
        return _shown(plain, query, "*")

    def comment(self, id_: str, body: Json, query: Query) -> Json:
        """comments.create."""
        file = self._file(id_)
        new = {"kind": "drive#comment", "id": f"C{len(file.comments) + 1}", "anchor": "", **body}
        self._store.update(id_, comments=(*file.comments, new))
        return _shown(new, query, "*")

    def export(self, id_: str, query: Query) -> tuple[str, bytes]:
        """files.export: the first sheet as CSV or TSV, all sheets as .xlsx or PDF."""
        file = self._file(id_)
        kind = query.get("mimeType", [""])[0]
        if kind not in EXPORTS:
            raise DriveError(400, "The requested conversion is not supported.", "badRequest")
        return kind, EXPORTS[kind](self._store, file.book)

    def import_csv(self, id_: str, data: bytes) -> Json:
        """The upload of a CSV file over a spreadsheet: one sheet is left, named as the file is."""
        file = self._file(id_)
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        with self._store.change(id_) as work:
            book = work.book
            properties = {"sheetId": work.new_id(), "title": file.name, "sheetType": "GRID"}
            sheet = Sheet({**properties, "gridProperties": {"rowCount": 1000, "columnCount": 26}})
            book.sheets, book.named_ranges, book.metadata = [sheet], [], []
            book.properties["timeZone"] = IMPORT_ZONE
            grow(work, sheet, len(lines), max(map(len, lines), default=0))
            today = work.local_now.date()
            for i, line in enumerate(lines):
                for j, text in enumerate(line):
                    cell = new_cell(sheet.cell(i, j), text, is_typed=True, locale=book.locale, today=today)
                    sheet.put(i, j, cell)
        file = self._file(id_)
        return file_resource(file, SHEET_TYPE, _moment(file.created), _moment(file.modified))


def _search(text: str) -> Callable[[File], bool]:
    """Whether a file fits a search such as `mimeType="…" and name = "…"`."""
    terms = [(m[1], m[2], m[3] or m[4] or m[5] or "") for m in _TERM.finditer(_PARENT.sub("", text))]
    terms = [(name, sign, re.sub(r"\\(.)", r"\1", value)) for name, sign, value in terms]
    parents = [m[1] or m[2] for m in _PARENT.finditer(text)]
    parents += [value for name, _, value in terms if name == "parents"]

    def fits(file: File) -> bool:
        facts = {"name": file.name, "mimeType": SHEET_TYPE, "trashed": "false"}
        for name, sign, value in terms:
            fact = facts.get(name)
            if fact is None:
                continue
            if not {"=": fact == value, "!=": fact != value, "contains": value.casefold() in fact.casefold()}.get(
                sign, True
            ):
                return False
        return all(one in (file.parents or ("root",)) for one in parents)

    return fits
