"""Emergencies, through the functions as API Gateway calls them."""

import json
from datetime import timedelta

import pytest

from crowdship.adapters.observability import metrics
from crowdship.contact.erasure import erase_person
from crowdship.contact.store import EmergencyRow
from crowdship.drivers import duty
from crowdship.vault.store import VaultRow
from tests.city import City, bar
from tests.contracts import validate_event
from tests.integration.settlement.test_functions import ask, function

pytestmark = pytest.mark.usefixtures("aws")

ID = "3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"
OTHER_ID = "4f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"


@pytest.fixture
def city():
    return City.open()


def as_driver(city, driver, method, path, body=None):
    module = function("driver/contact", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/driver/{path}", group="drivers", username=driver.id, body=body)


def press(city, driver, **fields):
    return as_driver(city, driver, "POST", "emergencies", {"emergency_id": ID, **fields})


def as_staff(city, method, path, body=None, username="ana"):
    module = function("console/contact", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/staff/{path}", username=username, body=body)


def open_ones(city):
    return as_staff(city, "GET", "emergencies")[1]["emergencies"]


def events_of(emergency_id):
    return json.loads(EmergencyRow.find(emergency_id, EmergencyRow.SORT).events)


def test_a_press_reaches_staff_with_all_they_need_to_call_back(city):
    driver = city.driver()
    status, told = press(city, driver, position={"lat": 41.0, "lon": -87.0}, note="hit by a car")
    assert (status, told["state"], told["handled_at"]) == (201, "open", None)
    (line,) = open_ones(city)
    assert (line["driver_name"], line["driver_phone"]) == ("Ana Diaz", "+13125550199")
    assert (line["note"], line["zone_id"]) == ("hit by a car", "testville")
    assert line["position"] == {"lat": 41.0, "lon": -87.0}
    (event,) = events_of(ID)
    validate_event(event)
    assert as_driver(city, driver, "GET", "emergencies")[1]["emergencies"] == [told]


def test_every_press_is_counted_but_makes_one_emergency(city, capsys):
    driver = city.driver()
    first = press(city, driver, note="help")
    city.later(minutes=1)
    assert press(city, driver, note="another text") == first
    assert len(open_ones(city)) == 1
    assert open_ones(city)[0]["note"] == "help"
    assert capsys.readouterr().out.count('"EmergencyRaised":[1.0]') == 2
    assert not metrics.metric_set


def test_nothing_that_comes_with_a_press_can_refuse_it(city):
    strange = {"position": {"lat": 900}, "note": ["x"], "device_at": "yesterday"}
    status, _ = press(city, city.driver(), **strange)
    assert status == 201
    (line,) = open_ones(city)
    assert (line["position"], line["note"]) == (None, None)


def test_a_long_note_is_cut_and_an_id_that_is_none_is_refused(city):
    driver = city.driver()
    press(city, driver, note="x" * 5000)
    assert open_ones(city)[0]["note"] == "x" * 1000
    status, told = as_driver(city, driver, "POST", "emergencies", {"emergency_id": "1"})
    assert (status, told["errors"][0]["pointer"]) == (422, "/emergency_id")


def test_a_driver_who_is_suspended_and_off_duty_is_heard(city):
    driver = city.driver()
    duty.end(driver.id, city.clock)
    bar(driver.id)
    assert press(city, driver)[0] == 201
    assert open_ones(city)[0]["zone_id"] == driver.home_zone_id


def test_an_emergency_stays_open_until_staff_handle_it_with_a_note(city):
    driver = city.driver()
    press(city, driver)
    city.later(days=3)
    assert as_staff(city, "POST", f"emergencies/{ID}/handle", {})[0] == 422
    status, handled = as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "ambulance sent"})
    assert (status, handled["state"], handled["handled_by"], handled["handling_note"]) == (
        200,
        "handled",
        "ana",
        "ambulance sent",
    )
    validate_event(events_of(ID)[0])
    assert open_ones(city) == []
    assert as_driver(city, driver, "GET", "emergencies")[1]["emergencies"] == []
    assert as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "again"})[1] == handled
    status, told = as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "me too"}, username="bo")
    assert (status, told["code"]) == (409, "handled_already")
    assert press(city, driver)[1]["state"] == "handled", "a repeated press of an old emergency opens none"


def test_the_longest_open_emergency_stands_first_and_an_unknown_one_is_not_found(city):
    press(city, city.driver())
    city.later(seconds=5)
    as_driver(city, city.driver(), "POST", "emergencies", {"emergency_id": OTHER_ID})
    assert [line["emergency_id"] for line in open_ones(city)] == [ID, OTHER_ID]
    status, told = as_staff(city, "POST", "emergencies/none/handle", {"note": "x"})
    assert (status, told["code"]) == (404, "no_such_emergency")


def test_an_id_of_another_driver_shows_nothing_of_theirs(city):
    press(city, city.driver(), note="secret")
    status, told = press(city, city.driver())
    assert (status, told["code"]) == (409, "emergency_id_used")


def test_texts_are_in_the_vault_alone_and_go_with_the_driver(city):
    driver = city.driver()
    press(city, driver, note="hit by a car")
    as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "ambulance sent"})
    rows = [*EmergencyRow.query(ID), *EmergencyRow.query(driver.id)]
    assert len(rows) == 2
    assert not [row for row in rows if "hit by" in row.body or "ambulance" in row.body]
    duty.end(driver.id, city.clock)
    erase_person(driver.id, *[lambda driver_id: None] * 3)
    assert "hit by" not in str([row.body for row in VaultRow.scan()])
    (line,) = [as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "x"})[1]]
    assert (line["note"], line["handling_note"], line["driver_name"]) == (None, None, None)


def test_an_emergency_expires_once_it_is_handled_and_never_before(city):
    press(city, city.driver(), note="help")
    assert EmergencyRow.find(ID, EmergencyRow.SORT).expires_at is None
    as_staff(city, "POST", f"emergencies/{ID}/handle", {"note": "x"})
    expires_at = int((city.clock.now() + timedelta(days=90)).timestamp())
    assert EmergencyRow.find(ID, EmergencyRow.SORT).expires_at == expires_at
    assert {row.expires_at for row in VaultRow.scan() if '"text"' in row.body} == {expires_at}
