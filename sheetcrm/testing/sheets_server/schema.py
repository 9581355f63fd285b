"""The shapes of the API's messages: names and types of all fields, as the public discovery document gives them.

`schema.json` maps each message to its fields. A type is `string`, `integer`, `number`, `boolean` or `any`, the name of
another message, several values joined by `|`, or one of these in a list (repeated) or under `*` (a map).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sheetcrm.testing.sheets_server.errors import violations

Shape = Mapping[str, Any]

_INTEGER = re.compile(r"-?[0-9]{1,10}")


@cache
def shapes() -> Mapping[str, Shape]:
    """All messages by name."""
    text = files("sheetcrm.testing.sheets_server").joinpath("schema.json").read_text("utf-8")
    loaded: dict[str, Shape] = json.loads(text)
    return loaded


def shapes_of(discovery: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What `schema.json` holds, made from a discovery document."""
    return {
        name: {field: _type_of(one) for field, one in schema.get("properties", {}).items()}
        for name, schema in sorted(discovery["schemas"].items())
    }


def _type_of(one: Mapping[str, Any]) -> Any:
    if "$ref" in one:
        return one["$ref"]
    if one["type"] == "array":
        return [_type_of(one["items"])]
    if one["type"] == "object":
        return {"*": _type_of(one["additionalProperties"])} if "additionalProperties" in one else "any"
    return "|".join(one["enum"]) if "enum" in one else one["type"]


def check(message: str, plain: Any, where: str = "") -> None:
    """Nothing; raises the 400 that Google gives for a JSON body with unknown names or values of a wrong type.

    `where` is the field of the request that the body stands for, if it has a name.
    """
    found = list(_faults(message, plain, where))
    if found:
        lines = "\n".join(what for _, what in found)
        raise violations(f"Invalid JSON payload received. {lines}" if found[0][1][:7] == "Unknown" else lines, found)


def _faults(kind: Any, plain: Any, where: str) -> Iterator[tuple[str, str]]:
    if plain is None or kind == "any":
        return
    if isinstance(kind, list):
        yield from _list_faults(kind[0], plain, where)
    elif isinstance(kind, Mapping):
        yield from _map_faults(kind["*"], plain, where)
    elif kind in shapes():
        yield from _message_faults(kind, plain, where)
    elif not _is_of(kind, plain):
        yield where, f"Invalid value at '{where}' ({_google_type(kind)}), {_shown(plain)}"


def _list_faults(kind: Any, plain: Any, where: str) -> Iterator[tuple[str, str]]:
    is_list = isinstance(plain, list)
    for i, one in enumerate(plain if is_list else [plain]):
        if isinstance(kind, list) and not isinstance(one, list):
            at = f"{where}[{i}]" if is_list else where
            yield at, f"Invalid value at '{at}' (type.googleapis.com/google.protobuf.ListValue), {_shown(one)}"
        else:
            # A single message where a list is expected is taken for a list of one.
            yield from _faults(kind, one, f"{where}[{i}]")


def _map_faults(kind: Any, plain: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(plain, Mapping):
        yield where, f"Invalid value at '{where}' (type map), {_shown(plain)}"
        return
    for key, one in plain.items():
        yield from _faults(kind, one, f"{where}[{key}].value")


def _message_faults(message: str, plain: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(plain, Mapping):
        kind = f"type.googleapis.com/google.apps.sheets.v4.{message}"
        yield where, f"Invalid value at '{where}' ({kind}), {_shown(plain)}"
        return
    shape = shapes()[message]
    for name, one in plain.items():
        if name not in shape:
            at = f" at '{where}'" if where else ""
            yield where, f'Unknown name "{name}"{at}: Cannot find field.'
        else:
            yield from _faults(shape[name], one, f"{where}.{_snake(name)}" if where else _snake(name))


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)


def _is_of(kind: str, plain: Any) -> bool:
    if kind == "string":
        return isinstance(plain, str)
    if kind == "boolean":
        return isinstance(plain, bool)
    if kind in ("number", "integer"):
        if isinstance(plain, bool | str):
            return isinstance(plain, str) and bool(_INTEGER.fullmatch(plain))
        return isinstance(plain, float | int) and (kind == "number" or float(plain).is_integer())
    return isinstance(plain, str) and plain in kind.split("|")


def _google_type(kind: str) -> str:
    names = {"string": "TYPE_STRING", "boolean": "TYPE_BOOL", "number": "TYPE_DOUBLE", "integer": "TYPE_INT32"}
    return names.get(kind, "TYPE_ENUM")


def _shown(plain: Any) -> str:
    return f'"{plain}"' if isinstance(plain, str) else json.dumps(plain)


def parts(kind: Any, plain: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A message and all messages inside it, each with its name, the inner ones first."""
    if isinstance(kind, list):
        for one in plain:
            yield from parts(kind[0], one)
    elif isinstance(kind, Mapping):
        for one in plain.values():
            yield from parts(kind["*"], one)
    elif kind in shapes() and isinstance(plain, dict):
        shape = shapes()[kind]
        for name, one in list(plain.items()):
            if not isinstance(shape.get(name, "string"), str) or shape.get(name) in shapes():
                yield from parts(shape[name], one)
        yield kind, plain
