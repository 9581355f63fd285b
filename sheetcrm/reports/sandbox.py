"""The jinja2 environment for templates that people may change: no way out of it, and no way to flood a run.

Three budgets hold for each rendering: characters of output and of any text made on the way, steps of loops and calls,
and seconds of this thread. Filters and methods of text that could make much out of little are asked before they work.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ClassVar, cast

from jinja2 import FileSystemLoader, StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_CHARACTERS = 2_000_000
"""A mail or page longer than this is a mistake of its template: most mail servers refuse far less."""

MOST_IN_A_PAGE = 8_000_000
"""The same of a page for the reports folder, which lists thousands of rows."""

MOST_STEPS = 500_000
"""Turns of all loops in the rendering of a mail, four times as many in that of a page; a call counts as five."""

MOST_SECONDS = 20.0
"""Of this thread's own time: a page of a large workbook takes less than one."""

LARGEST_NUMBER = 10**15
_STEPS_A_CALL = 5
_LARGEST_WIDTH = 10_000
"""A width, count or indent above it is no layout."""

_LONGEST_INDENT = 100

_WIDTH = re.compile(r"\d{5}")
_STEPS, _TEXT, _MADE = "_counted", "_joined", "_made"


class TemplateTooLarge(Exception):  # noqa: N818 -- says what it is; `render` turns it into a ConfigError
    """The template takes more than its budget."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates see only their context: StrictUndefined, HTML escaped, all that they do on a budget."""

    # "x" * 10**9 takes a gigabyte before any output could be counted.
    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"*", "**", "+", "%"})  # type: ignore[misc]  # jinja2 lacks ClassVar

    def __init__(self, folders: tuple[Path, ...]) -> None:
        super().__init__(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=_is_html,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._steps, self._end = 0, 0.0
        self.globals = {"range": self._range, "dict": dict, "namespace": self.globals["namespace"]}
        self.filters = {name: self._guarded(one) for name, one in self.filters.items()}
        self.filters |= {_STEPS: self._counted, _TEXT: self._joined, _MADE: self._made}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The template with each loop's turns counted, and each text or list that it makes measured."""
        template: nodes.Template = _Measured().visit(super()._parse(source, name, filename))
        return template

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The sum, product or rest; what would grow without bounds, or multiplies text, is refused."""
        numbers = all(isinstance(one, int | float) for one in (left, right))
        if operator == "**" or (operator == "*" and not numbers):
            raise SecurityError(f"{operator} is only for numbers in a template, and ** not at all")
        if numbers and max(abs(left), abs(right)) > LARGEST_NUMBER:
            raise SecurityError("its numbers are too large")
        if operator == "+" and not numbers:
            _check_size(_size(left) + _size(right))
        if operator == "%" and isinstance(left, str):
            _check_widths(left)
            _check_numbers(right if isinstance(right, tuple) else (right,), {})
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 -- the face is jinja2's
        """What a call gives; methods of text are asked first whether they make too much of it."""
        __self._step(_STEPS_A_CALL)
        # jinja2 hands out `format` wrapped, and what is wrapped along with it.
        method = getattr(__obj, "__wrapped__", __obj)
        owner = getattr(method, "__self__", None)
        if isinstance(owner, str):
            _check_method(owner, method.__name__, args)
            _check_numbers(args, kwargs)
        return _checked(super().call(__context, __obj, *args, **kwargs))

    def fill(self, name: str, context: Mapping[str, Any], most: int = 0) -> str:
        """The template filled with at most so many characters; 0: as a mail may have.

        Raises TemplateTooLarge, and whatever jinja2 or the template's own sums raise.
        """
        most = most or MOST_CHARACTERS
        self._steps, self._end = MOST_STEPS * most // MOST_CHARACTERS, time.thread_time() + MOST_SECONDS
        pieces: list[str] = []
        size = 0
        for piece in self.get_template(name).generate(context):
            size += len(piece)
            _check_size(size, most)
            pieces.append(piece)
        return "".join(pieces)

    def _range(self, *args: int) -> range:
        numbers = range(*args)
        if len(numbers) > self._steps:
            raise SecurityError("its loops over range() take too many steps")
        self._steps -= len(numbers)
        return numbers

    def _step(self, count: int = 1) -> None:
        self._steps -= count
        if self._steps < 0:
            raise TemplateTooLarge("its loops and calls take too many steps")
        if time.thread_time() > self._end:
            raise TemplateTooLarge(f"it takes more than {MOST_SECONDS:.0f} seconds")

    @pass_context
    def _counted(self, _context: Context, values: Iterable[Any]) -> Iterator[Any]:
        """The values of a loop, each one counted."""
        for one in values:
            self._step()
            yield one

    @pass_context
    def _made(self, _context: Context, value: Any) -> Any:
        """A list or dict that a template made, measured."""
        self._step()
        return _checked(value)

    @pass_context
    def _joined(self, context: Context, parts: list[Any]) -> str:
        """The parts of a text put together, escaped where the template is HTML."""
        self._step()
        _check_size(sum(map(_size, parts)))
        return (markup_join if context.eval_ctx.autoescape else str_join)(parts)

    def _guarded(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that is asked first, counts as many steps as it looks at values, and whose text is measured."""

        @wraps(work)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            """What the filter gives, once its arguments are found harmless."""
            _check_numbers(args, kwargs)
            # What the filter is put behind comes first, or second where the filter asks for its surroundings.
            at = int(hasattr(work, "jinja_pass_arg"))
            value = args[at] if len(args) > at else None
            if isinstance(value, str):
                _check_method(value, work.__name__.removeprefix("do_"), (*args[at + 1 :], *kwargs.values()))
            self._step(1 + len(value) if isinstance(value, list | tuple | dict | range) else 1)
            return _checked(work(*args, **kwargs))

        return guarded


class _Measured(NodeTransformer):
    """Puts our own filters behind whatever can make much out of little."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 -- the face is jinja2's
        """A loop whose turns are counted."""
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), _STEPS)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802
        """A text that is measured before it is put together."""
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), _TEXT)

    def visit_List(self, node: nodes.List) -> nodes.Expr:  # noqa: N802
        """A list that is measured with all that is in it: twice itself in itself, forty times, fills the memory."""
        self.generic_visit(node)
        return _filtered(node, _MADE)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Expr:  # noqa: N802
        """A dict that is measured."""
        self.generic_visit(node)
        return _filtered(node, _MADE)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Expr:  # noqa: N802
        """A tuple that is measured, where it is a value and no list of names."""
        self.generic_visit(node)
        return _filtered(node, _MADE) if node.ctx == "load" else node


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _size(value: Any) -> int:
    """Characters of a text, or of all that a list or dict holds; counted no further than the limit."""
    if isinstance(value, str):
        return len(value)
    size, left = 0, [value]
    while left and size <= MOST_CHARACTERS:
        one = left.pop()
        size += len(one) + 1 if isinstance(one, str) else 1
        if isinstance(one, list | tuple | dict):
            left += one.values() if isinstance(one, dict) else one
    return size


def _check_size(size: int, most: int = 0) -> None:
    most = most or MOST_CHARACTERS
    if size > most:
        raise TemplateTooLarge(f"more than {most:,} characters come out of it")


def _checked(value: Any) -> Any:
    _check_size(_size(value))
    return value


def _check_numbers(args: Iterable[Any], kwargs: Mapping[str, Any]) -> None:
    for one in (*args, *kwargs.values()):
        if isinstance(one, int) and abs(one) > _LARGEST_WIDTH:
            raise SecurityError(f"a number above {_LARGEST_WIDTH:,} is no width or count")


def _check_widths(text: str) -> None:
    if _WIDTH.search(text):
        raise SecurityError("a width of five digits is no layout")


def _check_method(text: str, name: str, args: tuple[Any, ...]) -> None:
    """Nothing; TemplateTooLarge or SecurityError where a method or filter would make too much of a text."""
    if name in {"format", "format_map"}:
        _check_widths(text)
    if name == "replace" and len(args) >= 2 and all(isinstance(one, str) for one in args[:2]):
        _check_size(len(text) + text.count(args[0]) * len(args[1]))
    if name in {"indent", "wordwrap"} and max(map(_size, args), default=0) > _LONGEST_INDENT:
        raise SecurityError(f"{name} puts no more than {_LONGEST_INDENT} characters before a line")
    if name == "join" and args and isinstance(args[0], list | tuple):
        _check_size(sum(map(_size, args[0])) + len(text) * len(args[0]))


def _is_html(name: str | None) -> bool:
    return name is None or name.endswith(".html.j2")


@lru_cache(maxsize=16)
def sandbox(folders: tuple[Path, ...]) -> Sandbox:
    """The environment that looks for templates in these folders, the first one that has it wins."""
    return Sandbox(folders)
