"""Every kind of message has words in every language, and a mail shows them with the merchant's brand."""

from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.language import Language
from crowdship.notify.channel import Channel
from crowdship.notify.colours import DARK, ENOUGH, LIGHT, contrast
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.phrases import phrases
from crowdship.notify.customers.writing import CustomerTexts, Words, our_words
from crowdship.notify.notices import Audience
from crowdship.notify.own_templates.model import SAMPLE_NOW, TemplateInput, TemplatePlace, sample
from crowdship.notify.placeholders import read
from crowdship.notify.registry import NOTICES

LINK = "https://track.example/t/sample"
EVERY = list(product(KINDS, Language, (Channel.SMS, Channel.EMAIL)))


class Reader(HTMLParser):
    """Reads a mail: its tags balance, and its links, pictures and text are kept."""

    def __init__(self, markup):
        super().__init__()
        self.open, self.links, self.pictures, self.words = [], [], [], []
        self.feed(markup)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "a":
            self.links.append(named["href"])
        if tag == "img":
            self.pictures.append((named["src"], named["alt"]))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def test_every_notice_to_customers_is_a_kind_and_every_kind_a_notice():
    assert {notice.name for notice in NOTICES if notice.audience is Audience.CUSTOMER} == set(KINDS)


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_words(language):
    ours, english = phrases(language), phrases(Language.ENGLISH)
    assert ours.kinds.keys() == KINDS.keys()
    for part in ("common", "reason", "next", "reply"):
        assert getattr(ours, part).keys() == getattr(english, part).keys()


@pytest.mark.parametrize(("kind", "language", "channel"), EVERY)
def test_our_own_words_pass_the_rules_for_those_of_merchants(kind, language, channel):
    words = our_words(kind, channel, language)
    TemplatePlace(kind=kind, language=language, channel=channel).check(
        TemplateInput(text=words.text, subject=words.subject)
    )


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, Language)))
def test_the_languages_tell_the_same_fields(kind, language):
    def told(which, channel):
        words = our_words(kind, channel, which)
        texts = [read(text, KINDS[kind].all_fields) for text in (words.text, words.subject or "")]
        return texts[0].fields | texts[1].fields

    for channel in (Channel.SMS, Channel.EMAIL):
        assert told(language, channel) == told(Language.ENGLISH, channel)


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, Language)))
def test_a_mail_says_the_same_in_text_and_html_and_leads_to_the_page(kind, language):
    letter = CustomerTexts(kind, sample("Corner Bakery", language)).letter(SAMPLE_NOW)
    read_mail = Reader(letter.html)
    assert f'lang="{language}"' in letter.html
    assert read_mail.links == [LINK]
    assert LINK in letter.text
    assert letter.subject in read_mail.text
    for told in ("Kim Lee", "Corner Bakery", "+13125550100"):
        assert told in letter.text
        assert told in read_mail.text
    if KINDS[kind].shows_pin:
        assert "4821" in letter.text
        assert "4821" in read_mail.text
        assert "18" in read_mail.text
    assert "{" not in letter.text


def test_values_are_text_in_html_and_never_markup():
    evil = "<script>alert(1)</script>&\"'"
    letter = CustomerTexts("delivered", sample(evil, Language.ENGLISH, customer_name=evil)).letter(SAMPLE_NOW)
    assert "<script>" not in letter.html
    assert evil in Reader(letter.html).text
    own = Words("<b>{customer_name}</b>", "<i>{merchant_name}</i>")
    letter = CustomerTexts("delivered", sample("M", Language.ENGLISH), lambda _: own).letter(SAMPLE_NOW)
    assert "<b>" not in letter.html
    assert "<b>Kim Lee</b>" in Reader(letter.html).text


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"))
def test_whatever_colour_a_merchant_has_the_button_is_readable(colour):
    html = CustomerTexts("delivered", sample("M", Language.ENGLISH, colour=colour)).letter(SAMPLE_NOW).html
    light = html.partition('class="button"')[2].partition("background-color:")[2][:7]
    dark = html.partition(".button { background-color: ")[2][:7]
    assert contrast(light, LIGHT) >= ENOUGH
    assert contrast(dark, DARK) >= ENOUGH


def test_a_logo_has_the_merchants_name_for_those_who_see_no_pictures():
    facts = sample("Corner Bakery", Language.ENGLISH, logo="https://track.example/logos/a.png")
    read_mail = Reader(CustomerTexts("delivered", facts).letter(SAMPLE_NOW).html)
    assert read_mail.pictures == [("https://track.example/logos/a.png", "Corner Bakery")]


def test_a_merchants_words_replace_ours_and_the_pin_and_the_link_stay():
    own = Words("See you soon, {customer_name}.\n\nYour bakers", "Bread is coming")
    letter = CustomerTexts("out_for_delivery", sample("M", Language.GERMAN), lambda _: own).letter(SAMPLE_NOW)
    assert letter.subject == "Bread is coming"
    assert "See you soon, Kim Lee.\n\nYour bakers\n\nDeine PIN ist 4821." in letter.text
    assert f"Bestellung verfolgen: {LINK}" in letter.text


def test_a_merchants_sms_keeps_letters_that_need_the_long_alphabet_only_if_its_template_has_some():
    narrow = CustomerTexts("delivered", sample("Чай", Language.ENGLISH), lambda _: Words("for {customer_name}"))
    assert narrow.sms(SAMPLE_NOW) == ": for Kim Lee"
    wide = CustomerTexts("delivered", sample("Чай", Language.ENGLISH), lambda _: Words("для {customer_name}"))
    assert wide.sms(SAMPLE_NOW) == "Чай: для Kim Lee"
