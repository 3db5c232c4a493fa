"""PDF pages, read back and drawn."""

from datetime import UTC, date, datetime

import pypdfium2
import pytest

from crowdship.tax import filling
from crowdship.tax.model import NoticeKind, NumberNotice
from crowdship.tax.pages import LetterPage, copy_pdf, letter_pdf
from crowdship.tax.payments import YearSums
from crowdship.tax.returns import InformationReturn, Party
from crowdship.vault.applicants import TaxForm
from tests.integration.tax.conftest import ADDRESS, PAYER

NEW_YEAR = datetime(2027, 1, 5, 17, tzinfo=UTC)


def form(**changes):
    fields = {
        "id": "pii_1",
        "name": "Nia Okoro-Żółć",
        "business_name": "Nia's Errands",
        "classification": "individual",
        "address": ADDRESS | {"unit": "4B"},
        "tin_kind": "ssn",
        "tin": "123456789",
        "signed_by": "Nia Okoro",
        "certified_at": "2026-01-05T12:00:00Z",
    }
    return TaxForm.model_validate(fields | changes)


def a_return(**changes):
    sums = YearSums(compensation=1_230_000, withheld=96_00, tips=30_005, payments=12)
    party = Party(certified_at=NEW_YEAR, last_four="6789", state_code="IL")
    drafted = InformationReturn.drafted(2026, "drv_1", sums, party, due=True, now=NEW_YEAR)
    return drafted.with_changes(**changes)


def text_of(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def ink_of(pdf):
    """Return the share of a page's pixels that are not white, and the number of pages."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=1).to_pil().convert("L")
    return sum(picture.histogram()[:200]) / (picture.width * picture.height), len(document)


def test_a_copy_has_every_box_and_the_number_by_its_last_four_digits():
    text = text_of(copy_pdf(filling.copy_of(a_return(), PAYER, form(), "Nia")))
    for said in ("1099-NEC", "2026", "Nia Okoro-Żółć", "Nia's Errands", "1 Main Street, 4B", "12-3456789", "drv_1"):
        assert said in text, said
    for said in ("$12,300.00", "$96.00", "$300.05", "804", "IL"):
        assert said in text, said
    for box in (
        "Nonemployee compensation",
        "direct sales",
        "parachute",
        "Federal income tax",
        "State tax",
        "State income",
    ):
        assert box in text, box
    assert "6789" in text
    assert "123456789" not in text.replace("-", "").replace(PAYER.tin, "")
    assert "CORRECTED" not in text


def test_a_copy_says_that_it_corrects_another_one():
    assert "CORRECTED" in text_of(copy_pdf(filling.copy_of(a_return(revision=1), PAYER, form(), "Nia")))


def test_a_copy_without_a_form_names_the_driver_and_no_number():
    text = text_of(copy_pdf(filling.copy_of(a_return(), PAYER, None, "Noel Aguirre")))
    assert "Noel Aguirre" in text
    assert "not given" in text


def test_a_copy_is_one_page_with_ink_on_it_and_the_same_bytes_each_time():
    page = filling.copy_of(a_return(), PAYER, form(name="N" * 120), "Nia")
    pdf = copy_pdf(page)
    share, pages = ink_of(pdf)
    assert pages == 1
    assert 0.01 < share < 0.3
    assert copy_pdf(page) == pdf


@pytest.mark.parametrize(("kind", "asks"), [(NoticeKind.FIRST, "Form W-9"), (NoticeKind.SECOND, "147C")])
def test_a_letter_says_what_to_bring_and_until_when(kind, asks):
    notice = NumberNotice.listed("tno_1", kind, date(2026, 10, 5), "ana")
    page = LetterPage(
        payer=PAYER,
        recipient=filling.recipient_of(form(), "Nia"),
        notice=notice,
        today="October 06, 2026",
        made_at=NEW_YEAR,
    )
    text = " ".join(text_of(letter_pdf(page)).split())
    for said in (asks, "October 05, 2026", "November 18, 2026", "24 %", "6789", "1 Main Street, 4B"):
        assert said in text, said
    assert "123456789" not in text
