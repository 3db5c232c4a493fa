"""Deadlines of a year's forms, counted for the alarm before they are missed."""

from datetime import date

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.kernel.clock import Clock
from crowdship.tax import years
from crowdship.tax.due import is_near
from crowdship.tax.figures import forms_due_on, tax_day
from crowdship.tax.store import PaidInRow
from crowdship.tax.year import TaxYear


def warn_of_forms(clock: Clock) -> None:
    """Count what is not done of last year's forms with few days left, which an alarm watches."""
    today = tax_day(clock.now())
    left = not_done(years.of(today.year - 1), today) if _anybody_was_paid(today.year - 1) else 0
    metrics.add_metric("TaxFormsNearlyDue", MetricUnit.Count, left)


def not_done(year: TaxYear, today: date) -> int:
    """Return how many of the two duties of a year, copies for drivers and files for the agency, are nearly late."""
    if not is_near(forms_due_on(year.year), today):
        return 0
    return sum(moment is None for moment in (year.furnished_at, year.filed_at))


def _anybody_was_paid(year: int) -> bool:
    return bool(PaidInRow.page(year, None, 1))
