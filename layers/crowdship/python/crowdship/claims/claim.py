"""A claim about a delivery: opened, answered by the driver, decided once by the matrix, a person or time. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import Field

from crowdship.claims.facts import ClaimFacts
from crowdship.claims.matrix import (
    Bearer,
    Cell,
    ClaimKind,
    ClaimOutcome,
    Decides,
    Opener,
    kinds,
    matrix,
)
from crowdship.claims.opening import refuse_opening
from crowdship.claims.values import (
    FINAL,
    REPRESENTED_DAYS,
    SYSTEM,
    Award,
    ClaimDecision,
    ClaimEvidence,
    ClaimState,
    ClaimVerdict,
    Left,
    Proposed,
    award_of,
    share,
)
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate
from crowdship.kernel.money import Money
from crowdship.vault.model import writing_token


class Claim(Aggregate):
    """A claim. The words about it are in the vault.

    Parameters
    ----------
    reference : str
        The name that its opener gave it; one name is one claim.
    asked : Money
        What is claimed for the goods, or as missing pay.
    answer_by : datetime or None
        Until when the driver may answer; None if no driver is asked.
    decide_by : datetime
        When time decides as the matrix says.
    held : Money or None
        Pay of the driver that is on hold until the end.
    """

    reference: str
    kind: ClaimKind
    merchant_id: str
    delivery_id: str
    external_id: str
    zone_id: str
    driver_id: str | None
    livemode: bool = True
    opener: Opener
    opened_by: str
    opened_at: Moment
    asked: Money
    evidence: tuple[ClaimEvidence, ...] = ()
    facts: ClaimFacts
    answer_by: Moment | None = None
    decide_by: Moment
    answered_at: Moment | None = None
    held: Money | None = None
    proposed: Proposed | None = None
    represented_at: Moment | None = None
    state: ClaimState = ClaimState.TO_DECIDE
    decision: ClaimDecision | None = None
    withdrawn_at: Moment | None = None
    withdrawn_by: str | None = None
    texts: tuple[str, ...] = Field(default=(), description="Which words are in the vault")

    @classmethod
    def opened(
        cls,
        id: str,
        reference: str,
        kind: ClaimKind,
        delivery: Delivery,
        facts: ClaimFacts,
        asked: Money,
        evidence: tuple[ClaimEvidence, ...],
        opener: Opener,
        by: str,
        now: datetime,
        left: Left | None = None,
    ) -> Self:
        """Return a new claim, with the deadlines of its kind; a driver who may bear it is asked.

        Parameters
        ----------
        left : Left, optional
            What earlier claims left of the pay; the hold takes no more.

        Raises
        ------
        Unprocessable
            If the opener may not open such a claim, the time to claim is over, or the amount's currency is another one.
        """
        terms = kinds()[kind]
        refuse_opening(kind, terms, delivery, asked, opener, now)
        cell = matrix()[kind, facts.stage, facts.weight]
        asks = cell.bears is Bearer.DRIVER and delivery.driver_id is not None and terms.answer_days > 0
        claim = cls(
            id=id,
            reference=reference,
            kind=kind,
            merchant_id=delivery.merchant_id,
            delivery_id=delivery.id,
            external_id=delivery.external_id,
            zone_id=delivery.zone_id,
            driver_id=delivery.driver_id,
            livemode=delivery.livemode,
            opener=opener,
            opened_by=by,
            opened_at=now,
            asked=asked,
            evidence=evidence,
            facts=facts,
            answer_by=terms.after(now, terms.answer_days) if asks else None,
            decide_by=terms.after(now, terms.decide_days),
            state=ClaimState.AWAITING_ANSWER if asks else ClaimState.TO_DECIDE,
        )
        told = {"opener": str(opener), "asked": asked.model_dump(), "asks_driver": asks}
        due = {"answer_by": _written(claim.answer_by), "decide_by": written(claim.decide_by)}
        claim = claim.emitting("claim.opened", now, {**claim._names(), **told, **due})
        most = share(facts.booked.pay, cell.pay)
        held = left.of_pay(most) if left else most
        return claim._holding(held, now) if asks and held.amount > 0 else claim

    # -- what it is

    @property
    def cell(self) -> Cell:
        """The matrix's answer, by the facts at its opening."""
        return matrix()[self.kind, self.facts.stage, self.facts.weight]

    @property
    def is_closed(self) -> bool:
        """True once it has its one outcome."""
        return self.state in FINAL

    @property
    def outcome(self) -> ClaimOutcome | None:
        """The outcome; None while it is open."""
        return ClaimOutcome(self.state.value) if self.is_closed else None

    @property
    def due_at(self) -> datetime | None:
        """The next moment at which time changes something about it."""
        return min(self._dues(), default=None)

    def _dues(self) -> Iterator[datetime]:
        if self.is_closed:
            return
        yield self.decide_by
        if self.state is ClaimState.AWAITING_ANSWER and self.answer_by:
            yield self.answer_by

    @property
    def most_from_driver(self) -> Money:
        """The most of this delivery's pay that a person may lay on the driver; tips are never touched."""
        return share(self.facts.booked.pay, self.cell.pay)

    def suggested(self, left: Left) -> Award:
        """Return what the matrix grants as things are."""
        return award_of(self.cell, self.asked, self.facts.booked, left)

    def is_automatic(self, award: Award, limit: Money) -> bool:
        """Return whether the matrix decides it at once, which it does for small amounts only."""
        if self.cell.decides is not Decides.AUTOMATIC or self.is_closed:
            return False
        return award.total.currency == limit.currency and award.total.amount <= limit.amount

    def token(self, text: str) -> str:
        """Return the vault's token of some words about it, such as ``answer``."""
        return writing_token("claim", self.id, text)

    def with_text(self, text: str) -> Self:
        """Return it with the note that some words are in the vault."""
        return self.with_changes(texts=tuple(dict.fromkeys((*self.texts, text))))

    def awaits_answer(self, now: datetime) -> bool:
        """Return whether the driver may still answer, whatever people decided meanwhile."""
        return self.answer_by is not None and self.answered_at is None and now < self.answer_by

    # -- what people do

    def answered(self, now: datetime) -> Self:
        """Return it with the driver's answer.

        Raises
        ------
        Conflict
            If the driver is not asked, has answered, or the time is over.
        """
        if self.answered_at:
            raise Conflict("answered_already", f"You answered at {written(self.answered_at)}; a person reads it.")
        if self.answer_by is None:
            raise Conflict("not_asked", "This claim is not laid on you, so there is nothing to answer.")
        if self.is_closed or now >= self.answer_by:
            detail = f"The time to answer ended at {written(self.answer_by)}; write to support."
            raise Conflict("answer_too_late", detail)
        state = ClaimState.TO_DECIDE if self.state is ClaimState.AWAITING_ANSWER else self.state
        changed = self.with_changes(answered_at=now, state=state)
        return changed.emitting("claim.answered", now, changed._names())

    def by_matrix(self, award: Award, now: datetime) -> Self:
        """Return it as the matrix decides it at once."""
        return self._granted_or_refused(award, ClaimDecision(award=award, at=now, by=SYSTEM))

    def decided(
        self, verdict: ClaimVerdict, award: Award | None, by: str, now: datetime, left: Left, alone: bool
    ) -> Self:
        """Return it after a person's verdict.

        Parameters
        ----------
        award : Award or None
            What is granted; the matrix's award if left out.
        alone : bool
            True if the person may grant the award without a second one.

        Raises
        ------
        Conflict
            If it is closed, the driver may still answer, no proposal waits, or the same person proposed.
        Unprocessable
            If the award is above what is left, or lays more on the driver than the matrix allows.
        """
        case = self.advanced(now, left)
        case._must_be_open()
        match verdict:
            case ClaimVerdict.REFUSE:
                nothing = Award.none(case.asked.currency)
                return case._closed(ClaimState.REFUSED, ClaimDecision(award=nothing, at=now, by=by))
            case ClaimVerdict.REPRESENT:
                return case._represented(now)
            case ClaimVerdict.GRANT:
                granted = award or case.suggested(left)
                case._refuse_award(granted, left, now)
                if alone:
                    return case._granted_or_refused(granted, ClaimDecision(award=granted, at=now, by=by))
                proposed = Proposed(award=granted, by=by, at=now)
                return case.with_changes(proposed=proposed, state=ClaimState.TO_CONFIRM)
        waiting = case._waiting(by, verdict)
        if verdict is ClaimVerdict.RETURN:
            awaited = ClaimState.AWAITING_ANSWER if case.awaits_answer(now) else ClaimState.TO_DECIDE
            return case.with_changes(proposed=None, state=awaited)
        case._refuse_award(waiting.award, left, now)
        made = ClaimDecision(award=waiting.award, at=now, by=waiting.by, confirmed_by=by)
        return case._granted_or_refused(waiting.award, made)

    def _waiting(self, by: str, verdict: ClaimVerdict) -> Proposed:
        if self.proposed is None or self.state is not ClaimState.TO_CONFIRM:
            raise Conflict("nothing_proposed", f"No grant waits for a second person; {verdict} needs one.")
        if verdict is ClaimVerdict.CONFIRM and by.casefold() == self.proposed.by.casefold():
            detail = f"{self.proposed.by} proposed this grant, so another person must confirm it."
            raise Conflict("second_person_needed", detail)
        return self.proposed

    def _represented(self, now: datetime) -> Self:
        if self.kind is not ClaimKind.CHARGEBACK:
            detail = f"Only a chargeback is contested with the bank, not a claim of kind {self.kind}."
            raise Unprocessable("no_chargeback", detail, "/verdict")
        if self.represented_at:
            raise Conflict("represented_already", f"It was contested at {written(self.represented_at)}.")
        until = now + timedelta(days=REPRESENTED_DAYS)
        return self.with_changes(represented_at=now, decide_by=until, state=ClaimState.REPRESENTED, proposed=None)

    def withdrawn(self, by: str, now: datetime) -> Self:
        """Return it withdrawn by whoever opened it; a withdrawn one stays so.

        Raises
        ------
        Conflict
            If it is decided.
        """
        if self.state is ClaimState.WITHDRAWN:
            return self
        self._must_be_open()
        changed = self.with_changes(state=ClaimState.WITHDRAWN, withdrawn_at=now, withdrawn_by=by, proposed=None)
        return changed.emitting("claim.withdrawn", now, changed._names())._released(now)

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise Conflict("claim_closed", f"The claim is {self.state} since {written(self._closed_at())}.")

    def _closed_at(self) -> datetime:
        return self.decision.at if self.decision else self.withdrawn_at or self.opened_at

    def _refuse_award(self, award: Award, left: Left, now: datetime) -> None:
        """Refuse an award that is more than what is left, or that lays on the driver what must not be."""
        if award.total.currency != self.asked.currency:
            detail = f"The delivery was charged in {self.asked.currency}, so the award must be, too."
            raise Unprocessable("wrong_currency", detail, "/award")
        for name in ("charge", "tip", "goods"):
            most: Money | None = getattr(left, name)
            given: Money = getattr(award, name)
            if most is not None and given.amount > max(0, most.amount):
                detail = f"At most {most} of the {name} is left to be given back, not {given}."
                raise Unprocessable("more_than_charged", detail, f"/award/{name}")
        if award.goods.amount > self.asked.amount:
            raise Unprocessable("more_than_asked", f"{self.asked} is claimed, not {award.goods}.", "/award/goods")
        if award.to_driver.amount and (self.driver_id is None or self.kind is not ClaimKind.PAY_WRONG):
            detail = f"Only a claim of kind {ClaimKind.PAY_WRONG} pays the driver."
            raise Unprocessable("no_pay_claim", detail, "/award/to_driver")
        if award.to_driver.amount > self.asked.amount:
            raise Unprocessable(
                "more_than_asked", f"{self.asked} is claimed, not {award.to_driver}.", "/award/to_driver"
            )
        if not award.from_driver.amount:
            return
        if self.answer_by and self.awaits_answer(now):
            detail = f"The driver may answer until {written(self.answer_by)}; decide against them after that."
            raise Conflict("answer_awaited", detail)
        most_taken = left.of_pay(self.most_from_driver)
        if self.driver_id is None or award.from_driver.amount > most_taken.amount:
            detail = f"At most {most_taken} of this delivery's pay may be laid on the driver, and no tip."
            raise Unprocessable("too_much_from_driver", detail, "/award/from_driver")

    # -- what time does

    def advanced(self, now: datetime, left: Left) -> Self:
        """Return it after the moments that have come; the same again if there is none."""
        claim = self
        if claim.state is ClaimState.AWAITING_ANSWER and claim.answer_by and now >= claim.answer_by:
            claim = claim.with_changes(state=ClaimState.TO_DECIDE)
        if claim.is_closed or now < claim.decide_by:
            return claim
        grants = claim.cell.lapses is ClaimOutcome.GRANTED
        award = claim.suggested(left.by_time) if grants else Award.none(claim.asked.currency)
        return claim._granted_or_refused(award, ClaimDecision(award=award, at=now, by=SYSTEM, lapsed=True))

    # -- its end

    def _granted_or_refused(self, award: Award, made: ClaimDecision) -> Self:
        return self._closed(ClaimState.REFUSED if award.is_nothing else ClaimState.GRANTED, made)

    def _closed(self, state: ClaimState, made: ClaimDecision) -> Self:
        award = made.award
        bears = Bearer.DRIVER if award.from_driver.amount else Bearer.PLATFORM if not award.is_nothing else None
        changed = self.with_changes(state=state, decision=made, proposed=None)
        data = {
            **changed._names(),
            "outcome": str(state),
            "bears": str(bears or (self.cell.bears if self.cell.bears is not Bearer.DRIVER else Bearer.NOBODY)),
            "award": award.model_dump(),
            "actor": SYSTEM if made.by == SYSTEM else "staff",
            "lapsed": made.lapsed,
        }
        changed = changed.emitting("claim.decided", made.at, data)
        if award.refund.amount:
            refund = {"charge": award.charge.model_dump(), "tip": award.tip.model_dump()}
            changed = changed.emitting("refund.granted", made.at, {**changed._names(), **refund})
        return changed._released(made.at)

    def _holding(self, amount: Money, now: datetime) -> Self:
        data = {**self._names(), "amount": amount.model_dump()}
        return self.with_changes(held=amount).emitting("claim.held", now, data)

    def _released(self, now: datetime) -> Self:
        if self.held is None:
            return self
        return self.emitting("claim.released", now, {**self._names(), "amount": self.held.model_dump()})

    def _names(self) -> dict[str, Any]:
        return {
            "claim_id": self.id,
            "kind": str(self.kind),
            "merchant_id": self.merchant_id,
            "delivery_id": self.delivery_id,
            "external_id": self.external_id,
            "zone_id": self.zone_id,
            "driver_id": self.driver_id,
            "livemode": self.livemode,
        }


def _written(moment: datetime | None) -> str | None:
    return written(moment) if moment else None
