"""Bucket of bank files: each with a manifest that names its payouts."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import boto3
from pydantic import TypeAdapter

from crowdship.adapters.settings import settings

LINK_VALID_S = 600
"""Wall seconds for which a link opens a file."""

_IDS = TypeAdapter(tuple[str, ...])


class FileStore:
    """The bucket; a file's key has the digest of its bytes, so that no file takes the place of another."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "FileStore":
        """Return the bucket named by ``PAYOUTS_BUCKET``."""
        return cls(settings().payouts_bucket)

    def put(self, period: date, content: bytes, payout_ids: Sequence[str]) -> tuple[str, str, str]:
        """Store a bank file with its manifest; return their keys and the file's digest. The same again is no fault."""
        digest = hashlib.sha256(content).hexdigest()
        key, manifest_key = f"{period}/{digest[:16]}.ach", f"{period}/{digest[:16]}.json"
        manifest = _IDS.dump_json(tuple(payout_ids))
        self._s3.put_object(Bucket=self._bucket, Key=manifest_key, Body=manifest, ContentType="application/json")
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="text/plain")
        return key, manifest_key, digest

    def manifest(self, key: str) -> tuple[str, ...]:
        """Return the ids of the payouts in a bank file, in its order."""
        return _IDS.validate_json(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())

    def content(self, key: str) -> bytes:
        """Return the bytes of a file."""
        content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return content

    def link(self, key: str) -> str:
        """Return a link by which a browser saves a file."""
        params = {"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": "attachment"}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url
