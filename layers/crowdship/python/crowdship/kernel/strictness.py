"""Types are what JSON says they are: no number in quotes, no 1 for true, no true for 1, no 2.0 for 2."""

from typing import Any

_PLAIN = frozenset({"int", "float", "bool"})
_OTHERS = frozenset({"model", "definition-ref", "enum", "literal"})


def exact(schema: Any) -> Any:
    """Return a pydantic core schema in which numbers and truth values are taken only as such.

    Models within it are left as they are: each has its own schema made exact, or not, by itself.
    """
    if isinstance(schema, list):
        return [exact(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind in _PLAIN:
        return {**schema, "strict": True}
    if kind in _OTHERS:
        return schema
    return {name: part if name in ("metadata", "serialization") else exact(part) for name, part in schema.items()}


def exact_fields(schema: Any) -> Any:
    """Return the core schema of a model, which may stand within validators, with its fields made exact."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "model-fields":
        return {**schema, "fields": {name: exact(field) for name, field in schema["fields"].items()}}
    return {name: exact_fields(part) if name in ("schema", "definitions") else part for name, part in schema.items()}
