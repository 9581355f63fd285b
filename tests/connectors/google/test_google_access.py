"""Who may read and write: keys are found in order, kept where only the user sees them, and reach spreadsheets only."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import keyring
import pytest
import requests
from click.testing import CliRunner
from keyring.backend import KeyringBackend

from sheetcrm.cli import sheetcrm
from sheetcrm.connectors.google import access
from sheetcrm.errors import ConfigError


@pytest.fixture(scope="module")
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


@pytest.fixture
def account(private_key, server) -> dict[str, str]:
    """The key of a service account whose tokens the test server gives."""
    email = "robot@project.iam.gserviceaccount.com"
    token_uri = f"{server.url}/token"
    return {"type": "service_account", "client_email": email, "private_key": private_key, "token_uri": token_uri}


class MemoryRing(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, *, is_locked: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = is_locked

    def _check(self) -> None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch) -> MemoryRing:
    """A keyring of the test's own; no variable of the outside is seen."""
    monkeypatch.delenv(access.KEY_VARIABLE, raising=False)
    before = keyring.get_keyring()
    own = MemoryRing()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def no_ring(ring) -> None:
    assert ring
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())


@pytest.fixture
def no_token(server, monkeypatch) -> None:
    assert server
    monkeypatch.delenv(access.TOKEN_VARIABLE)


def invoke(*args: str):
    return CliRunner().invoke(sheetcrm, ["auth", "google", *args])


@pytest.mark.usefixtures("no_token")
def test_without_any_key_the_error_says_how_to_sign_in() -> None:
    with pytest.raises(ConfigError, match="Nobody is signed in to Google") as found:
        access.find_access()
    assert "sheetcrm auth google" in found.value.remedy


@pytest.mark.usefixtures("no_token")
def test_a_key_that_the_keyring_refuses_does_not_stay_behind_the_old_one(account, ring, monkeypatch) -> None:
    access.keep({**account, "client_email": "old@x.example"})
    monkeypatch.setattr(ring, "set_password", lambda *_args: (_ for _ in ()).throw(ValueError("too long")))
    assert access.keep({**account, "client_email": "new@x.example"}) == str(access.key_file())
    assert access.find_access().email == "new@x.example"


@pytest.mark.usefixtures("no_token")
def test_a_key_is_not_said_to_be_kept_where_the_keyring_holds_on_to_the_old_one(account, ring, monkeypatch) -> None:
    def refuse(*_args: str) -> None:
        raise ValueError("no")

    access.keep({**account, "client_email": "old@x.example"})
    monkeypatch.setattr(ring, "set_password", refuse)
    monkeypatch.setattr(ring, "delete_password", refuse)
    with pytest.raises(ConfigError, match="neither takes the key nor gives up the old one"):
        access.keep({**account, "client_email": "new@x.example"})


@pytest.mark.usefixtures("no_token")
def test_the_environment_comes_first_then_the_keyring_then_the_file(account, ring, monkeypatch, tmp_path) -> None:
    def email(name: str) -> dict[str, str]:
        return {**account, "client_email": f"{name}@x.example"}

    path = access.key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(email("file")))
    path.chmod(0o600)
    assert access.find_access().email == "file@x.example"
    ring.set_password("sheetcrm", "google", json.dumps(email("ring")))
    assert access.find_access().email == "ring@x.example"
    monkeypatch.setenv(access.KEY_VARIABLE, json.dumps(email("variable")))
    assert access.find_access().email == "variable@x.example"
    (tmp_path / "key.json").write_text(json.dumps(email("path")))
    monkeypatch.setenv(access.KEY_VARIABLE, str(tmp_path / "key.json"))
    assert access.find_access().email == "path@x.example"
    monkeypatch.setenv(access.TOKEN_VARIABLE, "ready")
    assert access.find_access().found_in == access.TOKEN_VARIABLE


@pytest.mark.usefixtures("no_token", "no_ring")
def test_without_a_keyring_the_key_lies_in_a_file_that_only_the_user_may_read(account, tmp_path) -> None:
    given = tmp_path / "download.json"
    given.write_text(json.dumps(account))
    done = invoke(str(given))
    assert done.exit_code == 0
    assert "share the sheet with robot@project.iam.gserviceaccount.com (as Editor)" in done.output
    path = access.key_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == account
    assert not list(path.parent.glob("*.part"))
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by others") as found:
        access.find_access()
    assert f"chmod 600 {path}" in found.value.remedy


@pytest.mark.usefixtures("no_token")
def test_with_a_keyring_no_file_is_left(account, ring, tmp_path) -> None:
    given = tmp_path / "download.json"
    given.write_text(json.dumps(account))
    assert "Kept in the keyring." in invoke(str(given)).output
    assert not access.key_file().exists()
    assert json.loads(ring.kept["sheetcrm", "google"]) == account
    assert "Signed in as robot@project.iam.gserviceaccount.com (the keyring)." in invoke().output
    assert "The key is gone." in invoke("--forget").output
    assert "No key was kept." in invoke("--forget").output
    assert ring.kept == {}


@pytest.mark.usefixtures("no_token")
def test_a_locked_keyring_is_passed_by(account, ring) -> None:
    ring.is_locked = True
    assert access.keep(account) == str(access.key_file())
    assert access.find_access().found_in == str(access.key_file())


@pytest.mark.usefixtures("no_token")
def test_a_service_account_asks_for_spreadsheets_only_and_the_sheet_opens(account, server) -> None:
    from sheetcrm.connectors.google.workbook import GoogleWorkbook

    key = server.create("Shared", {"Leads": [["Lead ID"], ["L-1"]]})
    access.keep(account)
    book = GoogleWorkbook(key)
    assert book.read()[0].rows == [["Lead ID"], ["L-1"]]
    assert book.sender.email == server.log[-1].user == account["client_email"]
    assert access.SCOPES == ("https://www.googleapis.com/auth/spreadsheets",)


@pytest.mark.parametrize(
    ("content", "words", "remedy"),
    [
        ("", "holds no key", "Download the key of a service account"),
        ("[1]", "holds no key", "Download"),
        (
            '{"type": "service_account", "client_email": "a@x"}',
            "lacks private_key, token_uri",
            "Download the key again",
        ),
        ('{"installed": {}}', "holds an OAuth client", "sheetcrm auth google --client"),
    ],
)
def test_a_file_that_is_no_key_is_refused_with_the_way_out(tmp_path, content, words, remedy) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)
    done = invoke(str(path))
    assert isinstance(done.exception, ConfigError)
    assert words in done.exception.what
    assert remedy in done.exception.remedy


@pytest.mark.usefixtures("no_token")
def test_a_broken_private_key_is_refused(account) -> None:
    access.keep({**account, "private_key": "-----BEGIN nonsense"})
    with pytest.raises(ConfigError, match="cannot be used"):
        access.find_access()


@pytest.mark.usefixtures("no_token")
def test_a_variable_that_names_no_file_is_named(monkeypatch) -> None:
    monkeypatch.setenv(access.KEY_VARIABLE, "/nowhere/key.json")
    with pytest.raises(ConfigError, match=r"SHEETCRM_GOOGLE_KEY names /nowhere/key\.json"):
        access.find_access()


@pytest.mark.usefixtures("no_token", "no_ring")
def test_an_owner_signs_in_with_the_browser_and_is_known_afterwards(server, monkeypatch, capsys) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the test server speaks no https
    client = {
        "client_id": "c",
        "client_secret": "s",
        "auth_uri": f"{server.url}/auth",
        "token_uri": f"{server.url}/token",
    }
    opened = []

    def browse(url: str, *_args: object, **_rest: object) -> bool:
        opened.append(url)
        threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}).start()
        return True

    import webbrowser

    browser = type("Browser", (), {"open": staticmethod(browse)})()
    monkeypatch.setattr(webbrowser, "get", lambda *_: browser)
    plain = access.sign_in({"installed": {**client, "redirect_uris": ["http://localhost"]}})
    assert plain["type"] == "authorized_user"
    assert "auth%2Fspreadsheets" in opened[0]
    assert "drive" not in opened[0]
    access.keep(plain)
    key = server.create("Mine", {"Leads": [["Lead ID"]]})
    from sheetcrm.connectors.google.workbook import GoogleWorkbook

    book = GoogleWorkbook(key)
    assert book.read()[0].rows == [["Lead ID"]]
    assert access.find_access().email == ""
    capsys.readouterr()


@pytest.mark.usefixtures("no_token", "no_ring")
def test_a_sign_in_that_was_taken_back_is_said_to_be(server) -> None:
    from sheetcrm.connectors.google.workbook import GoogleWorkbook

    owner = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "revoked"}
    access.keep({**owner, "token_uri": f"{server.url}/token"})
    with pytest.raises(ConfigError, match="does not accept the sign-in any more"):
        GoogleWorkbook(server.create("X")).read()


def test_no_key_is_ever_written_beside_the_settings(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Path(os.environ["SHEETCRM_HOME"]) in access.key_file().parents
    assert list(tmp_path.iterdir()) == []
