"""A case about a driver's conduct: opened, decided by a person, served, appealed, answered by another person. Pure.

Time alone only makes effective what a person decided, ends it, or lifts an emergency suspension that nobody reviewed.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Self

from pydantic import Field

from crowdship.drivers.standing import Level, Standing
from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.kernel.events import Aggregate
from crowdship.standing.evidence import EvidenceItem, digest_of
from crowdship.standing.grounds import DANGERS, GRAVE, ConductGround, may_follow
from crowdship.standing.policy import ConductPolicy
from crowdship.standing.terms import REVIEW_DAYS, Terms, begins, begun_everywhere, day_of, effective_on
from crowdship.standing.values import (
    LONGEST_DAYS,
    SYSTEM,
    WARNING_DAYS,
    Appeal,
    AppealOutcome,
    CaseWait,
    Change,
    ConductDecision,
    Dismissal,
    SafetyStop,
)
from crowdship.vault.model import writing_token


class Case(Aggregate):
    """A case. The words about it are in the vault.

    Parameters
    ----------
    before : Standing
        The driver's standing when the case first changed it, which comes back if the case is overturned.
    takes_work : bool
        True while deliveries that the driver was given and can't fetch any more have still to go to other drivers.
    """

    driver_id: str
    zone_id: str
    time_zone: str = "UTC"
    ground: ConductGround
    opened_at: Moment
    opened_by: str
    evidence: tuple[EvidenceItem, ...]
    evidence_digest: str
    before: Standing = Standing()
    stop: SafetyStop | None = None
    decision: ConductDecision | None = None
    dismissal: Dismissal | None = None
    appeal: Appeal | None = None
    takes_work: bool = False
    texts: tuple[str, ...] = Field(default=(), description="Which words are in the vault")

    @classmethod
    def opened(
        cls,
        id: str,
        driver_id: str,
        zone_id: str,
        time_zone: str,
        ground: ConductGround,
        evidence: tuple[EvidenceItem, ...],
        by: str,
        at: datetime,
    ) -> Self:
        """Return a new case; one that the system opens is a proposal to people."""
        where = {"driver_id": driver_id, "zone_id": zone_id, "time_zone": time_zone, "ground": ground}
        digest = digest_of(evidence)
        return cls(id=id, **where, opened_at=at, opened_by=by, evidence=evidence, evidence_digest=digest)

    def token(self, text: str) -> str:
        """Return the vault's token of some words about it, such as ``reasons``."""
        return writing_token("standing", self.id, text)

    def with_text(self, text: str) -> Self:
        """Return it with the note that some words are in the vault."""
        return self.with_changes(texts=tuple(dict.fromkeys((*self.texts, text))))

    # -- what it waits for

    @property
    def is_closed(self) -> bool:
        """True once it is decided or dismissed."""
        return self.decision is not None or self.dismissal is not None

    @property
    def is_stopped(self) -> bool:
        """True while an emergency suspension stands that nobody has reviewed."""
        return self.stop is not None and self.stop.lapsed_at is None and not self.is_closed

    @property
    def waits_for(self) -> CaseWait | None:
        """The next act of people about it."""
        if self.appeal and not self.appeal.outcome:
            return CaseWait.APPEAL
        if self.is_closed:
            return None
        if self.is_stopped:
            return CaseWait.REVIEW
        return CaseWait.PROPOSAL if self.opened_by == SYSTEM else CaseWait.DECISION

    @property
    def is_overturned(self) -> bool:
        """True if an appeal against it was successful."""
        return self.appeal is not None and self.appeal.outcome is AppealOutcome.OVERTURNED

    @property
    def due_at(self) -> datetime | None:
        """The next moment at which time changes something about it."""
        return min(self._dues(), default=None)

    def _dues(self) -> Iterator[datetime]:
        if self.takes_work:
            yield self.opened_at
        if self.is_stopped and self.stop:
            yield self.stop.review_by
        if self.appeal and not self.appeal.outcome and not self.appeal.overdue_at:
            yield self.appeal.answer_by
        made = self.decision
        if made and not self.is_overturned:
            if made.effective_on and not made.effective_at:
                yield begins(made.effective_on, self.time_zone)
            if made.until and not made.ended_at:
                yield begins(made.until, self.time_zone)

    # -- what people do

    def stopped(self, now: datetime, by: str, standing: Standing) -> tuple[Self, Standing]:
        """Suspend the driver at once for somebody's safety; a person reviews it in time, or it lifts.

        Raises
        ------
        Unprocessable
            If the ground is no danger.
        Conflict
            If the case is closed or the driver is stopped by it already.
        """
        if self.ground not in DANGERS:
            detail = (
                f"{self.ground} is no danger to anybody; an emergency suspension needs {', '.join(sorted(DANGERS))}."
            )
            raise Unprocessable("no_danger", detail, "/ground")
        self._must_be_open()
        if self.stop:
            raise Conflict("stopped_already", f"This case stopped the driver at {written(self.stop.at)}; decide it.")
        if standing.bars(self._day(now)):
            raise Conflict(
                "barred_already", f"The driver is barred by case {standing.case_id} already; decide on that."
            )
        ends = self._day(now) + timedelta(days=REVIEW_DAYS)
        stop = SafetyStop(at=now, by=by, review_by=begins(ends, self.time_zone))
        # The end is in the standing, so it lifts by itself even if nothing runs.
        barred = {"barred_from": begun_everywhere(now), "until": ends}
        after = Standing(level=Level.SUSPENSION, since=now, case_id=self.id, **barred)
        changed = self.with_changes(stop=stop, before=standing, takes_work=True)
        return changed._told(Change.SUSPENDED_FOR_SAFETY, now, by, after), after

    def decided(
        self,
        level: Level,
        days: int | None,
        policy: ConductPolicy,
        terms: Terms,
        now: datetime,
        by: str,
        standing: Standing,
    ) -> tuple[Self, Standing]:
        """Lower the driver's standing by a person's decision, with the notice of the law.

        An emergency suspension whose time is over has lifted, also if nothing noted that yet.

        Raises
        ------
        Conflict
            If the case is closed, or the level can't follow the driver's present one.
        Unprocessable
            If a number of days is missing or too large, or given for a level without an end.
        """
        self._must_be_open()
        _refuse_days(level, days)
        case, lifted = self.advanced(now)
        if lifted is not None and standing.case_id == self.id:
            standing = lifted
        before = case.before if case.is_stopped else standing
        present = before.level if before.counts(self._day(now)) else Level.GOOD
        if not may_follow(present, level, self.ground):
            detail = f"{level} can't follow {present} on the ground {self.ground}; the next level is one step lower."
            raise Conflict("wrong_level", detail, "/level")
        # A driver stopped for somebody's safety stays stopped; everybody else works until the notice has run.
        stays = case.is_stopped and self.ground in GRAVE
        effective = None if not level.bars else begun_everywhere(now) if stays else effective_on(now, terms.notice.days)
        span = WARNING_DAYS if level is Level.WARNING else days
        until = (effective or self._day(now)) + timedelta(days=span) if span else None
        made = ConductDecision(
            level=level,
            previous=present,
            served_at=now,
            by=by,
            effective_on=effective,
            until=until,
            policy_id=policy.id,
            policy_digest=policy.digest,
            terms=terms,
            appeal_until=now + timedelta(days=terms.appeal_days),
        )
        after = Standing(level=level, since=now, case_id=self.id, barred_from=effective, until=until)
        return case.with_changes(decision=made, before=before)._told(Change.DECIDED, now, by, after), after

    def dismissed(self, now: datetime, by: str) -> tuple[Self, Standing | None]:
        """Close the case without a decision; a driver who was stopped has the standing from before again.

        Raises
        ------
        Conflict
            If the case is closed.
        """
        self._must_be_open()
        case, lifted = self.advanced(now)
        restored = case.before if case.is_stopped else lifted
        changed = case.with_changes(dismissal=Dismissal(at=now, by=by), takes_work=False)
        return (changed._told(Change.DISMISSED, now, by, restored) if self.stop else changed), restored

    def appealed(self, now: datetime) -> Self:
        """Let the driver appeal, once.

        Raises
        ------
        Conflict
            If there is no decision, the time is over, or an appeal was made.
        """
        if self.decision is None:
            raise Conflict("not_decided", "Nothing is decided in this case that could be appealed.")
        if self.appeal:
            raise Conflict(
                "appealed_already", f"You appealed at {written(self.appeal.made_at)}; that is being answered."
            )
        if now >= self.decision.appeal_until:
            detail = f"The time to appeal ended at {written(self.decision.appeal_until)}; write to support."
            raise Conflict("appeal_too_late", detail)
        made = Appeal(made_at=now, answer_by=now + timedelta(days=self.decision.terms.answer.days))
        told = {**self._names(), "answer_by": written(made.answer_by)}
        return self.with_changes(appeal=made).emitting("standing.appealed", now, told)

    def answered(self, outcome: AppealOutcome, now: datetime, by: str) -> tuple[Self, Standing | None]:
        """Answer the appeal by another person than the one who decided; overturned gives the standing back.

        Raises
        ------
        Conflict
            If there is no appeal, or it was answered.
        Forbidden
            ``same_person``, if the one who decided, or who stopped the driver, answers.
        """
        if self.appeal is None or self.decision is None:
            raise Conflict("no_appeal", "The driver has not appealed in this case.")
        if self.appeal.outcome:
            told = f"{self.appeal.outcome} at {written(self.appeal.answered_at or now)}"
            raise Conflict("answered_already", f"The appeal was {told} already.")
        if by in {self.decision.by, self.stop and self.stop.by}:
            raise Forbidden("same_person", "Whoever decided first does not answer the appeal; another person does.")
        given = {"outcome": outcome, "answered_at": now, "answered_by": by}
        overturned = outcome is AppealOutcome.OVERTURNED
        appeal = self.appeal.model_copy(update=given)
        changed = self.with_changes(appeal=appeal, takes_work=self.takes_work and not overturned)
        restored = self.before if overturned else None
        change = Change.OVERTURNED if restored else Change.UPHELD
        return changed._told(change, now, by, restored), restored

    def _must_be_open(self) -> None:
        if self.decision:
            told = f"{self.decision.level} at {written(self.decision.served_at)}"
            raise Conflict("decided_already", f"This case was decided already: {told}; open another one, or appeal.")
        if self.dismissal:
            raise Conflict("dismissed_already", f"This case was dismissed at {written(self.dismissal.at)}.")

    # -- what time does

    def advanced(self, now: datetime, *, counts: bool = True) -> tuple[Self, Standing | None]:
        """Return the case after the moments that have come, and the driver's standing if it changed; again, nothing.

        Parameters
        ----------
        counts : bool
            Whether the driver's standing is this case's. If a later case took its place, a beginning and an end are
            noted, and nobody is told: the driver would read that they can work, or can't.
        """
        case, restored = self, None
        if case.is_stopped and case.stop and now >= case.stop.review_by:
            lapsed = case.stop.model_copy(update={"lapsed_at": now})
            restored = case.before
            case = case.with_changes(stop=lapsed, takes_work=False)._told(Change.LAPSED, now, SYSTEM, restored)
        made, appeal = case.decision, case.appeal
        if appeal and not appeal.outcome and not appeal.overdue_at and now >= appeal.answer_by:
            case = case.with_changes(appeal=appeal.model_copy(update={"overdue_at": now}))
            case = case.emitting("standing.overdue", now, {**case._names(), "answer_by": written(appeal.answer_by)})
        if made is None or case.is_overturned:
            return case, restored
        if made.effective_on and not made.effective_at and now >= begins(made.effective_on, self.time_zone):
            made = made.model_copy(update={"effective_at": now})
            case = case.with_changes(decision=made, takes_work=counts)
            case = case._told(Change.EFFECTIVE, now, SYSTEM, None) if counts else case
        if made.until and not made.ended_at and now >= begins(made.until, self.time_zone):
            restored = Standing(since=now)
            case = case.with_changes(decision=made.model_copy(update={"ended_at": now}), takes_work=False)
            case = case._told(Change.ENDED, now, SYSTEM, restored) if counts else case
        return case, restored

    def work_taken(self) -> Self:
        """Note that the driver has no delivery any more that they can't fetch."""
        return self.with_changes(takes_work=False)

    def gives(self, now: datetime) -> bool:
        """Return whether the standing that it gave counts at a moment: not overturned, lifted, dismissed or ended."""
        case = self.advanced(now)[0]
        made = case.decision
        return not case.is_overturned and (case.is_stopped or (made is not None and made.ended_at is None))

    def _day(self, moment: datetime) -> date:
        """Return the day that a moment is in where the driver worked when the case was opened."""
        return day_of(moment, self.time_zone)

    def _names(self) -> dict[str, Any]:
        return {"case_id": self.id, "driver_id": self.driver_id, "zone_id": self.zone_id, "ground": str(self.ground)}

    def _told(self, change: Change, now: datetime, by: str, standing: Standing | None) -> Self:
        made = self.decision
        level = standing.level if standing else made.level if made else None
        effective, until = (standing.barred_from, standing.until) if standing else (None, None)
        data = {
            **self._names(),
            "change": str(change),
            "level": level and str(level),
            "effective_on": _written(effective),
            "until": _written(until),
            "appeal_until": written(made.appeal_until) if made else None,
            "policy_id": made.policy_id if made else None,
            "evidence_digest": self.evidence_digest,
            "actor": by,
        }
        return self.emitting("standing.changed", now, data)


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _refuse_days(level: Level, days: int | None) -> None:
    longest = LONGEST_DAYS.get(level)
    if level is Level.GOOD:
        raise Unprocessable("wrong_level", "A decision lowers the standing; dismiss the case to leave it.", "/level")
    if longest is None and days is not None:
        raise Unprocessable("no_days", f"A {level} has no number of days; leave days out.", "/days")
    if longest is not None and (days is None or days > longest):
        raise Unprocessable("days_needed", f"A {level} needs days, from 1 to {longest}.", "/days")
