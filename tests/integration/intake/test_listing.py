"""A merchant lists the deliveries of a day."""

import re
from datetime import timedelta

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.dispatch import cancellation
from crowdship.intake.orders.answers import page_of
from crowdship.kernel.errors import Unprocessable
from crowdship.pricing.terms import CancelReason
from tests.city import NOON, City

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city(monkeypatch):
    secret = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString="s" * 32)
    monkeypatch.setenv("TRACKING_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("PAGES_URL", "https://pages.crowdship.example")
    return City.open()


def pages(city, limit, day=None):
    day = day or NOON.date()
    cursor, found = None, []
    while True:
        page = page_of(city.merchant.id, day, cursor, limit)
        found.append([one.external_id for one in page.deliveries])
        cursor = page.cursor
        if cursor is None:
            return found


def test_a_day_is_listed_page_by_page_in_the_order_of_creation(city):
    for number in range(7):
        city.clock.advance(timedelta(seconds=1))
        city.order(f"order-{number}")
    assert pages(city, 3) == [
        ["order-0", "order-1", "order-2"],
        ["order-3", "order-4", "order-5"],
        ["order-6"],
    ]


def test_orders_of_one_moment_are_listed_once_each(city):
    for number in range(7):
        city.order(f"order-{number}")
    listed = [external_id for page in pages(city, 2) for external_id in page]
    assert sorted(listed) == [f"order-{number}" for number in range(7)]


def test_what_has_ended_is_listed_as_it_ended(city):
    order = city.order("order-1")
    cancellation.cancel(order.id, city.merchant.id, CancelReason.CUSTOMER_CHANGED_MIND, city.clock)
    (listed,) = page_of(city.merchant.id, NOON.date(), None, 10).deliveries
    assert listed.state == "cancelled"
    assert [step.state for step in listed.timeline] == ["created", "cancelled"]


def test_other_days_and_other_merchants_are_not_listed(city):
    city.order("order-1")
    assert pages(city, 10, NOON.date() + timedelta(days=1)) == [[]]
    assert deliveries.listed(Filters(merchant_id="mer_other", day=NOON.date()), None, 10) == ([], None)


def test_an_empty_day_is_one_empty_page(city):
    page = page_of(city.merchant.id, NOON.date(), None, 10)
    assert (page.deliveries, page.cursor) == ((), None)


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA", "MjAyNi0wNi0wMQ", "\u0661", "é"])
def test_a_cursor_of_no_list_is_refused(city, cursor):
    with pytest.raises(Unprocessable, match=re.escape("no cursor of ours")):
        page_of(city.merchant.id, NOON.date(), cursor, 10)
