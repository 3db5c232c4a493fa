"""Invoices as PDF: what a reader sees on the pages."""

import hashlib
from string import Formatter

import pypdfium2
import pytest

from crowdship.invoicing import words
from crowdship.invoicing.entities import InvoiceKind, entity_for
from crowdship.invoicing.mailing import message_of
from crowdship.invoicing.minimum import MonthlyMinimum
from crowdship.invoicing.pdf import BOX, pdf_of, printable
from crowdship.kernel.language import Language
from tests.unit.invoicing.documents import VAT, day_of, document, issued, money

LONG_GREEK = "Αρτοποιείο της Γωνίας και Υιοί Ανώνυμη Εταιρεία Παραγωγής Άρτου και Ζαχαροπλαστικής Θεσσαλονίκης Α.Ε. "


def file_of(**what):
    invoice = document(**what)
    return pdf_of(invoice, entity_for(invoice.currency))


def pages_of(file):
    pdf = pypdfium2.PdfDocument(file)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pdf]


def ink_of(file, page=0):
    """Return the share of a page's points that are not white."""
    picture = pypdfium2.PdfDocument(file)[page].render(scale=1).to_numpy()
    return (picture < 200).mean()


def test_an_invoice_shows_number_name_days_tax_and_total():
    days = [day_of(number, currency="EUR") for number in range(7)]
    (page,) = pages_of(file_of(days=days, currency="EUR", tax=VAT, address="Am Markt 1, Köln", po_number="PO-7"))
    for said in (
        "Invoice EU-I-000001",
        "Corner Bakery",
        "Am Markt 1, Köln",
        "Purchase order PO-7",
        "Tax registration DE123456789",
        "2026-06-01 to 2026-06-07",
        "2026-06-07 1 12.50 EUR 3.00 EUR 0.00 EUR",
        "108.50 EUR",
        "VAT 19 %",
        "16.63 EUR",
        "125.13 EUR",
        "Payable within 14 days",
        "page 1 of 1",
    ):
        assert said in page, said
    assert BOX not in page


def test_a_document_speaks_the_merchants_language_with_its_marks():
    days = [day_of(charges=123_450, currency="EUR")]
    (page,) = pages_of(file_of(days=days, currency="EUR", tax=VAT, language="de", terms_days=30))
    for said in (
        "Rechnung EU-I-000001",
        "Trinkgelder",
        "1.234,50 EUR",
        "VAT 19 % auf Entgelte",
        "Zahlbar innerhalb von 30 Tagen",
        "Seite 1 von 1",
    ):
        assert said in page, said
    (page,) = pages_of(file_of(language="es", kind=InvoiceKind.CREDIT_NOTE))
    assert "Abono" in page
    assert "próxima factura" in page


@pytest.mark.parametrize("language", Language)
def test_each_language_has_the_same_words_with_the_same_fields_as_english(language):
    assert fields_of(language) == fields_of(Language.ENGLISH)


def fields_of(language):
    """Return the fields of each text by its path."""
    tree = words._texts(language)
    flat = {(name,): text for name, text in tree.items() if isinstance(text, str)}
    flat |= {(part, name): text for part, few in tree.items() if isinstance(few, dict) for name, text in few.items()}
    return {path: {field for _, field, _, _ in Formatter().parse(text) if field} for path, text in flat.items()}


def test_the_mail_with_an_invoice_speaks_the_merchants_language():
    invoice, _ = issued(language="es")
    mail = message_of(invoice, "a@example.com", "b@example.com", b"%PDF")
    assert mail["Subject"] == f"Factura {invoice.number}"
    said = mail.get_body(("plain",)).get_content()
    assert "Quedan 15,50 USD por pagar hasta el 2026-06-22." in said


def test_the_minimum_of_a_month_has_a_row_of_its_own_below_the_days():
    minimum = MonthlyMinimum(month="2026-06", amount=money(4_250))
    (page,) = pages_of(file_of(minimum=minimum))
    assert "Minimum 2026-06 1 42.50 USD 0.00 USD 0.00 USD" in page
    assert page.index("2026-06-01 1") < page.index("Minimum 2026-06") < page.index("58.00 USD")
    (alone,) = pages_of(file_of(days=[], minimum=minimum))
    assert "No deliveries in this span." in alone
    assert "Minimum 2026-06" in alone


def test_the_same_document_is_the_same_bytes():
    digests = {hashlib.sha256(file_of()).hexdigest() for _ in range(2)}
    assert len(digests) == 1


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (31, 1), (115, 3)])
def test_rows_go_on_over_pages_with_their_titles(rows, pages):
    file = file_of(days=[day_of(number) for number in range(rows)])
    texts = pages_of(file)
    assert len(texts) == pages
    assert all("Day (UTC)" in text for text in texts[:2])
    assert sum(text.count(" 12.50 USD") for text in texts) >= rows
    assert all(0.001 < ink_of(file, page) < 0.2 for page in range(pages))
    assert ("No deliveries in this span." in texts[0]) == (rows == 0)


@pytest.mark.parametrize(
    ("currency", "charges", "shown"), [("JPY", 1250, "1,250 JPY"), ("KWD", 1234567, "1,234.567 KWD")]
)
def test_amounts_have_the_decimals_of_their_currency(currency, charges, shown):
    (page,) = pages_of(file_of(days=[day_of(charges=charges, tips=0, currency=currency)], currency=currency))
    assert shown in page


def test_a_very_long_greek_name_is_wrapped_and_stays_on_the_page():
    (page,) = pages_of(file_of(name=LONG_GREEK))
    assert "Αρτοποιείο" in page
    assert "Θεσσαλονίκης" in page


def test_a_name_in_letters_that_the_font_lacks_stands_with_the_merchants_number():
    (page,) = pages_of(file_of(name="北京街角面包店"))
    assert page.count(BOX) >= 1
    assert "(mer_1)" in page
    assert printable("北京 Bakery") == f"{BOX}{BOX} Bakery"


def test_an_arabic_name_is_printed_in_its_letters():
    file = file_of(name="مخبز الزاوية")
    (page,) = pages_of(file)
    assert BOX not in page
    assert "(mer_1)" not in page


def test_a_credit_note_says_so_and_asks_for_no_payment():
    note = file_of(kind=InvoiceKind.CREDIT_NOTE, days=[day_of(charges=0, tips=0, other=-500)])
    (page,) = pages_of(note)
    assert "Credit note" in page
    assert "-5.00 USD" in page
    assert "Payable" not in page
