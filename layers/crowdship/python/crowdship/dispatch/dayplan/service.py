"""Day plans of scheduled deliveries, answered within the request; nothing is written."""

import time
from collections.abc import Sequence

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.dayplan.rules import (
    DayPlanRequest,
    DayProblem,
    PlannedFor,
    Shift,
    by_plan,
    left_out,
    make_day_problem,
    refuse_too_many,
    start_of,
)
from crowdship.dispatch.dayplan.views import DayPlanView, LeftOut, explained
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable
from crowdship.planner.dayplan.plan import DayPlan, plan_day
from crowdship.planner.routes import Job, Vehicle
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
        If a driver is unknown or has no start, nobody is named or has a shift, or there are too many deliveries.
    """
    began = time.monotonic()
    zone = zones.get(zone_id)
    planned, not_planned = _drivers(request.drivers or _planned_shifts(zone_id, request))
    waiting = deliveries.opening_in_zone(zone_id, request.opens_from, request.opens_until, clock.now())
    refuse_too_many(waiting, request.explain)
    travel = travel_at(zone, request.opens_from)
    problem = make_day_problem(waiting, planned, request.opens_from, travel, learned_in(zone).stay_s)
    plans = _plans(problem, planned, request)
    reasons = None
    if request.explain:
        reasons = explained(problem, plans, lambda: time.monotonic() < began + EXPLAIN_UNTIL_S)
    return DayPlanView.of(zone_id, problem, plans, not_planned, reasons)


def _planned_shifts(zone_id: str, request: DayPlanRequest) -> tuple[Shift, ...]:
    shifts = by_plan(drivers.fleet(), zone_id, request.opens_from, request.opens_until)
    if not shifts:
        detail = "No shift of a dedicated driver is planned in this span; plan one, or name drivers with their shifts."
        raise Unprocessable("no_shifts", detail, "/drivers")
    return shifts


def _plans(problem: DayProblem, planned: list[PlannedFor], request: DayPlanRequest) -> tuple[DayPlan, ...]:
    """Return one plan for everybody, or that of the dedicated drivers and then that of the others for the rest."""
    own = {entry.driver.id for entry in planned if entry.driver.kind is DriverKind.DEDICATED}
    first = [vehicle for vehicle in problem.vehicles if vehicle.id in own]
    others = [vehicle for vehicle in problem.vehicles if vehicle.id not in own]
    if not request.dedicated_first or not first or not others:
        return (_planned(problem, problem.jobs, problem.vehicles, request, request.seconds),)
    plan = _planned(problem, problem.jobs, first, request, request.seconds / 2)
    rest = [job for job in problem.jobs if job.id in plan.unserved]
    return plan, _planned(problem, rest, others, request, request.seconds / 2)


def _planned(
    problem: DayProblem, jobs: Sequence[Job], vehicles: Sequence[Vehicle], request: DayPlanRequest, seconds: float
) -> DayPlan:
    return plan_day(
        jobs,
        vehicles,
        problem.matrix,
        seconds=seconds,
        clock=time.monotonic,
        threads=THREADS,
        objective=request.objective,
        even=request.even,
    )


def _drivers(shifts: Sequence[Shift]) -> tuple[list[PlannedFor], list[LeftOut]]:
    """Return the drivers who are planned for, and those who may not drive."""
    ids = [shift.driver_id for shift in shifts]
    known, positions = drivers.get_many(ids), tracking.newest(ids)
    planned, not_planned = [], []
    for number, shift in enumerate(shifts):
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
