"""What a mail looks like: words in each language, numbers, files that run nothing, and a page that escapes."""

import csv
import io
import tomllib
from itertools import product

import pytest

from crowdship.insight.break_even.recommendation import Advice
from crowdship.insight.finance.content import Column, Kind, Table
from crowdship.insight.finance.exceptions import EXCEPTION_OF, exception_of
from crowdship.insight.finance.model import MailKind, MailPlans
from crowdship.insight.finance.readings import Outstanding
from crowdship.insight.finance.schedule import last_over
from crowdship.insight.finance.sections import SECTIONS, Scope
from crowdship.insight.finance.sections.exceptions import found_in
from crowdship.insight.finance.writing import message
from crowdship.insight.finance.writing.files import MOST_ROWS, files_of, fits
from crowdship.insight.finance.writing.page import more_of
from crowdship.insight.finance.writing.plots import picture
from crowdship.insight.finance.writing.words import Words
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.language import Language
from crowdship.kernel.money import Money
from crowdship.notify.rendering import PACKAGE
from crowdship.payouts.model import PayoutState
from local.tools.finance_mails import CONSOLE, LONG, NOW, SampleSources, mail, page_of
from tests.contracts import sample

EVERY = list(product(MailKind, Language))


def texts(language):
    return tomllib.loads((PACKAGE / "insight" / "finance" / "texts" / f"{language}.toml").read_text())


def keys(tree, path=()):
    for name, value in tree.items():
        yield from keys(value, (*path, name)) if isinstance(value, dict) else [(*path, name)]


def fields(text):
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_each_language_has_the_same_texts_with_the_same_fields():
    first, *others = ({path: fields(text_at(texts(one), path)) for path in keys(texts(one))} for one in Language)
    assert all(other == first for other in others)


def text_at(tree, path):
    for name in path:
        tree = tree[name]
    return tree


def test_each_code_that_a_mail_can_have_has_a_word():
    known = texts("en")["codes"]
    kinds = {"payout_failed", "payout_returned", "books_open", "out_of_balance", "driver_owes", "item_open"}
    kinds |= {"tax_over_deposited"}
    kinds |= {"claim_lapsed", "claim_overdue", "floor_near", "floor_overdue"}
    assert {*Advice, *PayoutState, *kinds} <= known.keys()
    assert len(EXCEPTION_OF) == 3, "a new kind of exception needs a word"


class Items(SampleSources):
    """Sources with some open items."""

    def __init__(self, *items):
        super().__init__(exceptions=0, empty=True)
        self._items = items

    def open_items(self):
        yield from self._items


def tax_item(month, amount, *, overdue=False):
    usd = Money(amount=amount, currency="USD")
    return Outstanding("platform:tax_withheld", month, usd, NOW, age_s=0, overdue=overdue)


def test_tax_that_was_deposited_too_much_is_an_exception_once_its_year_is_over_or_it_is_overdue():
    task = last_over(MailKind.EXCEPTIONS, MailPlans.usual("fay@crowdship.example"), NOW)
    day = task.last
    this, last = f"{day.year}-03", f"{day.year - 1}-11"
    items = Items(tax_item(this, 500), tax_item(this, 700, overdue=True), tax_item(last, 900), tax_item(last, -100))
    found = found_in(Scope(task, items))
    told = {(one.subject, one.amount.amount) for one in found if one.kind == "tax_over_deposited"}
    assert told == {(this, 700), (last, 900)}


def test_a_claim_that_time_decided_is_an_exception_and_one_that_a_person_decided_is_none():
    event = DomainEvent.model_validate(sample("claim.decided"))
    assert exception_of(event.model_copy(update={"data": {**event.data, "lapsed": False}})) is None
    found = exception_of(event.model_copy(update={"data": {**event.data, "lapsed": True}}))
    assert (found.kind, found.subject) == ("claim_lapsed", event.data["claim_id"])
    amounts = [money["amount"] for name, money in event.data["award"].items() if name != "from_driver"]
    assert found.amount.amount == sum(amounts)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_each_mail_can_be_written_in_each_language_with_the_same_figures_as_text_and_page(kind, language):
    sent = mail(kind, language)
    text, page = sent.get_body(("plain",)).get_content(), sent.get_body(("html",)).get_content()
    assert sent["Subject"] in page
    assert f'lang="{language}"' in page
    words = Words(language)
    if kind is MailKind.EXCEPTIONS:
        assert words.money(Money(amount=18_240, currency="USD")) in text
        assert words.money(Money(amount=18_240, currency="USD")) in page
    assert "http" not in page.replace(CONSOLE, ""), "nothing is fetched from elsewhere"


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_about_nothing_can_be_written(kind):
    sent = mail(kind, Language.ENGLISH, SampleSources(exceptions=0, empty=True))
    assert "to look at" not in sent["Subject"]
    assert sent.get_body(("html",)) is not None


def test_the_subject_counts_what_somebody_has_to_look_at_and_a_late_mail_says_so():
    sent = mail(MailKind.FLASH, Language.GERMAN, late=True)
    assert sent["Subject"] == "Tagesbericht 2026-11-29: 6 zu prüfen"
    assert "verspätet" in sent.get_body(("plain",)).get_content()


def test_a_name_is_no_markup_and_no_formula():
    sent = mail(MailKind.WEEKLY, Language.ENGLISH)
    page = page_of(sent)
    assert "<at the market>" not in page
    assert "&lt;at the market&gt;" in page
    [file] = [one for one in sent.iter_attachments() if one.get_filename() == "weekly-2026-W48-merchants.csv"]
    rows = list(csv.DictReader(io.StringIO(file.get_payload(decode=True).decode("utf-8-sig"))))
    assert {row["name"] for row in rows} >= {"'=SUM(A1:A9)", LONG}


def test_the_name_of_no_driver_is_in_a_mail():
    assert not any(column.code == "name" for one in SECTIONS[MailKind.WEEKLY] for column in driver_columns(one))


def driver_columns(section):
    return getattr(__import__(section.__module__, fromlist=["x"]), "OF_DRIVERS", ())


def test_each_picture_of_a_mail_has_its_place_in_the_page_with_words_for_it():
    page = page_of(mail(MailKind.FLASH, Language.SPANISH))
    assert page.count('src="data:image/png;base64,') == 4
    assert "cid:" not in page
    assert 'alt="Pedidos al día: pedidos ' in page


def test_a_plot_is_the_same_picture_each_time():
    from crowdship.insight.finance.model import MailPlans
    from crowdship.insight.finance.schedule import last_over
    from crowdship.insight.finance.sections import Scope
    from crowdship.insight.finance.sections.trend import section

    task = last_over(MailKind.FLASH, MailPlans.usual("a@b.example"), NOW)
    plot = section(Scope(task, SampleSources())).plots[0]
    assert picture(plot, Words(Language.ENGLISH)) == picture(plot, Words(Language.ENGLISH))


def test_files_are_the_same_bytes_each_time_but_for_the_moment_in_the_archive():
    first, second = (attached(mail(MailKind.FLASH, Language.ENGLISH)) for _ in range(2))
    assert {name: data for name, data in first.items() if name.endswith("csv")} == {
        name: data for name, data in second.items() if name.endswith("csv")
    }


def attached(sent):
    return {one.get_filename(): one.get_payload(decode=True) for one in sent.iter_attachments()}


LARGE = Table("drivers", (Column("id"),), (("drv_1",),), MOST_ROWS + 1, lambda: (("drv_1",),))


def test_a_table_that_is_too_large_is_no_file_and_the_mail_leads_to_the_console():
    assert not fits(LARGE)
    assert files_of([LARGE], "weekly", NOW.date()) == []
    assert "the console has it" in more_of(LARGE, Words(Language.ENGLISH))


def test_files_that_are_too_large_together_are_left_out_the_workbook_first(monkeypatch):
    everything = attached(mail(MailKind.WEEKLY, Language.ENGLISH))
    sizes = sum(len(data) for name, data in everything.items() if name.endswith("csv"))
    monkeypatch.setattr(message, "MOST_BYTES", sizes)
    left = attached(mail(MailKind.WEEKLY, Language.ENGLISH))
    assert left.keys() == {name for name in everything if name.endswith("csv")}


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "1,234.50 USD"), ("de", "1.234,50 USD"), ("es", "1.234,50 USD")]
)
def test_an_amount_is_written_as_its_language_does(language, shown):
    assert Words(Language(language)).money(Money(amount=123_450, currency="USD")) == shown


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "-1,234"), ("KWD", "-1.234"), ("EUR", "-12.34")])
def test_an_amount_has_the_decimals_of_its_currency(currency, shown):
    assert Words(Language.ENGLISH).cell(Money(amount=-1234, currency=currency), Kind.MONEY) == shown
