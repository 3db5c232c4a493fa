from datetime import date, timedelta

import pytest

from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.settlement import booking, queries, store, views
from crowdship.settlement.balances import store as balances_store
from crowdship.settlement.balances.store import DayRow
from crowdship.settlement.carrying import carry_posting
from crowdship.settlement.causes import posting_for
from crowdship.settlement.cycle import record, stating, steps
from crowdship.settlement.cycle.model import PartsMissing, SettlementStatus
from crowdship.settlement.ledger import BooksDontBalance
from crowdship.settlement.sums import PARTS
from crowdship.settlement.trial_balance import trial_balance
from tests.books import statements_for
from tests.faults import Died, Lost, failing_call
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.settlement.conftest import compare_day, everything_stored, run_cycle
from tests.unit.settlement.test_postings import adjustment, closed, usd

DAY = date(2026, 3, 2)
TODAY = date(2026, 3, 3)

pytestmark = pytest.mark.usefixtures("aws")


def a_day(clock):
    """Two drivers who earned, and one who owes."""
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


def test_the_cycle_states_what_each_driver_is_due(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    due = {s.driver_id: s.due.amount for s in queries.every_statement(DAY) if s.driver_id}
    assert due == {"drv_1": 800, "drv_2": 1600, "drv_3": 0}
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == -800


def test_a_second_run_changes_nothing_and_answers_the_same(clock):
    a_day(clock)
    first = run_cycle(DAY, clock)
    stored = everything_stored()
    clock.advance(timedelta(days=1))
    assert run_cycle(DAY, clock) == first
    assert everything_stored() == stored


def test_a_debt_is_carried_to_the_next_day(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    assert balance_of("driver:drv_3:payable", DAY, TODAY) == 0
    assert balance_of("driver:drv_3:receivable", DAY, TODAY) == 50
    booking.post(closed(number=4, driver_id="drv_3").model_copy(update={"time": clock.now()}))
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, clock)
    due = {s.driver_id: s.due.amount for s in queries.every_statement(TODAY) if s.driver_id}
    assert due == {"drv_3": 750}
    assert balance_of("driver:drv_3:receivable", DAY, TODAY, clock.now().date()) == 0


def test_a_late_delivery_is_stated_with_the_day_it_was_booked_in(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    booking.post(closed(number=9))
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, clock)
    due = {s.driver_id: s.due.amount for s in queries.every_statement(TODAY) if s.driver_id}
    assert due["drv_1"] == 800


def test_a_day_without_deliveries_settles_to_nothing(clock):
    run_cycle(DAY, clock)
    assert queries.every_statement(DAY) == []
    assert record.find(DAY).status is SettlementStatus.FINISHED


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


def test_statements_keep_their_lines_on_pages(clock, monkeypatch):
    monkeypatch.setattr(stating, "LINES_PER_PAGE", 3)
    monkeypatch.setattr(views, "LINES_PER_PAGE", 3)
    for number in range(8):
        booking.post(closed(number=number))
    run_cycle(DAY, clock)
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


def vanish(posting_id):
    store.PostingRow.of(store.booked(posting_id)).delete(add_version_condition=False)


def compared(period, clock):
    return compare_day(steps.reopened(period), clock)


def test_a_finished_day_that_is_compared_agrees_and_changes_nothing(clock):
    a_day(clock)
    totals = run_cycle(DAY, clock)
    stored = everything_stored()
    clock.advance(timedelta(days=9))
    assert compared(DAY, clock) == totals
    assert everything_stored() == stored


def test_a_day_that_is_not_finished_can_not_be_compared(clock):
    steps.open_period(DAY, clock)
    with pytest.raises(Conflict, match="only a finished period"):
        steps.reopened(DAY)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_posting_that_vanishes_is_found(number, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    state = {3: ("returned", "returning")}.get(number, ())
    vanish(posting_for(closed(*state, number=number)).id)
    with pytest.raises(BooksDontBalance, match="off by"):
        compared(DAY, clock)


def test_a_debt_whose_carried_posting_vanished_is_found_on_the_day_it_was_booked(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, clock)
    [statement] = [s for s in queries.every_statement(DAY) if s.driver_id == "drv_3"]
    vanish(carry_posting(statement, clock.now()).id)
    with pytest.raises(BooksDontBalance, match="driver:drv_3"):
        compared(TODAY, clock)


def test_a_line_that_is_missing_keeps_its_statement_from_being_written(clock):
    a_day(clock)
    posting = posting_for(closed(number=1))
    [line] = [row for row in store.LineRow.of(posting) if "driver:drv_1" in row.pk]
    line.delete(add_version_condition=False)
    with pytest.raises(BooksDontBalance, match=r"off by 801 .*driver:drv_1"):
        run_cycle(DAY, clock)
    assert store.StatementRow.of_owner(DAY, "driver:drv_1") == []
    line.save(add_version_condition=False)
    run_cycle(DAY, clock)
    assert record.find(DAY).status is SettlementStatus.FINISHED


def test_a_balance_that_somebody_edited_is_found(clock):
    a_day(clock)
    run_cycle(DAY, clock)
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


def test_what_is_written_equals_the_statements_made_in_memory(clock):
    a_day(clock)
    postings = list(store.PostingRow.of_period(DAY))
    run_cycle(DAY, clock)
    expected = statements_for(DAY, postings)
    assert queries.statements(DAY, None, 100) == [statement for statement, _ in expected]
    for statement, lines in expected:
        found = queries.statements_of(DAY, statement.owner)
        assert found == [(statement, list(lines))]


def test_a_debt_that_was_not_carried_on_is_found(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    [statement] = [s for s in queries.every_statement(DAY) if s.driver_id == "drv_3"]
    vanish(carry_posting(statement, clock.now()).id)
    with pytest.raises(BooksDontBalance, match=r"off by 50 .*driver:drv_3"):
        compared(DAY, clock)


def repeated_steps(clock):
    """The cycle, each step repeated after a fault as the state machine or a new start would."""
    while True:
        try:
            return run_cycle(DAY, clock)
        except (Died, Exception):
            clock.advance(timedelta(minutes=1))


def summary():
    """Return the status, statements and postings of a settlement, without moments."""
    booked = {
        posting.id: (posting.kind, posting.period, posting.entries)
        for period in (DAY, TODAY)
        for posting in store.PostingRow.of_period(period)
    }
    return record.find(DAY).status, queries.every_statement(DAY), booked


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_the_cycle_fails_a_new_run_ends_the_same(lost, dies, clock, two_shards):
    a_day(clock)
    evening = saved_tables()
    with failing_call() as calls:
        run_cycle(DAY, clock)
    faultless = summary()
    assert len(calls.made) > 15
    # A process that dies after its call took effect is the hardest case; of the others every fifth call is enough.
    every = 1 if dies and lost is Lost.ANSWER else 5
    for n in range(1, len(calls.made) + 1, every):
        restore_tables(evening)
        with failing_call(n, lost, dies=dies) as faulty:
            repeated_steps(clock)
        assert faulty.failed == calls.made[n - 1]
        assert summary() == faultless, f"after {faulty.failed}, call {n}"


def test_a_part_whose_balances_were_stored_in_part_is_stored_as_a_whole_by_the_next_try(clock, monkeypatch):
    monkeypatch.setattr(balances_store, "LINES_PER_ROW", 1)
    monkeypatch.setattr(balances_store, "part_of", lambda account: 0)
    a_day(clock)
    steps.open_period(DAY, clock)
    steps.close_period(DAY, clock)
    stating.sum_shards(DAY, store.shards_of(DAY))
    saved, save = [], DayRow.save

    def dies_at_the_third(row, **how):
        saved.append(row.sk)
        if len(saved) == 3:
            raise Died
        return save(row, **how)

    with monkeypatch.context() as dying:
        dying.setattr(DayRow, "save", dies_at_the_third)
        with pytest.raises(Died):
            stating.state_parts(DAY, [0], clock)
    stating.state_parts(DAY, [0], clock)
    assert steps.finish_period(DAY, clock).accounts > 3
