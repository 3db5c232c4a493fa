"""Small made-up instances of every kind of plan, the same for a seed on every machine: whole metres and seconds."""

import random

from crowdship.planner.insertion import insert
from crowdship.planner.insertion.model import Running
from crowdship.planner.matching.model import Driver, Order
from crowdship.planner.routes import Job, Stop, Vehicle, Weights, on_board

MINUTE = 60.0


def way_s(a, b, speed_mps=5):
    """Return whole seconds between points in metres, along streets that run north and east."""
    return float(round((abs(a[0] - b[0]) + abs(a[1] - b[1])) / speed_mps))


def matrix_of(points):
    return [[way_s(a, b) for b in points] for a in points]


def town(seed, orders, drivers):
    """Return orders and drivers of a matching round: shops with several orders, some of them skilled, alone or old."""
    rng = random.Random(f"town {seed}")
    shops = [(float(rng.randrange(6000)), float(rng.randrange(6000))) for _ in range(max(3, orders // 4))]
    listed = []
    for number in range(orders):
        placed = -60.0 * rng.randrange(30)
        ready = placed + 60.0 * rng.randrange(5, 45)
        listed.append(
            Order(
                f"order {number}",
                rng.choice(shops),
                (float(rng.randrange(6000)), float(rng.randrange(6000))),
                placed,
                ready,
                due_at=placed + 40 * MINUTE,
                fails_at=placed + 85 * MINUTE,
                weight=float(rng.randrange(1, 5)),
                skills=frozenset({"cold_box"} if rng.random() < 0.2 else ()),
                pay=float(rng.randrange(8, 20)),
                tip=float(rng.randrange(3)),
                alone=rng.random() < 0.1,
                barred=frozenset({f"driver {rng.randrange(drivers)}"}),
                surcharges={f"driver {rng.randrange(drivers)}": 120.0},
            )
        )
    fleet = [
        Driver(
            f"driver {number}",
            (float(rng.randrange(6000)), float(rng.randrange(6000))),
            free_at=60.0 * rng.randrange(20),
            off_at=60.0 * rng.randrange(60, 240),
            max_weight=float(rng.randrange(6, 12)),
            skills=frozenset({"cold_box"} if rng.random() < 0.6 else ()),
            pay_price=float(rng.randrange(3)),
            willingness=rng.choice([None, 1.5, 0.5]),
            order_preferences={"rating": float(rng.randrange(30))},
            work_preferences={"waited": -float(rng.randrange(60))},
        )
        for number in range(drivers)
    ]
    return listed, fleet


def day(seed, deliveries, vehicles, shift_s=5 * 3600.0):
    """Return jobs, vehicles and travel times of a day: pairs and single stops, skills, priorities, shared addresses."""
    rng = random.Random(f"day {seed}")
    points = [(rng.randrange(9000), rng.randrange(9000)) for _ in range(deliveries + 8)]
    jobs = []
    for number in range(deliveries):
        name, opens = f"job {number}", 900.0 * rng.randrange(12)
        closes, load = opens + rng.choice([3600.0, 7200.0, 18000.0]), rng.randint(1, 3)
        place, other = rng.sample(range(deliveries), 2)
        if number % 5 == 4:
            place, other = (stop.place for stop in (*jobs[-1].stops, *jobs[-1].stops)[:2])
        dropoff = Stop(name, other, False, (-load,), opens, closes, 60.0 * rng.randint(1, 5))
        kind = rng.random()
        stops = (dropoff,)
        if kind < 0.7:
            stops = (Stop(name, place, True, (load,), opens, closes, 120.0), dropoff)
        elif kind < 0.8:
            stops = (Stop(name, place, True, (load,), opens, closes, 120.0),)
        skills = frozenset({"lift"} if rng.random() < 0.2 else ())
        jobs.append(Job(name, stops, skills, priority=rng.choice([0, 0, 10, 100])))
    fleet = [
        Vehicle(
            f"vehicle {number}",
            deliveries + number % 3,
            None if number % 3 else deliveries + 3,
            (rng.randint(8, 14),),
            900.0 * (number % 2),
            900.0 * (number % 2) + shift_s,
            frozenset({"lift"} if number % 2 else ()),
        )
        for number in range(vehicles)
    ]
    return jobs, fleet, matrix_of(points)


def open_stops(seed, count, *, wide_s, end):
    """Return a driver's open stops in no order, the vehicle and travel times: a third on board, the rest pairs."""
    rng = random.Random(f"stops {seed} {count}")
    points = [(rng.randrange(5000), rng.randrange(5000)) for _ in range(count + 2)]
    aboard = count // 3 + (count - count // 3) % 2
    stops = []
    for place in range(1, count + 1):
        pickup = place > aboard and (place - aboard) % 2 == 1
        job = place - 1 if place > aboard and not pickup else place
        load = -stops[-1].load[0] if place > aboard and not pickup else rng.randint(1, 3) * (1 if pickup else -1)
        opens = 60.0 * rng.randrange(5 * count)
        stops.append(Stop(f"job {job}", place, pickup, (load,), opens, opens + wide_s, 90.0))
    load = on_board(stops, 1)[0]
    rng.shuffle(stops)
    vehicle = Vehicle("driver", 0, count + 1 if end else None, (load + 4,), 0.0, 60.0 * 12 * count)
    return stops, vehicle, matrix_of(points)


def fleet(seed, drivers, orders):
    """Return routes under way, urgent orders and travel times: each order was put in where it cost least."""
    rng, weights = random.Random(f"fleet {seed}"), Weights(waiting=0.25, lateness=50.0)
    urgent = 4
    points = [(rng.randrange(8000), rng.randrange(8000)) for _ in range(drivers + 2 * (orders + urgent))]
    matrix = matrix_of(points)

    def order(number):
        name, place, ready = f"order {number}", drivers + 2 * number, 60.0 * rng.randrange(90)
        load = rng.randint(1, 2)
        return Job(
            name,
            (
                Stop(name, place, True, (load,), ready, ready + 3600.0, 60.0 * rng.randint(1, 3)),
                Stop(name, place + 1, False, (-load,), ready, ready + 6000.0, 90.0),
            ),
            skills=frozenset({"cold_box"} if rng.random() < 0.2 else ()),
        )

    routes = [
        Running(
            Vehicle(
                f"driver {n}",
                n,
                None if n % 3 else n,
                (rng.randint(3, 6),),
                off_at=14400.0,
                skills=frozenset({"cold_box"} if n % 2 else ()),
            )
        )
        for n in range(drivers)
    ]
    for number in range(orders):
        best = insert(routes, order(number), matrix, weights).best
        if best is not None:
            routes[best.number] = best.route
    begun = [
        Running(running.vehicle, running.stops[1:] if n % 2 and running.stops else running.stops, min(1, n % 3))
        if len(running.stops) > 2
        else running
        for n, running in enumerate(routes)
    ]
    return begun, [order(orders + number) for number in range(urgent)], matrix
