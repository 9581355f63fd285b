"""Prints how fast `sheetcrm.formula` finds rows, beside what one would use instead: `python bench/formula.py`.

Each line comes from a process of its own and counts all from plain Python lists on: compiling, loading, answering.
Peers that are not installed are left out with a word (`pip install ironcalc formulas rule-engine`). The scanning
engines get fewer rows where a full run would take hours; their rate is told for those.
`--one TASK ENGINE ROWS` runs a single one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from random import Random
from typing import Any

TODAY = date(2026, 1, 15)
Columns = dict[str, list[Any]]
EASY = 'AND([Status]="Open", [Last Contact] < TODAY()-14, [Amount]>=1000)'
HARD = (
    'AND(COUNTIFS(Activities[Lead],[Lead ID],Activities[Kind],"Call")>=1,'
    'XLOOKUP([Account],Accounts[Account],Accounts[Tier],"")="Gold")'
)
WORDS = ("Open", "open", "Won", "Lost", None)


def leads(rows: int) -> Columns:
    """Leads with fifteen columns, as they come out of a workbook."""
    dice = Random(rows)
    columns: Columns = {
        "Lead ID": [f"L-{i:06}" for i in range(rows)],
        "Status": [dice.choice(WORDS) for _ in range(rows)],
        "Last Contact": [dice.choice((None, TODAY - timedelta(days=dice.randrange(400)))) for _ in range(rows)],
        "Amount": [round(dice.random() * 5000, 2) for _ in range(rows)],
        "Account": [f"A-{dice.randrange(max(rows // 5, 1)):06}" for _ in range(rows)],
    }
    return columns | {f"Note {i}": [f"note {dice.randrange(100)}" for _ in range(rows)] for i in range(10)}


def others(rows: int) -> Columns:
    """Twice as many activities, a fifth as many accounts."""
    dice = Random(rows + 1)
    accounts = max(rows // 5, 1)
    return {
        "Activities[Lead]": [f"L-{dice.randrange(rows):06}" for _ in range(rows * 2)],
        "Activities[Kind]": [dice.choice(("Call", "Mail", "Meeting")) for _ in range(rows * 2)],
        "Accounts[Account]": [f"A-{i:06}" for i in range(accounts)],
        "Accounts[Tier]": [dice.choice(("Gold", "Silver")) for _ in range(accounts)],
    }


def ours(task: str, base: Columns, more: Columns) -> list[bool]:
    """The formula as an owner writes it."""
    from sheetcrm.formula import evaluate

    return evaluate(EASY if task == "easy" else HARD, base | more, TODAY)


def by_numpy(task: str, base: Columns, more: Columns) -> list[bool]:
    """What somebody would write by hand for just this condition."""
    import numpy as np

    if task == "easy":
        status = np.array([(one or "").lower() for one in base["Status"]])
        epoch = date(1899, 12, 30).toordinal()
        days = np.array([one.toordinal() - epoch if one else 0 for one in base["Last Contact"]])
        amount = np.array(base["Amount"])
        limit = TODAY.toordinal() - epoch - 14
        return ((status == "open") & (days < limit) & (amount >= 1000)).tolist()
    called = {
        lead
        for lead, kind in zip(more["Activities[Lead]"], more["Activities[Kind]"], strict=True)
        if kind.lower() == "call"
    }
    tiers = dict(zip(more["Accounts[Account]"], more["Accounts[Tier]"], strict=True))
    has_call = np.array([lead in called for lead in base["Lead ID"]])
    is_gold = np.array([tiers.get(account) == "Gold" for account in base["Account"]])
    return (has_call & is_gold).tolist()


def serial(value: object) -> object:
    """A cell as an engine for workbooks takes it."""
    return value.toordinal() - date(1899, 12, 30).toordinal() if isinstance(value, date) else value


LETTERS = {"Lead ID": "A", "Status": "B", "Last Contact": "C", "Amount": "D", "Account": "E"}


def addressed(task: str, row: str, rows: int) -> str:
    """The same formula with cell addresses."""
    if task == "easy":
        return f'=AND(B{row}="Open",C{row}<DATE(2026,1,15)-14,D{row}>=1000)'
    accounts = max(rows // 5, 1)
    return (
        f'=AND(COUNTIFS(H$1:H${rows * 2},A{row},I$1:I${rows * 2},"Call")>=1,'
        f'IFERROR(INDEX(K$1:K${accounts},MATCH(E{row},J$1:J${accounts},0)),"")="Gold")'
    )


def by_ironcalc(task: str, base: Columns, more: Columns) -> list[bool]:
    """A workbook engine in Rust."""
    import ironcalc

    model = ironcalc.create("bench", "en", "UTC", "en")
    rows = len(base["Lead ID"])
    placed = [(base[name], i) for i, name in enumerate(LETTERS)]
    placed += [(values, i + 7) for i, values in enumerate(more.values())] if task == "hard" else []
    for values, column in placed:
        for i, value in enumerate(values):
            if value is not None:
                model.set_user_input(0, i + 1, column + 1, str(serial(value)))
    for i in range(rows):
        model.set_user_input(0, i + 1, 20, addressed(task, str(i + 1), rows))
    model.evaluate()
    return [model.get_formatted_cell_value(0, i + 1, 20) == "TRUE" for i in range(rows)]


def by_formulas(task: str, base: Columns, more: Columns) -> list[bool]:
    """A compiler from Excel formulas to numpy."""
    import formulas
    import numpy as np

    rows = len(base["Lead ID"])
    if task == "hard":
        raise NotImplementedError("no criteria of its own for each row")
    del more
    text = f'=(B1:B{rows}="Open")*(C1:C{rows}<DATE(2026,1,15)-14)*(D1:D{rows}>=1000)'
    compiled = formulas.Parser().ast(text)[1].compile()
    given = [np.array([[serial(one) if one is not None else 0] for one in base[name]], dtype=object) for name in
             ("Status", "Last Contact", "Amount")]  # fmt: skip
    return [bool(int(one)) for one in np.asarray(compiled(*given)).ravel()]


def by_rule_engine(task: str, base: Columns, more: Columns) -> list[bool]:
    """A rule language of its own, row by row; it finds fewer rows, since case counts and blanks match nothing."""
    import rule_engine

    if task == "hard":
        raise NotImplementedError("no other tables")
    del more
    rule = rule_engine.Rule('status == "Open" and last != null and last < limit and amount >= 1000')
    limit = TODAY - timedelta(days=14)
    rows = zip(base["Status"], base["Last Contact"], base["Amount"], strict=True)
    return [
        rule.matches({"status": status, "last": last, "amount": amount, "limit": limit})
        for status, last, amount in rows
    ]


ENGINES: dict[str, tuple[Callable[[str, Columns, Columns], Sequence[bool]], str, dict[str, int]]] = {
    "sheetcrm": (ours, "", {"easy": 100_000, "hard": 100_000}),
    "numpy by hand": (by_numpy, "numpy", {"easy": 100_000, "hard": 100_000}),
    "IronCalc": (by_ironcalc, "ironcalc", {"easy": 100_000, "hard": 5_000}),
    "formulas": (by_formulas, "formulas", {"easy": 20_000}),
    "rule-engine": (by_rule_engine, "rule_engine", {"easy": 100_000}),
}


def measure(task: str, engine: str, rows: int) -> dict[str, float]:
    """Rows a second of CPU time in this process, and how many matched."""
    # Importing is not measured: a small run before does it.
    ENGINES[engine][0](task, leads(10), others(10))
    base, more = leads(rows), others(rows)
    start = time.process_time()
    found = ENGINES[engine][0](task, base, more)
    seconds = time.process_time() - start
    return {"rate": rows / seconds, "found": sum(one is True for one in found)}


def main() -> None:
    """All engines on both conditions, and the ratio of ours to each."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    for task, formula in (("easy", EASY), ("hard", HARD)):
        print(f"\n{formula}\n{'engine':<14} {'rows':>8} {'found':>7} {'rows/s':>10} {'ours is':>9}")
        rate = 0.0
        for engine, (_, module, sizes) in ENGINES.items():
            if task not in sizes:
                print(f"{engine:<14} cannot do this")
                continue
            if module and find_spec(module) is None:
                print(f"{engine:<14} not installed")
                continue
            command = [sys.executable, __file__, "--one", task, engine, str(sizes[task])]
            told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            rate = rate or told["rate"]
            counts = f"{engine:<14} {sizes[task]:>8,} {told['found']:>7,}"
            print(f"{counts} {told['rate']:>10,.0f} {rate / told['rate']:>8.1f}x")


if __name__ == "__main__":
    main()
