"""Rules by which a zone matches deliveries and drivers, in groups by the part of dispatch that reads them."""

from enum import StrEnum

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.zones.classification import CrowdTerms

LONGEST_LEAD_MINUTES = 1440
"""Upper limit of ``lead_minutes``: how early before its pickup window opens a delivery may be planned."""


class Policy(StrEnum):
    """Policies by which offers are sent."""

    DIRECTED = "directed"
    BROADCAST = "broadcast"


class OfferRules(Value):
    """Rules for offers to crowd drivers: how many drivers are asked at once, and for how long.

    Parameters
    ----------
    policy : Policy
        ``directed`` asks the best driver, then the next; ``broadcast`` asks several, and the first acceptance wins.
    seconds : int
        Time in which a driver can answer; then the offer expires.
    broadcast_drivers : int
        The most drivers that one offer asks.
    acceptance_probability : float
        A broadcast asks the fewest drivers of whom at least one accepts with this probability; with 1 it asks
        ``broadcast_drivers``.
    widen_after : int
        After this many drivers who did not accept, a directed offer goes to several drivers at once.
    raise_percent, raise_most : int
        The most by which the pay of an offer is raised over the priced pay so that it is taken in time: a percentage of
        it, and minor units of the rates' currency. With 0 percent no pay is raised, except up to what law sets.
    fill_probability : float
        The pay is raised so far that a delivery is taken in the time that is left with this probability.
    """

    policy: Policy = Policy.DIRECTED
    seconds: int = Field(default=120, ge=10, le=3600)
    broadcast_drivers: int = Field(default=5, ge=1, le=200)
    acceptance_probability: float = Field(default=0.99, gt=0, le=1)
    widen_after: int = Field(default=3, ge=0, le=100)
    raise_percent: int = Field(default=0, ge=0, le=200)
    raise_most: int = Field(default=1000, ge=0, le=1_000_000)
    fill_probability: float = Field(default=0.9, gt=0, lt=1)


class RoundRules(Value):
    """Rules for when a zone plans, and which deliveries and drivers a round includes.

    Parameters
    ----------
    batch_seconds, urgent_seconds : int
        Time that a new delivery may wait for others before the zone plans; the second is for an urgent one.
    retry_seconds : int
        Time until a zone plans again while a delivery has found no driver.
    lead_minutes : int
        A delivery is planned this long before its pickup window opens.
    search_minutes : int
        A delivery is offered until this long after its pickup window opens; then it expires.
    ask_ahead_seconds : int
        A driver is asked for the next trip this long before the last stop is done.
    """

    batch_seconds: int = Field(default=20, ge=1, le=900)
    urgent_seconds: int = Field(default=1, ge=0, le=60)
    retry_seconds: int = Field(default=45, ge=1, le=900)
    lead_minutes: int = Field(default=60, ge=5, le=LONGEST_LEAD_MINUTES)
    search_minutes: int = Field(default=45, ge=1, le=1440)
    ask_ahead_seconds: int = Field(default=300, ge=0, le=3600)


class DispatchLimits(Value):
    """Limits that no plan exceeds.

    Parameters
    ----------
    bundle_size : int
        The most deliveries that travel together in one offer.
    bundle_radius_m : int
        Largest distance between the pickups of a bundle, metres.
    pickup_distance_m : int
        Drivers farther from the pickup than this are not asked, metres.
    open_stops : int
        A driver with more open stops than this is not asked.
    position_minutes : int
        A driver who was last heard of longer ago than this is not asked, and counts as silent while under way.
    detour_share : float
        A driver under way takes a delivery along if that costs at most this share of a round trip for it alone.
    automatic_changes : int
        The most changes per hour of a driver's plan that are made only because the new plan is better. Changes by
        people, and changes that a new or a cancelled delivery makes necessary, are not counted.
    """

    bundle_size: int = Field(default=3, ge=1, le=10)
    bundle_radius_m: int = Field(default=150, ge=0, le=5000)
    pickup_distance_m: int = Field(default=8000, ge=100, le=100_000)
    open_stops: int = Field(default=6, ge=1, le=50)
    position_minutes: int = Field(default=10, ge=1, le=240)
    detour_share: float = Field(default=0.1, ge=0, le=1)
    automatic_changes: int = Field(default=4, ge=0, le=60)


class DispatchWeights(Value):
    """Weights of the costs of a plan; costs are in seconds that a customer waits.

    Parameters
    ----------
    lateness : float
        Minutes of driving, or of a customer's waiting, that one minute of lateness is worth.
    ageing : float
        Increase of the weight of a minute of waiting for each hour that a delivery has waited already.
    driver_time : float
        Minutes of a customer's waiting that a minute of a driver is worth, for each open delivery per driver who is
        free soon: a driver's time costs more when few drivers are free.
    pay_s : float
        Seconds of waiting that a minute of the usual pay is worth. It counts for crowd drivers only, as a merchant's
        own drivers are paid anyway.
    dedicated_first_s : float
        Further seconds of waiting that asking a merchant's own driver rather than the crowd is worth.
    fairness_s : float
        Seconds of waiting that giving work to a driver is worth, for each minute that they have been without work;
        minutes beyond half an hour do not count.
    rating_s : float
        Seconds of driving that one star of rating is worth.
    refusal_s : float
        Seconds of waiting that an offer which is not accepted costs a delivery.
    """

    lateness: float = Field(default=5.0, ge=0, le=1000)
    ageing: float = Field(default=0.5, ge=0, le=100)
    driver_time: float = Field(default=0.75, ge=0, le=10)
    pay_s: float = Field(default=5.0, ge=0, le=600)
    dedicated_first_s: float = Field(default=3600.0, ge=0, le=36_000)
    fairness_s: float = Field(default=4.0, ge=0, le=600)
    rating_s: float = Field(default=60.0, ge=0, le=3600)
    refusal_s: float = Field(default=60.0, ge=0, le=3600)


class ExchangeRules(Value):
    """Rules for deliveries that a merchant's own drivers exchange while they are under way.

    Parameters
    ----------
    moves : int
        The most deliveries that are exchanged each time that one of these drivers is given work or comes on duty; with
        0 none is exchanged.
    worth_s : float
        Seconds of driving that each exchanged delivery must save.
    rest_minutes : int
        Time for which an exchanged delivery is not exchanged again.
    delay_s : int
        Largest delay of a customer's arrival by an exchange, seconds. An exchange never makes a delivery late, and
        never delays an urgent one.
    """

    moves: int = Field(default=3, ge=0, le=20)
    worth_s: float = Field(default=120.0, ge=0, le=3600)
    rest_minutes: int = Field(default=15, ge=0, le=1440)
    delay_s: int = Field(default=600, ge=0, le=36_000)


class FleetRules(Value):
    """Rules by which dedicated drivers get their volume first and the crowd the overflow.

    Parameters
    ----------
    hold_minutes : int
        An order is kept from the crowd while a dedicated driver can be at its pickup within this many minutes, and for
        this long at most; with 0 none is.
    orders_per_driver : int
        Threshold of the overflow: an order is kept for a dedicated driver only as long as the driver has fewer open
        deliveries than this, those kept for them included. The rest goes to the crowd at once.
    """

    hold_minutes: int = Field(default=0, ge=0, le=60)
    orders_per_driver: int = Field(default=2, ge=1, le=10)


class DispatchRules(Value):
    """Rules by which a zone matches deliveries and drivers.

    Parameters
    ----------
    offers : OfferRules
        How many drivers are asked at once, and for how long.
    rounds : RoundRules
        When the zone plans, and which deliveries and drivers a round includes.
    limits : DispatchLimits
        Limits that no plan exceeds.
    weights : DispatchWeights
        Weights of the costs of a plan.
    exchange : ExchangeRules
        Which deliveries a merchant's own drivers exchange under way.
    fleet : FleetRules
        Which orders are kept for dedicated drivers.
    crowd : CrowdTerms
        Terms of crowd drivers, all of which have to be none.
    """

    offers: OfferRules = OfferRules()
    rounds: RoundRules = RoundRules()
    limits: DispatchLimits = DispatchLimits()
    weights: DispatchWeights = DispatchWeights()
    exchange: ExchangeRules = ExchangeRules()
    fleet: FleetRules = FleetRules()
    crowd: CrowdTerms = CrowdTerms()
