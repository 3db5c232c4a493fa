"""A driver, their vehicle, documents and duty."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field

from crowdship.drivers import compliance
from crowdship.drivers.compliance import Document, Obstacle
from crowdship.drivers.credentials import Credential, Credentials, with_credential
from crowdship.drivers.expiry import Paper, due_between, next_due, papers_of
from crowdship.drivers.hours import DrivingLimit, Spell, may_drive_until, rested_at, with_spell
from crowdship.drivers.measures import Measures
from crowdship.drivers.shifts import PlannedShift, on_shift, with_shift, without_shift
from crowdship.drivers.standing import Standing
from crowdship.kernel.clock import Day, Moment, written
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable, counted
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.hours import TimeZone
from crowdship.shipment.vehicles import Skills, VehicleKind
from crowdship.vault.model import Email, Phone, ShortText
from crowdship.zones.classification import Guard, refused


class DriverKind(StrEnum):
    """Kinds of drivers: crowd drivers are offered work, dedicated drivers are given it.

    A dedicated driver with a merchant takes that merchant's work only; one without is the platform's own, and takes the
    work of all merchants while on shift.
    """

    CROWD = "crowd"
    DEDICATED = "dedicated"


class Vehicle(Value):
    """A vehicle and its capacity in grams and litres."""

    kind: VehicleKind
    max_weight_g: int = Field(gt=0, le=2_000_000)
    max_volume_l: int = Field(gt=0, le=20_000)
    plate: str | None = Field(default=None, max_length=15)


class Duty(Value):
    """A period in which a driver takes work in a zone."""

    zone_id: str
    since: Moment


class Driver(Aggregate):
    """A driver; their personal data is in the vault under ``person_token``.

    Parameters
    ----------
    measures : Measures
        Measures of the driver's work as of the newest event about it.
    standing : Standing
        How far a gradual removal has gone.
    closed : bool
        True once the account was closed, because the person was erased.
    time_zone : str
        That of the zone in which the driver was on duty last; its days decide when a document runs out.
    papers_seen_on : date or None
        The last day for which the driver was told of papers that run out; None for the day of registration.
    paused : bool
        True if the driver was told that work is paused, because a document ran out.
    spells : tuple of Spell
        Times on duty within the last 24 hours that are over.
    drive_until : datetime or None
        The moment from which the law of the zone gives the driver on duty no further work; None without such a law.
    """

    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = None
    home_zone_id: str
    person_token: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    credentials: Credentials = ()
    measures: Measures = Measures()
    standing: Standing = Standing()
    closed: bool = False
    onboarding: bool = Field(default=False, description="Whether the application is still open: no work until then")
    shifts: tuple[PlannedShift, ...] = ()
    created_at: Moment
    duty: Duty | None = None
    time_zone: TimeZone = "UTC"
    papers_seen_on: Day | None = None
    paused: bool = False
    spells: tuple[Spell, ...] = ()
    drive_until: Moment | None = None

    @property
    def rating(self) -> float:
        """The driver's rating, 1 to 5."""
        return self.measures.rating

    def holds(self, name: str, on: date) -> bool:
        """Return whether the driver has a credential that counts on a day."""
        return any(one.name == name and one.counts(on) for one in self.credentials)

    @property
    def is_core(self) -> bool:
        """True for a dedicated driver of the platform itself, who works by shifts."""
        return self.kind is DriverKind.DEDICATED and self.merchant_id is None

    def works(self, zone_id: str, now: datetime) -> bool:
        """Return whether nothing but a shift keeps the driver from work in a zone: the platform's own need one."""
        return not self.is_core or on_shift(self.shifts, zone_id, now)

    def plan_shift(self, shift: PlannedShift, now: datetime) -> Self:
        """Plan a shift.

        Raises
        ------
        Unprocessable
            ``no_required_hours`` if the driver is a contractor, ``merchants_driver`` if a merchant plans their work;
            else as ``with_shift``.
        Conflict
            If it overlaps another one.
        """
        if self.kind is DriverKind.CROWD:
            instead = "Plan shifts for dedicated drivers; crowd drivers go on duty when they want to."
            raise refused(Guard.NO_REQUIRED_HOURS, instead, "/on_at")
        if not self.is_core:
            detail = (
                f"{self.id} works for {self.merchant_id}, which plans their work; only our own drivers have shifts."
            )
            raise Unprocessable("merchants_driver", detail)
        shifts = with_shift(self.shifts, shift, now)
        return self if shifts == self.shifts else self.with_changes(shifts=shifts)

    def cancel_shift(self, on_at: datetime) -> Self:
        """Cancel the shift that begins at a moment; deliveries on board are finished as always.

        Raises
        ------
        NotFound
            If there is none.
        """
        return self.with_changes(shifts=without_shift(self.shifts, on_at))

    def without_plate(self) -> Self:
        """Return the driver without the plate of the vehicle, which leads to its owner."""
        if self.vehicle.plate is None:
            return self
        return self.with_changes(vehicle=self.vehicle.model_copy(update={"plate": None}))

    def why_not(self, on: date) -> Obstacle | None:
        """Return why the driver may not drive on a day, or None if the driver may."""
        if self.onboarding:
            return Obstacle.ONBOARDING
        return compliance.why_not(self.closed, self.standing, self.documents, self.vehicle.kind, on)

    def day_of(self, moment: datetime) -> date:
        """Return the day that a moment is in where the driver works."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def may_drive(self, now: datetime) -> bool:
        """Return whether the driver may be given work now."""
        return self.why_not(self.day_of(now)) is None

    def used_up_hours(self, now: datetime) -> bool:
        """Return whether the driver was on duty for as many hours as the law of the zone allows."""
        return self.drive_until is not None and self.drive_until <= now

    def refuse_obstacle(self, on: date) -> None:
        """Check that the driver may drive on a day.

        Raises
        ------
        Forbidden
            If not; the message names the documents that are missing.
        """
        match self.why_not(on):
            case Obstacle.ONBOARDING:
                detail = "Your application is not finished; GET /v1/driver/onboarding says what is missing."
                raise Forbidden(Obstacle.ONBOARDING, detail)
            case Obstacle.ACCOUNT_CLOSED:
                raise Forbidden(Obstacle.ACCOUNT_CLOSED, "This account is closed; its person was erased.")
            case (Obstacle.SUSPENDED | Obstacle.DEACTIVATED) as barred:
                told = "is there, and how to appeal: GET /v1/driver/standing."
                raise Forbidden(barred, f"This driver is {barred} since {self.standing.barred_from}; the reason {told}")
            case Obstacle.DOCUMENTS_MISSING:
                missing = ", ".join(compliance.missing_documents(self.documents, self.vehicle.kind, on))
                raise Forbidden(Obstacle.DOCUMENTS_MISSING, f"Missing or expired: {missing}; send photos of them.")

    def activate(self, now: datetime, granted: tuple[Credential, ...]) -> Self:
        """End the onboarding: the driver may take work from now on.

        Parameters
        ----------
        granted : tuple of Credential
            What the onboarding has established about the driver.
        """
        if not self.onboarding:
            return self
        changed = self.with_changes(onboarding=False)
        for one in granted:
            changed = changed.credited(one)
        return changed.emitting("driver.activated", now, {"driver_id": self.id, "zone_id": self.home_zone_id})

    @property
    def _papers(self) -> list[Paper]:
        return papers_of(self.documents, self.credentials, self.vehicle.kind)

    @property
    def _seen_on(self) -> date:
        return self.papers_seen_on or self.day_of(self.created_at)

    @property
    def expiry_due_on(self) -> date | None:
        """The next day on which the driver has to be told of a paper, None if nothing runs out any more."""
        return None if self.closed else next_due(self._papers, self._seen_on)

    def telling_of_expiry(self, now: datetime) -> Self:
        """Return the driver as told of all papers that run out, or have, since the last time; each day once."""
        today = self.day_of(now)
        if self.closed or self._seen_on >= today:
            return self
        due, lacking = due_between(self._papers, self._seen_on, today), self.lacks_documents(today)
        told = self.with_changes(papers_seen_on=today, paused=lacking and (self.paused or bool(due.expired)))
        if due.expiring:
            papers = [{**_told(paper), "days": (paper.valid_until - today).days} for paper in due.expiring]
            told = told.emitting("driver.documents_expiring", now, {"driver_id": self.id, "papers": papers})
        if due.expired:
            data = {"driver_id": self.id, "papers": [_told(paper) for paper in due.expired], "paused": lacking}
            told = told.emitting("driver.documents_expired", now, data)
        return told

    def lacks_documents(self, on: date) -> bool:
        """Return whether a document that the vehicle needs is missing, or has run out, on a day."""
        return bool(compliance.missing_documents(self.documents, self.vehicle.kind, on))

    def showing(self, document: Document, now: datetime) -> Self:
        """Return the driver with a document that staff approved; work that was paused for want of it goes on."""
        return self.with_changes(documents=compliance.with_document(self.documents, document)).resumed(now)

    def credited(self, credential: Credential) -> Self:
        """Return the driver with a credential that was checked."""
        return self.with_changes(credentials=with_credential(self.credentials, credential))

    def resumed(self, now: datetime) -> Self:
        """Return the driver with their work resumed, if it was paused and no document is missing any more.

        Whoever may not drive for another reason is not told that work goes on.
        """
        today = self.day_of(now)
        if not self.paused or self.lacks_documents(today):
            return self
        going_on = self.with_changes(paused=False)
        if going_on.why_not(today):
            return going_on
        return going_on.emitting("driver.work_resumed", now, {"driver_id": self.id})

    def go_on_duty(
        self, zone_id: str, now: datetime, time_zone: str | None = None, limit: DrivingLimit | None = None
    ) -> Self:
        """Start to take work; the days that count from now on are those of the time zone.

        Parameters
        ----------
        limit : DrivingLimit, optional
            The limit of hours on duty that the law of the zone sets.

        Raises
        ------
        Forbidden
            If the driver is not activated, is barred by standing, or lacks documents, which the message names.
        Conflict
            If the driver is on duty in another zone, or has used up the hours of the limit.
        """
        there = self.with_changes(time_zone=time_zone or self.time_zone)
        there.refuse_obstacle(there.day_of(now))
        if self.duty and self.duty.zone_id != zone_id:
            detail = f"You are on duty in {self.duty.zone_id}; finish your stops there and go off duty first."
            raise Conflict("on_duty_elsewhere", detail, "/zone_id")
        if self.duty:
            return self
        until = may_drive_until(self.spells, now, limit) if limit else None
        if limit and until == now and (rested := rested_at(self.spells, limit)):
            detail = f"You were on duty for the {limit.hours} hours of 24 that the law allows here"
            raise Conflict("driving_limit", f"{detail}; rest until {written(rested)}, then go on duty again.")
        changed = there.with_changes(duty=Duty(zone_id=zone_id, since=now), drive_until=until)
        return changed.emitting("driver.on_duty", now, {"driver_id": self.id, "zone_id": zone_id})

    def go_off_duty(self, now: datetime, open_stops: int) -> Self:
        """Stop taking work.

        Raises
        ------
        Conflict
            If stops are still open.
        """
        if open_stops:
            raise Conflict(
                "stops_open",
                f"{counted(open_stops, 'stop is', 'stops are')} still on the route; finish or unassign them first.",
            )
        if not self.duty:
            return self
        spells = with_spell(self.spells, Spell(since=self.duty.since, until=now))
        changed = self.with_changes(duty=None, drive_until=None, spells=spells)
        return changed.emitting("driver.off_duty", now, {"driver_id": self.id, "zone_id": self.duty.zone_id})


def _told(paper: Paper) -> dict[str, Any]:
    return {"name": paper.name, "valid_until": paper.valid_until.isoformat()}


class DriverInput(Value):
    """A new driver, as staff enter one."""

    name: ShortText
    phone: Phone
    email: Email
    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = Field(
        default=None,
        description="The merchant whose dedicated driver this is; a dedicated driver without one is the platform's own",
    )
    home_zone_id: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    credentials: Credentials = ()
    rating: float = Field(default=5.0, ge=1, le=5, description="The rating that customers' ratings start from")


class DriverChange(Value):
    """Changes of a driver by staff; fields left out stay."""

    vehicle: Vehicle | None = None
    documents: tuple[Document, ...] | None = None
    skills: Skills | None = None
    credentials: Credentials | None = None
    home_zone_id: str | None = None
