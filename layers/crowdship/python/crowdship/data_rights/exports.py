"""Use cases of exports: ask for one, link to it, and erase it; ``gathering`` makes it."""

from typing import Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.data_rights.model import Export
from crowdship.data_rights.store import ExportRow, LatestExportRow
from crowdship.data_rights.views import ExportView, LatestExport
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.ids import new_id

LINK_VALID_S = 600
"""Wall seconds for which a link opens the file."""


class ExportStore:
    """The bucket that holds exports for some days."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._bucket = bucket
        self._s3 = client or boto3.client("s3")

    @classmethod
    def configured(cls) -> "ExportStore":
        """Return the bucket named by ``EXPORTS_BUCKET``."""
        return cls(settings().exports_bucket)

    def put(self, key: str, body: bytes) -> None:
        """Store a file; the same again replaces it."""
        saved = "attachment; filename=my-data.zip"
        kind = {"ContentType": "application/zip", "ContentDisposition": saved}
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, **kind)

    def delete(self, key: str) -> None:
        """Delete a file."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def link(self, key: str) -> str:
        """Return a link by which a browser saves a file."""
        params = {"Bucket": self._bucket, "Key": key}
        url: str = self._s3.generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_VALID_S)
        return url


def request(driver_id: str, clock: Clock, wall: Clock) -> ExportView:
    """Ask for an export; one of the last 24 hours is answered with instead."""
    drivers.get(driver_id)

    def attempt() -> Export:
        now, before = clock.now(), LatestExportRow.load(driver_id)
        known = ExportRow.load(before) if before else None
        if known and known.stands(now):
            return known
        export, work = Export.requested(new_id("exp"), driver_id, now), UnitOfWork()
        work.store(ExportRow.lasting(export, wall.now()))
        LatestExportRow.put_in_place_of(before, export, work)
        work.commit()
        return export

    return _view(persistently(attempt), wall)


def latest(driver_id: str, wall: Clock) -> LatestExport:
    """Return a driver's latest export, with a fresh link as long as its time is not over."""
    export_id = LatestExportRow.load(driver_id)
    export = ExportRow.load(export_id) if export_id else None
    return LatestExport(export=_view(export, wall) if export else None)


def erase_of_driver(driver_id: str, files: ExportStore) -> None:
    """Delete the file of a driver's latest export; an older one is gone by then, or goes within days."""
    export_id = LatestExportRow.load(driver_id)
    export = ExportRow.load(export_id) if export_id else None
    if export and export.key:
        files.delete(export.key)


def _view(export: Export, wall: Clock) -> ExportView:
    fetched = export.key and export.until and wall.now() < export.until
    return ExportView.of(export, ExportStore.configured().link(export.key) if export.key and fetched else None)
