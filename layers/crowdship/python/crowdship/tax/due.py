"""The sweep over payees whose time has come: questions to the agency, and days on which withholding begins or ends."""

from collections.abc import Callable
from datetime import date, timedelta

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.kernel.clock import Clock
from crowdship.tax import service
from crowdship.tax.figures import next_business_day, tax_day
from crowdship.tax.matching.model import MatchingUnavailable, TinMatcher, TinQuestion
from crowdship.tax.payee import Payee
from crowdship.tax.store import PayeeRow
from crowdship.vault import service as vault
from crowdship.vault.applicants import TaxForm, tax_form_token

AT_ONCE = 200
"""Payees of one sweep."""

WARNED = timedelta(days=5)
"""Days before the last day of a notice from which it raises an alarm; they span a weekend with a holiday."""


type WriteLetter = Callable[[Payee], object]
"""Writes the letter of a payee's open notice; a second call writes the same."""


def sweep(matcher: TinMatcher, write: WriteLetter, clock: Clock) -> int:
    """Ask the agency, take its answers, write letters, let withholding begin and end; return how many payees were due.

    Raises
    ------
    ExceptionGroup
        If something failed for some payees; all others were served, and the next sweep tries again.
    """
    ids = PayeeRow.due_ids(clock.now(), AT_ONCE)
    with Failures("the sweep over payees failed in part") as failures:
        for driver_id in ids:
            with failures.collected("sweep of a payee failed", driver_id=driver_id):
                _look_at_or_wait(driver_id, matcher, write, clock)
        warn_of_notices(clock)
    return len(ids)


def _look_at_or_wait(driver_id: str, matcher: TinMatcher, write: WriteLetter, clock: Clock) -> None:
    try:
        look_at(driver_id, matcher, write, clock)
    except MatchingUnavailable as down:
        logger.warning("tin_matching_unavailable", driver_id=driver_id, why=str(down))
        metrics.add_metric("TinMatchingUnavailable", MetricUnit.Count, 1)
        service.change(driver_id, lambda payee: payee.wait(clock.now()))


def look_at(driver_id: str, matcher: TinMatcher, write: WriteLetter, clock: Clock) -> Payee:
    """Do what time brings for one payee: it may be repeated at any moment."""
    payee = service.change(driver_id, lambda one: one.checked(clock.now()))
    if notice := payee.unwritten:
        write(payee)
        payee = service.change(driver_id, lambda one: one.written(notice.id))
    if payee.look_at and payee.look_at <= clock.now() and payee.match:
        reference = f"{payee.id}.{payee.match.number}"
        if payee.match.asked_at is None:
            _ask(payee, reference, matcher, clock)
        elif (code := matcher.answer(reference)) is None:
            service.change(driver_id, lambda one: one.wait(clock.now()))
        else:
            number = payee.match.number
            service.change(driver_id, lambda one: one.answered(number, code, clock.now()))
    return service.of_driver(driver_id)


def _ask(payee: Payee, reference: str, matcher: TinMatcher, clock: Clock) -> None:
    form = vault.record(tax_form_token(payee.id), TaxForm)
    if form is None:  # erased since
        service.change(payee.id, lambda one: one.with_changes(look_at=None))
        return
    question = TinQuestion.model_validate(
        {"reference": reference, "name": form.name, "tin": form.tin, "tin_kind": form.tin_kind}
    )
    matcher.ask(question)
    number = payee.match.number if payee.match else 0
    service.change(payee.id, lambda one: one.asked(clock.now()) if one.match and one.match.number == number else one)


def warn_of_notices(clock: Clock) -> None:
    """Count the notices that were not sent with few days left, which an alarm watches."""
    today, due = tax_day(clock.now()), 0
    after: str | None = None
    while True:
        ids, after = PayeeRow.page("notice_due", after, AT_ONCE)
        notices = (one.open_notice for one in PayeeRow.load_many(ids))
        due += sum(notice is not None and is_near(notice.send_by, today) for notice in notices)
        if after is None:
            break
    metrics.add_metric("TaxNoticesNearlyDue", MetricUnit.Count, due)


def is_near(last: date, today: date) -> bool:
    """Return whether a last day is close enough for an alarm.

    Examples
    --------
    >>> is_near(date(2026, 10, 27), date(2026, 10, 22)), is_near(date(2026, 10, 27), date(2026, 10, 21))
    (True, False)
    """
    return today >= next_business_day(last) - WARNED
