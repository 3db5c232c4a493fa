"""Use case of staff: decide on a payout."""

from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.payouts import holding, service
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.model import Payout, PayoutState
from crowdship.payouts.provider import PaymentRailUnavailable, PayoutProvider
from crowdship.payouts.views import DecisionRequest, PayoutDecision
from crowdship.zones import service as zones


def decide(payout_id: str, asked: DecisionRequest, by: str, provider: PayoutProvider, clock: Clock) -> Payout:
    """Retry, hold, release or cancel a payout; return it as it is then.

    Raises
    ------
    NotFound
        If there is no such payout.
    Conflict
        If the decision does not fit its state; ``second_person_needed`` if the one who asked for a release gives it.
    """
    payout = service.find(payout_id)
    match asked.decision:
        case PayoutDecision.RETRY:
            return _retry(payout, provider, clock)
        case PayoutDecision.HOLD:
            return _hold(payout, asked, by, clock)
        case PayoutDecision.RELEASE:
            return _release(payout, asked, by, provider, clock)
        case PayoutDecision.CANCEL:
            return service.cancel(payout.id, by, asked.note, clock)


def _retry(payout: Payout, provider: PayoutProvider, clock: Clock) -> Payout:
    """Send an open payout again under its own id; one that failed is due on a later statement and needs no retry."""
    if payout.state is PayoutState.HELD:
        raise Conflict("payout_held", f"Payout {payout.id} is held ({payout.hold_code}); release it.", "/decision")
    if not payout.is_open:
        detail = f"Payout {payout.id} is {payout.state}; what came back is paid with the driver's next statement."
        raise Conflict("payout_decided", detail, "/decision")
    return _sent(payout.id, provider, clock)


def _sent(payout_id: str, provider: PayoutProvider, clock: Clock) -> Payout:
    """Bring a payout on its way now, unless its provider takes files: then the next run does."""
    if provider.collects:
        return service.find(payout_id)
    service.instruct(payout_id, service.day_before(clock), clock, provider)
    try:
        return service.send(payout_id, provider, clock)
    except PaymentRailUnavailable:
        return service.find(payout_id)


def _hold(payout: Payout, asked: DecisionRequest, by: str, clock: Clock) -> Payout:
    if payout.state not in {PayoutState.PENDING, PayoutState.HELD}:
        detail = f"Payout {payout.id} is {payout.state}; only one that was not sent can be held."
        raise Conflict("payout_decided", detail, "/decision")
    if asked.until is not None and asked.until <= clock.now().date():
        raise Unprocessable("until_past", f"{asked.until} is not to come; name a later day or none.", "/until")
    holding.hold(payout.driver_id, HoldCode.STAFF, payout.id, asked.note, by, clock, asked.until)
    return service.change(
        payout.id,
        lambda payout: payout.with_changes(released_at=None).held(HoldCode.STAFF, asked.until, by, clock.now()),
        clock,
    )


def _release(payout: Payout, asked: DecisionRequest, by: str, provider: PayoutProvider, clock: Clock) -> Payout:
    """Release a held payout; above the limit of the driver's zone a second person has to do the same."""
    if payout.state is not PayoutState.HELD:
        detail = f"Payout {payout.id} is {payout.state}; only a held one can be released."
        raise Conflict("payout_not_held", detail, "/decision")
    if payout.hold_code in {HoldCode.ACCOUNT_REFUSED, HoldCode.NO_ACCOUNT}:
        detail = "It waits for another bank account of the driver; the bank would refuse this one again."
        raise Conflict("account_needed", detail, "/decision")
    if _needs_two(payout):
        if payout.release_asked_by is None:
            return service.change(payout.id, lambda payout: payout.release_asked(by), clock)
        if payout.release_asked_by.casefold() == by.casefold():
            detail = f"{by} asked for this release, so another person must give it."
            raise Conflict("second_person_needed", detail, "/decision")
    holding.lift(payout.driver_id, payout.id, *_left_by_payouts(payout.driver_id))
    service.change(payout.id, lambda payout: payout.unheld(by, clock.now(), released=True), clock)
    return _sent(payout.id, provider, clock)


def _left_by_payouts(driver_id: str) -> list[str]:
    """Return the causes of staff's holds whose own payout was canceled or sent since, so that none can release them."""
    causes = [hold.cause for hold in holding.holds_of(driver_id).holds if hold.code is HoldCode.STAFF]
    return [payout.id for payout in service.some(causes) if payout.state not in {PayoutState.PENDING, PayoutState.HELD}]


def _needs_two(payout: Payout) -> bool:
    zone = zones.get(drivers.get(payout.driver_id).home_zone_id)
    foreign = payout.amount.currency != zone.settings.rates.currency
    return foreign or payout.amount.amount > zone.settings.adjusted_alone
