"""Day plans in answers of the API, with explanations."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Self

from crowdship.dispatch.dayplan.rules import REASONS, DayProblem, UnservedReason
from crowdship.drivers.compliance import Obstacle
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.planner.dayplan.plan import DayPlan, PlannedRoute
from crowdship.shipment.stop_kind import StopKind


class StopView(Value):
    """A stop of a planned route: one place at one time.

    Parameters
    ----------
    kind : str
        ``pickup`` or ``dropoff``; a place where both happen is two stops.
    """

    kind: StopKind
    delivery_ids: tuple[str, ...]
    arrives_at: Moment
    begins_at: Moment


class RouteView(Value):
    """A driver's shift in a plan; the driver leaves when it begins."""

    driver_id: str
    stops: tuple[StopView, ...]
    ends_at: Moment
    driving_s: int
    waiting_s: int
    service_s: int

    @classmethod
    def of(cls, route: PlannedRoute, moment: Callable[[float], datetime]) -> Self:
        """Return the view of a route; ``moment`` returns the moment of a second on the planner's clock."""
        stops = []
        for stop in route.stops:
            for fetched, kind in ((False, StopKind.DROPOFF), (True, StopKind.PICKUP)):
                here = tuple(visit.job for visit in stop.visits if visit.pickup is fetched)
                if here:
                    arrives, begins = moment(stop.arrives_at), moment(stop.begins_at)
                    stops.append(StopView(kind=kind, delivery_ids=here, arrives_at=arrives, begins_at=begins))
        return cls(
            driver_id=route.vehicle_id,
            stops=tuple(stops),
            ends_at=moment(route.ends_at),
            driving_s=round(route.driving_s),
            waiting_s=round(route.waiting_s),
            service_s=round(route.service_s),
        )


class UnservedView(Value):
    """A delivery that is in no route; ``cannot`` counts by reason the drivers who may not take it."""

    delivery_id: str
    reason: UnservedReason
    cannot: dict[str, int]


class LeftOut(Value):
    """A driver who may not drive their shift."""

    driver_id: str
    reason: Obstacle


class Totals(Value):
    """Costs of a plan."""

    driving_s: int
    waiting_s: int
    service_s: int
    drivers: int
    served: int
    unserved: int


class DeliveryExplanation(Value):
    """Explanation of why a delivery is planned where it is.

    Parameters
    ----------
    feasible : int
        Number of drivers who could take it in addition to their other deliveries in this plan.
    extra_cost_s : int
        Seconds of driving that it adds to its route.
    runner_up : str or None
        The other driver in whose route it would cost least.
    difference_s : int or None
        Extra cost of that, seconds.
    """

    delivery_id: str
    driver_id: str | None
    feasible: int
    extra_cost_s: int
    runner_up: str | None
    difference_s: int | None


class DayPlanView(Value):
    """A plan of a zone's scheduled deliveries; it is not stored.

    Parameters
    ----------
    ended_by : str
        ``budget`` if the search used all its time, ``search`` if it had nothing more to try before.
    explanations : tuple of DeliveryExplanation, optional
        Explanations for as many deliveries as time allowed, by the opening of windows; None if not asked for.
    """

    zone_id: str
    routes: tuple[RouteView, ...]
    unserved: tuple[UnservedView, ...]
    left_out: tuple[LeftOut, ...]
    totals: Totals
    engines: tuple[str, ...]
    ended_by: str
    seconds: float
    explanations: tuple[DeliveryExplanation, ...] | None

    @classmethod
    def of(
        cls,
        zone_id: str,
        problem: DayProblem,
        plans: Sequence[DayPlan],
        left_out: Iterable[LeftOut],
        explanations: tuple[DeliveryExplanation, ...] | None,
    ) -> Self:
        """Return the view of a plan, or of several, each of which plans what the one before left."""
        left = plans[-1].unserved
        costs = [plan.cost for plan in plans]
        unserved = (
            UnservedView(delivery_id=job.id, reason=REASONS[left[job.id]], cannot=dict(problem.cannot[job.id]))
            for job in problem.jobs
            if job.id in left
        )
        totals = Totals(
            driving_s=round(sum(cost.driving_s for cost in costs)),
            waiting_s=round(sum(cost.waiting_s for cost in costs)),
            service_s=round(sum(cost.service_s for cost in costs)),
            drivers=sum(cost.vehicles for cost in costs),
            served=len(problem.jobs) - len(left),
            unserved=len(left),
        )
        return cls(
            zone_id=zone_id,
            routes=tuple(RouteView.of(route, problem.moment) for plan in plans for route in plan.routes),
            unserved=tuple(unserved),
            left_out=tuple(left_out),
            totals=totals,
            engines=tuple(dict.fromkeys(engine for plan in plans for engine in plan.engines)),
            ended_by=plans[-1].ended_by,
            seconds=round(sum(plan.seconds for plan in plans), 2),
            explanations=explanations,
        )


def explained(
    problem: DayProblem, plans: Sequence[DayPlan], may_go_on: Callable[[], bool]
) -> tuple[DeliveryExplanation, ...]:
    """Return why each delivery is planned where it is, for as many deliveries as time allows."""
    told = []
    for job in problem.jobs:
        if not may_go_on():
            break
        serving = next((plan for plan in plans if job.id not in plan.unserved), plans[-1])
        why = serving.explain(job.id)
        dearer = why.runner_up_costs_more
        told.append(
            DeliveryExplanation(
                delivery_id=job.id,
                driver_id=why.vehicle_id,
                feasible=len(why.feasible),
                extra_cost_s=round(why.extra_cost),
                runner_up=why.runner_up,
                difference_s=None if dearer is None else round(dearer),
            )
        )
    return tuple(told)
