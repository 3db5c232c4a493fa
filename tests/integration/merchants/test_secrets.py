"""What merchants share with us: shops' secrets."""

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from tests.city import City

pytestmark = pytest.mark.usefixtures("aws")
SHOP_SECRET = "hush-hush-hush-hush"


@pytest.fixture
def city():
    secrets._provider = None
    yield City.open()
    secrets._provider = None


def accepted(city, name=SourceName.SHOPIFY):
    secrets._provider = None
    return sources.accepted_secrets(city.merchant.id, name, city.clock.now())


def test_what_a_shop_signs_with_is_kept_as_a_secret(city):
    sources.connect(city.merchant.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SHOP_SECRET)
    assert accepted(city) == [SHOP_SECRET]
    names = {secret["Name"] for secret in boto3.client("secretsmanager").list_secrets()["SecretList"]}
    assert names == {f"crowdship/prod/merchants/{city.merchant.id}/shopify"}


def test_what_was_never_shared_is_nothing(city):
    assert accepted(city) == []


def connect(city, name=SourceName.WEBHOOK):
    return sources.connect(city.merchant.id, name, None, city.clock, city.clock)


def test_a_changed_secret_leaves_a_day_to_change_it_at_the_other_end(city):
    first = connect(city)
    city.later(hours=1)
    second = connect(city)
    assert accepted(city, SourceName.WEBHOOK) == [second, first]
    city.later(hours=24, seconds=1)
    assert accepted(city, SourceName.WEBHOOK) == [second]


def test_two_secrets_at_most_are_good_at_once(city):
    first, second, third = connect(city), connect(city), connect(city)
    assert accepted(city, SourceName.WEBHOOK) == [third, second]
    assert first not in (second, third)


def test_what_was_disconnected_begins_afresh(city):
    first = connect(city)
    sources.disconnect(city.merchant.id, SourceName.WEBHOOK)
    assert merchants.get(city.merchant.id).sources == ()
    assert accepted(city, SourceName.WEBHOOK) == [first]
    second = connect(city)
    assert accepted(city, SourceName.WEBHOOK) == [second]


def test_a_merchant_has_one_source_of_each_kind_since_it_was_first_connected(city):
    began = city.clock.now()
    for name in (*SourceName, *SourceName):
        connect(city, name)
        city.later(hours=1)
    told = merchants.get(city.merchant.id).sources
    assert {source.source for source in told} == set(SourceName)
    assert len(told) == len(SourceName)
    assert min(source.connected_at for source in told) == began
