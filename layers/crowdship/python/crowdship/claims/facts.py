"""Facts that the platform knows about a claim: the delivery's stage, its proof, its promise, and what was booked. Pure.

Each kind of claim has one question. A proof that says the opposite contradicts a claim, a fact that says the same
supports it; all else is open.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from crowdship.claims.matrix import ClaimKind, ClaimStage, ClaimWeight
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.lateness import is_late
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason, State
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.proof.model import ProofRecord
from crowdship.proof.remarks import GoodsState
from crowdship.settlement.accounts import DRIVER_PAYABLE, MERCHANT_RECEIVABLE, kind_of
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import TIP
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.stop_kind import StopKind

NEAR_M = 150
"""Metres from the drop-off within which a hand-over was at the customer's door: the error of a phone between houses."""

FAR_M = 500

STAGES: dict[State, ClaimStage] = {
    State.DELIVERED: ClaimStage.DELIVERED,
    State.FAILED: ClaimStage.FAILED,
    State.RETURNED: ClaimStage.RETURNED,
    State.CANCELLED: ClaimStage.CANCELLED,
    State.EXPIRED: ClaimStage.CANCELLED,
}
"""The stage of each state in which a delivery has ended."""


class ClaimFinding(StrEnum):
    """Findings of the platform about a delivery."""

    PIN_MATCHED = "pin_matched"
    ID_CHECKED = "id_checked"
    PHOTO_TAKEN = "photo_taken"
    SIGNED = "signed"
    NEAR_DROPOFF = "near_dropoff"
    FAR_FROM_DROPOFF = "far_from_dropoff"
    POSITION_DOUBTED = "position_doubted"
    NO_PROOF = "no_proof"
    COMPLETED_BY_STAFF = "completed_by_staff"
    ON_TIME = "on_time"
    LATE_BY_PLATFORM = "late_by_platform"
    LATE_BY_MERCHANT = "late_by_merchant"
    GOODS_DAMAGED = "goods_damaged"
    GOODS_INTACT = "goods_intact"
    GOODS_WRONG = "goods_wrong"
    ITEMS_MISSING = "items_missing"
    GOODS_LOST = "goods_lost"
    ALL_SCANNED = "all_scanned"
    TEMPERATURE_KEPT = "temperature_kept"
    TEMPERATURE_LEFT = "temperature_left"
    SIGNATURE_NOT_ASKED = "signature_not_asked"
    SIGNATURE_ABSENT = "signature_absent"


IDENTIFIED = frozenset({ClaimFinding.PIN_MATCHED, ClaimFinding.ID_CHECKED})
"""Findings that show that the right person took the goods."""

SUPPORTING: dict[ClaimKind, frozenset[ClaimFinding]] = {
    ClaimKind.NOT_DELIVERED: frozenset({ClaimFinding.NO_PROOF, ClaimFinding.FAR_FROM_DROPOFF, ClaimFinding.GOODS_LOST}),
    ClaimKind.WRONG_ADDRESS: frozenset({ClaimFinding.FAR_FROM_DROPOFF}),
    ClaimKind.CHARGEBACK: frozenset({ClaimFinding.NO_PROOF, ClaimFinding.FAR_FROM_DROPOFF, ClaimFinding.GOODS_LOST}),
    ClaimKind.LATE: frozenset({ClaimFinding.LATE_BY_PLATFORM}),
    ClaimKind.DAMAGED: frozenset({ClaimFinding.GOODS_DAMAGED}),
    ClaimKind.MISSING_ITEMS: frozenset({ClaimFinding.ITEMS_MISSING}),
    ClaimKind.WRONG_ITEM: frozenset({ClaimFinding.GOODS_WRONG}),
    ClaimKind.TEMPERATURE_BROKEN: frozenset({ClaimFinding.TEMPERATURE_LEFT}),
    ClaimKind.SIGNATURE_MISSING: frozenset({ClaimFinding.SIGNATURE_ABSENT}),
    ClaimKind.OVERCHARGED: frozenset(),
    ClaimKind.PAY_WRONG: frozenset(),
}
"""Findings that support each kind of claim; one is enough."""

CONTRADICTING: dict[ClaimKind, frozenset[ClaimFinding]] = {
    ClaimKind.NOT_DELIVERED: IDENTIFIED,
    ClaimKind.WRONG_ADDRESS: IDENTIFIED,
    ClaimKind.CHARGEBACK: IDENTIFIED,
    ClaimKind.LATE: frozenset({ClaimFinding.ON_TIME}),
    ClaimKind.DAMAGED: frozenset(),
    ClaimKind.MISSING_ITEMS: frozenset({ClaimFinding.ALL_SCANNED}),
    ClaimKind.WRONG_ITEM: frozenset({ClaimFinding.ALL_SCANNED}),
    ClaimKind.TEMPERATURE_BROKEN: frozenset({ClaimFinding.TEMPERATURE_KEPT}),
    ClaimKind.SIGNATURE_MISSING: frozenset({ClaimFinding.SIGNED, ClaimFinding.SIGNATURE_NOT_ASKED}),
    ClaimKind.OVERCHARGED: frozenset(),
    ClaimKind.PAY_WRONG: frozenset(),
}
"""Findings that contradict each kind of claim."""

CONDITIONS: dict[GoodsState, ClaimFinding] = {
    GoodsState.INTACT: ClaimFinding.GOODS_INTACT,
    GoodsState.DAMAGED: ClaimFinding.GOODS_DAMAGED,
    GoodsState.OPENED: ClaimFinding.GOODS_DAMAGED,
    GoodsState.WET: ClaimFinding.GOODS_DAMAGED,
    GoodsState.WRONG: ClaimFinding.GOODS_WRONG,
    GoodsState.MISSING_ITEMS: ClaimFinding.ITEMS_MISSING,
}
"""The finding of each condition that a driver remarked."""


class Booked(Value):
    """Amounts that were booked for a delivery until now.

    Parameters
    ----------
    charge : Money
        Charged to the merchant, without tips.
    tip : Money
        Tips that were charged to the merchant; the driver has all of them.
    pay : Money
        Pay of one driver, without tips; not that of others who had it.
    """

    charge: Money
    tip: Money
    pay: Money

    @classmethod
    def of(cls, delivery: Delivery, driver_id: str | None) -> Self:
        """Return the sums of what the delivery's own events cause in the ledger.

        Parameters
        ----------
        driver_id : str or None
            The driver whose pay it is.
        """
        sums = dict.fromkeys(("charge", "tip", "pay"), 0)
        own = DRIVER_PAYABLE.of(driver_id) if driver_id else None
        for event in settling_events(delivery):
            posting = posting_for(event)
            for entry in posting.entries if posting else ():
                kind = kind_of(entry.account)
                if kind is MERCHANT_RECEIVABLE:
                    sums["tip" if entry.code == TIP else "charge"] += entry.signed
                elif entry.account == own and entry.code != TIP:
                    sums["pay"] -= entry.signed
        currency = delivery.price.tip.currency
        return cls(**{name: Money(amount=amount, currency=currency) for name, amount in sums.items()})


class ClaimFacts(Value):
    """Facts about a delivery as they were when a claim about it was opened.

    Parameters
    ----------
    weight : ClaimWeight
        What the findings say of the claim.
    """

    stage: ClaimStage
    weight: ClaimWeight
    findings: tuple[ClaimFinding, ...]
    booked: Booked
    goods_value: Money | None = None

    @classmethod
    def of(cls, kind: ClaimKind, delivery: Delivery, record: ProofRecord | None) -> Self:
        """Return the facts about a delivery that count for a kind of claim."""
        found = tuple(dict.fromkeys((*_of_proof(delivery, record), *_of_goods(delivery, record), *_of_time(delivery))))
        worth, currency = delivery.parcel.goods_value, delivery.price.tip.currency
        return cls(
            stage=STAGES.get(delivery.state, ClaimStage.UNDER_WAY),
            weight=weight_of(kind, found),
            findings=found,
            booked=Booked.of(delivery, delivery.driver_id),
            goods_value=None if worth is None else Money(amount=worth, currency=currency),
        )


def weight_of(kind: ClaimKind, findings: Iterable[ClaimFinding]) -> ClaimWeight:
    """Return what findings say of a kind of claim; where they say both, a person must look: it is open.

    Examples
    --------
    >>> weight_of(ClaimKind.LATE, [ClaimFinding.PIN_MATCHED, ClaimFinding.LATE_BY_PLATFORM])
    <ClaimWeight.SUPPORTS: 'supports'>
    >>> weight_of(ClaimKind.NOT_DELIVERED, [ClaimFinding.PIN_MATCHED, ClaimFinding.FAR_FROM_DROPOFF])
    <ClaimWeight.OPEN: 'open'>
    """
    found = frozenset(findings)
    supports, contradicts = bool(found & SUPPORTING[kind]), bool(found & CONTRADICTING[kind])
    if supports == contradicts:
        return ClaimWeight.OPEN
    return ClaimWeight.SUPPORTS if supports else ClaimWeight.CONTRADICTS


def _of_proof(delivery: Delivery, record: ProofRecord | None) -> Iterable[ClaimFinding]:
    if delivery.state is not State.DELIVERED:
        return
    if record is None or not record.captured_at:
        yield ClaimFinding.NO_PROOF
        return
    kinds = {image.kind for image in record.images}
    told = {
        ClaimFinding.PIN_MATCHED: record.pin_matched,
        ClaimFinding.ID_CHECKED: record.id_checked is not None,
        ClaimFinding.PHOTO_TAKEN: ImageKind.PHOTO in kinds,
        ClaimFinding.SIGNED: ImageKind.SIGNATURE in kinds,
        ClaimFinding.NEAR_DROPOFF: record.distance_m is not None and record.distance_m <= NEAR_M,
        ClaimFinding.FAR_FROM_DROPOFF: record.distance_m is not None and record.distance_m > FAR_M,
        ClaimFinding.POSITION_DOUBTED: State.DELIVERED in delivery.doubts,
        ClaimFinding.COMPLETED_BY_STAFF: record.voucher is not None,
        ClaimFinding.SIGNATURE_NOT_ASKED: not delivery.requirements.signature,
        ClaimFinding.SIGNATURE_ABSENT: delivery.requirements.signature and ImageKind.SIGNATURE not in kinds,
    }
    yield from (finding for finding, holds in told.items() if holds)


def _of_goods(delivery: Delivery, record: ProofRecord | None) -> Iterable[ClaimFinding]:
    reason = delivery.timeline[-1].reason if delivery.timeline else None
    of_reason = {
        FailureReason.GOODS_DAMAGED: ClaimFinding.GOODS_DAMAGED,
        FailureReason.GOODS_LOST: ClaimFinding.GOODS_LOST,
        FailureReason.TEMPERATURE_OUT_OF_RANGE: ClaimFinding.TEMPERATURE_LEFT,
    }
    yield from (finding for code, finding in of_reason.items() if delivery.state is State.FAILED and code == reason)
    if record is None:
        return
    yield from (CONDITIONS[remark.condition] for remark in record.remarks if remark.condition)
    wanted = delivery.requirements.temperature
    measured = [one.celsius for one in record.temperatures]
    if wanted and measured:
        yield ClaimFinding.TEMPERATURE_KEPT if all(map(wanted.holds, measured)) else ClaimFinding.TEMPERATURE_LEFT
    scanned = {code for scan in record.scans if scan.stop is StopKind.DROPOFF for code in scan.codes}
    if delivery.parcel_codes and scanned >= set(delivery.parcel_codes):
        yield ClaimFinding.ALL_SCANNED


def _of_time(delivery: Delivery) -> Iterable[ClaimFinding]:
    came = delivery.newest_step(State.ARRIVED_AT_DROPOFF) or delivery.newest_step(State.DELIVERED)
    if came is None:
        return
    if came.made_at <= delivery.dropoff_window.closes_at:
        yield ClaimFinding.ON_TIME
    else:
        yield ClaimFinding.LATE_BY_PLATFORM if is_late(delivery, came.made_at) else ClaimFinding.LATE_BY_MERCHANT
