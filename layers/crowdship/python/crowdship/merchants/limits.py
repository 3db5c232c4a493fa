"""Rate limit of a merchant: a token bucket, kept as the moment at which it is full again.

The algorithm is the generic cell rate algorithm (ITU-T I.371). Every call moves the moment on by the time that one
token takes to come back, and a call is refused while the moment is too far ahead. A bucket is therefore one number, and
a call in any container is one conditional write to it.
"""

from math import ceil

from pydantic import Field

from crowdship.kernel.events import Value

MINUTE_US = 60_000_000


class RateLimit(Value):
    """What a merchant's API keys may ask together.

    Parameters
    ----------
    per_minute : int
        Calls a minute in the long run.
    burst : int
        Calls at once after a while without any. In no span are there more calls than ``per_minute`` allows in it and
        ``burst`` on top.
    """

    per_minute: int = Field(default=600, ge=1, le=60_000)
    burst: int = Field(default=300, ge=1, le=60_000)

    @property
    def interval_us(self) -> int:
        """Microseconds after which one token is back, rounded up so that the limit holds."""
        return ceil(MINUTE_US / self.per_minute)

    def latest_us(self, now_us: int) -> int:
        """Return the latest ``full_at_us`` with which one more call is allowed now."""
        return now_us + (self.burst - 1) * self.interval_us

    def draw(self, full_at_us: int, now_us: int) -> int | None:
        """Return when the bucket is full again after one more call, or None if no token is left.

        Parameters
        ----------
        full_at_us, now_us : int
            Unix microseconds.

        Examples
        --------
        >>> limit = RateLimit(per_minute=60, burst=2)
        >>> limit.draw(full_at_us=0, now_us=0)
        1000000
        >>> limit.draw(full_at_us=1_000_000, now_us=0)
        2000000
        >>> limit.draw(full_at_us=2_000_000, now_us=0) is None
        True
        """
        if full_at_us > self.latest_us(now_us):
            return None
        return max(full_at_us, now_us) + self.interval_us

    def left(self, full_at_us: int, now_us: int) -> int:
        """Return how many calls may follow at once."""
        missing = max(0, full_at_us - now_us)
        return max(0, self.burst - ceil(missing / self.interval_us))

    def wait_s(self, full_at_us: int, now_us: int) -> int:
        """Return in how many seconds a call is allowed again, rounded up; 0 if one is now."""
        return max(0, ceil((full_at_us - self.latest_us(now_us)) / 1_000_000))

    def headers(self, full_at_us: int, now_us: int) -> dict[str, str]:
        """Return headers for the caller: the limit per minute, calls left at once, seconds until all are back."""
        return {
            "RateLimit-Limit": str(self.per_minute),
            "RateLimit-Remaining": str(self.left(full_at_us, now_us)),
            "RateLimit-Reset": str(max(0, ceil((full_at_us - now_us) / 1_000_000))),
        }
