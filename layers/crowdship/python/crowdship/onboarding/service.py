"""Use cases of applicants: apply, give what is asked for, dispute a report; and the applications themselves."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial

from crowdship.adapters.storage import UnitOfWork, changed, persistently
from crowdship.documents import service as documents
from crowdship.drivers import service as drivers
from crowdship.drivers.credentials import Credential, with_credential
from crowdship.drivers.model import Driver, DriverChange, Vehicle
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Gone, NotFound, Unprocessable
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.retention import REPORTS
from crowdship.onboarding.application import Application
from crowdship.onboarding.bank import BankAccountInput, payable_from
from crowdship.onboarding.requests import (
    ApplicationInput,
    ConsentInput,
    DisputeInput,
    IdentityInput,
    age_on,
    refuse_impossible_age,
    usual_vehicle,
)
from crowdship.onboarding.steps import OnboardingStep, steps_of
from crowdship.onboarding.store import AddressRow, ApplicationRow, PayableRow
from crowdship.onboarding.tax import TaxFormInput, read_tin
from crowdship.vault import service as vault
from crowdship.vault.applicants import (
    BankAccount,
    Identity,
    Statement,
    TaxForm,
    bank_account_token,
    dispute_token,
    identity_token,
    tax_form_token,
)
from crowdship.vault.model import Person
from crowdship.zones import service as zones

AGES = (18, 21)
"""Ages that are credentials, ``age_18`` and ``age_21``: some goods demand one."""

BACKGROUND_CHECK = "background_check"


def application_id(driver_id: str) -> str:
    """Return the id of a driver's application, whether or not there is one."""
    return derived_id("app", driver_id)


def find(id: str) -> Application | None:
    """Return an application, or None."""
    return ApplicationRow.load(id)


def get(id: str) -> Application:
    """Return an application.

    Raises
    ------
    NotFound
        If there is none.
    """
    application = find(id)
    if application is None:
        raise NotFound("no_such_application", f"There is no application {id}.")
    return application


def get_many(ids: Iterable[str]) -> list[Application]:
    """Return the applications that exist among some ids, in no order."""
    return ApplicationRow.load_many(ids)


def page(stage: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """Return a page of the ids of a stage, and the key after which to go on."""
    return ApplicationRow.page(stage, after, limit)


def due_ids(until: datetime, limit: int) -> list[str]:
    """Return the ids of applications whose workflow had something to do at a moment."""
    return ApplicationRow.due_ids(until, limit)


def of_driver(driver_id: str) -> Application:
    """Return the application of a driver.

    Raises
    ------
    NotFound
        If staff registered the driver, who never applied.
    """
    application = find(application_id(driver_id))
    if application is None:
        raise NotFound("no_application", "You were registered by staff and have no application.")
    return application


def steps(application: Application, driver: Driver, clock: Clock) -> tuple[OnboardingStep, ...]:
    """Return the steps of an application today, where the driver works."""
    papers = documents.folder(driver.id, clock).papers
    return steps_of(application, driver, papers, driver.day_of(clock.now()))


def keep(application: Application, work: UnitOfWork) -> None:
    """Add an application's guarded write to a unit of work."""
    work.store(ApplicationRow.of(application))


def change(id: str, decide: Callable[[Application], Application]) -> Application:
    """Return an application after a change that is stored; one that changes nothing writes nothing."""
    return changed(partial(get, id), decide, ApplicationRow.of)


def digest(secret: str, address: str) -> str:
    """Return what is kept of an e-mail address or a phone number, to recognise it."""
    plain = address.strip().casefold()
    return "adr_" + hmac.digest(secret.encode(), f"applicant:{plain}".encode(), "sha256").hex()[:40]


def apply(
    request: ApplicationInput, secret: str, invite: Callable[[str, str], None], clock: Clock
) -> Application | None:
    """Take in an application: the person, their sign-in, and a driver who may take no work yet.

    Whoever applies again, or signs in already, is not told apart from others: nothing happens then. A call that broke
    off goes on where it stood if it is repeated, because the address was claimed for the driver first.

    Parameters
    ----------
    secret : str
        With it addresses are hashed.
    invite : callable
        Creates the sign-in of a driver's id and an e-mail address.

    Returns
    -------
    Application or None
        None if there is one already, or the address signs somebody in.

    Raises
    ------
    Unprocessable
        If there is no such zone, or its drivers drive other vehicles.
    """
    _must_be_open(request)
    email, phone = digest(secret, request.email), digest(secret, request.phone)
    driver_id = AddressRow.claim(email, new_id("drv"))
    if find(application_id(driver_id)):
        return None
    try:
        invite(driver_id, request.email)
    except Conflict:
        # Nothing would ever erase the digest of an address that signs in somebody who did not apply.
        work = UnitOfWork()
        AddressRow.free(email, driver_id, work)
        work.commit()
        return None
    shares_phone = AddressRow.claim(phone, driver_id) != driver_id
    return _enter(request, driver_id, (email, phone), clock, shares_phone=shares_phone)


def _must_be_open(request: ApplicationInput) -> None:
    try:
        zone = zones.get(request.zone_id)
    except NotFound as error:
        raise Unprocessable("no_such_zone", error.detail, "/zone_id") from error
    if request.vehicle not in zone.settings.vehicles:
        allowed = ", ".join(sorted(zone.settings.vehicles))
        raise Unprocessable("vehicle", f"Drivers there drive {allowed}, not a {request.vehicle}.", "/vehicle")


def _enter(
    request: ApplicationInput, driver_id: str, addresses: tuple[str, str], clock: Clock, *, shares_phone: bool
) -> Application | None:
    now = clock.now()
    person = Person(id=new_id("pii"), name=request.name, phone=request.phone, email=request.email)
    driver = Driver(
        id=driver_id,
        home_zone_id=request.zone_id,
        person_token=person.id,
        vehicle=usual_vehicle(request.vehicle),
        onboarding=True,
        time_zone=zones.get(request.zone_id).settings.time_zone,
        created_at=now,
    )
    new = Application.submit(
        application_id(driver_id), driver_id, request.zone_id, now, addresses=addresses, shares_phone=shares_phone
    )

    def attempt() -> Application | None:
        if find(new.id):
            return None
        work = UnitOfWork()
        drivers.enter(driver, person, work)
        keep(new, work)
        work.commit()
        return new

    return persistently(attempt)


def agree(driver_id: str, request: ConsentInput, clock: Clock) -> Application:
    """Keep an applicant's consent to the background check."""
    return change(application_id(driver_id), lambda one: one.agree(request.version, clock.now()))


def identify(driver_id: str, request: IdentityInput, clock: Clock) -> Application:
    """Keep who an applicant is, and grant the credentials of their age."""
    now = clock.now()
    refuse_impossible_age(request.born_on, now.date())
    token = identity_token(driver_id)

    def attempt() -> Application:
        before, driver = of_driver(driver_id), drivers.get(driver_id)
        after, known = before.identify(now), vault.record(token, Identity)
        work = UnitOfWork()
        record = Identity(id=token, legal_name=request.legal_name, born_on=request.born_on, address=request.address)
        vault.keep(_over(record, known), work)
        keep(after, work)
        drivers.keep(_of_age(driver, request.born_on, driver.day_of(now)), work)
        work.commit()
        return after

    return persistently(attempt)


def _over[T: Aggregate](record: T, known: T | None) -> T:
    """Return a record that takes the place of another one of its token."""
    return record.with_changes(stored_version=known.stored_version if known else 0)


def _of_age(driver: Driver, born_on: date, today: date) -> Driver:
    credentials = tuple(one for one in driver.credentials if one.name not in {f"age_{age}" for age in AGES})
    for age in AGES:
        if age_on(born_on, today) >= age:
            credentials = with_credential(credentials, Credential(name=f"age_{age}"))
    return driver.with_changes(credentials=credentials)


def grant_age(driver: Driver, today: date) -> Driver:
    """Return a driver with the credentials of their age on a day, from the date of birth in the vault."""
    identity = vault.record(identity_token(driver.id), Identity)
    return _of_age(driver, identity.born_on, today) if identity else driver


def give_vehicle(driver_id: str, vehicle: Vehicle, clock: Clock) -> Application:
    """Keep an applicant's vehicle."""
    one = of_driver(driver_id)
    one.give_vehicle(clock.now())
    kinds = zones.get(one.zone_id).settings.vehicles
    if vehicle.kind not in kinds:
        detail = f"Drivers there drive {', '.join(sorted(kinds))}, not a {vehicle.kind}."
        raise Unprocessable("vehicle", detail, "/vehicle/kind")
    drivers.change(driver_id, DriverChange(vehicle=vehicle))
    return change(one.id, lambda application: application.give_vehicle(clock.now()))


def give_tax_form(
    driver_id: str, request: TaxFormInput, clock: Clock, also: Callable[[TaxForm, UnitOfWork], None] | None = None
) -> TaxForm:
    """Keep a driver's tax form, certified now; also that of a driver whom staff registered.

    Parameters
    ----------
    also : callable, optional
        Adds what else is written with it.
    """
    now, token = clock.now(), tax_form_token(driver_id)
    fields = request.model_dump(exclude={"certified", "tin", "us_person", "electronic_forms"})
    form = TaxForm(id=token, **fields, tin=read_tin(request.tin, request.tin_kind), certified_at=now)
    return _kept_with(driver_id, form, lambda application: application.give_tax_form(now), also)


def give_bank_account(driver_id: str, request: BankAccountInput, clock: Clock) -> BankAccount:
    """Keep a driver's bank account; a change counts from the next settlement period on."""
    now, token = clock.now(), bank_account_token(driver_id)
    known = vault.record(token, BankAccount)
    same = known and (known.routing_number, known.account_number) == (request.routing_number, request.account_number)
    account = BankAccount(
        id=token,
        holder=request.holder,
        kind=request.kind,
        routing_number=request.routing_number,
        account_number=request.account_number,
        given_at=known.given_at if known and same else now,
        payable_from=known.payable_from if known and same else payable_from(now, known),
    )
    return _kept_with(driver_id, account, lambda application: application.give_bank_account(now))


def _kept_with[T: TaxForm | BankAccount](
    driver_id: str,
    record: T,
    note: Callable[[Application], Application],
    also: Callable[[T, UnitOfWork], None] | None = None,
) -> T:
    """Store a record of a driver in the vault, and note it with their application if they have one."""

    def attempt() -> T:
        if drivers.get(driver_id).closed:
            # A phone that is still signed in could give it after the erasure, which nothing would erase again.
            raise Gone("erased", "This account is closed; nothing about its person is kept any more.")
        work = UnitOfWork()
        vault.keep(_over(record, vault.record(record.id, type(record))), work)
        if isinstance(record, BankAccount):
            work.put(PayableRow.of(driver_id, record.payable_from, record.given_at), None)
        application = find(application_id(driver_id))
        if application:
            keep(note(application), work)
        if also:
            also(record, work)
        work.commit()
        return record

    return persistently(attempt)


def account_times(driver_id: str) -> tuple[date, datetime | None] | None:
    """Return the first day whose pay goes to a driver's bank account, and when it was given; None without one.

    The moment is None for an account that was given before it was kept.
    """
    return PayableRow.load(driver_id)


def correct_bank_account(driver_id: str, corrections: Mapping[str, str]) -> BankAccount | None:
    """Correct a driver's bank account as their bank asks; return it, or None if there is none.

    The account stays the one that the driver gave, so pay is not held for it. Corrections that it has already change
    nothing.

    Parameters
    ----------
    corrections : mapping
        New values by field: ``routing_number``, ``account_number``, ``kind``.

    Raises
    ------
    ValidationError
        If a corrected account would be no account.
    """
    token = bank_account_token(driver_id)

    def attempt() -> BankAccount | None:
        known = vault.record(token, BankAccount)
        if known is None:
            return None
        fields = {name: getattr(known, name) for name in BankAccountInput.model_fields}
        right = BankAccountInput.model_validate(fields | dict(corrections)).model_dump(mode="json")
        corrected = known.with_changes(**right)
        if corrected != known:
            work = UnitOfWork()
            vault.keep(corrected, work)
            work.commit()
        return corrected

    return persistently(attempt)


def dispute(driver_id: str, request: DisputeInput, clock: Clock) -> Application:
    """Stop the wait of an applicant who disputes the report, and keep what they write."""
    now = clock.now()

    def attempt() -> Application:
        before = of_driver(driver_id)
        after, token = before.dispute(now), dispute_token(before.id)
        statement = Statement(id=token, text=request.text, kept_until=now + REPORTS)
        work = UnitOfWork()
        vault.keep(_over(statement, vault.record(token, Statement)), work)
        if after is not before:
            keep(after, work)
        work.commit()
        return after

    return persistently(attempt)
