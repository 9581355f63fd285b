"""Formulas read into trees."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

from sheetcrm.errors import FormulaError
from sheetcrm.formula.brackets import cells_of
from sheetcrm.formula.limits import DEEPEST_NESTING, MOST_ARGUMENTS, TALLEST_TREE
from sheetcrm.formula.locale import ENGLISH, Locale
from sheetcrm.formula.names import english_name
from sheetcrm.formula.tokens import Token, tokens
from sheetcrm.formula.tree import (
    PRECEDENCE,
    ArrayConstant,
    Binary,
    Call,
    Cells,
    Constant,
    Follow,
    Literal,
    Name,
    Node,
    Parens,
    Unary,
)
from sheetcrm.table import CellError

_ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}|R[0-9]*C[0-9]*", re.ASCII)
_PREFIX = re.compile(r"(_xlfn\.|_xlws\.|_xlpm\.)+", re.IGNORECASE)


@lru_cache(maxsize=2_000)
def parse(text: str, locale: Locale = ENGLISH) -> Node:
    """The tree of a formula, with or without `=` before it. Raises FormulaError with the place of the fault."""
    return _Parser(text, locale).formula()


class _Parser:
    """Reads tokens one after the other; operators by how tightly they bind."""

    def __init__(self, text: str, locale: Locale) -> None:
        self._locale = locale
        self._tokens = list(tokens(text, locale))
        self._at = 0
        self._depth = 0
        self._heights: dict[int, int] = {}

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is_sign(self, *signs: str) -> bool:
        token = self._next
        return token.kind == "sign" and token.text in signs

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def formula(self) -> Node:
        if self._is_sign("="):
            self._take()
        if self._next.kind == "end":
            raise FormulaError("The formula is empty.", 'Write a condition such as [Status]="Open".', 0)
        node = self._expression(1)
        if self._next.kind != "end":
            self._fail_at_rest()
        return node

    def _grown(self, node: Node, *parts: Node) -> Node:
        """Keeps how tall a node stands, since trees that are too tall would break what walks over them."""
        height = 1 + max((self._heights.get(id(part), 0) for part in parts), default=0)
        if height > TALLEST_TREE:
            raise FormulaError(
                f"More than {TALLEST_TREE} operations wait for each other.", "Part the formula.", node.position
            )
        self._heights[id(node)] = height
        return node

    def _expression(self, least: int) -> Node:
        left = self._signed()
        while self._next.kind == "sign" and PRECEDENCE.get(self._next.text, 0) >= least:
            token = self._take()
            right = self._expression(PRECEDENCE[token.text] + 1)
            left = self._grown(Binary(token.text, left, right, token.position), left, right)
        return left

    def _signed(self) -> Node:
        signs = []
        while self._is_sign("-", "+"):
            signs.append(self._take())
        node = self._operand()
        while self._is_sign("%"):
            node = self._grown(Unary("%", node, self._take().position), node)
        for token in reversed(signs):
            node = self._grown(Unary(token.text, node, token.position), node)
        return node

    def _operand(self) -> Node:
        token = self._take()
        match token.kind:
            case "number":
                return Literal(self._number(token), token.position)
            case "text":
                return Literal(token.text, token.position)
            case "error":
                return Literal(CellError(token.text.upper()), token.position)
            case "bracket":
                return self._followed(cells_of("", token.text, token.position))
            case "name" | "quoted":
                return self._named(token)
        if token.kind == "sign" and token.text == "(":
            return self._parens(token)
        if token.kind == "sign" and token.text == "{":
            return self._array(token)
        return self._fail_at(token)

    def _number(self, token: Token) -> float:
        text = token.text.replace(self._locale.decimal, ".")
        number = float(text)
        if number > 1.797e308:
            raise FormulaError(f"{text} is larger than any number of Excel.", "Write a smaller one.", token.position)
        return float(f"{number:.14e}") if len(text) > 15 else number

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            raise FormulaError(
                f"More than {DEEPEST_NESTING} brackets within each other.", "Part the formula.", token.position
            )

    def _parens(self, token: Token) -> Node:
        self._enter(token)
        inner = self._expression(1)
        self._close(token)
        self._depth -= 1
        return self._grown(Parens(inner, token.position), inner)

    def _close(self, token: Token) -> None:
        if not self._is_sign(")"):
            if self._next.kind == "end":
                raise FormulaError(
                    f"The ( at character {token.position + 1} is never closed.", "Add a ).", token.position
                )
            self._fail_at_rest()
        self._take()

    def _named(self, token: Token) -> Node:
        following = self._next
        if following.kind == "bracket":
            self._take()
            return self._followed(cells_of(" ".join(token.text.split()), following.text, token.position))
        if token.kind == "quoted":
            if self._is_sign("!"):
                self._refuse_address(token)
            return Name(" ".join(token.text.split()), token.position)
        if self._is_sign("("):
            return self._call(token)
        if token.text.upper() in {"TRUE", "FALSE"}:
            return Literal(token.text.upper() == "TRUE", token.position)
        if self._is_sign("!", ":") or _ADDRESS.fullmatch(token.text):
            self._refuse_address(token)
        return Name(_PREFIX.sub("", token.text), token.position)

    def _refuse_address(self, token: Token) -> NoReturn:
        raise FormulaError(
            f"{token.text} is a cell's address; rules know rows and columns by name.",
            "Write [Column] for this row's cell, Tab[Column] for a whole column.",
            token.position,
        )

    def _call(self, token: Token) -> Node:
        name = english_name(_PREFIX.sub("", token.text).upper(), self._locale.name)
        opening = self._take()
        self._enter(opening)
        arguments: list[Node | None] = []
        while True:
            if self._is_sign(",", ";"):
                arguments.append(None)
            elif self._is_sign(")"):
                if arguments:
                    arguments.append(None)
                break
            else:
                arguments.append(self._expression(1))
            if not self._is_separator():
                break
            self._take()
            if len(arguments) > MOST_ARGUMENTS:
                raise FormulaError(f"{name} has more than {MOST_ARGUMENTS} arguments.", "Use fewer.", token.position)
        self._close(opening)
        self._depth -= 1
        node = Call(name, tuple(arguments), token.position)
        return self._grown(node, *[one for one in arguments if one is not None])

    def _is_separator(self) -> bool:
        if self._is_sign(",") and self._locale.separator == ";":
            raise FormulaError(
                f"The comma at character {self._next.position + 1} is a decimal sign here.",
                "Part arguments by ;.",
                self._next.position,
            )
        return self._is_sign(",", ";")

    def _followed(self, node: Cells) -> Node:
        found: Cells | Follow = node
        while self._is_sign(".") and self._tokens[self._at + 1].kind == "bracket":
            self._take()
            token = self._take()
            column = cells_of("", token.text, token.position)
            if column.last or not column.first:
                raise FormulaError("Only one column can be followed.", "Write [Account].[Tier].", token.position)
            found = Follow(found, column.first, token.position)
            self._grown(found, found.origin)
        return found

    def _array(self, opening: Token) -> Node:
        rows: list[list[Constant]] = [[]]
        columns = {",", "."} if self._locale.separator == "," else {".", "\\"}
        while True:
            rows[-1].append(self._constant())
            if self._is_sign(";"):
                rows.append([])
            elif not self._is_sign(*columns):
                break
            self._take()
        if not self._is_sign("}"):
            self._fail_at_rest()
        self._take()
        if len({len(row) for row in rows}) > 1:
            raise FormulaError("The rows in braces differ in length.", "Give each as many values.", opening.position)
        return ArrayConstant(tuple(tuple(row) for row in rows), opening.position)

    def _constant(self) -> Constant:
        sign = 1.0
        while self._is_sign("-", "+"):
            sign *= -1.0 if self._take().text == "-" else 1.0
        token = self._take()
        if token.kind == "number":
            return sign * self._number(token)
        if token.kind == "text":
            return token.text
        if token.kind == "error":
            return CellError(token.text.upper())
        if token.kind == "name" and token.text.upper() in {"TRUE", "FALSE"}:
            return token.text.upper() == "TRUE"
        if token.kind == "end":
            self._fail_at(token)
        raise FormulaError(
            f"{token.text!r} at character {token.position + 1} cannot stand in braces.",
            "Only numbers, texts, TRUE and FALSE can.",
            token.position,
        )

    def _fail_at_rest(self) -> NoReturn:
        self._fail_at(self._next)

    def _fail_at(self, token: Token) -> NoReturn:
        if token.kind == "end":
            raise FormulaError("The formula ends too early.", "Something is missing at its end.", token.position)
        if token.kind == "sign" and token.text == "$":
            raise FormulaError("$ belongs to cell addresses.", "Name columns instead.", token.position)
        shown = f"[{token.text}]" if token.kind == "bracket" else token.text
        raise FormulaError(
            f"{shown[:40]!r} at character {token.position + 1} is not expected there.",
            "Is a sign, a comma or a bracket missing before it?",
            token.position,
        )
