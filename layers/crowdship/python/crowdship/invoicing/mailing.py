"""Mails with invoices: the PDF file as an attachment, through SES."""

from email.message import EmailMessage
from typing import Any, Protocol

import boto3

from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.invoice import Invoice


class Mails(Protocol):
    """Port to what sends a document to its merchant."""

    def send(self, invoice: Invoice, address: str, pdf: bytes) -> None:
        """Send a document."""
        ...


def message_of(invoice: Invoice, sender: str, address: str, pdf: bytes) -> EmailMessage:
    """Return the mail with a document."""
    name = "Invoice" if invoice.kind is InvoiceKind.INVOICE else "Credit note"
    message = EmailMessage()
    message["From"], message["To"] = sender, address
    message["Subject"] = f"{name} {invoice.number}"
    told = [
        f"Hello {invoice.name},",
        "",
        f"attached is the {name.lower()} {invoice.number} for {invoice.span.first} to {invoice.span.last}: "
        f"{invoice.total}.",
    ]
    if invoice.kind is InvoiceKind.INVOICE:
        told.append(f"Of it {invoice.open} is to be paid by {invoice.due_on}.")
    told += ["Every line is in the CSV file: GET /v1/invoices with the id of the document has a link.", "", "crowdship"]
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
