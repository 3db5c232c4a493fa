"""Keys of the logs: a moment of wall time in milliseconds, so that their order is the order of arrival."""

from datetime import UTC, date, datetime

from crowdship.kernel import retention

KEPT = retention.EVENT_LOG
"""Time for which sendings, the delivery log and the event log are kept: longer than any retry or replay takes."""

JUST_AFTER = "!"
"""Sorts before every character of a key, so that nothing is between a key and the same with this behind it."""


def expiry(now: datetime) -> int:
    """Return the Unix second at which what is written now is forgotten."""
    return int((now + KEPT).timestamp())


def key_at(moment: datetime) -> str:
    """Return the key that sorts before everything logged at a moment or later, and after everything before it.

    Examples
    --------
    >>> key_at(datetime(2026, 11, 23, 19, 0, tzinfo=UTC))
    '1795460400000'
    """
    return f"{int(moment.timestamp() * 1000):013d}"


def moment_of(key: str) -> datetime:
    """Return the moment of wall time at which something was logged, by its key.

    Raises
    ------
    ValueError
        If that is no key.
    """
    return datetime.fromtimestamp(int(key.partition("#")[0]) / 1000, UTC)


def day_of(key: str) -> date:
    """Return the day (UTC) on which something was logged, by its key."""
    return moment_of(key).date()
