"""Merchants' templates are refused with a pointer to what can't be sent, and what would be right."""

from bisect import bisect
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.deliveries.states import FailureReason
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.language import Language
from crowdship.notify.channels.sms import segments
from crowdship.notify.customers.facts import Next
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.writing import CustomerTexts, Words
from crowdship.notify.own_templates.model import SAMPLE_NOW, TemplateInput, TemplatePlace, long_sample, sample
from crowdship.notify.own_templates.views import Preview

SMS = TemplatePlace.of("out_for_delivery", "en", "sms")
MAIL = TemplatePlace.of("out_for_delivery", "en", "email")


def refused(place, **given):
    with pytest.raises(Unprocessable) as refusal:
        place.check(TemplateInput(**given))
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
    SMS.check(TemplateInput(text="on its way {link}"))


def test_a_mail_needs_a_subject_and_an_sms_has_none():
    assert refused(MAIL, text="on its way") == {"/subject": "A mail needs a subject."}
    assert refused(SMS, text="{link}", subject="x") == {"/subject": "An SMS has no subject; leave it out."}


def test_an_sms_that_would_be_too_long_with_long_values_is_refused():
    SMS.check(TemplateInput(text="a" * 300 + " {link}"))
    told = refused(SMS, text="a" * 400 + " {link}")
    assert told["/text"] == "With long names and a long order number it takes 4 SMS; 3 are the most."
    assert "/text" in refused(SMS, text="ж" * 120 + " {link}"), "these letters take more room"


def written(kind):
    """Return a strategy of templates for a kind of message, which hold the link."""
    field = st.sampled_from(sorted(KINDS[kind].all_fields))
    plain = st.text(st.sampled_from("ab €{[ñж"), max_size=30)
    pieces = st.one_of(
        plain.map(lambda text: text.replace("{", "{{").replace("[", "[[")),
        field.map(lambda name: f"[ {{{name}}}]"),
        field.map(lambda name: f"{{{name}}}"),
    )
    return st.lists(pieces, max_size=6).map(lambda some: "".join([*some, "{link}"]))


VALUE = st.text(st.sampled_from("aM €{‘…Œжسł漢🛑"), min_size=1, max_size=8).map(lambda text: (text * 120)[:120])


def is_kept(place, text):
    try:
        place.check(TemplateInput(text=text))
    except (Unprocessable, ValidationError):
        return False
    return True


def longest_kept(place, text, letter):
    """Return a text with as many letters before it as its place takes."""
    return letter * (bisect(range(460), False, key=lambda more: not is_kept(place, letter * more + text)) - 1) + text


@given(
    template=st.sampled_from(sorted(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), written(kind))),
    language=st.sampled_from(Language),
    letter=st.sampled_from("aж€"),
    values=st.fixed_dictionaries(
        {
            "merchant_name": VALUE,
            "customer_name": VALUE,
            "external_id": VALUE,
            "eta": st.none() | st.integers(1, 9000).map(lambda minutes: SAMPLE_NOW + timedelta(minutes=minutes)),
            "reason": st.none() | st.sampled_from(FailureReason),
            "next": st.none() | st.sampled_from(Next),
            "support": st.lists(VALUE, max_size=2).map(tuple),
            "pin": st.none() | st.just("4821"),
            "has_proof": st.booleans(),
        }
    ),
)
def test_a_template_that_is_kept_is_three_sms_at_most_whatever_it_is_filled_with(template, language, letter, values):
    kind, text = template
    place = TemplatePlace.of(kind, language, "sms")
    assume(is_kept(place, text))
    text = longest_kept(place, text, letter)
    told, words = long_sample(language).model_copy(update=values), TemplateInput(text=text).words
    assert segments(CustomerTexts(kind, told, lambda _: words).sms(SAMPLE_NOW)) <= 3


def test_long_values_are_cut_off_in_an_sms_and_a_long_address_is_left_out():
    told = sample(
        "Corner Bakery", "en", customer_name="K" * 120, external_id="9" * 100, support=("a" * 60 + "@example.com",)
    )
    text = "{customer_name}, {order_number}[, ask {support}]"
    assert CustomerTexts("delivered", told, lambda _: Words(text)).sms(SAMPLE_NOW) == (
        f"Corner Bakery: {'K' * 30}, {'9' * 20}"
    )


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
