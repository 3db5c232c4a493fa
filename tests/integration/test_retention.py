"""Retention on a clock that jumps: what DynamoDB deletes by then is gone, and what a hold needs stays."""

from datetime import timedelta

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Ground, Verdict
from crowdship.intake import retention as keeping
from crowdship.kernel import retention
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.stops import holds
from crowdship.stops import service as stops
from crowdship.tracking.page import changes
from crowdship.tracking.page.actions import RatingInput
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token, notes_token
from crowdship.zones import service as zones
from infra.tables import TABLES
from tests.city import City, at
from tests.integration.conftest import items_of
from tests.integration.intake.test_erasure import at_the_door, hand_over, held

pytestmark = pytest.mark.usefixtures("aws")

EVERY = timedelta(days=1)


def expire(now):
    """Delete what DynamoDB would have deleted by a moment."""
    client = boto3.client("dynamodb")
    for name, shape in TABLES.items():
        if shape.expires is None:
            continue
        keys = [shape.partition, *([shape.sort] if shape.sort else [])]
        for item in client.scan(TableName=f"crowdship-{name}")["Items"]:
            ends = item.get(shape.expires)
            if ends and float(ends["N"]) <= now.timestamp():
                client.delete_item(TableName=f"crowdship-{name}", Key={key: item[key] for key in keys})


def live(city, days):
    """Let days pass, on each of which the task runs and DynamoDB deletes."""
    for _ in range(days):
        city.later(days=1)
        keeping.keep_held(city.clock)
        expire(city.clock.now())


def is_kept(order):
    return bool(vault.contacts_of([order.contacts_token]))


@pytest.fixture
def city():
    return City.open()


def test_a_customer_is_forgotten_ninety_days_after_the_delivery_without_anybody_asking(city):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order, note="behind the house of Kim")
    changes.rate(order.id, RatingInput(stars=2, comment="Kim was not amused"), city.clock, city.clock)
    live(city, 89)
    assert is_kept(order)
    assert vault.driver_notes(notes_token(order.id))
    live(city, 2)
    assert not is_kept(order)
    assert vault.driver_notes(notes_token(order.id)) is None
    assert vault.comment(comment_token(order.id)) is None
    left = str([items_of(f"crowdship-{name}") for name in TABLES if name != "vault"])
    assert "Kim" not in left
    assert "Lake" not in left
    assert deliveries.get(order.id).state == "delivered", "the books need it"
    assert vault.person(driver.person_token).name, "a driver stays until they are erased"


def test_what_a_hold_needs_stays_until_it_is_decided_and_ends_then(city):
    driver = city.driver()
    order = held(city, driver)
    live(city, 200)
    assert is_kept(order)
    assert vault.driver_notes(notes_token(order.id)).texts
    holds.decide(order.id, Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, "ana", city.clock)
    live(city, 31)
    assert not is_kept(order)
    assert vault.driver_notes(notes_token(order.id)) is None


def test_a_hold_that_nobody_decides_ends_after_a_year(city):
    order = held(city, city.driver())
    live(city, retention.HOLD_AT_MOST.days - 1)
    assert is_kept(order)
    live(city, 3)
    assert not is_kept(order)
    assert deliveries.get(order.id).hold.is_open


def test_a_change_of_contacts_keeps_their_end(city):
    order = city.order()
    changes.instruct(order.id, changes_to("the blue door"), city.clock)
    contacts = vault.contacts(order.contacts_token)
    assert contacts.dropoff.notes == "the blue door"
    assert contacts.kept_until == order.dropoff_window.closes_at + retention.CONTACTS


def changes_to(text):
    from crowdship.tracking.page.actions import InstructionsInput

    return InstructionsInput(text=text)


def test_all_that_the_vault_keeps_of_a_delivery_has_an_end(city):
    driver = city.driver()
    order = at_the_door(city, driver)
    handed = DeliverInput(device_at=city.clock.now(), position=at(2003), received_by="Kim", note="with Kim")
    stops.deliver(order.id, driver.id, handed, ImageStore("none", object()), city.clock)
    rows = boto3.client("dynamodb").scan(TableName="crowdship-vault")["Items"]
    endless = [row["pk"]["S"] for row in rows if "expires_at" not in row and not row["pk"]["S"].startswith("WORD#")]
    assert endless == [driver.person_token]
    assert zones.every()
