"""Steps of the onboarding workflow. Each reads what is stored, does one thing, and may be repeated.

A person's act and a provider's report are stored by themselves and start the workflow again; it never waits for them.
It waits only for a moment: the end of the wait after a notice, or the day on which a provider is late.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock, written
from crowdship.law.book import LAW
from crowdship.onboarding import service
from crowdship.onboarding.application import Application
from crowdship.onboarding.screening.model import CheckOrder, ScreeningProvider, ScreeningRefused
from crowdship.vault import service as vault
from crowdship.vault.applicants import Identity, identity_token
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in

USUAL_WAIT = 5
"""Business days of a wait where no law names another one."""

STANDS_STILL_AFTER = timedelta(minutes=10)
"""Time after which an application that has something to do is started again."""

AT_ONCE = 100
"""Applications that one sweep starts again."""


def next_step(application_id: str, clock: Clock) -> dict[str, Any]:
    """Return the next act of an application's workflow, and until when to wait if that is to wait."""
    following = service.get(application_id).next_act(clock.now())
    until = {"until": written(following.until)} if following.until else {}
    return {"application_id": application_id, "act": following.act, **until}


def order(application_id: str, provider: ScreeningProvider, clock: Clock) -> None:
    """Order the background check; the order is noted first, so that its report finds it.

    Nothing is ordered if there is nothing to order any more: a report may come before the provider's answer is read,
    and a person may decide meanwhile.

    Raises
    ------
    ScreeningUnavailable
        If the provider does not answer. The step may be repeated: it is the same order then.
    """
    one = service.change(
        application_id, lambda found: found.order_check(clock.now()) if found.is_to_be_ordered else found
    )
    if not one.is_to_be_ordered:
        return
    driver = drivers.get(one.driver_id)
    person = vault.person(driver.person_token)
    identity = vault.record(identity_token(driver.id), Identity)
    if identity is None:
        logger.error("no_identity", application_id=one.id)
        _refused(one, clock)
        return
    asked = CheckOrder(
        reference=one.reference,
        candidate_id=driver.id,
        legal_name=identity.legal_name,
        born_on=identity.born_on,
        address=identity.address,
        email=person.email,
        phone=person.phone,
    )
    try:
        check_id = provider.order(asked)
    except ScreeningRefused:
        logger.warning("check_refused", application_id=one.id)
        _refused(one, clock)
        return
    service.change(one.id, lambda application: application.taken_by_provider(one.check.number, check_id))


def _refused(application: Application, clock: Clock) -> None:
    after = service.change(application.id, lambda one: one.call_overdue(clock.now(), refused=True))
    _count_overdue(after, application)


def remind(application_id: str, clock: Clock) -> None:
    """Tell staff that a provider is late."""
    before = service.get(application_id)
    after = service.change(application_id, lambda one: one.call_overdue(clock.now()))
    _count_overdue(after, before)


def _count_overdue(after: Application, before: Application) -> None:
    if after.check.overdue and not before.check.overdue:
        metrics.add_metric("ScreeningOverdue", MetricUnit.Count, 1)


def notice(application_id: str, clock: Clock) -> None:
    """Tell the applicant of a report that stands against them; the letter goes out with the event."""
    now = clock.now()
    days = wait_in(service.get(application_id).zone_id, now.date())
    service.change(application_id, lambda one: one.notice(now, days))


def end_wait(application_id: str, clock: Clock) -> None:
    """Ask for a person's decision, once the wait is over."""
    service.change(application_id, lambda one: one.end_wait(clock.now()))


def wait_in(zone_id: str, on: date) -> int:
    """Return the business days between notice and decision that the law of a zone demands on a day."""
    rule = LAW.strictest("screening_wait", jurisdictions_in(zones.get(zone_id).settings), on)
    return max(USUAL_WAIT, rule.number) if rule else USUAL_WAIT


def sweep(start: Callable[[Application, str], bool], clock: Clock) -> dict[str, int]:
    """Start again what stands still: an execution that died, or that could not be started.

    Parameters
    ----------
    start : callable
        Takes an application and a suffix of the execution's name.
    """
    now: datetime = clock.now()
    waiting = service.get_many(service.due_ids(now, AT_ONCE))
    still = [one for one in waiting if one.due_at and one.due_at <= now - STANDS_STILL_AFTER]
    metrics.add_metric("ApplicationsStandingStill", MetricUnit.Count, len(still))
    started = sum(start(one, f"-{int(now.timestamp())}") for one in still)
    return {"stood_still": len(still), "started": started}
