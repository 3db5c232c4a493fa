"""Files of exports in S3: written in parts while they are made, so that none is held as a whole."""

from collections.abc import Iterable
from typing import Any

import boto3

from crowdship.adapters.settings import settings

PART_BYTES = 8 * 1024 * 1024
"""Bytes of a part; S3 takes at least five MiB, and 10,000 parts."""

LINK_VALID_S = 600
"""Wall seconds for which a link opens the file."""


class ExportFiles:
    """The bucket that holds exports for some days."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "ExportFiles":
        """Return the bucket named by ``EXPORTS_BUCKET``."""
        return cls(settings().exports_bucket)

    def write(self, key: str, file_name: str, texts: Iterable[str]) -> int:
        """Write a file from pieces of text as they come; return its bytes. The same again replaces it.

        A browser saves it under ``file_name``.

        A file that is not finished is nowhere to be seen, and S3 deletes its parts by a rule of the bucket.
        """
        place = {"Bucket": self._bucket, "Key": key}
        kind = {
            "ContentType": "text/plain; charset=utf-8",
            "ContentDisposition": f"attachment; filename={file_name}",
        }
        upload = self._s3.create_multipart_upload(**place, **kind)["UploadId"]
        parts: list[dict[str, Any]] = []
        size, waiting = 0, bytearray()

        def send() -> None:
            nonlocal size
            number = len(parts) + 1
            told = self._s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=bytes(waiting))
            parts.append({"PartNumber": number, "ETag": told["ETag"]})
            size += len(waiting)
            waiting.clear()

        for text in texts:
            waiting += text.encode()
            if len(waiting) >= PART_BYTES:
                send()
        if waiting or not parts:
            send()
        self._s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
        return size

    def link(self, key: str) -> str:
        """Return a link by which a browser saves a file."""
        params = {"Bucket": self._bucket, "Key": key}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url
