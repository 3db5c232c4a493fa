"""What merchants share with us: signing secrets and shops' secrets."""

import boto3
import pytest

from crowdship.kernel import secrets
from crowdship.merchants import service as merchants
from tests.city import City

pytestmark = pytest.mark.usefixtures("aws")
SHOP_SECRET = "hush-hush-hush-hush"


@pytest.fixture
def city():
    secrets._provider = None
    yield City.open()
    secrets._provider = None


def add(city, url):
    return merchants.add_endpoint(city.merchant.id, url, city.clock, private_allowed=False)


def test_endpoints_that_are_added_at_once_keep_their_secrets_each(city, monkeypatch):
    write, added = merchants.write_secret_fields, []

    def meanwhile(name, fields):
        if not added:
            added.append(None)
            added[0] = add(city, "https://a.example/hooks")
        write(name, fields)

    monkeypatch.setattr(merchants, "write_secret_fields", meanwhile)
    added.append(add(city, "https://b.example/hooks"))
    endpoints = [endpoint for endpoint, _ in added]
    assert list(merchants.get(city.merchant.id).endpoints) == endpoints
    for endpoint, secret in added:
        assert merchants.signing_secrets(city.merchant.id, endpoint.endpoint_id) == [secret]


def test_a_shop_and_endpoints_have_secrets_of_their_own(city):
    endpoint, signing = add(city, "https://a.example/hooks")
    merchants.connect_shopify(city.merchant.id, "bakery.myshopify.com", SHOP_SECRET)
    assert merchants.signing_secrets(city.merchant.id, endpoint.endpoint_id) == [signing]
    assert merchants.shopify_secret(city.merchant.id) == SHOP_SECRET
    names = {secret["Name"] for secret in boto3.client("secretsmanager").list_secrets()["SecretList"]}
    assert names == {f"crowdship/merchants/{city.merchant.id}/{of}" for of in (endpoint.endpoint_id, "shopify")}


def test_what_was_never_shared_is_nothing(city):
    assert merchants.signing_secrets(city.merchant.id, "ept_1") == []
    assert merchants.shopify_secret(city.merchant.id) is None
