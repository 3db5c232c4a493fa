from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import Side
from crowdship.settlement.causes import posting_for
from crowdship.settlement.causes.adjustments import Adjustment, adjustment_posting
from crowdship.settlement.ledger import Entry, Posting, PostingKind
from crowdship.settlement.statements import Sums, line_for
from crowdship.settlement.trial_balance import trial_balance
from crowdship.shipment.options import Undeliverable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = NOON.date()
PRICE = {
    "charge": [
        {"code": "base", "amount": {"amount": 599, "currency": "USD"}},
        {"code": "distance", "amount": {"amount": 401, "currency": "USD"}},
    ],
    "pay": [
        {"code": "base", "amount": {"amount": 325, "currency": "USD"}},
        {"code": "time", "amount": {"amount": 175, "currency": "USD"}},
    ],
    "tip": {"amount": 300, "currency": "USD"},
}


def usd(amount):
    return Money(amount=amount, currency="USD")


def called_off(charge=25, pay=25):
    """Return a cancellation as its event tells it, with percents of charge and pay."""
    return {"shares": {"charge": charge, "pay": pay}}


def closed(state="delivered", previous="arrived_at_dropoff", number=1, **changes):
    """The event of a delivery that ended."""
    delivery_id = f"dlv_{number}"
    data = {
        "delivery_id": delivery_id,
        "merchant_id": "mer_1",
        "external_id": f"order-{number}",
        "driver_id": "drv_1",
        "state": state,
        "previous_state": previous,
        "price": PRICE,
        "reason": None,
        "undeliverable": "return",
        "cancellation": called_off() if state == "cancelled" else None,
        **changes,
    }
    return DomainEvent(
        id=derived_id("evt", delivery_id, 9),
        type=f"delivery.{state}",
        time=NOON,
        subject=delivery_id,
        sequence=9,
        data=data,
    )


def event_of(name, event):
    """Return an event, or the JSON of one, under another type."""
    return DomainEvent.model_validate({**dict(event), "type": name})


def adjustment(reference, driver_id, amount, note, time, by):
    """Return the posting of an adjustment."""
    return adjustment_posting(
        Adjustment(reference=reference, driver_id=driver_id, amount=amount, note=note, time=time, booked_by=by)
    )


def entries_of(posting):
    return {(entry.account, entry.code): entry.signed for entry in posting.entries}


def test_a_delivered_order_charges_the_merchant_and_pays_the_driver_part_by_part():
    assert entries_of(posting_for(closed())) == {
        ("merchant:mer_1:receivable", "base"): 599,
        ("merchant:mer_1:receivable", "distance"): 401,
        ("merchant:mer_1:receivable", "tip"): 300,
        ("driver:drv_1:payable", "base"): -325,
        ("driver:drv_1:payable", "time"): -175,
        ("driver:drv_1:payable", "tip"): -300,
        ("platform:fees", "fee"): -500,
    }


def test_a_trip_that_pays_more_than_it_charges_costs_us_the_difference():
    price = {**PRICE, "charge": [{"code": "base", "amount": {"amount": 100, "currency": "USD"}}]}
    assert entries_of(posting_for(closed(price=price)))["platform:fees", "fee"] == 400


def test_a_trip_that_pays_what_it_charges_has_no_fee():
    price = {**PRICE, "charge": [{"code": "base", "amount": {"amount": 500, "currency": "USD"}}]}
    assert ("platform:fees", "fee") not in entries_of(posting_for(closed(price=price)))


def test_a_returned_order_is_due_with_the_way_back_and_without_the_tip():
    entries = entries_of(posting_for(closed("returned", "returning")))
    assert entries["driver:drv_1:payable", "base"] == -325
    assert entries["driver:drv_1:payable", "return_base"] == -195
    assert entries["merchant:mer_1:receivable", "return_distance"] == 241
    assert ("driver:drv_1:payable", "tip") not in entries


def test_what_was_called_off_on_board_is_due_once_it_is_back_as_it_was_told():
    ours = closed("returned", "returning", cancellation=called_off(charge=0, pay=100))
    assert entries_of(posting_for(ours)) == {
        ("driver:drv_1:payable", "base"): -325,
        ("driver:drv_1:payable", "time"): -175,
        ("driver:drv_1:payable", "return_base"): -195,
        ("driver:drv_1:payable", "return_time"): -105,
        ("platform:fees", "fee"): 800,
    }


def test_what_was_disposed_of_is_due_as_far_as_it_went_and_what_was_lost_is_not():
    disposed = closed("failed", "arrived_at_dropoff", undeliverable="dispose", reason="customer_refused")
    entries = entries_of(posting_for(disposed))
    assert (entries["merchant:mer_1:receivable", "base"], ("driver:drv_1:payable", "tip") in entries) == (599, False)
    assert posting_for(closed("failed", "picked_up", undeliverable="dispose", reason="goods_lost")) is None


def tipped(amount=500):
    return event_of("delivery.tipped", closed(previous="delivered", tipped={"amount": amount, "currency": "USD"}))


def test_a_late_tip_is_the_driver_s_whole():
    posting = posting_for(tipped())
    assert posting.kind is PostingKind.TIP
    assert entries_of(posting) == {
        ("merchant:mer_1:receivable", "tip"): 500,
        ("driver:drv_1:payable", "tip"): -500,
    }
    line = line_for("driver:drv_1", posting)
    assert Sums.of([line], "USD").tips == usd(500)


@pytest.mark.parametrize(
    ("state", "previous", "changes"),
    [
        ("cancelled", "offered", {"driver_id": None}),
        ("cancelled", "created", {"cancellation": called_off(charge=0, pay=0)}),
        ("failed", "arrived_at_dropoff", {}),
        ("expired", "created", {"driver_id": None}),
        ("created", None, {"driver_id": None}),
    ],
)
def test_nothing_is_booked_while_nothing_is_due(state, previous, changes):
    assert posting_for(closed(state, previous, **changes)) is None


def test_nothing_is_booked_for_a_price_of_nothing():
    assert posting_for(closed(price={"charge": [], "pay": [], "tip": PRICE["tip"] | {"amount": 0}})) is None


def test_the_posting_is_named_after_the_event_and_booked_on_its_day():
    posting = posting_for(closed())
    assert posting == posting_for(closed())
    assert posting.id == derived_id("pst", closed().id)
    assert posting.period == date(2026, 3, 2)


def test_a_posting_must_balance():
    debit = Entry(account="platform:fees", side=Side.DEBIT, amount=usd(5), code="fee")
    credit = Entry(account="platform:cash", side=Side.CREDIT, amount=usd(4), code="fee")
    with pytest.raises(ValidationError, match="out of balance by 1"):
        Posting.caused_by("x", PostingKind.ADJUSTMENT, NOON, (debit, credit))


def test_a_posting_has_one_currency():
    debit = Entry(account="platform:fees", side=Side.DEBIT, amount=usd(5), code="fee")
    credit = Entry(account="platform:cash", side=Side.CREDIT, amount=Money(amount=5, currency="EUR"), code="fee")
    with pytest.raises(ValidationError, match="one currency"):
        Posting.caused_by("x", PostingKind.ADJUSTMENT, NOON, (debit, credit))


def test_a_posting_has_at_least_two_entries():
    with pytest.raises(ValidationError):
        Posting.caused_by("x", PostingKind.ADJUSTMENT, NOON, ())


@pytest.mark.parametrize("amount", [0, -1])
def test_an_entry_is_above_zero(amount):
    with pytest.raises(ValidationError, match="positive"):
        Entry(account="platform:fees", side=Side.DEBIT, amount=usd(amount), code="fee")


@pytest.mark.parametrize("account", ["merchant:mer_1:payable", "driver::payable", "platform:debts", "drv_1"])
def test_an_account_that_is_not_in_the_chart_is_refused(account):
    with pytest.raises(ValidationError):
        Entry(account=account, side=Side.DEBIT, amount=usd(1), code="fee")


def test_a_driver_reads_what_was_earned_and_not_what_the_merchant_was_charged():
    line = line_for("driver:drv_1", posting_for(closed()))
    assert [(part.code, part.amount.amount) for part in line.parts] == [
        ("base", 325),
        ("time", 175),
        ("tip", 300),
    ]
    assert line.total == usd(800)
    assert line.tip == usd(300)


def test_a_merchant_reads_the_charges():
    assert line_for("merchant:mer_1", posting_for(closed())).total == usd(1300)


amounts = st.integers(min_value=0, max_value=1_000_000)
percents = st.integers(min_value=0, max_value=100)
currencies = st.sampled_from(["USD", "EUR", "JPY"])
ends = st.sampled_from(
    [
        ("delivered", "arrived_at_dropoff"),
        ("returned", "returning"),
        ("failed", "arrived_at_pickup"),
        ("cancelled", "arrived_at_pickup"),
        ("cancelled", "assigned"),
        ("cancelled", "created"),
        ("failed", "arrived_at_dropoff"),
    ]
)


@st.composite
def closed_deliveries(draw):
    """Any delivery that ended, at any price."""
    currency = draw(currencies)

    def parts():
        codes = draw(st.lists(st.sampled_from(["base", "distance", "time", "urgent"]), unique=True))
        return [{"code": code, "amount": {"amount": draw(amounts), "currency": currency}} for code in codes]

    state, previous = draw(ends)
    return closed(
        state,
        previous,
        number=draw(st.integers(min_value=1, max_value=10_000)),
        merchant_id=draw(st.sampled_from(["mer_1", "mer_2"])),
        driver_id=draw(st.sampled_from(["drv_1", "drv_2", "drv_3"])),
        price={
            "charge": parts(),
            "pay": parts(),
            "tip": {"amount": draw(amounts), "currency": currency},
            "return_percent": draw(percents),
        },
        undeliverable=draw(st.sampled_from(Undeliverable)),
        **({"cancellation": called_off(draw(percents), draw(percents))} if state in ("cancelled", "returned") else {}),
    )


@given(st.lists(closed_deliveries(), max_size=20))
def test_any_closed_deliveries_post_to_a_trial_balance_of_zero(events):
    postings = [posting for event in events if (posting := posting_for(event))]
    balance = trial_balance(postings)
    assert balance.off_by == 0
    assert sum(account.balance.amount for account in balance.accounts) == 0
    assert sum(group.balance.amount for group in balance.groups) == 0


@given(closed_deliveries())
def test_a_posting_reads_the_same_after_it_was_stored(event):
    if posting := posting_for(event):
        assert Posting.model_validate_json(posting.model_dump_json()) == posting


@given(st.integers(min_value=-10_000, max_value=10_000).filter(bool))
def test_an_adjustment_changes_what_a_driver_is_due_at_our_cost(amount):
    posting = adjustment("adj_1", "drv_1", usd(amount), "parking fine", NOON, "ana")
    assert line_for("driver:drv_1", posting).total == usd(amount)
    assert entries_of(posting)["platform:fees", "adjusted"] == amount


def test_the_trial_balance_groups_accounts_by_what_they_are():
    postings = [posting_for(closed(number=1)), posting_for(closed(number=2, driver_id="drv_2"))]
    groups = {group.account: group.balance.amount for group in trial_balance(postings).groups}
    assert groups == {"merchant:receivable": 2600, "driver:payable": -1600, "platform:fees": -1000}
