"""Invoices and credit notes as PDF files; the same document is the same bytes. Pure.

The font is DejaVu Sans, which comes with matplotlib in the finance layer. It has Latin, Greek, Cyrillic and Arabic
letters and no Chinese, Japanese or Korean ones. A character that it lacks is printed as a box, and beside such a name
stands the merchant's id; the CSV file and the mail have every name in full.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowdship.invoicing.entities import InvoiceKind, LegalEntity
from crowdship.invoicing.invoice import Invoice
from crowdship.invoicing.words import title_of, word, written_amount
from crowdship.kernel.language import with_marks
from crowdship.kernel.money import Money

if TYPE_CHECKING:
    from fpdf import FPDF

BOX = "\u25a1"
MARGIN_MM, WIDE_MM = 18, 174
COLUMNS_MM = (34, 20, 40, 40, 40)
TITLES = ("day", "lines", "charges", "tips", "other")
ROW_MM, SUMS_MM = 5, 36
GREY, LINE = 110, 200


def _font_files() -> tuple[Path, Path]:
    """Return the files of the font, regular and bold."""
    import matplotlib

    folder = Path(matplotlib.__file__).resolve().parent / "mpl-data/fonts/ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"


@cache
def _letters() -> frozenset[int]:
    """Return the code points that the font has."""
    fonts: Any = import_module("fontTools.ttLib")  # it has no types
    return frozenset(fonts.TTFont(_font_files()[0], lazy=True).getBestCmap())


def printable(text: str) -> str:
    """Return a text with a box for each character that the font lacks."""
    known = _letters()
    return "".join(each if ord(each) in known or each == " " else BOX for each in text)


def pdf_of(invoice: Invoice, entity: LegalEntity) -> bytes:
    """Return the PDF file of a document."""
    return _Sheet(invoice, entity).bytes()


class _Sheet:
    """One document being drawn, on A4 with page numbers."""

    def __init__(self, invoice: Invoice, entity: LegalEntity) -> None:
        self._invoice, self._entity = invoice, entity
        self._word = partial(word, invoice.billing.language, "document")
        self._amount = partial(written_amount, invoice.billing.language)
        self._pdf = _blank(invoice, entity)

    def bytes(self) -> bytes:
        """Return the file."""
        self._pdf.add_page()
        self._head()
        self._days()
        self._sums()
        self._foot()
        return bytes(self._pdf.output())

    def _text(self, text: str, *, size: float = 9, bold: bool = False, grey: int = 0, align: str = "L") -> None:
        self._pdf.set_font("DejaVu", "B" if bold else "", size)
        self._pdf.set_text_color(grey)
        self._pdf.multi_cell(WIDE_MM, size * 0.5, printable(text), align=align, new_x="LMARGIN", new_y="NEXT")

    def _head(self) -> None:
        invoice, entity = self._invoice, self._entity
        self._text(entity.name, size=14, bold=True)
        self._text(entity.address, grey=GREY)
        if entity.tax_id:
            self._text(self._word("registration", number=entity.tax_id), grey=GREY)
        self._pdf.ln(5)
        self._text(title_of(invoice), size=16, bold=True)
        self._pdf.ln(2)
        name = printable(invoice.name)
        self._text(f"{name} ({invoice.merchant_id})" if BOX in name else name, size=10, bold=True)
        for line in self._about():
            self._text(line)
        self._pdf.ln(5)

    def _about(self) -> list[str]:
        invoice, billing = self._invoice, self._invoice.billing
        dated = invoice.issued_at or invoice.made_at
        registration = billing.tax.registration if billing.tax else None
        told = [
            billing.address,
            self._word("registration", number=registration) if registration else None,
            self._word("purchase_order", number=billing.po_number) if billing.po_number else None,
            self._word("customer", number=invoice.merchant_id),
            self._word("dated", day=dated.date(), first=invoice.span.first, last=invoice.span.last),
        ]
        return [line for line in told if line]

    def _row(self, cells: Sequence[str], *, bold: bool = False, fill: bool = False) -> None:
        self._pdf.set_font("DejaVu", "B" if bold else "", 8.5)
        self._pdf.set_text_color(0)
        for number, (text, width) in enumerate(zip(cells, COLUMNS_MM, strict=True)):
            self._pdf.cell(width, ROW_MM, text, align="L" if number == 0 else "R", fill=fill)
        self._pdf.ln(ROW_MM)

    def _days(self) -> None:
        self._pdf.set_fill_color(238)
        titles = [self._word(code) for code in TITLES]
        self._row(titles, bold=True, fill=True)
        for day in self._invoice.days:
            if self._pdf.will_page_break(ROW_MM):
                self._pdf.add_page()
                self._row(titles, bold=True, fill=True)
            amounts = (self._amount(amount) for amount in (day.charges, day.tips, day.other))
            self._row((day.day.isoformat(), with_marks(self._invoice.billing.language, Decimal(day.lines)), *amounts))
        if not self._invoice.days:
            self._text(self._word("empty"), grey=GREY)
        if minimum := self._invoice.minimum:
            if self._pdf.will_page_break(ROW_MM):
                self._pdf.add_page()
            nothing = self._amount(Money.zero(self._invoice.currency))
            named = self._word("minimum", month=minimum.month)
            self._row((named, "1", self._amount(minimum.amount), nothing, nothing))

    def _sums(self) -> None:
        invoice = self._invoice
        self._pdf.set_draw_color(LINE)
        if self._pdf.will_page_break(SUMS_MM):
            self._pdf.add_page()
        self._pdf.ln(2)
        self._pdf.line(MARGIN_MM, self._pdf.get_y(), MARGIN_MM + WIDE_MM, self._pdf.get_y())
        self._pdf.ln(2)
        tax = invoice.tax
        sums = [(self._word("net"), invoice.net, False)]
        if tax:
            percent = with_marks(invoice.billing.language, (Decimal(tax.rate_bp) / 100).normalize())
            sums.append((self._word("tax", name=printable(tax.name), percent=percent), invoice.tax_amount, False))
        sums.append((self._word("total"), invoice.total, True))
        for name, amount, bold in sums:
            self._pdf.set_font("DejaVu", "B" if bold else "", 10 if bold else 9)
            self._pdf.set_text_color(0)
            self._pdf.cell(WIDE_MM - 50, 6, name, align="R")
            self._pdf.cell(50, 6, self._amount(amount), align="R", new_x="LMARGIN", new_y="NEXT")
        self._pdf.ln(4)

    def _foot(self) -> None:
        invoice = self._invoice
        if invoice.kind is InvoiceKind.CREDIT_NOTE:
            self._text(self._word("set_off"))
        else:
            self._text(self._word("payable", days=invoice.billing.terms_days, number=invoice.number))
        self._text(self._word("lines_in_file"), grey=GREY)


def _blank(invoice: Invoice, entity: LegalEntity) -> "FPDF":
    """Return an empty document with fonts and fixed properties, so that its bytes follow from the invoice alone."""
    from fpdf import FPDF

    class Numbered(FPDF):
        """A document with the number of the page in its foot."""

        def footer(self) -> None:
            """Draw the foot of a page."""
            self.set_y(-12)
            self.set_font("DejaVu", "", 7.5)
            self.set_text_color(GREY)
            about = {"number": invoice.number, "page": self.page_no(), "pages": "{nb}"}
            self.cell(0, 5, word(invoice.billing.language, "document", "page", **about), align="C")

    pdf: Any = Numbered(format="A4")
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, margin=18)
    regular, bold = _font_files()
    pdf.add_font("DejaVu", "", regular)
    pdf.add_font("DejaVu", "B", bold)
    at = (invoice.issued_at or invoice.made_at).astimezone(UTC)
    pdf.set_creation_date(datetime(at.year, at.month, at.day, tzinfo=UTC))
    pdf.set_title(title_of(invoice))
    pdf.set_author(entity.name)
    pdf.set_creator("crowdship")
    pdf.set_producer("crowdship")
    return pdf
