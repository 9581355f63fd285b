"""The server over HTTP: credentials, faults, quota, people's edits between calls, the log, files on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import google.auth.exceptions
import google.oauth2.credentials
import google.oauth2.service_account
import pytest
import requests
from discovery import document
from google.auth.transport.requests import Request

from sheetcrm.testing.sheets_server import SheetsServer
from sheetcrm.testing.sheets_server.schema import shapes, shapes_of

TOKEN = {"Authorization": "Bearer any"}


@pytest.fixture
def key(server) -> str:
    return server.create("Customers", {"Leads": [["Lead ID", "Owner"], ["L-1", "Ann"], ["L-2", ""]]})


def call(server, method, path, body=None, user="any", timeout=10):
    headers = {"Authorization": f"Bearer {user}"} if user else {}
    return requests.request(method, server.url + path, json=body, headers=headers, timeout=timeout)


def write(server, key, text="new", **options):
    cell = {"values": [{"userEnteredValue": {"stringValue": text}}]}
    request = {
        "updateCells": {"start": {"rowIndex": 1, "columnIndex": 1}, "rows": [cell], "fields": "userEnteredValue"}
    }
    return call(server, "POST", f"/v4/spreadsheets/{key}:batchUpdate", {"requests": [request, request]}, **options)


def owner(server, key):
    return server.cells(key, "Leads")[1][1]


def test_a_call_without_token_is_answered_401(server, key) -> None:
    answer = call(server, "GET", f"/v4/spreadsheets/{key}", user="")
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert answer.json()["error"]["message"].startswith("Request is missing required authentication credential.")


def test_private_spreadsheets_are_answered_403(server, key, monkeypatch) -> None:
    monkeypatch.setenv("SHEETS_EMULATOR_PRIVATE_IDS", f"x,{key}")
    answer = call(server, "GET", f"/v4/spreadsheets/{key}/values/A1")
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}},
    )


def test_an_unknown_spreadsheet_or_path_is_answered_404(server) -> None:
    answer = call(server, "GET", "/v4/spreadsheets/nope")
    assert answer.json()["error"] == {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    assert call(server, "GET", "/v4/nonsense").status_code == 404
    missing = call(server, "GET", "/drive/v3/files/nope")
    assert missing.json()["error"]["errors"][0]["reason"] == "notFound"


def test_answers_are_indented_unless_the_call_says_otherwise(server, key) -> None:
    path = f"/v4/spreadsheets/{key}/values/A1"
    assert call(server, "GET", path).text.startswith('{\n  "range"')
    assert call(server, "GET", f"{path}?prettyPrint=false").text.startswith('{"range"')


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"requests": NaN}', b"\xff"])
def test_a_body_that_is_no_message_is_answered_400(server, key, raw) -> None:
    url = f"{server.url}/v4/spreadsheets/{key}:batchUpdate"
    answer = requests.post(url, data=raw, headers=TOKEN, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received.")


def test_a_body_of_more_than_ten_megabytes_is_refused(server, key) -> None:
    url = f"{server.url}/v4/spreadsheets/{key}:batchUpdate"
    answer = requests.post(url, data=b" " * (10 * 2**20 + 1), headers=TOKEN, timeout=10)
    assert "Request payload size exceeds the limit" in answer.json()["error"]["message"]


@pytest.fixture(scope="module")
def account_info() -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    email = "robot@project.iam.gserviceaccount.com"
    return {"type": "service_account", "client_email": email, "private_key": pem.decode(), "private_key_id": "1"}


SCOPE = ["https://www.googleapis.com/auth/spreadsheets"]


def test_google_auth_gets_a_token_for_a_service_account(server, key, account_info) -> None:
    info = {**account_info, "token_uri": f"{server.url}/token"}
    credentials = google.oauth2.service_account.Credentials.from_service_account_info(info, scopes=SCOPE)
    credentials.refresh(Request())
    assert call(server, "GET", f"/v4/spreadsheets/{key}", user=credentials.token).ok
    assert server.log[-1].user == account_info["client_email"]


def test_google_auth_renews_an_owners_token_until_it_is_revoked(server) -> None:
    def credentials(refresh):
        return google.oauth2.credentials.Credentials(
            None, refresh_token=refresh, token_uri=f"{server.url}/token", client_id="c", client_secret=refresh
        )

    good = credentials("owner-refresh-token")
    good.refresh(Request())
    assert good.valid
    with pytest.raises(google.auth.exceptions.RefreshError, match="expired or revoked"):
        credentials("revoked").refresh(Request())
    assert requests.post(f"{server.url}/token", data={"grant_type": "x"}, timeout=10).status_code == 400
    assert (
        requests.post(f"{server.url}/token", data={"grant_type": JWT, "assertion": "x.y"}, timeout=10).status_code
        == 400
    )


JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_consent_sends_the_browser_back_with_a_code(server) -> None:
    query = {"redirect_uri": "http://localhost:1/", "state": "s"}
    answer = requests.get(f"{server.url}/auth", params=query, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("http://localhost:1/?code=owner-code&")


@pytest.mark.parametrize(("when", "after"), [("before", "Ann"), ("middle", "Ann"), ("after", "new"), ("answer", "new")])
def test_a_fault_strikes_when_it_should_and_work_is_whole_or_undone(server, key, when, after) -> None:
    server.control.fail("spreadsheets.batchUpdate", 503, when=when)
    if when == "answer":
        with pytest.raises(requests.RequestException):
            write(server, key)
    else:
        answer = write(server, key)
        assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
    assert owner(server, key) == after
    assert write(server, key).ok, "only the first call was to fail"


@pytest.mark.parametrize(("when", "after"), [("before", "Ann"), ("after", "new")])
def test_a_connection_breaks_before_or_after_the_work(server, key, when, after) -> None:
    server.control.fail("spreadsheets.batchUpdate", "drop", when=when)
    with pytest.raises(requests.ConnectionError):
        write(server, key)
    assert owner(server, key) == after
    assert server.log[-1].status == 0


def test_a_server_that_hangs_lets_the_client_run_into_its_timeout(server, key) -> None:
    server.control.fail("spreadsheets.batchUpdate", "hang", when="after")
    with pytest.raises(requests.Timeout):
        write(server, key, timeout=0.3)
    assert owner(server, key) == "new"


def test_faults_are_counted_by_call(server, key) -> None:
    server.control.fail("spreadsheets.batchUpdate", 500, nth=2, times=2)
    assert [write(server, key).status_code for _ in range(4)] == [200, 500, 500, 200]
    with pytest.raises(ValueError, match="neither a status"):
        server.control.fail("x", "explode")


def test_a_quota_counts_reads_and_writes_apart_per_user_and_minute(server, key) -> None:
    server.control.quota = 3
    path = f"/v4/spreadsheets/{key}/values/A1"
    assert [call(server, "GET", path).status_code for _ in range(4)] == [200, 200, 200, 429]
    error = call(server, "GET", path).json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["message"].startswith("Quota exceeded for quota metric 'Read requests' and limit")
    assert write(server, key).ok
    assert call(server, "GET", path, user="user:ann@x.example").ok
    server.clock.forward(61)
    assert call(server, "GET", path).ok


def test_people_edit_between_two_calls(server, key) -> None:
    row = {"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}}
    server.control.visit("spreadsheets.batchUpdate", lambda: server.control.edit(key, [row]), nth=2)
    write(server, key, "first")
    write(server, key, "second")
    assert server.cells(key, "Leads") == [["Lead ID", "Owner"], ["", "second"], ["L-1", "first"], ["L-2"]]


def test_what_is_protected_bars_all_but_the_owner(server, key, account_info) -> None:
    where = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    server.control.protect(key, where, "owners only")
    robot = f"user:{account_info['client_email']}"
    answer = write(server, key, user=robot)
    assert answer.status_code == 400
    assert "You are trying to edit a protected cell or object." in answer.json()["error"]["message"]
    found = call(server, "GET", f"/v4/spreadsheets/{key}?fields=sheets.protectedRanges", user=robot).json()
    assert "requestingUserCanEdit" not in found["sheets"][0]["protectedRanges"][0]
    assert write(server, key).ok, "any other token is the owner's"


def test_all_levers_are_there_over_http(server, key) -> None:
    def order(name, **body):
        answer = requests.post(f"{server.url}/control/{name}", json=body, timeout=10)
        return answer.status_code, answer.json()

    cell = {"values": [{"userEnteredValue": {"stringValue": "by hand"}}]}
    edit = {"updateCells": {"start": {"rowIndex": 2}, "rows": [cell], "fields": "userEnteredValue"}}
    assert order("edit", spreadsheetId=key, requests=[edit]) == (200, {"replies": [{}]})
    order("visit", call="spreadsheets.batchUpdate", spreadsheetId=key, requests=[{"addSheet": {}}], when="after")
    order("fail", call="spreadsheets.get", do=429, times=2)
    order("quota", perMinute=100)
    order("protect", spreadsheetId=key, range={"sheetId": 0, "endRowIndex": 1})
    order("forward", seconds=90)
    assert write(server, key).ok
    assert call(server, "GET", f"/v4/spreadsheets/{key}").status_code == 429
    order("private", ids=[key])
    assert write(server, key).status_code == 403
    assert [one["properties"]["title"] for one in server.resource(key)["sheets"]] == ["Leads", "Sheet2"]
    calls = order("log")[1]["calls"]
    assert [(one["name"], one["status"]) for one in calls] == [
        ("spreadsheets.batchUpdate", 200),
        ("spreadsheets.get", 429),
        ("spreadsheets.batchUpdate", 403),
    ]
    assert calls[0]["requests"] == ["updateCells", "updateCells"]
    order("reset")
    assert server.log == []
    assert order("nonsense")[0] == order("fail")[0] == 400


def test_spreadsheets_in_a_folder_survive_the_server(tmp_path, account_info) -> None:
    assert account_info
    with SheetsServer(folder=tmp_path) as server:
        key = server.create("Kept", {"Leads": [["a", 1, True], [None, "b"]], "Second": []}, locale="de_DE")
        span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
        mark = {"metadataKey": "k", "location": {"dimensionRange": span}, "visibility": "DOCUMENT"}
        server.control.edit(
            key,
            [
                {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": 50}, "fields": "pixelSize"}},
                {"createDeveloperMetadata": {"developerMetadata": mark}},
                {"mergeCells": {"range": {"sheetId": 1, "endRowIndex": 2, "endColumnIndex": 2}}},
                {"addNamedRange": {"namedRange": {"name": "N", "range": {"sheetId": 1}}}},
                {"updateCells": {"start": {"rowIndex": 5}, "rows": [{"values": [RICH]}], "fields": "*"}},
                {"setBasicFilter": {"filter": {"range": {"sheetId": 0, "endRowIndex": 2}}}},
            ],
        )
        before = server.resource(key)
    with SheetsServer(folder=tmp_path) as again:
        assert again.resource(key) == before
        call(again, "DELETE", f"/drive/v3/files/{key}")
    assert list(tmp_path.iterdir()) == []


RICH = {
    "userEnteredValue": {"formulaValue": "=B1+1"},
    "userEnteredFormat": {"backgroundColor": {"red": 1}, "numberFormat": {"type": "DATE", "pattern": "yyyy"}},
    "note": "see",
    "dataValidation": {"condition": {"type": "BOOLEAN"}},
}


def test_writes_at_the_same_time_all_land(server) -> None:
    key = server.create("Busy")

    def one(i):
        return call(server, "PUT", f"/v4/spreadsheets/{key}/values/A{i}?valueInputOption=RAW", {"values": [[i]]}).ok

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(1, 61)))
    assert server.cells(key, "Sheet1") == [[i] for i in range(1, 61)]


def test_the_server_starts_from_the_command_line(tmp_path) -> None:
    command = [sys.executable, "-m", "sheetcrm.testing.sheets_server", "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2].rstrip(";")
        answer = requests.post(f"{url}/v4/spreadsheets", json={}, headers=TOKEN, timeout=10)
        process.terminate()
        process.communicate()
    assert answer.json()["properties"]["title"] == "Untitled spreadsheet"
    assert Path(tmp_path, f"{answer.json()['spreadsheetId']}.json").exists()


def test_the_shapes_that_the_server_checks_are_those_of_the_discovery_document() -> None:
    theirs = json.loads(json.dumps(shapes_of(document())))
    for message, shape in shapes().items():
        for field, kind in shape.items():
            known = theirs[message][field]
            # A later document may list more values.
            is_same = set(kind.split("|")) <= set(known.split("|")) if isinstance(kind, str) else kind == known
            assert is_same, f"{message}.{field}"
