"""Views of a table with its simulation."""

from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.tariffs.model import PriceTable
from crowdship.tariffs.simulation.model import EDGES, LOSS_PERCENT, RepricedSums, Simulation, SimulationState
from crowdship.tariffs.views import TableView


class RepricedGroup(Value):
    """Sums of the deliveries of a zone, a category of goods, or an hour."""

    name: str
    sums: RepricedSums


class RepricedLoss(Value):
    """A merchant whose charge would rise by more than the limit, with the rise in minor units."""

    merchant_id: str
    rise: int


class SimulationView(Value):
    """A simulation: what the deliveries of its days cost, and what they would cost by the table.

    Parameters
    ----------
    left_out : int
        Deliveries that could not be priced again: they keep no inputs, or no row is for them.
    charges, pays : tuple of int
        Deliveries by class of difference; one class more than ``edges``, which are percents.
    """

    simulation_id: str
    state: SimulationState
    asked_by: str
    asked_at: Moment
    since: Day
    until: Day
    read_until: Day = Field(description="The day that is being read")
    total: RepricedSums
    left_out: int
    by_zone: tuple[RepricedGroup, ...]
    by_goods: tuple[RepricedGroup, ...]
    by_hour: tuple[RepricedGroup, ...]
    edges: tuple[int, ...] = EDGES
    charges: tuple[int, ...]
    pays: tuple[int, ...]
    loss_percent: int = LOSS_PERCENT
    losses: tuple[RepricedLoss, ...]

    @classmethod
    def of(cls, one: Simulation) -> Self:
        """Return the view of a simulation."""
        return cls(
            simulation_id=one.id,
            state=one.state,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            since=one.since,
            until=one.until,
            read_until=one.day,
            total=one.total,
            left_out=one.left_out,
            by_zone=_groups(one.by_zone),
            by_goods=_groups(one.by_goods),
            by_hour=_groups(one.by_hour),
            charges=one.charges,
            pays=one.pays,
            losses=tuple(RepricedLoss(merchant_id=name, rise=rise) for name, rise in one.losers().items()),
        )


class TableWithSimulation(TableView):
    """A price table and its newest simulation."""

    simulation: SimulationView | None = None

    @classmethod
    def with_simulation(cls, table: PriceTable, simulation: Simulation | None) -> Self:
        """Return the view of a table and its newest simulation."""
        plain = TableView.of(table)
        fields = {name: getattr(plain, name) for name in TableView.model_fields}
        return cls(**fields, simulation=SimulationView.of(simulation) if simulation else None)


def _groups(sums: dict[str, RepricedSums]) -> tuple[RepricedGroup, ...]:
    return tuple(RepricedGroup(name=name, sums=sums[name]) for name in sorted(sums))
