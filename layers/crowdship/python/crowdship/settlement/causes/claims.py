"""Claims: refunds and compensation of merchants, pay that is taken, given, put on hold and released."""

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import CLAIMS, DRIVER_HELD, DRIVER_PAYABLE, MERCHANT_RECEIVABLE
from crowdship.settlement.causes.reading import EventData
from crowdship.settlement.ledger import Posting, PostingKind, entry

REFUNDED = "refunded"
TIP_REFUNDED = "tip_refunded"
COMPENSATED = "compensated"
CLAIMED = "claimed"
ON_HOLD = "on_hold"

CHARGEBACK = "chargeback"
"""The kind of claim that is booked as a chargeback."""


class _ClaimData(EventData):
    """Fields of all events of a claim."""

    claim_id: str
    kind: str
    merchant_id: str
    delivery_id: str
    external_id: str
    driver_id: str | None


class _HeldData(_ClaimData):
    driver_id: str
    amount: Money


class _Refund(_ClaimData):
    charge: Money
    tip: Money


class _Award(EventData):
    goods: Money
    from_driver: Money
    to_driver: Money


class _DecidedData(_ClaimData):
    award: _Award


def _about(data: _ClaimData) -> dict[str, str]:
    return {"delivery_id": data.delivery_id, "external_id": data.external_id, "note": data.claim_id}


def hold_posting(event: DomainEvent) -> Posting:
    """Return the posting that puts pay on hold until a claim ends: the driver is owed it, and it is not paid out."""
    return _moved(event, PostingKind.HOLD, 1)


def release_posting(event: DomainEvent) -> Posting:
    """Return the posting that ends a hold, whatever became of the claim; with it the held account clears to zero."""
    return _moved(event, PostingKind.HOLD_RELEASE, -1)


def _moved(event: DomainEvent, kind: PostingKind, sign: int) -> Posting:
    data = _HeldData.model_validate(event.data)
    amount = data.amount if sign > 0 else -data.amount
    entries = (
        *entry(DRIVER_PAYABLE.of(data.driver_id), amount, ON_HOLD),
        *entry(DRIVER_HELD.of(data.driver_id), -amount, ON_HOLD, item=data.claim_id),
    )
    return Posting.caused_by(event.id, kind, event.time, entries, **_about(data))


def refund_posting(event: DomainEvent) -> Posting:
    """Return the posting of a refund: the merchant owes less, at the platform's cost; the driver keeps pay and tip."""
    data = _Refund.model_validate(event.data)
    receivable = MERCHANT_RECEIVABLE.of(data.merchant_id)
    entries = (
        *entry(CLAIMS.group, data.charge + data.tip, REFUNDED),
        *entry(receivable, -data.charge, REFUNDED),
        *entry(receivable, -data.tip, TIP_REFUNDED),
    )
    return Posting.caused_by(event.id, PostingKind.REFUND, event.time, entries, **_about(data))


def claim_posting(event: DomainEvent) -> Posting | None:
    """Return the posting of a decision: the merchant's compensation, and what a driver bears or gets; None if nothing.

    The platform's cost is what the merchant gets less what the driver bears.
    """
    data = _DecidedData.model_validate(event.data)
    award = data.award
    if not (award.goods.amount or award.from_driver.amount or award.to_driver.amount):
        return None
    entries = [*entry(MERCHANT_RECEIVABLE.of(data.merchant_id), -award.goods, COMPENSATED)]
    cost = award.goods
    if data.driver_id:
        payable = DRIVER_PAYABLE.of(data.driver_id)
        entries += [*entry(payable, award.from_driver, CLAIMED), *entry(payable, -award.to_driver, COMPENSATED)]
        cost = cost + award.to_driver - award.from_driver
    entries += entry(CLAIMS.group, cost, CLAIMED)
    kind = PostingKind.CHARGEBACK if data.kind == CHARGEBACK else PostingKind.CLAIM
    return Posting.caused_by(event.id, kind, event.time, entries, **_about(data))


POSTINGS = {
    "claim.held": hold_posting,
    "claim.released": release_posting,
    "claim.decided": claim_posting,
    "refund.granted": refund_posting,
}
"""The posting of each type of event of a claim that moves money."""
