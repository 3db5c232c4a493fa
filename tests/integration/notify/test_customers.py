from datetime import timedelta
from uuid import uuid4

import boto3
import pytest

from crowdship.contact import messages
from crowdship.contact.message import MessageInput, Party
from crowdship.contact.store import MessageIdRow, MessageRow
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import FailureReason
from crowdship.intake import accounts
from crowdship.intake.accounts import AccountChange
from crowdship.kernel.errors import NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.language import Language
from crowdship.merchants import service as merchants
from crowdship.merchants.messaging import MessageSettings
from crowdship.notify import registry
from crowdship.notify.channel import Channel
from crowdship.notify.channels import senders
from crowdship.notify.customers.kinds import KINDS, Kind
from crowdship.notify.customers.phrases import KindPhrases, phrases
from crowdship.notify.customers.views import NoticeView
from crowdship.notify.notices import Audience, Notice
from crowdship.notify.reach import service as reach
from crowdship.notify.reach.model import Because, LiftInput, LiftReason
from crowdship.notify.reach.store import ReachRow
from crowdship.notify.sendings import LEASE, InFlight, Result, Sending
from crowdship.notify.service import on_event
from crowdship.notify.store import SendingRow
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.page.token import read_token
from crowdship.vault import service as vault
from functions.events import notify as function
from tests.city import City, at
from tests.contracts import sample
from tests.integration.notify.conftest import TRACKING_SECRET
from tests.integration.notify.outbox import failing, mails, moved, sms, speak, with_failing_sms


def test_out_for_delivery_reaches_the_customer_by_sms_and_mail_with_link_and_pin(departed, delivery, clock, wall):
    on_event(departed, clock, wall)
    [(phone, text)] = sms()
    assert phone == "+14155550123"
    assert text.startswith("Corner Bakery: on its way, ~15 min. PIN 4821. https://pages.crowdship.example/t/")
    token = text.rpartition("/")[2]
    assert read_token(TRACKING_SECRET, token, clock.now()) == delivery.id
    [mail] = mails()
    assert mail.destinations["ToAddresses"] == ["ana@example.com"]
    assert mail.subject == "Your order from Corner Bakery is on its way"
    assert token in mail.body
    assert "4821" in mail.body


@pytest.mark.usefixtures("world")
def test_the_minutes_told_are_those_from_where_the_driver_is_now(wall):
    city = City.open()
    driver = city.driver(east_m=0)
    order = city.assigned(driver, east_m=5000)
    stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    departed = stops.depart(order.id, driver.id, StopKind.DROPOFF, None, city.clock)
    assert departed.eta - city.clock.now() > timedelta(minutes=15)
    tracking.begin_duty(driver.id, at(4000), city.clock)
    on_event(departed.events[-1], city.clock, wall)
    assert "on its way, ~5 min." in sms()[0][1]


def test_the_same_event_many_times_is_told_once(departed, clock, wall):
    for _ in range(3):
        on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)


def test_events_in_the_wrong_order_are_each_told_once(events, clock, wall):
    for event in [*reversed(events.values()), *events.values()]:
        on_event(event, clock, wall)
    assert len(sms()) == 3
    assert "delivered" in sms()[0][1]


def test_other_events_tell_the_customer_nothing(events, clock, wall):
    on_event(events["delivery.arrived_at_dropoff"], clock, wall)
    assert (sms(), mails()) == ([], [])


def test_a_new_message_is_an_entry_and_its_words(events, clock, wall, monkeypatch):
    arrived: Notice[Delivery] = Notice("arrived", "delivery.arrived_at_dropoff", Audience.CUSTOMER, (Channel.SMS,))
    monkeypatch.setattr(registry, "NOTICES", (*registry.NOTICES, arrived))
    words = phrases(Language.ENGLISH)
    said = KindPhrases(sms="your driver is at the door with {order_number}.", subject="s", text="t", button="b")
    monkeypatch.setitem(KINDS, "arrived", Kind())
    monkeypatch.setitem(words.kinds, "arrived", said)
    on_event(events["delivery.arrived_at_dropoff"], clock, wall)
    assert sms() == [("+14155550123", "Corner Bakery: your driver is at the door with order-7.")]
    assert mails() == []


def test_a_customer_without_mail_gets_the_sms(departed, delivery, clock, wall, monkeypatch):
    known = vault.contacts(delivery.contacts_token)
    without = known.with_changes(dropoff=known.dropoff.model_copy(update={"email": None}))
    monkeypatch.setattr(vault, "contacts", lambda token: without)
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 0)


def test_an_erased_customer_is_left_in_peace(departed, delivery, clock, wall):
    vault.erase(delivery.contacts_token)
    on_event(departed, clock, wall)
    assert (sms(), mails()) == ([], [])


def test_a_sender_that_died_before_sending_is_replaced_when_its_claim_has_run_out(departed, clock, wall):
    SendingRow.keep(Sending.first(departed, "sms").claim(1, wall.now()), wall.now())
    with pytest.raises(ExceptionGroup) as failure:
        on_event(departed, clock, wall)
    assert failure.group_contains(InFlight)
    assert (len(sms()), len(mails())) == (0, 1)
    wall.advance(LEASE)
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)


def test_a_sender_that_died_after_sending_sends_again_rather_than_never(departed, clock, wall, monkeypatch):
    keep = SendingRow.keep

    def die_with_the_result(sending, now):
        if sending.attempts:
            raise KeyboardInterrupt
        return keep(sending, now)

    monkeypatch.setattr(SendingRow, "keep", die_with_the_result)
    with pytest.raises(KeyboardInterrupt):
        on_event(departed, clock, wall)
    monkeypatch.setattr(SendingRow, "keep", keep)
    assert len(sms()) == 1
    wall.advance(LEASE)
    on_event(departed, clock, wall)
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (2, 1)


def test_a_throttled_channel_does_not_keep_the_other_and_is_tried_again_at_once(departed, clock, wall, monkeypatch):
    with monkeypatch.context() as broken:
        with_failing_sms(broken, "Throttling")
        with pytest.raises(ExceptionGroup):
            on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (0, 1)
    on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (1, 1)


def test_an_address_that_is_refused_is_not_tried_for_ever(departed, clock, wall, monkeypatch):
    with_failing_sms(monkeypatch, "InvalidParameter")
    on_event(departed, clock, wall)
    on_event(departed, clock, wall)
    results = {sending.recipient: sending.result for sending in SendingRow.of_events([departed.id])}
    assert results == {"sms": Result.REFUSED, "email": Result.SENT}


def test_a_failure_is_told_with_the_reason_and_what_comes_next(delivery, clock, wall):
    for step in (
        lambda d: d.depart(StopKind.DROPOFF, clock.now()),
        lambda d: d.arrive(StopKind.DROPOFF, clock.now()),
    ):
        deliveries.change(delivery.id, step)
    ended = deliveries.change(delivery.id, lambda d: d.fail(FailureReason.CUSTOMER_ABSENT, d.dropoff, clock.now()))
    for event in ended.events:
        on_event(event, clock, wall)
    ((_, text),) = sms()
    assert "nobody was there. It goes back to the shop" in text


def test_a_customer_is_written_to_in_their_language_or_the_merchants(departed, delivery, merchant, clock, wall):
    speak(delivery, "es-MX")
    on_event(departed, clock, wall)
    assert "en camino" in sms()[0][1]
    assert mails()[0].subject == "Tu pedido de Corner Bakery está en camino"
    speak(delivery, "fr")
    accounts.change_account(merchant.id, AccountChange(messages=MessageSettings(language="de")))
    merchants._cache.clear()
    on_event(moved(delivery, clock, 40), clock, wall)
    assert "neue Ankunftszeit" in sms()[1][1]


def test_a_mail_has_the_merchants_logo_and_colour_and_the_text_beside(departed, delivery, merchant, clock, wall):
    def brand(known):
        logo = {"logo_url": "/logos/mer_1-abc.png", "colour": "#ffee00"}
        return known.with_changes(branding=known.branding.model_copy(update=logo)), None

    merchants.change(merchant.id, brand)
    merchants._cache.clear()
    on_event(departed, clock, wall)
    (mail,) = mails()
    assert "https://pages.crowdship.example/logos/mer_1-abc.png" in str(mail.body)


def test_what_nobody_needs_to_know_any_more_is_not_sent(events, clock, wall):
    clock.advance(timedelta(days=2))
    on_event(events["delivery.delivered"], clock, wall)
    assert (sms(), mails()) == ([], [])


def opted_out(delivery, monkeypatch):
    """Give the customer a number that replied STOP: moto's list has those that end in 99."""
    known = vault.contacts(delivery.contacts_token)
    stopped = known.with_changes(dropoff=known.dropoff.model_copy(update={"phone": "+14155550199"}))
    monkeypatch.setattr(vault, "contacts", lambda token: stopped)


def test_who_replied_stop_gets_no_sms_but_the_mail_and_the_merchant_sees_it(
    departed, delivery, clock, wall, monkeypatch
):
    opted_out(delivery, monkeypatch)
    for _ in range(2):
        on_event(departed, clock, wall)
    assert (len(sms()), len(mails())) == (0, 1)
    told = [NoticeView.of(sending) for sending in SendingRow.of_events([departed.id])]
    assert {view.channel: view.state for view in told} == {"sms": "opted_out", "email": "sent"}


def test_where_no_list_is_kept_nobody_opted_out(departed, delivery, clock, wall, monkeypatch):
    monkeypatch.setenv("SMS_OPT_OUTS", "none")
    opted_out(delivery, monkeypatch)
    on_event(departed, clock, wall)
    assert len(sms()) == 1


def test_a_list_that_does_not_answer_keeps_nobody_from_an_sms(monkeypatch):
    failing("sns", monkeypatch, "InternalError")
    assert not senders.opt_outs().holds("+14155550199")


def test_a_delivery_that_does_not_exist_is_for_the_dead_letter_queue(world, merchant, clock, wall):
    told = sample("delivery.delivered")
    told["data"]["merchant_id"] = merchant.id
    with pytest.raises(NotFound):
        on_event(DomainEvent.model_validate(told), clock, wall)


def test_the_function_reports_only_the_records_that_failed(departed, clock):
    good, bad = (sample("lambda/notices.sqs")["Records"][0] for _ in range(2))
    good["body"] = '{"source":"crowdship","detail":' + departed.model_dump_json() + "}"
    bad["messageId"] = "bad"
    answer = function.handler({"Records": [good, bad]}, _Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(sms()) == 1


class _Context:
    function_name = "on_event"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:on_event"
    aws_request_id = "1"

    @staticmethod
    def get_remaining_time_in_millis():
        return 30_000


def test_the_log_of_what_was_sent_ends_by_itself(departed, clock, wall):
    on_event(departed, clock, wall)
    item = boto3.client("dynamodb").get_item(
        TableName="crowdship-notify", Key={"pk": {"S": departed.id}, "sk": {"S": "sms"}}
    )["Item"]
    assert 29 * 86_400 < int(item["expires_at"]["N"]) - wall.now().timestamp() <= 30 * 86_400
    assert "+14155550123" not in str(item)


@pytest.fixture
def conversation(departed, delivery, clock, wall):
    """A function with which the driver of a delivery under way writes; it returns the message's event."""

    def write():
        thread = messages.of_driver(delivery.id, departed.data["driver_id"], clock, writes=True)
        said = MessageInput(message_id=str(uuid4()), text="Which door is it?")
        messages.send(thread, Party.DRIVER, said, clock, wall)
        kept = MessageRow.load(delivery.id, MessageIdRow.lookup(delivery.id, said.message_id))
        data = {
            "message_id": kept.message_id,
            "to": "customer",
            "driver_id": kept.driver_id,
            "delivery_id": delivery.id,
        }
        return DomainEvent(
            id=kept.event_ids[0], type="message.sent", time=kept.at, subject=kept.id, sequence=1, data=data
        )

    return write


def test_a_customer_who_has_not_read_what_the_driver_wrote_gets_the_link_by_sms_and_mail(conversation, clock, wall):
    event = conversation()
    for _ in range(2):
        on_event(event, clock, wall)
    [(phone, text)] = sms()
    assert phone == "+14155550123"
    assert text.startswith("Corner Bakery: your driver wrote to you: https://pages.crowdship.example/t/")
    assert "door" not in text
    (mail,) = mails()
    assert "wrote to you" in mail.subject
    assert "door" not in mail.body


def test_a_customer_who_has_read_it_on_the_page_gets_no_sms(conversation, delivery, clock, wall):
    event = conversation()
    messages.mark_read(messages.of_customer(delivery.id, clock), Party.CUSTOMER, event.time, clock, wall)
    on_event(event, clock, wall)
    assert sms() == []


def test_what_the_driver_writes_within_ten_minutes_is_one_sms(conversation, clock, wall):
    for minutes in (0, 9, 2):
        clock.advance(timedelta(minutes=minutes))
        on_event(conversation(), clock, wall)
    assert len(sms()) == 2


def test_a_message_that_comes_late_is_told_to_nobody(conversation, clock, wall):
    event = conversation()
    clock.advance(timedelta(minutes=16))
    on_event(event, clock, wall)
    assert sms() == []


def test_the_notice_of_a_drivers_message_is_shown_with_those_of_the_delivery(
    departed, conversation, delivery, clock, wall
):
    on_event(conversation(), clock, wall)
    wall.advance(timedelta(minutes=1))
    on_event(departed, clock, wall)
    told = reach.told(deliveries.get(delivery.id))
    assert [(one.type, one.channel, one.state) for one in told.notices] == [
        ("delivery.en_route_to_dropoff", "email", "sent"),
        ("delivery.en_route_to_dropoff", "sms", "sent"),
        ("message.sent", "email", "sent"),
        ("message.sent", "sms", "sent"),
    ]


def test_an_address_that_only_a_drivers_message_went_to_is_written_to_again(conversation, delivery, clock, wall):
    event = conversation()
    on_event(event, clock, wall)
    (by_mail, _) = SendingRow.of_events([event.id])
    ReachRow.change(by_mail.address, Channel.EMAIL, lambda known: known.suppressed(Because.BOUNCE, "fb_1", wall.now()))
    wall.advance(timedelta(minutes=1))
    asked = LiftInput(channel=Channel.EMAIL, reason=LiftReason.ADDRESS_CONFIRMED)
    (address, _) = reach.lift(deliveries.get(delivery.id), asked, "ana", wall).addresses
    assert (address.because, address.lifted.by) == (None, "ana")
