"""Caches: values that a container read, bounded in age and size."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from cachetools import TLRUCache


class _Unknown:
    """The type of ``UNKNOWN``."""


UNKNOWN: Final = _Unknown()
"""The answer to a key under which nothing is remembered. None is a remembered answer: there is no such thing."""


class Cache[K: Hashable, V]:
    """Values by key, each believed for some seconds of wall time.

    Threads may share one. Two that miss the same key at once both read it; the later one is kept.

    Parameters
    ----------
    believed_s : float
        Seconds for which a value is believed, counted from when it was read.
    most : int
        Values kept. Before there are more, the one that was used least recently goes.
    absent_s : float
        Seconds for which None is believed; by default it is asked again each time.
    timer : callable
        Returns seconds that only go up. Not business time, which runs fast on a local stack.

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
        """Return what is remembered under a key; if nothing is, read it and remember it.

        What ``read`` raises is not remembered.
        """
        known = self.find(key)
        if isinstance(known, _Unknown):
            known = read()
            self.put(key, known)
        return known

    def find(self, key: K) -> V | _Unknown:
        """Return what is remembered under a key, or ``UNKNOWN`` if nothing is."""
        with self._lock:
            return self._kept.get(key, UNKNOWN)

    def put(self, key: K, value: V) -> None:
        """Remember a value from now on, in place of what was known before."""
        with self._lock:
            self._kept.pop(key, None)  # a value with a lifetime of 0 would leave the old one in place
            self._kept[key] = value

    def forget(self, key: K) -> None:
        """Forget a key whose value somebody changed; it is read anew when it is needed."""
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything, as a new container has."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)
