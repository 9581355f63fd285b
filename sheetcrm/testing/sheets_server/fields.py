"""Field masks: which fields of an answer are wanted, and which fields of a message are to be written.

A mask is a tree: each field with the mask below it; an empty tree stands for all that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from sheetcrm.testing.sheets_server.errors import ApiError, bad, violations
from sheetcrm.testing.sheets_server.schema import shapes

Mask = dict[str, Any]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_*]+|[(),./])")


def parse_mask(text: str) -> Mask:
    """The tree of `sheets(properties.title,data/rowData)`. Raises the 400 of a mask that is none."""
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unreadable(text)
        tokens.append(found[1])
        at = found.end()
    tree: Mask = {}
    rest = _parse_list(tokens, 0, [tree], text)
    if rest != len(tokens):
        raise _unreadable(text)
    return tree


def _unreadable(text: str) -> ApiError:
    what = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{text}'."
    return violations("Request contains an invalid argument.", [(text, what)])


def _parse_list(tokens: list[str], at: int, into: list[Mask], text: str) -> int:
    while True:
        at = _parse_path(tokens, at, into, text)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
            continue
        return at


def _parse_path(tokens: list[str], at: int, into: list[Mask], text: str) -> int:
    node = into[0]
    while at < len(tokens):
        name = tokens[at]
        if name in "(),./":
            raise _unreadable(text)
        node = node.setdefault(_camel(name), {})
        at += 1
        if at < len(tokens) and tokens[at] in "./":
            at += 1
            continue
        if at < len(tokens) and tokens[at] == "(":
            at = _parse_list(tokens, at + 1, [node], text)
            if at >= len(tokens) or tokens[at] != ")":
                raise _unreadable(text)
            at += 1
        return at
    raise _unreadable(text)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def selects(mask: Mask, *path: str) -> bool:
    """Whether the mask wants anything of the field at that path."""
    node = mask
    for name in path:
        if not node or "*" in node:
            return True
        if name not in node:
            return False
        node = node[name]
    return True


def below(mask: Mask, *path: str) -> Mask | None:
    """The mask for the field at that path, an empty one for all of it; None where nothing of it is wanted."""
    node = mask
    for name in path:
        if not node or "*" in node:
            return {}
        if name not in node:
            return None
        node = node[name]
    return {} if "*" in node else node


def check_mask(mask: Mask, message: str) -> None:
    """Nothing; raises the 400 that names the first path which the message does not have."""
    wrong = next(_unknown(mask, message, ""), None)
    if wrong:
        raise _unreadable(wrong)


def _unknown(mask: Mask, kind: Any, path: str) -> Iterator[str]:
    while isinstance(kind, list):
        kind = kind[0]
    if isinstance(kind, Mapping):
        kind = kind["*"]
    shape = shapes().get(kind)
    for name, below in mask.items():
        where = f"{path}.{name}" if path else name
        if name == "*":
            continue
        if shape is None or name not in shape:
            yield where
        else:
            yield from _unknown(below, shape[name], where)


def masked(mask: Mask, plain: Any) -> Any:
    """The parts of an answer that the mask wants."""
    if not mask or "*" in mask:
        return plain
    if isinstance(plain, list):
        return [masked(mask, one) for one in plain]
    if isinstance(plain, Mapping):
        return {name: masked(mask[name], one) for name, one in plain.items() if name in mask}
    return plain


def write(mask_text: str, message: str, target: MutableMapping[str, Any], source: Mapping[str, Any]) -> None:
    """Writes the fields of a mask from one message into another; what the source lacks is cleared."""
    mask = write_mask(mask_text, message)
    _write(mask, target, source, shapes()[message])


def write_tree(mask: Mask, target: MutableMapping[str, Any], source: Mapping[str, Any], message: str) -> None:
    """As `write`, with a mask that was read already."""
    _write(mask, target, source, shapes()[message])


def write_mask(text: str, message: str) -> Mask:
    """The tree of a mask for writing. Raises the 400 of an empty mask or one that names unknown fields."""
    if not text:
        raise bad("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse_mask(text)
    if mask.keys() == {message[0].lower() + message[1:]}:
        # Google's own samples write `fields: "properties.title"` or "title" alike.
        mask = next(iter(mask.values())) or {"*": {}}
    wrong = next(_unknown(mask, message, ""), None)
    if wrong:
        raise bad(f"Invalid field: {_snake_path(wrong)}")
    return mask


def _snake_path(path: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), path)


def _write(mask: Mask, target: MutableMapping[str, Any], source: Mapping[str, Any], shape: Mapping[str, Any]) -> None:
    if "*" in mask:
        for name in shape:
            _set(target, name, source.get(name))
        return
    for name, below in mask.items():
        if not below:
            # A colour is told in two ways: the older field and the style mean the same.
            twin = name.removesuffix("Style") if name.endswith("Style") else f"{name}Style"
            if twin in shape:
                _set(target, twin, source.get(twin))
            _set(target, name, source.get(name))
            continue
        inner = dict(target.get(name) or {})
        _write(below, inner, source.get(name) or {}, shapes()[shape[name]])
        _set(target, name, inner or None)


def _set(target: MutableMapping[str, Any], name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
