"""Each period has one due moment, whatever the clocks do; what was missed is sent, and what was too early is not."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.insight.finance.model import LEASE, MailKind, MailPlan, MailPlans, MailRun, MailSettings, RunState
from crowdship.insight.finance.schedule import (
    BOOKS_WAIT,
    CATCH_UP,
    due,
    due_at,
    end_of,
    last_over,
    may_be_sent,
    next_due,
    periods,
    slot_of,
    task_of,
)

TIME_ZONES = ["UTC", "America/Chicago", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Kiritimati"]


def plan(time="07:00", time_zone="America/Chicago", **more):
    return MailPlan.model_validate({"recipients": ["a@b.example"], "time": time, "time_zone": time_zone, **more})


plans = st.builds(
    plan,
    st.times().map(lambda moment: f"{moment:%H:%M}"),
    st.sampled_from(TIME_ZONES),
    weekday=st.sampled_from(["monday", "wednesday", "sunday"]),
    day_of_month=st.integers(1, 28),
)
kinds = st.sampled_from(list(MailKind))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(kinds, plans, moments)
def test_a_mail_comes_after_its_period_and_before_another_whole_one_is_over(kind, one, now):
    _, last = next(periods(kind, now, 1))
    ended = datetime.combine(last, time(), UTC) + timedelta(days=1)
    longest = {MailKind.WEEKLY: 8, MailKind.MONTH: 33}.get(kind, 2)
    assert ended <= due_at(kind, one, last) <= ended + timedelta(days=longest)


@settings(max_examples=25)
@given(kinds, plans, moments)
def test_whoever_looks_every_day_for_forty_days_finds_each_period_once(kind, one, start):
    mails = MailSettings.first("a@b.example", start).changed(
        MailPlans(flash=one, weekly=one, month=one, exceptions=one), "ana", start
    )
    sent, now = [], start
    for _ in range(40):
        now += timedelta(days=1)
        known = {task.run_id for task in sent}
        sent += [task for task in due(mails, now) if task.kind is kind and task.run_id not in known]
    firsts = [task.first for task in sent]
    assert len(set(firsts)) == len(firsts)
    between = {first for first, last in periods(kind, now, 45) if start <= due_at(kind, one, last) <= now}
    assert set(firsts) == between


def test_by_the_clock_on_the_wall_it_stays_seven_when_the_clocks_change():
    hours = {due_at(MailKind.FLASH, plan(), day).hour for day in (date(2026, 10, 30), date(2026, 11, 1))}
    assert hours == {12, 13}


def test_an_hour_that_is_left_out_is_read_as_it_was_before_and_one_that_comes_twice_counts_once():
    left_out = due_at(MailKind.FLASH, plan("02:30", "Europe/Berlin"), date(2026, 3, 28))
    assert left_out == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = due_at(MailKind.FLASH, plan("02:30", "Europe/Berlin"), date(2026, 10, 24))
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_week_is_told_on_its_weekday_and_a_month_on_its_day():
    weekly = due_at(MailKind.WEEKLY, plan(weekday="tuesday"), date(2026, 11, 29))
    assert weekly == datetime(2026, 12, 1, 13, tzinfo=UTC)
    month = due_at(MailKind.MONTH, plan(day_of_month=3), date(2026, 11, 30))
    assert month == datetime(2026, 12, 3, 13, tzinfo=UTC)


def test_what_was_missed_is_due_for_some_periods_and_nothing_from_before_it_was_enabled():
    now = datetime(2026, 11, 30, 20, tzinfo=UTC)
    mails = MailSettings.first("a@b.example", datetime(2026, 1, 1, tzinfo=UTC))
    flashes = [task.first for task in due(mails, now) if task.kind is MailKind.FLASH]
    assert flashes == [date(2026, 11, 23) + timedelta(days=back) for back in range(CATCH_UP[MailKind.FLASH])]
    assert due(MailSettings.first("a@b.example", now), now) == []


def test_a_mail_that_is_enabled_again_begins_anew():
    first = datetime(2026, 1, 1, tzinfo=UTC)
    later = datetime(2026, 11, 30, tzinfo=UTC)
    mails = MailSettings.first("a@b.example", first)
    off = plan(enabled=False)
    without = mails.changed(mails.plans.model_copy(update={"flash": off}), "ana", first)
    assert MailKind.FLASH not in without.since
    again = without.changed(without.plans.model_copy(update={"flash": plan()}), "ana", later)
    assert (again.since[MailKind.FLASH], again.since[MailKind.WEEKLY]) == (later, first)


@given(kinds, plans, moments)
def test_what_is_due_next_is_still_to_come(kind, one, now):
    every = MailPlans(flash=one, weekly=one, month=one, exceptions=one)
    assert next_due(kind, every, now) > now
    assert last_over(kind, every, now).last < now.date()


def test_a_mail_waits_for_the_books_and_not_for_ever():
    moment = datetime(2026, 11, 30, 7, tzinfo=UTC)
    assert may_be_sent(moment, moment, is_closed=True)
    assert not may_be_sent(moment, moment + BOOKS_WAIT - timedelta(seconds=1), is_closed=False)
    assert may_be_sent(moment, moment + BOOKS_WAIT, is_closed=False)


@given(moments)
def test_a_slot_has_the_moment_in_it_and_ends_within_a_quarter_of_an_hour(moment):
    slot = slot_of(moment)
    assert timedelta(0) < end_of(slot) - moment <= timedelta(minutes=15)
    assert task_of(slot).first == moment.date()


@given(st.lists(st.sampled_from(["hold", "wait", "send", "refuse"]), max_size=20))
def test_whatever_its_senders_do_a_run_is_held_by_one_and_sent_once(acts):
    now = datetime(2026, 11, 30, 7, tzinfo=UTC)
    run, holder, sent = MailRun.of(task_of("2026-11-30T06:45"), now), None, 0
    for act in acts:
        if act == "wait":
            now += LEASE / 2
        elif act == "hold" and (held := run.held(now)):
            assert run.held_until is None or now >= run.held_until
            run, holder = held, now
        elif act == "send" and holder and run.state is RunState.WAITING and run.held_until and now < run.held_until:
            run, sent = run.done(("a@b.example",), 1, now), sent + 1
        elif act == "refuse" and run.state is RunState.WAITING and run.held_until:
            run = run.refused("Throttling")
    assert sent == (run.state is RunState.SENT)
