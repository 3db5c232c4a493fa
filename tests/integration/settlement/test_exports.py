"""An export is asked for, made once from the log of postings, and linked to."""

from datetime import date, timedelta

import boto3
import pytest
from beancount import loader

from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.settlement import booking
from crowdship.settlement.exports import files as s3_files
from crowdship.settlement.exports import service as exports
from crowdship.settlement.exports.files import ExportFiles
from crowdship.settlement.exports.formats import Format
from crowdship.settlement.exports.store import JournalExportRow
from crowdship.settlement.exports.views import ExportRequest
from tests.contracts import events_of_stream, validate_event
from tests.integration.settlement.conftest import close_day, everything_stored
from tests.unit.settlement.test_postings import closed

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def files(monkeypatch):
    monkeypatch.setenv("EXPORTS_BUCKET", "exports")
    boto3.client("s3").create_bucket(Bucket="exports")
    return ExportFiles.configured()


def asking(format, first=DAY, last=DAY):
    return ExportRequest(first=first, last=last, format=format)


def requested():
    """The events that the stream brings, each valid by its contract."""
    events = [events for _, _, events in everything_stored().values() if events and "journal_export" in events]
    images = ({"dynamodb": {"NewImage": {"version": {"N": "1"}, "events": {"S": one}}}} for one in events)
    found = list(events_of_stream(images))
    for event in found:
        validate_event(event.model_dump(mode="json"))
    return found


def text_of(told):
    export = JournalExportRow.load(told.export_id)
    return boto3.client("s3").get_object(Bucket="exports", Key=export.key)["Body"].read().decode()


@pytest.mark.parametrize("format", Format)
def test_an_export_is_made_once_and_has_a_link_then(format, files, clock):
    for number in range(3):
        booking.post(closed(number=number))
    close_day(DAY, clock)
    told = exports.request(asking(format), "fay", clock)
    assert exports.find(told.export_id, files, clock).url is None
    (event,) = requested()
    assert exports.make(event, files, clock, clock)
    assert not exports.make(event, files, clock, clock)
    ready = exports.find(told.export_id, files, clock)
    assert told.export_id in ready.url
    text = text_of(told)
    assert ready.size == len(text.encode())
    assert ready.postings == (1 if format in ("quickbooks", "xero") else 3)
    if format == "beancount":
        assert loader.load_string(text)[1] == []
    gone = FixedClock(clock.now() + timedelta(days=8))
    assert exports.find(told.export_id, files, gone).url is None


def test_a_large_file_goes_out_in_parts(files, clock, monkeypatch):
    monkeypatch.setattr(s3_files, "PART_BYTES", 5 * 1024 * 1024)
    size = files.write("journal/large.csv", "large.csv", ("x" * 1024 * 1024 for _ in range(11)))
    stored = boto3.client("s3").head_object(Bucket="exports", Key="journal/large.csv")
    assert size == stored["ContentLength"] == 11 * 1024 * 1024
    assert stored["ETag"].strip('"').endswith("-3")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (asking(Format.CSV, NEXT, DAY), "period_range"),
        (asking(Format.CSV, DAY, DAY + timedelta(days=92)), "period_range"),
        (asking(Format.XERO), "days_not_closed"),
    ],
)
def test_what_can_not_be_exported_is_refused_with_a_reason(asked, code, clock):
    with pytest.raises(Unprocessable, match=code):
        exports.request(asked, "fay", clock)


def test_a_span_with_too_many_postings_is_refused(clock, monkeypatch):
    monkeypatch.setattr(exports, "MOST_POSTINGS", 3)
    for number in range(60):
        booking.post(closed(number=number))
    with pytest.raises(Unprocessable, match="too_many_postings"):
        exports.request(asking(Format.CSV), "fay", clock)


def test_an_export_that_is_not_there_is_not_found(files, clock):
    with pytest.raises(NotFound, match="no_such_export"):
        exports.find("jxp_nothing", files, clock)
