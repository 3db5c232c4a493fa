"""Planning, without AWS: the same input gives the same plan.

``routes``, ``timetable``, ``faults``
    Stops, jobs and vehicles; the times and the cost of a route; the check of finished routes.
``insertion``
    The best place of one more job in routes under way, at once.
``polish``
    Routes under way improved in the background.
``sequence``
    The best order of one driver's stops.
``matching``
    The round that gives waiting orders to drivers.
``dayplan``
    The routes of a whole day's scheduled jobs.
``ruin_recreate``
    The frame of the searches above.
``engines``, ``assignment``
    VROOM, PyVRP and OR-Tools where they are installed; the assignment problem.
``acceptance``
    The probability that a driver accepts an offer.
"""
