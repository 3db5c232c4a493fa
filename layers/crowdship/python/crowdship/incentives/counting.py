"""Counting: events of offers, deliveries and duties become promises, work and rewards, in any order and number."""

from datetime import datetime

from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.drivers import service as drivers
from crowdship.incentives import budget
from crowdship.incentives.model import TOLD_FOR, Incentive
from crowdship.incentives.promises import Promise
from crowdship.incentives.store import BonusRow, BudgetRow, DutyRow, IncentiveRow, PromiseRow, WorkRow
from crowdship.incentives.terms import BatchBonus, Kind, PeakBonus
from crowdship.incentives.work import DECISIONS, DutyChange, work_of
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.zones import service as zones

Key = tuple[str, str]


def count(event: DomainEvent, clock: Clock) -> None:
    """Count what an event tells, once however often it comes; nothing for a test.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    if not event.livemode:
        return
    if event.type.startswith("driver."):
        DutyRow.note(DutyChange.of(event))
    elif event.type == "offer.accepted":
        _promise_bonuses(event, clock)
    else:
        _count_work(event, clock)


def _count_work(event: DomainEvent, clock: Clock) -> None:
    work = work_of(event, _ended_at(event) if event.type in DECISIONS else None)
    if work is None or not IncentiveRow.work_counts(work.zone_id, work.at):
        return
    WorkRow.note(work)
    # Also if it was noted before: an earlier try may have stopped between the note and the rewards.
    for promise in PromiseRow.of_driver(work.driver_id, work.at):
        if promise.kind is not Kind.GUARANTEE and promise.concerns(work):
            settle(PromiseRow.key_of(promise), clock)


def _ended_at(event: DomainEvent) -> datetime | None:
    """Return when the ending was whose pay was decided about; the delivery may have gone on since, if taken back."""
    steps = deliveries.get(event.subject).timeline
    endings = [step.at for step in steps if step.state == event.data["state"] and step.at <= event.time]
    return endings[-1] if endings else None


def settle(key: Key, clock: Clock) -> None:
    """Pay or take back the difference between what a promise earned and what was paid of it."""

    def attempt() -> None:
        # The promise is read before the work: whoever notes work later than that finds it changed, or reads it then.
        promise = PromiseRow.load(*key)
        if promise is None:
            return
        now = clock.now()
        reward = promise.reward(WorkRow.between(promise.driver_id, promise.begins, promise.until))
        pay(promise, reward, now)

    persistently(attempt, budget.TRIES)


def pay(promise: Promise, reward: int, now: datetime) -> None:
    """Write what a promise pays or takes back, with the sums of its budget.

    After its close a promise has nothing reserved any more. What is due by an event that came later than that is paid
    if the budget still has it; its driver and staff are told if not.
    """
    further = max(0, reward - promise.reserved)
    funds = BudgetRow.load(promise.incentive_id)
    work = UnitOfWork()
    if further and (promise.unfunded_at or funds.committed + further > funds.most):
        told = promise.refuse(further, now)
        if told is not promise:
            work.store(PromiseRow.of(told))
    else:
        changed = promise.settle(reward, now)
        if changed is not promise:
            work.store(PromiseRow.of(changed))
            funds.change(work, committed=changed.reserved - promise.reserved, paid=reward - promise.paid)
    work.commit()


def _promise_bonuses(event: DomainEvent, clock: Clock) -> None:
    """Promise the bonuses of an accepted offer: those whose span had the moment at which the offer was made."""
    data = event.data
    made_at, delivery_ids = datetime.fromisoformat(data["made_at"]), tuple(data["delivery_ids"])
    found = [one for one in IncentiveRow.of_zone(data["zone_id"], made_at) if one.covers(made_at)]
    bonuses = [one for one in found if one.kind in (Kind.PEAK_BONUS, Kind.BATCH_BONUS)]
    if not bonuses:
        return
    driver, tiers = drivers.get(data["driver_id"]), zones.get(data["zone_id"]).settings.tiers
    for incentive in bonuses:
        was_stopped = incentive.stopped_at and incentive.stopped_at <= made_at
        if was_stopped or incentive.excludes(driver, made_at, tiers):
            continue
        for some in _batches(incentive, delivery_ids):
            promise = Promise.with_offer(incentive, driver.id, data["offer_id"], some, event.time)
            _keep(promise, incentive, made_at, clock)


def _batches(incentive: Incentive, delivery_ids: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the deliveries of each promise of a bonus: one by one at a peak, all together for a batch."""
    match incentive.terms:
        case PeakBonus():
            return [(delivery_id,) for delivery_id in delivery_ids]
        case BatchBonus() if len(delivery_ids) >= incentive.terms.deliveries:
            return [delivery_ids]
        case _:
            return []


def _keep(promise: Promise, incentive: Incentive, made_at: datetime, clock: Clock) -> None:
    key = PromiseRow.key_of(promise)

    def attempt() -> None:
        if BonusRow.is_known(promise):
            return
        if incentive.exhausted_at:
            raise budget.BudgetUsedUp(incentive.id)
        budget.reserve(promise)

    try:
        persistently(attempt, budget.TRIES)
    except budget.BudgetUsedUp:
        budget.note_use(incentive.id, clock.now(), used_up=True)
        if incentive.exhausted_at is None or made_at <= incentive.exhausted_at + TOLD_FOR:
            _tell_unfunded(promise, clock)
    else:
        budget.note_use(incentive.id, clock.now())
        # Its deliveries may have ended before the acceptance was counted.
        settle(key, clock)


def _tell_unfunded(promise: Promise, clock: Clock) -> None:
    """Note that a promise could not be made, so that its driver and staff are told, once."""

    def attempt() -> None:
        if BonusRow.is_known(promise):
            return
        now = clock.now()
        refused = promise.refuse(promise.reserved, now).with_changes(reserved=0, closed_at=now)
        logger.info("bonus not funded", incentive_id=promise.incentive_id, promise_id=promise.id)
        work = UnitOfWork()
        work.store(PromiseRow.of(refused))
        BonusRow.claim(promise, work)
        work.commit()

    persistently(attempt)
