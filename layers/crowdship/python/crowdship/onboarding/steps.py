"""The steps of an onboarding as the applicant sees them: what is missing, why, and who acts next."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

from crowdship.drivers import compliance
from crowdship.drivers.model import Driver
from crowdship.kernel.events import Value
from crowdship.onboarding.application import Application, ApplicationState
from crowdship.onboarding.check import CheckState

SAFETY_TRAINING = "safety_training"
"""The training that every driver passes; others are demanded by goods."""

BACKGROUND_CHECK = "background_check"


class StepName(StrEnum):
    """Steps, in the order in which they are shown."""

    CONSENT = "consent"
    IDENTITY = "identity"
    BACKGROUND_CHECK = "background_check"
    DOCUMENTS = "documents"
    VEHICLE = "vehicle"
    TAX_FORM = "tax_form"
    BANK_ACCOUNT = "bank_account"
    TRAINING = "training"
    APPROVAL = "approval"


class StepState(StrEnum):
    """States of a step."""

    MISSING = "missing"
    WAITING = "waiting"
    REFUSED = "refused"
    DONE = "done"


class Actor(StrEnum):
    """Who acts next."""

    YOU = "you"
    STAFF = "staff"
    PROVIDER = "provider"
    TIME = "time"


class Step(Value):
    """One step.

    Parameters
    ----------
    why : str
        Reason of the state, as a code; ``done`` if there is nothing more to say.
    missing : tuple of str
        What is missing by name, such as kinds of documents.
    next_by : Actor or None
        Who acts next; None if the step is done or over.
    """

    name: StepName
    state: StepState
    why: str
    missing: tuple[str, ...] = ()
    next_by: Actor | None = None


def _done(name: StepName) -> Step:
    return Step(name=name, state=StepState.DONE, why="done")


def _given(name: StepName, at: datetime | None) -> Step:
    return _done(name) if at else Step(name=name, state=StepState.MISSING, why="not_given", next_by=Actor.YOU)


def _check(application: Application) -> Step:
    name, check = StepName.BACKGROUND_CHECK, application.check

    def waits(why: str, by: Actor) -> Step:
        return Step(name=name, state=StepState.WAITING, why=why, next_by=by)

    match check.state:
        case CheckState.CLEAR:
            return _done(name)
        case CheckState.ADVERSE:
            return Step(name=name, state=StepState.REFUSED, why="adverse")
        case CheckState.ORDERED:
            return waits("overdue", Actor.STAFF) if check.overdue else waits("ordered", Actor.PROVIDER)
        case CheckState.FLAGGED:
            # The applicant hears of a report with the notice, which follows at once.
            return waits("ordered", Actor.PROVIDER)
        case CheckState.NOTICED:
            return waits("pre_adverse", Actor.YOU)
        case CheckState.DISPUTED:
            return waits("disputed", Actor.STAFF)
        case CheckState.DUE:
            return waits("decision_due", Actor.STAFF)
    if application.may_be_checked:
        return waits("about_to_be_ordered", Actor.PROVIDER)
    return Step(name=name, state=StepState.MISSING, why="consent_and_identity_first", next_by=Actor.YOU)


def _documents(driver: Driver, today: date) -> Step:
    missing = compliance.missing_documents(driver.documents, driver.vehicle.kind, today)
    if not missing:
        return _done(StepName.DOCUMENTS)
    names = tuple(str(kind) for kind in missing)
    return Step(
        name=StepName.DOCUMENTS, state=StepState.MISSING, why="documents_missing", missing=names, next_by=Actor.YOU
    )


def _training(driver: Driver, today: date) -> Step:
    if driver.holds(SAFETY_TRAINING, today):
        return _done(StepName.TRAINING)
    return Step(
        name=StepName.TRAINING,
        state=StepState.MISSING,
        why="training_missing",
        missing=(SAFETY_TRAINING,),
        next_by=Actor.YOU,
    )


def _before_approval(application: Application, driver: Driver, today: date) -> Iterator[Step]:
    yield _given(StepName.CONSENT, application.consent.at if application.consent else None)
    yield _given(StepName.IDENTITY, application.identified_at)
    yield _check(application)
    yield _documents(driver, today)
    yield _given(StepName.VEHICLE, application.vehicle_at)
    yield _given(StepName.TAX_FORM, application.tax_form_at)
    yield _given(StepName.BANK_ACCOUNT, application.bank_account_at)
    yield _training(driver, today)


def steps_of(application: Application, driver: Driver, today: date) -> tuple[Step, ...]:
    """Return all steps of an application, in the order in which they are shown.

    Parameters
    ----------
    today : date
        The day on which documents and trainings have to count, UTC.
    """
    steps = tuple(_before_approval(application, driver, today))
    return (*steps, _approval(application, steps))


def _approval(application: Application, steps: tuple[Step, ...]) -> Step:
    name = StepName.APPROVAL
    if application.state is ApplicationState.APPROVED:
        return _done(name)
    if application.state is ApplicationState.REFUSED:
        return Step(name=name, state=StepState.REFUSED, why=application.refusal or "refused")
    if missing := missing_of(steps):
        return Step(name=name, state=StepState.WAITING, why="others_first", missing=missing, next_by=Actor.YOU)
    return Step(name=name, state=StepState.WAITING, why="with_staff", next_by=Actor.STAFF)


def missing_of(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the names of the steps that are not done, without the approval."""
    return tuple(
        str(step.name) for step in steps if step.state is not StepState.DONE and step.name is not StepName.APPROVAL
    )
