"""Batches sent exactly once, and put right where people moved or typed something in the same moment.

Each batch carries a mark. When its answer is lost, the mark tells whether it was carried out; nothing is sent twice
blindly. Each batch also copies the tabs that it touches into hidden ones before it writes: its answer shows that copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from sheetcrm.connectors.google.batches import (
    Batch,
    appearing,
    content_requests,
    copy_requests,
    digests_of,
    free_ids,
    free_titles,
    mark_request,
    number_of,
    scratch_title,
    tidy_requests,
)  # fmt: skip
from sheetcrm.connectors.google.client import Call, NoConnection, SheetsClient, Unconfirmed
from sheetcrm.connectors.google.faults import in_words, unknown_outcome, words
from sheetcrm.connectors.google.pending import Pending, load, save
from sheetcrm.connectors.google.reading import FIELDS, state_of
from sheetcrm.connectors.google.state import Json, State, Tab
from sheetcrm.connectors.google.tabs import Put
from sheetcrm.connectors.google.targets import Target, headers_of
from sheetcrm.connectors.google.verifying import Appended, appended_fixes, different, verify
from sheetcrm.connectors.protocol import CellWrite
from sheetcrm.errors import WorkbookBusy
from sheetcrm.table import cell_name

MOST_ROUNDS = 5
"""How often what people moved in the same moment is put right before a run gives up and leaves the rest to the next."""

_CHANGED = (
    "exceeds grid limits",
    "is after last",
    "No grid with id",
    "No sheet with id",
    "doesn't exist",
    "already exists",
)
"""What Google says of places that were there a moment ago."""

Refused = list[tuple[CellWrite, str]]
"""Writes that were left out, with the reason."""


@dataclass(frozen=True)
class Sender:
    """Sends to one sheet."""

    key: str
    client: SheetsClient
    email: str
    records: Path
    """The file in which a batch that is under way is written down."""

    def fetch(self) -> State:
        """The whole sheet as it stands."""
        with in_words(self.key, self.email):
            answer = self.client.request("get", SPREADSHEET_URL % self.key, params={"fields": FIELDS})
        return state_of(answer.json())

    def post(self, requests: Sequence[Json], shows: Sequence[str] | None, *, may_repeat: bool = False) -> State:
        """What a batch's answer shows afterwards: the tabs of these titles, all of them if none is named."""
        body: Json = {"requests": list(requests)}
        fields = "spreadsheetId"
        if shows is not None:
            body |= {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True}
            body |= {"responseRanges": [_quoted(title) for title in shows]} if shows else {}
            fields = f"updatedSpreadsheet({FIELDS})"
        call = Call("post", SPREADSHEET_BATCH_UPDATE_URL % self.key, {"params": {"fields": fields}, "json": body})
        answer: Mapping[str, Any] = self.client.ask(call, may_repeat=may_repeat).json()
        return state_of(answer.get("updatedSpreadsheet", {}))

    def check(self, left_over: Sequence[Tab]) -> State:
        """The sheet as it stands, shown by a batch that proves the right to write and leaves nothing behind."""
        mark = number_of(self.key, "check")
        requests = [
            *tidy_requests([one.id for one in left_over], []),
            mark_request(mark, "check"),
            {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": mark}}}},
        ]
        with in_words(self.key, self.email, is_write=True):
            # Doing it again would do no more than once: its answer is all that counts.
            return self.post(requests, (), may_repeat=True)

    def look_after(self, state: State) -> bool:
        """Whether a write had been cut short: it is finished then, and what it left is tidied up."""
        pending = load(self.records)
        images = {one.id: one for one in (*state.tabs, *state.scratch)}
        marks = state.marks or {}
        there = [one for one in pending if one.mark in marks and images.keys() >= set(one.scratch.values())]
        if there:
            self._finish(state, there[-1], images)
        self.records.unlink(missing_ok=True)
        return bool(pending)

    def _finish(self, state: State, pending: Pending, images: Mapping[int, Tab]) -> None:
        """Does what comes after a batch that was carried out when its process died."""
        before = _images(state, images, pending.scratch)
        # A copy that is shown already was kept before the process died.
        hidden = {tab: one for tab, one in pending.scratch.items() if one in {tab.id for tab in state.scratch}}
        kept = self._keep(state, {tab: one for tab, one in pending.puts.items() if tab in hidden}, before, hidden)
        clears = {one.id for one in state.scratch} - {hidden[tab] for tab in kept}
        fixes = [*verify(pending.targets, before).fixes, *appended_fixes(before, pending.rows)]
        _, scratch = self._put_right(state, fixes, sorted(clears))
        self.tidy(scratch, state)

    def deliver(self, state: State, batches: Iterable[Batch], run: str) -> Refused:
        """Sends batches one after the other; gives the writes that people had overtaken."""
        refused: Refused = []
        scratch: list[int] = []
        for n, batch in enumerate(batches):
            before, hidden = self._send(state, batch, f"{run}/{n}", scratch)
            kept = self._keep(state, digests_of(batch.puts), before, hidden)
            scratch = [one for tab, one in hidden.items() if tab not in kept]
            verdict = verify(batch.targets, before)
            refused += _typed_over(batch.puts, before, kept)
            fixes = [*verdict.fixes, *appended_fixes(before, _appended(state, batch))]
            more, scratch = self._put_right(state, fixes, scratch)
            refused += [*verdict.refused, *more]
        self.tidy(scratch, state)
        return refused

    def _put_right(self, state: State, fixes: Sequence[Target], scratch: list[int]) -> tuple[Refused, list[int]]:
        """Writes what is still to be put right, round by round."""
        refused: Refused = []
        for n in range(MOST_ROUNDS):
            if not fixes:
                return refused, scratch
            before, hidden = self._send(state, Batch(tuple(fixes)), f"fix {n} {fixes[0]}", scratch)
            scratch = list(hidden.values())
            verdict = verify(fixes, before)
            refused += verdict.refused
            fixes = verdict.fixes
        if fixes:
            what = f"People moved rows faster than {len(fixes)} cells could be put right."
            raise WorkbookBusy(what, "`sheetcrm run` goes on with it.")
        return refused, scratch

    def _keep(
        self, state: State, digests: Mapping[int, str], before: Mapping[int, Tab], hidden: Mapping[int, int]
    ) -> dict[int, str]:
        """Shows copies of tabs into which people typed right before they were filled anew; the copies' titles."""
        edited = [tab for tab, digest in digests.items() if before[tab].digest != digest]
        if not edited:
            return {}
        titles = dict(zip(edited, free_titles(state, edited), strict=True))
        mark = number_of(self.key, "keep", *titles.values(), *(before[tab].digest for tab in edited))
        requests = [
            mark_request(mark, "keep"),
            *(appearing(hidden[tab], {"title": title, "hidden": False}) for tab, title in titles.items()),
        ]
        self._carried_out(requests, mark, [state.tabs[0].title])
        return titles

    def tidy(self, scratch: Sequence[int], state: State) -> None:
        """Takes away our hidden tabs and the marks of earlier runs. Where that fails the next run does it."""
        requests = tidy_requests(scratch, state.marks or {})
        try:
            if requests:
                self.post(requests, None, may_repeat=True)
        except (APIError, NoConnection, Unconfirmed):
            return
        finally:
            self.records.unlink(missing_ok=True)

    def _send(
        self, state: State, batch: Batch, name: str, clears: Sequence[int]
    ) -> tuple[dict[int, Tab], dict[int, int]]:
        """Sends a batch; gives each touched tab as it stood right before, and the id of the hidden copy of each."""
        ids = {tab.title: tab.id for tab in state.tabs}
        digests = digests_of(batch.puts)
        touched = sorted({one.tab for one in batch.targets} | {ids[one.tab] for one in batch.rows} | digests.keys())
        mark = number_of(self.key, name, state.fingerprint)
        taken = state.taken_ids | set(clears) | {one.id for one in batch.puts}
        hidden = dict(zip(touched, free_ids(mark, taken, len(touched)), strict=True))
        requests = [
            mark_request(mark, "run"),
            *tidy_requests(clears, []),
            *copy_requests(state, hidden, digests),
            *content_requests(state, batch),
        ]
        # The last one that was carried out stays beside it: it counts where this one never arrives.
        sent = Pending(mark, hidden, batch.targets, _appended(state, batch), digests)
        save(self.records, (*load(self.records)[-1:], sent))
        after = self._carried_out(requests, mark, [scratch_title(one) for one in hidden.values()])
        images = {one.id: one for one in after.scratch}
        return _images(state, images, hidden), hidden

    def _carried_out(self, requests: Sequence[Json], mark: int, shows: Sequence[str]) -> State:
        """Our hidden tabs after a batch that was carried out exactly once. Raises SheetcrmError."""
        may_arrive = False
        for _ in range(MOST_ROUNDS):
            try:
                return self.post(requests, shows)
            except Unconfirmed as unknown:
                may_arrive = True
                found = self._after_silence(unknown)
            except APIError as fault:
                found = self._after_refusal(fault)
                if mark not in (found.marks or {}):
                    if may_arrive:
                        raise unknown_outcome() from fault
                    raise self._refusal(fault) from fault
            except NoConnection as fault:
                if may_arrive:
                    raise unknown_outcome() from fault
                with in_words(self.key, self.email, is_write=True):
                    raise
            if mark in (found.marks or {}):
                return found
        raise unknown_outcome()

    def _after_silence(self, unknown: Unconfirmed) -> State:
        """The sheet as it stands after a write without an answer."""
        try:
            return self.fetch()
        except WorkbookBusy as fault:
            raise unknown_outcome() from (fault.__cause__ or unknown)

    def _after_refusal(self, fault: APIError) -> State:
        """The sheet, where a batch may have been refused only because it had been carried out before; else nothing."""
        if fault.code == 400 and "createDeveloperMetadata" in str(fault):
            return self.fetch()
        return State("", "", "", ())

    def _refusal(self, fault: APIError) -> Exception:
        if fault.code == 400 and any(one in str(fault) for one in _CHANGED):
            return WorkbookBusy("The sheet changed since it was read.", "Run again.")
        return words(fault, self.key, self.email, is_write=True)


def _images(state: State, found: Mapping[int, Tab], scratch: Mapping[int, int]) -> dict[int, Tab]:
    """Each touched tab as it stood right before a batch."""
    protected = {tab.id: tab.protected for tab in state.tabs}
    return {tab: replace(found[one], id=tab, protected=protected.get(tab, ())) for tab, one in scratch.items()}


def _typed_over(puts: Iterable[Put], before: Mapping[int, Tab], kept: Mapping[int, str]) -> Refused:
    """The tabs into which people typed right before those were filled anew, and where that stands now."""
    found: Refused = []
    for put in puts:
        if put.id in kept and put.before is not None:
            places = [cell_name(*place) for place in different(put.before, before[put.id])]
            more = f" and {len(places) - 1} more cells" if len(places) > 1 else ""
            what = "it was removed" if put.content is None else "it was made anew"
            why = f'{what}; what a person typed into {places[0]}{more} meanwhile stands in the tab "{kept[put.id]}"'
            found.append((CellWrite(put.title, -1, -1, None), why))
    return found


def _appended(state: State, batch: Batch) -> tuple[Appended, ...]:
    """The rows that a batch appends, tab by tab."""
    return tuple(
        Appended(tab.id, headers_of(tab, one.header_row), one.header_row, one.values)
        for tab in state.tabs
        for one in batch.rows
        if one.tab == tab.title
    )


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"
