"""Hybrid fleets through the use cases: shifts, orders kept for them, the audit, and the record of each round."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch.classification import service as classification
from crowdship.dispatch.decisions import model
from crowdship.dispatch.decisions import service as decisions
from crowdship.dispatch.decisions.model import Decided
from crowdship.dispatch.decisions.views import DecisionOutcome
from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers.model import DeclineReason
from crowdship.dispatch.rounds.waits import Wait
from crowdship.drivers import service as drivers
from crowdship.drivers.shifts import PlannedShift
from crowdship.drivers.views import ShiftList
from crowdship.kernel.errors import Unprocessable
from crowdship.zones import service as zones
from crowdship.zones.classification import Guard
from tests import city
from tests.city import City, Requirements

HYBRID = {"hold_minutes": 10, "orders_per_driver": 2}


@pytest.fixture
def town(aws):
    decisions._last.clear()
    return City.open(fleet=HYBRID)


def on_shift(town, east_m=500, hours=4):
    """Return one of the platform's drivers, on duty and on shift."""
    driver = town.driver(east_m, kind="dedicated", email="core@example.com", phone="+13125550177")
    now = town.clock.now()
    shift = PlannedShift(zone_id="testville", on_at=now - timedelta(hours=1), off_at=now + timedelta(hours=hours))
    return drivers.plan_shift(driver.id, shift, town.clock)


def test_a_driver_on_shift_is_given_the_order_without_an_offer_and_the_crowd_is_not_asked(town):
    core, crowd = on_shift(town), town.driver(100)
    order = town.order()
    town.tick()
    taken = deliveries.get(order.id)
    assert (taken.state, taken.driver_id) == (State.ASSIGNED, core.id)
    assert town.offers(crowd) == []


def test_once_the_shift_is_over_orders_go_to_the_crowd_at_once(town):
    core, crowd = on_shift(town, hours=0.05), town.driver(100)
    town.later(minutes=4)
    town.seen(core, 500)
    town.seen(crowd, 100)
    order = town.order()
    town.tick()
    assert [offer.delivery_ids for offer in town.offers(crowd)] == [(order.id,)]


def test_staff_see_the_fleet_with_its_shifts_and_not_the_crowd(town):
    core, _ = on_shift(town), town.driver(100)
    listed = ShiftList.of(drivers.fleet(), "testville", town.clock.now())
    assert [driver.id for driver in listed.drivers] == [core.id]
    assert [(line.driver_id, line.on_duty) for line in listed.shifts] == [(core.id, True)]
    drivers.cancel_shift(core.id, core.shifts[0].on_at)
    assert ShiftList.of(drivers.fleet(), "testville", town.clock.now()).shifts == ()


def test_for_a_delivery_everybody_is_told_who_was_considered_with_rule_and_score(town):
    near, far = town.driver(200), town.driver(900, email="b@example.com", phone="+13125550111")
    small = town.driver(
        300,
        email="c@example.com",
        phone="+13125550112",
        vehicle={"kind": "bicycle", "max_weight_g": 500, "max_volume_l": 2},
    )
    order = town.order()
    town.tick()
    told = decisions.of_delivery(order.id, town.clock)
    (made,) = told.rounds
    assert (made.kind, made.asked, made.drivers) == (Decided.OFFERED, (near.id,), 3)
    assert [one.driver_id for one in made.scored] == [near.id, far.id]
    assert all(one.score == pytest.approx(sum(one.parts.values()), abs=0.11) for one in made.scored)
    assert [(one.driver_id, one.rule) for one in made.excluded] == [(small.id, Ineligible.TOO_HEAVY)]
    assert [offer.offer_id for offer in told.offers] == [made.offer_id]


def test_a_refusal_shows_in_the_next_round_as_the_rule_that_excludes_the_driver(town):
    first, second = town.driver(200), town.driver(900, email="b@example.com", phone="+13125550111")
    order = town.order()
    town.tick()
    (offer,) = town.offers(first)
    answers.decline(first.id, offer.id, DeclineReason.TOO_FAR, town.clock)
    town.later(seconds=30)
    town.tick()
    newest, oldest = decisions.of_delivery(order.id, town.clock).rounds
    assert (oldest.asked, newest.asked) == ((first.id,), (second.id,))
    assert [(one.driver_id, one.rule) for one in newest.excluded] == [(first.id, Ineligible.DECLINED_IT)]


def test_a_driver_is_told_the_same_from_their_side_and_nothing_about_others(town):
    near, far = town.driver(200), town.driver(900, email="b@example.com", phone="+13125550111")
    town.order()
    town.tick()
    (asked,) = decisions.of_driver(near.id, None, town.clock).decisions
    (passed,) = decisions.of_driver(far.id, None, town.clock).decisions
    assert (asked.outcome, asked.place) == (DecisionOutcome.ASKED, 1)
    assert (passed.outcome, passed.place, passed.compared) == (DecisionOutcome.OTHERS_BETTER, 2, 2)
    assert passed.behind_s > 0
    assert near.id not in passed.model_dump_json()


def test_a_driver_without_a_position_is_told_that_rule(town):
    silent, near = town.driver(200), town.driver(900, email="b@example.com", phone="+13125550111")
    town.later(minutes=11)
    town.seen(near, 900)
    town.order()
    town.tick()
    (line,) = decisions.of_driver(silent.id, None, town.clock).decisions
    assert (line.outcome, line.rule) == (DecisionOutcome.UNAVAILABLE, Ineligible.POSITION_TOO_OLD)


def test_a_round_that_repeats_the_last_one_is_not_kept_again(town):
    town.driver(200, vehicle={"kind": "bicycle", "max_weight_g": 500, "max_volume_l": 2})
    order = town.order()
    for _ in range(3):
        town.tick()
        town.later(seconds=45)
    (only,) = decisions.of_delivery(order.id, town.clock).rounds
    assert (only.kind, only.waits) == (Decided.WAITS, Wait.NOBODY_CAN_TAKE_IT)
    assert [one.rule for one in only.excluded] == [Ineligible.TOO_HEAVY]


def test_decisions_of_a_day_ago_are_told_to_no_driver(town):
    near = town.driver(200)
    town.order()
    town.tick()
    town.later(hours=24, minutes=1)
    assert decisions.of_driver(near.id, None, town.clock).decisions == ()


def test_pages_of_decisions_follow_each_other_without_gap_or_repetition(town, monkeypatch):
    monkeypatch.setattr(decisions, "ROUNDS_OF_A_PAGE", 2)
    near = town.driver(200)
    for number in range(5):
        town.order(f"order-{number}")
        town.tick()
        town.later(minutes=3)
        town.seen(near, 200)
    seen, before = [], None
    while True:
        page = decisions.of_driver(near.id, before, town.clock)
        seen += [line.at for line in page.decisions]
        if page.next_before is None:
            break
        before = page.next_before
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) >= 5


def test_the_audit_holds_and_says_what_it_looked_at(town):
    on_shift(town), town.driver(100)
    found = classification.of_zone("testville", town.clock)
    assert (found.holds, found.complete, found.crowd_drivers, found.dedicated_drivers) == (True, True, 1, 1)
    assert [guard.guard for guard in found.guards] == list(Guard)
    assert all(evidence.holds for guard in found.guards for evidence in guard.evidence)


def test_the_audit_finds_a_record_that_should_not_be(town):
    crowd = town.driver(100)
    now = town.clock.now()
    planted = PlannedShift(zone_id="testville", on_at=now, off_at=now + timedelta(hours=1))
    drivers._change(crowd.id, lambda driver: driver.with_changes(shifts=(planted,), merchant_id="mer_1"))
    found = {guard.guard: guard for guard in classification.of_zone("testville", town.clock).guards}
    assert not found[Guard.NO_REQUIRED_HOURS].holds
    assert not found[Guard.NO_EXCLUSIVITY].holds
    assert found[Guard.NO_REQUIRED_ACCEPTANCE].holds
    assert crowd.id in found[Guard.NO_EXCLUSIVITY].evidence[1].driver_ids


def test_an_audit_that_could_not_read_everybody_proves_nothing(town, monkeypatch):
    monkeypatch.setattr(classification, "MOST_DRIVERS", 1)
    town.driver(100), town.driver(200, email="b@example.com", phone="+13125550111")
    found = classification.of_zone("testville", town.clock)
    assert (found.complete, found.holds) == (False, False)


def test_a_zone_can_not_ask_anything_of_its_contractors(town):
    wanted = city.settings(crowd={"acceptance_percent": 80})
    with pytest.raises(Unprocessable) as refused:
        zones.put("testville", wanted)
    assert refused.value.code == Guard.NO_REQUIRED_ACCEPTANCE


def test_a_crowd_driver_can_not_be_bound_to_a_merchant(town):
    with pytest.raises(Unprocessable) as refused:
        town.driver(merchant_id=town.merchant.id)
    assert refused.value.code == Guard.NO_EXCLUSIVITY


def test_the_decisions_of_a_large_round_are_all_there(town, monkeypatch):
    monkeypatch.setattr(model, "MOST_TOGETHER", 1)
    silent, near = town.driver(200), town.driver(900, email="b@example.com", phone="+13125550111")
    town.later(minutes=11)
    town.seen(near, 900)
    orders = [town.order(f"order-{number}", east_m=200 + 900 * number) for number in range(3)]
    town.tick()
    assert all(len(decisions.of_delivery(order.id, town.clock).rounds) == 1 for order in orders)
    assert len(decisions.of_driver(silent.id, None, town.clock).decisions) == 1


def test_a_page_before_the_first_day_of_all_is_empty(town):
    driver = town.driver()
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert decisions.of_driver(driver.id, first, town.clock).decisions == ()


def test_an_export_reads_only_the_rounds_that_name_the_driver(town, monkeypatch):
    asked = town.driver()
    town.order()
    town.tick()
    other = town.driver(700, email="b@example.com", phone="+13125550111")
    assert [one.outcome for one in decisions.everything_about(asked.id, town.clock)] == ["asked"]
    monkeypatch.setattr(model.RoundRecord, "model_validate", lambda found: 1 / 0)
    assert decisions.everything_about(other.id, town.clock) == []


def test_a_round_of_several_parts_is_not_cut_by_a_page(town, monkeypatch):
    monkeypatch.setattr(model, "MOST_TOGETHER", 1)
    monkeypatch.setattr(decisions, "ROUNDS_OF_A_PAGE", 3)
    driver = town.driver(200)
    for number in range(2):
        town.order(f"order-{number}", east_m=200 + 1000 * number, requirements=Requirements(skills=("cold_box",)))
    town.tick()
    town.later(minutes=1)
    town.seen(driver, 200)
    town.order("order-9", east_m=3000, requirements=Requirements(skills=("two_people",)))
    town.tick()
    whole = len(decisions.everything_about(driver.id, town.clock))
    lines, before = 0, None
    for _ in range(9):
        page = decisions.of_driver(driver.id, before, town.clock)
        lines, before = lines + len(page.decisions), page.next_before
        if before is None:
            break
    assert before is None
    assert lines == whole > 3
