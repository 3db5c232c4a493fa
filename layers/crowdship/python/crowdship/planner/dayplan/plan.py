"""The day plan: hundreds of scheduled deliveries for tens of vehicles, within a time budget.

VROOM makes the first plan and, where vehicles differ, most of the plan; PyVRP improves it, best where vehicles are
alike. Either may be missing, and both: then insertion in plain Python with ruin and recreate plans alone. No plan
leaves before :func:`crowdship.planner.faults.faults` found nothing in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from crowdship.planner.dayplan.insertion import Inserter, without
from crowdship.planner.dayplan.problem import DayProblem, Routes, holds, make_problem, same_things
from crowdship.planner.dayplan.search import DayPlanSearch, Objective
from crowdship.planner.dayplan.sharing import PlannedStop, merge, planned_stops, split
from crowdship.planner.routes import Job, Matrix, Vehicle

NO_SKILL = "no vehicle has the skills"
NO_ROOM = "no vehicle with the skills holds it"
NO_TIME = "no vehicle that may serve it can keep its windows and its own shift"
ALL_TAKEN = "no capacity or time is left beside the others"


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """A vehicle's day.

    Parameters
    ----------
    job_ids : tuple of str
        In the order of their first stops.
    starts_at, ends_at : float
        It leaves as its shift begins, and is done with its last stop or back at its end.
    cost : float
        Cost of the way, by the plan's objective.
    driving_s, waiting_s, service_s : float
        Seconds under way, before stops that are not open yet, and at stops.
    """

    vehicle_id: str
    stops: tuple[PlannedStop, ...]
    job_ids: tuple[str, ...]
    starts_at: float
    ends_at: float
    cost: float
    driving_s: float
    waiting_s: float
    service_s: float


@dataclass(frozen=True, slots=True)
class CostParts:
    """The cost of a plan: the way by the objective, seconds of each kind, vehicles in use, jobs left out."""

    way: float
    driving_s: float
    waiting_s: float
    service_s: float
    vehicles: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reasons for the place of a job in the plan.

    Parameters
    ----------
    vehicle_id : str or None
        The vehicle that serves it; None if none does.
    able : tuple of str
        Vehicles that have its skills and hold it.
    feasible : tuple of str
        Those of them that could serve it beside all else they do in this plan.
    extra_cost : float
        Cost that it adds to its route: the route's cost with it less the cost without.
    runner_up : str or None
        The vehicle in whose route it would be cheapest otherwise.
    runner_up_costs_more : float or None
        The cost that this would be more.
    reason : str
        The reason why no vehicle serves it; empty if one does.
    """

    job_id: str
    vehicle_id: str | None
    able: tuple[str, ...]
    feasible: tuple[str, ...]
    extra_cost: float
    runner_up: str | None
    runner_up_costs_more: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Routes of a day.

    Parameters
    ----------
    routes : tuple of PlannedRoute
        Routes of the vehicles in use, in the order in which the vehicles were given.
    unserved : mapping
        The reason for each job that is in no route.
    engines : tuple of str
        The engines that had a part in the plan: ``vroom``, ``pyvrp``, ``insertion``.
    seconds : float
        Seconds of the budget that it took.
    ended_by : str
        ``budget``, or ``search`` if the search was at its end before.
    """

    routes: tuple[PlannedRoute, ...]
    unserved: Mapping[str, str]
    cost: CostParts
    engines: tuple[str, ...]
    seconds: float
    ended_by: str
    problem: DayProblem = field(repr=False, compare=False)
    planned: Routes = field(repr=False, compare=False)
    parts: Mapping[str, list[Job]] = field(repr=False, compare=False)

    def explain(self, job_id: str) -> Explanation:
        """Return the reasons for the place of a job; they are worked out when asked for.

        Raises
        ------
        KeyError
            If the plan was not asked about this job.
        """
        problem, inserter = self.problem, Inserter(self.problem)
        joined = next((name for name, group in self.parts.items() if any(j.id == job_id for j in group)), job_id)
        numbers = [number for number, job in enumerate(problem.jobs) if job.id == joined]
        if not numbers:
            raise KeyError(job_id)
        job = numbers[0]
        names = [vehicle.id for vehicle in problem.vehicles]
        own = next((v for v, route in enumerate(self.planned) if problem.first[job] in route), None)
        places: dict[int, float] = {}
        for vehicle in problem.able[job]:
            rest = without(problem, self.planned[vehicle], {job})
            place = inserter.best(inserter.line(vehicle, rest), job)
            if place:
                places[vehicle] = problem.route_cost(vehicle, place.route) - problem.route_cost(vehicle, rest)
        extra = 0.0
        if own is not None:
            rest = without(problem, self.planned[own], {job})
            extra = problem.route_cost(own, self.planned[own]) - problem.route_cost(own, rest)
        others = sorted((cost, vehicle) for vehicle, cost in places.items() if vehicle != own)
        return Explanation(
            job_id=job_id,
            vehicle_id=None if own is None else names[own],
            able=tuple(names[vehicle] for vehicle in problem.able[job]),
            feasible=tuple(names[vehicle] for vehicle in problem.able[job] if vehicle in places or vehicle == own),
            extra_cost=extra,
            runner_up=names[others[0][1]] if others else None,
            runner_up_costs_more=others[0][0] - extra if others and own is not None else None,
            reason=self.unserved.get(job_id, ""),
        )


def plan_day(
    jobs: Iterable[Job],
    vehicles: Iterable[Vehicle],
    matrix: Matrix,
    *,
    seconds: float,
    clock: Callable[[], float],
    threads: int = 1,
    objective: Objective | str = Objective.TIME,
    seed: int = 1,
    costs: Matrix | None = None,
    longest_s: float | None = None,
    even: float = 0.0,
    shared_service: float = 1.0,
    rounds: int = 1_000_000,
    on_plan: Callable[[DayPlan, float], None] | None = None,
) -> DayPlan:
    """Plan a day.

    Parameters
    ----------
    jobs, vehicles : iterables
        Jobs to serve and vehicles to serve them; the plan depends on neither their sequence nor their ids.
    matrix : matrix
        Seconds between places.
    seconds : float
        The budget: the best plan by then is the answer.
    clock : callable
        Seconds, to measure the budget by: of the process with one thread, of the wall with more.
    threads : int
        The number of threads that VROOM may use.
    objective : Objective
        After as many jobs as possible are served, those of high priority first: fewest vehicles and then the way, or
        the way alone.
    seed : int
        The same input and seed give the same plan, unless the budget ended the search.
    costs : matrix, optional
        Costs of the ways for the objectives ``vehicles`` and ``distance``, for example metres; travel times
        otherwise.
    longest_s : float, optional
        No route ends later than this after its shift began.
    even : float
        Part of the cost of the way that may be given up for work that is evenly shared, 0.05 for 5 %.
    shared_service : float
        Part of its service time that each further job takes at a stop of several: 1 all of it, 0 nothing. Below 1
        jobs with the same addresses and overlapping windows come together.
    rounds : int
        Steps after which the search is at its end.
    on_plan : callable, optional
        Given each better plan and the seconds it took.

    Raises
    ------
    ValueError
        If a job has no stop or more than two, or does not drop off what it picked up; names that are used twice.

    Examples
    --------
    Places lie on a line, a minute apart.

    >>> from time import process_time
    >>> from crowdship.planner.routes import Job, Stop, Vehicle
    >>> matrix = [[60.0 * abs(a - b) for b in range(10)] for a in range(10)]
    >>> jobs = [Job(name, (Stop(name, place, load=(-1,)),)) for name, place in (("far", 8), ("near", 3))]
    >>> vans = [Vehicle("van", start=0, end=0, capacity=(2,))]
    >>> plan = plan_day(jobs, vans, matrix, seconds=60.0, clock=process_time, rounds=20)
    >>> [(route.vehicle_id, route.ends_at, len(route.stops)) for route in plan.routes], plan.unserved
    ([('van', 960.0, 2)], {})
    """
    began = clock()
    wanted = Objective(objective)
    listed, owners = same_things(jobs, vehicles)
    _check_names(listed, owners)
    order = [vehicle.id for vehicle in owners]
    if longest_s is not None:
        owners = [replace(owner, off_at=min(owner.off_at, owner.on_at + longest_s)) for owner in owners]
    joined, parts = merge(listed, owners, shared_service)
    problem = make_problem(joined, owners, matrix, None if wanted is Objective.TIME else costs)
    everything = {job.id: job for job in (*joined, *(job for group in parts.values() for job in group))}

    def tell(routes: Routes, engines: Iterable[str], ended_by_budget: bool) -> DayPlan:
        return _day_plan(
            problem, routes, parts, everything, shared_service, order, tuple(engines), clock() - began, ended_by_budget
        )

    search = DayPlanSearch(
        problem=problem,
        objective=wanted,
        seconds=seconds,
        spent=lambda: clock() - began,
        threads=threads,
        seed=seed,
        rounds=rounds,
        even=even,
        on_best=lambda routes: on_plan(tell(routes, search.engines, False), clock() - began) if on_plan else None,
    )
    search.run()
    return tell(search.best, search.engines, search.ended_by_budget)


def _check_names(jobs: Iterable[Job], vehicles: Iterable[Vehicle]) -> None:
    for what in ([job.id for job in jobs], [vehicle.id for vehicle in vehicles]):
        if len(set(what)) < len(what):
            raise ValueError(f"{next(name for name in what if what.count(name) > 1)} is there twice")


def _day_plan(
    problem: DayProblem,
    routes: Routes,
    parts: Mapping[str, list[Job]],
    jobs: Mapping[str, Job],
    share: float,
    order: list[str],
    engines: tuple[str, ...],
    seconds: float,
    ended_by_budget: bool,
) -> DayPlan:
    planned = {}
    for number, route in enumerate(routes):
        if route:
            vehicle = problem.vehicles[number]
            stops = split([problem.stops[stop] for stop in route], parts)
            planned[vehicle.id] = _planned_route(
                problem, number, routes, planned_stops(stops, vehicle, problem.matrix, share)
            )
    unserved: dict[str, str] = {}
    for number in problem.unserved(routes):
        why = _reason(problem, number)
        for job in parts.get(problem.jobs[number].id, [problem.jobs[number]]):
            unserved[job.id] = why
    told = tuple(planned[name] for name in order if name in planned)
    cost = CostParts(
        way=sum(route.cost for route in told),
        driving_s=sum(route.driving_s for route in told),
        waiting_s=sum(route.waiting_s for route in told),
        service_s=sum(route.service_s for route in told),
        vehicles=len(told),
        unserved=len(unserved),
    )
    ended_by = "budget" if ended_by_budget else "search"
    return DayPlan(told, unserved, cost, engines, seconds, ended_by, problem, routes, parts)


def _planned_route(problem: DayProblem, number: int, routes: Routes, stops: tuple[PlannedStop, ...]) -> PlannedRoute:
    vehicle, matrix = problem.vehicles[number], problem.matrix
    here, driving = vehicle.start, 0.0
    for stop in stops:
        driving += matrix[here][stop.place]
        here = stop.place
    back = 0.0 if vehicle.end is None else matrix[here][vehicle.end]
    ends_at = stops[-1].leaves_at + back
    waiting = sum(stop.begins_at - stop.arrives_at for stop in stops)
    return PlannedRoute(
        vehicle_id=vehicle.id,
        stops=stops,
        job_ids=tuple(dict.fromkeys(visit.job for stop in stops for visit in stop.visits)),
        starts_at=vehicle.on_at,
        ends_at=ends_at,
        cost=problem.route_cost(number, routes[number]),
        driving_s=driving + back,
        waiting_s=waiting,
        service_s=ends_at - vehicle.on_at - driving - back - waiting,
    )


def _reason(problem: DayProblem, number: int) -> str:
    job = problem.jobs[number]
    skilled = [vehicle for vehicle in problem.vehicles if job.skills <= vehicle.skills]
    if not skilled:
        return NO_SKILL
    if not any(holds(vehicle, job) for vehicle in skilled):
        return NO_ROOM
    inserter = Inserter(problem)
    if not any(inserter.best(inserter.line(vehicle, ()), number) for vehicle in problem.able[number]):
        return NO_TIME
    return ALL_TAKEN
