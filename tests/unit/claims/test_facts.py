"""Facts about a claim: what the platform knows itself."""

import pytest

from crowdship.claims.facts import Booked, ClaimFacts, ClaimFinding
from crowdship.claims.matrix import ClaimKind, ClaimStage, ClaimWeight
from crowdship.deliveries.states import CorrectionReason, FailureReason
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.proof.remarks import GoodsState, Remark, RemarkedStep
from crowdship.shipment.stop_kind import StopKind
from tests.unit.claims.deliveries import DRIVER, at, delivered, on_the_way, ordered, proof_of


def usd(amount):
    return Money(amount=amount, currency="USD")


def facts(kind, delivery, **proof):
    return ClaimFacts.of(kind, delivery, proof_of(delivery, **proof))


def test_a_matched_pin_contradicts_that_nothing_was_delivered():
    found = facts(ClaimKind.NOT_DELIVERED, delivered(), pin_matched=True, distance_m=20.0)
    assert (found.stage, found.weight) == (ClaimStage.DELIVERED, ClaimWeight.CONTRADICTS)
    assert {ClaimFinding.PIN_MATCHED, ClaimFinding.NEAR_DROPOFF} <= set(found.findings)


def test_a_hand_over_far_from_the_door_supports_that_nothing_was_delivered():
    assert facts(ClaimKind.NOT_DELIVERED, delivered(), distance_m=900.0).weight is ClaimWeight.SUPPORTS


def test_a_hand_over_without_any_proof_supports_that_nothing_was_delivered():
    assert ClaimFacts.of(ClaimKind.NOT_DELIVERED, delivered(), None).weight is ClaimWeight.SUPPORTS


def test_findings_that_say_both_are_for_a_person():
    assert facts(ClaimKind.NOT_DELIVERED, delivered(), pin_matched=True, distance_m=900.0).weight is ClaimWeight.OPEN


@pytest.mark.parametrize(("minutes", "weight"), [(59, ClaimWeight.CONTRADICTS), (90, ClaimWeight.SUPPORTS)])
def test_lateness_is_measured_at_the_door_against_the_promise(minutes, weight):
    assert facts(ClaimKind.LATE, delivered(minutes)).weight is weight


def test_what_the_driver_remarked_of_the_goods_supports_damage():
    remark = Remark(step=RemarkedStep.DELIVER, at=at(28), condition=GoodsState.WET)
    assert facts(ClaimKind.DAMAGED, delivered(), remarks=(remark,)).weight is ClaimWeight.SUPPORTS
    assert facts(ClaimKind.DAMAGED, delivered()).weight is ClaimWeight.OPEN


def test_a_missing_signature_counts_only_where_one_was_asked_for():
    assert facts(ClaimKind.SIGNATURE_MISSING, delivered(signature=True)).weight is ClaimWeight.SUPPORTS
    assert facts(ClaimKind.SIGNATURE_MISSING, delivered()).weight is ClaimWeight.CONTRADICTS


def test_lost_goods_failed_and_support_the_claim():
    lost = on_the_way().fail_by_hand(FailureReason.GOODS_LOST, at(30), "alex")
    found = ClaimFacts.of(ClaimKind.NOT_DELIVERED, lost, None)
    assert (found.stage, found.weight) == (ClaimStage.FAILED, ClaimWeight.SUPPORTS)


def test_what_was_booked_is_what_the_deliverys_events_cause():
    delivery = delivered(tip=300)
    booked = Booked.of(delivery, DRIVER)
    assert booked.charge == delivery.price.charge_total
    assert booked.pay == delivery.price.pay_total
    assert booked.tip == usd(300)


def test_what_another_driver_was_paid_when_they_handed_it_over_is_no_pay_of_its_driver():
    first = on_the_way().transfer("drv_2", Point(lat=37.765, lon=-122.415), at(12), "ana", None)
    assert first.hand_overs[0].pay
    fetched = first.depart(StopKind.PICKUP, at(13)).arrive(StopKind.PICKUP, at(14)).pick_up(at(15))
    done = fetched.depart(StopKind.DROPOFF, at(16)).arrive(StopKind.DROPOFF, at(25)).deliver(at(28))
    assert Booked.of(done, "drv_2").pay == done.price.pay_total


def test_what_its_driver_was_paid_when_it_was_taken_from_them_and_after_they_got_it_again_is_their_pay():
    first = ordered().offer("ofr_1", at(1)).assign(DRIVER, at(2), DRIVER, at(30)).depart(StopKind.PICKUP, at(3))
    again = first.reassign("drv_2", at(4), "ana", "moved_by_hand", None).reassign(
        DRIVER, at(5), "ana", "moved_by_hand", None
    )
    fetched = again.depart(StopKind.PICKUP, at(6)).arrive(StopKind.PICKUP, at(7)).pick_up(at(8))
    done = fetched.depart(StopKind.DROPOFF, at(9)).arrive(StopKind.DROPOFF, at(25)).deliver(at(28))
    assert done.hand_overs[0].pay
    assert Booked.of(done, DRIVER).pay == done.price.undivided.pay_total


def test_a_driver_who_took_an_ending_back_and_lost_the_delivery_then_has_only_the_pay_of_their_part():
    back = delivered().correct(CorrectionReason.PRESSED_BY_MISTAKE, at(29))
    moved = back.transfer("drv_2", Point(lat=37.765, lon=-122.415), at(30), "ana", None)
    fetched = moved.depart(StopKind.PICKUP, at(31)).arrive(StopKind.PICKUP, at(32)).pick_up(at(33))
    done = fetched.depart(StopKind.DROPOFF, at(34)).arrive(StopKind.DROPOFF, at(40)).deliver(at(41))
    (made,) = done.hand_overs
    assert Booked.of(done, DRIVER).pay.amount == sum(part.amount.amount for part in made.pay) > 0
    assert Booked.of(done, "drv_2").pay == done.price.pay_total
    assert Booked.of(done, None).pay == usd(0)


def test_nothing_is_booked_while_it_is_under_way():
    delivery = on_the_way()
    found = ClaimFacts.of(ClaimKind.LATE, delivery, None)
    assert found.stage is ClaimStage.UNDER_WAY
    assert (found.booked.charge, found.booked.tip, found.booked.pay) == (usd(0), usd(0), usd(0))


def test_a_tip_after_the_end_counts_as_charged():
    tipped = delivered(tip=0).tip_later("tip_1", usd(250), at(60), "mer_1")
    assert Booked.of(tipped, DRIVER).tip == usd(250)
