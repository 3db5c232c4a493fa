"""Strict reading of JSON: text that is text, JSON that means one thing, numbers that are numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from pydantic import ValidationInfo

MOST_NESTED = 32
"""Levels of objects and lists in a body; the deepest that the API documents has seven."""

_SHOWN = 60


def is_text(value: str) -> bool:
    """Return whether a text can be written as UTF-8. Half of a surrogate pair can't."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_json(text: str) -> Any:
    """Return what a JSON text says (RFC 8259, with the narrower reading of RFC 7493).

    Raises
    ------
    json.JSONDecodeError
        If it is malformed, or could be read in more than one way: a name that comes twice in an object, NaN and
        infinities, halves of surrogate pairs, numbers of thousands of digits, objects nested ``MOST_NESTED`` deep.

    Examples
    --------
    >>> read_json('{"tip": 300}')
    {'tip': 300}
    >>> read_json('{"tip": 300, "tip": 0}')
    Traceback (most recent call last):
    json.decoder.JSONDecodeError: tip is there twice in one object: line 1 column 1 (char 0)
    """
    text = text.removeprefix("\ufeff")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        if not is_text(text) or ("\\ud" in text.lower() and not is_text(json.dumps(value, ensure_ascii=False))):
            raise ValueError("it has half of a surrogate pair, which is no character")
        if _depth(value) > MOST_NESTED:
            raise ValueError(f"it is nested more than {MOST_NESTED} levels deep")
        return value
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError(f"it is nested more than {MOST_NESTED} levels deep", text, 0) from error
    except ValueError as error:
        raise json.JSONDecodeError(str(error), text, 0) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:_SHOWN]} is there twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _depth(value: Any) -> int:
    """Return how many levels of objects and lists there are."""
    depth, level = 0, [value]
    while level := [part for each in level for part in _parts(each)]:
        depth += 1
    return depth


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


# --- types as JSON has them: no number in quotes, no 1 for true, no true for 1, no 2.0 for 2


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


# --- values that were checked before


STORED = {"stored": True}
"""The pydantic context in which a value is read that was checked when it was stored."""


def is_stored(info: ValidationInfo) -> bool:
    """Return whether a value is read from where it is stored.

    It was checked before it was stored, so checks that need more than a pattern are left out.
    """
    return bool(info.context and info.context.get("stored"))
