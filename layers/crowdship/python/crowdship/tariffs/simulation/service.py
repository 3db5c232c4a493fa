"""Use cases of simulations: begin one, and read the deliveries page by page, one page for each message."""

from collections.abc import Callable
from typing import Any

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, StaleWrite
from crowdship.kernel.events import Value
from crowdship.kernel.ids import new_id
from crowdship.pricing.tables import Sheet
from crowdship.tariffs import current
from crowdship.tariffs.model import PriceTable, TableState
from crowdship.tariffs.simulation.model import PAGE, Simulation, SimulationState, begun
from crowdship.tariffs.simulation.store import SimulationRow, keep
from crowdship.tariffs.store import TableRow
from crowdship.zones import service as zones


class Step(Value):
    """The message for one page of a simulation."""

    simulation_id: str
    step: int


class Steps:
    """The queue of simulations' pages.

    Parameters
    ----------
    sqs : boto3 client
        Of SQS.
    url : callable
        Returns the URL of the queue, once it is needed.
    """

    def __init__(self, sqs: Any, url: Callable[[], str]) -> None:
        self._sqs, self._url = sqs, url

    def send(self, step: Step) -> None:
        """Ask for a page."""
        self._sqs.send_message(QueueUrl=self._url(), MessageBody=step.model_dump_json())


def simulate(table_id: str, by: str, clock: Clock, send: Callable[[Step], None]) -> PriceTable:
    """Begin to simulate a table that is a draft or holds; while one runs, another is not begun.

    Raises
    ------
    Conflict
        ``wrong_state``, if the table was refused or withdrawn.
    """
    table = current.stored(table_id)
    if table.state not in (TableState.DRAFT, TableState.APPROVED):
        raise Conflict("wrong_state", f"The table is {table.state}; only a draft or one that holds is simulated.")
    running = of_table(table)
    if running and running.state is SimulationState.RUNNING:
        # Its message may have been lost: a copy of it changes nothing.
        send(Step(simulation_id=running.id, step=running.step))
        return table
    zone_ids = table.zone_ids or tuple(sorted(zone.id for zone in zones.every()))
    simulation = begun(new_id("sim"), table.id, zone_ids, table.merchant_id, by, clock.now())
    work = UnitOfWork()
    keep(simulation, work, clock.now())
    named = table.with_changes(simulation_id=simulation.id)
    work.store(TableRow.of(named))
    work.commit()
    send(Step(simulation_id=simulation.id, step=0))
    return named.with_changes(stored_version=named.stored_version + 1)


def of_table(table: PriceTable) -> Simulation | None:
    """Return the newest simulation of a table, or None."""
    return SimulationRow.load(table.simulation_id) if table.simulation_id else None


def play(step: Step, clock: Clock, send: Callable[[Step], None]) -> None:
    """Read one page and ask for the next; a copy of a message changes nothing, and asks for the next page again."""
    now = SimulationRow.load(step.simulation_id)
    if now is None or now.state is SimulationState.DONE:
        return
    if now.step == step.step:
        try:
            now = persistently(lambda: _played(step, clock))
        except StaleWrite:
            return  # a copy of this message is at work
    if now.state is SimulationState.RUNNING:
        send(Step(simulation_id=now.id, step=now.step))


def _played(step: Step, clock: Clock) -> Simulation:
    before = SimulationRow.load(step.simulation_id)
    if before is None or before.step != step.step:
        raise StaleWrite(f"step {step.step} of {step.simulation_id} was played")
    zone = zones.get(before.zone_ids[before.zone_number])
    filters = Filters(zone_id=zone.id, day=before.day, state=State.DELIVERED)
    found, following = deliveries.listed(filters, before.cursor, PAGE)
    after = before.after_page(
        found,
        following,
        current.sheet(before.table_id),
        lambda zone_id: _zone_sheet(zone_id, clock),
        zone.settings.rates.usual_pay_per_minute,
    )
    work = UnitOfWork()
    keep(after, work, clock.now())
    work.commit()
    return after.with_changes(stored_version=after.stored_version + 1)


def _zone_sheet(zone_id: str, clock: Clock) -> Sheet | None:
    table = current.table_of(zones.get(zone_id), clock.now())
    return table.sheet if table else None
