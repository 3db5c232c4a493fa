from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle.model import Settlement, SettlementStatus
from crowdship.settlement.payouts.model import Payout, PayoutState
from crowdship.settlement.payouts.postings import payout_posting, reversal_posting
from crowdship.settlement.statements import statements_for
from crowdship.settlement.trial_balance import trial_balance
from tests.unit.settlement.test_postings import DAY, NOON, adjustment, closed, closed_deliveries, usd


def stated(postings, period=DAY):
    return {statement.owner: statement for statement, _ in statements_for(period, postings)}


def a_payout(**changes):
    return Payout(**{"id": "pay_1", "driver_id": "drv_1", "period": DAY, "amount": usd(800), **changes})


def test_a_statement_tells_trips_tips_and_corrections_apart():
    postings = [posting_for(closed()), adjustment("adj_1", "drv_1", usd(-50), "cash was short", NOON, "ana")]
    sums = stated(postings)["driver:drv_1"].sums
    assert (sums.trips, sums.tips, sums.corrections, sums.total) == (usd(500), usd(300), usd(-50), usd(750))


def test_a_statement_lists_its_lines_in_the_order_of_their_times():
    late = closed(number=1).model_copy(update={"time": NOON + timedelta(hours=1)})
    postings = [posting_for(late), posting_for(closed(number=2))]
    [(_, lines), _] = statements_for(DAY, postings)
    assert [line.delivery_id for line in lines] == ["dlv_2", "dlv_1"]


def test_each_currency_has_a_statement_of_its_own():
    euros = closed(number=2, price={"charge": [], "pay": [], "tip": {"amount": 100, "currency": "EUR"}})
    statements = statements_for(DAY, [posting_for(closed()), posting_for(euros)])
    assert [(s.owner, s.currency) for s, _ in statements] == [
        ("driver:drv_1", "EUR"),
        ("driver:drv_1", "USD"),
        ("merchant:mer_1", "EUR"),
        ("merchant:mer_1", "USD"),
    ]
    assert len({s.id for s, _ in statements}) == 4


def test_merchants_are_not_paid():
    assert stated([posting_for(closed())])["merchant:mer_1"].payout_id is None


def test_nothing_is_paid_to_a_driver_who_owes():
    statement = stated([adjustment("adj_1", "drv_1", usd(-50), "lost goods", NOON, "ana")])["driver:drv_1"]
    assert statement.payout_id is None


def test_a_debt_becomes_a_receivable_and_the_payable_goes_back_to_nothing():
    debt = adjustment("adj_1", "drv_1", usd(-50), "lost goods", NOON, "ana")
    carried = carry_posting(stated([debt])["driver:drv_1"], NOON + timedelta(days=1))
    balances = {a.account: a.balance.amount for a in trial_balance([debt, carried]).accounts}
    assert balances == {"driver:drv_1:payable": 0, "driver:drv_1:receivable": 50, "platform:fees": -50}


def test_a_carried_debt_lowers_the_next_payout():
    debt = adjustment("adj_1", "drv_1", usd(-50), "lost goods", NOON, "ana")
    carried = carry_posting(stated([debt])["driver:drv_1"], NOON)
    statement = stated([carried, posting_for(closed())])["driver:drv_1"]
    assert statement.sums.carried == usd(-50)
    assert statement.sums.total == usd(750)


def test_without_debt_there_is_nothing_to_carry():
    assert carry_posting(stated([posting_for(closed())])["driver:drv_1"], NOON) is None
    assert carry_posting(stated([posting_for(closed())])["merchant:mer_1"], NOON) is None


def test_a_payout_and_its_reversal_leave_the_balance_as_it_was():
    earned = posting_for(closed())
    payout = a_payout()
    balances = {
        a.account: a.balance.amount
        for a in trial_balance([earned, payout_posting(payout, NOON), reversal_posting(payout, NOON)]).accounts
    }
    assert balances["driver:drv_1:payable"] == -800
    assert balances["platform:cash"] == 0


def test_a_payout_does_not_count_into_the_period_it_is_booked_in_but_its_return_does():
    payout = a_payout()
    assert stated([payout_posting(payout, NOON)]) == {}
    assert stated([payout_posting(payout, NOON), reversal_posting(payout, NOON)])["driver:drv_1"].sums.total == usd(800)


def test_a_payout_says_what_became_of_it():
    sent = a_payout().sent("trf_1", NOON)
    assert sent.state is PayoutState.SENT
    [event] = sent.events
    assert event.type == "payout.sent"
    assert event.data == {
        "payout_id": "pay_1",
        "driver_id": "drv_1",
        "period": "2026-03-02",
        "amount": {"amount": 800, "currency": "USD"},
        "reason": None,
    }
    [event] = a_payout().failed("account closed", NOON).events
    assert (event.type, event.data["reason"]) == ("payout.failed", "account closed")


@pytest.mark.parametrize("decide", [lambda p: p.sent("trf_2", NOON), lambda p: p.failed("late", NOON)])
def test_a_payout_is_decided_once(decide):
    with pytest.raises(Conflict, match="only a pending one"):
        decide(a_payout().sent("trf_1", NOON))


def test_a_settlement_says_how_far_it_is():
    settlement = Settlement.of(DAY, NOON)
    assert settlement.status is SettlementStatus.OPENED
    settlement = settlement.with_changes(closed_at=NOON)
    assert settlement.status is SettlementStatus.CLOSED
    settlement = settlement.with_changes(stated_at=NOON)
    assert settlement.status is SettlementStatus.PAYING
    assert settlement.with_changes(finished_at=NOON).status is SettlementStatus.FINISHED


adjustments = st.integers(min_value=-3_000_000, max_value=3_000_000).filter(bool)
days = st.integers(min_value=0, max_value=3)


@st.composite
def booked_days(draw):
    """Draw the postings of four days: closed deliveries, and adjustments that may put a driver in debt."""
    log = {DAY + timedelta(days=n): [] for n in range(4)}
    events = draw(st.lists(st.tuples(days, closed_deliveries()), max_size=15, unique_by=lambda d: d[1].id))
    for day, event in events:
        if posting := posting_for(event):
            log[DAY + timedelta(days=day)].append(posting.moved_to(DAY + timedelta(days=day)))
    corrections = draw(st.lists(st.tuples(days, adjustments), max_size=6))
    for number, (day, amount) in enumerate(corrections):
        posting = adjustment(f"adj_{number}", "drv_1", Money(amount=amount, currency="USD"), "", NOON, "ana")
        log[DAY + timedelta(days=day)].append(posting.moved_to(DAY + timedelta(days=day)))
    return log


@given(booked_days(), st.randoms(use_true_random=False))
def test_days_settled_in_any_order_pay_exactly_what_was_earned(log, random):
    later = DAY + timedelta(days=4)
    log[later] = []
    earned = sum(
        line.total.amount
        for day, postings in log.items()
        for statement, lines in statements_for(day, postings)
        if statement.driver_id
        for line in lines
    )
    paid = 0
    order = [*random.sample([*log][:-1], len(log) - 1), later]
    while order:
        day = order.pop(0)
        log.setdefault(day, [])
        for statement, _ in statements_for(day, log[day]):
            # What settles a day is booked in some day that is still open.
            into = random.choice(order) if order else day + timedelta(days=1)
            log.setdefault(into, [])
            if carried := carry_posting(statement, datetime.combine(into, NOON.time(), UTC)):
                log[into].append(carried)
            if statement.payout_id:
                payout = a_payout(id=statement.payout_id, driver_id=statement.driver_id, amount=statement.sums.total)
                log[into].append(payout_posting(payout, datetime.combine(into, NOON.time(), UTC)))
                paid += payout.amount.amount
    everything = [posting for postings in log.values() for posting in postings]
    balances = trial_balance(everything).accounts
    assert all(trial_balance(postings).off_by == 0 for postings in log.values())
    assert all(a.balance.amount == 0 for a in balances if a.account.endswith(":payable"))
    owed = sum(a.balance.amount for a in balances if a.account.startswith("driver:"))
    assert owed >= 0
    assert paid - owed == earned
