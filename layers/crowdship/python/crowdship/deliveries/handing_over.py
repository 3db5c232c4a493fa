"""Pay of a driver from whom the platform takes a delivery: the share for the part that they did. Pure.

It is the share that the delivery's terms give a driver if the platform calls a delivery off at that stage. Of goods on
board the driver did more than the way to the shop: to the share at the pickup comes that part of the rest which the
place of the hand-over has covered of the way from the shop to the customer. The driver who takes over gets the whole
agreed pay, so both together may get more than that, at the platform's cost.

One driver is paid the agreed pay of a delivery once. Who gets a delivery again is owed what they did in all, less what
they were paid when it was taken from them, and never less than nothing. Waiting is paid for each wait.
"""

from collections.abc import Iterable
from decimal import ROUND_CEILING
from math import ceil
from typing import TYPE_CHECKING

from crowdship.deliveries.delivery.values import HandOver
from crowdship.deliveries.states import STAGE_OF
from crowdship.deliveries.waiting import waited_price
from crowdship.kernel.clock import Moment
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.money import Money
from crowdship.pricing.model import PAID_BEFORE, WAIT, Price, PricePart, due_of
from crowdship.pricing.terms import Stage, StageShares

if TYPE_CHECKING:
    from crowdship.deliveries.delivery.record import DeliveryRecord

NOT_SET_OUT = frozenset({Stage.WAITING, Stage.ASSIGNED})


def covered(pickup: Point, dropoff: Point, at: Point) -> float:
    """Return which part of the way from shop to customer a place has covered, 0 to 1, as the crow flies.

    Examples
    --------
    >>> shop, door = Point(lat=41.0, lon=-87.0), Point(lat=41.02, lon=-87.0)
    >>> round(covered(shop, door, Point(lat=41.015, lon=-87.0)), 3), covered(shop, door, door)
    (0.75, 1.0)
    """
    whole = distance_m(pickup, dropoff)
    left = distance_m(at, dropoff)
    return 1.0 if not whole else min(max(1 - left / whole, 0.0), 1.0)


def share_of(terms: StageShares, stage: Stage, part_covered: float | None) -> int:
    """Return the share of the pay that a driver is owed, whole percent, rounded up.

    Parameters
    ----------
    part_covered : float or None
        Part of the way with the goods; None while they are not on board.
    """
    if stage in NOT_SET_OUT:
        return 0
    if stage is not Stage.ON_BOARD or part_covered is None:
        return terms.at(stage).pay
    first, whole = terms.at_pickup.pay, max(terms.at_pickup.pay, terms.on_board.pay)
    return first + ceil(round((whole - first) * part_covered, 6))


def paid_before(hand_overs: Iterable[HandOver], driver_id: str | None) -> int:
    """Return the minor units that a driver was paid for a delivery at its hand-overs, without waiting."""
    parts = (part for made in hand_overs if made.driver_id == driver_id for part in made.pay)
    return sum(part.amount.amount for part in parts if part.code != WAIT)


def paid_of(deliveries: Iterable["DeliveryRecord"], driver_id: str) -> int:
    """Return the minor units of some deliveries' agreed pay that a driver was paid before.

    More than the pay of a delivery, which may have become less since, takes nothing from that of the others.
    """
    return sum(min(paid_before(one.hand_overs, driver_id), one.price.agreed.pay_total.amount) for one in deliveries)


def owed_price(delivery: "DeliveryRecord", until: Moment | None = None) -> Price:
    """Return a delivery's price with the parts for the waits so far, and with what its driver was paid before."""
    price = waited_price(delivery, until).undivided
    paid = Money(amount=-paid_before(delivery.hand_overs, delivery.driver_id), currency=price.tip.currency)
    parts = (PricePart(code=PAID_BEFORE, amount=paid),) if paid.amount else ()
    return price.model_copy(update={"pay": (*price.pay, *parts)})


def handed_over(delivery: "DeliveryRecord", at: Moment, where: Point | None, sequence: int) -> HandOver:
    """Return the hand-over by a delivery's present driver.

    Parameters
    ----------
    where : Point or None
        Place of the goods, if they are on board.
    """
    driver_id, given = delivery.driver, delivery.given
    stage = STAGE_OF.get(delivery.state, Stage.ASSIGNED)
    part = covered(delivery.pickup, delivery.dropoff, where) if where and stage is Stage.ON_BOARD else None
    percent = share_of(delivery.terms.platform, stage, part)
    return HandOver(
        driver_id=driver_id,
        since=given.made_at if given else at,
        at=at,
        stage=stage,
        percent=percent,
        pay=due_of(owed_price(delivery, at).pay, percent, ROUND_CEILING),
        sequence=sequence,
        offer_id=delivery.offer_id,
    )
