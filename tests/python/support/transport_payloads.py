"""Payloads made from their JSON schema."""

from __future__ import annotations

from typing import Any

from spymaster_ingest.lake import PROJECT_ROOT

SIGNALS_SCHEMA = PROJECT_ROOT / "models/gold/engines/level_signals.schema.json"
_VALUES = {"integer": 7, "number": 1.5, "string": "text", "boolean": True, "null": None}


def instance(schema: dict[str, Any]) -> Any:
    """Return a value that meets a schema: the first that each type allows."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {key: instance(value) for key, value in schema["properties"].items()}
    if kind == "array":
        return [instance(schema["items"])]
    return _VALUES[kind]
