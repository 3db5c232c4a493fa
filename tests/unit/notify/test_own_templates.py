"""Merchants' templates are refused with a pointer to what can't be sent, and what would be right."""

import pytest
from pydantic import ValidationError

from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.notify.customers.writing import CustomerTexts, Words
from crowdship.notify.own_templates.model import TemplateInput, TemplatePlace, sample
from crowdship.notify.own_templates.views import Preview

SMS = TemplatePlace.of("out_for_delivery", "en", "sms")
MAIL = TemplatePlace.of("out_for_delivery", "en", "email")


def refused(place, **given):
    with pytest.raises(Unprocessable) as refusal:
        place.check(TemplateInput(**given), "Corner Bakery")
    assert refusal.value.code == "template_not_usable"
    return dict(refusal.value.errors)


def test_an_unknown_field_is_refused_with_those_that_exist():
    told = refused(MAIL, text="{customer}", subject="{pim}")
    assert told["/text"].startswith("There is no field {customer} here; there are {arrival}, {customer_name},")
    assert told["/subject"].startswith("There is no field {pim} here")


def test_a_field_of_another_kind_is_unknown():
    assert "{reason}" in refused(SMS, text="{reason} {link}")["/text"]


def test_the_first_sms_must_hold_the_link_for_certain():
    assert refused(SMS, text="on its way")["/text"] == "It must hold {link}, outside of every [optional part]."
    assert "/text" in refused(SMS, text="on its way [{minutes} {link}]")
    SMS.check(TemplateInput(text="on its way {link}"), "Corner Bakery")


def test_a_mail_needs_a_subject_and_an_sms_has_none():
    assert refused(MAIL, text="on its way") == {"/subject": "A mail needs a subject."}
    assert refused(SMS, text="{link}", subject="x") == {"/subject": "An SMS has no subject; leave it out."}


def test_an_sms_that_would_be_too_long_with_long_values_is_refused():
    SMS.check(TemplateInput(text="a" * 300 + " {link}"), "Corner Bakery")
    told = refused(SMS, text="a" * 400 + " {link}")
    assert told["/text"] == "With a long name and order number it takes 4 SMS; 3 are the most."
    assert "/text" in refused(SMS, text="ж" * 120 + " {link}"), "these letters take more room"


@pytest.mark.parametrize("field", ["text", "subject"])
@pytest.mark.parametrize("written", ["a\x00b", "a\x1bb", "", "   ", "x" * 2001])
def test_texts_without_letters_with_control_characters_or_too_long_are_refused(field, written):
    with pytest.raises(ValidationError):
        TemplateInput(**{"text": "t", field: written})


def test_a_subject_is_one_line():
    with pytest.raises(ValidationError):
        TemplateInput(text="t", subject="a\nBcc: b@example.com")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("on_its_way", "en", "sms"), "out_for_delivery, nearly_there"),
        (("delivered", "fr", "sms"), "there are en, es, de"),
        (("delivered", "en", "push"), "there are sms, email"),
    ],
)
def test_a_place_that_does_not_exist_is_refused_with_those_that_do(path, said):
    with pytest.raises(NotFound) as refusal:
        TemplatePlace.of(*path)
    assert said in refusal.value.detail


def test_a_preview_counts_what_an_sms_costs():
    def preview(text):
        return Preview.of(CustomerTexts("delivered", sample("M", "en"), lambda _: Words(text)), SMS.channel)

    short, long, wide = preview("a"), preview("a" * 160), preview("ж")
    assert (short.text, short.segments, short.encoding) == ("M: a", 1, "GSM-7")
    assert (long.segments, long.encoding) == (2, "GSM-7")
    assert (wide.segments, wide.encoding) == (1, "UCS-2")
