"""A route as its driver is told of it."""

from collections.abc import Mapping
from typing import Self

from crowdship.deliveries.model import Delivery, Requirements, State, Undeliverable
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.routing.model import Route, StopKind
from crowdship.vault.model import Contact, DeliveryContacts


class StopView(Value):
    """A stop with whom to see there, for as long as it is the driver's."""

    stop_id: str
    kind: StopKind
    delivery_id: str
    delivery_state: State
    point: Point
    opens_at: Moment
    closes_at: Moment
    eta: Moment | None
    started: bool
    contact: Contact | None
    requirements: Requirements
    undeliverable: Undeliverable


class RouteView(Value):
    """A driver's open stops, in order."""

    driver_id: str
    version: int
    stops: tuple[StopView, ...]

    @classmethod
    def of(
        cls, route: Route, deliveries: Mapping[str, Delivery], contacts: Mapping[str, DeliveryContacts | None]
    ) -> Self:
        """Return the view of a route."""
        return cls(
            driver_id=route.id,
            version=route.stored_version,
            stops=tuple(
                StopView(
                    delivery_state=deliveries[stop.delivery_id].state,
                    contact=_contact(contacts.get(stop.delivery_id), stop.kind),
                    requirements=deliveries[stop.delivery_id].requirements,
                    undeliverable=deliveries[stop.delivery_id].undeliverable,
                    **{name: getattr(stop, name) for name in _SAME},
                )
                for stop in route.stops
            ),
        )


_SAME = ("stop_id", "kind", "delivery_id", "point", "opens_at", "closes_at", "eta", "started")


def _contact(ends: DeliveryContacts | None, kind: StopKind) -> Contact | None:
    if ends is None:
        return None
    return ends.dropoff if kind is StopKind.DROPOFF else ends.pickup
