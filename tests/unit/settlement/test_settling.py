from datetime import timedelta

from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle.model import Settlement, SettlementStatus
from crowdship.settlement.trial_balance import trial_balance
from tests.books import statements_for
from tests.unit.settlement.test_postings import DAY, NOON, adjustment, closed, usd


def stated(postings, period=DAY):
    return {statement.owner: statement for statement, _ in statements_for(period, postings)}


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
    assert stated([posting_for(closed())])["merchant:mer_1"].due == usd(0)


def test_nothing_is_paid_to_a_driver_who_owes():
    statement = stated([adjustment("adj_1", "drv_1", usd(-50), "lost goods", NOON, "ana")])["driver:drv_1"]
    assert statement.due == usd(0)


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


def test_a_settlement_says_how_far_it_is():
    settlement = Settlement.of(DAY, NOON)
    assert settlement.status is SettlementStatus.OPENED
    settlement = settlement.with_changes(closed_at=NOON)
    assert settlement.status is SettlementStatus.CLOSED
    settlement = settlement.with_changes(stated_at=NOON)
    assert settlement.status is SettlementStatus.STATED
    assert settlement.with_changes(finished_at=NOON).status is SettlementStatus.FINISHED
