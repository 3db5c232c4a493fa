"""Caches: values that a container read, bounded in age and size."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from cachetools import TLRUCache


class _Unknown:
    """The type of ``UNKNOWN``."""


UNKNOWN: Final = _Unknown()
"""Returned for a key that is not cached; None can be a cached value, which means that the thing does not exist."""


class Cache[K: Hashable, V]:
    """A cache of values by key, each valid for some seconds of wall time.

    Threads may share a cache. Two threads that miss the same key at once both read it; the later value is kept.

    Parameters
    ----------
    believed_s : float
        Seconds for which a value is valid after it was read.
    most : int
        The most values kept; beyond that the least recently used one is dropped.
    absent_s : float
        Seconds for which None is valid; by default None is not cached.
    timer : callable
        Returns monotonic seconds of wall time, not of business time, which runs fast on a local stack.

    Examples
    --------
    >>> reads = []
    >>> names = Cache(30.0, most=1000)
    >>> names.get("mer_1", lambda: reads.append("mer_1") or "Corner Bakery")
    'Corner Bakery'
    >>> names.get("mer_1", lambda: reads.append("mer_1") or "Corner Bakery"), len(reads)
    ('Corner Bakery', 1)
    >>> names.forget("mer_1")
    >>> names.find("mer_1") is UNKNOWN
    True
    """

    def __init__(
        self,
        believed_s: float,
        *,
        most: int = 256,
        absent_s: float = 0.0,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = Lock()
        self._kept: TLRUCache[K, V] = TLRUCache(
            maxsize=most,
            ttu=lambda _, value, now: now + (absent_s if value is None else believed_s),
            timer=timer,
        )

    def get(self, key: K, read: Callable[[], V]) -> V:
        """Return the cached value of a key; if there is none, read it and cache it.

        Errors that ``read`` raises are not cached.
        """
        known = self.find(key)
        if isinstance(known, _Unknown):
            known = read()
            self.put(key, known)
        return known

    def find(self, key: K) -> V | _Unknown:
        """Return the cached value of a key, or ``UNKNOWN`` if there is none."""
        with self._lock:
            return self._kept.get(key, UNKNOWN)

    def put(self, key: K, value: V) -> None:
        """Cache a value, in place of an older one."""
        with self._lock:
            self._kept.pop(key, None)  # storing a value with a lifetime of 0 would leave the old one in place
            self._kept[key] = value

    def forget(self, key: K) -> None:
        """Drop the value of a key, because it was changed elsewhere; the next ``get`` reads it again."""
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Drop all values, as in a new container."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)
