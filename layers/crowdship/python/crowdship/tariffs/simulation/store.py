"""Simulations in the tariffs table."""

from datetime import datetime

from crowdship.adapters.storage import AggregateRow, UnitOfWork, meta
from crowdship.kernel import retention
from crowdship.tariffs.simulation.model import Simulation


class SimulationRow(AggregateRow[Simulation]):
    """A simulation."""

    Meta = meta("tariffs")
    AGGREGATE = Simulation
    SORT = "SIMULATION"


def keep(simulation: Simulation, work: UnitOfWork, now: datetime) -> None:
    """Add the write of a simulation, which DynamoDB deletes once it is old."""
    row = SimulationRow.of(simulation)
    row.expires_at = int((now + retention.SIMULATIONS).timestamp())
    work.store(row)
