"""Pictures in S3: upload forms, links, and checks of uploaded objects."""

import hashlib
from typing import Any

import boto3
from botocore.exceptions import ClientError

from crowdship.adapters.settings import settings
from crowdship.kernel.errors import Unprocessable
from crowdship.proof.model import MAX_BYTES, Image, Upload
from crowdship.proof.pictures import checked

FORM_VALID_S = 600
"""Wall seconds for which an upload form can be used."""

LINK_VALID_S = 300
"""Wall seconds for which a picture can be looked at."""


class ImageStore:
    """The bucket that holds the pictures."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "ImageStore":
        """Return the bucket named by ``PROOF_BUCKET``."""
        return cls(settings().proof_bucket)

    def form(self, upload: Upload) -> dict[str, Any]:
        """Return the presigned POST form that accepts exactly this upload: its key, its type, at most 5 MB."""
        fields = {"Content-Type": upload.content_type}
        conditions = [{"Content-Type": upload.content_type}, ["content-length-range", 1, MAX_BYTES]]
        form: dict[str, Any] = self._s3.generate_presigned_post(
            self._bucket, upload.object_key, Fields=fields, Conditions=conditions, ExpiresIn=FORM_VALID_S
        )
        return form

    def link(self, image: Image) -> str:
        """Return a link that shows one picture for a few minutes."""
        params = {"Bucket": self._bucket, "Key": image.object_key}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url

    def put(self, upload: Upload, body: bytes) -> None:
        """Store a picture that was checked."""
        self._s3.put_object(Bucket=self._bucket, Key=upload.object_key, Body=body, ContentType=upload.content_type)

    def erase(self, delivery_id: str) -> int:
        """Delete all pictures of a delivery for good, with every version; return how many versions there were.

        A proof is under a lock that keeps it from being changed; this is the one act that may pass it.
        """
        prefix, gone = f"{delivery_id}/", 0
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                key = {"Key": version["Key"], "VersionId": version["VersionId"]}
                self._s3.delete_object(Bucket=self._bucket, BypassGovernanceRetention=True, **key)
                gone += 1
        return gone

    def body(self, image: Image) -> bytes:
        """Return the bytes of a picture as they were uploaded."""
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=image.object_key)["Body"].read()
        return body

    def found(self, upload: Upload) -> Image:
        """Return an uploaded picture with the hash of its bytes, decoded now unless it was checked on arrival.

        Raises
        ------
        Unprocessable
            If there is no such object, or it is not a picture of the announced type.
        """
        if checked_before := upload.image:
            return checked_before
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=upload.object_key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404", "AccessDenied"):
                raise
            raise Unprocessable(
                "upload_missing",
                f"The {upload.kind} was announced but not uploaded; upload it, then complete.",
            ) from error
        checked(upload.kind, upload.content_type, body)
        digest = hashlib.sha256(body).hexdigest()
        return Image(kind=upload.kind, object_key=upload.object_key, sha256=digest, bytes=len(body))
