"""Postings of fixed causes, compared with a recorded file: ids, accounts, amounts and fields stay as they are booked.

``python -m tests.unit.settlement.test_recorded_postings`` writes the file anew.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

from crowdship.payouts.model import Payout, PayoutState, StatementPart, Withheld
from crowdship.payouts.postings import posting_of
from crowdship.payouts.provider import Accepted, NewsState, Speed
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import Posting, PostingKind
from tests.books import statements_for
from tests.contracts import event_types, sample
from tests.unit.settlement.test_postings import DAY, NOON, PRICE, adjustment, called_off, closed, event_of, tipped, usd

RECORDED = Path(__file__).with_name("recorded_postings.jsonl")

ENDS = (
    ("delivered", "arrived_at_dropoff", None),
    ("returned", "returning", "customer_refused"),
    ("failed", "arrived_at_pickup", "shop_closed"),
    ("failed", "arrived_at_dropoff", "nobody_there"),
    ("failed", "returning", "goods_lost"),
    ("cancelled", "created", "duplicate"),
    ("cancelled", "assigned", "out_of_stock"),
    ("cancelled", "en_route_to_pickup", "out_of_stock"),
    ("cancelled", "arrived_at_pickup", "shop_closed"),
)
ODD_PRICE = {
    "charge": [{"code": "base", "amount": {"amount": 333, "currency": "EUR"}}],
    "pay": [
        {"code": "base", "amount": {"amount": 334, "currency": "EUR"}},
        {"code": "distance", "amount": {"amount": 1, "currency": "EUR"}},
    ],
    "tip": {"amount": 0, "currency": "EUR"},
    "return_percent": 35,
}
FREE = {"charge": [], "pay": [], "tip": {"amount": 0, "currency": "USD"}}


def held(verdict):
    """Return a hold as an event tells it; ``verdict`` is None while nobody decided."""
    decision = {"verdict": verdict, "ground": "other", "actor": "ana", "at": "2026-03-02T12:00:00Z"}
    return {"doubts": {"delivered": "far_from_stop"}, "decision": decision if verdict else None}


def events():
    """Return fixed events by what they are about."""
    for (state, previous, reason), undeliverable, priced in product(
        ENDS, ("return", "dispose"), ({"price": PRICE}, {"price": ODD_PRICE})
    ):
        label = f"{state} from {previous}, {undeliverable}, {priced['price']['tip']['currency']}"
        yield label, closed(state, previous, reason=reason, undeliverable=undeliverable, **priced)
    for charge, pay in ((0, 0), (0, 100), (50, 25), (100, 100)):
        shares = {"cancellation": called_off(charge, pay)}
        yield f"cancelled, {charge} and {pay} percent", closed("cancelled", "assigned", **shares)
        yield f"returned, {charge} and {pay} percent", closed("returned", "returning", **shares)
    yield "delivered for nothing", closed(price=FREE)
    yield "expired", closed("expired", "created", driver_id=None)
    yield "a late tip", tipped()
    for verdict in (None, "released", "refused"):
        yield f"delivered, held, {verdict}", closed(hold=held(verdict))
        decided = event_of(f"delivery.pay_{verdict or 'released'}", closed(hold=held(verdict)))
        yield f"{decided.type}, {verdict}", decided
    for kind in ("quest", "batch_bonus", "peak_bonus", "guarantee"):
        for name in ("incentive.earned", "incentive.reversed"):
            told = sample(name)
            yield f"{name}, {kind}", event_of(name, {**told, "data": {**told["data"], "kind": kind}})
    yield "a block's guarantee", event_of("block.guaranteed", sample("block.guaranteed"))
    yield "a true-up", event_of("pay_floor.due", sample("pay_floor.due"))
    for name in event_types():
        if name.startswith("delivery."):
            yield f"the sample of {name}", event_of(name, sample(name))


def causes() -> Iterator[tuple[str, Posting | None]]:
    """Return the posting of each fixed cause by what it is about."""
    for label, event in events():
        yield label, posting_for(event)
    yield from payouts()
    up, down = (adjustment(f"ticket-{n}", "drv_1", usd(n), "a note", NOON, "ana") for n in (500, -5000))
    yield "an adjustment up", up
    yield "an adjustment down", down
    (debt, _) = statements_for(DAY, [down])[0]
    carried = carry_posting(debt, NOON + timedelta(days=1))
    yield "a debt that is carried", carried
    (partly, _) = statements_for(DAY, [carried, up])[0]
    yield "a debt that is recovered in part", carry_posting(partly, NOON + timedelta(days=2))
    (wholly, _) = statements_for(DAY, [carried, *(closed_posting(n) for n in range(1, 9))])[0]
    yield "a debt that is recovered", carry_posting(wholly, NOON + timedelta(days=2))


def payouts() -> Iterator[tuple[str, Posting | None]]:
    """Return the postings of the changes of a payout, with tax, and of instant pay."""
    part, later = StatementPart(statement_id="stm_1", period=DAY, amount=usd(800)), NOON + timedelta(days=1)
    made = Payout.due("pay_1", "drv_1", DAY, (part,), later)
    out = made.instructed(later.date(), Withheld(amount=usd(192), deposit="2026-03"), "run", later)
    paid = out.accepted(Accepted(transfer_id="trf_1", state=NewsState.PAID), later)
    back = paid.back(PayoutState.RETURNED, later, "bank", "R02", "closed")
    failed = out.back(PayoutState.FAILED, later, "provider", "no", "no")
    yield "a payout", posting_of(made, out, later)
    yield "a payout that arrived", posting_of(out, paid, later)
    yield "a payout that came back", posting_of(paid, back, later)
    yield "a payout that was refused", posting_of(out, failed, later)
    yield "a payout that was called off", posting_of(made, made.canceled("ana", "by cheque", later), later)
    instant = made.with_changes(
        id="pay_2", amount=usd(1000), fee=usd(50), speed=Speed.INSTANT, period_open=later.date()
    )
    yield "instant pay", posting_of(instant, instant.instructed(later.date(), None, "drv_1", later), later)


def closed_posting(number):
    """Return the posting of a delivered order."""
    return posting_for(closed(number=number))


def as_lines() -> list[str]:
    """Return the file's lines: what the cause is, and the posting as it is stored."""
    return [
        json.dumps({"cause": label, "posting": posting and json.loads(posting.model_dump_json())})
        for label, posting in causes()
    ]


def test_fixed_causes_lead_to_the_postings_that_were_recorded():
    assert as_lines() == RECORDED.read_text().splitlines()


MADE_ELSEWHERE = {
    PostingKind.REFUND,
    PostingKind.CLAIM,
    PostingKind.CHARGEBACK,
    PostingKind.HOLD,
    PostingKind.HOLD_RELEASE,
    PostingKind.TAX_DEPOSIT,
    PostingKind.TAX_OFFSET,
    PostingKind.MERCHANT_PAYMENT,
    PostingKind.MERCHANT_PAYMENT_REVERSAL,
    PostingKind.SALES_TAX,
    PostingKind.WRITE_OFF,
    PostingKind.MONTHLY_MINIMUM,
    PostingKind.REVERSAL,
}
"""Kinds that other rooms make."""


def test_each_kind_of_cause_is_among_the_recorded_ones():
    postings = [posting for _, posting in causes() if posting]
    assert {posting.kind for posting in postings} == set(PostingKind) - MADE_ELSEWHERE


if __name__ == "__main__":
    RECORDED.write_text("\n".join(as_lines()) + "\n")
