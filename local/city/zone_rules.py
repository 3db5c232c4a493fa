"""Dispatch rules of a zone as the API takes them: groups of settings."""

from collections.abc import Mapping
from typing import Any

Groups = Mapping[str, Mapping[str, Any]]


def with_changes(rules: Groups, changes: Groups) -> dict[str, dict[str, Any]]:
    """Return rules in which the settings of another set replace those of the same group and name."""
    names = dict.fromkeys((*rules, *changes))
    return {name: {**rules.get(name, {}), **changes.get(name, {})} for name in names}
