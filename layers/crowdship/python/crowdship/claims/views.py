"""Views of claims: what a merchant, a driver and staff see."""

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import Field

from crowdship.claims.claim import Claim
from crowdship.claims.facts import ClaimFinding
from crowdship.claims.matrix import Bearer, ClaimKind, ClaimOutcome, ClaimStage, ClaimWeight, Decides
from crowdship.claims.values import Award, ClaimEvidence, ClaimState, Proposed
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money


class ClaimWords(Value):
    """The words about a claim; None where there are none, or they were erased."""

    opening: str | None = None
    answer: str | None = None
    reasons: str | None = None

    @classmethod
    def of(cls, claim: Claim, texts: Mapping[str, str]) -> Self:
        """Return the words about a claim, from texts by token."""
        return cls(**{name: texts.get(claim.token(name)) for name in claim.texts})


class MerchantClaim(Value):
    """A claim as its merchant sees it; what the driver said is not part of it.

    Parameters
    ----------
    refunded : Money or None
        What comes back of charge and tip; None while it is open.
    compensation : Money or None
        What is paid for the goods.
    """

    claim_id: str
    reference: str
    kind: ClaimKind
    delivery_id: str
    external_id: str
    state: ClaimState
    amount: Money
    evidence: tuple[ClaimEvidence, ...]
    findings: tuple[ClaimFinding, ...]
    opened_at: Moment
    decide_by: Moment
    decided_at: Moment | None
    refunded: Money | None
    compensation: Money | None
    words: str | None
    reasons: str | None

    @classmethod
    def of(cls, claim: Claim, texts: Mapping[str, str]) -> Self:
        """Return the view of a claim."""
        said, made = ClaimWords.of(claim, texts), claim.decision
        return cls(
            claim_id=claim.id,
            reference=claim.reference,
            kind=claim.kind,
            delivery_id=claim.delivery_id,
            external_id=claim.external_id,
            # Merchants don't see how decisions are made here.
            state=claim.state if claim.is_closed else ClaimState.TO_DECIDE,
            amount=claim.asked,
            evidence=claim.evidence,
            findings=claim.facts.findings,
            opened_at=claim.opened_at,
            decide_by=claim.decide_by,
            decided_at=made.at if made else claim.withdrawn_at,
            refunded=made.award.refund if made else None,
            compensation=made.award.goods if made else None,
            words=said.opening,
            reasons=said.reasons if claim.is_closed else None,
        )


class MerchantClaims(Value):
    """A page of a merchant's claims; ``next_cursor`` is null on the last."""

    claims: tuple[MerchantClaim, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, claims: Iterable[Claim], texts: Mapping[str, str], next_cursor: str | None) -> Self:
        """Return a page."""
        return cls(claims=tuple(MerchantClaim.of(claim, texts) for claim in claims), next_cursor=next_cursor)


class DriverClaim(Value):
    """A claim as its driver sees it.

    Parameters
    ----------
    asks : str or None
        What is claimed, in the words of whoever opened it.
    held : Money or None
        Pay of the delivery that is on hold until the end; None if nothing is.
    taken : Money or None
        What was taken from the pay by a person's decision; None while it is open. Tips are never taken.
    """

    claim_id: str
    kind: ClaimKind
    delivery_id: str
    state: ClaimState
    findings: tuple[ClaimFinding, ...]
    opened_at: Moment
    answer_by: Moment | None
    answered_at: Moment | None
    may_answer: bool
    decide_by: Moment
    decided_at: Moment | None
    held: Money | None
    taken: Money | None
    asks: str | None
    answer: str | None
    reasons: str | None

    @classmethod
    def of(cls, claim: Claim, texts: Mapping[str, str], now: Moment) -> Self:
        """Return the view of a claim at a moment."""
        said, made = ClaimWords.of(claim, texts), claim.decision
        answers = claim.answer_by is not None and now < claim.answer_by and claim.answered_at is None
        return cls(
            claim_id=claim.id,
            kind=claim.kind,
            delivery_id=claim.delivery_id,
            state=claim.state if claim.is_closed or claim.state is ClaimState.AWAITING_ANSWER else ClaimState.TO_DECIDE,
            findings=claim.facts.findings,
            opened_at=claim.opened_at,
            answer_by=claim.answer_by,
            answered_at=claim.answered_at,
            may_answer=answers and not claim.is_closed,
            decide_by=claim.decide_by,
            decided_at=made.at if made else claim.withdrawn_at,
            held=None if claim.is_closed else claim.held,
            taken=made.award.from_driver if made else None,
            asks=said.opening,
            answer=said.answer,
            reasons=said.reasons if claim.is_closed else None,
        )


class DriverClaims(Value):
    """The claims that a driver is or was asked about, the newest first."""

    claims: tuple[DriverClaim, ...]

    @classmethod
    def of(cls, claims: Iterable[Claim], texts: Mapping[str, str], now: Moment) -> Self:
        """Return the view of some claims at a moment."""
        return cls(claims=tuple(DriverClaim.of(claim, texts, now) for claim in claims))


class StaffClaim(Value):
    """A claim as staff see it, with the matrix's proposal.

    Parameters
    ----------
    bears : Bearer
        Who bears it by the matrix.
    most_from_driver : Money
        The most that a person may lay on the driver.
    suggested : Award or None
        What the matrix grants as things are; None once it is closed.
    """

    claim_id: str
    reference: str
    kind: ClaimKind
    state: ClaimState
    outcome: ClaimOutcome | None
    merchant_id: str
    delivery_id: str
    external_id: str
    zone_id: str
    driver_id: str | None
    opened_by: str
    opened_at: Moment
    asked: Money
    evidence: tuple[ClaimEvidence, ...]
    stage: ClaimStage
    weight: ClaimWeight
    findings: tuple[ClaimFinding, ...]
    charge: Money
    tip: Money
    pay: Money
    bears: Bearer
    decides: Decides
    lapses: ClaimOutcome = Field(description="The outcome if nobody decides in time")
    most_from_driver: Money
    suggested: Award | None
    answer_by: Moment | None
    answered_at: Moment | None
    decide_by: Moment
    held: Money | None
    proposed: Proposed | None
    award: Award | None
    decided_by: str | None
    confirmed_by: str | None
    decided_at: Moment | None
    words: ClaimWords

    @classmethod
    def of(cls, claim: Claim, texts: Mapping[str, str], suggested: Award | None) -> Self:
        """Return the view of a claim."""
        made, cell, facts = claim.decision, claim.cell, claim.facts
        same = {
            name: getattr(claim, name)
            for name in cls.model_fields.keys() & Claim.model_fields.keys() - {"facts", "decision"}
        }
        return cls(
            claim_id=claim.id,
            outcome=claim.outcome,
            stage=facts.stage,
            weight=facts.weight,
            findings=facts.findings,
            charge=facts.booked.charge,
            tip=facts.booked.tip,
            pay=facts.booked.pay,
            bears=cell.bears,
            decides=cell.decides,
            lapses=cell.lapses,
            most_from_driver=claim.most_from_driver,
            suggested=suggested,
            award=made.award if made else None,
            decided_by=made.by if made else claim.withdrawn_by,
            confirmed_by=made.confirmed_by if made else None,
            decided_at=made.at if made else claim.withdrawn_at,
            words=ClaimWords.of(claim, texts),
            **same,
        )


class StaffClaims(Value):
    """Some claims as staff see them."""

    claims: tuple[StaffClaim, ...]
