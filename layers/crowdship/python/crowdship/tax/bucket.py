"""The bucket of drivers' copies, letters and files for the agency."""

from typing import Any

import boto3

from crowdship.adapters.settings import settings

LINK_VALID_S = 600
"""Wall seconds for which a link opens a file."""

PDF, CSV = "application/pdf", "text/csv"


class TaxFiles:
    """Files by key: ``copies/<year>/<driver>/<revision>.pdf``, ``letters/<notice>.pdf``, ``iris/<year>/<name>.csv``."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "TaxFiles":
        """Return the bucket named by ``TAX_BUCKET``."""
        return cls(settings().tax_bucket)

    def put(self, key: str, body: bytes, kind: str) -> None:
        """Store a file; the same again replaces it."""
        saved = f"attachment; filename={key.replace('/', '-')}"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=kind, ContentDisposition=saved)

    def read(self, key: str) -> bytes:
        """Return a file."""
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body

    def link(self, key: str) -> str:
        """Return a link by which a browser saves a file."""
        params = {"Bucket": self._bucket, "Key": key}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url


def copy_key(year: int, driver_id: str, revision: int) -> str:
    """Return the key of a driver's copy of a form."""
    return f"copies/{year}/{driver_id}/{revision}.pdf"


def letter_key(notice_id: str) -> str:
    """Return the key of the letter about a notice."""
    return f"letters/{notice_id}.pdf"


def file_key(year: int, name: str) -> str:
    """Return the key of a file for the agency."""
    return f"iris/{year}/{name}"
