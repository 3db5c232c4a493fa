"""Use cases of staff: decide about a report and about an application, and order a check anew."""

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.drivers.credentials import Credential
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.retention import REPORTS
from crowdship.onboarding import service
from crowdship.onboarding.application import Application, ApplicationState
from crowdship.onboarding.check import CheckState
from crowdship.onboarding.decisions import (
    DisputeDecision,
    DisputeOutcome,
    RefusalInput,
    ScreeningDecision,
    ScreeningVerdict,
)
from crowdship.onboarding.steps import missing_of
from crowdship.vault import service as vault
from crowdship.vault.applicants import Statement, assessment_token


def decide(id: str, request: ScreeningDecision, by: str, clock: Clock) -> Application:
    """Decide about a report that stands against an applicant: go on, or refuse the application.

    Raises
    ------
    Unprocessable
        If it is decided against the applicant without an assessment of the record.
    Conflict
        If somebody decided before, or notice and wait are not over.
    """
    if request.verdict is ScreeningVerdict.ADVERSE and request.assessment is None:
        detail = "Assess the record: how grave it is, how long ago, and what it has to do with driving; 20 characters."
        raise Unprocessable("assessment_missing", detail, "/assessment")
    now = clock.now()

    def attempt() -> Application:
        before = service.get(id)
        after = before.go_on(by, now) if request.verdict is ScreeningVerdict.GO_ON else before.decide_against(by, now)
        work = UnitOfWork()
        if request.assessment is not None:
            token = assessment_token(id)
            known = vault.record(token, Statement)
            statement = Statement(id=token, text=request.assessment, kept_until=now + REPORTS)
            vault.keep(statement.with_changes(stored_version=known.stored_version if known else 0), work)
        service.keep(after, work)
        work.commit()
        return after

    return persistently(attempt)


def close_dispute(id: str, request: DisputeDecision, by: str, clock: Clock) -> Application:
    """Close a dispute: the report was wrong and the check is clear, or it stands and the whole wait begins anew.

    Raises
    ------
    Conflict
        If nothing is disputed.
    """

    def close(application: Application) -> Application:
        if application.check.state is not CheckState.DISPUTED:
            raise Conflict("not_disputed", f"The check is {application.check.state}; nothing is disputed.")
        if request.outcome is DisputeOutcome.CORRECTED:
            return application.go_on(by, clock.now())
        return application.uphold(clock.now())

    return service.change(id, close)


def order_anew(id: str, clock: Clock) -> Application:
    """Order the background check again, as the provider was late or refused the order."""

    def order(application: Application) -> Application:
        if not application.check.overdue:
            detail = "Only a check that the provider refused, or is late with, is ordered again."
            raise Conflict("not_overdue", detail)
        return application.order_check(clock.now())

    return service.change(id, order)


def approve(id: str, by: str, clock: Clock) -> Application:
    """Approve an application with nothing missing: the driver may take work from now on.

    Raises
    ------
    Conflict
        If a step is missing, which the detail names, or somebody decided before.
    """
    now = clock.now()

    def attempt() -> Application:
        before = service.get(id)
        driver = drivers.get(before.driver_id)
        driver = service.grant_age(driver, driver.day_of(now))
        missing = missing_of(service.steps(before, driver, clock))
        if missing and before.state is ApplicationState.OPEN:
            raise Conflict("steps_missing", f"Not done yet: {', '.join(missing)}.")
        after = before.approve(by, now)
        work = UnitOfWork()
        service.keep(after, work)
        drivers.keep(driver.activate(now, (Credential(name=service.BACKGROUND_CHECK),)), work)
        work.commit()
        return after

    return persistently(attempt)


def refuse(id: str, request: RefusalInput, by: str, clock: Clock) -> Application:
    """Refuse an application for another reason than the report."""
    return service.change(id, lambda application: application.refuse(request.reason, by, clock.now()))
