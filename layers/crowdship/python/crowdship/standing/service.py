"""Use cases of standing: policies, cases, decisions, appeals, and the sweep over what is due."""

from collections.abc import Callable, Iterable
from datetime import datetime

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import DISPATCH
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.drivers.standing import Standing
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.ids import derived_id
from crowdship.law.places import with_wider
from crowdship.performance.scorecard import Scorecard
from crowdship.standing.case import Case
from crowdship.standing.evidence import EvidenceItem, EvidenceKind, Reference, digest_of
from crowdship.standing.grounds import ConductGround
from crowdship.standing.inputs import AppealAnswerInput, AppealInput, CaseInput, ConductDecisionInput
from crowdship.standing.policy import ConductPolicy, ConductPolicyInput, policy_for, policy_id
from crowdship.standing.proposals import is_known, worth_a_look
from crowdship.standing.store import CaseLine, CaseRow, PolicyRow
from crowdship.standing.terms import terms_in
from crowdship.standing.values import SYSTEM, CaseWait
from crowdship.standing.views import CaseView, StandingView
from crowdship.vault import service as vault
from crowdship.vault.model import Writing
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in

KEPT = retention.CONDUCT
"""Wall time for which the words of a case are kept."""

AT_ONCE = 100
"""Cases of a list."""

NOTE, STOP, REASONS, APPEAL, ANSWER = "note", "stop", "reasons", "appeal", "answer"
"""Names of the words about a case."""


def publish(asked: ConductPolicyInput, by: str, clock: Clock) -> ConductPolicy:
    """Publish a new version of the policy; the text of the newest one again changes nothing."""

    def attempt() -> ConductPolicy:
        known = PolicyRow.all()
        policy = ConductPolicy.published(asked, len(known) + 1, by, clock.now())
        if known and known[-1].digest == policy.digest:
            return known[-1]
        work = UnitOfWork()
        work.store(PolicyRow.of(policy))
        work.commit()
        return policy

    return persistently(attempt)


def policies() -> list[ConductPolicy]:
    """Return all versions of the policy, the oldest first."""
    return PolicyRow.all()


def policy(version_id: str) -> ConductPolicy | None:
    """Return a version of the policy by its id, or None."""
    return next((one for one in PolicyRow.all() if policy_id(one.version) == version_id), None)


def home_of(driver_id: str) -> tuple[str, ...]:
    """Return the jurisdictions in which a driver is at home, the widest first.

    These are the ones of the home zone's area and those that its settings name. Where else a driver has worked does not
    count.
    """
    return jurisdictions_in(zones.get(drivers.get(driver_id).home_zone_id).settings)


def open_case(driver_id: str, asked: CaseInput, by: str, clock: Clock, wall: Clock) -> Case:
    """Open a case about a driver; the same request again is the same case.

    Raises
    ------
    Unprocessable
        If a delivery that is named is not there, or was never this driver's.
    Conflict
        If another case has this request's id.
    """
    case = _opened(driver_id, derived_id("cas", by, asked.request_id), asked.ground, asked.evidence, by, clock)
    kept = _kept_new(case, {NOTE: asked.note}, wall)
    if (kept.driver_id, kept.evidence_digest) != (case.driver_id, case.evidence_digest):
        raise Conflict("request_id_used", "This request_id is in use for another case; send a new UUID.", "/request_id")
    return kept


def propose(driver_id: str, ground: ConductGround, delivery_ids: Iterable[str], clock: Clock, wall: Clock) -> Case:
    """Propose a case to staff, who open or dismiss it; the same evidence again is the same proposal."""
    evidence = tuple(Reference(kind=EvidenceKind.DELIVERY, id=one) for one in delivery_ids)
    names = sorted(one.id for one in evidence)
    case = _opened(driver_id, derived_id("cas", SYSTEM, driver_id, ground, *names), ground, evidence, SYSTEM, clock)
    return _kept_new(case, {}, wall)


def consider(card: Scorecard, clock: Clock, wall: Clock) -> list[Case]:
    """Propose to staff what a driver's scorecard is worth a look for; it changes nothing else."""
    found, now = worth_a_look(card.facts), clock.now()
    cases = of_driver(card.id) if found else []
    new = [one for one in found if not is_known(one, cases, now)]
    return [propose(card.id, one.ground, one.delivery_ids, clock, wall) for one in new]


def _opened(
    driver_id: str, case_id: str, ground: ConductGround, references: Iterable[Reference], by: str, clock: Clock
) -> Case:
    driver = drivers.get(driver_id)
    evidence = tuple(_evidence(driver_id, number, one) for number, one in enumerate(references))
    where = driver.home_zone_id, driver.time_zone
    return Case.opened(case_id, driver_id, *where, ground, evidence, by, clock.now())


def _evidence(driver_id: str, number: int, reference: Reference) -> EvidenceItem:
    if reference.kind is not EvidenceKind.DELIVERY:
        return EvidenceItem.of(reference, None)
    delivery = deliveries.get_many([reference.id]).get(reference.id)
    if delivery is None or not any(driver_id in (delivery.driver_id, step.actor) for step in delivery.timeline):
        detail = f"{reference.id} is no delivery that this driver had; name one of theirs."
        raise Unprocessable("not_their_delivery", detail, f"/evidence/{number}/id")
    return EvidenceItem.of(reference, delivery)


def is_intact(case: Case) -> bool:
    """Return whether the evidence, and the deliveries that it names, are as they were hashed."""
    named = deliveries.get_many(one.id for one in case.evidence if one.kind is EvidenceKind.DELIVERY)
    return digest_of(case.evidence) == case.evidence_digest and all(
        one.still_says(named[one.id]) for one in case.evidence if one.id in named
    )


def _kept_new(case: Case, words: dict[str, str], wall: Clock) -> Case:
    def attempt() -> Case:
        if known := CaseRow.load(case.id):
            return known
        work = UnitOfWork()
        CaseLine.add(case, work)
        kept = _with_words(case, words, work, wall)
        work.store(CaseRow.of(kept))
        work.commit()
        return kept

    return persistently(attempt)


def _with_words(case: Case, words: dict[str, str], work: UnitOfWork, wall: Clock) -> Case:
    for name, text in words.items():
        vault.keep(Writing(id=case.token(name), text=text), work, wall.now() + KEPT)
        case = case.with_text(name)
    return case


def get(case_id: str) -> Case:
    """Return a case.

    Raises
    ------
    NotFound
        If there is none.
    """
    case = CaseRow.load(case_id)
    if case is None:
        raise NotFound("no_such_case", f"There is no case {case_id}.")
    return case


def get_own(case_id: str, driver_id: str) -> Case:
    """Return a case that a driver may see: their own, once it has changed their standing.

    Raises
    ------
    NotFound
        If there is none of this driver.
    """
    case = CaseRow.load(case_id)
    if case is None or case.driver_id != driver_id or not (case.decision or case.stop):
        raise NotFound("no_such_case", f"There is no case {case_id} about you.")
    return case


def waiting(kind: CaseWait) -> list[Case]:
    """Return the cases that wait for something, the longest waiting first."""
    found = {case.id: case for case in CaseRow.load_many(CaseRow.waiting_ids(kind, AT_ONCE))}
    return sorted((one for one in found.values() if one.waits_for is kind), key=lambda one: (one.opened_at, one.id))


def of_driver(driver_id: str) -> list[Case]:
    """Return all cases about a driver, the newest first.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    drivers.get(driver_id)
    return sorted(CaseRow.load_many(CaseLine.ids(driver_id)), key=lambda one: (one.opened_at, one.id), reverse=True)


def shown(cases: Iterable[Case]) -> list[CaseView]:
    """Return the views of some cases for staff, with the words about them and the present standing of each driver."""
    every = list(cases)
    known, texts = drivers.get_many(case.driver_id for case in every), words_of(every)
    return [CaseView.of(one, texts, known[one.driver_id].standing, intact=is_intact(one)) for one in every]


def of_own(driver_id: str, clock: Clock) -> StandingView:
    """Return a driver's standing as the driver sees it."""
    cases = of_driver(driver_id)
    return StandingView.of(drivers.get(driver_id), cases, words_of(cases), PolicyRow.all(), clock.now())


def words_of(cases: Iterable[Case]) -> dict[str, str]:
    """Return the words about some cases by their tokens, without those that were erased."""
    tokens = (case.token(name) for case in cases for name in case.texts)
    return {token: writing.text for token, writing in vault.writings(tokens).items()}


type Decided = tuple[Case, Standing | None]


def stop(case_id: str, reason: str, by: str, clock: Clock, wall: Clock) -> Case:
    """Suspend a driver at once for somebody's safety; see ``Case.stopped``."""
    case = _act(case_id, lambda case, now, standing: case.stopped(now, by, standing), {STOP: reason}, clock, wall)
    return without_work(case, clock)


def decide(case_id: str, asked: ConductDecisionInput, by: str, clock: Clock, wall: Clock) -> Case:
    """Decide on a case by the policy and the law of now; see ``Case.decided``.

    Raises
    ------
    Conflict
        ``stopped_by_another_case``, while an emergency suspension of another case stands.
    """

    def decided(case: Case, now: datetime, standing: Standing) -> Decided:
        _refuse_stopped_elsewhere(case, standing, now)
        # A move of the driver's home in between does not shorten the notice.
        opened_in = jurisdictions_in(zones.get(case.zone_id).settings)
        terms = terms_in(with_wider((*home_of(case.driver_id), *opened_in)), now)
        chosen = policy_for(PolicyRow.all(), case.ground, terms.policy.days, now)
        return case.decided(asked.level, asked.days, chosen, terms, now, by, standing)

    return _act(case_id, decided, {REASONS: asked.reasons}, clock, wall)


def dismiss(case_id: str, reasons: str, by: str, clock: Clock, wall: Clock) -> Case:
    """Close a case without a decision; see ``Case.dismissed``."""
    return _act(case_id, lambda case, now, _: case.dismissed(now, by), {REASONS: reasons}, clock, wall)


def appeal(case_id: str, driver_id: str, asked: AppealInput, clock: Clock, wall: Clock) -> Case:
    """Let a driver appeal against a decision about them; see ``Case.appealed``."""
    get_own(case_id, driver_id)
    return _act(case_id, lambda case, now, _: (case.appealed(now), None), {APPEAL: asked.words}, clock, wall)


def answer(case_id: str, asked: AppealAnswerInput, by: str, clock: Clock, wall: Clock) -> Case:
    """Answer an appeal; see ``Case.answered``."""
    return _act(case_id, lambda case, now, _: case.answered(asked.outcome, now, by), {ANSWER: asked.words}, clock, wall)


def _refuse_stopped_elsewhere(case: Case, standing: Standing, now: datetime) -> None:
    """Refuse a decision while another case's emergency suspension stands: it is no level that a person decided."""
    other = CaseRow.load(standing.case_id) if standing.case_id and standing.case_id != case.id else None
    if other and other.advanced(now)[0].is_stopped:
        detail = f"Case {other.id} stopped the driver for somebody's safety; decide or dismiss that one first."
        raise Conflict("stopped_by_another_case", detail)


def _act(
    case_id: str,
    act: Callable[[Case, datetime, Standing], Decided],
    words: dict[str, str],
    clock: Clock,
    wall: Clock,
) -> Case:
    """Change a case and its driver's standing together; of two people at once the second one is refused.

    The driver is read once: what is written in place of a standing was decided on that very one.
    """

    def attempt() -> Case:
        case, now = get(case_id), clock.now()
        driver = drivers.get(case.driver_id)
        after, standing = act(case, now, _valid(driver.standing, now))
        work = UnitOfWork()
        after = _with_words(after, words, work, wall)
        keep(after, driver, standing, now, work)
        work.commit()
        measure(case, after)
        return after

    return persistently(attempt)


def keep(case: Case, driver: Driver, standing: Standing | None, now: datetime, work: UnitOfWork) -> None:
    """Add the writes of a case and of the standing that it gives.

    A new decision takes the place of any standing. What a case gives back does so only while the driver's standing is
    the case's own: a later case is not undone by an earlier one.
    """
    work.store(CaseRow.of(case))
    if standing is not None and case.id in (standing.case_id, driver.standing.case_id):
        drivers.keep(driver.with_changes(standing=_valid(standing, now, case)), work)


def _valid(standing: Standing, now: datetime, changed: Case | None = None) -> Standing:
    """Return a standing, or the one before it if the case that gave it was overturned, lifted or dismissed meanwhile.

    Parameters
    ----------
    changed : Case, optional
        A case as it is about to be written.
    """
    while standing.case_id:
        case = changed if changed and changed.id == standing.case_id else CaseRow.load(standing.case_id)
        if case is None or case.gives(now):
            break
        standing = case.before
    return standing


def measure(before: Case, after: Case) -> None:
    """Count what time did about a case."""
    if any(event.type == "standing.overdue" for event in after.events):
        metrics.add_metric("AppealsOverdue", MetricUnit.Count, 1)
    if after.stop and after.stop.lapsed_at and not (before.stop and before.stop.lapsed_at):
        metrics.add_metric("SafetyStopsLapsed", MetricUnit.Count, 1)


def without_work(case: Case, clock: Clock) -> Case:
    """Give to others what the driver of a case can't fetch any more; what is on board is finished.

    Before it is noted as done: a call that dies in between is made up for by the next sweep.
    """
    if not case.takes_work:
        return case
    driver = drivers.get(case.driver_id)
    if driver.standing.case_id == case.id:
        if not driver.standing.bars(driver.day_of(clock.now())):
            return case  # its day has not begun yet where the driver works
        duty.withdraw(driver.id, DISPATCH, clock)

    def attempt() -> Case:
        known = get(case.id)
        done = known.work_taken()
        work = UnitOfWork()
        work.store(CaseRow.of(done))
        work.commit()
        return done

    return persistently(attempt)


def erase_words(driver_id: str) -> None:
    """Erase all words about a driver's cases; grounds, dates and hashes stay."""
    for case in of_driver(driver_id):
        for name in case.texts:
            vault.erase(case.token(name))


def held(driver_id: str) -> tuple[list[Case], dict[str, str]]:
    """Return everything that this room holds on a driver: the cases, and the words about them by token."""
    cases = of_driver(driver_id)
    return cases, words_of(cases)
