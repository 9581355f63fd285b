import os
import stat
import struct
import zipfile

import pytest
from odd_workbooks import contents, parts_of, put, row, sheet, sheet_of, zipped

from sheetcrm.errors import EditRefused, SheetcrmError, WorkbookBusy
from sheetcrm.xlsx import edit, fingerprint, open_book, who_has_it_open

PLAIN = sheet(row(1, '<c r="A1"><v>1</v></c>'))


@pytest.fixture
def path(tmp_path):
    return put(tmp_path, PLAIN)


def changed(path):
    book = open_book(path)
    book.set("Sheet1", "A1", 2)
    return book


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


def check_refused(book, error, match):
    """The save raises, the file is as before, and nothing is left beside it."""
    before, beside = book.path.read_bytes(), names_in(book.path.parent)
    with pytest.raises(error, match=match):
        book.save()
    assert book.path.read_bytes() == before
    assert names_in(book.path.parent) == beside


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(path):
    book = changed(path)
    edit(path, path, {("Sheet1", "B1"): "a colleague's"})
    check_refused(book, WorkbookBusy, "changed since it was read")


def test_a_file_that_changes_during_the_write_is_not_overwritten(path, monkeypatch):
    book = changed(path)
    real = os.fsync

    def meanwhile(handle):
        path.write_bytes(zipped(parts_of(sheet(""))))
        real(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(WorkbookBusy, match="changed since it was read"):
        book.save()
    assert sheet_of(path) == sheet("")
    assert names_in(path.parent) == ["book.xlsx"]


def test_a_file_that_vanished_is_not_brought_back(path):
    book = changed(path)
    path.unlink()
    with pytest.raises(SheetcrmError, match="does not exist"):
        book.save()
    assert names_in(path.parent) == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (b"\x03Ann" + b" " * 51 + struct.pack("<H", 8) + "Ann Łoś".ljust(54).encode("utf-16-le"), "Ann Łoś"),
        (b"\x03Ann".ljust(55), "Ann"),
        (b"", "somebody"),
    ],
)
def test_a_workbook_open_in_excel_is_left_alone_and_its_user_named(path, owner, name):
    book = changed(path)
    path.with_name("~$book.xlsx").write_bytes(owner)
    assert who_has_it_open(path) == name
    check_refused(book, WorkbookBusy, f"{name} has it")


def test_a_workbook_open_in_libreoffice_is_left_alone(path):
    book = changed(path)
    path.with_name(".~lock.book.xlsx#").write_text("Bo,bo,desk,02.03.2026 09:00,file:///x;")
    check_refused(book, WorkbookBusy, r"Bo has it.*\.~lock\.book\.xlsx#")


def test_nobody_has_a_workbook_open_that_has_no_owner_file(path):
    assert who_has_it_open(path) is None


def test_a_read_only_file_is_not_replaced(path):
    path.chmod(0o444)
    check_refused(changed(path), EditRefused, "read-only")


@pytest.mark.parametrize(
    ("error", "raised", "match"),
    [
        (PermissionError(13, "Access is denied"), WorkbookBusy, "Access is denied"),
        (OSError(28, "No space left on device"), SheetcrmError, "No space left"),
    ],
)
def test_a_failing_disk_leaves_the_old_file_and_no_other(path, monkeypatch, error, raised, match):
    book = changed(path)

    def fail(_):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    check_refused(book, raised, match)


def test_an_interrupted_save_leaves_no_temporary_file(path, monkeypatch):
    book = changed(path)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        book.save()
    assert names_in(path.parent) == ["book.xlsx"]


def test_what_a_killed_save_left_behind_is_cleared_by_a_later_one(path):
    old, fresh, other = (path.with_name(name) for name in (".sheetcrm-a.xlsx", ".sheetcrm-b.xlsx", ".sheetcrm-c.txt"))
    for one in (old, fresh, other):
        one.touch()
    for one in (old, other):
        os.utime(one, (1e9, 1e9))
    changed(path).save()
    assert names_in(path.parent) == [fresh.name, other.name, "book.xlsx"]


def test_the_file_keeps_its_mode(path):
    path.chmod(0o640)
    changed(path).save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_file_keeps_its_owner(path):
    if os.geteuid():
        pytest.skip("only root may give a file away")
    os.chown(path, 1234, 1235)
    changed(path).save()
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_the_file_keeps_its_extended_attributes(path):
    try:
        os.setxattr(path, "user.comment", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    changed(path).save()
    assert os.getxattr(path, "user.comment") == b"mine"


def test_a_link_stays_a_link_and_its_file_is_replaced(path):
    link = path.with_name("link.xlsx")
    link.symlink_to(path)
    changed(link).save()
    assert link.is_symlink()
    assert "<v>2</v>" in sheet_of(path)


def test_saved_under_another_name_the_source_stays(path):
    before, target = path.read_bytes(), path.with_name("copy.xlsx")
    receipt = edit(path, target, {("Sheet1", "A1"): 2})
    assert (path.read_bytes(), receipt.path) == (before, target.resolve())
    assert "<v>2</v>" in sheet_of(target)


def test_a_folder_that_does_not_exist_is_named(path):
    with pytest.raises(EditRefused, match="nowhere does not exist"):
        edit(path, path.parent / "nowhere" / "copy.xlsx", {("Sheet1", "A1"): 2})


def test_without_edits_nothing_is_written(path):
    before = path.stat()
    assert open_book(path).save().parts_changed == ()
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_after_a_save_the_book_is_the_saved_file(path):
    book = changed(path)
    book.save()
    assert book.fingerprint == fingerprint(path)
    assert book.grid("Sheet1").rows == [[2.0]]
    book.set("Sheet1", "A1", 3)
    book.save()
    assert book.grid("Sheet1").rows == [[3.0]]


def test_a_refused_save_keeps_the_queue(path):
    book = changed(path)
    owner = path.with_name("~$book.xlsx")
    owner.touch()
    with pytest.raises(WorkbookBusy):
        book.save()
    owner.unlink()
    assert book.save().cells == (("Sheet1", "A1"),)


def members(path):
    """Each member's method, date, attributes and record as it stands in the file, in order."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        ends = [*sorted(info.header_offset for info in infos)[1:], archive.start_dir]
        after = dict(zip(sorted(info.header_offset for info in infos), ends, strict=True))
        return {
            info.filename: (
                (info.compress_type, info.date_time, info.external_attr),
                data[info.header_offset : after[info.header_offset]],
            )
            for info in infos
        }


class Stream:
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self, file):
        self.write, self.flush = file.write, file.flush


def write_zip(file, kind):
    method = zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(Stream(file) if kind == "descriptors" else file, "w", method) as archive:
        archive.comment = b"made by hand" if kind == "comment" else b""
        if kind == "folders":
            archive.writestr("xl/", b"")
        for name, content in reversed(parts_of(PLAIN).items()):
            info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
            info.compress_type = method
            info.extra = struct.pack("<HH", 0xA220, 40) + bytes(40) if kind == "padded" else b""
            with archive.open(info, "w", force_zip64=kind == "zip64") as part:
                part.write(content.encode())


@pytest.mark.parametrize("kind", ["stored", "descriptors", "zip64", "folders", "padded", "comment"])
def test_zip_files_of_every_make_keep_their_other_members_raw(tmp_path, kind):
    path = tmp_path / "book.xlsx"
    with path.open("wb") as file:
        write_zip(file, kind)
    before, old, end = members(path), contents(path), path.read_bytes()[-12:]
    edit(path, path, {("Sheet1", "A1"): 2})
    after, new = members(path), contents(path)
    name = "xl/worksheets/sheet1.xml"
    assert list(before) == list(after)
    assert before.pop(name)[0] == after.pop(name)[0]
    assert before == after
    assert new == old | {name: old[name].replace(b"<v>1<", b"<v>2<")}
    if kind == "comment":
        assert path.read_bytes()[-12:] == end


def test_signed_and_shared_workbooks_are_read_but_not_written(tmp_path):
    for part, match in (("_xmlsignatures/sig1.xml", "signed"), ("xl/revisions/revisionHeaders.xml", "shared")):
        book = changed(put(tmp_path, PLAIN, {part: "<x/>"}))
        assert book.grid("Sheet1").rows == [[1.0]]
        check_refused(book, EditRefused, match)


def test_a_zip_with_a_name_twice_is_not_written(tmp_path):
    path = put(tmp_path, PLAIN)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/worksheets/Sheet1.xml", PLAIN)
    check_refused(changed(path), EditRefused, "twice")


def test_whether_any_edit_could_be_saved_is_told_before_one_is_made(path):
    book = open_book(path)
    book.check_writable()
    path.with_name("~$book.xlsx").touch()
    with pytest.raises(WorkbookBusy, match="somebody has it"):
        book.check_writable()
