"""Messages held against the public discovery document of the Sheets API, which PyPI's google-api-python-client brings.

Written apart from the server's own check on purpose: the one is the witness of the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any


@cache
def document() -> dict[str, Any]:
    import googleapiclient

    folder = Path(googleapiclient.__path__[0]) / "discovery_cache" / "documents"
    return json.loads((folder / "sheets.v4.json").read_text("utf-8"))


@cache
def methods() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    return [*_methods(document()["resources"])]


def _methods(resources: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str], dict[str, Any]]]:
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            path = re.sub(r"\\{(\w+)\\}", r"([^/]+?)", re.escape(method["flatPath"]))
            yield method["httpMethod"], re.compile("/" + path), method
        yield from _methods(resource.get("resources", {}))


def method_of(verb: str, path: str) -> dict[str, Any]:
    found = [one for http, pattern, one in methods() if http == verb.upper() and pattern.fullmatch(path)]
    # `values/A1:append` fits values.update's path as well: the longest pattern is the one that is meant.
    assert found, f"{verb} {path} is no call of the API"
    return max(found, key=lambda one: len(one["flatPath"]))


def request_faults(verb: str, path: str, query: dict[str, list[str]], body: Any) -> list[str]:
    method = method_of(verb, path)
    known = {**document()["parameters"], **method.get("parameters", {})}
    faults = [f"parameter {name} is unknown" for name in query if name not in known]
    for name, values in query.items():
        for value in values:
            faults += _plain_faults(known.get(name, {"type": "any"}), _read(value), name)
    if body is not None and "request" in method:
        faults += faults_of(method["request"]["$ref"], body)
    return faults


def _read(value: str) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value)


def answer_faults(verb: str, path: str, status: int, body: Any) -> list[str]:
    if status >= 400:
        error = body.get("error", {})
        wanted = {"code": int, "message": str, "status": str}
        return [f"error.{name} is missing" for name, kind in wanted.items() if not isinstance(error.get(name), kind)]
    return faults_of(method_of(verb, path)["response"]["$ref"], body)


def faults_of(message: str, plain: Any, where: str = "") -> list[str]:
    """What is wrong with a message: unknown fields, wrong types, values that no enum has."""
    where = where or message
    if not isinstance(plain, dict):
        return [f"{where} is no {message}"]
    properties = document()["schemas"][message].get("properties", {})
    faults = [f"{where}.{name} is unknown" for name in plain if name not in properties]
    for name, value in plain.items():
        if name in properties and value is not None:
            faults += _faults(properties[name], value, f"{where}.{name}")
    return faults


def _faults(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    if "$ref" in schema:
        return faults_of(schema["$ref"], value, where)
    if schema["type"] == "array":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [fault for i, one in enumerate(value) for fault in _faults(schema["items"], one, f"{where}[{i}]")]
    if schema["type"] == "object" and "additionalProperties" in schema:
        inner = schema["additionalProperties"]
        return [fault for key, one in value.items() for fault in _faults(inner, one, f"{where}[{key}]")]
    return _plain_faults(schema, value, where)


def _plain_faults(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    kind = schema.get("type", "any")
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31,
        "number": is_number,
    }
    return [] if fits.get(kind, True) else [f"{where} is {value!r}, no {kind}"]
