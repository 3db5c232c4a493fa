"""Reading of bodies before anybody looks at their fields: text that is text, and JSON that means one thing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

MOST_NESTED = 32
"""Levels of objects and lists in a body; the deepest that the API documents has seven."""

_SHOWN = 60


def is_text(value: str) -> bool:
    """Return whether a text can be written as UTF-8, which half of a pair of surrogates can't."""
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
