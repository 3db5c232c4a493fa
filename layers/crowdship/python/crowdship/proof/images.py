"""Pictures in S3: upload forms, links, and objects that are named by their version and the hash of their bytes."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from crowdship.adapters.settings import settings
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.geo import Point, distance_m
from crowdship.pictures.decoding import cleaned
from crowdship.pictures.notes import PhoneNotes
from crowdship.proof.uploads import MAX_BYTES, Image, StoredObject, Taken, Upload

OWN_HASHES = Config(response_checksum_validation="when_required")
"""Bytes that are read are compared with our own hash. boto3's checksum would hide which bytes are there instead."""

FORM_VALID_S = 600
"""Wall seconds for which an upload form can be used."""

LINK_VALID_S = 300
"""Wall seconds for which a picture can be looked at."""

ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404", "AccessDenied"})
"""S3's answers for an object that is not there; for one without rights to list the bucket, the last."""

TAKEN_ALREADY = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""S3's answers to a write of an object that is there, or is being written by somebody else."""


class ImageStore:
    """The bucket that holds the pictures; it keeps every version of an object.

    Parameters
    ----------
    lock_days : int or None
        Wall days for which a version that became proof can't be deleted; None for ``PROOF_LOCK_DAYS``.
    """

    def __init__(self, bucket: str, client: Any = None, lock_days: int | None = 1) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3", config=OWN_HASHES)
        self._lock_days = lock_days

    @classmethod
    def configured(cls) -> "ImageStore":
        """Return the bucket named by ``PROOF_BUCKET``; only who captures proof needs ``PROOF_LOCK_DAYS``."""
        return cls(settings().proof_bucket, lock_days=None)

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
        params = {"Bucket": self._bucket, "Key": image.shown.key, "VersionId": image.shown.version_id}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url

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
        """Return the bytes of a picture as it is shown.

        Raises
        ------
        Conflict
            ``picture_changed``, if these are not the bytes that were captured.
        """
        body: bytes = self._get(image.shown.key, VersionId=image.shown.version_id)["Body"].read()
        if hashlib.sha256(body).hexdigest() != image.shown.sha256:
            detail = f"The {image.kind} is no longer what was captured, so it is not shown; staff can verify the proof."
            raise Conflict("picture_changed", detail)
        return body

    def hash_of(self, stored: StoredObject) -> str | None:
        """Return the hash of the bytes that are stored now under a key and a version, or None if there are none."""
        try:
            body = self._get(stored.key, VersionId=stored.version_id)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None
        digest = hashlib.sha256()
        for piece in body.iter_chunks():
            digest.update(piece)
        return digest.hexdigest()

    def keep(self, upload: Upload, body: bytes, stop: Point) -> Image:
        """Store a picture that was sent, as it is and as it may be shown.

        Parameters
        ----------
        stop : Point
            Where it should have been taken.

        Raises
        ------
        Unprocessable
            If the bytes are no picture of the announced type; then nothing is stored.
        """
        clean, notes = cleaned(upload.kind, upload.content_type, body)
        original = self._put_once(upload.object_key, body, upload.content_type)
        return self._with_shown(upload, original, clean, notes, stop)

    def found(self, upload: Upload, stop: Point) -> Image:
        """Return an uploaded picture, read and made fit to be shown now unless that was done on its arrival.

        The version that is read is the one that counts; what is uploaded under the same key later changes nothing.

        Raises
        ------
        Unprocessable
            If there is no such object, or it is not a picture of the announced type.
        """
        if upload.image:
            return upload.image
        try:
            read = self._get(upload.object_key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise Unprocessable(
                "upload_missing",
                f"The {upload.kind} was announced but not uploaded; upload it, then complete.",
            ) from error
        body = read["Body"].read()
        clean, notes = cleaned(upload.kind, upload.content_type, body)
        original = _stored(upload.object_key, read, body)
        lock = {"Mode": "GOVERNANCE", "RetainUntilDate": self._locked_until()}
        named = {"Bucket": self._bucket, "Key": original.key, "VersionId": original.version_id}
        self._s3.put_object_retention(**named, Retention=lock)
        return self._with_shown(upload, original, clean, notes, stop)

    def _with_shown(
        self, upload: Upload, original: StoredObject, clean: bytes, notes: PhoneNotes | None, stop: Point
    ) -> Image:
        """Store the picture that is shown, under a key that its original's hash is part of."""
        folder = upload.object_key.partition("/")[0]
        shown = self._put_once(f"{folder}/shown-{upload.kind}-{original.sha256}", clean, "image/jpeg")
        return Image(kind=upload.kind, original=original, shown=shown, taken=_taken(notes, stop))

    def _put_once(self, key: str, body: bytes, content_type: str) -> StoredObject:
        """Store bytes under a key that nothing is stored under; if something is, that stays and is returned.

        Such keys hold the hash of a picture, so what is there was made from the same picture.
        """
        try:
            put = self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                IfNoneMatch="*",
                ObjectLockMode="GOVERNANCE",
                ObjectLockRetainUntilDate=self._locked_until(),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKEN_ALREADY:
                raise
            read = self._get(key)
            return _stored(key, read, read["Body"].read())
        return _stored(key, put, body)

    def _locked_until(self) -> datetime:
        days = settings().proof_lock_days if self._lock_days is None else self._lock_days
        return datetime.now(UTC) + timedelta(days=days)

    def _get(self, key: str, **version: str) -> dict[str, Any]:
        read: dict[str, Any] = self._s3.get_object(Bucket=self._bucket, Key=key, **version)
        return read


def _stored(key: str, answer: dict[str, Any], body: bytes) -> StoredObject:
    digest = hashlib.sha256(body).hexdigest()
    return StoredObject(key=key, version_id=answer["VersionId"], sha256=digest, bytes=len(body))


def _taken(notes: PhoneNotes | None, stop: Point) -> Taken | None:
    """Return the notes of a phone as they are kept: of the place only how far from the stop it is."""
    if notes is None:
        return None
    away = round(distance_m(notes.place, stop)) if notes.place else None
    return Taken(at=notes.at, camera=notes.camera, distance_m=away)
