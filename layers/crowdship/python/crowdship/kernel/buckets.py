"""Token buckets: a limit on how often something happens, kept as the moment at which the bucket is full again.

The algorithm is the generic cell rate algorithm (ITU-T I.371). Every token that is taken moves the moment on by the
time in which one comes back, and none is given while the moment is too far ahead. A bucket is therefore one number.
"""

from math import ceil

from crowdship.kernel.events import Value


class Bucket(Value):
    """A limit: tokens at once after a while without any, and the time in which one comes back.

    In no span are more tokens taken than come back in it and ``burst`` on top.

    Parameters
    ----------
    burst : int
        Tokens of a full bucket.
    """

    burst: int

    @property
    def interval_us(self) -> int:
        """Microseconds after which one token is back."""
        raise NotImplementedError

    def latest_us(self, now_us: int) -> int:
        """Return the latest ``full_at_us`` with which one more token may be taken now."""
        return now_us + (self.burst - 1) * self.interval_us

    def draw(self, full_at_us: int, now_us: int) -> int | None:
        """Return when the bucket is full again after one more token, or None if none is left.

        Parameters
        ----------
        full_at_us, now_us : int
            Unix microseconds.

        Examples
        --------
        >>> limit = Tries(burst=2, interval_s=1)
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
        """Return how many tokens may be taken at once."""
        missing = max(0, full_at_us - now_us)
        return max(0, self.burst - ceil(missing / self.interval_us))

    def wait_s(self, full_at_us: int, now_us: int) -> int:
        """Return in how many seconds a token may be taken again, rounded up; 0 if one may be taken now."""
        return max(0, ceil((full_at_us - self.latest_us(now_us)) / 1_000_000))


class Tries(Bucket):
    """A limit on tries that are rare: one comes back every so many seconds."""

    interval_s: int

    @property
    def interval_us(self) -> int:
        """Microseconds after which one try is back."""
        return self.interval_s * 1_000_000
