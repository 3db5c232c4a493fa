"""An offer of one delivery to all eligible drivers in an area."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, State
from crowdship.dispatch.by_hand.areas import Area
from crowdship.dispatch.by_hand.views import AreaOffer, LeftOut
from crowdship.dispatch.eligibility import SENTENCES, Available, Ineligible, why_not
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Candidate, Offer, OfferState
from crowdship.dispatch.offers.raises import raised
from crowdship.dispatch.offers.window import answer_seconds
from crowdship.dispatch.scoring import offered_pay, score
from crowdship.dispatch.supply import available_in
from crowdship.drivers.model import DriverKind
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.ids import derived_id
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones
from crowdship.zones.dispatch_rules import Policy
from crowdship.zones.model import Zone, ZoneSettings

REASON = "offered_in_area"
"""Reason given for withdrawing the offer that stood."""


@dataclass(frozen=True)
class Asking:
    """Drivers in an area: those who are asked, the best first, and the others with the reason.

    Parameters
    ----------
    crowd : dict of str to Available
        Those who are asked and are no employees, by id.
    """

    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]
    crowd: dict[str, Available]


def offer_in(delivery_id: str, area: Area, clock: Clock) -> AreaOffer:
    """Offer a delivery to all eligible drivers in an area at once, in place of an offer that stands.

    If an offer to the same drivers stands already, it is the answer.

    Raises
    ------
    Conflict
        ``wrong_state`` if it does not wait for a driver, ``zone_paused``, or ``nobody_there`` if no driver in the area
        can take it.
    Unprocessable
        If the polygon is none.
    """
    area.check()

    def attempt() -> AreaOffer:
        now = clock.now()
        delivery = deliveries.get(delivery_id)
        zone = zones.latest(delivery.zone_id)
        _refuse(delivery, zone, now)
        asking = _among(available_in(zone, ()), area, delivery, zone, now)
        if not asking.candidates:
            raise _nobody(asking)
        standing = offering.get_offer(delivery.offer_id) if delivery.offer_id else None
        offer = standing if standing and _same(standing, asking, now) else _make(delivery, asking, zone, now)
        return AreaOffer(offer_id=offer.id, asked=offer.asked, left_out=asking.left_out)

    return persistently(attempt)


def _refuse(delivery: Delivery, zone: Zone, now: datetime) -> None:
    if not delivery.livemode:
        raise Conflict("test_delivery", f"{delivery.id} is a test; no driver is asked for it.")
    if delivery.state not in OPEN:
        detail = f"{delivery.id} is {delivery.state}; only a delivery that waits for a driver is offered."
        raise Conflict("wrong_state", detail)
    if (pause := zone.pause_at(now)) and pause.offers:
        raise Conflict(
            "zone_paused", f"No offers are made in {zone.id} {pause.end}; assign it by hand, or end the pause."
        )


def _among(crew: list[Available], area: Area, delivery: Delivery, zone: Zone, now: datetime) -> Asking:
    settings, travel = _broadcasting(zone.settings), travel_at(zone, now)
    candidates, left_out = [], []
    for entry in sorted(crew, key=lambda entry: entry.driver.id):
        if not area.holds(entry.at):
            continue
        why = why_not(entry, [delivery], settings, now)
        scored = None if why else score(entry, [delivery], settings, travel, now)
        if scored:
            candidates.append(scored)
        else:
            left_out.append(LeftOut(driver_id=entry.driver.id, reason=why or Ineligible.ROUTE_FULL))
    candidates.sort(key=lambda candidate: (candidate.score, candidate.driver_id))
    asked = {candidate.driver_id for candidate in candidates}
    crowd = {e.driver.id: e for e in crew if e.driver.id in asked and e.driver.kind is DriverKind.CROWD}
    return Asking(tuple(candidates), tuple(left_out), crowd)


def _broadcasting(settings: ZoneSettings) -> ZoneSettings:
    """Return a zone's settings with the policy of this offer: a broadcast may ask who has other offers to answer."""
    offers = settings.dispatch.offers.model_copy(update={"policy": Policy.BROADCAST})
    return settings.model_copy(update={"dispatch": settings.dispatch.model_copy(update={"offers": offers})})


def _nobody(asking: Asking) -> Conflict:
    reasons = sorted({SENTENCES[one.reason] for one in asking.left_out})
    why = f"{len(asking.left_out)} on duty there: {'; '.join(reasons)}" if reasons else "nobody on duty is there"
    return Conflict("nobody_there", f"No driver in the area can take it ({why}); choose a larger area.", "/area")


def _same(standing: Offer, asking: Asking, now: datetime) -> bool:
    """Return whether a standing offer asks the same drivers at once."""
    asked = {candidate.driver_id for candidate in asking.candidates}
    is_open = standing.state is OfferState.OPEN and standing.expires_at > now and not standing.declines
    return is_open and standing.policy is Policy.BROADCAST and set(standing.asked) == asked


def _make(delivery: Delivery, asking: Asking, zone: Zone, now: datetime) -> Offer:
    work, waiting = UnitOfWork(), delivery
    if delivery.state is State.OFFERED:
        waiting = offering.take_back_offer(delivery, now, REASON, work)
    waiting, candidates = _raised(waiting, asking, zone, now)
    offer = Offer.make(
        # Another cause than that of a tick's offer, as the two may ask different drivers.
        id=derived_id(
            "ofr", "area", f"{delivery.id}@{delivery.stored_version}", *sorted(c.driver_id for c in asking.candidates)
        ),
        zone_id=zone.id,
        policy=Policy.BROADCAST,
        delivery_ids=(delivery.id,),
        candidates=candidates,
        pay=offered_pay([waiting]),
        made_at=now,
        expires_at=now + timedelta(seconds=answer_seconds((delivery,), zone.settings, now)),
        first_created_at=delivery.created_at,
    )
    offering.keep_offer(offer, work)
    deliveries.keep(waiting.offer(offer.id, now), work)
    # Listed before it is written, as a tick does.
    offering.list_offer(offer)
    work.commit()
    return offer


def _raised(delivery: Delivery, asking: Asking, zone: Zone, now: datetime) -> tuple[Delivery, tuple[Candidate, ...]]:
    """Return the delivery with the pay that it is offered for, and who is asked; a round raises by the same rule."""
    crowd = [one for one in asking.candidates if one.driver_id in asking.crowd]
    if not crowd:
        return delivery, asking.candidates
    settings = _broadcasting(zone.settings)
    (paid,), likelier = raised((delivery,), crowd, asking.crowd, settings, travel_at(zone, now), now)
    by_id = {one.driver_id: one for one in likelier}
    return paid, tuple(by_id.get(one.driver_id, one) for one in asking.candidates)
