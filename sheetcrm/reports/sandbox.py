"""The jinja2 environment for templates that people may change: no way out of it, and no way to flood a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import MAX_RANGE, ImmutableSandboxedEnvironment

MOST_CHARACTERS = 2_000_000
"""A mail or page longer than this is a mistake of its template: most mail servers refuse far less."""

MOST_IN_A_PAGE = 8_000_000
"""The same of a page for the reports folder, which lists thousands of rows."""


class TemplateTooLarge(Exception):  # noqa: N818 -- says what it is; `render` turns it into a ConfigError
    """The template's output is longer than `MOST_CHARACTERS`."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates see only their context: StrictUndefined, HTML escaped, `range` on a budget for the whole rendering."""

    # "x" * 10**9 takes a gigabyte before any output could be counted.
    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"*", "**"})  # type: ignore[misc]  # jinja2 lacks ClassVar

    def __init__(self, folders: tuple[Path, ...]) -> None:
        super().__init__(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=_is_html,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._left = MAX_RANGE
        self.globals["range"] = self._range

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The product of two numbers; anything that multiplies text or lists, or raises to a power, is refused."""
        if operator == "**" or not all(isinstance(one, int | float) for one in (left, right)):
            raise SecurityError(f"{operator} is only for numbers in a template, and ** not at all")
        return super().call_binop(context, operator, left, right)

    def fill(self, name: str, context: Mapping[str, Any], most: int = MOST_CHARACTERS) -> str:
        """The template filled; raises TemplateTooLarge, and whatever jinja2 or the template's own sums raise."""
        self._left = MAX_RANGE
        pieces: list[str] = []
        size = 0
        for piece in self.get_template(name).generate(context):
            size += len(piece)
            if size > most:
                raise TemplateTooLarge(f"more than {most:,} characters come out of it")
            pieces.append(piece)
        return "".join(pieces)

    def _range(self, *args: int) -> range:
        numbers = range(*args)
        self._left -= len(numbers)
        if self._left < 0:
            raise SecurityError(f"its loops over range() take more than {MAX_RANGE:,} steps")
        return numbers


def _is_html(name: str | None) -> bool:
    return name is None or name.endswith(".html.j2")


@lru_cache(maxsize=16)
def sandbox(folders: tuple[Path, ...]) -> Sandbox:
    """The environment that looks for templates in these folders, the first one that has it wins."""
    return Sandbox(folders)
