from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.states import CorrectionReason, FailureReason, State
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.language import Language
from crowdship.notify.channels.sms import SMS_SEPTETS, gsm7, segments, septets, signed_sms
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.notices import (
    ARRIVAL_MOVED,
    DELIVERED,
    FAILED,
    NEARLY_THERE,
    NOT_DELIVERED,
    OUT_FOR_DELIVERY,
    RETURNED,
    STILL_COMING,
)
from crowdship.notify.customers.writing import CustomerTexts
from crowdship.notify.merchants.notices import ENDPOINT_DISABLED, EndpointFacts
from crowdship.notify.registry import notices_about
from crowdship.notify.texts import letter_for
from tests.contracts import sample
from tests.unit.events.test_contracts import LIVES, assigned, at_the_door

NOW = datetime(2026, 11, 23, 19, 12, tzinfo=UTC)
NOTICES = (
    OUT_FOR_DELIVERY,
    ARRIVAL_MOVED,
    NEARLY_THERE,
    DELIVERED,
    NOT_DELIVERED,
    FAILED,
    STILL_COMING,
    RETURNED,
)
LINK = "https://d111111abcdef8.cloudfront.net/t/" + "t" * 52
"""As long as links get without a domain name of our own."""


def facts(**changes):
    fields = {
        "merchant_name": "Corner Bakery",
        "customer_name": "Ana",
        "external_id": "order-7",
        "link": LINK,
        "eta": NOW + timedelta(minutes=12),
        **changes,
    }
    return DeliveryFacts(**fields)


def sms_for(notice, told, now):
    return CustomerTexts(notice.name, told).sms(now)


def mail_for(notice, told, now):
    return CustomerTexts(notice.name, told).letter(now)


def event_of(type_, time=NOW):
    return DomainEvent.model_validate({**sample("delivery.delivered"), "type": type_, "time": time})


def test_out_for_delivery_has_the_link_the_arrival_and_the_pin_in_one_sms():
    text = sms_for(OUT_FOR_DELIVERY, facts(pin="4821"), NOW)
    assert text == f"Corner Bakery: on its way, ~15 min. PIN 4821. {LINK}"
    assert septets(text) <= SMS_SEPTETS


def test_without_a_pin_requirement_no_pin_is_told():
    delivery = at_the_door()
    told = DeliveryFacts.of(delivery, merchant_name="M", customer_name="C", link=LINK, pin="4821")
    assert told.pin == "4821"
    careless = delivery.with_changes(requirements=delivery.requirements.model_copy(update={"pin": False}))
    assert DeliveryFacts.of(careless, merchant_name="M", customer_name="C", link=LINK, pin="4821").pin is None


def test_the_last_message_says_where_to_ask_if_there_is_room_for_it():
    support = ("+13125550100", "help@bakery.example")
    assert sms_for(DELIVERED, facts(support=support), NOW).endswith("was delivered. Questions? +13125550100")
    tight = sms_for(DELIVERED, facts(support=support, external_id="x" * 110), NOW)
    assert tight.endswith("was delivered.")
    assert septets(tight) <= SMS_SEPTETS
    for notice in NOTICES:
        assert "Questions? +13125550100 or help@bakery.example" in mail_for(notice, facts(support=support), NOW).text
        assert "Questions?" not in mail_for(notice, facts(), NOW).text


def test_an_arrival_that_is_over_is_not_promised():
    assert "min" not in sms_for(OUT_FOR_DELIVERY, facts(eta=NOW - timedelta(minutes=1)), NOW)
    assert "min" not in sms_for(OUT_FOR_DELIVERY, facts(eta=None), NOW)


def test_the_customer_is_asked_to_have_pin_and_id_ready():
    text = sms_for(NEARLY_THERE, facts(pin="4821", minimum_age=21), NOW)
    assert text == "Corner Bakery: your driver is almost there. Please have PIN 4821 and your ID (21+) ready."


@pytest.mark.parametrize("notice", NOTICES)
def test_every_letter_greets_names_the_order_and_signs(notice):
    letter = mail_for(notice, facts(pin="4821", minimum_age=21), NOW)
    assert "Corner Bakery" in letter.subject
    assert letter.text.startswith("Hello Ana,")
    assert "order-7" in letter.text
    assert letter.text.endswith("Corner Bakery\n")


def test_the_letter_out_for_delivery_has_link_and_pin():
    letter = mail_for(OUT_FOR_DELIVERY, facts(pin="4821"), NOW)
    assert LINK in letter.text
    assert "PIN is 4821" in letter.text


@given(
    notice=st.sampled_from(NOTICES),
    language=st.sampled_from(Language),
    reason=st.none() | st.sampled_from(FailureReason),
    name=st.text(min_size=1, max_size=120),
    pin=st.none() | st.from_regex(r"\A\d{4,6}\Z"),
    order=st.from_regex(r"\A[!-~]{1,40}\Z"),
    minutes=st.integers(-10, 90),
)
def test_an_sms_is_one_sms_whatever_the_merchant_is_called(notice, language, reason, name, pin, order, minutes):
    told = facts(
        merchant_name=name,
        language=language,
        pin=pin,
        minimum_age=21,
        external_id=order,
        eta=NOW + timedelta(minutes=minutes),
        reason=reason,
        next="returns",
        has_proof=True,
        support=("+13125550100",),
    )
    text = sms_for(notice, told, NOW)
    assert gsm7(text) == text
    assert septets(text) <= SMS_SEPTETS
    assert segments(text) == 1


@given(st.text())
def test_gsm7_is_stable_and_never_needs_wide_letters(text):
    assert gsm7(gsm7(text)) == gsm7(text)


def test_letters_outside_of_sms_lose_their_accents_or_are_dropped():
    assert gsm7("Čaj’s “Çafé” – 茶 🍵 10 €") == 'Caj\'s "Çafé" -   10 €'


def test_a_sender_that_sms_cannot_write_is_left_out():
    assert signed_sms("茶館", "on its way.") == "On its way."


def test_line_breaks_in_names_cannot_forge_lines():
    delivery = at_the_door()
    told = DeliveryFacts.of(
        delivery, merchant_name="A\r\nBcc: x@example.com", customer_name="C\nD", link=LINK, pin=None
    )
    assert told.merchant_name == "A Bcc: x@example.com"
    assert told.customer_name == "C D"
    forged = "7\u2028\n\nYour PIN is 0000."
    for notice in NOTICES:
        honest = mail_for(notice, facts(), NOW).text
        assert mail_for(notice, facts(external_id=forged), NOW).text.count("\n") == honest.count("\n")
        assert "\n" not in sms_for(notice, facts(external_id=forged), NOW)
    disabled = EndpointFacts(merchant_name="A\n\nB", url="https://shop.example/hook", because="gone")
    assert letter_for(ENDPOINT_DISABLED, disabled, NOW).text.startswith("Hello A B,\n\nwe no longer")


@pytest.mark.parametrize("type_", [event.type for event in LIVES["returned"]().events])
def test_customers_hear_of_no_other_step(type_):
    expected = [notice for notice in NOTICES if notice.event == type_]
    told = notices_about(event_of(type_))
    assert told == expected
    assert all(notice.is_due(event_of(type_), assigned(), NOW) for notice in told)


def test_what_a_sandbox_plays_is_told_to_nobody():
    played = {**sample("delivery.delivered"), "data": {**sample("delivery.delivered")["data"], "livemode": False}}
    assert notices_about(DomainEvent.model_validate(played)) == []


def test_old_news_that_is_no_longer_true_is_not_told():
    over = at_the_door().deliver(NOW)
    event = event_of("delivery.en_route_to_dropoff", time=NOW)
    assert OUT_FOR_DELIVERY.is_due(event, over, NOW + timedelta(minutes=1))
    assert not OUT_FOR_DELIVERY.is_due(event, over, NOW + timedelta(hours=1))
    assert OUT_FOR_DELIVERY.is_due(event, at_the_door(), NOW + timedelta(hours=1))
    delivered = event_of("delivery.delivered", time=NOW)
    assert DELIVERED.is_due(delivered, over, NOW + timedelta(hours=1))
    assert not DELIVERED.is_due(delivered, over, NOW + timedelta(days=2))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Łódź", "Lodz"),
        ("Đorđe", "Dorde"),
        ("İstanbul Işık", "Istanbul Isik"),
        ("Þór", "Thor"),
        ("Søren", "Søren"),
        ("Bäckerei 🥐", "Bäckerei "),
    ],
)
def test_a_letter_without_an_accent_to_lose_stays_a_letter(name, told):
    assert gsm7(name) == told


def test_who_was_told_that_it_was_delivered_is_told_that_it_was_not_and_no_more():
    over = at_the_door().deliver(NOW)
    again = over.correct(CorrectionReason.PRESSED_BY_MISTAKE, NOW)
    delivered, corrected = over.events[-1], again.events[-1]
    assert [notice.name for notice in notices_about(corrected)] == ["not_delivered"]
    assert NOT_DELIVERED.is_due(corrected, again, NOW)
    assert DELIVERED.is_due(delivered, over, NOW)
    assert not DELIVERED.is_due(delivered, again, NOW), "the correction was faster"
    done = again.deliver(NOW)
    assert DELIVERED.is_due(done.events[-1], done, NOW)
    assert not NOT_DELIVERED.is_due(corrected, done, NOW), "by now it was delivered"


def test_who_was_told_that_it_failed_is_told_that_it_is_still_coming():
    corrected = LIVES["failed at the pickup by mistake"]().events
    (event,) = [one for one in corrected if one.type == "delivery.corrected"]
    assert [notice.name for notice in notices_about(event)] == ["still_coming"]


def moved_arrival(**changes):
    told = sample("delivery.eta_changed")
    return DomainEvent.model_validate({**told, "data": {**told["data"], **changes}})


def test_an_arrival_that_moved_is_told_while_it_is_the_newest_and_to_come():
    event = moved_arrival()
    arrival = datetime.fromisoformat(event.data["eta"])
    under_way = at_the_door().with_changes(state=State.EN_ROUTE_TO_DROPOFF, eta=arrival, approaching_at=None)
    before = arrival - timedelta(minutes=10)
    assert notices_about(event) == [ARRIVAL_MOVED]
    assert ARRIVAL_MOVED.is_due(event, under_way, before)
    assert not ARRIVAL_MOVED.is_due(event, under_way, arrival)
    assert not ARRIVAL_MOVED.is_due(event, under_way.with_changes(eta=arrival + timedelta(minutes=9)), before)
    assert not ARRIVAL_MOVED.is_due(event, under_way.with_changes(approaching_at=before), before)
    assert not ARRIVAL_MOVED.is_due(event, at_the_door(), before)


def test_an_arrival_that_moves_before_the_goods_are_on_their_way_is_for_the_page_alone():
    assert notices_about(moved_arrival(state="en_route_to_pickup")) == []


def test_a_failure_says_why_and_what_comes_next():
    failed = at_the_door().fail(FailureReason.CUSTOMER_ABSENT, at_the_door().dropoff, NOW)
    told = DeliveryFacts.of(failed, merchant_name="M", customer_name="C", link=LINK, pin=None)
    assert sms_for(FAILED, told, NOW).endswith(
        "nobody was there. It goes back to the shop, which will be in touch about what comes next."
    )
    lost = DeliveryFacts.of(
        failed.with_changes(state=State.FAILED), merchant_name="M", customer_name="C", link=LINK, pin=None
    )
    assert "The shop will be in touch" in mail_for(FAILED, lost, NOW).text


def test_only_what_is_no_news_of_the_moment_waits_in_quiet_hours():
    assert {notice.name for notice in NOTICES if notice.may_wait} == {"arrival_moved", "returned"}
