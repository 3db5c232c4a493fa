"""Use cases of staff and drivers: make, list and stop incentives, see them, and join them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.incentives import budget
from crowdship.incentives.facts import share_on_duty, spans_of
from crowdship.incentives.model import Incentive, IncentiveInput, no_budget_left
from crowdship.incentives.promises import GuaranteedSpan, Promise
from crowdship.incentives.store import BudgetRow, DutyRow, IncentiveRow, PromiseRow, SpansRow, WorkRow
from crowdship.incentives.terms import JOINED, Kind
from crowdship.incentives.views import ExtraPay, IncentiveList, IncentiveView, OwnIncentive
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Value
from crowdship.kernel.ids import derived_id
from crowdship.zones import service as zones
from crowdship.zones.tiers import Tier

SHOWN_AFTER = timedelta(days=7)
"""Incentives and promises that ended in this time are still listed."""


def make(request: IncentiveInput, by: str, clock: Clock) -> IncentiveView:
    """Make an incentive in a zone, with its budget; the same request again makes nothing more.

    Raises
    ------
    NotFound
        If there is no such zone.
    Unprocessable
        If its span or its budget is impossible.
    """
    currency = zones.get(request.zone_id).settings.rates.currency

    def attempt() -> Incentive:
        incentive_id = derived_id("inc", request.request_id)
        if known := IncentiveRow.load(incentive_id):
            return known
        incentive = Incentive.make(incentive_id, request, currency, by, clock.now())
        row, work = IncentiveRow.of(incentive), UnitOfWork()
        work.store(row)
        place, first = row.place(), BudgetRow.first(incentive)
        work.put(place, IncentiveRow.pk.does_not_exist())
        work.put(first, BudgetRow.pk.does_not_exist())
        work.commit()
        return incentive

    made = persistently(attempt)
    return IncentiveView.of(made, BudgetRow.load(made.id).use, clock.now())


def get(incentive_id: str) -> Incentive:
    """Return an incentive.

    Raises
    ------
    NotFound
        If there is none.
    """
    incentive = IncentiveRow.load(incentive_id)
    if incentive is None:
        raise NotFound("no_such_incentive", f"There is no incentive {incentive_id}.")
    return incentive


def of_zone(zone_id: str, clock: Clock) -> IncentiveList:
    """Return a zone's incentives with the use of their budgets, those that ended a week ago included.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    zones.get(zone_id)
    now = clock.now()
    found = IncentiveRow.of_zone(zone_id, now - SHOWN_AFTER)
    budgets = BudgetRow.of_many([one.id for one in found])
    return IncentiveList(incentives=tuple(IncentiveView.of(one, budgets[one.id].use, now) for one in found))


def stop(incentive_id: str, by: str, clock: Clock) -> IncentiveView:
    """Stop an incentive: nothing more is promised by it, and what was promised is kept.

    Raises
    ------
    NotFound
        If there is none.
    """

    def attempt() -> Incentive:
        incentive = get(incentive_id)
        stopped = incentive.stop(by, clock.now())
        if stopped is not incentive:
            work = UnitOfWork()
            work.store(IncentiveRow.of(stopped))
            work.commit()
        return stopped

    return IncentiveView.of(persistently(attempt), BudgetRow.load(incentive_id).use, clock.now())


def join(driver_id: str, incentive_id: str, clock: Clock) -> OwnIncentive:
    """Let a driver join a quest or a guarantee, whose most is reserved in the budget; joining twice changes nothing.

    Raises
    ------
    NotFound
        If there is no such incentive.
    Conflict
        If it can't be joined now, its budget is used up, or another guarantee of the driver overlaps with it.
    Forbidden
        If it is for other drivers.
    """

    def attempt() -> Promise:
        now, incentive = clock.now(), get(incentive_id)
        promise = Promise.joined(incentive, driver_id, now)
        if known := PromiseRow.load(*PromiseRow.key_of(promise)):
            return known
        incentive.must_be_joinable(drivers.get(driver_id), now, _tiers(incentive.zone_id))
        guaranteed = [SpansRow.of(_guaranteed(incentive, driver_id, now))] if incentive.kind is Kind.GUARANTEE else []
        budget.reserve(promise, *guaranteed)
        return promise

    try:
        promise = persistently(attempt, budget.TRIES)
    except budget.BudgetUsedUp:
        budget.note_use(incentive_id, clock.now(), used_up=True)
        raise no_budget_left() from None
    budget.note_use(incentive_id, clock.now())
    return _own(get(incentive_id), promise, clock.now())


def _guaranteed(incentive: Incentive, driver_id: str, now: datetime) -> GuaranteedSpan:
    spans = spans_of(driver_id)
    if other := spans.overlapping(incentive.starts_at, incentive.ends_at, incentive.id):
        raise overlaps(other)
    return spans.adding(incentive.id, incentive.starts_at, incentive.ends_at, now)


def overlaps(other: str) -> Conflict:
    """Return the refusal of a guarantee or block that overlaps with another one of the same driver."""
    detail = f"Your earnings are guaranteed by {other} for a part of that time; one guarantee at a time is possible."
    return Conflict("guarantees_overlap", detail)


def of_driver(driver_id: str, clock: Clock) -> ExtraPay:
    """Return what a driver can earn beside the pay of deliveries, and how far they are with what they joined."""
    now, driver = clock.now(), drivers.get(driver_id)
    promises = {one.incentive_id: one for one in PromiseRow.of_driver(driver_id, now - SHOWN_AFTER) if joins(one)}
    zone_ids = {driver.home_zone_id, *([driver.duty.zone_id] if driver.duty else [])}
    found = [one for zone_id in sorted(zone_ids) for one in IncentiveRow.of_zone(zone_id, now - SHOWN_AFTER)]
    known = {one.id for one in found}
    found += [one for key in promises if key not in known and (one := IncentiveRow.load(key))]
    shown = [one for one in found if one.id in promises or _is_offered(one, driver, now)]
    return ExtraPay(incentives=tuple(_own(one, promises.get(one.id), now) for one in shown))


def held_on(driver_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return all that is kept of a driver's extra pay: promises, and the work and duties that may count."""
    first, last = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
    kept: dict[str, Iterable[Value]] = {
        "promises": PromiseRow.of_driver(driver_id, first),
        "work": WorkRow.between(driver_id, first, last),
        "duties": DutyRow.around(driver_id, first, last),
    }
    return {name: [one.model_dump(mode="json") for one in some] for name, some in kept.items()}


def joins(promise: Promise) -> bool:
    """Return whether a promise is of a kind that is joined."""
    return promise.kind in JOINED


def _is_offered(incentive: Incentive, driver: Driver, now: datetime) -> bool:
    is_open = incentive.is_open and now < incentive.ends_at
    return is_open and incentive.excludes(driver, now, _tiers(incentive.zone_id)) is None


def _tiers(zone_id: str) -> Sequence[Tier]:
    return zones.get(zone_id).settings.tiers


def _own(incentive: Incentive, promise: Promise | None, now: datetime) -> OwnIncentive:
    if promise is None:
        return OwnIncentive.of(incentive, None, (), None, now)
    work = promise.counted(WorkRow.between(promise.driver_id, promise.begins, promise.until))
    share = None
    if incentive.kind is Kind.GUARANTEE and now > promise.begins:
        share = share_on_duty(promise.driver_id, promise.zone_id, promise.begins, min(now, promise.until))
    return OwnIncentive.of(incentive, promise, work, share, now)
