"""The states of a payout, what each change books, and random lives in which no money is lost or paid twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict
from crowdship.kernel.money import Money
from crowdship.payouts.model import (
    BACK,
    FOLLOWING,
    Payout,
    PayoutState,
    StatementPart,
    Withheld,
    payout_id_for,
    reference_of,
)
from crowdship.payouts.postings import fee_back_posting, posting_of
from crowdship.payouts.provider import Accepted, NewsState, PayoutNews, Speed
from crowdship.payouts.runs.model import PayRun
from crowdship.payouts.telling import after_news
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.trial_balance import trial_balance
from tests.books import statements_for
from tests.contracts import validate_event
from tests.unit.settlement.test_postings import DAY, NOON, adjustment, closed_deliveries, usd

TOMORROW = DAY + timedelta(days=1)


def part(amount=800, day=DAY, name="stm_1"):
    return StatementPart(statement_id=name, period=day, amount=usd(amount))


def pending(*parts):
    return Payout.due("pay_nwnxqrdakdqc3rndw7b99x0z", "drv_1", DAY, parts or (part(),), NOON)


def instructed(withheld=0):
    kept = Withheld(amount=usd(withheld), deposit="2026-03")
    return pending().instructed(TOMORROW, kept if withheld else None, "run", NOON)


def accepted(state=NewsState.IN_TRANSIT):
    return instructed().accepted(Accepted(transfer_id="trf_1", state=state), NOON)


def news(state, at=NOON, code=None):
    return PayoutNews(payout_id="pay_1", state=state, at=at, code=code, reason=code)


def balances(*postings):
    return {a.account: a.balance.amount for a in trial_balance(postings).accounts if a.balance.amount}


def test_a_payout_is_the_sum_of_the_statements_that_it_settles():
    assert pending(part(800), part(50, TOMORROW, "stm_2")).amount == usd(850)


def test_the_bank_is_told_of_what_is_left_after_tax():
    payout = instructed(withheld=192)
    assert (payout.net, payout.instruction.amount) == (usd(608), usd(608))
    assert payout.instruction.reference == reference_of(payout.id) == "NWNXQRDAKDQC3RN"


def test_an_instruction_needs_a_payout_that_was_instructed():
    with pytest.raises(ValueError, match="only an instructed payout"):
        _ = pending().instruction


def test_each_change_of_a_payout_books_once_and_clears_what_is_in_flight():
    before, after = pending(), instructed()
    out = posting_of(before, after, NOON)
    assert balances(out) == {"driver:drv_1:payable": 800, "platform:payouts_in_flight": -800}
    sent = accepted()
    assert posting_of(after, sent, NOON) is None
    paid = posting_of(sent, sent.paid(NOON), NOON)
    assert balances(out, paid) == {"driver:drv_1:payable": 800, "platform:cash": -800}
    back = posting_of(sent.paid(NOON), sent.paid(NOON).back(PayoutState.RETURNED, NOON, "bank", "R02", "closed"), NOON)
    assert balances(out, paid, back) == {}
    failed = posting_of(sent, sent.back(PayoutState.FAILED, NOON, "bank", "R02", "closed"), NOON)
    assert balances(out, failed) == {}
    assert len({posting.id for posting in (out, paid, back)}) == 3


def test_withheld_tax_is_kept_in_its_month_and_comes_back_with_the_payout():
    before, after = pending(), instructed(withheld=192)
    out = posting_of(before, after, NOON)
    assert balances(out) == {
        "driver:drv_1:payable": 800,
        "platform:payouts_in_flight": -608,
        "platform:tax_withheld": -192,
    }
    assert {entry.item for entry in out.entries if entry.account == "platform:tax_withheld"} == {"2026-03"}
    failed = after.back(PayoutState.FAILED, NOON, "provider", "no", "no")
    assert balances(out, posting_of(after, failed, NOON)) == {}


def test_a_payout_that_is_called_off_before_it_is_sent_is_due_again_on_the_day_it_is_booked():
    canceled = pending().canceled("ana", "paid by cheque", NOON)
    posting = posting_of(pending(), canceled, NOON)
    assert balances(posting) == {}
    [(statement, _)] = statements_for(DAY, [posting])
    assert statement.due == usd(800)


def test_a_payout_does_not_count_into_the_period_it_is_booked_in_but_its_return_does():
    out = posting_of(pending(), instructed(), NOON)
    assert statements_for(DAY, [out]) == []
    back = posting_of(accepted(), accepted().back(PayoutState.FAILED, NOON, "bank", "R02", "closed"), NOON)
    [(statement, _)] = statements_for(DAY, [out, back])
    assert statement.sums.corrections == usd(800)


def instant(amount, fee, *parts):
    nothing = usd(0)
    made = Payout(
        id="pay_i",
        driver_id="drv_1",
        period=DAY,
        amount=usd(amount),
        fee=usd(fee),
        withheld=nothing,
        settles=parts,
        speed=Speed.INSTANT,
        period_open=DAY,
        made_at=NOON,
    )
    return made, made.instructed(DAY, None, "drv_1", NOON)


@pytest.mark.parametrize(("amount", "of_day"), [(1000, -200), (800, 0), (500, 300)])
def test_instant_pay_takes_the_statements_and_lets_the_open_day_make_up_the_difference(amount, of_day):
    out = posting_of(*instant(amount, 50, part(800)), NOON)
    assert balances(out) == {
        "driver:drv_1:payable": amount,
        "platform:payouts_in_flight": 50 - amount,
        "platform:instant_pay_fees": -50,
    }
    found = statements_for(DAY, [out])
    assert sum(statement.sums.instant.amount for statement, _ in found if statement.driver_id) == of_day


def test_the_fee_comes_back_if_the_provider_made_it_a_standard_transfer_and_then_only_once():
    before, after = instant(1000, 50)
    answer = Accepted(transfer_id="t", speed=Speed.STANDARD, degraded_by="account_not_eligible")
    sent = after.accepted(answer, NOON)
    assert sent.degraded_by == "account_not_eligible"
    out, fee = posting_of(before, after, NOON), fee_back_posting(sent, NOON)
    assert balances(out, fee) == {"driver:drv_1:payable": 950, "platform:payouts_in_flight": -950}
    back = posting_of(sent, sent.back(PayoutState.FAILED, NOON, "bank", "R02", "closed"), NOON)
    assert balances(out, fee, back) == {}


def test_an_instant_payout_that_stays_instant_keeps_its_fee():
    _, after = instant(1000, 50)
    sent = after.accepted(Accepted(transfer_id="t", speed=Speed.INSTANT), NOON)
    assert (sent.degraded_by, sent.fee_kept) == (None, usd(50))


def test_what_a_payout_tells_keeps_its_contract():
    paid = accepted(NewsState.PAID)
    lives = [
        paid.back(PayoutState.RETURNED, NOON, "bank", "R02", "closed"),
        pending().held("account_changed", TOMORROW, "run", NOON),
        pending().canceled("ana", "by cheque", NOON),
        accepted().back(PayoutState.FAILED, NOON, "bank", "R03", "no such account").corrected("C02", NOON),
    ]
    told = [event for life in lives for event in life.events]
    assert {event.type for event in told} == {
        *("payout.sent", "payout.paid", "payout.returned", "payout.held", "payout.canceled", "payout.failed"),
        "payout.account_corrected",
    }
    for event in told:
        told_as = event.model_dump(mode="json")
        told_as["subject"] = told_as["data"]["payout_id"] = "pay_nwnxqrdakdqc3rndw7b99x0z"
        told_as["data"]["driver_id"] = "drv_nwnxqrdakdqc3rndw7b99x0z"
        validate_event(told_as)


@pytest.mark.parametrize(
    ("payout", "told", "state"),
    [
        (accepted(), news(NewsState.PAID), PayoutState.PAID),
        (instructed(), news(NewsState.PAID), PayoutState.PAID),
        (instructed(), news(NewsState.IN_TRANSIT), PayoutState.IN_TRANSIT),
        (accepted(), news(NewsState.FAILED), PayoutState.FAILED),
        (accepted(), news(NewsState.RETURNED), PayoutState.FAILED),
        (accepted(), news(NewsState.CANCELED), PayoutState.CANCELED),
        (accepted(NewsState.PAID), news(NewsState.FAILED), PayoutState.RETURNED),
        (accepted(NewsState.PAID), news(NewsState.RETURNED), PayoutState.RETURNED),
    ],
)
def test_news_bring_a_payout_on(payout, told, state):
    after = after_news(payout, told, NOON)
    assert after.state is state
    assert after_news(after, told, NOON) is after, "the same news again change nothing"


def test_old_news_change_nothing():
    failed = accepted().back(PayoutState.FAILED, NOON, "bank", "R02", "closed")
    assert after_news(accepted(NewsState.PAID), news(NewsState.IN_TRANSIT), NOON).state is PayoutState.PAID
    assert after_news(failed, news(NewsState.PAID, NOON - timedelta(hours=1)), NOON) is failed


@pytest.mark.parametrize(
    ("payout", "told"),
    [
        (pending(), news(NewsState.PAID)),
        (pending(), news(NewsState.FAILED)),
        (
            accepted().back(PayoutState.FAILED, NOON, "bank", "R02", "closed"),
            news(NewsState.PAID, NOON + timedelta(hours=1)),
        ),
        (accepted(), news(NewsState.IN_TRANSIT, code="reversal_failed")),
    ],
)
def test_news_that_contradict_the_books_are_left_to_a_person(payout, told):
    assert after_news(payout, told, NOON) is None


def test_whoever_was_told_can_not_be_told_otherwise():
    with pytest.raises(Conflict, match="the provider was told"):
        accepted().canceled("ana", "late", NOON)
    with pytest.raises(Conflict, match="can't be held"):
        accepted().held("staff", None, "ana", NOON)


def _moved(payout, state):
    match state:
        case PayoutState.HELD:
            return payout.held("staff", None, "ana", NOON)
        case PayoutState.PENDING:
            return payout.unheld("ana", NOON)
        case PayoutState.INSTRUCTED:
            return payout.instructed(TOMORROW, None, "run", NOON)
        case PayoutState.IN_TRANSIT:
            return payout.accepted(Accepted(transfer_id="t"), NOON)
        case PayoutState.PAID:
            return payout.paid(NOON)
        case _:
            return payout.back(state, NOON, "bank", "R02", "closed")


@given(st.lists(st.sampled_from(PayoutState), max_size=12))
def test_whatever_is_tried_a_payout_follows_its_table_and_the_books_agree_with_its_state(tried):
    payout, postings = pending(), []
    for state in tried:
        try:
            after = _moved(payout, state)
        except Conflict:
            assert state not in FOLLOWING[payout.state] or state is payout.state
            continue
        if after.state is not payout.state:
            assert after.state in FOLLOWING[payout.state]
        if posting := posting_of(payout, after, NOON):
            postings.append(posting)
        payout = after
    held = balances(*postings)
    on_the_way = payout.state in {PayoutState.INSTRUCTED, PayoutState.IN_TRANSIT}
    assert held.get("platform:payouts_in_flight", 0) == (-800 if on_the_way else 0)
    assert held.get("platform:cash", 0) == (-800 if payout.state is PayoutState.PAID else 0)
    due_again = payout.state in BACK or payout.state in {PayoutState.PENDING, PayoutState.HELD}
    assert held.get("driver:drv_1:payable", 0) == (0 if due_again else 800)
    assert len({posting.id for posting in postings}) == len(postings)


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
            now = datetime.combine(into, NOON.time(), UTC)
            if carried := carry_posting(statement, now):
                log[into].append(carried)
            if statement.due.amount:
                settled = StatementPart(statement_id=statement.id, period=day, amount=statement.due)
                payout_id = payout_id_for(statement.driver_id, day, statement.currency)
                before = Payout.due(payout_id, statement.driver_id, day, (settled,), now)
                after = before.instructed(date(2026, 4, 1), None, "run", now)
                log[into].append(posting_of(before, after, now))
                paid += after.net.amount
    everything = [posting for postings in log.values() for posting in postings]
    found = trial_balance(everything).accounts
    assert all(trial_balance(postings).off_by == 0 for postings in log.values())
    assert all(a.balance.amount == 0 for a in found if a.account.endswith(":payable"))
    owed = sum(a.balance.amount for a in found if a.account.startswith("driver:"))
    assert owed >= 0
    assert paid - owed == earned


@pytest.mark.parametrize(("days_late", "number"), [(0, 0), (35, 35), (36, 0), (92, 20)])
def test_a_run_that_comes_months_late_has_a_file_number_that_a_day_knows(days_late, number):
    period = date(2026, 3, 2)
    opened_at = datetime(2026, 3, 3, 4, 30, tzinfo=UTC) + timedelta(days=days_late)
    assert PayRun.of(period, date(2026, 6, 30), opened_at).heading.number == number
