"""The time in which a customer and the driver may reach each other."""

from datetime import timedelta

import pytest

from crowdship.contact.times import contact_ends_at, may_contact, refuse_contact
from crowdship.deliveries.states import ON_BOARD, CorrectionReason, State
from crowdship.kernel.errors import Conflict
from tests.unit.events.test_contracts import LIVES, at, at_the_door, at_the_shop, on_the_way


@pytest.mark.parametrize("life", LIVES)
def test_nobody_is_reached_before_the_pickup_nor_an_hour_after_the_stop(life):
    delivery = LIVES[life]()
    fetched = [step for step in delivery.timeline if step.state is State.PICKED_UP]
    ends_at = contact_ends_at(delivery)
    if not fetched:
        assert not may_contact(delivery, at(60)), "nobody had the goods"
    elif ends_at:
        assert may_contact(delivery, ends_at - timedelta(microseconds=1))
        assert not may_contact(delivery, ends_at)
    else:
        assert may_contact(delivery, at(10_000)) == (delivery.state in ON_BOARD)


def test_contact_opens_with_the_goods_on_board():
    assert not may_contact(at_the_shop(), at(9))
    assert may_contact(on_the_way(), at(11))
    assert may_contact(at_the_door(), at(500)), "a driver who waits at the door is still reached"


def test_the_hour_counts_from_the_stop_and_not_from_the_way_back():
    left = at_the_door().fail("customer_absent", at_the_door().dropoff, at(31))
    back = left.return_goods(at(80))
    assert contact_ends_at(back) == contact_ends_at(left) == at(91)


def test_a_refusal_says_when_contact_is_possible():
    with pytest.raises(Conflict, match="from the pickup until an hour after the stop") as refused:
        refuse_contact(at_the_shop(), at(9))
    assert refused.value.code == "no_contact_now"


def test_an_ending_that_was_taken_back_does_not_end_the_contact():
    handed = at_the_door().deliver(at(31))
    there_again = handed.correct(CorrectionReason.PRESSED_BY_MISTAKE, at(32))
    assert contact_ends_at(handed) == at(91)
    assert contact_ends_at(there_again) is None
    assert may_contact(there_again, at(92))
