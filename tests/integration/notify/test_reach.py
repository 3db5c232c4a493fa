"""Replies to SMS and reports on mails: honoured, answered once, and shown with the messages of a delivery."""

import json
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from crowdship.deliveries import service as deliveries
from crowdship.kernel.errors import Conflict, Forbidden, NotFound
from crowdship.kernel.ids import new_id
from crowdship.notify.channel import Channel
from crowdship.notify.channels import senders
from crowdship.notify.clients import client as CLIENTS  # noqa: N812
from crowdship.notify.reach import service as reach
from crowdship.notify.reach.model import LiftInput, LiftReason
from crowdship.notify.service import on_event
from functions.events import reach as function
from tests.contracts import sample
from tests.integration.notify.outbox import REGION, mails, sms, told

CUSTOMER = "+14155550123"
MAIL = LiftInput(channel=Channel.EMAIL, reason=LiftReason.ADDRESS_CONFIRMED)


def envelope(message, at, message_id="m1"):
    return json.dumps(
        {"Type": "Notification", "MessageId": message_id, "Timestamp": at.isoformat(), "Message": json.dumps(message)}
    )


def reply(text, wall, reply_id=None, phone=CUSTOMER):
    """Take in a reply, and return its envelope."""
    inbound = {"originationNumber": phone, "messageBody": text, "inboundMessageId": reply_id or new_id("in")}
    message = envelope(inbound, wall.now())
    reach.take_in(message, wall)
    return message


def report(event, wall, fate="Bounce", feedback_id="fb_1", address="ana@example.com", kind="Permanent"):
    """Take in a report on the mail about an event, and return its envelope."""
    who = [{"emailAddress": address}]
    part = {
        "Bounce": {"bounce": {"bounceType": kind, "bouncedRecipients": who, "feedbackId": feedback_id}},
        "Complaint": {"complaint": {"complainedRecipients": who, "feedbackId": feedback_id}},
        "DeliveryDelay": {"deliveryDelay": {"delayedRecipients": who}},
    }[fate]
    tags = {"event": [event.id], "recipient": ["email"]}
    message = envelope({"eventType": fate, **part, "mail": {"tags": tags}}, wall.now(), feedback_id)
    reach.take_in(message, wall)
    return message


def shown(delivery):
    return reach.told(deliveries.get(delivery.id))


def test_a_stop_is_answered_once_and_honoured_until_a_start(departed, events, delivery, clock, wall):
    message = reply("Stop!", wall)
    reach.take_in(message, wall)
    reply("STOP", wall)
    assert [text for _, text in sms()] == ["crowdship: you get no more texts from us. Reply START to get them again."]
    on_event(departed, clock, wall)
    assert len(sms()) == 1
    assert told(departed) == {"sms": "opted_out", "email": "sent"}
    (by_mail, by_sms) = shown(delivery).addresses
    assert (by_mail.because, by_sms.because) == (None, "stop")
    wall.advance(timedelta(minutes=1))
    reply("start", wall)
    assert sms()[1][1] == "crowdship: you get our texts again. Reply STOP to end them."
    on_event(events["delivery.delivered"], clock, wall)
    assert sms()[2][1].startswith("Corner Bakery: order order-7 was delivered.")
    assert shown(delivery).addresses[-1].because is None


def test_a_stop_is_answered_in_the_language_of_its_word(world, wall):
    reply("Parar", wall)
    assert sms()[0][1] == "crowdship: ya no recibes nuestros mensajes. Responde START para recibirlos de nuevo."


def test_a_reply_that_is_no_wish_changes_nothing_and_is_not_answered(departed, clock, wall):
    reply("please stop at the gate", wall)
    on_event(departed, clock, wall)
    ((_, text),) = sms()
    assert "on its way" in text


def test_an_sms_from_a_short_code_is_counted_as_ignored_and_not_answered(world, wall, monkeypatch):
    counted = []
    monkeypatch.setattr(reach.metrics, "add_metric", lambda name, unit, value: counted.append(name))
    reply("STOP", wall, phone="73822")
    assert counted == ["SmsRepliesIgnored"]
    assert sms() == []


def test_a_sender_that_died_before_answering_answers_when_the_reply_comes_again(world, wall, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(reach, "send_once", die)
        with pytest.raises(KeyboardInterrupt):
            reply("STOP", wall, "in_1")
    reply("STOP", wall, "in_1")
    assert len(sms()) == 1


class Sns:
    """SNS with a list of numbers that replied STOP; ``refusal`` is the code with which it refuses to take one off."""

    def __init__(self, refusal=None):
        self.listed, self.refusal = {CUSTOMER}, refusal

    def check_if_phone_number_is_opted_out(self, phoneNumber):  # noqa: N803 - SNS's own name
        return {"isOptedOut": phoneNumber in self.listed}

    def opt_in_phone_number(self, phoneNumber):  # noqa: N803
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": "opted in lately"}}, "OptInPhoneNumber")
        self.listed.remove(phoneNumber)

    def publish(self, **given):
        return CLIENTS("sns").publish(**given)


@pytest.fixture
def listed(world, monkeypatch):
    """A function that puts an SNS with a list in the place of the one without."""

    def use(sns):
        monkeypatch.setattr(reach, "opt_outs", senders.OptOutsOfSns)
        monkeypatch.setattr(senders, "client", lambda name: sns if name == "sns" else CLIENTS(name))
        return sns

    return use


def test_a_start_takes_the_number_off_the_list_of_sns_whatever_was_remembered(listed, wall):
    sns = listed(Sns())
    sns.listed.clear()
    assert not senders.OptOutsOfSns().holds(CUSTOMER)
    sns.listed.add(CUSTOMER)
    reply("START", wall)
    assert sns.listed == set()
    assert [text for _, text in sms()] == ["crowdship: you get our texts again. Reply STOP to end them."]


def test_a_start_is_not_confirmed_while_sns_keeps_the_number_on_its_list(departed, delivery, listed, clock, wall):
    reply("STOP", wall)
    on_event(departed, clock, wall)
    listed(Sns("InvalidParameter"))
    wall.advance(timedelta(minutes=1))
    reply("START", wall)
    assert len(sms()) == 1, "the answer to the STOP"
    assert shown(delivery).addresses[-1].because == "stop"


def test_a_start_comes_again_when_sns_was_busy(world, listed, wall):
    sns = listed(Sns("ThrottledException"))
    with pytest.raises(ClientError):
        reply("START", wall, "in_1")
    sns.refusal = None
    reply("START", wall, "in_1")
    assert len(sms()) == 1


def test_a_start_from_before_a_stop_takes_nothing_off_the_list(listed, wall):
    sns = listed(Sns())
    reply("STOP", wall)
    wall.advance(-timedelta(minutes=1))
    reply("START", wall)
    assert sns.listed == {CUSTOMER}


def test_a_mail_that_bounced_is_shown_and_the_address_is_not_written_to_again(departed, events, delivery, clock, wall):
    on_event(departed, clock, wall)
    message = report(departed, wall)
    reach.take_in(message, wall)
    assert told(departed) == {"sms": "sent", "email": "bounced"}
    on_event(events["delivery.delivered"], clock, wall)
    assert len(mails()) == 1
    assert told(events["delivery.delivered"]) == {"sms": "sent", "email": "suppressed"}
    (by_mail, _) = shown(delivery).addresses
    assert (by_mail.channel, by_mail.because) == ("email", "bounce")


def test_who_reported_spam_is_not_written_to_and_only_staff_can_lift_that(departed, delivery, clock, wall):
    on_event(departed, clock, wall)
    report(departed, wall, "Complaint")
    assert told(departed)["email"] == "complained"
    with pytest.raises(Forbidden):
        reach.lift(deliveries.get(delivery.id), MAIL, delivery.merchant_id, wall)
    wall.advance(timedelta(minutes=1))
    (by_mail, _) = reach.lift(deliveries.get(delivery.id), MAIL, "ana", wall).addresses
    assert (by_mail.because, by_mail.lifted.by, by_mail.lifted.reason) == (None, "ana", "address_confirmed")


def test_a_merchant_lifts_a_bounce_and_the_same_report_again_does_not_bring_it_back(
    departed, events, delivery, clock, wall
):
    on_event(departed, clock, wall)
    message = report(departed, wall)
    wall.advance(timedelta(minutes=1))
    reach.lift(deliveries.get(delivery.id), MAIL, delivery.merchant_id, wall)
    reach.take_in(message, wall)
    on_event(events["delivery.delivered"], clock, wall)
    assert len(mails()) == 2


def test_nobody_but_the_customer_lifts_a_stop(departed, delivery, clock, wall):
    reply("STOP", wall)
    on_event(departed, clock, wall)
    asked = LiftInput(channel=Channel.SMS, reason=LiftReason.RECIPIENT_ASKED)
    with pytest.raises(Conflict):
        reach.lift(deliveries.get(delivery.id), asked, "ana", wall)


def test_who_was_never_written_to_has_no_address_to_lift(delivery, wall):
    with pytest.raises(NotFound):
        reach.lift(deliveries.get(delivery.id), MAIL, delivery.merchant_id, wall)


@pytest.mark.parametrize(("fate", "kind"), [("DeliveryDelay", ""), ("Bounce", "Transient")])
def test_a_delay_is_shown_and_changes_nothing(departed, events, delivery, clock, wall, fate, kind):
    on_event(departed, clock, wall)
    report(departed, wall, fate, kind=kind)
    assert told(departed)["email"] == "sent"
    assert next(one for one in shown(delivery).notices if one.channel == "email").delayed
    on_event(events["delivery.delivered"], clock, wall)
    assert len(mails()) == 2


def test_a_report_on_a_mail_that_nobody_remembers_still_counts_for_the_address(departed, clock, wall):
    report(sample_event(departed), wall)
    on_event(departed, clock, wall)
    assert told(departed)["email"] == "suppressed"


def sample_event(event):
    return event.model_copy(update={"id": new_id("evt")})


def test_no_address_and_no_number_is_in_the_table(departed, clock, wall):
    reply("STOP", wall)
    report(departed, wall)
    on_event(departed, clock, wall)
    rows = boto3.client("dynamodb").scan(TableName="crowdship-notify")["Items"]
    assert len(rows) >= 4
    assert not [row for row in rows if "ana@" in str(row) or "4155550123" in str(row)]


def test_the_function_reports_what_it_can_not_read_and_takes_in_the_rest(world, wall):
    good, bad = (sample("lambda/notices.sqs")["Records"][0] for _ in range(2))
    inbound = {"originationNumber": CUSTOMER, "messageBody": "STOP", "inboundMessageId": "in_1"}
    good["body"] = envelope(inbound, wall.now())
    bad["messageId"], bad["body"] = "bad", envelope({"originationNumber": "nobody"}, wall.now())
    answer = function.handler({"Records": [good, bad]}, _Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages) == 1


class _Context:
    function_name = "reach"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:reach"
    aws_request_id = "1"

    @staticmethod
    def get_remaining_time_in_millis():
        return 30_000
