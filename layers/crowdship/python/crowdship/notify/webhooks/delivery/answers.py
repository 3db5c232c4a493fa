"""Answers of endpoints and their meaning."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pydantic import Field

from crowdship.kernel.events import Value

MAX_WAIT_S = 86_400.0
"""The longest that an endpoint may ask us to wait."""


class EndpointAnswer(Value):
    """An endpoint's answer: a status, or the fault that kept one from coming."""

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    ms: int = Field(default=0, ge=0)


class Verdict(StrEnum):
    """The meaning of an answer."""

    DONE = "done"
    GONE = "gone"
    RETRY = "retry"


def judge(answer: EndpointAnswer) -> Verdict:
    """Return what an answer means: 2xx is success, 410 asks us never to come back, all else to try again."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Verdict.DONE
    return Verdict.GONE if answer.status == 410 else Verdict.RETRY


THROTTLED = frozenset({429, 502, 504})
"""Statuses that ask us to slow down altogether, not only with this message."""


def honoured_wait_s(answer: EndpointAnswer, now: datetime) -> float:
    """Return the seconds of an answer's Retry-After; 0 for statuses with which it has no meaning."""
    return asked_wait_s(answer.retry_after, now) if answer.status in THROTTLED | {503} else 0.0


def asked_wait_s(retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date), 0 if it asks for nothing.

    Anything else, or a date beyond the calendar, counts as nothing. More than a day counts as a day.

    Examples
    --------
    >>> asked_wait_s("120", datetime(2026, 6, 1, tzinfo=UTC)), asked_wait_s("soon", datetime(2026, 6, 1, tzinfo=UTC))
    (120.0, 0.0)
    """
    asked = (retry_after or "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), MAX_WAIT_S)
    try:
        until = parsedate_to_datetime(asked)
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    except (ArithmeticError, LookupError, TypeError, ValueError):  # the parser raises all of them
        return 0.0
    return min(max(seconds, 0.0), MAX_WAIT_S)
