"""The Dashboard tab of the first example: formulas over the leads, with the results that Excel would store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sheets import EPOCH, Book
from story import STATUSES, TODAY, Row
from xlsxwriter.worksheet import Worksheet

BARS = ("#C9B8A8", "#D98E04", "#C46F1B", "#A34A28", "#7D2E2E", "#2E6B34", "#A6A6A6")


def add_dashboard(book: Book, tab: Worksheet, leads: Sequence[Row], team: Sequence[str]) -> None:
    """Figures per status and per owner, and two charts."""
    tab.hide_gridlines(2)
    tab.set_tab_color(book.taste.accent)
    tab.set_column(0, 0, 24)
    tab.set_column(1, 4, 14)
    tab.set_row(0, 24)
    tab.set_landscape()
    tab.fit_to_pages(1, 1)
    tab.write_string(0, 0, "How are we doing?", book.title)
    tab.write_string(1, 0, "as of", book.hint)
    tab.write_datetime(1, 1, EPOCH.date(), book.day)
    book.file.define_name("AsOf", "=Dashboard!$B$2")
    _by_status(book, tab, leads)
    _by_owner(book, tab, leads, team)
    _charts(book, tab, len(team))


def equals(cell: object, wanted: str) -> bool:
    """Whether COUNTIFS takes the cell for the text: case does not matter, blanks behind do."""
    return isinstance(cell, str) and cell.lower() == wanted.lower()


def _numbers(rows: Sequence[Row], header: str) -> float:
    return sum(row[header] for row in rows if isinstance(row.get(header), int | float))


def _weighted(rows: Sequence[Row]) -> float:
    pairs = ((row.get("Amount"), row.get("Probability")) for row in rows)
    return sum(one * two for one, two in pairs if isinstance(one, int | float) and isinstance(two, int | float))


def _by_status(book: Book, tab: Worksheet, leads: Sequence[Row]) -> None:
    for column, header in enumerate(("Status", "Leads", "Amount", "Weighted", "Share")):
        tab.write_string(3, column, header, book.header)
    named = {status: [row for row in leads if equals(row.get("Status"), status)] for status in STATUSES}
    count = sum(map(len, named.values()))
    for number, (status, rows) in enumerate(named.items(), start=5):
        line = number - 1
        tab.write_string(line, 0, status, book.plain)
        tab.write_formula(line, 1, f"=COUNTIFS(tblLeads[Status],A{number})", book.figure, len(rows))
        tab.write_formula(
            line, 2, f"=SUMIFS(tblLeads[Amount],tblLeads[Status],A{number})", book.money, _numbers(rows, "Amount")
        )
        tab.write_formula(
            line, 3, f"=SUMIFS(tblLeads[Weighted],tblLeads[Status],A{number})", book.money, _weighted(rows)
        )
        tab.write_formula(line, 4, f"=B{number}/SUM($B$5:$B$11)", book.share, len(rows) / count)
    every = [row for rows in named.values() for row in rows]
    tab.write_string(11, 0, "All", book.header)
    totals: tuple[tuple[str, float], ...] = (("B", count), ("C", _numbers(every, "Amount")), ("D", _weighted(every)))
    for column, (letter, total) in enumerate(totals, start=1):
        tab.write_formula(11, column, f"=SUM({letter}5:{letter}11)", book.total, total)


def _by_owner(book: Book, tab: Worksheet, leads: Sequence[Row], team: Sequence[str]) -> None:
    for column, header in enumerate(("Owner", "Open", "Won", "Overdue", "Won amount")):
        tab.write_string(14, column, header, book.header)
    for number, name in enumerate(team, start=16):
        own = [row for row in leads if equals(row.get("Owner"), name)]
        still = [row for row in own if not any(equals(row.get("Status"), end) for end in ("Won", "Lost"))]
        won = [row for row in own if equals(row.get("Status"), "Won")]
        late = [row for row in still if isinstance(row.get("Next Step Due"), date) and row["Next Step Due"] < TODAY]
        line, owner = number - 1, f"tblLeads[Owner],A{number}"
        still_open = f'{owner},tblLeads[Status],"<>Won",tblLeads[Status],"<>Lost"'
        tab.write_string(line, 0, name, book.plain)
        tab.write_formula(line, 1, f"=COUNTIFS({still_open})", book.figure, len(still))
        tab.write_formula(line, 2, f'=COUNTIFS({owner},tblLeads[Status],"Won")', book.figure, len(won))
        tab.write_formula(line, 3, f'=COUNTIFS({still_open},tblLeads[Next Step Due],"<"&AsOf)', book.figure, len(late))
        tab.write_formula(
            line, 4, f'=SUMIFS(tblLeads[Amount],{owner},tblLeads[Status],"Won")', book.money, _numbers(won, "Amount")
        )


def _charts(book: Book, tab: Worksheet, people: int) -> None:
    bars = book.file.add_chart({"type": "column"})
    bars.add_series({
        "name": "=Dashboard!$D$4", "categories": "=Dashboard!$A$5:$A$9", "values": "=Dashboard!$D$5:$D$9", "gap": 60,
        "points": [{"fill": {"color": colour}} for colour in BARS[:5]],
        "data_labels": {"value": True, "num_format": '#,##0,"k"', "font": {"size": 9}},
    })  # fmt: skip
    bars.set_title({"name": "Weighted pipeline", "name_font": {"size": 13, "color": book.taste.dark}, "overlay": False})
    bars.set_legend({"none": True})
    bars.set_y_axis({"num_format": '#,##0,"k"', "major_gridlines": {"visible": True, "line": {"color": "#E5DACB"}}})
    bars.set_chartarea({"fill": {"color": book.taste.light}, "border": {"color": book.taste.dark}})
    tab.insert_chart(3, 6, bars, {"x_scale": 1.15, "y_scale": 0.82, "description": "Weighted pipeline by status"})
    people_chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    for column, colour in (("B", "#D98E04"), ("C", "#2E6B34")):
        values = f"=Dashboard!${column}$16:${column}${15 + people}"
        people_chart.add_series(
            {
                "name": f"=Dashboard!${column}$15",
                "categories": f"=Dashboard!$A$16:$A${15 + people}",
                "values": values,
                "fill": {"color": colour},
                "gap": 40,
            }
        )
    people_chart.set_title({"name": "Who has how many", "name_font": {"size": 13, "color": book.taste.dark}})
    people_chart.set_legend({"position": "bottom"})
    people_chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    people_chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E5DACB"}}})
    people_chart.set_chartarea({"fill": {"color": book.taste.light}, "border": {"color": book.taste.dark}})
    tab.insert_chart(
        17, 6, people_chart, {"x_scale": 1.15, "y_scale": 1.1, "description": "Open and won leads by owner"}
    )
