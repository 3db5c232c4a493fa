"""STOP, START, bounces and complaints decide whether an address is written to, in whatever order they come in."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.errors import Conflict, Forbidden
from crowdship.notify.channel import Channel
from crowdship.notify.reach.keywords import Wish, read_reply
from crowdship.notify.reach.model import Because, LiftReason, Reach, key_of
from crowdship.notify.reach.reports import Envelope, Fate, InboundSms, read_report

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONFIRMED = LiftReason.ADDRESS_CONFIRMED


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def fresh(channel=Channel.SMS):
    return Reach.first("adr_1", channel)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 50)), min_size=1, unique_by=lambda reply: reply[1]),
    st.randoms(use_true_random=False),
)
def test_the_reply_that_was_written_last_counts_however_often_and_late_the_others_come(replies, random):
    """Each reply comes once to three times, in any order."""
    reach = fresh()
    arriving = [reply for reply in replies for _ in range(random.randint(1, 3))]
    random.shuffle(arriving)
    for is_stop, minute in arriving:
        said = (f"sms_{minute}", later(minute))
        reach = reach.suppressed(Because.STOP, *said) if is_stop else reach.restarted(*said)
    is_stop, _ = max(replies, key=lambda reply: reply[1])
    assert (reach.because is Because.STOP) == is_stop


def test_a_second_stop_is_not_answered():
    twice = fresh().suppressed(Because.STOP, "sms_1", NOON).suppressed(Because.STOP, "sms_2", later(5))
    assert (twice.because, twice.told_by) == (Because.STOP, "sms_1")


def test_a_start_that_was_written_between_two_stops_lifts_nothing():
    twice = fresh().suppressed(Because.STOP, "sms_1", NOON).suppressed(Because.STOP, "sms_3", later(5))
    assert twice.restarted("sms_2", later(2)) == twice


def test_a_bounce_that_was_lifted_does_not_come_back_when_it_is_reported_again():
    bounced = fresh(Channel.EMAIL).suppressed(Because.BOUNCE, "fb_1", NOON)
    lifted = bounced.lift("mer_1", CONFIRMED, later(10), is_staff=False)
    assert lifted.because is None
    assert lifted.suppressed(Because.BOUNCE, "fb_1", NOON) == lifted
    assert lifted.suppressed(Because.BOUNCE, "fb_0", later(-5)) == lifted
    assert lifted.suppressed(Because.BOUNCE, "fb_2", later(20)).because is Because.BOUNCE


def test_a_complaint_outweighs_a_bounce_and_not_the_other_way_round():
    bounced = fresh(Channel.EMAIL).suppressed(Because.BOUNCE, "fb_1", NOON)
    complained = bounced.suppressed(Because.COMPLAINT, "fb_2", later(1))
    assert complained.because is Because.COMPLAINT
    assert complained.suppressed(Because.BOUNCE, "fb_3", later(2)) == complained


def test_only_a_start_lifts_a_stop_and_only_staff_lift_complaints():
    stopped = fresh().suppressed(Because.STOP, "sms_1", NOON)
    with pytest.raises(Conflict):
        stopped.lift("mer_1", CONFIRMED, later(1), is_staff=False)
    with pytest.raises(Conflict):
        stopped.lift("ana", CONFIRMED, later(1), is_staff=True)
    complained = fresh(Channel.EMAIL).suppressed(Because.COMPLAINT, "fb_1", NOON)
    with pytest.raises(Forbidden):
        complained.lift("mer_1", CONFIRMED, later(1), is_staff=False)
    assert complained.lift("ana", CONFIRMED, later(1), is_staff=True).lifted.by == "ana"


def test_lifting_what_is_not_suppressed_changes_nothing():
    assert fresh().lift("mer_1", CONFIRMED, NOON, is_staff=False) == fresh()


def test_a_delay_is_remembered_once_and_suppresses_nothing():
    reach = fresh(Channel.EMAIL).delayed("fb_1").delayed("fb_1").delayed("fb_2")
    assert (reach.because, reach.delays) == (None, ("fb_1", "fb_2"))


def test_an_address_is_known_by_a_key_that_does_not_show_it():
    key = key_of("secret", Channel.EMAIL, "ana@example.com")
    assert "ana" not in key
    assert key != key_of("another", Channel.EMAIL, "ana@example.com")
    assert key != key_of("secret", Channel.SMS, "ana@example.com")


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "STOP!!", "Opt-out", "unsubscribe", "Parar", "STOPP"])
def test_these_replies_end_messages(text):
    assert read_reply(text).wish is Wish.STOP


@pytest.mark.parametrize("text", ["START", "unstop", "Start!", "empezar", "anmelden"])
def test_these_replies_begin_them_again(text):
    assert read_reply(text).wish is Wish.START


@pytest.mark.parametrize("text", ["", "stop at the gate", "don't stop", "thanks", "🛑", "S T O P the car please now"])
def test_other_replies_are_no_wish(text):
    assert read_reply(text) is None


def told(message, at=NOON):
    written = message if isinstance(message, str) else json.dumps(message)
    return read_report(Envelope.model_validate({"MessageId": "m1", "Timestamp": at.isoformat(), "Message": written}))


def bounce(kind="Permanent", **more):
    part = {
        "bounceType": kind,
        "feedbackId": "fb_1",
        "timestamp": "2026-11-23T12:00:00.000Z",
        "bouncedRecipients": [{"emailAddress": "Ana <ana@example.com>", "status": "5.1.1"}],
        **more,
    }
    tags = {"event": ["evt_1"], "recipient": ["email"], "ses:caller-identity": ["role"]}
    return {"eventType": "Bounce", "bounce": part, "mail": {"messageId": "1", "tags": tags}}


def test_a_permanent_bounce_is_read_with_the_sending_it_is_about():
    report = told(bounce())
    assert (report.fate, report.id, report.addresses) == (Fate.BOUNCED, "fb_1", ("ana@example.com",))
    assert (report.event_id, report.recipient, report.at) == ("evt_1", "email", NOON)


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_other_bounces_are_delays(kind):
    assert told(bounce(kind)).fate is Fate.DELAYED


def test_a_complaint_is_read_and_one_that_says_it_is_no_spam_is_none():
    complaint = {"feedbackId": "fb_2", "complainedRecipients": [{"emailAddress": "ana@example.com"}]}
    report = told({"notificationType": "Complaint", "complaint": complaint, "mail": {}})
    assert (report.fate, report.at, report.event_id) == (Fate.COMPLAINED, NOON, None)
    complaint["complaintFeedbackType"] = "not-spam"
    assert told({"notificationType": "Complaint", "complaint": complaint, "mail": {}}) is None


def test_a_reply_is_read():
    report = told({"originationNumber": "+14155550123", "messageBody": "STOP", "inboundMessageId": "in_1"})
    assert report == InboundSms(originationNumber="+14155550123", messageBody="STOP", inboundMessageId="in_1")


@pytest.mark.parametrize("number", ["73822", "AMAZON", "+73822", "+1415555012٣", "+14155550123\n"])
def test_a_reply_of_a_short_code_is_from_no_phone(number):
    assert not told({"originationNumber": number, "messageBody": "STOP", "inboundMessageId": "in_1"}).is_from_a_phone
    assert told(
        {"originationNumber": "+14155550123", "messageBody": "STOP", "inboundMessageId": "in_1"}
    ).is_from_a_phone


@pytest.mark.parametrize(
    "message", ["Successfully validated SNS topic for Amazon SES event publishing.", "[]", {"eventType": "Send"}, {}]
)
def test_what_is_no_report_is_left_alone(message):
    assert told(message) is None
