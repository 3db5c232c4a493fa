"""Views of a zone's next round, for staff."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.rounds.rules import RoundPlan
from crowdship.kernel.events import Value
from crowdship.zones.dispatch_rules import Policy

INELIGIBLE_SHOWN = 20
"""The most drivers listed for a delivery who can't be asked for it; the counts by reason include all."""

OPTIONS_SHOWN = 5
"""The most drivers listed for a delivery who could take it."""


class PlannedOfferView(Value):
    """An offer that the next round would make."""

    delivery_ids: tuple[str, ...]
    policy: Policy
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    dedicated: bool


class OptionView(Value):
    """A driver who could take a delivery, and what that adds to the cost of the plan, in seconds, part by part."""

    driver_id: str
    cost_s: float
    parts: dict[str, float]


class IneligibleDriver(Value):
    """A driver on duty who can't be asked for a delivery, and why."""

    driver_id: str
    reason: Ineligible


class PlannedDelivery(Value):
    """The place of a waiting delivery in the plan.

    Parameters
    ----------
    driver_id : str or None
        The driver in whose trips it is planned.
    waits : str or None
        Reason why it is not offered now.
    options : tuple of OptionView
        The drivers for whom it costs least, if all else stays as planned.
    difference_s : float or None
        Extra cost of the cheapest other driver, seconds.
    ineligible : tuple of IneligibleDriver
        Drivers on duty who can't be asked, the nearest to the pickup first; 20 at most.
    cannot : dict
        Number of all drivers on duty who can't be asked, by reason.
    """

    delivery_id: str
    driver_id: str | None
    waits: str | None
    options: tuple[OptionView, ...]
    difference_s: float | None
    ineligible: tuple[IneligibleDriver, ...]
    cannot: dict[Ineligible, int]


class IdleDriver(Value):
    """A driver who gets no work, the reason, the delivery that came closest, and the seconds by which it costs more."""

    driver_id: str
    reason: str
    delivery_id: str | None
    difference_s: float | None


class ZonePlan(Value):
    """A zone's next round: its offers, waiting deliveries and idle drivers, with reasons."""

    zone_id: str
    offers: tuple[PlannedOfferView, ...]
    deliveries: tuple[PlannedDelivery, ...]
    idle: tuple[IdleDriver, ...]
    search_steps: int
    search_complete: bool

    @classmethod
    def of(cls, zone_id: str, plan: RoundPlan, cannot: Mapping[str, Sequence[tuple[str, Ineligible]]]) -> Self:
        """Return the view of a plan; ``cannot`` lists by delivery the drivers who can't be asked, the nearest first."""
        names = ("policy", "runners_up", "dedicated")
        offers = tuple(
            PlannedOfferView(
                delivery_ids=tuple(delivery.id for delivery in offer.deliveries),
                asked=offer.candidates,
                **{name: getattr(offer, name) for name in names},
            )
            for offer in plan.offers
        )
        explained = {why.order_id: why for why in plan.explained}
        lines = []
        for delivery_id, reasons in cannot.items():
            why = explained.get(delivery_id)
            options = why.options[:OPTIONS_SHOWN] if why else ()
            lines.append(
                PlannedDelivery(
                    delivery_id=delivery_id,
                    driver_id=why.driver_id if why else None,
                    waits=plan.waiting.get(delivery_id),
                    options=tuple(
                        OptionView(
                            driver_id=option.driver_id,
                            cost_s=round(option.cost, 1),
                            parts={name: round(value, 1) for name, value in option.parts.items()},
                        )
                        for option in options
                    ),
                    difference_s=None if why is None or why.difference is None else round(why.difference, 1),
                    ineligible=tuple(
                        IneligibleDriver(driver_id=driver_id, reason=reason)
                        for driver_id, reason in reasons[:INELIGIBLE_SHOWN]
                    ),
                    cannot=dict(Counter(reason for _, reason in reasons)),
                )
            )
        idle = tuple(
            IdleDriver(
                driver_id=why.driver_id,
                reason=why.reason,
                delivery_id=why.order_id,
                difference_s=None if why.difference is None else round(why.difference, 1),
            )
            for why in plan.idle
        )
        return cls(
            zone_id=zone_id,
            offers=offers,
            deliveries=tuple(lines),
            idle=idle,
            search_steps=plan.searched,
            search_complete=plan.complete,
        )
