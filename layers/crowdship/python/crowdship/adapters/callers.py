"""Limits on the calls of one caller in a minute, as one container counts them.

There is no store behind it: a call costs no write, and whoever meets several containers may do so as often in each.
That is enough to keep one device or address from costing much, which is all that it is for.
"""

import time

from cachetools import TTLCache

from crowdship.kernel.errors import TooManyRequests

MOST_CALLERS = 10_000
MINUTE_S = 60


class Callers:
    """Counts the calls of each caller, minute by minute.

    Parameters
    ----------
    per_minute : int
        What each may do in a minute of the clock.
    deed : str
        What is counted, in the plural, for the refusal.
    """

    def __init__(self, per_minute: int, deed: str) -> None:
        self._most, self._deed = per_minute, deed
        self._counts: TTLCache[tuple[str, int], int] = TTLCache(MOST_CALLERS, ttl=2 * MINUTE_S)

    def check(self, caller: str) -> None:
        """Check that a caller may do it once more; nothing is counted.

        Raises
        ------
        TooManyRequests
            If they did it too often in this minute.
        """
        minute, second = divmod(int(time.time()), MINUTE_S)
        if self._counts.get((caller, minute), 0) >= self._most:
            detail = f"{self._most} {self._deed} a minute are the most; try again in {MINUTE_S - second} s."
            raise TooManyRequests("rate_limited", detail, {"Retry-After": str(MINUTE_S - second)})

    def count(self, caller: str) -> None:
        """Count that a caller did it."""
        key = (caller, int(time.time()) // MINUTE_S)
        self._counts[key] = self._counts.get(key, 0) + 1

    def forget(self) -> None:
        """Forget all callers."""
        self._counts.clear()
