"""Drivers are told of documents as long as it is true, in words that name the document and no person."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, Vehicle
from crowdship.notify.drivers.facts import PapersFacts
from crowdship.notify.drivers.papers import (
    DOCUMENTS_EXPIRED,
    DOCUMENTS_EXPIRED_MAIL,
    DOCUMENTS_EXPIRING,
    DOCUMENTS_EXPIRING_MAIL,
    KEPT,
    WORK_RESUMED,
)
from crowdship.notify.registry import notices_about
from crowdship.notify.texts import letter_for, sms_for
from crowdship.shipment.vehicles import VehicleKind

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def driver(insured_until):
    days = {**dict.fromkeys(DocumentKind, date(2030, 1, 1)), DocumentKind.INSURANCE: insured_until}
    return Driver(
        id="drv_1",
        home_zone_id="z",
        person_token="pii",
        vehicle=Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200),
        documents=tuple(Document(kind=kind, valid_until=day) for kind, day in days.items()),
        created_at=NOON - timedelta(days=60),
    )


def told(last_day):
    before = driver(last_day)
    after = before.telling_of_expiry(NOON)
    (event,) = after.events
    return after, event


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (30, "crowdship: your insurance runs out in 30 days. Send a new photo in the app under Documents."),
        (1, "crowdship: your insurance runs out tomorrow. Send a new photo in the app under Documents."),
        (0, "crowdship: your insurance runs out today. Send a new photo in the app under Documents."),
    ],
)
def test_an_sms_reminds_of_what_runs_out(days, says):
    _, event = told(NOON.date() + timedelta(days=days))
    assert sms_for(DOCUMENTS_EXPIRING.instead, PapersFacts.of(event), NOON) == says


def test_an_sms_tells_what_the_end_of_a_document_means():
    _, event = told(NOON.date() - timedelta(days=1))
    text = sms_for(DOCUMENTS_EXPIRED.instead, PapersFacts.of(event), NOON)
    assert "your insurance has run out. You get no new orders until it is renewed; finish what is on board." in text


def test_mails_name_the_document_and_its_last_day():
    _, expiring = told(NOON.date() + timedelta(days=7))
    letter = letter_for(DOCUMENTS_EXPIRING_MAIL, PapersFacts.of(expiring), NOON)
    assert letter.subject == "Your insurance will run out"
    assert "- insurance: 2026-06-08" in letter.text
    _, expired = told(NOON.date() - timedelta(days=1))
    letter = letter_for(DOCUMENTS_EXPIRED_MAIL, PapersFacts.of(expired), NOON)
    assert letter.subject == "Your insurance has run out"
    assert "You get no new orders now." in letter.text


def test_a_driver_who_renewed_meanwhile_is_not_told_of_the_end():
    after, event = told(NOON.date() - timedelta(days=1))
    assert {one.name for one in notices_about(event)} == {"documents_expired", "documents_expired_mail"}
    assert DOCUMENTS_EXPIRED.is_due(event, after, NOON)
    assert not DOCUMENTS_EXPIRED.is_due(event, driver(date(2027, 1, 1)), NOON)
    assert not DOCUMENTS_EXPIRED.is_due(event, after, NOON + KEPT + timedelta(seconds=1))


def test_a_driver_is_told_once_that_work_goes_on():
    paused, _ = told(NOON.date() - timedelta(days=1))
    renewed = paused.with_changes(events=()).showing(
        Document(kind=DocumentKind.INSURANCE, valid_until=date(2027, 1, 1)), NOON
    )
    (event,) = renewed.events
    assert notices_about(event) == [WORK_RESUMED]
    assert WORK_RESUMED.push.fields(event) == {"id": "drv_1", "what": "work_resumed"}
