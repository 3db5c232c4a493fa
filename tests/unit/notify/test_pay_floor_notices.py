"""A driver is told of pay that law demanded, while it is news."""

import json
from datetime import timedelta

from crowdship.kernel.clock import FixedClock
from crowdship.kernel.events import DomainEvent
from crowdship.notify.drivers.pay_floors import KEPT, PAY_FLOOR_DUE
from crowdship.notify.registry import notices_about
from tests.contracts import sample

EVENT = DomainEvent.model_validate(sample("pay_floor.due"))


def test_a_true_up_is_pushed_to_its_driver_with_the_amount_and_nothing_else():
    assert notices_about(EVENT) == [PAY_FLOOR_DUE]
    assert PAY_FLOOR_DUE.told(EVENT, None) == (EVENT.data["driver_id"],)
    text = json.loads(PAY_FLOOR_DUE.push.message(EVENT, FixedClock(EVENT.time)).text)
    assert (text["kind"], text["id"], text["amount"]) == ("pay_floor", EVENT.subject, EVENT.data["amount"])
    assert EVENT.data["title"] not in str(text)


def test_a_true_up_of_yesterday_is_not_pushed_any_more():
    assert PAY_FLOOR_DUE.is_due(EVENT, None, EVENT.time + KEPT)
    assert not PAY_FLOOR_DUE.is_due(EVENT, None, EVENT.time + KEPT + timedelta(seconds=1))
