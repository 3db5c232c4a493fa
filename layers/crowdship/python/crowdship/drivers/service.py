"""Use cases of drivers."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from crowdship.adapters.storage import UnitOfWork, changed, persistently
from crowdship.drivers.limits import driving_limit
from crowdship.drivers.measures import Measures
from crowdship.drivers.model import Driver, DriverChange, DriverInput, DriverKind
from crowdship.drivers.shifts import PlannedShift
from crowdship.drivers.store import DriverEntry, DriverRow, RatedRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.ids import new_id
from crowdship.vault import service as vault
from crowdship.vault.model import Person
from crowdship.vault.words import listed_words
from crowdship.zones import service as zones
from crowdship.zones.classification import Guard, refused


def register(request: DriverInput, clock: Clock, invite: Callable[[str, str], None]) -> Driver:
    """Create a driver, and invite the person to sign in.

    The sign-in is created first: a sign-in without a driver is harmless, but a driver without one could never work.

    Raises
    ------
    Unprocessable
        ``no_exclusivity`` if a crowd driver is to have a merchant.
    """
    if request.kind is DriverKind.CROWD and request.merchant_id is not None:
        instead = "Leave merchant_id out, or register a dedicated driver."
        raise refused(Guard.NO_EXCLUSIVITY, instead, "/merchant_id")
    driver_id = new_id("drv")
    invite(driver_id, request.email)
    person = Person(id=new_id("pii"), name=request.name, phone=request.phone, email=request.email)
    driver = Driver(
        id=driver_id,
        kind=request.kind,
        merchant_id=request.merchant_id,
        home_zone_id=request.home_zone_id,
        person_token=person.id,
        vehicle=request.vehicle,
        documents=request.documents,
        skills=request.skills,
        credentials=request.credentials,
        measures=Measures(prior=request.rating),
        time_zone=zones.get(request.home_zone_id).settings.time_zone,
        created_at=clock.now(),
    )
    work = UnitOfWork()
    enter(driver, person, work)
    work.commit()
    return driver


def enter(driver: Driver, person: Person, work: UnitOfWork) -> None:
    """Add a new driver, the person, and the lines by which both are found to a unit of work."""
    vault.keep(person, work)
    vault.list_under(listed_words(person.name, driver.vehicle.plate), driver.id, work)
    work.store(DriverRow.of(driver))
    work.put(DriverEntry.of(driver), None)
    if driver.merchant_id:
        work.put(DriverEntry.of_merchant(driver), None)
    if driver.is_core:
        work.put(DriverEntry.of_fleet(driver), None)


def get(driver_id: str) -> Driver:
    """Return a driver.

    Raises
    ------
    NotFound
        If there is none.
    """
    driver = DriverRow.load(driver_id)
    if driver is None:
        raise NotFound("no_such_driver", f"There is no driver {driver_id}.")
    return driver


def page(
    after: str | None, limit: int, zone_id: str | None = None, *, on_duty: bool = False
) -> tuple[list[Driver], str | None]:
    """Return a page of all drivers, or of those on duty in a zone, in the order of their ids.

    Returns
    -------
    drivers : list of Driver
    following : str or None
        The id after which to go on; None if these were the last.

    Raises
    ------
    Unprocessable
        If only one of ``zone_id`` and ``on_duty`` is given; only reading all drivers would answer that.
    """
    if on_duty != (zone_id is not None):
        detail = "Give zone_id together with on_duty=true for the drivers on duty there, or neither for all drivers."
        raise Unprocessable("no_such_list", detail, "/query/zone_id" if on_duty else "/query/on_duty")
    ids = DriverRow.on_duty_page(zone_id, after, limit) if zone_id is not None else DriverEntry.page(after, limit)
    found = DriverRow.load_many(ids) if zone_id is None else _still_on_duty(zone_id, ids)
    return sorted(found, key=lambda driver: driver.id), ids[-1] if len(ids) == limit else None


def on_duty(zone_id: str) -> list[Driver]:
    """Return the drivers on duty in a zone, in the order of their ids."""
    return sorted(_still_on_duty(zone_id, DriverRow.on_duty_ids(zone_id)), key=lambda driver: driver.id)


def _still_on_duty(zone_id: str, driver_ids: Iterable[str]) -> list[Driver]:
    """Return the drivers who are on duty in a zone among those whom the index has there: it may lag behind."""
    return [d for d in DriverRow.load_many(driver_ids) if d.duty and d.duty.zone_id == zone_id]


def get_many(driver_ids: Iterable[str]) -> dict[str, Driver]:
    """Return the drivers that exist, by id."""
    return {driver.id: driver for driver in DriverRow.load_many(driver_ids)}


def has_own(merchant_id: str) -> bool:
    """Return whether a merchant has dedicated drivers."""
    return DriverEntry.any_of_merchant(merchant_id)


def must_stay(driver: Driver, work: UnitOfWork) -> None:
    """Add the condition that a driver's record is unchanged since it was read."""
    work.check(DriverRow, driver.id, DriverRow.SORT, DriverRow.version == driver.stored_version)


def keep(driver: Driver, work: UnitOfWork) -> None:
    """Add a driver's guarded write to a unit of work."""
    work.store(DriverRow.of(driver))


def _change(driver_id: str, decide: Callable[[Driver], Driver]) -> Driver:
    return changed(partial(get, driver_id), decide, DriverRow.of)


def change(driver_id: str, request: DriverChange, clock: Clock | None = None) -> Driver:
    """Change the fields of a driver that staff may change; by a new plate the driver is found from then on.

    Parameters
    ----------
    clock : Clock, optional
        Needed if documents may change: work that was paused for want of them goes on.
    """
    fields = {name: getattr(request, name) for name in request.model_fields_set if getattr(request, name) is not None}

    def attempt() -> Driver:
        before = get(driver_id)
        after, work = before.with_changes(**fields), UnitOfWork()
        after = after.resumed(clock.now()) if clock else after
        keep(after, work)
        old, new = (set(listed_words("", one.vehicle.plate)) for one in (before, after))
        vault.unlist(old - new, driver_id, work)
        vault.list_under(new - old, driver_id, work)
        work.commit()
        return after

    return persistently(attempt)


def forget_words(driver: Driver) -> None:
    """Erase the plate, and the lines by which a driver is found; their name has to be there still."""
    names = vault.names_of([driver.person_token])
    work = UnitOfWork()
    vault.unlist(listed_words(names.get(driver.person_token, ""), driver.vehicle.plate), driver.id, work)
    work.commit()
    _change(driver.id, Driver.without_plate)


def of_zone(zone_id: str, most: int) -> tuple[list[Driver], bool]:
    """Return the drivers whose home is a zone or who are on duty there, and whether these are all.

    Parameters
    ----------
    most : int
        The most drivers of the whole network that are read for it.
    """
    ids, complete = DriverEntry.page(None, most + 1), True
    if len(ids) > most:
        ids, complete = ids[:most], False
    found = DriverRow.load_many(ids)
    return [d for d in found if d.home_zone_id == zone_id or (d.duty and d.duty.zone_id == zone_id)], complete


def fleet() -> list[Driver]:
    """Return the dedicated drivers of the platform itself, in the order of their ids."""
    return sorted(DriverRow.load_many(DriverEntry.fleet_ids()), key=lambda driver: driver.id)


def plan_shift(driver_id: str, shift: PlannedShift, clock: Clock) -> Driver:
    """Plan a shift of a driver; the same shift again changes nothing."""
    return _change(driver_id, lambda driver: driver.plan_shift(shift, clock.now()))


def cancel_shift(driver_id: str, on_at: datetime) -> Driver:
    """Cancel the shift of a driver that begins at a moment."""
    return _change(driver_id, lambda driver: driver.cancel_shift(on_at))


def go_on_duty(driver_id: str, zone_id: str, clock: Clock) -> Driver:
    """Put a driver on duty in a zone."""
    settings = zones.get(zone_id).settings
    limit = driving_limit(settings, clock.now())
    return _change(driver_id, lambda driver: driver.go_on_duty(zone_id, clock.now(), settings.time_zone, limit))


def with_papers_due(clock: Clock) -> list[str]:
    """Return the ids of the drivers who may have to be told of papers today; their day may be ahead of UTC's."""
    return DriverRow.due_ids(clock.now().date() + timedelta(days=1))


def tell_of_expiry(driver_id: str, clock: Clock) -> tuple[Driver, bool]:
    """Tell a driver, by events, of the papers that run out or have; each day once.

    Returns
    -------
    driver : Driver
    told : bool
        False if nothing was due.
    """
    driver = _change(driver_id, lambda driver: driver.telling_of_expiry(clock.now()))
    return driver, bool(driver.events)


def close(driver_id: str) -> Driver:
    """Close a driver's account if the driver is off duty, so that nobody goes on duty by it any more."""
    return _change(
        driver_id, lambda driver: driver if driver.duty or driver.closed else driver.with_changes(closed=True)
    )


def note_rated(driver_id: str, delivery_id: str, work: UnitOfWork) -> None:
    """Add the line by which the comment on a delivery is found when its driver is erased."""
    work.put(RatedRow.of(driver_id, delivery_id), None)


def rated_deliveries(driver_id: str) -> list[str]:
    """Return the ids of the deliveries for which customers rated a driver."""
    return RatedRow.delivery_ids(driver_id)
