"""Schedule of finance's mails: their periods, and the moment at which the mail about a period is due. Pure.

Each period has exactly one due moment: the first passing of the mail's time at or after the period's end. So a change
of the clocks or of the time zone loses no period and repeats none.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crowdship.insight.finance.model import MailKind, MailPlan, MailPlans, MailSettings, MailTask
from crowdship.kernel.hours import WEEK, passings

CATCH_UP: dict[MailKind, int] = {
    MailKind.FLASH: 7,
    MailKind.WEEKLY: 3,
    MailKind.MONTH: 2,
    MailKind.EXCEPTIONS: 7,
}
"""Periods back that are still sent if they were missed."""

LONGEST: dict[MailKind, timedelta] = {
    MailKind.FLASH: timedelta(days=1),
    MailKind.WEEKLY: timedelta(days=7),
    MailKind.MONTH: timedelta(days=31),
    MailKind.EXCEPTIONS: timedelta(days=1),
}
"""Length of the longest period of a mail; no two periods are over after it."""

LATE = timedelta(hours=2)
"""Delay from which a mail says that it is late."""

BOOKS_WAIT = timedelta(hours=6)
"""Longest time after the due moment for which a mail waits until the books of its last day are closed."""

SLOT = timedelta(minutes=15)
"""Length of the spans whose exceptions are told together at once."""


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def periods(kind: MailKind, now: datetime, count: int) -> Iterator[tuple[date, date]]:
    """Yield the last periods of a mail that are over, the newest first, each with its first and last day (UTC).

    A week begins on Monday, as in ISO 8601.
    """
    today = now.astimezone(UTC).date()
    match kind:
        case MailKind.FLASH | MailKind.EXCEPTIONS:
            for back in range(1, count + 1):
                yield today - timedelta(days=back), today - timedelta(days=back)
        case MailKind.WEEKLY:
            monday = today - timedelta(days=today.weekday())
            for back in range(1, count + 1):
                first = monday - timedelta(weeks=back)
                yield first, first + timedelta(days=6)
        case MailKind.MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            for _ in range(count):
                yield last.replace(day=1), last
                last = last.replace(day=1) - timedelta(days=1)


def name_of(kind: MailKind, first: date) -> str:
    """Return the name of a period.

    Examples
    --------
    >>> name_of(MailKind.WEEKLY, date(2026, 11, 23)), name_of(MailKind.MONTH, date(2026, 11, 1))
    ('2026-W48', '2026-11')
    """
    match kind:
        case MailKind.WEEKLY:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02d}"
        case MailKind.MONTH:
            return f"{first:%Y-%m}"
        case _:
            return first.isoformat()


def due_at(kind: MailKind, plan: MailPlan, last: date) -> datetime:
    """Return when the mail about a period that ends with a day is due.

    Examples
    --------
    The day of the books ends at 18:00 in Chicago, so its flash comes on the next morning there:

    >>> plan = MailPlan.model_validate({"recipients": ["a@b.example"], "time": "07:00", "time_zone": "America/Chicago"})
    >>> due_at(MailKind.FLASH, plan, date(2026, 11, 29))
    datetime.datetime(2026, 11, 30, 13, 0, tzinfo=datetime.timezone.utc)
    """
    zone = ZoneInfo(plan.time_zone)
    ended = _begin(last + timedelta(days=1))
    day = ended.astimezone(zone).date() - timedelta(days=1)
    while True:
        moment = passings(day, plan.time, zone)[0]
        if moment >= ended and _falls_on(kind, plan, day):
            return moment
        day += timedelta(days=1)


def _falls_on(kind: MailKind, plan: MailPlan, day: date) -> bool:
    if kind is MailKind.WEEKLY:
        return WEEK[day.weekday()] is plan.weekday
    return kind is not MailKind.MONTH or day.day == plan.day_of_month


def due(settings: MailSettings, now: datetime) -> list[MailTask]:
    """Return the tasks of all mails that are due by now, the oldest first, also those that were missed."""
    found = []
    for kind, since in settings.since.items():
        plan = settings.plans.of(kind)
        for first, last in periods(kind, now, CATCH_UP[kind]):
            moment = due_at(kind, plan, last)
            if since <= moment <= now:
                found.append(MailTask(kind=kind, first=first, last=last, due_at=moment))
    return sorted(found, key=lambda task: (task.due_at, task.kind))


def last_over(kind: MailKind, plans: MailPlans, now: datetime) -> MailTask:
    """Return the task of the last period of a mail that is over, whenever it is due."""
    first, last = next(periods(kind, now, 1))
    return MailTask(kind=kind, first=first, last=last, due_at=due_at(kind, plans.of(kind), last))


def next_due(kind: MailKind, plans: MailPlans, now: datetime) -> datetime:
    """Return when a mail is due next: about the last period that is over, or else about the one that goes on now."""
    task = last_over(kind, plans, now)
    if task.due_at > now:
        return task.due_at
    after = task.last + timedelta(days=1)
    _, last = next(periods(kind, _begin(after + LONGEST[kind]), 1))
    return due_at(kind, plans.of(kind), last)


def may_be_sent(due_moment: datetime, now: datetime, *, is_closed: bool) -> bool:
    """Return whether a mail is sent now: once the books of its last day are closed, or it has waited long enough."""
    return is_closed or now - due_moment >= BOOKS_WAIT


def slot_of(moment: datetime) -> str:
    """Return the name of the quarter of an hour that a moment lies in.

    Examples
    --------
    >>> slot_of(datetime(2026, 11, 29, 14, 29, tzinfo=UTC))
    '2026-11-29T14:15'
    """
    whole = moment.astimezone(UTC)
    quarter = whole.minute // 15 * 15
    return f"{whole:%Y-%m-%dT%H}:{quarter:02d}"


def end_of(slot: str) -> datetime:
    """Return the moment at which a slot ends."""
    return datetime.fromisoformat(slot).replace(tzinfo=UTC) + SLOT


def task_of(slot: str) -> MailTask:
    """Return the task by which a slot's exceptions are told at once."""
    day = date.fromisoformat(slot[:10])
    return MailTask(kind=MailKind.EXCEPTIONS, first=day, last=day, due_at=end_of(slot), slot=slot)
