"""How often a merchant may call: a token bucket, kept as the one moment at which it is full again.

The algorithm is the generic cell rate algorithm (ITU-T I.371): every call moves that moment on by the time one token
takes to come back, and a call is refused while the moment is too far ahead. So a bucket is one number, and a call of
any container is one conditional write to it.
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
        """Microseconds in which one call comes back, rounded up so that the limit holds."""
        return ceil(MINUTE_US / self.per_minute)

    def latest_us(self, now_us: int) -> int:
        """Return the latest ``full_at`` with which one more call is allowed now."""
        return now_us + (self.burst - 1) * self.interval_us

    def draw(self, full_at_us: int, now_us: int) -> int | None:
        """Return when the bucket is full again after one more call, or None if there is no call left."""
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
        """Return what callers are told: the limit per minute, calls left at once, seconds until all are back."""
        return {
            "RateLimit-Limit": str(self.per_minute),
            "RateLimit-Remaining": str(self.left(full_at_us, now_us)),
            "RateLimit-Reset": str(max(0, ceil((full_at_us - now_us) / 1_000_000))),
        }
