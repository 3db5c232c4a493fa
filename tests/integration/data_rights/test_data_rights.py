"""Exports of everything that is held on a driver, and corrections, through the use cases."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest

from crowdship.adapters.settings import settings
from crowdship.contact import messages
from crowdship.contact.message import MessageInput, Party
from crowdship.data_rights import corrections, exports, gathering
from crowdship.data_rights.collectors import COLLECTORS
from crowdship.data_rights.model import CorrectionDecision, CorrectionInput, CorrectionState, ExportState
from crowdship.data_rights.store import ExportRow
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.vault import service as vault
from tests.city import CUSTOMER, NOON, City


@pytest.fixture
def files(aws, monkeypatch):
    boto3.client("s3").create_bucket(Bucket="exports")
    monkeypatch.setenv("EXPORTS_BUCKET", "exports")
    settings.cache_clear()
    yield exports.ExportStore("exports")
    settings.cache_clear()


@pytest.fixture
def town(files):
    return City.open()


@pytest.fixture
def wall():
    return FixedClock(NOON)


def asked(town, wall, driver):
    """Return the event of a driver's request for an export."""
    view = exports.request(driver.id, town.clock, wall)
    data = {"export_id": view.export_id, "driver_id": driver.id}
    now = town.clock.now()
    return DomainEvent(id="evt_1", type="export.requested", time=now, subject=view.export_id, sequence=1, data=data)


def unpacked(event):
    export = ExportRow.load(event.data["export_id"])
    body = boto3.client("s3").get_object(Bucket="exports", Key=export.key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_export_has_every_part_and_what_the_driver_told_and_did(town, wall, files):
    driver = town.driver()
    order = town.assigned(driver)
    town.seen(driver, 400)
    thread = messages.with_staff(driver.id)
    hello = MessageInput(message_id=str(uuid4()), text="The bell is broken.")
    messages.send(thread, Party.DRIVER, hello, town.clock, wall)
    event = asked(town, wall, driver)
    assert gathering.make(event, files, town.clock, wall)
    found = unpacked(event)
    assert set(found) == {"README.txt"} | {f"{one.section}.json" for one in COLLECTORS}
    assert json.loads(found["person.json"])["name"] == "Ana Diaz"
    assert [one["id"] for one in json.loads(found["deliveries.json"])] == [order.id]
    assert [one["text"] for one in json.loads(found["messages.json"])["messages"]] == ["The bell is broken."]
    assert json.loads(found["positions.json"])["by_day"]
    assert [one["outcome"] for one in json.loads(found["decisions.json"])] == ["asked"]
    assert [one["accepted"] for one in json.loads(found["offers.json"])] == [True]


def test_an_export_tells_nothing_of_customers_or_of_other_drivers(town, wall, files):
    driver = town.driver()
    other = town.driver(900, email="b@example.com", phone="+13125550111", name="Ben Other")
    town.assigned(driver)
    event = asked(town, wall, driver)
    gathering.make(event, files, town.clock, wall)
    everything = "".join(unpacked(event).values())
    for secret in (CUSTOMER.name, CUSTOMER.phone, CUSTOMER.address, CUSTOMER.notes, other.id, "Ben Other"):
        assert secret not in everything


def test_who_asks_twice_within_a_day_gets_the_same_export_and_the_job_runs_once(town, wall, files):
    driver = town.driver()
    event = asked(town, wall, driver)
    assert exports.request(driver.id, town.clock, wall).export_id == event.data["export_id"]
    assert gathering.make(event, files, town.clock, wall)
    assert not gathering.make(event, files, town.clock, wall)
    town.later(hours=24)
    assert exports.request(driver.id, town.clock, wall).export_id != event.data["export_id"]


def test_a_link_is_given_until_the_file_is_gone(town, wall, files):
    driver = town.driver()
    event = asked(town, wall, driver)
    assert exports.latest(driver.id, wall).export.link is None
    gathering.make(event, files, town.clock, wall)
    ready = exports.latest(driver.id, wall).export
    assert (ready.state, ready.link is not None) == (ExportState.READY, True)
    wall.advance(timedelta(days=7))
    assert exports.latest(driver.id, wall).export.link is None


def test_an_export_of_a_driver_who_asked_for_none_is_none(town, wall):
    assert exports.latest(town.driver().id, wall).export is None


def test_a_message_about_an_export_that_is_gone_changes_nothing(town, wall, files):
    event = asked(town, wall, town.driver())
    row = ExportRow.find(event.data["export_id"], "EXPORT")
    row.delete(add_version_condition=False)
    assert not gathering.make(event, files, town.clock, wall)


def test_an_erased_driver_s_file_and_requests_are_gone(town, wall, files):
    driver = town.driver()
    event = asked(town, wall, driver)
    gathering.make(event, files, town.clock, wall)
    corrections.ask(driver.id, request(), town.clock, wall)
    exports.erase_of_driver(driver.id, files)
    corrections.erase_of_driver(driver.id)
    assert boto3.client("s3").list_objects_v2(Bucket="exports")["KeyCount"] == 0
    (left,) = corrections.own(driver.id).corrections
    assert (left.wanted, left.reason) == (None, None)


def request(field="name", wanted="Ana Diaz-Lee", request_id=None):
    return CorrectionInput(request_id=request_id or str(uuid4()), field=field, wanted=wanted, reason="I married.")


def test_a_granted_name_is_changed_and_the_driver_is_found_by_it(town, wall):
    driver = town.driver()
    asked_for = corrections.ask(driver.id, request(), town.clock, wall)
    (line,) = corrections.waiting(town.clock).corrections
    assert (line.wanted, line.driver_name, line.overdue) == ("Ana Diaz-Lee", "Ana Diaz", False)
    words = CorrectionDecision(granted=True, words="Your certificate shows it.")
    corrections.decide(asked_for.correction_id, words, "staff_ana", town.clock, wall)
    assert vault.person(driver.person_token).name == "Ana Diaz-Lee"
    assert driver.id in vault.found("lee", 5)
    (told,) = corrections.own(driver.id).corrections
    assert (told.state, told.words) == (CorrectionState.GRANTED, "Your certificate shows it.")
    assert corrections.waiting(town.clock).corrections == ()


def test_a_refused_request_changes_nothing_and_tells_why(town, wall):
    driver = town.driver()
    one = corrections.ask(driver.id, request(), town.clock, wall)
    corrections.decide(
        one.correction_id, CorrectionDecision(granted=False, words="No proof."), "staff_ana", town.clock, wall
    )
    assert vault.person(driver.person_token).name == "Ana Diaz"
    (told,) = corrections.own(driver.id).corrections
    assert (told.state, told.words) == (CorrectionState.REFUSED, "No proof.")


def test_of_two_who_decide_the_second_is_refused(town, wall):
    one = corrections.ask(town.driver().id, request(), town.clock, wall)
    decision = CorrectionDecision(granted=True, words="Yes.")
    corrections.decide(one.correction_id, decision, "staff_ana", town.clock, wall)
    with pytest.raises(Conflict) as refused:
        corrections.decide(one.correction_id, decision, "staff_ben", town.clock, wall)
    assert refused.value.code == "decided_already"


def test_the_same_request_again_is_the_same_request(town, wall):
    driver, name = town.driver(), str(uuid4())
    one = corrections.ask(driver.id, request(request_id=name), town.clock, wall)
    assert corrections.ask(driver.id, request(request_id=name), town.clock, wall) == one
    assert len(corrections.own(driver.id).corrections) == 1


def test_the_same_id_of_another_driver_is_another_request(town, wall):
    name = str(uuid4())
    one = corrections.ask(town.driver().id, request(request_id=name), town.clock, wall)
    other = town.driver(900, email="b@example.com", phone="+13125550111")
    assert corrections.ask(other.id, request(request_id=name), town.clock, wall).correction_id != one.correction_id


def test_only_so_many_requests_wait_at_once(town, wall):
    driver = town.driver()
    for _ in range(10):
        corrections.ask(driver.id, request(), town.clock, wall)
    with pytest.raises(Conflict) as refused:
        corrections.ask(driver.id, request(), town.clock, wall)
    assert refused.value.code == "too_many_open"


def test_a_request_that_was_not_answered_in_time_is_shown_as_overdue(town, wall):
    driver = town.driver()
    corrections.ask(driver.id, request("rating", "The star was for the shop."), town.clock, wall)
    corrections.ask(driver.id, request(), town.clock, wall)
    town.later(days=14, seconds=1)
    first, second = corrections.waiting(town.clock).corrections
    assert [(first.field, first.overdue), (second.field, second.overdue)] == [("rating", True), ("name", False)]


def test_there_is_no_request_that_nobody_made(town, wall):
    with pytest.raises(NotFound):
        corrections.decide("cor_none", CorrectionDecision(granted=True, words="Yes."), "staff_ana", town.clock, wall)
