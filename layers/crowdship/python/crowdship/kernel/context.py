"""Where a value is read from, for checks that are made only once."""

from pydantic import ValidationInfo

STORED = {"stored": True}
"""The context in which a value is read that was checked when it was stored."""


def is_stored(info: ValidationInfo) -> bool:
    """Return whether a value is read from where it is stored: checks that need more than a pattern are left out."""
    return bool(info.context and info.context.get("stored"))
