"""Rate limit of a merchant: a token bucket, from which each call in any container takes by one conditional write."""

from math import ceil

from pydantic import Field

from crowdship.kernel.buckets import Bucket

MINUTE_US = 60_000_000


class RateLimit(Bucket):
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

    def headers(self, full_at_us: int, now_us: int) -> dict[str, str]:
        """Return headers for the caller: the limit per minute, calls left at once, seconds until all are back."""
        return {
            "RateLimit-Limit": str(self.per_minute),
            "RateLimit-Remaining": str(self.left(full_at_us, now_us)),
            "RateLimit-Reset": str(max(0, ceil((full_at_us - now_us) / 1_000_000))),
        }
