"""What a matching round is told, and what it answers.

Times are seconds of any common clock, costs are seconds that a customer waits.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from math import inf

from crowdship.planner.acceptance import AcceptanceModel

Place = tuple[float, float]
Travel = Callable[[Place, Place], float]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be carried.

    Parameters
    ----------
    pickup, dropoff : tuple of float
        Where from and where to; orders with an equal ``pickup`` may share a trip.
    placed_at, ready_at : float
        When it was ordered, and when it can be picked up.
    due_at : float
        The promise; later costs extra.
    fails_at : float
        Later than this is as good as not delivered.
    weight, volume : float
        What it takes of a vehicle.
    skills : frozenset of str
        What its driver must have.
    pay, tip : float
        What its driver earns with it, in minutes of what is usual: 10 is the usual pay of a ten-minute trip. Both make
        an offer likelier to be taken; the pay is also a cost.
    alone : bool
        It shares no trip.
    kind : str
        Only orders of one kind share a trip.
    barred : container of str
        Drivers who can't or won't take it; asked only about those who come into question.
    surcharges : mapping of str to float
        What it costs more with some drivers, in seconds: for example with who let an offer of it run out.
    """

    id: str
    pickup: Place
    dropoff: Place
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
    """Who may carry it.

    Parameters
    ----------
    at : tuple of float
        Where they are, or will be at ``free_at``.
    free_at : float
        When they can start a trip.
    off_at : float
        A pickup must not be later.
    free : bool
        A trip can be handed out to them now, even if they are free only at ``free_at``.
    max_weight, max_volume : float
        What the vehicle holds.
    skills : frozenset of str
        What they and their vehicle can do.
    pay_price : float
        Seconds of waiting that a minute of the usual pay is worth; zero if they are paid anyway.
    willingness : float or None
        Their part in the acceptance model (``AcceptanceModel.willingness``); None if they are given work unasked.
    order_preferences : mapping of str to float
        What each order of theirs costs besides, by name, in seconds: for example a lower rating.
    work_preferences : mapping of str to float
        What it costs besides that they get work at all: for example less than nothing for who waited long for it.
    """

    id: str
    at: Place
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
    """What a round weighs against what; all of it is configuration.

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
        How likely drivers take what they are offered; None if everyone does.
    refusal_s : float
        Seconds that an order loses by an offer that is not taken.
    horizon_s : float
        Orders that are ready later are left for later rounds.
    soon_s : float
        What counts as "soon" for the load.
    free_within_s : float
        Drivers who are free later are left out.
    max_bundle, max_trips : int
        Orders a trip, trips a driver.
    near : int
        Drivers considered for an order: those who could be at the pickup first if they had nothing else to do.
    tried : int
        How many of them the search tries: those who can be there first with what the plan gives them.
    patience_s : float
        A trip is handed out when waiting longer than this would make its pickup later.
    rounds_per_order : float
        Length of the search, but for a few orders at least ``least_rounds``.
    east_scale : float
        How long a unit of places' second coordinate is, in units of their first: 1 in a plane, the cosine of the
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
    """A trip that must leave now: who, what in which order, and what it costs."""

    driver_id: str
    order_ids: tuple[str, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Option:
    """A driver who could take an order, with what it adds to the cost of the plan, part by part."""

    driver_id: str
    cost: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """Why an order is where it is.

    Parameters
    ----------
    options : tuple of Option
        The drivers considered who could take it, cheapest first, all else in the plan being equal.
    driver_id : str or None
        Whose plan it is in.
    waits : str or None
        Why it is not handed out now.
    difference : float or None
        How much more the cheapest other driver would cost.
    """

    order_id: str
    options: tuple[Option, ...]
    driver_id: str | None
    waits: str | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class IdleExplanation:
    """Why a driver got nothing: the reason, and the order that came closest with the seconds it was dearer by."""

    driver_id: str
    reason: str
    order_id: str | None = None
    difference: float | None = None


Plan = Mapping[str, tuple[tuple[str, ...], ...]]
"""Trips by driver, as order ids."""


@dataclass(frozen=True)
class Round:
    """What a round decided.

    Parameters
    ----------
    hand_outs : tuple of HandOut
        Trips to give or offer now.
    plan : mapping
        All planned trips by driver, as order ids: a warm start for the next round.
    waiting : mapping
        Why each other order waits.
    cost : float
        Of the whole plan.
    rounds : int
        How far the search went.
    complete : bool
        False if the caller's stop ended it before its length.
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
