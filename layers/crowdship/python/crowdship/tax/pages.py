"""PDF pages of the tax office: the recipient's copy of Form 1099-NEC, and the letter about a refused number.

The copy is of our own layout with every box of the form. It is none for the agency, whose red copies a machine reads.
"""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from crowdship.kernel.events import Value
from crowdship.tax.model import NoticeKind, NumberNotice
from crowdship.tax.parties import Payer

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "DejaVu"
MARGIN_MM, WIDTH_MM = 18, 215.9 - 2 * 18
"""Margins and width of the text on a page of US Letter."""


class Recipient(Value):
    """Name and address of a recipient, and the number by its last four digits."""

    name: str
    business_name: str | None = None
    street: str = ""
    place: str = ""
    masked_tin: str = ""


class Box(Value):
    """A box of the form: its number, its name, and what stands in it."""

    number: str
    name: str
    value: str


class CopyPage(Value):
    """Everything on the recipient's copy.

    Parameters
    ----------
    account : str
        The driver's id, which is the account number of the form.
    made_at : datetime
        Moment that the file names as its own, so that the same copy has the same bytes.
    """

    year: int
    payer: Payer
    recipient: Recipient
    boxes: tuple[Box, ...]
    account: str
    corrected: bool = False
    void: bool = False
    made_at: datetime


def copy_pdf(page: CopyPage) -> bytes:
    """Return the recipient's copy as a PDF file: the same page gives the same bytes."""
    pdf = _document(f"Form 1099-NEC {page.year}", page.made_at)
    _title(pdf, page)
    _party(pdf, "PAYER'S name, address, telephone", page.payer.lines, f"PAYER'S TIN  {_ein(page.payer.tin)}")
    recipient = page.recipient
    lines = (recipient.name, recipient.business_name or "", recipient.street, recipient.place)
    _party(pdf, "RECIPIENT'S name and address", filter(None, lines), f"RECIPIENT'S TIN  {recipient.masked_tin}")
    _party(pdf, "Account number", (page.account,), "")
    for box in page.boxes:
        _box(pdf, box)
    _text(pdf, 8, COPY_B)
    return _bytes(pdf)


COPY_B = (
    "Copy B, for the recipient. This is important tax information and is being furnished to the IRS. If you are "
    "required to file a return, a negligence penalty or other sanction may be imposed on you if this income is taxable "
    "and the IRS determines that it has not been reported.\n\n"
    "Box 1 has what was paid to you in the calendar year: delivery pay, tips, extra pay and corrections, before tax "
    "that was withheld and before fees for instant pay. A payment counts on the day on which the money left our bank; "
    "one that came back does not count. Cash tips are a part of box 1.\n\n"
    "Is something wrong? Write to support in the app, under Tax, before you file your return."
)


class LetterPage(Value):
    """Everything on the letter about a number that the agency refused."""

    payer: Payer
    recipient: Recipient
    notice: NumberNotice
    today: str
    made_at: datetime


def letter_pdf(page: LetterPage) -> bytes:
    """Return the first or second notice as a PDF file."""
    notice = page.notice
    pdf = _document("Important Tax Information Enclosed", page.made_at)
    for line in (
        *page.payer.lines,
        "",
        page.today,
        "",
        page.recipient.name,
        page.recipient.street,
        page.recipient.place,
    ):
        _text(pdf, 10, line or " ")
    _text(
        pdf, 14, f"Important tax notice: {'second' if notice.kind is NoticeKind.SECOND else 'first'} notice", bold=True
    )
    for paragraph in LETTERS[notice.kind]:
        told = {"received": f"{notice.received_on:%B %d, %Y}", "begins": f"{notice.withhold_from:%B %d, %Y}"}
        _text(pdf, 10, paragraph.format(masked=page.recipient.masked_tin, **told))
    return _bytes(pdf)


_SAME = (
    "The Internal Revenue Service told us on {received} that the taxpayer identification number on your account does "
    "not match its records: {masked}.",
)

LETTERS: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.FIRST: (
        *_SAME,
        "Please certify your name and number anew. Open the app, go to More, Tax, and fill in Form W-9; or fill in "
        "the W-9 that comes with this letter and send it back. Your name must be as on your social security card, or "
        "as on the letter by which the IRS gave you your number.",
        "If we do not have it before {begins}, the law demands that we withhold 24 % of every payment to you from that "
        "day on and send it to the IRS (backup withholding). It counts towards your tax of the year.",
    ),
    NoticeKind.SECOND: (
        *_SAME,
        "This is the second such notice within three calendar years. A Form W-9 is not enough this time. If your "
        "number is a social security number, ask the Social Security Administration to validate it and have it send "
        "the printout to us. If it is an employer identification number, ask the IRS for Letter 147C and send us a "
        "copy.",
        "If we do not have it before {begins}, the law demands that we withhold 24 % of every payment to you from that "
        "day on and send it to the IRS (backup withholding), until we have it.",
    ),
}
"""Paragraphs of each notice (IRS Publication 1281 names what they must say; the words are ours)."""


def _document(title: str, made_at: datetime) -> "FPDF":
    import matplotlib
    from fpdf import FPDF

    pdf = FPDF(format="letter")
    pdf.set_margin(MARGIN_MM)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    pdf.add_font(FAMILY, "", str(fonts / "DejaVuSans.ttf"))
    pdf.add_font(FAMILY, "B", str(fonts / "DejaVuSans-Bold.ttf"))
    pdf.set_title(title)
    pdf.set_lang("en-US")
    pdf.set_creation_date(made_at)
    pdf.add_page()
    return pdf


def _title(pdf: "FPDF", page: CopyPage) -> None:
    mark = "CORRECTED" if page.corrected else "VOID" if page.void else ""
    pdf.set_font(FAMILY, "B", 16)
    pdf.cell(WIDTH_MM - 50, 9, f"Form 1099-NEC  {page.year}")
    pdf.cell(50, 9, mark, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "", 10)
    pdf.cell(WIDTH_MM, 7, "Nonemployee Compensation", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def _party(pdf: "FPDF", head: str, lines: Iterable[str], tin: str) -> None:
    pdf.set_font(FAMILY, "", 7)
    pdf.cell(WIDTH_MM, 5, head, border="LTR", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "", 10)
    for line in lines:
        pdf.cell(WIDTH_MM, 5.2, _fitting(pdf, line), border="LR", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "B", 10)
    pdf.cell(WIDTH_MM, 6, tin, border="LBR", new_x="LMARGIN", new_y="NEXT")


def _box(pdf: "FPDF", box: Box) -> None:
    pdf.set_font(FAMILY, "", 9)
    pdf.cell(12, 8, box.number, border=1)
    pdf.cell(WIDTH_MM - 62, 8, _fitting(pdf, box.name, WIDTH_MM - 64), border=1)
    pdf.set_font(FAMILY, "B", 10)
    pdf.cell(50, 8, box.value, border=1, align="R", new_x="LMARGIN", new_y="NEXT")


def _text(pdf: "FPDF", size: int, text: str, *, bold: bool = False) -> None:
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.ln(2)
    pdf.multi_cell(WIDTH_MM, size * 0.5, text, new_x="LMARGIN", new_y="NEXT")


def _fitting(pdf: "FPDF", text: str, width: float = WIDTH_MM - 4) -> str:
    while len(text) > 1 and pdf.get_string_width(text) > width:
        text = text[:-2] + "…"
    return text


def _ein(number: str) -> str:
    return f"{number[:2]}-{number[2:]}"


def _bytes(pdf: "FPDF") -> bytes:
    out = BytesIO()
    pdf.output(out)
    return out.getvalue()
