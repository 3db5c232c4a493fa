"""Whoever has proved nothing yet costs next to nothing."""

import pytest
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from crowdship.adapters import secrets
from crowdship.adapters.callers import Callers
from crowdship.intake.shops import ignored
from crowdship.kernel.errors import TooManyRequests, Unauthorized
from crowdship.kernel.ids import new_id
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.merchants.model import sandbox_id
from tests.faults import failing_call
from tests.integration.intake.shops import Shops

pytestmark = pytest.mark.usefixtures("aws")
NAME = SourceName.SHOPIFY


@pytest.fixture
def shops(monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)
    return Shops()


def asked(shops, merchant_id, caller="192.0.2.1"):
    """Return which calls of AWS it took to refuse a stranger."""
    with failing_call() as calls, pytest.raises((Unauthorized, TooManyRequests)):
        sources.secrets_for_stranger(merchant_id, NAME, shops.city.clock.now(), caller)
    return calls.made


@pytest.mark.parametrize(
    "merchant_id", ["mer_1", "anything", "mer_" + "o" * 24, "mer_" + "a" * 25, "../x", "mer_" + "٣" * 24, ""]
)
def test_an_id_that_can_not_be_ours_is_looked_up_nowhere(shops, merchant_id):
    assert asked(shops, merchant_id) == []
    assert asked(shops, sandbox_id(shops.merchant.id)) == []


def test_a_system_that_there_is_not_is_looked_up_once(shops):
    unknown = new_id("mer")
    assert len(asked(shops, unknown)) == 1
    assert [asked(shops, unknown, f"192.0.2.{n}") for n in range(5)] == [[]] * 5


def test_whoever_makes_up_ids_is_looked_up_for_twenty_times_a_minute(shops, monkeypatch):
    monkeypatch.setattr("crowdship.adapters.callers.time.time", lambda: 1_000_000.0)
    calls = [asked(shops, new_id("mer")) for _ in range(60)]
    assert sum(map(len, calls)) == 20
    with pytest.raises(TooManyRequests) as refusal:
        sources.secrets_for_stranger(new_id("mer"), NAME, shops.city.clock.now(), "192.0.2.1")
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 60
    assert len(asked(shops, new_id("mer"), "192.0.2.2")) == 1


def test_a_shop_on_a_strangers_host_is_not_shut_out(shops, monkeypatch):
    assert shops.post("shopify", shops.order("shopify"), caller="192.0.2.1").delivery_id
    for _ in range(60):
        asked(shops, new_id("mer"))
    secrets._provider = None
    assert shops.post("shopify", shops.order("shopify", id=2), caller="192.0.2.1").delivery_id


def test_a_system_that_is_connected_opens_at_once_though_it_was_asked_for_before(shops):
    sources.disconnect(shops.merchant.id, NAME)
    other = new_id("mer")
    asked(shops, other)
    shops.city.merchant = shops.city.merchant.with_changes(id=other)
    from crowdship.adapters.storage import UnitOfWork
    from crowdship.merchants.store import MerchantRow

    work = UnitOfWork()
    work.store(MerchantRow.of(shops.city.merchant.with_changes(stored_version=0)))
    work.commit()
    clock = shops.city.clock
    shops.secrets["shopify"] = sources.connect(other, NAME, "bakery.myshopify.com", clock, clock)
    assert shops.post("shopify", shops.order("shopify"), caller="192.0.2.1").delivery_id


def test_a_failure_to_ask_is_not_taken_for_a_no(shops):
    secrets._provider = None
    with failing_call(1) as calls, pytest.raises(GetParameterError):
        shops.post("shopify", shops.order("shopify"))
    assert calls.failed == "secretsmanager.GetSecretValue"
    assert shops.post("shopify", shops.order("shopify")).delivery_id


def test_one_caller_is_counted_by_the_minute_and_apart_from_others(monkeypatch):
    moment = [60_000.0]
    monkeypatch.setattr("crowdship.adapters.callers.time.time", lambda: moment[0])
    callers = Callers(3, "calls")
    for _ in range(3):
        callers.check("drv_1")
        callers.count("drv_1")
    with pytest.raises(TooManyRequests, match="rate_limited"):
        callers.check("drv_1")
    callers.check("drv_2")
    moment[0] += 60
    callers.check("drv_1")
