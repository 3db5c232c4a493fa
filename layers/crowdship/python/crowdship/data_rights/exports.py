"""Use cases of exports: ask for one, make it from all rooms, and link to it."""

import io
import json
import zipfile
from typing import Any

import boto3

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.data_rights.collectors import COLLECTORS, Gathering
from crowdship.data_rights.model import Export, ExportState
from crowdship.data_rights.store import ExportRow, LatestExportRow
from crowdship.data_rights.views import ExportView, LatestExport
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.ids import new_id

LINK_VALID_S = 600
"""Wall seconds for which a link opens the file."""

README = """Everything that crowdship holds on you, made {at}.

Each file is one part, in JSON; times are UTC. Data of customers, shops, staff and other drivers is left out.
Anything wrong? Ask for a correction in the app, under My data.

Todo lo que crowdship guarda sobre ti. Cada archivo es una parte, en JSON; las horas son UTC.
Alles, was crowdship ueber Sie speichert. Jede Datei ist ein Teil, in JSON; Zeiten sind UTC.
"""


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


def make(event: DomainEvent, files: ExportStore, clock: Clock, wall: Clock) -> bool:
    """Make the export that was asked for; False if it is made already, or no longer there."""
    export = ExportRow.load(event.data["export_id"])
    if export is None or export.state is ExportState.READY:
        return False
    gathering = Gathering(drivers.get(export.driver_id), clock)
    parts = {one.section: one.collect(gathering) for one in COLLECTORS}
    body = zipped(parts, f"{gathering.now:%Y-%m-%d %H:%M} UTC")
    key = f"{export.driver_id}/{export.id}.zip"
    files.put(key, body)
    made = export.made(key, len(body), tuple(parts), clock.now(), wall.now())
    work = UnitOfWork()
    work.store(ExportRow.lasting(made, wall.now()))
    work.commit()
    logger.info("exported", export_id=export.id, bytes=len(body))
    return True


def erase_of_driver(driver_id: str, files: ExportStore) -> None:
    """Delete the file of a driver's latest export; an older one is gone by then, or goes within days."""
    export_id = LatestExportRow.load(driver_id)
    export = ExportRow.load(export_id) if export_id else None
    if export and export.key:
        files.delete(export.key)


def zipped(parts: dict[str, Any], at: str) -> bytes:
    """Return a ZIP file with a JSON file for each part, and a file that explains them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(at=at))
        for name, part in parts.items():
            archive.writestr(f"{name}.json", json.dumps(part, indent=1, ensure_ascii=False, default=str))
    return packed.getvalue()


def _view(export: Export, wall: Clock) -> ExportView:
    fetched = export.key and export.until and wall.now() < export.until
    return ExportView.of(export, ExportStore.configured().link(export.key) if export.key and fetched else None)
