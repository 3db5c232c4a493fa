"""Staff find deliveries and drivers by what people tell them."""

import pytest

from crowdship.dispatch.overview import search as searching
from crowdship.dispatch.overview.search import MOST_FOUND, search
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.erasure import erase_person
from crowdship.drivers.model import DriverChange, Vehicle
from crowdship.intake.orders import service as intake
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.model import Mode
from crowdship.shipment.vehicles import VehicleKind
from crowdship.vault.store import WordRow
from tests.city import City, driver_input, request

pytestmark = pytest.mark.usefixtures("aws")
VAN = Vehicle(kind=VehicleKind.VAN, max_weight_g=500_000, max_volume_l=5000, plate="KA RL 77")


def ids(found):
    return [line.id for line in found.deliveries]


def names(found):
    return [line.name for line in found.drivers]


def test_a_delivery_is_found_by_its_id_its_number_and_its_external_id_and_the_newest_comes_first():
    city = City.open()
    numbered = city.order("shop-77", order_number="#1001")
    city.later(minutes=1)
    plain = city.order("1001")
    assert ids(search("1001")) == [plain.id, numbered.id]
    assert ids(search("#1001")) == [plain.id, numbered.id]
    assert ids(search("SHOP-77")) == [numbered.id]
    assert ids(search(plain.id)) == [plain.id]
    assert ids(search("100")) == [], "only a whole number is a delivery's"


def test_a_test_delivery_is_not_found_by_its_number():
    city = City.open()
    intake.create(city.merchant.acting(Mode.TEST), request("tried"), "mer_test", city.clock)
    assert ids(search("tried")) == []


def test_a_driver_is_found_by_the_beginning_of_a_name_or_plate_and_those_on_duty_come_first():
    city = City.open()
    off = city.driver(name="Ana Alvarez")
    duty.end(off.id, city.clock)
    on = city.driver(name="Zoë Anand", vehicle=VAN)
    city.driver(name="Kim Lee")
    assert names(search("ana")) == ["Zoë Anand", "Ana Alvarez"]
    assert [(line.zone_id, line.on_duty) for line in search("ana").drivers] == [("testville", True), (None, False)]
    assert names(search("zoe an")) == ["Zoë Anand"]
    assert [line.driver_id for line in search("karl7").drivers] == [on.id]
    assert names(search(off.id)) == ["Ana Alvarez"]
    assert names(search("and")) == [], "only the beginning of a word counts"


def test_a_new_plate_takes_the_place_of_the_old_one():
    city = City.open()
    driver = city.driver(vehicle=VAN)
    drivers.change(driver.id, DriverChange(vehicle=VAN.model_copy(update={"plate": "NEW 123"})))
    assert names(search("karl77")) == []
    assert names(search("new-1")) == ["Ana Diaz"]


def test_who_is_erased_leaves_no_word_behind():
    city = City.open()
    driver = city.driver(name="Berta Brecht", vehicle=VAN)
    duty.end(driver.id, city.clock)
    erase_person(driver.id, *[lambda driver_id: None] * 3)
    assert names(search("berta")) == []
    for word in ("berta", "brecht", "karl77"):
        assert WordRow.found(word, 10) == []


def test_drivers_off_duty_have_names_too_and_those_who_are_erased_or_unknown_have_none():
    city = City.open()
    on, off, erased = (city.driver(name=name) for name in ("Zoë Anand", "Ana Alvarez", "Berta Brecht"))
    for driver in (off, erased):
        duty.end(driver.id, city.clock)
    erase_person(erased.id, *[lambda driver_id: None] * 3)
    told = searching.names([off.id, on.id, erased.id, off.id, "drv_nobody"]).drivers
    assert {line.driver_id: line.name for line in told} == {on.id: "Zoë Anand", off.id: "Ana Alvarez", erased.id: None}
    assert len(told) == 3


def test_twenty_of_each_are_found_at_most():
    city = City.open()
    for number in range(MOST_FOUND + 2):
        drivers.register(_person(number), city.clock, lambda driver_id, person: None)
    assert len(search("manfred").drivers) == MOST_FOUND


def _person(number):
    return driver_input(name=f"Manfred {number}", email=f"m{number}@example.com")


@pytest.mark.parametrize("blank", ["   ", " a  ", "\t\n  b"])
def test_a_search_for_blanks_is_refused(blank):
    with pytest.raises(Unprocessable, match="too_short"):
        search(blank)
