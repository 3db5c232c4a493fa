"""The steps of an onboarding as the applicant sees them: what is missing, why, and who acts next."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum

from crowdship.documents.folder import NeededFor, PaperState
from crowdship.documents.kinds import PaperKind
from crowdship.documents.views import PaperView
from crowdship.drivers.model import Driver
from crowdship.kernel.events import Value
from crowdship.onboarding.application import Application, ApplicationState
from crowdship.onboarding.check import CheckState

SAFETY_TRAINING = "safety_training"
"""The training that every driver passes; others are demanded by goods."""

OF_THE_VEHICLE = frozenset(
    {
        *(PaperKind.VEHICLE_REGISTRATION, PaperKind.VEHICLE_INSPECTION),
        *(PaperKind.VEHICLE_FRONT, PaperKind.VEHICLE_BACK, PaperKind.VEHICLE_LEFT, PaperKind.VEHICLE_RIGHT),
    }
)
"""Documents and photos of the vehicle, which are a part of its step."""


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
    """The party that acts next."""

    YOU = "you"
    STAFF = "staff"
    PROVIDER = "provider"
    TIME = "time"


class OnboardingStep(Value):
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


def _done(name: StepName) -> OnboardingStep:
    return OnboardingStep(name=name, state=StepState.DONE, why="done")


def _given(name: StepName, at: datetime | None) -> OnboardingStep:
    return _done(name) if at else OnboardingStep(name=name, state=StepState.MISSING, why="not_given", next_by=Actor.YOU)


def _check(application: Application) -> OnboardingStep:
    name, check = StepName.BACKGROUND_CHECK, application.check

    def waits(why: str, by: Actor) -> OnboardingStep:
        return OnboardingStep(name=name, state=StepState.WAITING, why=why, next_by=by)

    match check.state:
        case CheckState.CLEAR:
            return _done(name)
        case CheckState.ADVERSE:
            return OnboardingStep(name=name, state=StepState.REFUSED, why="adverse")
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
    return OnboardingStep(name=name, state=StepState.MISSING, why="consent_and_identity_first", next_by=Actor.YOU)


def _papers(name: StepName, papers: Iterable[PaperView]) -> OnboardingStep:
    """Return a step that is done once each of some documents counts."""
    lacking = [paper for paper in papers if not paper.counts]
    if not lacking:
        return _done(name)
    names = tuple(str(paper.kind) for paper in lacking)
    states = {paper.state for paper in lacking}
    if PaperState.REFUSED in states:
        state, why, by = StepState.REFUSED, "documents_refused", Actor.YOU
    elif states == {PaperState.CHECKED}:
        state, why, by = StepState.WAITING, "documents_in_review", Actor.STAFF
    else:
        state, why, by = StepState.MISSING, "documents_missing", Actor.YOU
    return OnboardingStep(name=name, state=state, why=why, missing=names, next_by=by)


def _vehicle(application: Application, papers: Iterable[PaperView]) -> OnboardingStep:
    described = _given(StepName.VEHICLE, application.vehicle_at)
    return _papers(StepName.VEHICLE, papers) if described.state is StepState.DONE else described


def _training(driver: Driver, today: date) -> OnboardingStep:
    if driver.holds(SAFETY_TRAINING, today):
        return _done(StepName.TRAINING)
    return OnboardingStep(
        name=StepName.TRAINING,
        state=StepState.MISSING,
        why="training_missing",
        missing=(SAFETY_TRAINING,),
        next_by=Actor.YOU,
    )


def _before_approval(
    application: Application, driver: Driver, papers: Sequence[PaperView], today: date
) -> Iterator[OnboardingStep]:
    asked = [paper for paper in papers if paper.needed_for is not NeededFor.MORE_WORK]
    yield _given(StepName.CONSENT, application.consent.at if application.consent else None)
    yield _given(StepName.IDENTITY, application.identified_at)
    yield _check(application)
    yield _papers(StepName.DOCUMENTS, (paper for paper in asked if paper.kind not in OF_THE_VEHICLE))
    yield _vehicle(application, (paper for paper in asked if paper.kind in OF_THE_VEHICLE))
    yield _given(StepName.TAX_FORM, application.tax_form_at)
    yield _given(StepName.BANK_ACCOUNT, application.bank_account_at)
    yield _training(driver, today)


def steps_of(
    application: Application, driver: Driver, papers: Sequence[PaperView], today: date
) -> tuple[OnboardingStep, ...]:
    """Return all steps of an application, in the order in which they are shown.

    Parameters
    ----------
    papers : sequence of PaperView
        The driver's folder of documents.
    today : date
        The day on which trainings have to count, where the driver works.
    """
    steps = tuple(_before_approval(application, driver, papers, today))
    return (*steps, _approval(application, steps))


def _approval(application: Application, steps: tuple[OnboardingStep, ...]) -> OnboardingStep:
    name = StepName.APPROVAL
    if application.state is ApplicationState.APPROVED:
        return _done(name)
    if application.state is ApplicationState.REFUSED:
        return OnboardingStep(name=name, state=StepState.REFUSED, why=application.refusal or "refused")
    if missing := missing_of(steps):
        return OnboardingStep(
            name=name, state=StepState.WAITING, why="others_first", missing=missing, next_by=Actor.YOU
        )
    return OnboardingStep(name=name, state=StepState.WAITING, why="with_staff", next_by=Actor.STAFF)


def missing_of(steps: tuple[OnboardingStep, ...]) -> tuple[str, ...]:
    """Return the names of the steps that are not done, without the approval."""
    return tuple(
        str(step.name) for step in steps if step.state is not StepState.DONE and step.name is not StepName.APPROVAL
    )
