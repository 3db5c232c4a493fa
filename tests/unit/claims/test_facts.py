"""Facts about a claim: what the platform knows itself."""

import pytest

from crowdship.claims.facts import Booked, ClaimFacts, ClaimFinding
from crowdship.claims.matrix import ClaimKind, ClaimStage, ClaimWeight
from crowdship.deliveries.states import FailureReason
from crowdship.kernel.money import Money
from crowdship.proof.remarks import GoodsState, Remark, RemarkedStep
from tests.unit.claims.deliveries import at, delivered, on_the_way, proof_of


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
    booked = Booked.of(delivery)
    assert booked.charge == delivery.price.charge_total
    assert booked.pay == delivery.price.pay_total
    assert booked.tip == usd(300)


def test_nothing_is_booked_while_it_is_under_way():
    delivery = on_the_way()
    found = ClaimFacts.of(ClaimKind.LATE, delivery, None)
    assert found.stage is ClaimStage.UNDER_WAY
    assert (found.booked.charge, found.booked.tip, found.booked.pay) == (usd(0), usd(0), usd(0))


def test_a_tip_after_the_end_counts_as_charged():
    tipped = delivered(tip=0).tip_later("tip_1", usd(250), at(60), "mer_1")
    assert Booked.of(tipped).tip == usd(250)
