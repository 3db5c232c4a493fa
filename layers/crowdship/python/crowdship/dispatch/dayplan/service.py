"""Day plans of scheduled deliveries, answered within the request; nothing is written."""

import time

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.dayplan.rules import (
    DayPlanRequest,
    PlannedFor,
    left_out,
    make_day_problem,
    refuse_too_many,
    start_of,
)
from crowdship.dispatch.dayplan.views import DayPlanView, LeftOut, explained
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.planner.dayplan.plan import plan_day
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.zones import service as zones

EXPLAIN_UNTIL_S = 20.0
"""Wall seconds into a request after which no more deliveries are explained; the gateway waits for 30 at most."""

THREADS = 2
"""Threads of the search: the number of processors that come with the function's memory."""


def plan_zone(zone_id: str, request: DayPlanRequest, clock: Clock) -> DayPlanView:
    """Plan the open deliveries whose pickup windows open in a span, for the given drivers.

    The drivers' present routes are ignored: a shift begins where and when the request says.

    Raises
    ------
    NotFound
        If there is no such zone.
    Unprocessable
        If a driver is unknown or has no start, or there are too many deliveries.
    """
    began = time.monotonic()
    zone = zones.get(zone_id)
    planned, not_planned = _drivers(request)
    waiting = deliveries.opening_in_zone(zone_id, request.opens_from, request.opens_until, clock.now())
    refuse_too_many(waiting, request.explain)
    travel = travel_at(zone, request.opens_from)
    problem = make_day_problem(waiting, planned, request.opens_from, travel, learned_in(zone).stay_s)
    plan = plan_day(
        problem.jobs,
        problem.vehicles,
        problem.matrix,
        seconds=request.seconds,
        clock=time.monotonic,
        threads=THREADS,
        objective=request.objective,
        even=request.even,
    )
    reasons = None
    if request.explain:
        reasons = explained(problem, plan, lambda: time.monotonic() < began + EXPLAIN_UNTIL_S)
    return DayPlanView.of(zone_id, problem, plan, not_planned, reasons)


def _drivers(request: DayPlanRequest) -> tuple[list[PlannedFor], list[LeftOut]]:
    """Return the drivers who are planned for, and those who may not drive."""
    ids = [shift.driver_id for shift in request.drivers]
    known, positions = drivers.get_many(ids), tracking.newest(ids)
    planned, not_planned = [], []
    for number, shift in enumerate(request.drivers):
        driver = known.get(shift.driver_id)
        if driver is None:
            detail = f"There is no driver {shift.driver_id}."
            raise Unprocessable("no_such_driver", detail, f"/drivers/{number}/driver_id")
        position = positions.get(driver.id)
        start = start_of(shift, number, position.fix.point if position else None)
        if reason := left_out(driver, shift):
            not_planned.append(LeftOut(driver_id=driver.id, reason=reason))
        else:
            planned.append(PlannedFor(driver, shift, start))
    return planned, not_planned
