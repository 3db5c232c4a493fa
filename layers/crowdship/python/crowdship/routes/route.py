"""A driver's route: its stops in order, its changes, and which of them the driver has confirmed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from crowdship.deliveries.states import DISPATCH
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Aggregate, Value
from crowdship.routes.ended import EndedDelivery, with_ended
from crowdship.routes.stops import Stop, stop_id
from crowdship.shipment.stop_kind import StopKind


class ChangeReason(StrEnum):
    """The reason for a change of a driver's plan."""

    DELIVERIES_ASSIGNED = "deliveries_assigned"
    DELIVERY_UPDATED = "delivery_updated"
    DELIVERY_CANCELLED = "delivery_cancelled"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_CORRECTED = "delivery_corrected"
    READY_TIME_CHANGED = "ready_time_changed"
    DRIVER_DEPARTED = "driver_departed"
    STOP_DONE = "stop_done"
    UNASSIGNED = "unassigned"
    EXPECTED_OTHERWISE = "expected_otherwise"
    """Arrivals are announced again; the order is unchanged."""

    RESEQUENCED = "resequenced"
    """The same stops in a better order."""

    POLISHED = "polished"
    """Drivers of one merchant exchanged deliveries."""

    EDITED_BY_HAND = "edited_by_hand"
    MOVED_BY_HAND = "moved_by_hand"
    ROUTE_TRANSFERRED = "route_transferred"
    TRANSFER_POINT_MOVED = "transfer_point_moved"
    COMPLETED_BY_HAND = "completed_by_hand"
    DRIVER_RELIEVED = "driver_relieved"
    DRIVER_PAUSED = "driver_paused"
    """The driver may be given no work any more, for example because a document ran out."""


AUTOMATIC = frozenset({ChangeReason.RESEQUENCED, ChangeReason.POLISHED})
"""Reasons of changes that are made by the platform to save time; a driver gets a limited number of them per hour."""

SETTLED_FOR = timedelta(hours=1)
"""For this long the platform neither restores an order that it replaced nor changes one that a dispatcher set."""

MOST_PENDING = 20
"""The most unconfirmed changes that are kept: the first, which tells since when, and the latest."""


class PlanChange(Value):
    """A change of a plan: its author, its reason, and the stops that changed.

    Parameters
    ----------
    revision : int
        Number of the plan after the change.
    added, removed, changed : tuple of str
        Ids of stops; ``changed`` stops have, for example, another window.
    reordered : bool
        True if the stops that stayed are in another order.
    """

    revision: int
    at: Moment
    reason: ChangeReason
    by: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    reordered: bool = False


class ReplacedOrder(Value):
    """An order of stops that an automatic change replaced, and the time of that change."""

    at: Moment
    stop_ids: tuple[str, ...]


class Route(Aggregate):
    """The open stops of a driver, in order. Its id is the driver's.

    Parameters
    ----------
    revision : int
        Number of the plan. It grows by one when stops are added or removed, reordered, or changed in themselves. New
        times or pins alone make no new plan.
    pending : tuple of PlanChange
        Changes that others made since the driver confirmed.
    left : tuple of ReplacedOrder
        Orders that automatic changes of the last hour replaced.
    ordered_at : datetime or None
        The moment at which a dispatcher last set the order of the stops.
    ended : tuple of EndedDelivery
        Deliveries that ended on it, the newest first.
    """

    zone_id: str
    stops: tuple[Stop, ...] = ()
    idle_since: Moment | None = None
    revision: int = 0
    pending: tuple[PlanChange, ...] = ()
    left: tuple[ReplacedOrder, ...] = ()
    ordered_at: Moment | None = None
    ended: tuple[EndedDelivery, ...] = ()

    def replan(self, stops: Iterable[Stop], now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Return the route with other stops; a change of stops or of their order is a new plan and emits an event.

        Parameters
        ----------
        by : str
            The person who changes it; a driver need not confirm their own changes.
        """
        new = tuple(stops)
        changed = self.with_changes(stops=new, idle_since=None if new else now if self.stops else self.idle_since)
        if _ids(new) == _ids(self.stops):
            return changed
        if reason in AUTOMATIC:
            left = (*self._replaced_lately(now), ReplacedOrder(at=now, stop_ids=_ids(self.stops)))
            changed = changed.with_changes(left=left)
        return changed._announced(self.stops, now, reason, by)

    def amend(self, stops: Iterable[Stop], now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Return the route with changed stops; it is a new plan and emits an event, also if the order is the same."""
        changed = self.with_changes(stops=tuple(stops))
        return changed._announced(self.stops, now, reason, by)

    def _announced(self, before: Sequence[Stop], now: datetime, reason: ChangeReason, by: str) -> Self:
        change = _change(before, self.stops, revision=self.revision + 1, at=now, reason=reason, by=by)
        pending = self.pending if by == self.id else (*self.pending, change)
        if len(pending) > MOST_PENDING:
            pending = (pending[0], *pending[2:])
        plan = [
            {
                "stop_id": s.stop_id,
                "kind": s.kind,
                "delivery_id": s.delivery_id,
                "eta": s.eta and _text(s.eta),
            }
            for s in self.stops
        ]
        content = change.model_dump(mode="json", exclude={"at"})
        data = {"driver_id": self.id, "zone_id": self.zone_id, "stops": plan, **content}
        changed = self.with_changes(revision=change.revision, pending=pending)
        return changed.emitting("route.changed", now, data)

    @property
    def confirmed_revision(self) -> int:
        """Number of the newest plan that the driver knows."""
        return self.pending[0].revision - 1 if self.pending else self.revision

    @property
    def unconfirmed_since(self) -> datetime | None:
        """The moment since which the driver does not know the plan, or None if they do."""
        return self.pending[0].at if self.pending else None

    def confirm(self, revision: int) -> Self:
        """Return the route with a plan confirmed by the driver; later changes are still to be confirmed.

        Raises
        ------
        Conflict
            If there is no such plan yet.
        """
        if revision > self.revision:
            detail = (
                f"The route is at revision {self.revision}; there is no {revision} yet. Read it, then confirm that."
            )
            raise Conflict("no_such_revision", detail, "/revision")
        left = tuple(change for change in self.pending if change.revision > revision)
        return self if left == self.pending else self.with_changes(pending=left)

    def must_be_at(self, revision: int) -> None:
        """Check that a caller's revision is the present one.

        Raises
        ------
        Conflict
            If the plan has another revision by now.
        """
        if revision != self.revision:
            detail = f"The route is at revision {self.revision}, not {revision}; read it again and decide on that."
            raise Conflict("stale_revision", detail, "/revision")

    def may_change_to(self, stops: Iterable[Stop], now: datetime, most: int) -> bool:
        """Return whether an automatic change may bring the stops into a new order.

        An automatic change is refused after ``most`` others within an hour, if it restores an order that was replaced
        within that hour, and within an hour after a dispatcher set the order.
        """
        if not self.is_movable(now, most):
            return False
        new, present = _ids(stops), _ids(self.stops)
        for plan in self._replaced_lately(now):
            known = set(plan.stop_ids)
            was = tuple(stop for stop in plan.stop_ids if stop in new)
            if known.issuperset(new) and was == new and new != present:
                return False
        return True

    def is_movable(self, now: datetime, most: int) -> bool:
        """Return whether automatic changes are possible now, ``most`` of them in an hour."""
        settled = self.ordered_at is not None and self.ordered_at > now - SETTLED_FOR
        return not settled and len(self._replaced_lately(now)) < most

    def ordered(self, now: datetime) -> Self:
        """Return the route with the note that a dispatcher set the order of the stops."""
        return self.with_changes(ordered_at=now)

    def _replaced_lately(self, now: datetime) -> tuple[ReplacedOrder, ...]:
        return tuple(plan for plan in self.left if plan.at > now - SETTLED_FOR)

    def awaits(self, delivery_id: str, kind: StopKind) -> bool:
        """Return whether a stop is open and the driver has not set out for it."""
        return any(stop.stop_id == stop_id(delivery_id, kind) and not stop.started for stop in self.stops)

    def begin(self, delivery_id: str, kind: StopKind, now: datetime, device_at: datetime | None = None) -> Self:
        """Return the route with a stop put first and marked as started by the driver.

        A driver who sets out has seen the plan, so it counts as confirmed.

        Parameters
        ----------
        device_at : datetime, optional
            When they did so, if their phone has been offline since: they have not seen later changes.
        """
        wanted = stop_id(delivery_id, kind)
        mine = [stop for stop in self.stops if stop.stop_id == wanted]
        if not mine:
            raise NotFound("no_such_stop", f"The {kind} of delivery {delivery_id} is not on this route.")
        begun = mine[0].model_copy(update={"started": True})
        others = (
            stop.model_copy(update={"started": False, "arrived_at": None})
            for stop in self.stops
            if stop.stop_id != begun.stop_id
        )
        seen = min(now, device_at or now)
        confirmed = self.with_changes(pending=tuple(change for change in self.pending if change.at > seen))
        return confirmed.replan((begun, *others), now, ChangeReason.DRIVER_DEPARTED, self.id).announcing({delivery_id})

    def arrive(self, delivery_id: str, kind: StopKind, now: datetime) -> Self:
        """Return the route with the driver's arrival at a stop, from which on the expected stay is counted."""
        there = stop_id(delivery_id, kind)
        return self.with_changes(
            stops=tuple(
                stop.model_copy(update={"arrived_at": stop.arrived_at or now}) if stop.stop_id == there else stop
                for stop in self.stops
            )
        )

    def announcing(self, delivery_ids: Collection[str]) -> Self:
        """Return the route with the present planned arrivals of some deliveries marked as announced."""
        return self.with_changes(
            stops=tuple(
                stop.model_copy(update={"announced_at": stop.eta})
                if stop.kind is StopKind.DROPOFF and stop.delivery_id in delivery_ids
                else stop
                for stop in self.stops
            )
        )

    def finish(self, delivery_id: str, kind: StopKind, now: datetime) -> Self:
        """Return the route without a stop that the driver has done."""
        done = stop_id(delivery_id, kind)
        return self.replan((stop for stop in self.stops if stop.stop_id != done), now, ChangeReason.STOP_DONE, self.id)

    def without(self, delivery_id: str, now: datetime, reason: ChangeReason, by: str = DISPATCH) -> Self:
        """Return the route without the stops of a delivery."""
        return self.replan((stop for stop in self.stops if stop.delivery_id != delivery_id), now, reason, by)

    def noting_end(self, delivery_id: str, now: datetime) -> Self:
        """Return the route with a delivery among those that ended on it."""
        return self.with_changes(ended=with_ended(self.ended, delivery_id, now))

    def at_stop_again(self, delivery_id: str, stops: Iterable[Stop], now: datetime) -> Self:
        """Return the route of a driver who took back an ending: with all its stops, of which that one is begun."""
        kept = tuple(one for one in self.ended if one.delivery_id != delivery_id)
        again = self.replan(stops, now, ChangeReason.DELIVERY_CORRECTED, self.id)
        return again.with_changes(ended=kept).announcing({delivery_id})

    def eta_of(self, delivery_id: str, kind: StopKind) -> datetime | None:
        """Return the planned time of a stop, or None if it is not on the route."""
        wanted = stop_id(delivery_id, kind)
        return next((stop.eta for stop in self.stops if stop.stop_id == wanted), None)


def _ids(stops: Iterable[Stop]) -> tuple[str, ...]:
    return tuple(stop.stop_id for stop in stops)


_PASSING = {"eta": None, "announced_at": None, "started": False, "arrived_at": None, "pinned": False}
"""Fields of a stop that don't change the plan: progress, times and pins."""


def _change(before: Sequence[Stop], after: Sequence[Stop], **fields: Any) -> PlanChange:
    was = {stop.stop_id: stop.model_copy(update=_PASSING) for stop in before}
    new = {stop.stop_id: stop.model_copy(update=_PASSING) for stop in after}
    stayed = [stop for stop in was if stop in new]
    return PlanChange(
        added=tuple(stop for stop in new if stop not in was),
        removed=tuple(stop for stop in was if stop not in new),
        changed=tuple(stop for stop in stayed if was[stop] != new[stop]),
        reordered=stayed != [stop for stop in new if stop in was],
        **fields,
    )


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
