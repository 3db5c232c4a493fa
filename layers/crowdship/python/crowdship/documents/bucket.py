"""The bucket of drivers' documents: upload forms, and pictures that were checked."""

import hashlib
from typing import Any

import boto3
from botocore.exceptions import ClientError

from crowdship.adapters.settings import settings
from crowdship.documents.model import Stored
from crowdship.kernel.errors import Gone, Unprocessable

MAX_BYTES = 8_000_000
"""The most bytes of an upload by a form; a phone's photo of full size has less."""

FORM_VALID_S = 600
"""Wall seconds for which an upload form can be used."""

ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404", "AccessDenied"})
"""S3's answers for an object that is not there; for one without rights to list the bucket, the last."""


class DocumentBucket:
    """The bucket that holds the pictures; it keeps every version of an object."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "DocumentBucket":
        """Return the bucket named by ``DOCUMENTS_BUCKET``."""
        return cls(settings().documents_bucket)

    def form(self, key: str, content_type: str) -> dict[str, Any]:
        """Return the presigned POST form that accepts exactly this upload: its key, its type, at most 8 MB."""
        conditions = [{"Content-Type": content_type}, ["content-length-range", 1, MAX_BYTES]]
        form: dict[str, Any] = self._s3.generate_presigned_post(
            self._bucket, key, Fields={"Content-Type": content_type}, Conditions=conditions, ExpiresIn=FORM_VALID_S
        )
        return form

    def uploaded(self, key: str) -> tuple[Stored, bytes]:
        """Return what was uploaded under a key; what is uploaded there later is another version.

        Raises
        ------
        Unprocessable
            ``upload_missing``, if nothing was.
        """
        try:
            read = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            detail = "The document was announced and not uploaded; upload it with the form, then check it."
            raise Unprocessable("upload_missing", detail) from error
        body: bytes = read["Body"].read()
        return _stored(key, read["VersionId"], body), body

    def put(self, key: str, body: bytes, content_type: str) -> Stored:
        """Store bytes under a key."""
        put = self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        return _stored(key, put["VersionId"], body)

    def body(self, stored: Stored) -> bytes:
        """Return the bytes of a version.

        Raises
        ------
        Gone
            If its period is over, or it was erased.
        """
        try:
            read = self._s3.get_object(Bucket=self._bucket, Key=stored.key, VersionId=stored.version_id)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise Gone("erased", "The picture is no longer kept; what was decided by it stays.") from error
        body: bytes = read["Body"].read()
        return body

    def erase(self, driver_id: str) -> int:
        """Delete all pictures of a driver for good, with every version; return how many versions there were."""
        gone = 0
        for page in self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=f"{driver_id}/"
        ):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                self._s3.delete_object(Bucket=self._bucket, Key=version["Key"], VersionId=version["VersionId"])
                gone += 1
        return gone


def _stored(key: str, version_id: str, body: bytes) -> Stored:
    return Stored(key=key, version_id=version_id, sha256=hashlib.sha256(body).hexdigest(), bytes=len(body))
