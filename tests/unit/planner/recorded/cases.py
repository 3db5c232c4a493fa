"""Recorded cases: each makes some plans and returns them as plain values.

No case is ended by a clock: budgets are numbers of steps, and the day plan's clock stands still. What engines do not
answer the same each time (VROOM above its lowest level where PyVRP is missing) is not recorded.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from math import inf

from crowdship.planner.acceptance import AcceptanceModel
from crowdship.planner.dayplan.plan import plan_day
from crowdship.planner.insertion import insert
from crowdship.planner.insertion.line import Line
from crowdship.planner.matching.model import MatchingRules
from crowdship.planner.matching.rounds import plan_trips
from crowdship.planner.polish import polish
from crowdship.planner.polish.fleet import Bounds, movable
from crowdship.planner.routes import Weights
from crowdship.planner.sequence import best_order
from crowdship.planner.timetable import price, timetable
from crowdship.routes.arrivals import arrivals
from crowdship.routes.sequencing import sequence
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import Load, Start, cost_of, free_after, timed
from crowdship.routes.timetable import insert as insert_stops
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.windows import Window
from crowdship.travel.conditions import Learned
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules
from tests.city import NOON, at, delivery
from tests.unit.planner.recorded import instances

ENGINES = {"vroom": ("vroom",), "pyvrp": ("pyvrp",), "ortools": ("ortools.graph.python",)}
"""The modules of each engine."""

SOFT, HARD = Weights(waiting=0.25, lateness=5.0), Weights(waiting=0.25, lateness=inf)


@contextmanager
def only(*engines: str) -> Iterator[None]:
    """Let importing all other engines fail, as it does where they are not installed."""
    hidden = [module for engine, modules in ENGINES.items() if engine not in engines for module in modules]
    before = {name: sys.modules[name] for name in hidden if name in sys.modules}
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    _forget_engines()
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        sys.modules.update(before)
        _forget_engines()


def _forget_engines() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("crowdship.planner"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def exact(number):
    """Return a number to a thousandth; what is less differs between machines."""
    return "never" if number == inf else round(number, 3)


def matching_round(engines, seed, orders, drivers, *, rounds_per_order=4.0, explained=False, **rules):
    listed, fleet = instances.town(seed, orders, drivers)
    wanted = MatchingRules(rounds_per_order=rounds_per_order, **rules)
    with only(*engines):
        first = plan_trips(listed, fleet, instances.way_s, 0.0, wanted, explained=explained)
        later = [replace(driver, free_at=max(300.0, driver.free_at)) for driver in fleet]
        second = plan_trips(listed[2:], later, instances.way_s, 300.0, wanted, before=first.plan)
    found = [
        {
            "hand_outs": sorted([out.driver_id, out.order_ids, exact(out.cost)] for out in one.hand_outs),
            "plan": dict(sorted(one.plan.items())),
            "waiting": dict(sorted(one.waiting.items())),
            "cost": exact(one.cost),
            "rounds": one.rounds,
        }
        for one in (first, second)
    ]
    if explained:
        found[0]["orders"] = [
            [why.order_id, why.driver_id, [[o.driver_id, exact(o.cost)] for o in why.options[:3]]]
            for why in first.orders
        ]
        found[0]["idle"] = [[why.driver_id, why.reason, why.order_id] for why in first.idle]
    return found


def day_plan(engines, seed, deliveries, vehicles, *, rounds=80, shift_s=5 * 3600.0, **wishes):
    jobs, fleet, matrix = instances.day(seed, deliveries, vehicles, shift_s)
    with only(*engines):
        found = plan_day(jobs, fleet, matrix, seconds=1e6, clock=lambda: 0.0, rounds=rounds, **wishes)
    explained = [found.explain(job.id) for job in jobs[:6]]
    return {
        "routes": {
            route.vehicle_id: [
                [stop.place, exact(stop.begins_at), exact(stop.leaves_at), [visit.job for visit in stop.visits]]
                for stop in route.stops
            ]
            for route in found.routes
        },
        "ends": [exact(route.ends_at) for route in found.routes],
        "times": [[exact(r.driving_s), exact(r.waiting_s), exact(r.service_s)] for r in found.routes],
        "way": exact(found.cost.way),
        "unserved": dict(sorted(found.unserved.items())),
        "engines": found.engines,
        "explained": [
            [why.vehicle_id, why.feasible, exact(why.extra_cost), why.runner_up, why.reason] for why in explained
        ],
    }


def sequences(engines, count, *, thorough=False, committed=0, wide_s=3600.0):
    found = []
    for seed in range(3):
        stops, vehicle, matrix = instances.open_stops(seed, count, wide_s=wide_s, end=bool(seed % 2))
        for weights in (SOFT, HARD):
            with only(*engines):
                best = best_order(stops, vehicle, matrix, weights, committed=committed, thorough=thorough)
            found.append(best and [[stop.place for stop in best.stops], exact(best.cost), best.optimal])
    return found


def insertions(seed):
    routes, urgent, matrix = instances.fleet(seed, 6, 18)
    found = []
    for weights in (SOFT, HARD):
        lines = [Line(running, matrix, weights) for running in routes]
        found.append(["as they are", [[exact(line.late_s), exact(line.cost)] for line in lines]])
        asked = [(job.id, job) for job in urgent]
        asked += [(f"{job.id} on board", replace(job, stops=job.stops[1:])) for job in urgent[:2]]
        asked += [(f"{job.id} fetched", replace(job, stops=job.stops[:1])) for job in urgent[:2]]
        for name, job in asked:
            choice = insert(routes, job, matrix, weights)
            for one in (choice.best, choice.runner_up):
                place = one and one.place
                found.append([name, one and [one.number, place.spots, exact(place.added), exact(place.late_s)]])
                if one:
                    found.append([s.place for s in one.route.stops])
    return found


def polished(engines, seed, **bounds):
    routes, urgent, matrix = instances.fleet(seed, 6, 18)
    free = urgent[0]
    best = insert(routes, free, matrix, SOFT).best
    routes = [best.route if best and number == best.number else running for number, running in enumerate(routes)]
    skills = {job: frozenset({"cold_box"}) for running in routes[1::2] for job in list(movable(running))[:1]}
    with only(*engines):
        found = polish(
            routes, matrix, SOFT, Bounds(free={free.id}, skills=skills, **bounds), steps=80, level=0, seed=seed
        )
    return {
        "routes": [[stop.place for stop in running.stops] for running in found.routes],
        "moved": sorted(found.moved),
        "saved": exact(found.saved),
    }


def timetables(seed):
    """Return when stops of routes under way begin, and what the routes cost."""
    routes, _, matrix = instances.fleet(seed, 6, 18)
    found = []
    for running in routes:
        plan = timetable(running.stops, running.vehicle, matrix)
        found.append([exact(number) for number in (*plan.begins, plan.ends_at, plan.driving_s, plan.waiting_s)])
        found.append([exact(plan.late_s), exact(price(running.stops, running.vehicle, matrix, SOFT))])
    return found


def drivers_route(seed):
    """Return a driver's stops with planned times and arrivals, as one delivery after the other is put in."""
    rules = TravelRules(speed_mps=5, detour_factor=1.25, pickup_dwell_s=120, dropoff_dwell_s=180)
    travel, start = GreatCircle(rules), Start(at(10 * seed, 0), NOON)
    expected = InTraffic(travel, Traffic(), NOON)
    learned = Learned(id="testville")
    hold = Load(4000, 60)
    groups = []
    for number in range(5):
        opens = NOON + timedelta(minutes=(7 * seed * (number + 1)) % 50)
        window = Window(opens_at=opens, closes_at=opens + timedelta(minutes=20 + 10 * number))
        shop = at(700 * (seed + number) % 3000, 400 * number)
        door = at(-500 * number, 900 * ((seed * number) % 4))
        parcel = Parcel(weight_g=900)
        order = delivery(f"dlv_{number}", shop, door, parcel=parcel, pickup_window=window, dropoff_window=window)
        groups.append(stops_of(order, rules))
    groups[0] = groups[0][1:]
    found = []
    route = ()
    for number in range(len(groups)):
        best = insert_stops(route, groups[number : number + 1], start, hold, travel, 5)
        if best is None:
            continue
        route = best.stops
        found.append([exact(best.added_s), exact(best.late_s)])
    there = NOON - timedelta(minutes=1)
    begun = (route[0].model_copy(update={"started": True, "arrived_at": there}), *route[1:])
    for stops in (route, begun, sequence(route, start, hold, travel, 5), sequence(begun, start, hold, travel, 5)):
        cost = cost_of(stops, start, travel)
        free = free_after(stops, start, travel)
        there = arrivals(stops, start, expected, learned)
        found.append(
            {
                "times": [[stop.stop_id, stop.eta.isoformat()] for stop in timed(stops, start, travel)],
                "cost": [exact(cost.driving_s), exact(cost.waiting_s), exact(cost.late_s)],
                "free": free.at.isoformat(timespec="milliseconds"),
                "arrivals": {
                    stop: [one.at.isoformat(), one.earliest.isoformat(), one.latest.isoformat()]
                    for stop, one in there.items()
                },
            }
        )
    return found


ALL = ("vroom", "pyvrp", "ortools")
ASKED = {"acceptance": AcceptanceModel()}

CASES: dict[str, Callable[[], object]] = {
    "matching, few orders": partial(matching_round, ALL, 1, 14, 7, explained=True),
    "matching, few drivers": partial(matching_round, ALL, 2, 24, 5, ageing=0.5, unserved=4000.0),
    "matching, offers that may be declined": partial(matching_round, ALL, 3, 18, 9, **ASKED, explained=True),
    "matching, without OR-Tools": partial(matching_round, (), 1, 14, 7),
    "matching, districts": partial(matching_round, ALL, 4, 230, 60, rounds_per_order=1.0),
    **{
        f"day plan, {objective}, with {' and '.join(engines) or 'no engine'}": partial(
            day_plan, engines, 1, 24, 5, objective=objective
        )
        for objective in ("time", "vehicles")
        for engines in (("vroom", "pyvrp"), ("pyvrp",), ())
    },
    "day plan, too much for all": partial(day_plan, (), 2, 30, 3, shift_s=7200.0),
    "day plan, too much for all, with engines": partial(day_plan, ALL, 2, 30, 3, shift_s=7200.0),
    "day plan, shared evenly, one stop an address": partial(day_plan, (), 3, 25, 5, even=0.2, shared_service=0.3),
    "day plan, shared evenly, with engines": partial(day_plan, ALL, 3, 25, 5, even=0.2, shared_service=0.3),
    "day plan, no longer than three hours": partial(day_plan, (), 4, 20, 6, longest_s=10800.0),
    "sequence, 7 stops": partial(sequences, (), 7),
    "sequence, 9 stops, two committed": partial(sequences, (), 9, committed=2),
    "sequence, 14 stops": partial(sequences, (), 14),
    "sequence, 14 stops, with PyVRP": partial(sequences, ALL, 14),
    "sequence, 12 stops, thorough": partial(sequences, (), 12, thorough=True),
    "sequence, 13 stops, wide windows": partial(sequences, (), 13, wide_s=20000.0),
    **{f"insertion, fleet {seed}": partial(insertions, seed) for seed in range(4)},
    **{f"polish, fleet {seed}": partial(polished, (), seed) for seed in range(2)},
    "polish, few moves": partial(polished, (), 2, most_moved=2, worth_s=60.0),
    "polish, with VROOM": partial(polished, ALL, 0),
    **{f"timetable, fleet {seed}": partial(timetables, seed) for seed in range(2)},
    **{f"a driver's route {seed}": partial(drivers_route, seed) for seed in range(3)},
}
