"""Writes the example workbooks: `python examples/make_workbooks.py [FOLDER]`. Same dice, same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

from grosshandel import grosshandel
from starter import starter
from wholesaler import wholesaler

WORKBOOKS = {"wholesaler.xlsx": wholesaler, "grosshandel.xlsx": grosshandel, "starter.xlsx": starter}


def main() -> None:
    """Writes all workbooks into FOLDER, by default `workbooks/` beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "workbooks"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in WORKBOOKS.items():
        make(folder / name)
        print(folder / name)


if __name__ == "__main__":
    main()
