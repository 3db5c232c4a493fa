"""Bodies of requests about claims."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crowdship.claims.matrix import ClaimKind
from crowdship.claims.values import Award, ClaimEvidence, ClaimVerdict
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of
from crowdship.vault.model import MessageText

MOST = 100_000_000
"""The most minor units that one claim may name: a guard against typing errors."""


def _reasonable(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 <= amount.amount <= MOST:
        raise ValueError(f"a claim is of 0 to {MOST} minor units, not of {amount.amount}")
    return amount


ClaimedAmount = Annotated[Money, AfterValidator(_reasonable)]

ClaimReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]


class ClaimOpening(Value):
    """A new claim about a delivery.

    Parameters
    ----------
    reference : str
        The opener's own name of the claim; the same name again is the same claim.
    amount : Money
        What is claimed for the goods, or as missing pay; 0 if only the charge is in question.
    words : str
        What happened.
    """

    reference: ClaimReference = Field(examples=["ticket-4711"])
    delivery_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    kind: ClaimKind
    amount: ClaimedAmount
    words: MessageText
    evidence: tuple[ClaimEvidence, ...] = Field(default=(), max_length=20)


ClaimId = Annotated[str, StringConstraints(pattern=r"^clm_[0-9a-z]{10,40}$")]


class MerchantClaimInput(Value):
    """Request of a merchant about claims: a new one, or the withdrawal of one."""

    opening: ClaimOpening | None = None
    withdraws: ClaimId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.opening is None) == (self.withdraws is None):
            raise ValueError("send opening, for a new claim, or withdraws, the id of one; not both")
        return self


class ClaimDecisionInput(Value):
    """A verdict on a claim.

    Parameters
    ----------
    claim_id : str
        The claim.
    award : Award, optional
        What is granted; what the matrix suggests if it is left out.
    reasons : str
        The reasons; merchant and driver read them.
    """

    claim_id: ClaimId
    verdict: ClaimVerdict
    award: Award | None = None
    reasons: MessageText

    @model_validator(mode="after")
    def _award_is_granted(self) -> Self:
        if self.award is not None and self.verdict is not ClaimVerdict.GRANT:
            raise ValueError(f"an award goes with the verdict {ClaimVerdict.GRANT}, not with {self.verdict}")
        return self


class StaffClaimInput(Value):
    """Request of staff about claims: a new one, or a decision on one."""

    opening: ClaimOpening | None = None
    decision: ClaimDecisionInput | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.opening is None) == (self.decision is None):
            raise ValueError("send opening or decision, one of them")
        return self


class ClaimAnswerInput(Value):
    """A driver's answer to a claim in their words."""

    words: MessageText
