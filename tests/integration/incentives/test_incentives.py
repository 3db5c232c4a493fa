import random
import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.deliveries.delivery.values import Step
from crowdship.incentives import service as incentives
from crowdship.incentives.expected import extra_parts
from crowdship.incentives.store import IncentiveRow
from crowdship.kernel.errors import Conflict, Forbidden, Unprocessable
from crowdship.zones.tiers import USUAL
from tests.extra_pay import FRIDAY, PAY, accepted, corrected, duty, ended
from tests.integration.conftest import restore_tables, saved_tables
from tests.integration.incentives.conftest import BATCH, GUARANTEE, PEAK, QUEST

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def deliveries_of(driver, count, first=1):
    return [ended(f"dlv_{driver.id[-4:]}{n}", driver.id, FRIDAY + n * MINUTE) for n in range(first, first + count)]


def test_who_joins_a_quest_earns_each_step_as_it_is_reached(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    assert evening.join(ana, quest).progress.reserved.amount == 3000
    assert evening.budget(quest) == (3000, 0, 1)
    evening.count(*deliveries_of(ana, 3))
    assert evening.budget(quest) == (3000, 1000, 1)
    evening.count(*deliveries_of(ana, 2, first=4))
    assert evening.booked == {(ana.id, "quest"): 3000}


def test_joining_twice_reserves_once(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    evening.join(ana, quest)
    assert evening.budget(quest) == (3000, 0, 1)


def test_who_did_not_join_earns_nothing_and_loses_nothing(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.count(*deliveries_of(ana, 5))
    assert (evening.budget(quest), evening.promises) == ((0, 0, 0), [])


def test_work_before_joining_counts_from_the_beginning_of_the_span(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.count(*deliveries_of(ana, 2))
    evening.join(ana, quest)
    evening.count(*deliveries_of(ana, 1, first=3))
    assert evening.booked == {(ana.id, "quest"): 1000}


def test_deliveries_outside_the_span_or_the_zone_do_not_count(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    late = ended("dlv_late", ana.id, FRIDAY + 5 * HOUR)
    early = ended("dlv_early", ana.id, FRIDAY - MINUTE)
    elsewhere = ended("dlv_else", ana.id, FRIDAY + MINUTE, zone_id="otherville")
    evening.count(late, early, elsewhere, *deliveries_of(ana, 1))
    assert evening.booked == {}


def test_a_delivery_whose_ending_is_taken_back_takes_the_step_back(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    first, second = deliveries_of(ana, 2)
    evening.count(first, second)
    evening.count(corrected(second, second.time + 3 * MINUTE))
    assert evening.kinds == {"incentive.earned": 1, "incentive.reversed": 1}
    assert (evening.booked, evening.budget(quest)) == ({}, (3000, 0, 1))
    evening.count(ended(second.subject, ana.id, second.time + 5 * MINUTE, sequence=9))
    assert evening.booked == {(ana.id, "quest"): 1000}


def test_a_delivery_counts_once_its_held_pay_is_released_and_the_promise_waits_for_that(evening, monkeypatch):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    first, second = deliveries_of(ana, 2)
    held = second.model_copy(update={"data": {**second.data, "hold": {"decision": None}}})
    evening.count(first, held)
    evening.close(hours=7)
    assert (evening.booked, evening.budget(quest)) == ({}, (3000, 0, 1))

    class Known:
        # The delivery went on since: its ending was taken back when the pay had been decided about.
        timeline = tuple(
            Step(state=state, at=at, actor="drv_1")
            for state, at in [("delivered", second.time), ("arrived_at_dropoff", second.time + timedelta(days=1.5))]
        )

    monkeypatch.setattr("crowdship.incentives.counting.deliveries.get", lambda _: Known)
    decided = {**second.data, "hold": {"decision": {"verdict": "released"}}}
    later = second.time + timedelta(days=1)
    evening.count(
        second.model_copy(update={"type": "delivery.pay_released", "sequence": 8, "time": later, "data": decided})
    )
    evening.close(days=2)
    assert (evening.booked, evening.budget(quest)) == ({(ana.id, "quest"): 1000}, (1000, 1000, 1))


def test_what_was_not_earned_returns_to_the_budget_an_hour_after_the_end(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    evening.count(*deliveries_of(ana, 2))
    evening.close(hours=5, minutes=59)
    assert evening.budget(quest) == (3000, 1000, 1)
    evening.close(hours=6)
    assert evening.budget(quest) == (1000, 1000, 1)
    assert evening.close(days=3) == 0


def test_an_event_that_comes_after_the_close_is_paid_from_what_the_budget_still_has(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    first, second = deliveries_of(ana, 2)
    evening.count(first)
    evening.close(hours=6)
    assert evening.budget(quest) == (0, 0, 1)
    evening.count(second)
    assert (evening.booked, evening.budget(quest)) == ({(ana.id, "quest"): 1000}, (1000, 1000, 1))


def test_a_budget_that_is_used_up_refuses_the_next_driver_and_tells_staff_once(evening):
    quest = evening.make(QUEST, budget=7000)
    for _ in range(2):
        evening.join(evening.driver(), quest)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            evening.join(evening.driver(), quest)
        assert refused.value.code == "budget_used"
    assert evening.kinds == {"incentive.budget_low": 1, "incentive.exhausted": 1}
    (shown,) = incentives.of_zone("testville", evening.clock).incentives
    assert (shown.state, shown.committed.amount, shown.is_nearly_used) == ("used_up", 6000, True)


def test_racing_drivers_never_exceed_a_budget(evening):
    quest = evening.make(QUEST, budget=5 * 3000)
    people, outcomes = [evening.driver() for _ in range(16)], []
    ready = threading.Barrier(len(people))

    def join(driver):
        ready.wait()
        try:
            evening.join(driver, quest)
            outcomes.append("joined")
        except Conflict as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=join, args=(driver,)) for driver in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("joined"), outcomes.count("budget_used")) == (5, 11)
    assert evening.budget(quest) == (15_000, 0, 5)


def test_racing_completions_pay_what_the_rule_says_and_never_more_than_the_budget(evening):
    peak = evening.make(PEAK, budget=250 * 6)
    people = [evening.driver() for _ in range(4)]
    evening.clock.moment = FRIDAY
    chains = []
    for driver in people:
        ids = [f"dlv_{driver.id[-4:]}{n}" for n in range(3)]
        offer = accepted(f"ofr_{driver.id[-4:]}", driver.id, ids, FRIDAY)
        chains.append([offer, *(ended(one, driver.id, FRIDAY + 20 * MINUTE) for one in ids)])
    events = [event for chain in chains for event in chain * 2]
    random.Random(7).shuffle(events)
    threads = [threading.Thread(target=evening.count, args=tuple(events[n::6])) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert evening.budget(peak) == (1500, 1500, 6)
    assert sum(evening.booked.values()) == 1500
    assert evening.kinds["incentive.not_funded"] == 6, "whoever got nothing was told, once"


def test_a_peak_bonus_belongs_to_offers_made_in_its_span_and_is_shown_with_them(evening):
    ana, peak = evening.driver(), evening.make(PEAK)
    batch = evening.make(BATCH)
    evening.clock.moment = FRIDAY
    shown = extra_parts("testville", ana, 2, FRIDAY, USUAL)
    assert sorted((part.code, part.amount.amount) for part in shown) == [("batch_bonus", 400), ("peak_bonus", 500)]
    assert extra_parts("testville", ana, 1, FRIDAY - MINUTE, USUAL) == ()
    evening.count(accepted("ofr_1", ana.id, ["dlv_1", "dlv_2"], FRIDAY))
    evening.count(accepted("ofr_2", ana.id, ["dlv_3"], FRIDAY - MINUTE))
    evening.count(*(ended(f"dlv_{n}", ana.id, FRIDAY + n * HOUR) for n in (1, 2, 3)))
    assert evening.booked == {(ana.id, "peak_bonus"): 500, (ana.id, "batch_bonus"): 400}
    assert (evening.budget(peak), evening.budget(batch)) == ((500, 500, 2), (400, 400, 1))


def test_a_driver_who_accepts_a_delivery_twice_gets_its_bonus_once(evening):
    ana, peak, batch = evening.driver(), evening.make(PEAK), evening.make(BATCH)
    given_up = accepted("ofr_1", ana.id, ["dlv_1", "dlv_2"], FRIDAY)
    again = accepted("ofr_2", ana.id, ["dlv_2", "dlv_1"], FRIDAY + 10 * MINUTE)
    evening.count(given_up, again, given_up, *(ended(f"dlv_{n}", ana.id, FRIDAY + n * HOUR) for n in (1, 2)))
    assert evening.booked == {(ana.id, "peak_bonus"): 500, (ana.id, "batch_bonus"): 400}
    assert (evening.budget(peak), evening.budget(batch)) == ((500, 500, 2), (400, 400, 1))


def test_a_bonus_that_did_not_fit_is_told_once_however_often_its_delivery_is_accepted(evening):
    ana = evening.driver()
    evening.make(PEAK, budget=250)
    offers = [
        accepted(f"ofr_{n}", ana.id, [delivery], FRIDAY) for n, delivery in enumerate(["dlv_1", "dlv_2", "dlv_2"])
    ]
    evening.count(*offers)
    assert evening.kinds["incentive.not_funded"] == 1


def test_a_batch_of_which_one_delivery_fails_at_the_pickup_earns_no_bonus(evening):
    ana, batch = evening.driver(), evening.make(BATCH)
    evening.count(accepted("ofr_1", ana.id, ["dlv_1", "dlv_2"], FRIDAY))
    failed = ended("dlv_2", ana.id, FRIDAY + HOUR, kind="failed", previous_state="arrived_at_pickup")
    evening.count(ended("dlv_1", ana.id, FRIDAY + HOUR), failed)
    assert (evening.booked, evening.budget(batch)) == ({}, (400, 0, 1))
    evening.close(hours=14)
    assert evening.budget(batch) == (0, 0, 1)


def test_a_delivery_that_ends_before_its_acceptance_is_counted_gets_its_bonus(evening):
    ana = evening.driver()
    evening.make(PEAK)
    evening.count(ended("dlv_1", ana.id, FRIDAY + HOUR))
    offer = accepted("ofr_1", ana.id, ["dlv_1"], FRIDAY)
    evening.count(offer, offer)
    assert evening.booked == {(ana.id, "peak_bonus"): 250}


def test_dedicated_drivers_get_no_bonus_and_are_refused(evening):
    ben = evening.driver(kind="dedicated", merchant_id="mer_1")
    quest = evening.make(QUEST)
    with pytest.raises(Forbidden):
        evening.join(ben, quest)
    evening.make(PEAK)
    evening.count(accepted("ofr_1", ben.id, ["dlv_1"], FRIDAY))
    assert evening.promises == []


def test_who_may_not_drive_yet_takes_no_part_of_a_budget(evening):
    quest, applicant = evening.make(QUEST), evening.applicant()
    with pytest.raises(Forbidden, match="onboarding"):
        evening.join(applicant, quest)
    assert evening.budget(quest) == (0, 0, 0)


def test_an_incentive_for_newcomers_is_for_nobody_else(evening):
    old = evening.driver()
    evening.clock.advance(timedelta(days=-40))
    veteran = evening.driver()
    evening.clock.advance(timedelta(days=40))
    quest = evening.make(QUEST, audience={"kind": "newcomers", "newcomer_days": 30})
    evening.join(old, quest)
    with pytest.raises(Forbidden, match="first 30 days"):
        evening.join(veteran, quest)


def test_a_guarantee_pays_the_difference_after_enough_time_on_duty(evening):
    ana, ben = evening.driver(), evening.driver()
    guarantee = evening.make(GUARANTEE)
    evening.join(ana, guarantee)
    evening.join(ben, guarantee)
    for driver, hours in ((ana, 4), (ben, 3.9)):
        evening.count(duty(driver.id, FRIDAY - HOUR, 1, is_on=True))
        evening.count(duty(driver.id, FRIDAY + hours * HOUR, 2, is_on=False))
        evening.count(ended(f"dlv_{driver.id[-4:]}", driver.id, FRIDAY + HOUR))
    assert evening.booked == {}
    evening.close(hours=6)
    assert evening.booked == {(ana.id, "guarantee"): 2000 - PAY}
    assert evening.budget(guarantee) == (2000 - PAY, 2000 - PAY, 2)


def test_a_guarantee_is_joined_before_it_begins_and_beside_no_other(evening):
    ana = evening.driver()
    first, second = evening.make(GUARANTEE), evening.make(GUARANTEE)
    evening.join(ana, first)
    with pytest.raises(Conflict, match="one guarantee at a time"):
        evening.join(ana, second)
    evening.clock.moment = FRIDAY
    with pytest.raises(Conflict) as refused:
        evening.join(evening.driver(), second)
    assert refused.value.code == "guarantee_begun"


def test_a_stopped_incentive_keeps_its_promises_and_makes_no_more(evening):
    ana, quest = evening.driver(), evening.make(QUEST)
    evening.join(ana, quest)
    assert incentives.stop(quest, "fin", evening.clock).state == "stopped"
    with pytest.raises(Conflict):
        evening.join(evening.driver(), quest)
    evening.count(*deliveries_of(ana, 2))
    assert evening.booked == {(ana.id, "quest"): 1000}


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"ends_at": FRIDAY.isoformat()}, "wrong_span", "/ends_at"),
        ({"ends_at": (FRIDAY + timedelta(days=15)).isoformat()}, "wrong_span", "/ends_at"),
        ({"starts_at": (FRIDAY - timedelta(days=1)).isoformat()}, "wrong_start", "/starts_at"),
        ({"budget": {"amount": 9000, "currency": "EUR"}}, "wrong_currency", "/budget/currency"),
        ({"budget": {"amount": 2999, "currency": "USD"}}, "budget_too_small", "/budget/amount"),
    ],
)
def test_an_impossible_incentive_is_refused(evening, fields, code, pointer):
    with pytest.raises(Unprocessable) as refused:
        evening.make(QUEST, **fields)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_nothing_is_noted_while_the_zone_has_no_incentive(evening):
    ana = evening.driver()
    evening.count(*deliveries_of(ana, 2))
    assert not IncentiveRow.work_counts("testville", FRIDAY)
    quest = evening.make(QUEST, starts_at=(FRIDAY + HOUR).isoformat())
    assert evening.join(ana, quest).progress.deliveries == 0


@st.composite
def lives(draw):
    """Deliveries of one driver, some taken back, some made anew, with the number that counts at the end."""
    events, counted = [], 0
    for number in range(draw(st.integers(0, 6))):
        at = FRIDAY + draw(st.integers(0, 290)) * MINUTE
        first = ended(f"dlv_{number}", "DRIVER", at)
        events.append(first)
        fate = draw(st.sampled_from(["stands", "taken back", "made anew"]))
        if fate != "stands":
            events.append(corrected(first, at + 2 * MINUTE))
        if fate == "made anew":
            events.append(ended(f"dlv_{number}", "DRIVER", at + 4 * MINUTE, sequence=9))
        counted += fate != "taken back"
    again = draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    return draw(st.permutations(events + again)), counted


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives(), joins_after=st.integers(0, 20))
def test_a_quest_pays_what_the_rule_says_in_any_order_and_number(evening, life, joins_after):
    events, counted = life
    before, moment = saved_tables(), evening.clock.moment
    evening.told.clear()
    ana, quest = evening.driver(), evening.make(QUEST)
    for number, event in enumerate(events):
        if number == min(joins_after, len(events) - 1):
            evening.join(ana, quest)
        evening.count(event.model_copy(update={"data": {**event.data, "driver_id": ana.id}}))
    rule = 3000 if counted >= 4 else 1000 if counted >= 2 else 0
    booked = sum((one.data["amount"]["amount"]) * (1 if one.type == "incentive.earned" else -1) for one in evening.told)
    assert booked == rule
    committed, paid, _ = evening.budget(quest)
    assert paid == rule <= committed <= 9000
    restore_tables(before)
    evening.clock.moment = moment


def test_the_same_request_again_makes_nothing_more(evening):
    same = {"request_id": "3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"}
    assert evening.make(QUEST, **same) == evening.make(QUEST, **same)
    assert len(incentives.of_zone("testville", evening.clock).incentives) == 1
