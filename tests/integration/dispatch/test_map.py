"""Dispatchers look at the map of a zone."""

from datetime import timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.contact import emergencies
from crowdship.contact.emergency import EmergencyInput
from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment
from crowdship.dispatch.overview import service as overview
from crowdship.dispatch.overview.urgency import Reason
from crowdship.dispatch.rounds.waits import Wait
from crowdship.drivers import service as drivers
from crowdship.drivers.standing import Level, Standing
from crowdship.shipment.requirements.registry import Requirements
from crowdship.travel import current
from crowdship.travel.incidents import Incident
from crowdship.vault import service as vault
from crowdship.zones import service as zones
from crowdship.zones.pauses import PauseInput
from tests.city import NOON, City, Priority, at

pytestmark = pytest.mark.usefixtures("aws")


def seen(city):
    return overview.of_zone("testville", city.clock)


def line_of(shown, delivery):
    return next(line for line in shown.deliveries if line.delivery_id == delivery.id)


def test_a_driver_is_shown_with_name_position_and_the_stop_that_comes_next():
    city = City.open()
    driver, idle = city.driver(east_m=100), city.driver(east_m=900)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    busy, free = sorted(seen(city).drivers, key=lambda shown: shown.driver_id != driver.id)
    assert (busy.name, busy.vehicle, busy.position) == ("Ana Diaz", "car", at(100))
    assert (busy.heading, busy.delivery_id, busy.stops, busy.late_s) == ("pickup", order.id, 2, 0)
    assert (free.driver_id, free.heading, free.delivery_id, free.stops) == (idle.id, None, None, 0)
    assert busy.position_at == city.clock.now()


def test_the_most_urgent_delivery_comes_first_with_its_reasons():
    city = City.open()
    driver = city.driver(east_m=100)
    calm = assignment.assign_by_hand(city.order("calm").id, driver.id, "ana", city.clock)
    urgent = city.order("urgent", priority=Priority.URGENT)
    cold = city.order("cold", requirements=Requirements(skills=("cold_box",)))
    shown = seen(city)
    assert [line.delivery_id for line in shown.deliveries] == [cold.id, urgent.id, calm.id]
    lines = {line.delivery_id: line for line in shown.deliveries}
    assert (lines[cold.id].reasons, lines[cold.id].waits) == ((Reason.NO_DRIVER,), Wait.NOBODY_CAN_TAKE_IT)
    assert (lines[urgent.id].reasons, lines[urgent.id].waits) == ((Reason.URGENT_PRIORITY,), Wait.NEXT_ROUND)
    assert (lines[calm.id].urgency, lines[calm.id].waits, lines[calm.id].driver_id) == (0, None, driver.id)
    assert lines[calm.id].eta == deliveries.get(calm.id).eta
    assert (lines[calm.id].merchant_id, lines[calm.id].merchant) == (city.merchant.id, city.merchant.name)


def test_lateness_counts_for_open_deliveries_too_by_the_shortest_trip():
    city = City.open()
    order = city.order()
    city.later(minutes=59)
    line = line_of(seen(city), order)
    late = city.clock.now() + order.way.takes - order.dropoff_window.closes_at
    assert line.late_s == round(late.total_seconds()) > 0
    assert Reason.WILL_BE_LATE in line.reasons
    city.later(minutes=2)
    assert Reason.LATE in line_of(seen(city), order).reasons


def test_an_emergency_puts_each_of_its_drivers_deliveries_first_until_it_is_handled():
    city = City.open()
    driver = city.driver(east_m=100)
    order = assignment.assign_by_hand(city.order().id, driver.id, "ana", city.clock)
    pressed = EmergencyInput(emergency_id="3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77")
    emergency = emergencies.raise_emergency(driver.id, pressed, city.clock)
    first = seen(city).deliveries[0]
    assert (first.delivery_id, first.reasons) == (order.id, (Reason.EMERGENCY,))
    emergencies.handle(emergency.emergency_id, "Called back", "ana", city.clock, city.clock)
    assert line_of(seen(city), order).urgency == 0


def test_a_silent_driver_makes_each_of_their_deliveries_urgent():
    city = City.open()
    driver = city.driver(east_m=100)
    first, second = (
        assignment.assign_by_hand(city.order(name).id, driver.id, "ana", city.clock) for name in ("first", "second")
    )
    city.later(minutes=11)
    shown = seen(city)
    assert Reason.DRIVER_SILENT in line_of(shown, first).reasons
    assert Reason.DRIVER_SILENT in line_of(shown, second).reasons
    assert Reason.UNCONFIRMED_PLAN in line_of(shown, second).reasons


def test_an_offered_delivery_waits_for_the_answer_and_one_in_an_empty_zone_for_a_driver():
    city = City.open()
    lonely = city.order("lonely")
    assert line_of(seen(city), lonely).waits is Wait.NO_DRIVER
    city.driver(east_m=100)
    city.tick()
    assert line_of(seen(city), lonely).waits is Wait.OFFER_STANDS


def test_incidents_and_the_pause_are_on_the_map_until_they_are_over():
    city = City.open()
    until = city.clock.now() + timedelta(minutes=30)
    jam = Incident(centre=at(0), radius_m=200, slowdown=2, begins_at=city.clock.now(), ends_at=until)
    current.report("testville", jam, "a parade", "ana", city.clock)
    zones.pause("testville", PauseInput(orders=False, offers=True, until=until, reason="storm"), "ana", city.clock)
    order = city.order()
    city.driver()
    shown = seen(city)
    assert [incident.note for incident in shown.incidents] == ["a parade"]
    assert (shown.paused.offers, shown.paused.by) == (True, "ana")
    assert line_of(shown, order).waits is Wait.ZONE_PAUSED
    city.later(minutes=31)
    shown = seen(city)
    assert (shown.incidents, shown.paused) == ((), None)


def test_a_driver_whose_name_was_erased_has_none():
    city = City.open()
    driver = city.driver()

    vault.erase(driver.person_token)
    (shown,) = seen(city).drivers
    assert shown.name is None


def test_a_driver_is_shown_as_suspended_on_their_own_day_and_not_on_that_of_utc():
    city = City.open()
    driver = city.driver()
    tomorrow = Standing(level=Level.SUSPENSION, barred_from=NOON.date() + timedelta(days=1))
    work = UnitOfWork()
    drivers.keep(drivers.get(driver.id).with_changes(standing=tomorrow, time_zone="Pacific/Honolulu"), work)
    work.commit()
    city.later(hours=13)
    assert [one.suspended for one in seen(city).drivers] == [False]
    city.later(hours=12)
    assert [one.suspended for one in seen(city).drivers] == [True]
