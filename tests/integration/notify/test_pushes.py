"""Pushes to drivers: their receivers, one message for each browser, and browsers that take nothing."""

from datetime import timedelta

import pytest

from crowdship.dispatch.offers import answers
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import DeclineReason, OfferState
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import DomainEvent
from crowdship.notify.push import service as subscriptions
from crowdship.notify.push import vapid
from crowdship.notify.push.model import MOST_SUBSCRIPTIONS, SubscriptionInput
from crowdship.notify.push.store import OwnerRow
from crowdship.notify.sendings import Result
from crowdship.notify.service import tell_drivers
from crowdship.notify.store import SendingRow
from local.imitations.push_service import PushService
from tests.city import City
from tests.contracts import sample
from tests.integration.notify.conftest import PUSH_SECRET
from tests.integration.notify.test_drivers import PHONE, Dispatcher, sms

BROADCAST = {"policy": "broadcast", "broadcast_drivers": 10, "acceptance_probability": 1}


@pytest.fixture
def service():
    with PushService() as imitated:
        yield imitated
        assert imitated.refused == []


def subscribed(service, driver, clock):
    browser = service.subscribe(vapid.public_key(PUSH_SECRET))
    subscriptions.subscribe(driver.id, SubscriptionInput.model_validate(browser.subscription), clock)
    return browser


def told(service, browser):
    return [received.message for received in service.messages(browser.id, take=True)]


class Crowd:
    """Three drivers near one order that is offered to all of them; the last has no browser."""

    def __init__(self, service, wall):
        self.service, self.wall = service, wall
        self.city = City.open(offers=BROADCAST)
        self.drivers = [self.city.driver(east_m=500 + 100 * n) for n in range(3)]
        self.browsers = [subscribed(service, driver, self.city.clock) for driver in self.drivers[:2]]
        self.order = self.city.order()
        self.city.tick()
        (self.offer,) = self.city.offers(self.drivers[0])

    def event(self, state="open"):
        """The event of the offer as it stands; an event can be had from what is stored only by making it again."""
        offer = offering.get_offer(self.offer.id)
        kind = "offer.made" if state == "open" else f"offer.{state}"
        return DomainEvent(
            id=offer.id_of_event(offer.sequence),
            type=kind,
            time=self.city.clock.now(),
            subject=offer.id,
            sequence=offer.sequence,
            data=offer._data(),
        )

    def tell(self, event):
        tell_drivers(event, self.city.clock, self.wall)

    def heard(self):
        return [told(self.service, browser) for browser in self.browsers]


@pytest.fixture
def crowd(world, service, wall):
    return Crowd(service, wall)


def test_an_offer_rings_at_every_driver_whom_it_asks_and_says_nothing_of_a_person(crowd):
    crowd.tell(crowd.event())
    first, second = crowd.heard()
    assert first == second
    assert first == [
        {
            "kind": "offer",
            "id": crowd.offer.id,
            "at": "2026-06-01T12:00:00Z",
            "expires_at": crowd.event().data["expires_at"],
            "pay_total": crowd.offer.pay.total.model_dump(),
            "deliveries": 1,
        }
    ]


def test_an_offer_is_pushed_as_urgent_for_no_longer_than_it_stands(crowd):
    crowd.city.clock.advance(timedelta(seconds=20))
    crowd.tell(crowd.event())
    (received,) = crowd.service.messages(crowd.browsers[0].id)
    stands_s = (crowd.offer.expires_at - crowd.city.clock.now()).total_seconds()
    assert (received.ttl, received.urgency, received.topic) == (stands_s, "high", crowd.offer.id)


def test_the_same_event_many_times_rings_once(crowd):
    event = crowd.event()
    for _ in range(3):
        crowd.tell(event)
    assert [len(heard) for heard in crowd.heard()] == [1, 1]


def test_an_offer_that_is_over_rings_nowhere(crowd):
    event = crowd.event()
    crowd.city.clock.advance(crowd.offer.expires_at - crowd.city.clock.now())
    crowd.tell(event)
    assert crowd.heard() == [[], []]


def test_an_offer_that_was_taken_before_its_push_rings_nowhere(crowd):
    event = crowd.event()
    answers.accept(crowd.drivers[2].id, crowd.offer.id, crowd.city.clock)
    crowd.tell(event)
    assert crowd.heard() == [[], []]


def test_who_took_an_offer_or_refused_it_is_not_told_that_it_is_gone(crowd):
    first, second, third = crowd.drivers
    answers.decline(second.id, crowd.offer.id, DeclineReason.BUSY, crowd.city.clock)
    answers.accept(third.id, crowd.offer.id, crowd.city.clock)
    crowd.tell(crowd.event("accepted"))
    gone = {"kind": "offer_gone", "id": crowd.offer.id, "at": "2026-06-01T12:00:00Z", "state": "accepted"}
    assert crowd.heard() == [[gone], []]
    assert offering.get_offer(crowd.offer.id).driver_id == third.id != first.id


def test_all_who_were_silent_are_told_that_an_offer_ran_out(crowd):
    crowd.city.clock.advance(crowd.offer.expires_at - crowd.city.clock.now())
    offering.expire_offer(offering.get_offer(crowd.offer.id), crowd.city.clock.now())
    crowd.tell(crowd.event("expired"))
    assert [[one["state"] for one in heard] for heard in crowd.heard()] == [[OfferState.EXPIRED], [OfferState.EXPIRED]]


def test_a_phone_that_was_off_hears_nothing_of_an_offer_that_came_and_went(crowd):
    crowd.tell(crowd.event())
    answers.accept(crowd.drivers[2].id, crowd.offer.id, crowd.city.clock)
    crowd.tell(crowd.event("accepted"))
    assert [[one["kind"] for one in heard] for heard in crowd.heard()] == [["offer_gone"], ["offer_gone"]]


def test_a_browser_that_is_gone_is_forgotten_and_the_others_are_served(crowd):
    crowd.service.end(crowd.browsers[0].id)
    crowd.tell(crowd.event())
    assert [len(heard) for heard in crowd.heard()] == [0, 1]
    assert subscriptions.of_driver(crowd.drivers[0].id) == ()
    assert len(subscriptions.of_driver(crowd.drivers[1].id)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_that_fails_for_a_moment_is_asked_again_by_the_queue(crowd, status):
    event = crowd.event()
    crowd.service.fail(crowd.browsers[0].id, status)
    with pytest.raises(ExceptionGroup):
        crowd.tell(event)
    crowd.tell(event)
    assert [len(heard) for heard in crowd.heard()] == [1, 1]
    assert subscriptions.of_driver(crowd.drivers[0].id)[0].troubled_since is None


def test_a_browser_that_never_takes_anything_holds_up_no_queue_for_long(crowd, wall):
    event = crowd.event()
    crowd.service.fail(crowd.browsers[0].id, 503, times=99)
    with pytest.raises(ExceptionGroup):
        crowd.tell(event)
    wall.advance(timedelta(minutes=16))
    crowd.tell(event)


def test_a_request_that_is_refused_as_such_is_not_repeated(crowd):
    event = crowd.event()
    crowd.service.fail(crowd.browsers[0].id, 403, times=99)
    crowd.tell(event)
    crowd.tell(event)
    results = {sending.recipient: sending.result for sending in SendingRow.of_events([event.id])}
    assert sorted(results.values()) == [Result.REFUSED, Result.SENT]


@pytest.fixture
def dispatcher(world, service):
    return Dispatcher(PHONE)


def test_a_driver_whose_browser_works_gets_a_push_and_no_sms(dispatcher, service, wall):
    browser = subscribed(service, dispatcher.driver, dispatcher.city.clock)
    event = dispatcher.turns_around()
    tell_drivers(event, dispatcher.city.clock, wall)
    (message,) = told(service, browser)
    assert (message["kind"], message["id"]) == ("route_changed", dispatcher.driver.id)
    assert message["revision"] == event.data["revision"]
    assert sms() == []


def test_a_driver_whose_browser_is_gone_gets_an_sms_at_once(dispatcher, service, wall):
    service.end(subscribed(service, dispatcher.driver, dispatcher.city.clock).id)
    tell_drivers(dispatcher.turns_around(), dispatcher.city.clock, wall)
    assert len(sms()) == 1


def test_a_change_by_the_platform_is_pushed_and_never_an_sms(dispatcher, service, wall):
    tell_drivers(dispatcher.turns_around(by="dispatch"), dispatcher.city.clock, wall)
    assert sms() == []
    browser = subscribed(service, dispatcher.driver, dispatcher.city.clock)
    tell_drivers(dispatcher.turns_around(by="dispatch"), dispatcher.city.clock, wall)
    assert len(told(service, browser)) == 1


def test_a_driver_is_told_of_a_message_by_its_id_alone(dispatcher, service, wall):
    browser = subscribed(service, dispatcher.driver, dispatcher.city.clock)
    data = {"message_id": "msg_1", "to": "driver", "driver_id": dispatcher.driver.id, "delivery_id": None}
    now = dispatcher.city.clock.now()
    for to in ("staff", "customer", "driver"):
        sent = DomainEvent(
            id=f"evt_{to}", type="message.sent", time=now, subject="msg_1", sequence=1, data={**data, "to": to}
        )
        tell_drivers(sent, dispatcher.city.clock, wall)
    heard = told(service, browser)
    assert heard == [{"kind": "message", "id": "msg_1", "at": "2026-06-01T12:00:00Z", "delivery_id": None}]


def test_a_driver_is_told_once_of_what_law_adds_to_a_week(dispatcher, service, wall):
    browser = subscribed(service, dispatcher.driver, dispatcher.city.clock)
    known = DomainEvent.model_validate(sample("pay_floor.due"))
    due = known.model_copy(
        update={"time": dispatcher.city.clock.now(), "data": {**known.data, "driver_id": dispatcher.driver.id}}
    )
    for _ in range(2):
        tell_drivers(due, dispatcher.city.clock, wall)
    (heard,) = told(service, browser)
    assert (heard["kind"], heard["amount"]) == ("pay_floor", due.data["amount"])


def test_an_endpoint_belongs_to_the_driver_who_subscribed_with_it_last(world, service):
    city = City.open()
    first, second = city.driver(), city.driver()
    browser = subscribed(service, first, city.clock)
    given = SubscriptionInput.model_validate(browser.subscription)
    kept = subscriptions.subscribe(second.id, given, city.clock)
    assert subscriptions.of_driver(first.id) == ()
    assert [one.id for one in subscriptions.of_driver(second.id)] == [kept.id]
    assert OwnerRow.load(kept.id) == second.id


def test_the_sixth_browser_lets_the_oldest_fall_out(world, service):
    city = City.open()
    driver = city.driver()
    for _ in range(MOST_SUBSCRIPTIONS + 1):
        newest = subscribed(service, driver, city.clock)
        city.clock.advance(timedelta(seconds=1))
    known = subscriptions.view_of(driver.id)
    assert len(known.subscriptions) == MOST_SUBSCRIPTIONS
    assert known.public_key == vapid.public_key(PUSH_SECRET)
    subscriptions.forget(driver.id)
    assert subscriptions.of_driver(driver.id) == ()
    assert OwnerRow.load(known.subscriptions[-1].subscription_id) is None
    assert newest.id


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("http://push.example/1", "insecure_url"),
        ("https://127.0.0.1/1", "private_address"),
        ("https://[::ffff:10.0.0.1]/1", "private_address"),
        ("https://vault.internal/1", "private_address"),
        ("https://push.example:22/1", "forbidden_port"),
        ("https://me@push.example/1", "bad_url"),
    ],
)
def test_an_endpoint_that_is_not_on_the_open_internet_is_refused(world, service, monkeypatch, endpoint, code):
    monkeypatch.setattr(subscriptions, "private_urls_allowed", lambda: False)
    city = City.open()
    given = service.subscribe().subscription
    with pytest.raises(Unprocessable) as refused:
        subscriptions.subscribe("drv_1", SubscriptionInput.model_validate({**given, "endpoint": endpoint}), city.clock)
    assert (refused.value.code, refused.value.pointer) == (code, "/endpoint")


def test_a_subscription_that_has_run_out_is_refused(world, service):
    given = {**service.subscribe().subscription, "expirationTime": 1_000}
    with pytest.raises(Unprocessable, match="subscription_over"):
        subscriptions.subscribe("drv_1", SubscriptionInput.model_validate(given), City.open().clock)
