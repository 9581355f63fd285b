"""Writes docs/reference.md from the code: commands, settings, tabs and columns, exit codes.

python docs/make_reference.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sheetcrm.cli import COMMANDS, CONTEXT, sheetcrm
from sheetcrm.config import json_schema
from sheetcrm.errors import SheetcrmError
from sheetcrm.schema.fields import KINDS, built_in_stages, built_in_tables

HEAD = """# Reference

Generated from the code by `python docs/make_reference.py`.
"""


def reference() -> str:
    """The whole page."""
    parts = [HEAD, "## Commands\n", *_commands(), "## Settings\n", *_settings(), "## Tabs and columns\n", *_tables()]
    return "\n".join([*parts, "## Exit codes\n", *_exit_codes()]) + "\n"


def _commands() -> Iterator[str]:
    root = click.Context(sheetcrm, info_name="sheetcrm", **CONTEXT)
    for name in COMMANDS:
        command = sheetcrm.get_command(root, name)
        assert command is not None  # noqa: S101 -- the names are the group's own
        text = command.get_help(
            click.Context(command, info_name=name, parent=root, terminal_width=100, max_content_width=100)
        )
        yield f"### sheetcrm {name}\n\n```text\n{text}\n```\n"


def _settings() -> Iterator[str]:
    yield (
        "In `sheetcrm.toml` beside the workbook, or in the environment as `SHEETCRM_MAIL__SENDER`. Every one has a\n"
        "default.\n"
    )
    schema = json_schema()
    yield from _section("", schema, schema)


def _section(name: str, part: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    rows, nested = [], []
    for key, one in part.get("properties", {}).items():
        target = _target(one, schema)
        if target is not None:
            nested.append((_nested_name(name, key, one), target))
        else:
            rows.append(f"| `{key}` | {_kind(one)} | {_default(one)} | {one.get('description', '')} |")
    title = part.get("description", "").splitlines()
    yield f"### {f'`[{name}]`' if name else 'Top of the file'}\n\n{title[0] if name and title else ''}\n"
    if rows:
        yield "| setting | kind | default | |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    for nested_name, target in nested:
        yield from _section(nested_name, target, schema)


def _target(one: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    for holder in (one, one.get("items", {}), _values(one), _values(_values(one))):
        if "$ref" in holder:
            found: dict[str, Any] = schema["$defs"][holder["$ref"].rpartition("/")[2]]
            return found
    return None


def _values(one: dict[str, Any]) -> dict[str, Any]:
    values = one.get("additionalProperties", {})
    return values if isinstance(values, dict) else {}


def _nested_name(name: str, key: str, one: dict[str, Any]) -> str:
    path = f"{name}.{key}" if name else key
    if "items" in one:
        return f"[{path}]"
    return f"{path}.TAB.FIELD" if _values(one) else path


def _kind(one: dict[str, Any]) -> str:
    if "enum" in one:
        return " or ".join(f"`{value}`" for value in one["enum"])
    if one.get("type") == "array":
        return "list"
    return str(one.get("type", one.get("format", "")))


def _default(one: dict[str, Any]) -> str:
    default = one.get("default")
    return (
        "" if default in (None, "", [], {}) else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    )


def _tables() -> Iterator[str]:
    yield f"Kinds of column: {', '.join(KINDS)}.\n"
    stages = built_in_stages()
    yield f"Stages: {', '.join(stages.open)} (open), {', '.join(stages.won)}, {', '.join(stages.lost)}.\n"
    for table in built_in_tables():
        yield f"### {table.name}\n\nTitles: {', '.join(table.aliases)}.\n"
        rows = [f"| `{one.field}` | {one.kind} | {', '.join(one.aliases)} |" for one in table.fields]
        yield "| field | kind | headers |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _exit_codes() -> Iterator[str]:
    codes = {0: "done", 7: "`check`: the data quality is below --fail-under", 8: "done, but some mails were not sent"}
    for error in (SheetcrmError, *SheetcrmError.__subclasses__()):
        codes.setdefault(error.exit_code, (error.__doc__ or "").splitlines()[0])
    codes[1] = "something else went wrong; the message says what"
    yield "| code | meaning |\n|---|---|\n" + "\n".join(f"| {code} | {codes[code]} |" for code in sorted(codes)) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("reference.md").write_text(reference(), encoding="utf-8")
