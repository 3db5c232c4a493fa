"""Who may drive, and when."""

from datetime import date, timedelta

import pytest

from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import Driver, Vehicle
from crowdship.kernel.errors import Conflict, Forbidden
from crowdship.shipment.vehicles import VehicleKind
from tests.city import NOON, SUSPENDED, driver_input


def driver(**fields):
    who = driver_input()
    given = {"vehicle": who.vehicle, "documents": who.documents, **fields}
    return Driver(id="drv_1", home_zone_id="z", person_token="pii", created_at=NOON, **given)


def test_going_on_duty_is_announced_once():
    on = driver().go_on_duty("z", NOON)
    assert [event.type for event in on.events] == ["driver.on_duty"]
    assert on.go_on_duty("z", NOON) is on


def test_who_is_on_duty_goes_to_another_zone_once_they_are_off_duty_in_the_first():
    on = driver().go_on_duty("z", NOON)
    with pytest.raises(Conflict, match="on duty in z; finish your stops there and go off duty first"):
        on.go_on_duty("y", NOON)
    assert on.go_off_duty(NOON, open_stops=0).go_on_duty("y", NOON).duty.zone_id == "y"


def test_a_paper_counts_until_the_end_of_its_last_day():
    papers = tuple(Document(kind=kind, valid_until=date(2026, 6, 1)) for kind in DocumentKind)
    assert driver(documents=papers).may_drive(NOON)
    assert not driver(documents=papers).may_drive(NOON + timedelta(days=1))


def test_missing_papers_are_named():
    with pytest.raises(Forbidden, match="driving_licence, identity, insurance, vehicle_registration"):
        driver(documents=()).go_on_duty("z", NOON)


def test_a_cyclist_needs_no_driving_licence():
    bicycle = Vehicle(kind=VehicleKind.BICYCLE, max_weight_g=10_000, max_volume_l=40)
    identity = (Document(kind=DocumentKind.IDENTITY, valid_until=date(2030, 1, 1)),)
    assert driver(vehicle=bicycle, documents=identity).may_drive(NOON)


def test_a_suspended_driver_takes_no_work():
    with pytest.raises(Forbidden, match="suspended"):
        driver(standing=SUSPENDED).go_on_duty("z", NOON)


def test_an_applicant_takes_no_work_until_activated_and_keeps_what_the_onboarding_granted():
    applicant = driver(onboarding=True)
    with pytest.raises(Forbidden, match="application is not finished"):
        applicant.go_on_duty("z", NOON)
    active = applicant.activate(NOON, (Credential(name="background_check"),))
    assert [event.type for event in active.events] == ["driver.activated"]
    assert active.may_drive(NOON)
    assert active.holds("background_check", NOON.date())
    assert active.activate(NOON, ()) is active


def test_nobody_leaves_with_open_stops():
    with pytest.raises(Conflict, match="stops_open"):
        driver().go_on_duty("z", NOON).go_off_duty(NOON, open_stops=1)
