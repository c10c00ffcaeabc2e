"""As much of JSON Schema as the tools need: objects of strings, numbers, enumerations and lists of strings."""

from collections.abc import Mapping
from typing import Any

from pic.errors import InputError, nearest

Schema = dict[str, Any]


def text(about: str, *, among: tuple[str, ...] = (), default: str | None = None) -> Schema:
    """A string, or one of a few."""
    found: Schema = {"type": "string", "description": about}
    if among:
        found["enum"] = list(among)
    if default is not None:
        found["default"] = default
    return found


def texts(about: str) -> Schema:
    """A list of strings."""
    return {"type": "array", "items": {"type": "string"}, "description": about}


def thing(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """An object that has these properties and no others."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def checked(schema: Schema, given: object) -> dict[str, Any]:
    """What was given, with defaults. Raises InputError that names the argument at fault."""
    if not isinstance(given, Mapping):
        raise InputError("arguments must be an object")
    known: Mapping[str, Schema] = schema["properties"]
    for key in given:
        if key not in known:
            raise InputError(f"no argument is called {key!r}", nearest(str(key), known))
    for key in schema.get("required", ()):
        if key not in given:
            raise InputError(f"{key} is missing", str(known[key]["description"]))
    found = {key: one["default"] for key, one in known.items() if "default" in one}
    return {**found, **{key: _value(key, known[key], value) for key, value in given.items()}}


def _value(key: str, schema: Schema, value: Any) -> Any:
    if schema["type"] == "array":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise InputError(f"{key} must be a list of strings")
    elif not isinstance(value, str):
        raise InputError(f"{key} must be a string")
    if "enum" in schema and value not in schema["enum"]:
        raise InputError(f"{key} cannot be {value!r}", nearest(value, schema["enum"]))
    return value
