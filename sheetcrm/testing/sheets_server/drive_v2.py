"""A file as version 2 of the Drive API tells it: the answer to a CSV file that is uploaded, as gspread does it."""

from __future__ import annotations

from base64 import b64encode

from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.rights import OWNER
from sheetcrm.testing.sheets_server.store import File

DRIVE = "https://www.googleapis.com/drive/v2/files"
DOCS = "https://docs.google.com/spreadsheets"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPEN_DOCUMENT = "vnd.oasis.opendocument.spreadsheet"
FORMATS = {
    f"application/x-{OPEN_DOCUMENT}": "ods",
    "text/tab-separated-values": "tsv",
    "application/pdf": "pdf",
    OFFICE: "xlsx",
    "text/csv": "csv",
    "application/zip": "zip",
    f"application/{OPEN_DOCUMENT}": "ods",
}
NUMBER = "00000000000000000001"
"""The owner's number."""
NEVER = "1970-01-01T00:00:00.000Z"


def file_resource(file: File, kind: str, created: str, modified: str) -> Json:
    """The File of a spreadsheet, of this MIME type, as its owner sees it."""
    id_ = file.book.id
    link = f"{DRIVE}/{id_}"
    return {
        "kind": "drive#file",
        "userPermission": _permission(link),
        "selfLink": link,
        "ownerNames": [OWNER],
        "lastModifyingUserName": OWNER,
        "editable": True,
        "writersCanShare": True,
        "mimeType": kind,
        "exportLinks": {name: f"{DOCS}/export?id={id_}&exportFormat={short}" for name, short in FORMATS.items()},
        "parents": [_parent(link, one) for one in file.parents or ("root",)],
        "thumbnailLink": f"https://docs.google.com/feeds/vt?gd=true&id={id_}&v=1&sz=s220",
        "appDataContents": False,
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{kind}",
        "shared": len(file.permissions) > 1,
        "lastModifyingUser": _user(),
        "owners": [_user()],
        "copyable": True,
        "etag": _etag(modified),
        "alternateLink": f"{DOCS}/d/{id_}/edit?usp=drivesdk",
        "embedLink": f"{DOCS}/d/{id_}/htmlembed?ouid={NUMBER}",
        "fileSize": "1024",
        "copyRequiresWriterPermission": False,
        "spaces": ["drive"],
        "id": id_,
        "title": file.name,
        "labels": {"viewed": True, "restricted": False, "starred": False, "hidden": False, "trashed": False},
        "explicitlyTrashed": False,
        "createdDate": created,
        **dict.fromkeys(("modifiedDate", "modifiedByMeDate", "lastViewedByMeDate"), modified),
        "markedViewedByMeDate": NEVER,
        "quotaBytesUsed": "1024",
        "version": "5",
        "capabilities": {"canEdit": True, "canCopy": True},
    }


def _etag(text: str) -> str:
    return f'"{b64encode(text.encode()).decode()}"'


def _permission(link: str) -> Json:
    own = {"id": "me", "type": "user", "role": "owner", "kind": "drive#permission"}
    return {**own, "selfLink": f"{link}/permissions/me", "etag": _etag(link), "pendingOwner": False}


def _parent(link: str, id_: str) -> Json:
    links = {"selfLink": f"{link}/parents/{id_}", "parentLink": f"{DRIVE}/{id_}"}
    return {**links, "id": id_, "isRoot": id_ == "root", "kind": "drive#parentReference"}


def _user() -> Json:
    named = {"displayName": OWNER, "emailAddress": OWNER, "permissionId": NUMBER, "isAuthenticatedUser": True}
    return {**named, "kind": "drive#user", "picture": {"url": "https://lh3.googleusercontent.com/a/default-user=s64"}}
