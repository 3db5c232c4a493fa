"""Documents are sent, checked on arrival, decided by one person, and count from then on."""

import hashlib
from datetime import date, timedelta

import boto3
import pytest
from PIL import Image

from crowdship.documents import service as documents
from crowdship.documents.erasure import erase_person
from crowdship.documents.kinds import PaperKind, asked_of
from crowdship.documents.model import DocumentState, RefusalReason
from crowdship.documents.service import MAX_SENT_BYTES, MOST_A_DAY
from crowdship.documents.store import DocumentRow
from crowdship.documents.views import AnnounceInput, ApproveInput, RefuseInput
from crowdship.drivers import service as drivers
from crowdship.drivers.store import DriverRow
from crowdship.kernel.errors import Conflict, Gone, NotFound, TooManyRequests, Unprocessable
from crowdship.vault import service as vault
from crowdship.vault.model import writing_token
from local.city.papers import jpeg, licence
from tests.city import City, driver_input
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")

PHOTO = jpeg(licence())
NOTHING = jpeg(Image.new("RGB", (1000, 640), (128, 128, 128)))
INSURANCE, ALCOHOL = PaperKind.INSURANCE, PaperKind.ALCOHOL_CERTIFICATE


def newcomer(city, **fields):
    return drivers.register(driver_input(documents=(), **fields), city.clock, lambda driver_id, person: None)


def sent(city, driver, bucket, kind=INSURANCE, body=PHOTO, content_type="image/jpeg", sha256=None):
    digest = sha256 or hashlib.sha256(body).hexdigest()
    return documents.take(driver.id, kind, content_type, digest, body, bucket, city.clock)


def approve(city, driver, document, until=date(2027, 1, 1), by="ana"):
    return documents.approve(driver.id, document.document_id, ApproveInput(valid_until=until), by, city.clock)


def refuse(city, driver, document, reason=RefusalReason.CUT_OFF, words=None, by="ana"):
    return documents.refuse(driver.id, document.document_id, RefuseInput(reason=reason, words=words), by, city.clock)


def paper(city, driver, kind=INSURANCE):
    return next(one for one in documents.folder(driver.id, city.clock).papers if one.kind is kind)


def events_of(table):
    """Return the types of the events in the rows of a table."""
    import json

    rows = boto3.client("dynamodb").scan(TableName=f"crowdship-{table}")["Items"]
    found = [event for row in rows for event in json.loads(row.get("events", {"S": "[]"})["S"])]
    for event in found:
        validate_event(event)
    return [event["type"] for event in found]


def test_a_document_counts_once_staff_have_approved_it_and_the_driver_row_is_written_once(bucket):
    city = City.open()
    driver = newcomer(city)
    document = sent(city, driver, bucket)
    assert (document.state, paper(city, driver).state) == ("checked", "checked")
    assert events_of("documents") == ["document.checked"]
    version = DriverRow.load(driver.id).stored_version
    approved = approve(city, driver, document)
    after = DriverRow.load(driver.id)
    assert (approved.state, approved.decided_by) == ("approved", "ana")
    assert [(str(one.kind), one.valid_until) for one in after.documents] == [("insurance", date(2027, 1, 1))]
    assert after.stored_version == version + 1
    assert (paper(city, driver).state, paper(city, driver).counts) == ("approved", True)
    assert events_of("documents") == ["document.approved"]


def test_a_certificate_grants_its_credential(bucket):
    city = City.open()
    driver = newcomer(city)
    approve(city, driver, sent(city, driver, bucket, ALCOHOL), until=date(2028, 5, 31))
    assert drivers.get(driver.id).holds("alcohol_certificate", date(2028, 5, 31))
    assert not drivers.get(driver.id).holds("alcohol_certificate", date(2028, 6, 1))


def test_what_is_missing_for_an_application_becomes_less_with_each_approval(bucket):
    city = City.open()
    driver = newcomer(city)
    kinds = asked_of(driver.vehicle.kind)
    assert documents.missing(driver, city.clock) == kinds
    for number, kind in enumerate(kinds):
        city.later(seconds=1)
        document = sent(city, driver, bucket, kind, jpeg(licence(f"{kind} {number}")))
        latest = documents.folder_for_staff(driver.id, city.clock).documents[0].latest_day
        approve(city, driver, document, until=latest and min(latest, date(2027, 3, 1)))
        assert documents.missing(drivers.get(driver.id), city.clock) == kinds[number + 1 :]
    assert drivers.get(driver.id).may_drive(city.clock.now())


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (NOTHING, "image/jpeg", RefusalReason.ONE_COLOUR),
        (jpeg(Image.new("RGB", (900, 900), "black")), "image/jpeg", RefusalReason.TOO_DARK),
        (jpeg(licence().resize((200, 128))), "image/jpeg", RefusalReason.TOO_SMALL),
        (PHOTO[:3000], "image/jpeg", RefusalReason.NOT_A_PICTURE),
        (PHOTO, "image/png", RefusalReason.NOT_A_PICTURE),
        (b"%PDF-1.7 " + b"0" * 2_000_000, "image/jpeg", RefusalReason.NOT_A_PICTURE),
        (b"", "image/jpeg", RefusalReason.NOT_A_PICTURE),
    ],
)
def test_a_picture_of_nothing_is_refused_with_a_reason_and_can_be_sent_again(bucket, body, content_type, reason):
    city = City.open()
    driver = newcomer(city)
    refused = sent(city, driver, bucket, body=body, content_type=content_type)
    assert (refused.state, refused.reason) == ("refused", reason)
    assert (paper(city, driver).state, paper(city, driver).latest.reason) == ("refused", reason)
    assert boto3.client("s3").list_objects_v2(Bucket="documents").get("Contents") is None
    with pytest.raises(NotFound, match="no picture"):
        documents.shown(driver.id, refused.document_id)
    city.later(seconds=1)
    assert sent(city, driver, bucket).state is DocumentState.CHECKED
    assert paper(city, driver).state == "checked"


def test_a_document_of_another_type_or_size_or_hash_is_refused_before_anything_is_kept(bucket):
    city = City.open()
    driver = newcomer(city)
    for refused in (
        {"content_type": "application/pdf"},
        {"content_type": "image/heic"},
        {"sha256": "0" * 64},
        {"body": b"\xff" * (MAX_SENT_BYTES + 1)},
    ):
        with pytest.raises(Unprocessable):
            sent(city, driver, bucket, **refused)
    request = AnnounceInput(kind=INSURANCE, content_type="application/pdf")
    with pytest.raises(Unprocessable, match="photo or a screenshot"):
        documents.announce(driver.id, request, bucket, city.clock)
    assert DocumentRow.of_driver(driver.id) == []


def test_the_same_picture_again_changes_nothing(bucket):
    city = City.open()
    driver = newcomer(city)
    assert sent(city, driver, bucket) == sent(city, driver, bucket)
    assert len(DocumentRow.of_driver(driver.id)) == 1


def test_a_newer_picture_takes_the_place_of_one_that_waits_and_the_older_can_come_back(bucket):
    city = City.open()
    driver = newcomer(city)
    first = sent(city, driver, bucket)
    city.later(seconds=1)
    second = sent(city, driver, bucket, body=jpeg(licence("sharper")))
    (line,) = documents.waiting(None, 50).documents
    assert line.document_id == second.document_id
    with pytest.raises(Conflict, match="a newer one was sent"):
        approve(city, driver, first)
    city.later(seconds=1)
    third = sent(city, driver, bucket)
    assert third.document_id not in (first.document_id, second.document_id)
    assert third.state is DocumentState.CHECKED


def test_a_refused_picture_does_not_take_the_place_of_one_that_waits(bucket):
    city = City.open()
    driver = newcomer(city)
    good = sent(city, driver, bucket)
    city.later(seconds=1)
    sent(city, driver, bucket, body=NOTHING)
    assert approve(city, driver, good).state is DocumentState.APPROVED


def test_of_two_who_decide_the_second_is_told_who_was_first(bucket):
    city = City.open()
    driver = newcomer(city)
    document = sent(city, driver, bucket)
    approve(city, driver, document, by="ana")
    assert approve(city, driver, document, by="ana").decided_by == "ana"
    for other in (
        lambda: approve(city, driver, document, by="ben"),
        lambda: refuse(city, driver, document, by="ben"),
        lambda: approve(city, driver, document, until=date(2027, 1, 2), by="ana"),
    ):
        with pytest.raises(Conflict, match="ana approved the insurance until 2027-01-01") as late:
            other()
        assert late.value.code == "decided_already"


def test_a_repeated_approval_answers_the_same_after_its_last_day(bucket):
    city = City.open()
    driver = newcomer(city)
    document = sent(city, driver, bucket)
    approve(city, driver, document, until=date(2026, 7, 1))
    city.later(days=90)
    assert approve(city, driver, document, until=date(2026, 7, 1)).state is DocumentState.APPROVED


@pytest.mark.parametrize(
    ("kind", "until", "code"),
    [
        (INSURANCE, date(2026, 5, 31), "expired"),
        (INSURANCE, date(2030, 1, 1), "too_far"),
        (INSURANCE, None, "day_missing"),
        (PaperKind.VEHICLE_FRONT, date(2027, 1, 1), "no_last_day"),
        (ALCOHOL, date(2031, 6, 3), "too_far"),
    ],
)
def test_a_document_is_approved_with_a_day_that_it_can_have(bucket, kind, until, code):
    city = City.open()
    driver = newcomer(city)
    document = sent(city, driver, bucket, kind)
    with pytest.raises(Unprocessable) as refused:
        approve(city, driver, document, until=until)
    assert (refused.value.code, refused.value.pointer) == (code, "/valid_until")


def test_a_refusal_tells_the_driver_why_in_words_that_the_vault_keeps(bucket):
    city = City.open()
    driver = newcomer(city)
    document = sent(city, driver, bucket)
    refuse(city, driver, document, RefusalReason.OTHER, "Kim, the lower edge is missing")
    latest = paper(city, driver).latest
    assert (latest.reason, latest.words) == ("other", "Kim, the lower edge is missing")
    assert "lower edge" not in str(boto3.client("dynamodb").scan(TableName="crowdship-documents")["Items"])
    with pytest.raises(Unprocessable, match="Say in words"):
        refuse(city, driver, document, RefusalReason.OTHER)
    with pytest.raises(Unprocessable, match="check on arrival"):
        refuse(city, driver, document, RefusalReason.BLURRED)


def test_nobody_reaches_the_document_of_another_driver(bucket):
    city = City.open()
    driver, other = newcomer(city), newcomer(city, email="ben@example.com", phone="+13125550198")
    document = sent(city, driver, bucket)
    for reach in (
        lambda: documents.check(other.id, document.document_id, bucket, city.clock),
        lambda: documents.shown(other.id, document.document_id),
        lambda: approve(city, other, document),
    ):
        with pytest.raises(NotFound):
            reach()


def uploaded(document, body):
    boto3.client("s3").put_object(Bucket="documents", Key=f"{document.driver_id}/{document.id}/original", Body=body)


def announced(city, driver, bucket, kind=INSURANCE):
    request = AnnounceInput(kind=kind, content_type="image/jpeg")
    document, form = documents.announce(driver.id, request, bucket, city.clock)
    assert form["fields"]["key"] == f"{driver.id}/{document.id}/original"
    return document


def test_a_document_may_be_uploaded_with_a_form_and_is_checked_once(bucket):
    city = City.open()
    driver = newcomer(city)
    document = announced(city, driver, bucket)
    with pytest.raises(Unprocessable, match="not uploaded"):
        documents.check(driver.id, document.id, bucket, city.clock)
    uploaded(document, PHOTO)
    checked = documents.check(driver.id, document.id, bucket, city.clock)
    assert checked.state is DocumentState.CHECKED
    shown = bucket.body(documents.shown(driver.id, document.id))
    uploaded(document, NOTHING)
    assert documents.check(driver.id, document.id, bucket, city.clock) == checked
    assert bucket.body(documents.shown(driver.id, document.id)) == shown
    assert hashlib.sha256(bucket.body(DocumentRow.load(driver.id, document.id).original)).hexdigest() == (
        hashlib.sha256(PHOTO).hexdigest()
    )


def test_an_upload_after_the_approval_changes_nothing(bucket):
    city = City.open()
    driver = newcomer(city)
    document = announced(city, driver, bucket)
    uploaded(document, PHOTO)
    checked = documents.check(driver.id, document.id, bucket, city.clock)
    approve(city, driver, checked)
    uploaded(document, NOTHING)
    assert documents.check(driver.id, document.id, bucket, city.clock).state is DocumentState.APPROVED


def test_a_flood_of_documents_is_stopped_and_may_go_on_a_day_later(bucket):
    city = City.open()
    driver = newcomer(city)
    for _ in range(MOST_A_DAY):
        announced(city, driver, bucket)
    with pytest.raises(TooManyRequests) as refused:
        sent(city, driver, bucket)
    assert int(refused.value.headers["Retry-After"]) == 86_400
    announced(city, driver, bucket, ALCOHOL)
    city.later(days=1)
    assert sent(city, driver, bucket).state is DocumentState.CHECKED


def test_the_queue_of_what_waits_is_read_page_by_page_with_names(bucket):
    city = City.open()
    driver = newcomer(city)
    kinds = (INSURANCE, ALCOHOL, PaperKind.IDENTITY)
    for kind in kinds:
        sent(city, driver, bucket, kind)
        city.later(seconds=5)
    first = documents.waiting(None, 2)
    rest = documents.waiting(first.next_after, 2)
    assert [one.kind for one in (*first.documents, *rest.documents)] == list(kinds)
    assert {one.name for one in first.documents} == {"Ana Diaz"}
    assert rest.next_after is None


def test_an_erasure_takes_pictures_words_and_records_and_nothing_is_approved_after_it(bucket):
    city = City.open()
    driver = newcomer(city)
    refused = sent(city, driver, bucket)
    refuse(city, driver, refused, RefusalReason.OTHER, "Kim")
    waits = sent(city, driver, bucket, ALCOHOL)
    shown = documents.shown(driver.id, waits.document_id)
    erase_person(driver.id, *[lambda _: None] * 3, bucket)
    assert DocumentRow.of_driver(driver.id) == []
    assert vault.writings([writing_token("document", refused.document_id)]) == {}
    with pytest.raises(Gone):
        bucket.body(shown)
    with pytest.raises(NotFound):
        approve(city, driver, waits, until=city.clock.now().date() + timedelta(days=9))
    erase_person(driver.id, *[lambda _: None] * 3, bucket)
    for send in (sent, announced):
        with pytest.raises(Gone):
            send(city, driver, bucket)
    assert DocumentRow.of_driver(driver.id) == []
