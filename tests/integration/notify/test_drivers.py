"""Messages to drivers: a dispatcher changed their route."""

from datetime import timedelta

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from crowdship.adapters.storage import UnitOfWork
from crowdship.notify.channels import senders
from crowdship.notify.drivers.notices import QUIET_FOR, STALE_AFTER
from crowdship.notify.sendings import Result
from crowdship.notify.service import tell_drivers
from crowdship.notify.store import SendingRow
from crowdship.routes import service as routes
from crowdship.routes.route import ChangeReason
from crowdship.vault import service as vault
from tests.city import City
from tests.integration.notify.test_customers import failing

PHONE = "+13125550777"
STOPPED = "+13125550799"
"""moto's list of numbers that replied STOP has those that end in 99."""


def sms():
    return list(sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages.values())


class Dispatcher:
    """A driver with two stops, and somebody who turns their order around."""

    def __init__(self, phone):
        self.city = City.open()
        self.driver = self.city.driver(phone=phone)
        self.city.assigned(self.driver)
        routes.confirm(self.driver.id, routes.of(self.driver.id).revision)

    def turns_around(self, by="sam", reason=ChangeReason.EDITED_BY_HAND):
        route = routes.of(self.driver.id)
        changed = route.replan(reversed(route.stops), self.city.clock.now(), reason, by)
        work = UnitOfWork()
        routes.keep(changed, work)
        work.commit()
        return changed.events[-1]


@pytest.fixture
def dispatcher(world):
    return Dispatcher(PHONE)


@pytest.fixture
def tell(dispatcher, wall):
    return lambda event: tell_drivers(event, dispatcher.city.clock, wall)


def test_a_driver_whose_route_a_dispatcher_changed_gets_an_sms_that_leads_to_the_app(dispatcher, tell):
    tell(dispatcher.turns_around())
    text = "crowdship: our dispatcher changed your route. It now has 2 stops; open the app to see and confirm them."
    assert sms() == [(PHONE, text)]


def test_the_same_change_many_times_is_told_once(dispatcher, tell):
    event = dispatcher.turns_around()
    for _ in range(3):
        tell(event)
    assert len(sms()) == 1


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("dispatch", ChangeReason.RESEQUENCED),
        ("mer_1", ChangeReason.DELIVERY_CANCELLED),
        ("drv_1", ChangeReason.STOP_DONE),
        ("sam", ChangeReason.COMPLETED_BY_HAND),
    ],
)
def test_what_no_dispatcher_decided_is_left_to_the_app(dispatcher, tell, by, reason):
    tell(dispatcher.turns_around(by, reason))
    assert sms() == []


def test_a_driver_who_has_confirmed_the_plan_is_told_nothing(dispatcher, tell):
    event = dispatcher.turns_around()
    routes.confirm(dispatcher.driver.id, event.data["revision"])
    tell(event)
    assert sms() == []


def test_an_old_change_is_left_to_the_app(dispatcher, tell):
    event = dispatcher.turns_around()
    dispatcher.city.clock.advance(STALE_AFTER + timedelta(seconds=1))
    tell(event)
    assert sms() == []


def test_several_changes_in_a_row_make_one_sms_and_a_later_one_makes_another(dispatcher, tell):
    for _ in range(3):
        tell(dispatcher.turns_around())
        dispatcher.city.clock.advance(QUIET_FOR / 4)
    assert len(sms()) == 1
    dispatcher.city.clock.advance(QUIET_FOR / 4)
    tell(dispatcher.turns_around())
    assert len(sms()) == 2


def test_what_was_refused_for_our_reason_is_sent_when_the_event_comes_again(dispatcher, tell, monkeypatch):
    event = dispatcher.turns_around()
    with monkeypatch.context() as broken:
        failing("sns", broken, "Throttling")
        with pytest.raises(ExceptionGroup):
            tell(event)
    tell(event)
    assert len(sms()) == 1


def test_a_driver_who_replied_stop_gets_no_sms(world, wall):
    stopped = Dispatcher(STOPPED)
    senders.forget()
    event = stopped.turns_around()
    tell_drivers(event, stopped.city.clock, wall)
    assert sms() == []
    assert [sending.result for sending in SendingRow.of_events([event.id])] == [Result.OPTED_OUT]


def test_an_erased_driver_is_left_in_peace(dispatcher, tell):
    vault.erase(dispatcher.driver.person_token)
    tell(dispatcher.turns_around())
    assert sms() == []


def test_the_log_of_sendings_names_the_driver_by_no_number(dispatcher, tell):
    event = dispatcher.turns_around()
    tell(event)
    (sending,) = SendingRow.of_events([event.id])
    assert sending.recipient == "driver/sms"
    assert PHONE not in sending.model_dump_json()
