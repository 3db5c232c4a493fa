"""Items of the tables in memory, with their sizes."""

from typing import Any

from benchmarks.support.expressions import Item


class StoredItem(dict[str, dict[str, Any]]):
    """An item in a table, which is never changed, with its size: it is counted once, and asked for at each read."""

    __slots__ = ("size",)

    def __init__(self, item: Item) -> None:
        super().__init__(item)
        self.size = _counted(item)


def stored(item: Item) -> StoredItem:
    """Return an item as a table holds it: a copy, unless it is one already."""
    return item if isinstance(item, StoredItem) else StoredItem(item)


def size_of(item: Item) -> int:
    """Return the size of an item in characters, names included."""
    return item.size if isinstance(item, StoredItem) else _counted(item)


def _counted(item: Item) -> int:
    size = 0
    for name, typed in item.items():
        for value in typed.values():
            size += len(name) + len(value if isinstance(value, str) else str(value))
    return size
