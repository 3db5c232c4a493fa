"""Files of invoices: the CSV file with every line, and the bucket that keeps it beside the PDF file."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.invoicing.entities import InvoiceKind
from crowdship.kernel.money import Money
from crowdship.settlement.statements import StatementLine

LINK_VALID_S = 600
"""Wall seconds for which a link opens a file."""

COLUMNS = ("time", "kind", "delivery_id", "external_id", "outcome", "charge", "tip", "total", "currency", "note")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would take for a formula."""


def _safe(text: str | None) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text and text.startswith(FORMULA) else text or ""


def _fields(line: StatementLine) -> Iterable[str]:
    def written(amount: Money) -> str:
        return str(amount.decimal)

    yield f"{line.time:%Y-%m-%dT%H:%M:%SZ}"
    yield str(line.kind)
    yield line.delivery_id or ""
    yield _safe(line.external_id)
    yield str(line.outcome or "")
    yield written(line.total - line.tip)
    yield written(line.tip)
    yield written(line.total)
    yield line.currency
    yield _safe(line.note)


class LinesFile:
    """A CSV file of lines on disk, so that a merchant with very many of them needs no more memory than one with few."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._csv.writerow(COLUMNS)

    def add(self, line: StatementLine) -> None:
        """Write a line."""
        self._csv.writerow(tuple(_fields(line)))

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


class InvoiceFiles:
    """The bucket of invoices."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "InvoiceFiles":
        """Return the bucket named by ``INVOICES_BUCKET``."""
        return cls(settings().invoices_bucket)

    def put_pdf(self, key: str, body: bytes, name: str) -> None:
        """Store a PDF file, to be saved under a name; the same again replaces it by equal bytes."""
        about = {"ContentType": "application/pdf", "ContentDisposition": f'attachment; filename="{name}"'}
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, **about)

    def put_csv(self, key: str, path: Path, name: str) -> None:
        """Store a CSV file from disk, to be saved under a name; in parts if it is large."""
        about = {"ContentType": "text/csv; charset=utf-8", "ContentDisposition": f'attachment; filename="{name}"'}
        self._s3.upload_file(str(path), self._bucket, key, ExtraArgs=about)

    def read(self, key: str) -> bytes:
        """Return a file."""
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body

    def link(self, key: str) -> str:
        """Return a link by which a browser saves a file."""
        params = {"Bucket": self._bucket, "Key": key}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url


def keys_of(merchant_id: str, invoice_id: str, kind: InvoiceKind) -> tuple[str, str]:
    """Return the keys of a document's PDF and CSV files."""
    stem = f"{merchant_id}/{kind}/{invoice_id}"
    return f"{stem}.pdf", f"{stem}.csv"
