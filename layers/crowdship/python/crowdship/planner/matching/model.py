"""Input and result of a matching round.

Times are seconds of any common clock, costs are seconds that a customer waits.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from math import inf

from crowdship.planner.acceptance import AcceptanceModel

Xy = tuple[float, float]
Travel = Callable[[Xy, Xy], float]


@dataclass(frozen=True, slots=True)
class Order:
    """A delivery order that waits for a driver.

    Parameters
    ----------
    pickup, dropoff : tuple of float
        Places of the shop and of the customer; orders with an equal ``pickup`` may share a trip.
    placed_at, ready_at : float
        Moments at which it was ordered and from which it can be picked up.
    due_at : float
        The promised moment; a later drop-off costs extra.
    fails_at : float
        A drop-off later than this counts as failed and costs still more.
    weight, volume : float
        Part of a vehicle's capacity that it takes, in the units of the drivers' capacities.
    skills : frozenset of str
        Skills that its driver needs.
    pay, tip : float
        Earnings of its driver, in minutes of the usual pay: 10 is the usual pay of a ten-minute trip. Both make
        an offer likelier to be taken; the pay is also a cost.
    alone : bool
        True if it shares no trip.
    kind : str
        Only orders of one kind share a trip.
    barred : container of str
        Drivers who must not get it. Only drivers who come into question are looked up.
    surcharges : mapping of str to float
        Extra cost with some drivers, in seconds: for example with a driver who let an offer of it expire.
    """

    id: str
    pickup: Xy
    dropoff: Xy
    placed_at: float
    ready_at: float
    due_at: float
    fails_at: float
    weight: float = 0.0
    volume: float = 0.0
    skills: frozenset[str] = frozenset()
    pay: float = 0.0
    tip: float = 0.0
    alone: bool = False
    kind: str = ""
    barred: Container[str] = ()
    surcharges: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver who may be given orders.

    Parameters
    ----------
    at : tuple of float
        Place where they are, or will be at ``free_at``.
    free_at : float
        Moment from which they can start a trip.
    off_at : float
        End of their duty: no pickup is later.
    free : bool
        True if a trip can be handed out to them now, even if they can start it only at ``free_at``.
    max_weight, max_volume : float
        Capacity of the vehicle.
    skills : frozenset of str
        Skills of the driver and the vehicle.
    pay_price : float
        Seconds of waiting that a minute of the usual pay is worth; zero if they are paid anyway.
    willingness : float or None
        Their part in the acceptance model (``AcceptanceModel.willingness``); None if they are given work unasked.
    order_preferences : mapping of str to float
        Extra cost of each of their orders, by name, in seconds: for example for a lower rating.
    work_preferences : mapping of str to float
        Extra cost of giving them any work, by name, in seconds: negative for a driver who waited long, for example.
    """

    id: str
    at: Xy
    free_at: float
    off_at: float = inf
    free: bool = True
    max_weight: float = inf
    max_volume: float = inf
    skills: frozenset[str] = frozenset()
    pay_price: float = 0.0
    willingness: float | None = None
    order_preferences: Mapping[str, float] = field(default_factory=dict)
    work_preferences: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """Weights and limits of a round; all of them are configuration.

    Parameters
    ----------
    pickup_s, dropoff_s : float
        Time at a stop before and after the goods change hands, half each.
    lateness : float
        Extra cost of a second after the promise.
    failing : float
        Extra cost of a second after ``fails_at``.
    unserved : float
        Cost of an order that nobody takes, in seconds, beyond what its waiting costs already: more than anything else
        can cost, unless some orders had better be left.
    ageing : float
        By how much a second of waiting costs more for each hour that an order has waited since it was placed.
    driver_time_per_load : float
        Price of a driver's second for each order that waits per driver who is free soon.
    driver_time_most : float
        The most that price rises to.
    acceptance : AcceptanceModel or None
        Model of how likely a driver accepts; None if all offers are accepted.
    refusal_s : float
        Seconds that an order loses by an offer that is not accepted.
    horizon_s : float
        Orders that are ready later than this many seconds from now are left for later rounds.
    soon_s : float
        Seconds from now that count as "soon" for the load.
    free_within_s : float
        Drivers who are free later than this many seconds from now are left out.
    max_bundle, max_trips : int
        The most orders of a trip and trips of a driver.
    near : int
        Drivers considered for an order: those who could be at the pickup first if they had nothing else to do.
    tried : int
        Number of them that the search tries: those who can be there first with the trips that the plan gives them.
    patience_s : float
        A trip is handed out when waiting longer than this would make its pickup later.
    rounds_per_order : float
        Length of the search, but for a few orders at least ``least_rounds``.
    east_scale : float
        Length of a unit of places' second coordinate, in units of the first: 1 in a plane, the cosine of the
        latitude where places are degrees. It tells which places are near, and where a large zone is cut.
    """

    pickup_s: float = 240.0
    dropoff_s: float = 240.0
    lateness: float = 1.0
    failing: float = 2.0
    unserved: float = 1e9
    ageing: float = 0.0
    driver_time_per_load: float = 0.75
    driver_time_most: float = 4.0
    acceptance: AcceptanceModel | None = None
    refusal_s: float = 60.0
    horizon_s: float = 1800.0
    soon_s: float = 600.0
    free_within_s: float = 2400.0
    max_bundle: int = 4
    max_trips: int = 3
    near: int = 60
    tried: int = 12
    patience_s: float = 60.0
    rounds_per_order: float = 8.0
    least_rounds: int = 100
    east_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class HandOut:
    """A trip that must leave now: its driver, its orders as they are dropped off, and its cost."""

    driver_id: str
    order_ids: tuple[str, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Option:
    """A driver who could take an order, with the cost that this adds to the plan, part by part."""

    driver_id: str
    cost: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """The reasons for the place of an order in the plan.

    Parameters
    ----------
    options : tuple of Option
        The drivers considered who could take it, cheapest first, all else in the plan being equal.
    driver_id : str or None
        The driver whose trips it is in; None if nobody takes it.
    waits : str or None
        The reason why it is not handed out now; None if it is.
    difference : float or None
        Extra cost of the cheapest other driver; None if there is none.
    """

    order_id: str
    options: tuple[Option, ...]
    driver_id: str | None
    waits: str | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class IdleExplanation:
    """The reason why a driver got no trip, with the order that came closest and the seconds it was dearer by."""

    driver_id: str
    reason: str
    order_id: str | None = None
    difference: float | None = None


Plan = Mapping[str, tuple[tuple[str, ...], ...]]
"""Trips by driver, as order ids."""


@dataclass(frozen=True)
class Round:
    """The result of a round.

    Parameters
    ----------
    hand_outs : tuple of HandOut
        Trips to assign or offer now.
    plan : mapping
        All planned trips by driver, as order ids: a warm start for the next round.
    waiting : mapping
        The reason why each other order waits.
    cost : float
        Cost of the whole plan, in seconds.
    rounds : int
        Steps that the search took.
    complete : bool
        False if the caller ended the search before its whole length.
    orders, idle : tuples
        The explanations, if they were asked for.
    """

    hand_outs: tuple[HandOut, ...]
    plan: Plan
    waiting: Mapping[str, str]
    cost: float
    rounds: int
    complete: bool
    orders: tuple[OrderExplanation, ...] = ()
    idle: tuple[IdleExplanation, ...] = ()


LATER = "it is ready later than this round looks"
NOBODY = "nobody can take it"
SOON = "its driver need not leave yet"
BUSY = "its driver is still on another trip"

NOT_FREE = "not free soon, or off duty by then"
NOTHING_FITS = "no open order is for them"
OTHERS_CHEAPER = "others take the open orders at less cost"
EMPTY = "nothing is open"
