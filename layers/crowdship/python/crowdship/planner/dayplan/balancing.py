"""Working times of a day's vehicles made more even."""

from crowdship.planner.dayplan.insertion import Inserter, without
from crowdship.planner.dayplan.problem import Routes


def share_work(inserter: Inserter, routes: Routes, most: float) -> Routes:
    """Return a plan whose longest working time is shorter: jobs go from the vehicle that works longest to others.

    Parameters
    ----------
    most : float
        The most that the way may cost afterwards.
    """
    problem = inserter.problem
    lines = [inserter.line(vehicle, route) for vehicle, route in enumerate(routes)]
    work = [inserter.work(vehicle, route) for vehicle, route in enumerate(routes)]
    cost = problem.cost(routes)
    while True:
        longest = max(range(len(lines)), key=lambda vehicle: (work[vehicle], -vehicle), default=0)
        moves = []
        for job in problem.jobs_in(lines[longest].route):
            rest = without(problem, lines[longest].route, {job})
            kept = inserter.work(longest, rest)
            saved = problem.route_cost(longest, lines[longest].route) - problem.route_cost(longest, rest)
            for vehicle in problem.able[job]:
                place = inserter.best(lines[vehicle], job) if vehicle != longest else None
                if not place:
                    continue
                more = problem.route_cost(vehicle, place.route) - problem.route_cost(vehicle, lines[vehicle].route)
                after = max(kept, inserter.work(vehicle, place.route))
                if after < work[longest] and cost + more - saved <= most:
                    moves.append((after, more - saved, vehicle, rest, place.route))
        if not moves:
            return tuple(line.route for line in lines)
        _, change, vehicle, rest, route = min(moves)
        cost += change
        for number, other in ((longest, rest), (vehicle, route)):
            lines[number], work[number] = inserter.line(number, other), inserter.work(number, other)
