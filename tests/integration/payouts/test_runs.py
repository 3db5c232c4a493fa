"""Pay runs: what is due is paid once, whatever fails and however often a step is repeated."""

from datetime import date, timedelta

import boto3
import pytest

from crowdship.kernel.errors import Conflict
from crowdship.onboarding.store import PayableRow
from crowdship.payouts import queries as payouts
from crowdship.payouts import service
from crowdship.payouts.model import Payout, PayoutState
from crowdship.payouts.provider import PaymentRailUnavailable, PayoutRejected
from crowdship.payouts.runs import record, schedule, steps
from crowdship.payouts.runs.model import PayoutsUndecided, RunStatus
from crowdship.payouts.schedule import Cadence
from crowdship.payouts.store import ClaimRow, DueRow
from crowdship.settlement import booking, queries, store
from crowdship.settlement.ledger import BooksDontBalance, PostingKind
from crowdship.settlement.trial_balance import trial_balance
from tests.contracts import events_of_stream, validate_event
from tests.faults import Died, Lost, failing_call
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.payouts.conftest import everything_stored, pay, settle
from tests.integration.settlement.conftest import run_cycle
from tests.integration.settlement.test_cycle import DAY, TODAY, a_day, balance_of
from tests.unit.settlement.test_postings import closed

pytestmark = pytest.mark.usefixtures("aws")

LATER = [TODAY + timedelta(days=n) for n in range(1, 12)]


def payout_of(driver_id, period=DAY) -> Payout:
    [payout] = [p for p in payouts.made_by_run(period) if p.driver_id == driver_id]
    return payout


def states(period=DAY):
    return {p.driver_id: str(p.state) for p in payouts.made_by_run(period)}


def in_flight(*periods):
    return balance_of("platform:payouts_in_flight", *periods)


def test_the_run_pays_each_driver_what_the_day_earned(clock, rail, fake_rail):
    a_day(clock)
    run = settle(DAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}
    assert states() == {"drv_1": "paid", "drv_2": "paid"}
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == 0
    assert balance_of("platform:cash", DAY, TODAY) == -2400
    assert in_flight(DAY, TODAY) == 0
    [total] = run.totals
    assert (total.state, total.count, total.total.amount) == ("paid", 2, 2400)


def test_a_payout_is_booked_on_the_day_it_is_made_and_every_day_balances(clock, rail):
    a_day(clock)
    settle(DAY, rail, clock)
    assert balance_of("driver:drv_1:payable", DAY) == -800
    assert balance_of("driver:drv_1:payable", TODAY) == 800
    for day in (DAY, TODAY):
        assert trial_balance(store.PostingRow.of_period(day)).off_by == 0


def test_money_that_no_bank_has_confirmed_is_in_flight(clock, rail, fake_rail):
    fake_rail.slow.add("drv_1")
    a_day(clock)
    settle(DAY, rail, clock)
    assert states() == {"drv_1": "in_transit", "drv_2": "paid"}
    assert in_flight(DAY, TODAY) == -800


def test_a_second_run_pays_nothing_and_answers_the_same(clock, rail, fake_rail):
    a_day(clock)
    first = settle(DAY, rail, clock)
    stored = everything_stored()
    clock.advance(timedelta(days=1))
    assert settle(DAY, rail, clock) == first
    assert everything_stored() == stored
    assert set(fake_rail.asked.values()) == {1}


def test_a_debt_is_not_paid(clock, rail, fake_rail):
    a_day(clock)
    settle(DAY, rail, clock)
    assert "drv_3" not in fake_rail.paid
    booking.post(closed(number=4, driver_id="drv_3").model_copy(update={"time": clock.now()}))
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid["drv_3"] == 750


def test_a_refused_payout_comes_back_and_is_paid_with_the_next_day(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_2")
    settle(DAY, rail, clock)
    refused = payout_of("drv_2")
    assert (refused.state, refused.reason) == (PayoutState.FAILED, "account_closed")
    assert balance_of("driver:drv_2:payable", DAY, TODAY) == -1600
    assert balance_of("platform:cash", DAY, TODAY) == -800
    assert in_flight(DAY, TODAY) == 0
    fake_rail.refuses.clear()
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}


def test_a_payout_to_a_changed_account_waits_for_one_period_and_then_goes(clock, rail, fake_rail):
    a_day(clock)
    PayableRow.of("drv_1", TODAY).save()
    PayableRow.of("drv_2", DAY).save()
    settle(DAY, rail, clock)
    assert fake_rail.paid == {"drv_2": 1600}
    held = payout_of("drv_1")
    assert (held.state, held.hold_code, held.held_until) == (PayoutState.HELD, "account_changed", TODAY)
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == -800
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}
    assert payout_of("drv_1").state is PayoutState.PAID


def test_an_account_that_is_changed_after_the_statement_was_written_holds_the_payout(clock, rail, fake_rail):
    a_day(clock)
    run_cycle(DAY, clock)
    PayableRow.of("drv_1", TODAY + timedelta(days=1)).save()
    pay(DAY, rail, clock)
    assert states() == {"drv_1": "held", "drv_2": "paid"}
    assert "drv_1" not in fake_rail.paid


def test_a_second_run_does_not_ask_again_for_what_was_refused(clock, rail, fake_rail):
    a_day(clock)
    fake_rail.refuses.add("drv_2")
    settle(DAY, rail, clock)
    fake_rail.refuses.clear()
    pay(DAY, rail, clock)
    assert "drv_2" not in fake_rail.paid


@pytest.mark.parametrize("status", [409, 429, 500, 503, 401, 302])
def test_an_answer_that_says_nothing_about_the_payout_leaves_it_instructed(status, clock, rail, fake_rail):
    a_day(clock)
    fake_rail.stumbles["drv_1"] = [status]
    with pytest.raises(PayoutsUndecided):
        settle(DAY, rail, clock)
    assert states() == {"drv_1": "instructed", "drv_2": "paid"}
    assert pay(DAY, rail, clock).status is RunStatus.FINISHED
    assert fake_rail.paid["drv_1"] == 800
    assert fake_rail.asked[payout_of("drv_1").id] == 2


def test_a_timeout_is_never_given_back_because_the_money_may_have_left(clock, rail, fake_rail):
    a_day(clock)
    run_cycle(DAY, clock)
    steps.open_run(DAY, clock)
    steps.take_in(DAY, None)
    service.make_due("drv_1", DAY, clock)
    [payout] = service.open_of("drv_1")
    service.instruct(payout.id, DAY, clock)
    with failing_call(2, Lost.ANSWER) as calls, pytest.raises(PaymentRailUnavailable):
        service.send(payout.id, rail, clock)
    assert calls.failed == "http.POST"
    assert fake_rail.paid["drv_1"] == 800
    assert service.find(payout.id).state is PayoutState.INSTRUCTED
    assert service.send(payout.id, rail, clock).state is PayoutState.PAID
    assert fake_rail.paid["drv_1"] == 800
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == 0


def test_a_payout_that_was_taken_but_was_given_back_here_raises_the_alarm(clock):
    """Cannot happen while the rail keeps its word about keys; if it does, a person must know."""
    a_day(clock)
    run_cycle(DAY, clock)
    steps.open_run(DAY, clock)
    steps.take_in(DAY, None)
    service.make_due("drv_1", DAY, clock)
    [payout] = service.open_of("drv_1")
    service.instruct(payout.id, DAY, clock)

    class Forgetful:
        collects = False

        def transfer(self, instruction):
            service.refuse(instruction.payout_id, PayoutRejected("no", "no"), clock)
            return type("Answer", (), {"transfer_id": "trf_9"})()

    with pytest.raises(BooksDontBalance, match="but it is failed here"):
        service.send(payout.id, Forgetful(), clock)


def test_books_that_are_not_stated_are_not_paid(clock, rail):
    a_day(clock)
    with pytest.raises(Conflict, match="not begun"):
        steps.open_run(DAY, clock)


def test_whoever_is_paid_weekly_is_paid_the_week_on_its_last_day(clock, rail, fake_rail):
    payouts.choose_schedule("drv_1", Cadence.WEEKLY, clock)
    for number, day in enumerate([DAY, TODAY, *LATER[:5]]):  # Monday to Sunday
        clock.moment = clock.moment.replace(day=day.day, hour=12)
        for driver in ("drv_1", "drv_2"):
            event = closed(number=2 * number + (driver == "drv_2"), driver_id=driver)
            booking.post(event.model_copy(update={"time": clock.now()}))
        clock.advance(timedelta(hours=17))
        settle(day, rail, clock)
        assert fake_rail.paid["drv_2"] == 800 * (number + 1)
        assert fake_rail.paid["drv_1"] == (5600 if number == 6 else 0)
    assert len(payout_of("drv_1", LATER[4]).settles) == 7


def test_a_week_without_work_on_its_last_day_is_paid_all_the_same(clock, rail, fake_rail):
    payouts.choose_schedule("drv_1", Cadence.WEEKLY, clock)
    a_day(clock)
    settle(DAY, rail, clock)
    sunday = LATER[4]
    clock.moment = clock.moment.replace(day=sunday.day + 1)
    settle(sunday, rail, clock)
    assert fake_rail.paid["drv_1"] == 800


def test_whoever_changes_to_daily_is_paid_what_waited_with_the_next_day_and_not_again(clock, rail, fake_rail):
    payouts.choose_schedule("drv_1", Cadence.WEEKLY, clock)
    a_day(clock)
    settle(DAY, rail, clock)
    booking.post(closed(number=9).model_copy(update={"time": clock.now()}))
    payouts.choose_schedule("drv_1", Cadence.DAILY, clock)
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    assert fake_rail.paid["drv_1"] == 1600
    clock.moment = clock.moment.replace(day=LATER[4].day + 1)
    settle(LATER[4], rail, clock)
    assert fake_rail.paid["drv_1"] == 1600


def test_each_due_statement_is_in_one_payout_or_waits_for_its_payday(clock, rail):
    payouts.choose_schedule("drv_1", Cadence.WEEKLY, clock)
    a_day(clock)
    settle(DAY, rail, clock)
    due = {s.id: s.driver_id for s in queries.every_statement(DAY) if s.due.amount}
    claimed = ClaimRow.claimed_by(due)
    waiting = {row.sk.split("#")[-1] for row in DueRow.scan() if row.sk.startswith("DUE#")}
    assert set(claimed) | waiting == set(due)
    assert not set(claimed) & waiting
    assert {due[one] for one in claimed} == {"drv_2"}


def test_a_payout_remembers_its_changes(clock, rail):
    a_day(clock)
    PayableRow.of("drv_1", TODAY).save()
    settle(DAY, rail, clock)
    clock.advance(timedelta(days=1))
    settle(TODAY, rail, clock)
    changes = [str(change.state) for change in payout_of("drv_1").history]
    assert changes == ["pending", "held", "pending", "instructed", "in_transit", "paid"]


def test_events_of_payouts_keep_their_contracts(clock, rail, fake_rail):
    fake_rail.refuses.add("drv_2")
    a_day(clock)
    settle(DAY, rail, clock)
    images = [
        {"version": {"N": str(version)}, **({"events": {"S": events}} if events else {})}
        for version, _, events in everything_stored().values()
    ]
    events = events_of_stream({"dynamodb": {"NewImage": image}} for image in images)
    assert sorted(event.type for event in events) == ["payout.failed", "payout.paid", "payout.sent"]
    for event in events:
        validate_event(event.model_dump(mode="json"))


def test_a_file_holds_all_payouts_and_they_count_as_paid_when_no_bank_may_return_them(clock, bank, bucket):
    a_day(clock)
    run = settle(DAY, bank, clock, bucket)
    assert (run.file.count, run.file.total.amount, run.status) == (2, 2400, RunStatus.FINISHED)
    assert states() == {"drv_1": "in_transit", "drv_2": "in_transit"}
    content = bucket().content(run.file.key).decode().splitlines()
    assert content[0] == "2026-03-03T04:30:00+00:00 2026-03-04 0"
    assert len(content) == 3
    assert in_flight(DAY, TODAY) == -2400
    for day, paid in ((4, 0), (6, 0), (7, 2), (9, 0)):  # Wednesday; Friday is the second banking day after it
        clock.moment = clock.moment.replace(day=day)
        assert steps.count_as_paid(bank, clock) == paid
    assert states() == {"drv_1": "paid", "drv_2": "paid"}
    settled = [one for one in store.PostingRow.of_period(date(2026, 3, 7)) if one.kind is PostingKind.PAYOUT_SETTLED]
    assert [one.value_on for one in settled] == [date(2026, 3, 4)] * 2, "the drivers had it on its banking day"


def test_a_payout_that_no_file_can_hold_waits_for_an_account_or_fails(clock, bank, bucket):
    bank.without_account.add("drv_1")
    bank.refuses.add("drv_2")
    a_day(clock)
    run = settle(DAY, bank, clock, bucket)
    assert run.file is None
    assert states() == {"drv_1": "held", "drv_2": "failed"}
    bank.without_account.clear()
    clock.advance(timedelta(days=1))
    run = settle(TODAY, bank, clock, bucket)
    assert run.file.count == 1
    assert payout_of("drv_1").state is PayoutState.IN_TRANSIT


def test_an_account_that_is_changed_before_the_file_is_written_stays_out_of_it(clock, bank, bucket):
    a_day(clock)
    run_cycle(DAY, clock)
    steps.open_run(DAY, clock)
    steps.take_in(DAY, None)
    steps.make_batches(DAY)
    steps.pay_batch(DAY, 0, bank, clock)
    PayableRow.of("drv_1", TODAY + timedelta(days=1)).save()
    run = pay(DAY, bank, clock, bucket)
    assert run.file.count == 1
    assert states() == {"drv_1": "failed", "drv_2": "in_transit"}
    assert balance_of("driver:drv_1:payable", DAY, TODAY) == -800


def test_a_payout_is_in_the_file_of_one_run_though_two_run_at_once(clock, bank, bucket):
    a_day(clock)
    run_cycle(DAY, clock)
    steps.open_run(DAY, clock)
    steps.take_in(DAY, None)
    steps.make_batches(DAY)
    steps.pay_batch(DAY, 0, bank, clock)
    steps.write_file(DAY, bank, bucket, clock)
    clock.advance(timedelta(days=1))
    run_cycle(TODAY, clock)
    other = pay(TODAY, bank, clock, bucket)
    assert (other.status, other.file) == (RunStatus.FINISHED, None)
    first = pay(DAY, bank, clock, bucket)
    assert (first.status, first.file.count) == (RunStatus.FINISHED, 2)
    assert states() == {"drv_1": "in_transit", "drv_2": "in_transit"}


def test_a_payout_that_was_held_goes_into_the_file_of_the_run_that_instructs_it(clock, bank, bucket):
    a_day(clock)
    PayableRow.of("drv_1", TODAY).save()
    assert settle(DAY, bank, clock, bucket).file.count == 1
    clock.advance(timedelta(days=1))
    assert settle(TODAY, bank, clock, bucket).file.count == 1
    assert states() == {"drv_1": "in_transit", "drv_2": "in_transit"}


class Executions:
    """Executions that run when the test says so."""

    def __init__(self):
        self.started, self.failed = [], set()

    def start(self, period, attempt):
        name = f"{period}-{attempt}"
        if name in self.started:
            return name, False
        self.started.append(name)
        return name, True

    def has_failed(self, arn):
        return arn in self.failed


def test_a_run_that_is_started_twice_runs_once_and_a_failed_one_is_started_again(clock):
    a_day(clock)
    run_cycle(DAY, clock)
    executions = Executions()
    assert schedule.start(DAY, executions, clock)[1]
    assert not schedule.start(DAY, executions, clock)[1]
    assert schedule.catch_up(executions, clock) == []
    executions.failed.add(f"{DAY}-1")
    assert schedule.catch_up(executions, clock) == [DAY]
    assert executions.started == [f"{DAY}-1", f"{DAY}-2"]
    assert record.find(DAY).attempt == 2


def test_a_run_that_nobody_started_is_caught_up_once_the_books_are_finished(clock, rail):
    executions = Executions()
    a_day(clock)
    assert schedule.catch_up(executions, clock) == []
    run_cycle(DAY, clock)
    assert schedule.catch_up(executions, clock) == [DAY]
    pay(DAY, rail, clock)
    executions.failed.add(f"{DAY}-1")
    assert schedule.catch_up(executions, clock) == [], "a finished run is not started again"


def repeated(run, clock):
    """A run, each step repeated after a fault as the state machine or a new start would."""
    while True:
        try:
            return run()
        except (Died, Exception):
            clock.advance(timedelta(minutes=1))


def summary():
    """Return what a run left, without moments."""
    booked = {
        posting.id: (posting.kind, posting.period, posting.entries)
        for period in (DAY, TODAY)
        for posting in store.PostingRow.of_period(period)
    }
    found = {p.driver_id: (p.id, p.amount, p.state, p.transfer_id, p.reason) for p in payouts.made_by_run(DAY)}
    run = record.find(DAY)
    return run.status, run.totals, run.file, found, booked


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_a_run_fails_a_new_run_ends_the_same_and_pays_once(
    lost, dies, clock, rail, fake_rail, two_shards
):
    fake_rail.refuses.add("drv_2")
    a_day(clock)
    run_cycle(DAY, clock)
    evening = saved_tables()
    with failing_call() as calls:
        pay(DAY, rail, clock)
    faultless, paid = summary(), dict(fake_rail.paid)
    assert len(calls.made) > 30
    for n in range(1, len(calls.made) + 1):
        restore_tables(evening)
        fake_rail.transfers.clear()
        with failing_call(n, lost, dies=dies) as faulty:
            repeated(lambda: pay(DAY, rail, clock), clock)
        assert faulty.failed == calls.made[n - 1]
        assert summary() == faultless, f"after {faulty.failed}, call {n}"
        assert dict(fake_rail.paid) == paid


@pytest.mark.parametrize("lost", Lost)
def test_whichever_call_of_a_filed_run_fails_the_file_has_the_same_bytes(lost, clock, bank, bucket, two_shards):
    bank.refuses.add("drv_2")
    booking.post(closed(number=7, driver_id="drv_4"))
    a_day(clock)
    run_cycle(DAY, clock)
    steps.open_run(DAY, clock)
    evening = saved_tables()
    with failing_call() as calls:
        pay(DAY, bank, clock, bucket)
    faultless = summary()
    content = bucket().content(faultless[2].key)
    for n in range(1, len(calls.made) + 1):
        restore_tables(evening)
        with failing_call(n, lost, dies=True) as faulty:
            repeated(lambda: pay(DAY, bank, clock, bucket), clock)
        assert summary() == faultless, f"after {faulty.failed}, call {n}"
    files = boto3.client("s3").list_objects_v2(Bucket="bank-files")["Contents"]
    assert len(files) == 2, "one file and its manifest, whatever failed"
    assert bucket().content(faultless[2].key) == content
