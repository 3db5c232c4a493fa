from datetime import date, timedelta

import pytest

from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.onboarding.store import PayableRow
from crowdship.settlement import booking, queries, store, views
from crowdship.settlement.balances import service as balances
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle import stating, steps
from crowdship.settlement.cycle.model import PartsMissing, SettlementStatus
from crowdship.settlement.ledger import BooksDontBalance
from crowdship.settlement.payouts import making
from crowdship.settlement.payouts import service as payouts
from crowdship.settlement.payouts.making import PayoutsUndecided
from crowdship.settlement.payouts.model import PaymentRailUnavailable, PayoutRejected, PayoutState
from crowdship.settlement.payouts.postings import payout_posting
from crowdship.settlement.sums import PARTS
from crowdship.settlement.trial_balance import trial_balance
from tests.books import statements_for
from tests.contracts import events_of_stream, validate_event
from tests.faults import Died, Lost, failing_call
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import caught, close_day, compare_day, everything_stored, run_cycle
from tests.unit.settlement.test_postings import adjustment, closed, usd

DAY = date(2026, 3, 2)
TODAY = date(2026, 3, 3)

pytestmark = pytest.mark.usefixtures("aws")


def a_day(clock):
    """Two drivers who earned, one of whom the rail refuses in some tests, and one who owes."""
    booking.post(closed(number=1))
    booking.post(closed(number=2, driver_id="drv_2", merchant_id="mer_2"))
    booking.post(closed("returned", "returning", number=3, driver_id="drv_2"))
    yesterday = clock.now() - timedelta(days=1)
    clock.moment, now = yesterday, clock.moment
    store.book(adjustment("adj_1", "drv_3", usd(-50), "lost goods", clock.now(), "ana"))
    clock.moment = now


def balance_of(account, *periods):
    balances = trial_balance(posting for period in periods for posting in store.PostingRow.of_period(period))
    return sum(a.balance.amount for a in balances.accounts if a.account == account)


def payout_of(driver_id, period=DAY):
    [payout] = [p for p in queries.overview(period).payouts if p.driver_id == driver_id]
    return payout


def test_the_cycle_pays_each_driver_what_the_day_earned(clock, rail, fake_rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}
    assert {p.state for p in queries.overview(DAY).payouts} == {PayoutState.SENT}
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == 0
    assert balance_of("platform:cash", DAY, TODAY) == -2400


def test_a_payout_is_booked_on_the_day_it_is_made_and_every_day_balances(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    assert balance_of("driver:drv_1:payable", DAY) == -800
    assert balance_of("driver:drv_1:payable", TODAY) == 800
    assert balances.trial_balance(DAY, DAY).off_by == balances.trial_balance(TODAY, TODAY).off_by == 0


def test_a_second_run_pays_nothing_and_answers_the_same(clock, rail, fake_rail):
    a_day(clock)
    first = run_cycle(DAY, rail, clock)
    stored = everything_stored()
    clock.advance(timedelta(days=1))
    again = run_cycle(DAY, rail, clock)
    assert [p.model_dump() for p in again[0]] == [p.model_dump() for p in first[0]]
    assert again[1] == first[1]
    assert everything_stored() == stored
    assert set(fake_rail.asked.values()) == {1}


def test_a_debt_is_not_paid_but_carried_to_the_next_day(clock, rail, fake_rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    assert balance_of("driver:drv_3:payable", DAY, TODAY) == 0
    assert balance_of("driver:drv_3:receivable", DAY, TODAY) == 50
    booking.post(closed(number=4, driver_id="drv_3").model_copy(update={"time": clock.now()}))
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, rail, clock)
    assert fake_rail.paid["drv_3"] == 750
    assert balance_of("driver:drv_3:receivable", DAY, TODAY, clock.now().date()) == 0


def test_a_refused_payout_is_reversed_and_paid_with_the_next_day(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_2")
    run_cycle(DAY, rail, clock)
    refused = payout_of("drv_2")
    assert (refused.state, refused.reason) == (PayoutState.FAILED, "account_closed")
    assert balance_of("driver:drv_2:payable", DAY, TODAY) == -1600
    assert balance_of("platform:cash", DAY, TODAY) == -800
    fake_rail.refuses.clear()
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}


def test_pay_of_a_period_in_which_the_account_was_changed_comes_with_the_next_one(clock, rail, fake_rail):
    a_day(clock)
    PayableRow.of("drv_1", TODAY).save()
    PayableRow.of("drv_2", DAY).save()
    run_cycle(DAY, rail, clock)
    assert fake_rail.paid == {"drv_2": 1600}
    assert (payout_of("drv_1").state, payout_of("drv_1").held) == (PayoutState.FAILED, True)
    assert "account was changed" in payout_of("drv_1").reason
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}


def test_a_hold_is_decided_once_whatever_is_changed_while_the_cycle_runs(clock, rail, fake_rail):
    a_day(clock)
    close_day(DAY, clock)
    ids = making.due_in(DAY)
    PayableRow.of("drv_1", TODAY + timedelta(days=9)).save()
    assert {payouts.pay(id, rail, clock).state for id in ids} == {PayoutState.SENT}
    assert fake_rail.paid["drv_1"] == 800


def test_a_second_run_does_not_ask_again_for_what_was_refused(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_2")
    first, _ = run_cycle(DAY, rail, clock)
    fake_rail.refuses.clear()
    again, _ = run_cycle(DAY, rail, clock)
    assert [p.model_dump() for p in again] == [p.model_dump() for p in first]
    assert "drv_2" not in fake_rail.paid


@pytest.mark.parametrize("status", [409, 429, 500, 503, 401, 302])
def test_an_answer_that_says_nothing_about_the_payout_leaves_it_pending(status, clock, rail, fake_rail):
    a_day(clock)
    fake_rail.stumbles["drv_1"] = [status]
    with pytest.raises(PayoutsUndecided):
        run_cycle(DAY, rail, clock)
    assert payout_of("drv_1").state is PayoutState.PENDING
    run_cycle(DAY, rail, clock)
    assert payout_of("drv_1").state is PayoutState.SENT
    assert fake_rail.paid["drv_1"] == 800


def test_a_timeout_is_never_given_back_because_the_money_may_have_left(clock, rail, fake_rail):
    a_day(clock)
    close_day(DAY, clock)
    payout, other = payout_of("drv_1"), payout_of("drv_2")
    with failing_call() as calls:
        payouts.pay(other.id, rail, clock)
    the_transfer = calls.made.index("http.POST") + 1
    with failing_call(the_transfer, Lost.ANSWER), pytest.raises(PaymentRailUnavailable) as error:
        payouts.pay(payout.id, rail, clock)
    assert fake_rail.paid["drv_1"] == 800
    assert payouts.compensate(payout.id, caught(error.value), clock).state is PayoutState.PENDING
    assert payouts.pay(payout.id, rail, clock).state is PayoutState.SENT
    assert fake_rail.paid["drv_1"] == 800
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == 0


def test_giving_back_twice_gives_back_once(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_1")
    run_cycle(DAY, rail, clock)
    stored = everything_stored()
    payouts.compensate(payout_of("drv_1").id, caught(PayoutRejected("account_closed")), clock)
    assert everything_stored() == stored


def test_a_sent_payout_can_not_be_given_back(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    payout = payouts.compensate(payout_of("drv_1").id, caught(PayoutRejected("late")), clock)
    assert payout.state is PayoutState.SENT
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == 0


def test_a_late_delivery_is_paid_with_the_day_it_was_booked_in(clock, rail, fake_rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    booking.post(closed(number=9))
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, rail, clock)
    assert fake_rail.paid["drv_1"] == 1600


def test_a_day_without_deliveries_settles_to_nothing(clock, rail, fake_rail):
    assert run_cycle(DAY, rail, clock)[0] == []
    assert queries.overview(DAY).settlement.status is SettlementStatus.FINISHED
    assert fake_rail.asked == {}


def test_the_cycle_settles_yesterday_unless_told_otherwise(clock):
    before = date(2026, 2, 20)
    assert steps.open_period(None, clock).period == DAY
    assert steps.open_period(before, clock).period == before


def test_a_day_to_come_can_not_be_settled(clock):
    with pytest.raises(Unprocessable, match="still to come"):
        steps.open_period(TODAY + timedelta(days=1), clock)


@pytest.mark.parametrize("stage", ["prod", "sandbox", None])
def test_a_day_that_is_not_over_can_not_be_settled(stage, clock, monkeypatch):
    monkeypatch.setenv("STAGE", stage) if stage else monkeypatch.delenv("STAGE", raising=False)
    with pytest.raises(Unprocessable, match=r"2026-03-03 is not over.*2026-03-04"):
        steps.open_period(TODAY, clock)
    assert steps.open_period(None, clock).period == DAY


def test_on_one_machine_a_day_may_be_settled_before_it_is_over(clock, monkeypatch):
    monkeypatch.setenv("STAGE", "local")
    assert steps.open_period(TODAY, clock).period == TODAY


def test_an_open_day_can_not_be_stated(clock):
    shards = steps.open_period(DAY, clock)
    with pytest.raises(Conflict, match="must be closed"):
        stating.sum_shards(DAY, shards.items)
    with pytest.raises(Conflict, match="must be closed"):
        stating.state_parts(DAY, range(PARTS), clock)


def test_a_day_that_nobody_opened_can_not_be_closed(clock):
    with pytest.raises(NotFound):
        steps.close_period(DAY, clock)


def test_statements_keep_their_lines_on_pages(clock, rail, monkeypatch):
    monkeypatch.setattr(stating, "LINES_PER_PAGE", 3)
    monkeypatch.setattr(views, "LINES_PER_PAGE", 3)
    for number in range(8):
        booking.post(closed(number=number))
    run_cycle(DAY, rail, clock)
    lines, page = [], 0
    while page is not None:
        found = queries.statements_of(DAY, "merchant:mer_1", page)
        [(statement, some)] = found
        assert 1 <= len(some) <= 3
        lines += some
        told = views.Statements.of_owner(DAY, found, page).next_cursor
        page = None if told is None else views.page_of(told)
    assert statement.line_count == len(lines) == 8
    assert sum(line.total.amount for line in lines) == statement.sums.total.amount == 8 * 1300


def test_payouts_announce_themselves(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_2")
    run_cycle(DAY, rail, clock)
    images = [
        {"version": {"N": str(version)}, **({"events": {"S": events}} if events else {})}
        for version, _, events in everything_stored().values()
    ]
    events = events_of_stream({"dynamodb": {"NewImage": image}} for image in images)
    assert sorted(event.type for event in events) == ["payout.failed", "payout.sent"]
    for event in events:
        validate_event(event.model_dump(mode="json"))


def vanish(posting_id):
    store.PostingRow.of(store.booked(posting_id)).delete(add_version_condition=False)


def compared(period, clock):
    return compare_day(steps.reopened(period), clock)


def test_a_finished_day_that_is_compared_agrees_and_changes_nothing(clock, rail):
    a_day(clock)
    _, totals = run_cycle(DAY, rail, clock)
    stored = everything_stored()
    clock.advance(timedelta(days=9))
    assert compared(DAY, clock) == totals
    assert everything_stored() == stored


def test_a_day_that_is_not_finished_can_not_be_compared(clock):
    steps.open_period(DAY, clock)
    with pytest.raises(Conflict, match="only a finished period"):
        steps.reopened(DAY)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_posting_that_vanishes_is_found(number, clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    state = {3: ("returned", "returning")}.get(number, ())
    vanish(posting_for(closed(*state, number=number)).id)
    with pytest.raises(BooksDontBalance, match="off by"):
        compared(DAY, clock)


def test_a_payment_whose_posting_vanished_is_found_on_the_day_it_was_booked(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, rail, clock)
    vanish(payout_posting(payout_of("drv_1"), clock.now()).id)
    compared(DAY, clock)
    with pytest.raises(BooksDontBalance, match="driver:drv_1:payable"):
        compared(TODAY, clock)


def test_a_line_that_is_missing_keeps_its_statement_from_being_written(clock, rail):
    a_day(clock)
    posting = posting_for(closed(number=1))
    [line] = [row for row in store.LineRow.of(posting) if "driver:drv_1" in row.pk]
    line.delete(add_version_condition=False)
    with pytest.raises(BooksDontBalance, match=r"off by 801 .*driver:drv_1"):
        run_cycle(DAY, rail, clock)
    assert store.StatementRow.of_owner(DAY, "driver:drv_1") == []
    line.save(add_version_condition=False)
    run_cycle(DAY, rail, clock)
    assert queries.overview(DAY).settlement.status is SettlementStatus.FINISHED


def test_a_balance_that_somebody_edited_is_found(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    [row] = store.PostingRow.query("BALANCE#platform:fees")
    row.body = "[0, 1, 0, 0]"
    row.save(add_version_condition=False)
    with pytest.raises(BooksDontBalance, match="platform:fees"):
        compared(DAY, clock)


def test_steps_that_were_left_out_are_missed(clock):
    a_day(clock)
    shards = steps.open_period(DAY, clock)
    steps.close_period(DAY, clock)
    stating.sum_shards(DAY, shards.items[1:])
    with pytest.raises(PartsMissing, match=r"shards \[0\]"):
        steps.plan_parts(DAY)
    stating.sum_shards(DAY, shards.items[:1])
    parts = steps.plan_parts(DAY)
    stating.state_parts(DAY, parts.items[1:], clock)
    with pytest.raises(PartsMissing, match=f"parts .{parts.items[0]}"):
        steps.finish_period(DAY, clock)


def test_what_is_written_equals_the_statements_made_in_memory(clock, rail):
    a_day(clock)
    postings = list(store.PostingRow.of_period(DAY))
    run_cycle(DAY, rail, clock)
    expected = statements_for(DAY, postings)
    assert queries.statements(DAY, None, 100) == [statement for statement, _ in expected]
    for statement, lines in expected:
        found = queries.statements_of(DAY, statement.owner)
        assert found == [(statement, list(lines))]


def test_a_driver_who_was_paid_without_a_posting_is_found(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    vanish(payout_posting(payout_of("drv_1"), clock.now()).id)
    with pytest.raises(BooksDontBalance, match=r"off by 800 .*driver:drv_1:payable"):
        making.check_paid(DAY)


def test_a_debt_that_was_not_carried_on_is_found(clock, rail):
    a_day(clock)
    run_cycle(DAY, rail, clock)
    [statement] = [s for s in queries.overview(DAY).statements if s.driver_id == "drv_3"]
    vanish(carry_posting(statement, clock.now()).id)
    with pytest.raises(BooksDontBalance, match=r"off by 50 .*driver:drv_3:payable"):
        making.check_paid(DAY)


def test_a_payout_that_was_sent_but_is_marked_failed_raises_the_alarm(clock, rail, fake_rail):
    """Cannot happen while the rail keeps its word about keys; if it does, a person must know."""
    a_day(clock)
    close_day(DAY, clock)
    payout = payout_of("drv_1")

    class Forgetful:
        def transfer(self, payout):
            payouts.compensate(payout.id, caught(PayoutRejected("no")), clock)
            return "trf_9"

    with pytest.raises(BooksDontBalance, match="but it is failed here"):
        payouts.pay(payout.id, Forgetful(), clock)


def repeated_steps(rail, clock):
    """The cycle, each step repeated after a fault as the state machine or a new start would."""
    while True:
        try:
            return run_cycle(DAY, rail, clock)
        except (Died, Exception):
            clock.advance(timedelta(minutes=1))


def summary():
    """Return the status, statements, payouts and postings of a settlement, without moments."""
    overview = queries.overview(DAY)
    booked = {
        posting.id: (posting.kind, posting.period, posting.entries)
        for period in (DAY, TODAY)
        for posting in store.PostingRow.of_period(period)
    }
    payouts = {p.driver_id: (p.id, p.amount, p.state, p.transfer_id, p.reason, p.sequence) for p in overview.payouts}
    return overview.settlement.status, overview.statements, payouts, booked


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_the_cycle_fails_a_new_run_ends_the_same_and_pays_once(
    lost, dies, clock, rail, fake_rail, two_shards
):
    fake_rail.refuses.add("drv_2")
    a_day(clock)
    evening = saved_tables()
    with failing_call() as calls:
        run_cycle(DAY, rail, clock)
    faultless, paid = summary(), dict(fake_rail.paid)
    assert len(calls.made) > 30
    # A process that dies after its call took effect is the hardest case; of the others every fifth call is enough.
    every = 1 if dies and lost is Lost.ANSWER else 5
    for n in range(1, len(calls.made) + 1, every):
        restore_tables(evening)
        fake_rail.transfers.clear()
        with failing_call(n, lost, dies=dies) as faulty:
            repeated_steps(rail, clock)
        assert faulty.failed == calls.made[n - 1]
        assert summary() == faultless, f"after {faulty.failed}, call {n}"
        assert dict(fake_rail.paid) == paid
