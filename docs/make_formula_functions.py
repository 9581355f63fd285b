"""Writes docs/formula-functions.md from the registered functions.

python docs/make_formula_functions.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sheetcrm.formula.functions import GROUPS
from sheetcrm.formula.refused import REFUSED
from sheetcrm.formula.registry import FUNCTIONS, KINDS, Function

HEAD = """# Functions of formulas

Generated from the code by `python docs/make_formula_functions.py`. How to write them: [formulas](how-to/formulas.md).

An argument in brackets may be left out; `…` means that the last ones may be repeated.
"""
LET = "| `LET(name, value, …, result)` | name, value, value | The result, in which names stand for values. |"


def page() -> str:
    """The whole page."""
    count = len(FUNCTIONS) + 1
    return "\n".join([HEAD, f"{count} functions.\n", *_groups(), *_refused()]) + "\n"


def _groups() -> Iterator[str]:
    for name, module in GROUPS.items():
        title = (module.__doc__ or name).strip().split(":")[0].split(".")[0]
        yield f"## {title}\n\n| function | arguments | gives |\n|---|---|---|"
        yield from (_row(one) for one in FUNCTIONS.values() if one.group == name)
        if name == "logical":
            yield LET
        yield ""


def _row(function: Function) -> str:
    kinds = ", ".join(KINDS[one.kind] for one in function.shown)
    return f"| `{function.signature}` | {kinds} | {function.help.replace('|', ' ')} |"


def _refused() -> Iterator[str]:
    yield "## Refused\n\nThese are refused by name, each with its reason.\n"
    reasons: dict[str, list[str]] = {}
    for name, reason in REFUSED.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    yield from (f"- {', '.join(names)}: {reason}" for reason, names in reasons.items())


if __name__ == "__main__":
    Path(__file__).with_name("formula-functions.md").write_text(page(), encoding="utf-8")
