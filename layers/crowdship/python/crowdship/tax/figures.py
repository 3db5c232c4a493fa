"""Figures of federal tax law by day, from the tables of law; pure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from crowdship.kernel.money import Money
from crowdship.kernel.workdays import business_days_after, is_business_day
from crowdship.law.book import LAW
from crowdship.law.values import Amount

FEDERAL = "US"
CURRENCY = "USD"
"""The currency of forms and of withholding; pay in another one is not the agency's."""

OFFICE = ZoneInfo("America/New_York")
"""The payer's time zone, whose days count for notices and certificates."""

PERCENT = Decimal(100)


class FigureMissing(LookupError):  # noqa: N818 - an answer of the tables
    """The tables of law have no figure for a day, so nothing may be reckoned from it."""


def tax_day(moment: datetime) -> date:
    """Return the payer's day of a moment.

    Examples
    --------
    >>> tax_day(datetime(2026, 7, 1, 3, 0, tzinfo=UTC)).isoformat()
    '2026-06-30'
    """
    return moment.astimezone(OFFICE).date()


def rate_on(day: date) -> Decimal:
    """Return the share that backup withholding takes (row ``backup_withholding``).

    Examples
    --------
    >>> str(rate_on(date(2026, 6, 1)))
    '0.24'
    """
    value = _value("backup_withholding", day)
    if not isinstance(value, Decimal):
        raise FigureMissing(f"backup_withholding on {day} is no percentage")
    return value / PERCENT


def send_by(received_on: date) -> date:
    """Return the last day on which a driver is told of a number that the agency refused (``number_notice_wait``).

    Examples
    --------
    Fifteen business days after Monday, 5 October 2026, with Columbus Day among them:

    >>> send_by(date(2026, 10, 5)).isoformat()
    '2026-10-27'
    """
    return business_days_after(received_on, _number("number_notice_wait", received_on))


def withhold_from(received_on: date) -> date:
    """Return the day from which tax is withheld if the driver does not answer (``withholding_start``).

    It is counted from the agency's list, as 26 CFR 31.3406(d)-5 has it, so it is never later than counted from our own
    notice.
    """
    return business_days_after(received_on, _number("withholding_start", received_on))


def stop_by(certified_on: date) -> date:
    """Return the first day on which nothing may be withheld any more after a certificate (``withholding_stop``)."""
    return certified_on + timedelta(days=_number("withholding_stop", certified_on))


def notice_years(day: date) -> int:
    """Return within how many calendar years a second notice needs the agency's proof (``number_notice_years``)."""
    return _number("number_notice_years", day)


def threshold_of(year: int) -> Money:
    """Return the payments of a year from which a form is due (``tax_form_from`` on the year's last day)."""
    value = _value("tax_form_from", date(year, 12, 31))
    if not isinstance(value, Amount):
        raise FigureMissing(f"tax_form_from of {year} is no amount")
    return Money.of(value.number, value.currency)


def forms_due_on(year: int) -> date:
    """Return the day by which drivers and the agency have a year's forms: 31 January, or the business day after.

    Examples
    --------
    >>> forms_due_on(2026).isoformat()
    '2027-02-01'
    """
    return next_business_day(date(year + 1, 1, 31))


def deposit_due_on(month: date) -> date:
    """Return the day by which the tax withheld in a month is deposited by a monthly depositor (26 CFR 31.6302-4)."""
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=15)
    return next_business_day(following)


def next_business_day(day: date) -> date:
    """Return a day, or the first business day after it (26 U.S.C. 7503)."""
    return day if is_business_day(day) else business_days_after(day, 1)


def month_of(day: date) -> str:
    """Return the deposit that a day's withheld tax belongs to, its month.

    Examples
    --------
    >>> month_of(date(2026, 11, 30))
    '2026-11'
    """
    return f"{day:%Y-%m}"


def _value(rule: str, day: date) -> object:
    row = LAW.in_force(rule, FEDERAL, day)
    if row is None or not row.applies:
        raise FigureMissing(f"the tables of law have no {rule} for {day}")
    return row.value


def _number(rule: str, day: date) -> int:
    row = LAW.in_force(rule, FEDERAL, day)
    if row is None or not row.applies:
        raise FigureMissing(f"the tables of law have no {rule} for {day}")
    return row.number
