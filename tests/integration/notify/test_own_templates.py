"""A merchant writes to its customers in its own words: kept, used, previewed, and sent to itself as a test."""

from datetime import timedelta

import pytest

from crowdship.intake import accounts
from crowdship.intake.accounts import AccountChange
from crowdship.kernel.errors import TooManyRequests, Unavailable, Unprocessable
from crowdship.merchants.messaging import Branding
from crowdship.notify.own_templates import service as templates
from crowdship.notify.own_templates.model import TemplateInput, TemplatePlace
from crowdship.notify.reach.model import Because
from crowdship.notify.reach.service import address_key
from crowdship.notify.reach.store import ReachRow
from crowdship.notify.service import on_event
from tests.integration.notify.outbox import mails, sms

SMS = TemplatePlace.of("out_for_delivery", "en", "sms")
MAIL = TemplatePlace.of("out_for_delivery", "en", "email")


def test_a_merchants_words_are_used_until_they_are_removed(departed, events, merchant, clock, wall):
    templates.write(merchant.id, SMS, TemplateInput(text="Brot kommt[, PIN {pin}]! {link}"), clock)
    mail = TemplateInput(text="Hi,\n\nit smells good.", subject="Bread for {customer_name}")
    templates.write(merchant.id, MAIL, mail, clock)
    on_event(departed, clock, wall)
    assert sms()[0][1].startswith("Corner Bakery: Brot kommt, PIN 4821! https://")
    (letter,) = mails()
    assert letter.subject == "Bread for Ana"
    assert "it smells good." in str(letter.body)
    assert "4821" in str(letter.body), "the PIN stays, whatever the words are"
    templates.remove(merchant.id, SMS)
    templates.remove(merchant.id, SMS)
    assert [one.own for one in listed(merchant, "out_for_delivery", "en")] == [False, True]


def listed(merchant, kind, language):
    told = templates.all_of(merchant.id).templates
    return [one for one in told if (one.kind, one.language) == (kind, language)]


def test_the_list_has_every_kind_language_and_channel_with_the_fields_that_there_are(merchant):
    told = templates.all_of(merchant.id)
    assert len(told.templates) == len(told.kinds) * 3 * 2
    fields = {kind.kind: kind.fields for kind in told.kinds}
    assert "reason" in fields["failed"]
    assert "reason" not in fields["delivered"]


def test_words_in_another_language_are_not_used(departed, merchant, clock, wall):
    german = TemplatePlace.of("out_for_delivery", "de", "sms")
    templates.write(merchant.id, german, TemplateInput(text="Brot! {link}"), clock)
    on_event(departed, clock, wall)
    assert "on its way" in sms()[0][1]


def test_a_template_that_can_not_be_sent_is_not_kept(merchant, clock):
    with pytest.raises(Unprocessable):
        templates.write(merchant.id, SMS, TemplateInput(text="{pim} {link}"), clock)
    assert not listed(merchant, "out_for_delivery", "en")[0].own


def test_a_preview_shows_the_brand_and_keeps_nothing(merchant):
    accounts.change_account(
        merchant.id, AccountChange(branding=Branding(colour="#c2255c", support_phone="+13125550177"))
    )
    shown = templates.preview(merchant.id, MAIL, TemplateInput(text="Soon.", subject="Bread"))
    assert shown.subject == "Bread"
    assert "#c2255c" in shown.html
    assert "+13125550177" in shown.text
    assert not listed(merchant, "out_for_delivery", "en")[1].own
    assert mails() == []


def test_a_test_goes_to_the_merchant_itself_and_to_nobody_else(merchant, wall):
    sent = templates.send_test(merchant.id, MAIL, wall)
    (letter,) = mails()
    assert letter.destinations["ToAddresses"] == ["bakery@example.com"]
    assert (sent.to, sent.message.subject) == ("….com", letter.subject)


def test_a_test_by_sms_needs_a_phone_of_the_account(merchant, wall):
    with pytest.raises(Unprocessable) as refusal:
        templates.send_test(merchant.id, SMS, wall)
    assert "branding.support_phone" in refusal.value.detail
    accounts.change_account(merchant.id, AccountChange(branding=Branding(support_phone="+13125550177")))
    templates.send_test(merchant.id, SMS, wall)
    assert sms()[0][0] == "+13125550177"


def test_tests_are_ten_seconds_apart(merchant, wall):
    templates.send_test(merchant.id, MAIL, wall)
    with pytest.raises(TooManyRequests):
        templates.send_test(merchant.id, MAIL, wall)
    wall.advance(timedelta(seconds=10))
    templates.send_test(merchant.id, MAIL, wall)
    assert len(mails()) == 2


def test_a_merchant_sends_twenty_tests_a_day(merchant, wall):
    wall.moment = wall.moment.replace(hour=9)
    for _ in range(20):
        templates.send_test(merchant.id, MAIL, wall)
        wall.advance(timedelta(minutes=1))
    with pytest.raises(TooManyRequests) as refusal:
        templates.send_test(merchant.id, MAIL, wall)
    assert refusal.value.code == "tests_used_up"
    assert "20 tests a day" in refusal.value.detail
    wall.advance(timedelta(seconds=int(refusal.value.headers["Retry-After"])))
    templates.send_test(merchant.id, MAIL, wall)
    assert len(mails()) == 21
    assert listed(merchant, "out_for_delivery", "en"), "the count is no template"


@pytest.mark.parametrize(
    ("place", "address", "because", "code"),
    [
        (SMS, "+13125550177", Because.STOP, "test_phone_opted_out"),
        (MAIL, "bakery@example.com", Because.BOUNCE, "test_address_suppressed"),
        (MAIL, "bakery@example.com", Because.COMPLAINT, "test_address_suppressed"),
    ],
)
def test_a_test_is_not_sent_past_what_the_holder_of_the_address_said(merchant, wall, place, address, because, code):
    accounts.change_account(merchant.id, AccountChange(branding=Branding(support_phone="+13125550177")))
    key = address_key(place.channel, address)
    ReachRow.change(key, place.channel, lambda reach: reach.suppressed(because, "told_1", wall.now()))
    with pytest.raises(Unprocessable) as refusal:
        templates.send_test(merchant.id, place, wall)
    assert refusal.value.code == code
    assert (sms(), mails()) == ([], [])


def test_a_provider_that_does_not_take_a_test_is_named(merchant, wall, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(templates, "send_mail", refusing)
        with pytest.raises(Unavailable) as refusal:
            templates.send_test(merchant.id, MAIL, wall)
    assert "MessageRejected" in refusal.value.detail


def refusing(*_):
    from botocore.exceptions import ClientError

    raise ClientError({"Error": {"Code": "MessageRejected", "Message": "not verified"}}, "SendEmail")
