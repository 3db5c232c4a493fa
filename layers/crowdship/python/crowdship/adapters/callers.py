"""Limits on the calls of one caller in a minute, as one container counts them.

There is no store behind it, so a call costs no write, and a caller who meets several containers may call as often in
each. That keeps one device or address from costing much, and the limit has no other purpose.
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
        Calls of each caller in a minute of the clock.
    deed : str
        Plural noun for the counted calls, used in the refusal.

    Examples
    --------
    >>> limit = Callers(1, "calls")
    >>> limit.check("drv_1")
    >>> limit.count("drv_1")
    >>> limit.check("drv_2")
    """

    def __init__(self, per_minute: int, deed: str) -> None:
        self._most, self._deed = per_minute, deed
        self._counts: TTLCache[tuple[str, int], int] = TTLCache(MOST_CALLERS, ttl=2 * MINUTE_S)

    def check(self, caller: str) -> None:
        """Check that a caller may call once more; nothing is counted.

        Raises
        ------
        TooManyRequests
            If the caller has used up this minute's calls.
        """
        minute, second = divmod(int(time.time()), MINUTE_S)
        if self._counts.get((caller, minute), 0) >= self._most:
            detail = f"{self._most} {self._deed} a minute are the most; try again in {MINUTE_S - second} s."
            raise TooManyRequests("rate_limited", detail, {"Retry-After": str(MINUTE_S - second)})

    def count(self, caller: str) -> None:
        """Count a call."""
        key = (caller, int(time.time()) // MINUTE_S)
        self._counts[key] = self._counts.get(key, 0) + 1

    def forget(self) -> None:
        """Forget all callers."""
        self._counts.clear()
