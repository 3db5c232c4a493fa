"""One door decides who may order, whichever way the order comes."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import FailureReason, State
from crowdship.intake import accounts
from crowdship.intake.imports import service as importing
from crowdship.intake.orders import changes, many
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import BulkRequest, JobRequest, QuoteRequest, RedeliveryRequest, Spot
from crowdship.intake.quotes import service as quoting
from crowdship.intake.shops import ignored, receiving
from crowdship.intake.sources import shopify
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Forbidden, Unauthorized
from crowdship.merchants import service as merchants
from crowdship.merchants.connections import SourceName
from crowdship.merchants.model import Mode, Scope
from crowdship.merchants.views import TermsInput
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from tests.city import at, request
from tests.integration.intake.shops import MODULES, Shops

pytestmark = pytest.mark.usefixtures("aws")
CSV = (
    b"external_id,customer,phone,address,dropoff_lat,dropoff_lon\nrow-1,Kim Lee,+13125550123,9 Lake View,41.01,-87.01\n"
)


@pytest.fixture
def shops(monkeypatch):
    monkeypatch.setattr(ignored.logger, "warning", lambda *words, **fields: None)
    return Shops()


def active(shops, active):
    return accounts.change_terms(shops.city.merchant.id, TermsInput(active=active))


def told(delivery):
    return {"id": delivery.id}


ASKED = QuoteRequest(dropoff=Spot(point=at(2000, 0)))
JOB = JobRequest.model_validate(
    {"dropoffs": [request(f"job-{n}").model_dump(include={"external_id", "dropoff"}) for n in range(2)]}
)
WAYS = {
    "order": lambda merchant, clock: intake.create_once(merchant, request("o"), "k", told, clock),
    "quote": lambda merchant, clock: quoting.quote(merchant, ASKED, clock),
    "job": lambda merchant, clock: many.create_job(merchant, JOB, "job_1", clock),
    "source": lambda merchant, clock: intake.create(merchant, request("s"), "shopify", clock),
}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("way", WAYS)
def test_an_inactive_merchant_orders_in_no_way_not_even_a_test(shops, way, mode):
    merchant = active(shops, active=False).acting(mode)
    with pytest.raises(Forbidden, match="merchant_inactive"):
        WAYS[way](merchant, shops.city.clock)
    again = active(shops, active=True).acting(mode)
    assert WAYS[way](again, shops.city.clock)


def test_an_inactive_merchants_bulk_and_file_make_nothing(shops):
    merchant, clock = active(shops, active=False), shops.city.clock
    (row,) = many.create_bulk_once(merchant, BulkRequest(deliveries=(request("b"),)), "k", told, clock).body["rows"]
    assert (row["status"], row["problem"]["code"]) == (403, "merchant_inactive")
    with pytest.raises(Forbidden, match="merchant_inactive"):
        importing.import_once(merchant, CSV, "k", clock)


def test_a_quote_that_was_open_when_its_merchant_was_deactivated_is_not_taken_up(shops):
    quote = quoting.quote(shops.merchant, ASKED, shops.city.clock)
    merchant = active(shops, active=False)
    with pytest.raises(Forbidden, match="merchant_inactive"):
        intake.create(merchant, request("q", quote_id=quote.id), merchant.id, shops.city.clock)
    assert intake.quote_of_merchant(quote.id, merchant.id).delivery_id is None


def test_what_came_back_is_not_tried_again_for_an_inactive_merchant(shops):
    city = shops.city
    driver = city.driver()
    order = city.assigned(driver)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.fail(order.id, driver.id, FailureReason.PICKUP_CLOSED, order.pickup, None, city.clock)
    merchant = active(shops, active=False)
    with pytest.raises(Forbidden, match="merchant_inactive"):
        changes.redeliver_once(order.id, merchant, RedeliveryRequest(external_id="again"), "k", told, city.clock)


@pytest.mark.parametrize("name", MODULES)
def test_an_inactive_merchants_shops_make_and_change_nothing_and_may_call_off(shops, name):
    made = shops.made(name)
    active(shops, active=False)
    news = {"tip": 500} if name == "webhook" else {"note": "changed", "customer_note": "changed"}
    known = shops.order(name, **news)
    other = shops.order(name, **({"external_id": "new"} if name == "webhook" else {"id": 4712}))
    for body in (known, other):
        if name == "webhook":
            with pytest.raises(Forbidden, match="merchant_inactive"):
                shops.post(name, body)
        else:
            assert shops.post(name, body) == SourceAnswer(ignored="merchant_inactive")
    assert deliveries.get(made.id).stored_version == made.stored_version
    if name != "webhook":
        gone = {"status": "cancelled", "cancelled_at": "2026-06-01T12:00:00Z"}
        shops.post(name, shops.order(name, **gone))
        assert deliveries.get(made.id).state is State.CANCELLED


def test_a_message_that_is_tried_again_passes_the_same_door(shops):
    active(shops, active=False)
    shops.post("shopify", shops.order("shopify"))
    (listed,) = ignored.page(shops.merchant.id, SourceName.SHOPIFY, None, 10).messages
    with pytest.raises(Forbidden, match="merchant_inactive"):
        receiving.retry(shopify, shops.merchant.id, listed.message_id, shops.city.clock)
    active(shops, active=True)
    assert receiving.retry(shopify, shops.merchant.id, listed.message_id, shops.city.clock).delivery_id


def test_an_inactive_merchants_keys_open_nothing(shops):
    key = merchants.issue_key(shops.merchant.id, frozenset(Scope), shops.city.clock)
    active(shops, active=False)
    with pytest.raises(Unauthorized):
        merchants.authenticate(key, Scope.WRITE)
