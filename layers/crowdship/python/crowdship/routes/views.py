"""API models of a route, for its driver."""

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.deliveries.views import outward_actor
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.routes.ended import EndedView
from crowdship.routes.route import ChangeReason, PlanChange, Route
from crowdship.routes.stops import Stop
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements.registry import AppDetails, Requirements, app_details
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault.model import Contact, DeliveryContacts


class StopView(AppDetails):
    """A stop with its contact, which is shown only while the stop is on the driver's route."""

    stop_id: str
    kind: StopKind
    delivery_id: str
    order_number: str = Field(description="The number by which shop and customer know the order")
    delivery_state: State
    point: Point
    opens_at: Moment
    closes_at: Moment
    eta: Moment | None
    started: bool
    contact: Contact | None
    requirements: Requirements
    undeliverable: Undeliverable
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
        ended: Iterable[Delivery] = (),
    ) -> Self:
        """Return the view of a route."""
        return cls(
            driver_id=route.id,
            version=route.stored_version,
            revision=route.revision,
            confirmed_revision=route.confirmed_revision,
            unconfirmed_since=route.unconfirmed_since,
            pending=tuple(ChangeView.of(change) for change in route.pending),
            stops=tuple(
                StopView(
                    order_number=deliveries[stop.delivery_id].known_as,
                    delivery_state=deliveries[stop.delivery_id].state,
                    contact=None
                    if _is_transfer(stop, deliveries)
                    else _contact(contacts.get(stop.delivery_id), stop.kind),
                    is_transfer=_is_transfer(stop, deliveries),
                    requirements=deliveries[stop.delivery_id].requirements,
                    undeliverable=deliveries[stop.delivery_id].undeliverable,
                    **app_details(deliveries[stop.delivery_id].requirements, deliveries[stop.delivery_id]),
                    **{name: getattr(stop, name) for name in _SAME},
                )
                for stop in route.stops
            ),
            ended=tuple(EndedView.of(delivery) for delivery in ended),
        )


_SAME = ("stop_id", "kind", "delivery_id", "point", "opens_at", "closes_at", "eta", "started")


def _is_transfer(stop: Stop, deliveries: Mapping[str, Delivery]) -> bool:
    return stop.kind is StopKind.PICKUP and deliveries[stop.delivery_id].transfer_point is not None


def _contact(ends: DeliveryContacts | None, kind: StopKind) -> Contact | None:
    if ends is None:
        return None
    return ends.dropoff if kind is StopKind.DROPOFF else ends.pickup
