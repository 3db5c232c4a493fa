"""Views of applications for applicants and for staff."""

from collections.abc import Iterable, Mapping
from typing import Self

from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver, Vehicle
from crowdship.kernel.clock import Clock, Day, Moment
from crowdship.kernel.events import Value
from crowdship.onboarding import service
from crowdship.onboarding.application import CONSENT_VERSION, Application, ApplicationRefusal, ApplicationState, Stage
from crowdship.onboarding.bank import BankAccountView
from crowdship.onboarding.check import UNDECIDED, CheckState
from crowdship.onboarding.report import ReportView
from crowdship.onboarding.steps import OnboardingStep
from crowdship.onboarding.tax import TaxFormView
from crowdship.vault import service as vault
from crowdship.vault.applicants import (
    BankAccount,
    Identity,
    PostalAddress,
    ScreeningReport,
    Statement,
    TaxForm,
    assessment_token,
    bank_account_token,
    dispute_token,
    identity_token,
    report_token,
    tax_form_token,
)
from crowdship.zones import service as zones


class OpenZone(Value):
    """A zone in which people may apply, and the vehicles that drivers there may drive."""

    id: str
    name: str
    vehicles: tuple[str, ...]


class OpenZones(Value):
    """The zones in which people may apply."""

    zones: tuple[OpenZone, ...]

    @classmethod
    def now(cls) -> Self:
        """Return all zones."""
        every = sorted(zones.every(), key=lambda zone: zone.settings.name)
        return cls(
            zones=tuple(
                OpenZone(id=zone.id, name=zone.settings.name, vehicles=tuple(sorted(zone.settings.vehicles)))
                for zone in every
            )
        )


class Received(Value):
    """The answer to whoever applies, the same for everybody."""

    received: bool = True


def report_of(application: Application) -> ReportView | None:
    """Return the copy of the report about an application, or None if there is none."""
    report = vault.record(report_token(application.id), ScreeningReport)
    if report is None:
        return None
    dispute = vault.record(dispute_token(application.id), Statement)
    assessment = vault.record(assessment_token(application.id), Statement)
    return ReportView(
        provider=report.provider,
        records=report.records,
        reported_at=report.reported_at,
        dispute=dispute and dispute.text,
        assessment=assessment and assessment.text,
    )


SHOWN = {*UNDECIDED, CheckState.ADVERSE} - {CheckState.FLAGGED}
"""States of the check in which the applicant is shown the report; before the notice it is not theirs to read."""


class PayDetails(Value):
    """Tax form and bank account of a driver, by their last digits."""

    tax_form: TaxFormView | None
    bank_account: BankAccountView | None

    @classmethod
    def of(cls, driver_id: str) -> Self:
        """Return those of a driver."""
        form = vault.record(tax_form_token(driver_id), TaxForm)
        account = vault.record(bank_account_token(driver_id), BankAccount)
        return cls(
            tax_form=TaxFormView.of(form) if form else None,
            bank_account=BankAccountView.of(account) if account else None,
        )


class OnboardingView(Value):
    """An application as the applicant sees it.

    Parameters
    ----------
    decide_from : datetime or None
        The earliest moment of a decision against the applicant, while the wait after a notice runs.
    consent_version : str
        The version of the text to agree to.
    """

    application_id: str
    state: ApplicationState
    steps: tuple[OnboardingStep, ...]
    check: CheckState
    decide_from: Moment | None
    refusal: ApplicationRefusal | None
    report: ReportView | None
    consent_version: str
    vehicle: Vehicle
    zone_id: str

    @classmethod
    def of(cls, driver_id: str, clock: Clock) -> Self:
        """Return the application of a driver."""
        application, driver = service.of_driver(driver_id), drivers.get(driver_id)
        check = application.check
        return cls(
            application_id=application.id,
            state=application.state,
            steps=service.steps(application, driver, clock),
            # The applicant hears of a report with the notice.
            check=CheckState.ORDERED if check.state is CheckState.FLAGGED else check.state,
            decide_from=check.decide_from,
            refusal=application.refusal,
            report=report_of(application) if check.state in SHOWN else None,
            consent_version=CONSENT_VERSION,
            vehicle=driver.vehicle,
            zone_id=application.zone_id,
        )


class ApplicationLine(Value):
    """An application in the list of staff."""

    application_id: str
    driver_id: str
    name: str | None
    zone_id: str
    submitted_at: Moment
    state: ApplicationState
    check: CheckState
    overdue: bool
    shares_phone: bool
    decide_from: Moment | None

    @classmethod
    def of(cls, application: Application, driver: Driver, names: Mapping[str, str]) -> Self:
        """Return the line of an application."""
        return cls(
            application_id=application.id,
            driver_id=application.driver_id,
            name=names.get(driver.person_token),
            zone_id=application.zone_id,
            submitted_at=application.submitted_at,
            state=application.state,
            check=application.check.state,
            overdue=application.check.overdue,
            shares_phone=application.shares_phone,
            decide_from=application.check.decide_from,
        )


class ApplicationPage(Value):
    """A page of applications, with the cursor of the next page."""

    applications: tuple[ApplicationLine, ...]
    next_after: str | None

    @classmethod
    def of(cls, stage: Stage, after: str | None, limit: int) -> Self:
        """Return a page of the applications in a stage, the oldest first."""
        ids, following = service.page(stage, after, limit)
        found = service.get_many(ids)
        people = drivers.get_many(one.driver_id for one in found)
        names = vault.names_of(driver.person_token for driver in people.values())
        lines = cls._lines(found, people, names)
        return cls(applications=tuple(lines), next_after=following)

    @staticmethod
    def _lines(
        found: Iterable[Application], people: Mapping[str, Driver], names: Mapping[str, str]
    ) -> list[ApplicationLine]:
        inside = (one for one in found if one.driver_id in people)
        lines = [ApplicationLine.of(one, people[one.driver_id], names) for one in inside]
        return sorted(lines, key=lambda line: (line.submitted_at, line.application_id))


class ApplicationView(Value):
    """An application as staff see it: the numbers of tax form and account by their last digits."""

    line: ApplicationLine
    steps: tuple[OnboardingStep, ...]
    phone: str | None
    email: str | None
    legal_name: str | None
    born_on: Day | None
    address: PostalAddress | None
    vehicle: Vehicle
    ordered_at: Moment | None
    noticed_at: Moment | None
    decided_by: str | None
    decided_at: Moment | None
    refusal: ApplicationRefusal | None
    report: ReportView | None
    money: PayDetails

    @classmethod
    def of(cls, id: str, clock: Clock) -> Self:
        """Return the view of an application."""
        application = service.get(id)
        driver, check = drivers.get(application.driver_id), application.check
        person = vault.people([driver.person_token]).get(driver.person_token)
        identity = vault.record(identity_token(driver.id), Identity)
        return cls(
            line=ApplicationLine.of(application, driver, {person.id: person.name} if person else {}),
            steps=service.steps(application, driver, clock),
            phone=person and person.phone,
            email=person and person.email,
            legal_name=identity and identity.legal_name,
            born_on=identity and identity.born_on,
            address=identity and identity.address,
            vehicle=driver.vehicle,
            ordered_at=check.ordered_at,
            noticed_at=check.noticed_at,
            decided_by=application.decided_by or check.by,
            decided_at=application.decided_at or check.decided_at,
            refusal=application.refusal,
            report=report_of(application),
            money=PayDetails.of(driver.id),
        )
