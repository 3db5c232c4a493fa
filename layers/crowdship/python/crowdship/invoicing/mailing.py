"""Mails with invoices: the PDF file as an attachment, through SES."""

from email.message import EmailMessage
from functools import partial
from typing import Any, Protocol

import boto3

from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.invoice import Invoice
from crowdship.invoicing.words import title_of, word, written_amount


class Mails(Protocol):
    """Port to what sends a document to its merchant."""

    def send(self, invoice: Invoice, address: str, pdf: bytes) -> None:
        """Send a document."""
        ...


def message_of(invoice: Invoice, sender: str, address: str, pdf: bytes) -> EmailMessage:
    """Return the mail with a document."""
    said = partial(word, invoice.billing.language, "mail")
    amount = partial(written_amount, invoice.billing.language)
    about = {"number": invoice.number, "first": invoice.span.first, "last": invoice.span.last}
    message = EmailMessage()
    message["From"], message["To"] = sender, address
    message["Subject"] = title_of(invoice)
    told = [said("greeting", name=invoice.name), "", said(invoice.kind, total=amount(invoice.total), **about)]
    if invoice.kind is InvoiceKind.INVOICE:
        told.append(said("to_pay", open=amount(invoice.open), due=invoice.due_on))
    told += [said("lines_in_file"), "", "crowdship"]
    message.set_content("\n".join(told))
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{invoice.number}.pdf")
    return message


class SesMails:
    """Sends by SES from the stage's address."""

    def __init__(self, sender: str, client: Any = None) -> None:
        self._sender, self._ses = sender, client or boto3.client("ses")

    def send(self, invoice: Invoice, address: str, pdf: bytes) -> None:
        """Send a document."""
        message = message_of(invoice, self._sender, address, pdf)
        data = {"Data": message.as_bytes()}
        self._ses.send_raw_email(Source=self._sender, Destinations=[address], RawMessage=data)
