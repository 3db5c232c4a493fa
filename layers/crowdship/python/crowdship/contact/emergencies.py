"""Use cases of emergencies: a driver raises one, staff read and handle them."""

from collections.abc import Sequence

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.contact.emergency import Emergency, EmergencyInput, EmergencyState, handling_token, note_token
from crowdship.contact.store import EMERGENCY, EmergencyRow, OpenEmergencyRow, RaisedRow, emergencies_of
from crowdship.contact.views import EmergencyLine, EmergencyView
from crowdship.drivers import service as drivers
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.vault import service as vault
from crowdship.vault.model import Writing

KEPT = retention.MESSAGES
"""Wall time for which messages, and emergencies once they are handled, are kept."""


def raise_emergency(driver_id: str, asked: EmergencyInput, clock: Clock) -> EmergencyView:
    """Raise an emergency; the same id again is the same emergency. Duty, documents and suspension don't matter.

    Every press is counted, also a repeated one: the first call may have ended between its write and its count.

    Raises
    ------
    Conflict
        If another driver has an emergency of this id.
    """
    driver = drivers.get(driver_id)
    zone_id = driver.duty.zone_id if driver.duty else driver.home_zone_id

    def attempt() -> Emergency:
        known = EmergencyRow.load(asked.emergency_id)
        if known:
            return known
        emergency, work = Emergency.raised(asked, driver_id, zone_id, clock.now()), UnitOfWork()
        work.store(EmergencyRow.of(emergency))
        work.put(OpenEmergencyRow.of(emergency), None)
        work.put(RaisedRow.of(emergency), None)
        if asked.note:
            vault.keep(Writing(id=emergency.note_token, text=asked.note), work)
        work.commit()
        return emergency

    emergency = persistently(attempt)
    if emergency.driver_id != driver_id:
        raise Conflict("emergency_id_used", "This emergency_id is in use; send a new UUID.", "/emergency_id")
    if emergency.state is EmergencyState.OPEN:
        metrics.add_metric("EmergencyRaised", MetricUnit.Count, 1)
    return EmergencyView.of(emergency)


def own(driver_id: str) -> tuple[EmergencyView, ...]:
    """Return a driver's open emergencies, the oldest first."""
    return tuple(map(EmergencyView.of, emergencies_of(driver_id)))


def open_everywhere() -> tuple[EmergencyLine, ...]:
    """Return the open emergencies of all zones, the oldest first."""
    return _lines(sorted(_waiting(), key=lambda one: (one.raised_at, one.id)))


def raisers() -> frozenset[str]:
    """Return the drivers whose emergencies are open."""
    return frozenset(one.driver_id for one in _waiting())


def _waiting() -> list[Emergency]:
    found = EmergencyRow.load_many(EmergencyRow.waiting_ids(EMERGENCY))
    return [one for one in found if one.state is EmergencyState.OPEN]


def handle(emergency_id: str, note: str, actor: str, clock: Clock, wall: Clock) -> EmergencyLine:
    """Note what was done about an emergency, and close it; the same by the same member of staff changes nothing.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If somebody else has handled it.
    """

    def attempt() -> Emergency:
        before = EmergencyRow.load(emergency_id.lower())
        if before is None:
            raise NotFound("no_such_emergency", f"There is no emergency {emergency_id}.")
        after, until, work = before.handled(actor, clock.now()), wall.now() + KEPT, UnitOfWork()
        if after is before:
            return before
        work.store(EmergencyRow.lasting(after, until))
        work.delete(OpenEmergencyRow.of(after))
        vault.keep(Writing(id=after.handling_token, text=note), work, until)
        for written in vault.writings([after.note_token]).values():
            vault.keep(written, work, until)
        work.commit()
        return after

    return _lines([persistently(attempt)])[0]


def raised_by(driver_id: str) -> list[EmergencyView]:
    """Return all emergencies of a driver that are kept, the oldest first."""
    found = EmergencyRow.load_many(RaisedRow.ids(driver_id))
    return [EmergencyView.of(one) for one in sorted(found, key=lambda one: one.raised_at)]


def erase_notes(driver_id: str) -> None:
    """Erase the texts of all emergencies of a driver."""
    for emergency_id in RaisedRow.ids(driver_id):
        vault.erase(note_token(emergency_id))
        vault.erase(handling_token(emergency_id))


def _lines(emergencies: Sequence[Emergency]) -> tuple[EmergencyLine, ...]:
    raisers = drivers.get_many(one.driver_id for one in emergencies)
    people = vault.people(driver.person_token for driver in raisers.values())
    texts = vault.writings(token for one in emergencies for token in (one.note_token, one.handling_token))
    return tuple(
        EmergencyLine.of_line(one, people.get(raisers[one.driver_id].person_token), texts) for one in emergencies
    )
