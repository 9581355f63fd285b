"""The tabs of the first example: a table with a formula column, drop-downs, colours, notes, a hidden tab."""

from __future__ import annotations

from collections.abc import Sequence

from sheets import Book
from story import STATUSES, Row
from words import slug
from xlsxwriter.worksheet import Worksheet

LEAD_HEADERS = (
    "Lead ID", "Company", "Contact", "E-mail", "Phone", "Street", "Postcode", "City", "Country", "Source",
    "Status", "Amount", "Probability", "Weighted", "Owner", "Created", "Last Contact", "Next Step", "Next Step Due",
    "Expected Close", "Duplicate Of", "Last Reminder", "Do not contact", "Birthday", "Account", "Trade fair",
    "Old system no.",
    "Notes",
)  # fmt: skip
ACCOUNT_HEADERS = ("Account ID", "Company", "Contact", "Country", "Postcode", "City", "Website", "Phone", "Email",
                   "Owner", "Customer since", "Renewal date", "Tier")  # fmt: skip
ACTIVITY_HEADERS = ("Activity ID", "Lead ID", "Date", "Type", "By", "Subject", "Outcome", "Hours")
TEAM_HEADERS = (
    "Name",
    "Email",
    "Role",
    "Manager",
    "Zone",
    "Territory",
    "Capacity",
    "Per day",
    "Weight",
    "Active",
    "Leave from",
    "Leave to",
)
SCRAPS = ("To do before Easter", "- ring the oven people (who??)", "- Fleur back on the 9th", "",
          "Fair in Leeds: stand 14B, 3 x 2 m, key with Mabel", "prices from April +3 %",
          "Gustav left -> his leads?? ask Mortimer", "", "WiFi: ask Basil", "2 x olive oil broken, pallet 7",
          "0049 89 99998 123 ???")  # fmt: skip
Team = Sequence[tuple[object, ...]]


def leads_tab(book: Book, leads: list[Row]) -> None:
    """The Leads tab: two title rows, the table `tblLeads` with its Weighted column, and its looks."""
    tab = book.file.add_worksheet("Leads")
    tab.set_tab_color(book.taste.dark)
    top, last = 2, 2 + len(leads)
    tab.write_string(0, 0, "Ladle & Larder - LEADS 2026", book.title)
    tab.write_string(
        1,
        0,
        "red = overdue, please look!!   New leads at the BOTTOM, not in the middle (Basil!)   last tidied: never",
        book.hint,
    )
    tab.set_row(0, 24)
    tab.set_row(top, 30)
    columns = [{"header": header, "header_format": book.header} for header in LEAD_HEADERS]
    columns[LEAD_HEADERS.index("Weighted")]["formula"] = "=IFERROR([@Amount]*[@Probability],0)"
    tab.add_table(
        top, 0, last, len(LEAD_HEADERS) - 1, {"name": "tblLeads", "columns": columns, "style": "Table Style Light 15"}
    )
    book.fill(tab, top, LEAD_HEADERS, leads)
    _formulas(book, tab, leads, top)
    _leads_looks(book, tab, top, last)


def weighted(row: Row) -> float:
    """What the Weighted column stores: 0 where amount or probability is no number."""
    amount, share = row.get("Amount"), row.get("Probability")
    return amount * share if isinstance(amount, int | float) and isinstance(share, int | float) else 0


def _formulas(book: Book, tab: Worksheet, leads: list[Row], top: int) -> None:
    product = "=IFERROR(tblLeads[[#This Row],[Amount]]*tblLeads[[#This Row],[Probability]],0)"
    column, odds = LEAD_HEADERS.index("Weighted"), LEAD_HEADERS.index("Probability")
    for number, row in enumerate(leads, start=top + 1):
        tab.write_formula(number, column, product, book.money, weighted(row))
        if row.get("Probability") == "#DIV/0!":
            tab.write_formula(number, odds, "=1/0", book.share, "#DIV/0!")


def _leads_looks(book: Book, tab: Worksheet, top: int, last: int) -> None:
    at = LEAD_HEADERS.index
    wide = {"Company": 30, "Contact": 24, "E-mail": 38, "Phone": 19, "Street": 22, "Country": 14, "Source": 12,
            "Amount": 13, "Weighted": 13, "Owner": 20, "Next Step": 30, "Notes": 40, "Trade fair": 15,
            "Lead ID": 9, "City": 13}  # fmt: skip
    book.widths(tab, LEAD_HEADERS, wide, hidden=("Old system no.",))
    tab.freeze_panes(top + 1, 2)
    book.drop_down(tab, at("Status"), (top + 1, last + 200), ("=Lists!$A$2:$A$8", "Please pick from the list (Petra)"))
    book.drop_down(tab, at("Owner"), (top + 1, last + 200), ("=Lists!$B$2:$B$11", "Who is that?"))
    due = f'=AND(ISNUMBER($S{top + 2}),$S{top + 2}<AsOf,$K{top + 2}<>"Won",$K{top + 2}<>"Lost")'
    tab.conditional_format(
        top + 1, at("Next Step"), last, at("Next Step Due"), {"type": "formula", "criteria": due, "format": book.red}
    )
    tab.conditional_format(
        top + 1,
        at("Status"),
        last,
        at("Status"),
        {"type": "cell", "criteria": "==", "value": '"Won"', "format": book.green},
    )
    tab.conditional_format(
        top + 1, 0, last, at("Country"), {"type": "formula", "criteria": f'=$K{top + 2}="Lost"', "format": book.grey}
    )
    tab.conditional_format(
        top + 1,
        at("Amount"),
        last,
        at("Amount"),
        {"type": "data_bar", "bar_color": book.taste.accent, "bar_solid": True, "max_type": "num", "max_value": 20000},
    )
    tab.write_comment(top, at("Weighted"), "Formula! Do not type here.", {"author": "Petra"})
    tab.write_comment(top + 9, 1, "Met the chef in Leeds, loves copper pans.", {"author": "Olive", "x_scale": 1.4})
    tab.write_comment(top + 33, at("Amount"), "incl. delivery?", {"author": "Basil"})
    tab.set_landscape()
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(top)


def accounts_tab(book: Book, accounts: list[Row]) -> None:
    """The Accounts tab: a plain range with a filter."""
    tab = book.file.add_worksheet("Accounts")
    tab.set_tab_color(book.taste.accent)
    book.fill(tab, 0, ACCOUNT_HEADERS, accounts)
    book.widths(
        tab,
        ACCOUNT_HEADERS,
        {"Company": 32, "Contact": 24, "Website": 32, "Phone": 19, "Email": 38, "Owner": 20, "Country": 14},
    )
    tab.autofilter(0, 0, len(accounts), len(ACCOUNT_HEADERS) - 1)
    tab.freeze_panes(1, 2)
    tab.conditional_format(
        1, 12, len(accounts), 12, {"type": "cell", "criteria": "==", "value": '"A"', "format": book.green}
    )


def activities_tab(book: Book, activities: list[Row]) -> None:
    """The Activities tab."""
    tab = book.file.add_worksheet("Activities")
    book.fill(tab, 0, ACTIVITY_HEADERS, activities)
    book.widths(tab, ACTIVITY_HEADERS, {"Subject": 26, "Outcome": 18, "By": 22})
    tab.autofilter(0, 0, len(activities), len(ACTIVITY_HEADERS) - 1)
    tab.freeze_panes(1, 0)


def team_tab(book: Book, team: Team) -> None:
    """The Team tab."""
    tab = book.file.add_worksheet("Team")
    rows = []
    for name, *rest in team:
        mail = f"{slug(str(name).split()[0])}@ladle-larder.example"
        rows.append(dict(zip(TEAM_HEADERS, (name, mail, *rest), strict=True)))
    book.fill(tab, 0, TEAM_HEADERS, rows)
    book.widths(tab, TEAM_HEADERS, {"Name": 24, "Email": 30, "Manager": 24, "Zone": 18, "Territory": 16})


def lists_tab(book: Book, sources: Sequence[str], team: Team) -> None:
    """The hidden tab that feeds the drop-downs."""
    tab = book.file.add_worksheet("Lists")
    rows = [{} for _ in range(10)]
    for header, values in (("Status", STATUSES), ("Owner", [one[0] for one in team]), ("Source", sorted(set(sources)))):
        for row, value in zip(rows, values, strict=False):
            row[header] = value
    book.fill(tab, 0, ("Status", "Owner", "Source"), rows)
    tab.hide()


def notes_tab(book: Book) -> None:
    """A tab of scraps that no program should touch."""
    tab = book.file.add_worksheet("Notes")
    tab.set_column(0, 0, 70)
    tab.insert_textbox(
        2,
        2,
        "DON'T SORT THE LEADS TAB\nwhile Wim has it open",
        {"fill": {"color": "#FFF2A8"}, "width": 260, "height": 70},
    )
    for number, scrap in enumerate(SCRAPS):
        tab.write_string(number, 0, scrap, book.yellow if scrap.startswith("-") else book.plain)
    tab.write(12, 0, 1234.5, book.money)
    tab.write_formula(13, 0, "=A13*1.2", book.money, 1481.4)
