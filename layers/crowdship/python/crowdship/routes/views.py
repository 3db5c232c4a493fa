"""API models of a route, for its driver."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.sight import area_of, may_see
from crowdship.deliveries.states import FailureReason, State
from crowdship.deliveries.views import outward_actor
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.routes.contacts import StopContact, shown_at
from crowdship.routes.ended import EndedView
from crowdship.routes.route import ChangeReason, PlanChange, Route
from crowdship.routes.stops import Stop
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import AppDetails, Requirements, app_details
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault.model import DeliveryContacts


class StopView(AppDetails):
    """A stop with its contact, which is shown only while the stop is on the driver's route.

    Parameters
    ----------
    is_area : bool
        True at a drop-off until the pickup: ``point`` is then the middle of the door's area, and not the door.
    """

    stop_id: str
    kind: StopKind
    delivery_id: str
    order_number: str = Field(description="The number by which shop and customer know the order")
    delivery_state: State
    point: Point
    is_area: bool
    opens_at: Moment
    closes_at: Moment
    eta: Moment | None
    started: bool
    contact: StopContact | None
    requirements: Requirements = Field(description="With what the law of the day adds")
    undeliverable: Undeliverable
    reasons: tuple[FailureReason, ...] = Field(description="Reasons by which the stop may fail")
    needs_disposition: bool = Field(
        description="True if it is said at its end what became of goods that were not delivered"
    )
    is_transfer: bool = Field(description="True if the goods are fetched from another driver, whom staff name")


class ChangeView(Value):
    """A change of a plan: when, by whom, why, and the ids of the stops concerned."""

    revision: int
    at: Moment
    reason: ChangeReason
    by: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    reordered: bool

    @classmethod
    def of(cls, change: PlanChange) -> Self:
        """Return the view of a change."""
        return cls(**{**change.model_dump(), "by": outward_actor(change.by)})


class ConfirmInput(Value):
    """The plan that a driver has seen."""

    revision: int = Field(ge=0)


class RouteView(Value):
    """A driver's open stops, in order.

    Parameters
    ----------
    revision, confirmed_revision : int
        Number of the plan, and of the newest plan that the driver confirmed; new times alone make no new plan.
    pending : tuple of ChangeView
        Changes by others that the driver has not confirmed.
    ended : tuple of EndedView
        Deliveries that ended since the duty began, the newest first; 10 at most.
    """

    driver_id: str
    version: int
    revision: int
    confirmed_revision: int
    unconfirmed_since: Moment | None
    pending: tuple[ChangeView, ...]
    stops: tuple[StopView, ...]
    ended: tuple[EndedView, ...]

    @classmethod
    def of(
        cls,
        route: Route,
        deliveries: Mapping[str, Delivery],
        contacts: Mapping[str, DeliveryContacts | None],
        now: datetime,
        ended: Iterable[Delivery] = (),
    ) -> Self:
        """Return the view of a route at a moment; customers are shown as far as ``deliveries/sight.py`` allows."""
        return cls(
            driver_id=route.id,
            version=route.stored_version,
            revision=route.revision,
            confirmed_revision=route.confirmed_revision,
            unconfirmed_since=route.unconfirmed_since,
            pending=tuple(ChangeView.of(change) for change in route.pending),
            stops=tuple(
                _stop_view(stop, deliveries[stop.delivery_id], contacts.get(stop.delivery_id), now)
                for stop in route.stops
            ),
            ended=tuple(EndedView.of(delivery) for delivery in ended),
        )


_SAME = ("stop_id", "kind", "delivery_id", "opens_at", "closes_at", "eta", "started")


def _stop_view(stop: Stop, delivery: Delivery, contacts: DeliveryContacts | None, now: datetime) -> StopView:
    requirements = delivery.requirements_at(now)
    is_area = stop.kind is StopKind.DROPOFF and not may_see(delivery, now)
    return StopView(
        order_number=delivery.known_as,
        delivery_state=delivery.state,
        point=area_of(stop.point) if is_area else stop.point,
        is_area=is_area,
        contact=shown_at(stop.kind, delivery, contacts, now),
        is_transfer=stop.kind is StopKind.PICKUP and delivery.transfer_point is not None,
        requirements=requirements,
        undeliverable=delivery.undeliverable,
        reasons=delivery.reasons_at(stop.kind),
        needs_disposition=delivery.needs_disposition,
        **app_details(requirements, delivery),
        **{name: getattr(stop, name) for name in _SAME},
    )
