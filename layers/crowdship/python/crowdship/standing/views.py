"""Views of standing: what a driver sees of a case, and what staff see."""

from collections.abc import Iterable, Mapping
from typing import Self

from crowdship.drivers.model import Driver
from crowdship.drivers.standing import Level, Standing
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.standing.case import Case
from crowdship.standing.evidence import EvidenceItem
from crowdship.standing.grounds import ConductGround
from crowdship.standing.policy import ConductPolicy
from crowdship.standing.terms import Term
from crowdship.standing.values import AppealOutcome, CaseWait


class CaseWords(Value):
    """The words about a case; None where there are none, or they were erased."""

    note: str | None = None
    stop: str | None = None
    reasons: str | None = None
    appeal: str | None = None
    answer: str | None = None

    @classmethod
    def of(cls, case: Case, texts: Mapping[str, str]) -> Self:
        """Return the words about a case, from texts by token."""
        return cls(**{name: texts.get(case.token(name)) for name in case.texts})


class AppealView(Value):
    """An appeal and its answer."""

    made_at: Moment
    answer_by: Moment
    outcome: AppealOutcome | None
    answered_at: Moment | None


class DriversCase(Value):
    """A case as its driver sees it: decision, evidence, policy, dates, appeal; no name of anybody on the staff.

    Parameters
    ----------
    level : Level or None
        The level that was decided; None while a person has not decided yet.
    stopped_at, review_by : datetime or None
        Of an emergency suspension, when it began, and until when a person looks at it again or it lifts.
    notice : Term or None
        The notice that was given, with the law that asks for it.
    """

    id: str
    ground: ConductGround
    level: Level | None
    served_at: Moment | None
    effective_on: Day | None
    until: Day | None
    stopped_at: Moment | None
    review_by: Moment | None
    lapsed_at: Moment | None
    notice: Term | None
    policy_id: str | None
    evidence: tuple[EvidenceItem, ...]
    evidence_digest: str
    words: CaseWords
    may_appeal: bool
    appeal_until: Moment | None
    appeal: AppealView | None

    @classmethod
    def of(cls, case: Case, texts: Mapping[str, str], now: Moment) -> Self:
        """Return the driver's view of a case at a moment."""
        made, stop, appeal = case.decision, case.stop, case.appeal
        shown = appeal.model_dump(include=set(AppealView.model_fields)) if appeal else None
        return cls(
            id=case.id,
            ground=case.ground,
            level=made.level if made else None,
            served_at=made.served_at if made else None,
            effective_on=made.effective_on if made else None,
            until=made.until if made else None,
            stopped_at=stop.at if stop else None,
            review_by=stop.review_by if stop else None,
            lapsed_at=stop.lapsed_at if stop else None,
            notice=made.terms.notice if made else None,
            policy_id=made.policy_id if made else None,
            evidence=case.evidence,
            evidence_digest=case.evidence_digest,
            words=CaseWords.of(case, texts),
            may_appeal=made is not None and appeal is None and now < made.appeal_until,
            appeal_until=made.appeal_until if made else None,
            appeal=AppealView(**shown) if shown else None,
        )


class PolicyView(Value):
    """A version of the policy."""

    id: str
    version: int
    text: str
    grounds: tuple[ConductGround, ...]
    published_at: Moment
    digest: str

    @classmethod
    def of(cls, policy: ConductPolicy) -> Self:
        """Return the view of a version."""
        return cls(**{name: getattr(policy, name) for name in cls.model_fields})


class Policies(Value):
    """All versions of the policy, the oldest first."""

    policies: tuple[PolicyView, ...]

    @classmethod
    def of(cls, policies: Iterable[ConductPolicy]) -> Self:
        """Return the view of some versions."""
        return cls(policies=tuple(map(PolicyView.of, policies)))


class StandingView(Value):
    """A driver's standing as they see it, with the cases that changed it, the newest first, and the policies."""

    standing: Standing
    barred: bool
    cases: tuple[DriversCase, ...]
    policies: tuple[PolicyView, ...]

    @classmethod
    def of(
        cls,
        driver: Driver,
        cases: Iterable[Case],
        texts: Mapping[str, str],
        policies: Iterable[ConductPolicy],
        now: Moment,
    ) -> Self:
        """Return the view at a moment; cases that changed nothing are not in it."""
        shown = tuple(DriversCase.of(one, texts, now) for one in cases if one.decision or one.stop)
        named = {one.policy_id for one in shown}
        used = tuple(PolicyView.of(one) for one in policies if one.id in named)
        standing, today = driver.standing, driver.day_of(now)
        return cls(standing=standing, barred=standing.bars(today), cases=shown, policies=used)


class CaseView(Value):
    """A case as staff see it."""

    case: Case
    waits_for: CaseWait | None
    due_at: Moment | None
    intact: bool
    words: CaseWords
    standing: Standing

    @classmethod
    def of(cls, case: Case, texts: Mapping[str, str], standing: Standing, *, intact: bool) -> Self:
        """Return the view of a case."""
        told = {"waits_for": case.waits_for, "due_at": case.due_at, "intact": intact, "standing": standing}
        return cls(case=case, words=CaseWords.of(case, texts), **told)


class Cases(Value):
    """Some cases as staff see them."""

    cases: tuple[CaseView, ...]
