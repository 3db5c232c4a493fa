"""Use case of making an export from all rooms.

It is a module of its own, because it imports all rooms: calls that only ask for an export don't load them.
"""

import io
import json
import zipfile
from typing import Any

from crowdship.adapters.observability import logger
from crowdship.adapters.storage import UnitOfWork
from crowdship.data_rights.collectors import COLLECTORS, Gathering
from crowdship.data_rights.exports import ExportStore
from crowdship.data_rights.model import ExportState
from crowdship.data_rights.store import ExportRow
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.events import DomainEvent

README = """Everything that crowdship holds on you, made {at}.

Each file is one part, in JSON; times are UTC. Data of customers, shops, staff and other drivers is left out.
Anything wrong? Ask for a correction in the app, under My data.

Todo lo que crowdship guarda sobre ti. Cada archivo es una parte, en JSON; las horas son UTC.
Alles, was crowdship ueber Sie speichert. Jede Datei ist ein Teil, in JSON; Zeiten sind UTC.
"""


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


def zipped(parts: dict[str, Any], at: str) -> bytes:
    """Return a ZIP file with a JSON file for each part, and a file that explains them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README.format(at=at))
        for name, part in parts.items():
            archive.writestr(f"{name}.json", json.dumps(part, indent=1, ensure_ascii=False, default=str))
    return packed.getvalue()
