from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from crowdship.deliveries import service as deliveries
from crowdship.intake import accounts
from crowdship.intake.accounts import AccountChange
from crowdship.kernel.hours import WEEK, Opening, OpeningHours
from crowdship.merchants import service as merchants
from crowdship.merchants.messaging import MessageSettings
from crowdship.notify import service
from crowdship.notify.customers.views import NoticeView
from crowdship.notify.sendings import LEASE, InFlight
from crowdship.notify.service import on_event, on_message
from crowdship.notify.store import SendingRow
from crowdship.notify.waiting import WaitingEvent
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, EndpointChange
from crowdship.notify.webhooks.endpoints.store import EndpointRow
from crowdship.shipment.stop_kind import StopKind
from crowdship.zones import service as zones
from tests.integration.notify.outbox import (
    back_on_the_queue,
    came_back,
    failing,
    mails,
    moved,
    queued,
    sms,
    told,
)

NOT_VERIFIED = "Email address is not verified. The following identities failed the check: hello@crowdship.example"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("MessageRejected", NOT_VERIFIED),
        ("MailFromDomainNotVerifiedException", ""),
        ("AccountSendingPausedException", "Email sending is paused"),
        ("LimitExceededException", "Daily message quota exceeded."),
    ],
)
def test_what_is_refused_for_our_reason_is_sent_once_that_has_passed(departed, clock, wall, monkeypatch, code, message):
    with monkeypatch.context() as broken:
        failing("ses", broken, code, message)
        on_event(departed, clock, wall)
        first = back_on_the_queue()
        clock.advance(timedelta(minutes=1))
        on_message(first, clock, wall)
        second = back_on_the_queue()
    assert (len(sms()), len(mails())) == (1, 0)
    assert WaitingEvent.model_validate_json(second).until == clock.now() + timedelta(minutes=2)
    assert told(departed) == {"sms": "sent", "email": "waiting"}
    on_message(second, clock, wall)
    assert len(mails()) == 0, "it is tried before its time"
    clock.advance(timedelta(minutes=2))
    on_message(back_on_the_queue(), clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)
    assert told(departed) == {"sms": "sent", "email": "sent"}


def test_what_waits_until_nobody_needs_it_is_given_up_and_the_merchant_sees_that(
    events, departed, clock, wall, monkeypatch
):
    failing("ses", monkeypatch, "MessageRejected", NOT_VERIFIED)
    on_event(departed, clock, wall)
    waiting = back_on_the_queue()
    clock.advance(timedelta(hours=1))
    on_message(waiting, clock, wall)
    assert told(departed) == {"sms": "sent", "email": "overtaken"}
    on_message(waiting, clock, wall)
    assert not queued()


def test_what_is_refused_while_something_else_fails_comes_again_by_the_queue_alone(departed, clock, wall, monkeypatch):
    with monkeypatch.context() as broken:
        failing("ses", broken, "MessageRejected", NOT_VERIFIED)
        broken.setattr(service, "send_sms", busy)
        with pytest.raises(ExceptionGroup):
            on_event(departed, clock, wall)
    assert not queued()
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)


def busy(*_):
    raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "Publish")


def test_an_arrival_that_moves_again_and_again_is_told_once_in_ten_minutes(departed, delivery, clock, wall):
    on_event(moved(delivery, clock, 40), clock, wall)
    on_event(moved(delivery, clock, 50), clock, wall)
    assert [text for _, text in sms()] == [f"Corner Bakery: new arrival time, in ~40 min: {link_in(sms()[0][1])}"]
    clock.advance(timedelta(minutes=10))
    newest = moved(delivery, clock, 20)
    on_event(newest, clock, wall)
    assert len(sms()) == 2


def test_a_move_that_is_refused_and_waits_keeps_no_newer_one_away(departed, delivery, clock, wall, monkeypatch):
    older = moved(delivery, clock, 40)
    with monkeypatch.context() as broken:
        failing("ses", broken, "MessageRejected", NOT_VERIFIED)
        failing("sns", broken, "AuthorizationError")
        on_event(older, clock, wall)
    waiting = back_on_the_queue()
    on_event(moved(delivery, clock, 50), clock, wall)
    clock.advance(timedelta(minutes=1))
    on_message(waiting, clock, wall)
    assert ["~50 min" in text for _, text in sms()] == [True]
    assert set(told(older).values()) == {"overtaken"}
    assert not queued()


def test_a_move_waits_for_the_one_before_while_that_is_being_sent(departed, delivery, clock, wall):
    older = moved(delivery, clock, 40)
    on_event(older, clock, wall)
    sent = SendingRow.of_events([older.id])
    for one in sent:
        SendingRow.keep(one.with_changes(result=None, claimed_until=wall.now() + LEASE), wall.now())
    with pytest.raises(ExceptionGroup) as failures:
        on_event(moved(delivery, clock, 50), clock, wall)
    assert isinstance(failures.value.exceptions[0], InFlight)
    assert len(sms()) == 1


def link_in(text):
    return text.rpartition(" ")[2]


def test_of_two_moves_in_the_wrong_order_only_the_newer_is_told(departed, delivery, clock, wall):
    older, newer = moved(delivery, clock, 40), moved(delivery, clock, 50)
    on_event(newer, clock, wall)
    on_event(older, clock, wall)
    (text,) = (text for _, text in sms())
    assert "~50 min" in text


def at_night(zone, clock):
    """Give the zone a time zone in which it is three at night."""
    hours = OpeningHours(time_zone="Asia/Tokyo", week=[Opening(day=day, opens="00:00", closes="00:00") for day in WEEK])
    zones.put(zone.id, zone.settings.model_copy(update={"hours": hours}))
    zones._cache.clear()
    clock.moment = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def test_in_quiet_hours_what_can_wait_waits_and_the_rest_does_not(delivery, zone, clock, wall):
    at_night(zone, clock)
    departed = deliveries.change(delivery.id, lambda d: d.depart(StopKind.DROPOFF, clock.now())).events[-1]
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1), "it is on its way, at night as well"
    event = moved(delivery, clock, 40)
    on_event(event, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)
    morning = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    (view, _) = map(NoticeView.of, SendingRow.of_events([event.id]))
    assert (view.state, view.waits_until) == ("waiting", morning)
    waiting = back_on_the_queue()
    assert WaitingEvent.model_validate_json(waiting).until == morning
    clock.moment = morning
    on_message(waiting, clock, wall)
    assert told(event) == {"sms": "overtaken", "email": "overtaken"}, "by then the driver was there"


def test_what_waited_for_the_morning_is_sent_then_once(delivery, zone, clock, wall):
    at_night(zone, clock)
    event = came_back(delivery, clock)
    on_event(event, clock, wall)
    assert (len(sms()), len(mails())) == (0, 0)
    waiting = back_on_the_queue()
    clock.moment = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    for _ in range(2):
        on_message(waiting, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)
    assert told(event) == {"sms": "sent", "email": "sent"}


def test_a_merchant_without_quiet_hours_has_none(delivery, merchant, zone, clock, wall):
    at_night(zone, clock)
    accounts.change_account(merchant.id, AccountChange(messages=MessageSettings(quiet_hours=None)))
    merchants._cache.clear()
    on_event(came_back(delivery, clock), clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)


@pytest.fixture
def gone(endpoint, clock, wall):
    """The event of the merchant's endpoint that was disabled as it answered 410, which is stored."""
    off = EndpointRow.load(endpoint[0].merchant_id, endpoint[0].id).disabled(
        DisabledBecause.GONE, wall.now(), clock.now()
    )
    EndpointRow.keep(off)
    return off.events[-1]


@pytest.mark.parametrize("passed", ["enabled", "enabled and disabled by hand", "three days"])
def test_the_mail_about_a_disabled_endpoint_waits_as_long_as_it_is_of_use(gone, clock, wall, monkeypatch, passed):
    merchant_id, endpoint_id = gone.data["merchant_id"], gone.data["endpoint_id"]
    failing("ses", monkeypatch, "MessageRejected", NOT_VERIFIED)
    on_event(gone, clock, wall)
    clock.advance(timedelta(days=3) - timedelta(minutes=5))
    on_message(back_on_the_queue(), clock, wall)
    waiting = back_on_the_queue()
    if passed.startswith("enabled"):
        endpoints.change(merchant_id, endpoint_id, EndpointChange(active=True), clock, wall)
    if passed.endswith("by hand"):
        endpoints.change(merchant_id, endpoint_id, EndpointChange(active=False), clock, wall)
    clock.advance(timedelta(minutes=3 if passed.startswith("enabled") else 6))
    on_message(waiting, clock, wall)
    assert [one.result for one in SendingRow.of_events([gone.id])] == ["overtaken"]
    assert not queued()
