"""While the orders of a zone are paused none is taken, and none of a shop is lost."""

from datetime import timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.rounds import service as rounds
from crowdship.intake.orders import many
from crowdship.intake.orders.model import BulkRequest, QuoteRequest, Spot
from crowdship.intake.quotes import service as quotes
from crowdship.intake.shops import ignored
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants.connections import SourceName
from crowdship.shipment.windows import Window
from crowdship.zones import service as zones
from crowdship.zones.pauses import PauseInput
from tests.city import City, at, request, settings
from tests.integration.intake.shops import Shops

pytestmark = pytest.mark.usefixtures("aws")


def pause(city, minutes=30, **changes):
    until = city.clock.now() + timedelta(minutes=minutes) if minutes else None
    asked = {"orders": True, "offers": False, "until": until, "reason": "storm", **changes}
    return zones.pause("testville", PauseInput(**asked), "ana", city.clock)


def window(city, minutes):
    opens = city.clock.now() + timedelta(minutes=minutes)
    return Window(opens_at=opens, closes_at=opens + timedelta(hours=1))


def test_orders_and_quotes_are_refused_with_the_end_of_the_pause():
    city = City.open()
    pause(city)
    for ask in (
        lambda: city.order(),
        lambda: quotes.quote(city.merchant, QuoteRequest(dropoff=Spot(point=at(500))), city.clock),
    ):
        with pytest.raises(Unprocessable, match="takes no orders until 2026-06-01T12:30:00Z") as refused:
            ask()
        assert refused.value.code == "zone_paused"


def test_the_pause_ends_by_itself_or_by_staff():
    city = City.open()
    pause(city)
    city.later(minutes=30)
    assert city.order("after").state == "created"
    pause(city, minutes=None)
    city.later(days=2)
    with pytest.raises(Unprocessable, match="until staff end the pause"):
        city.order("never")
    zones.go_on("testville")
    assert city.order("now").state == "created"


def test_an_order_for_after_the_pause_is_taken_and_one_that_was_quoted_before_it():
    city = City.open()
    quote = quotes.quote(city.merchant, QuoteRequest(dropoff=Spot(point=at(2000))), city.clock)
    pause(city, minutes=10)
    assert city.order("later", pickup_window=window(city, 10)).state == "created"
    with pytest.raises(Unprocessable, match="takes no orders"):
        city.order("sooner", pickup_window=window(city, 9))
    assert city.order("quoted", quote_id=quote.id).quote_id == quote.id


def test_a_pause_of_offers_alone_takes_orders():
    city = City.open()
    pause(city, orders=False, offers=True)
    assert city.order().state == "created"


def test_changed_settings_do_not_end_a_pause():
    city = City.open()
    pause(city)
    zones.put("testville", settings(limits={"open_stops": 4}))
    assert zones.get("testville").pause.reason == "storm"
    assert zones.get("testville").settings.dispatch.limits.open_stops == 4


def test_a_pause_that_would_be_over_or_pauses_nothing_is_refused():
    city = City.open()
    with pytest.raises(Unprocessable, match="name a later moment"):
        pause(city, minutes=-1)
    with pytest.raises(ValueError, match="to end one, delete it"):
        PauseInput(orders=False, offers=False, reason="none")


def test_each_row_of_a_bulk_is_refused():
    city = City.open()
    pause(city)
    asked = BulkRequest(deliveries=[request("a").model_dump(mode="json", exclude_unset=True)])
    told = many.create_bulk_once(city.merchant, asked, "key-1", lambda delivery: None, city.clock)
    assert [row["problem"]["code"] for row in told.body["rows"]] == ["zone_paused"]


def test_a_shops_order_waits_for_the_end_of_the_pause():
    shops = Shops()
    shops.settings("shopify", when_closed="next_opening")
    until = shops.city.clock.now() + timedelta(minutes=30)
    zones.pause("testville", PauseInput(orders=True, offers=False, until=until, reason="x"), "ana", shops.city.clock)
    assert shops.made("shopify").pickup_window.opens_at == until


@pytest.mark.parametrize(("minutes", "when_closed"), [(None, "next_opening"), (30, "refuse")])
def test_a_shops_order_that_cannot_wait_is_kept_to_be_tried_again(minutes, when_closed):
    shops = Shops()
    shops.settings("shopify", when_closed=when_closed)
    pause(shops.city, minutes=minutes)
    told = shops.post("shopify", shops.order("shopify"))
    assert told.delivery_id is None
    (kept,) = ignored.page(shops.merchant.id, SourceName.SHOPIFY, None, 10).messages
    assert (kept.code, kept.can_retry) == ("zone_paused", True)


def test_a_pause_holds_a_round_that_is_being_planned(monkeypatch):
    city = City.open()
    city.driver(east_m=100)
    order = city.order()
    plan = rounds._planned

    def planned_while_somebody_pauses(*given):
        made = plan(*given)
        zones.pause("testville", PauseInput(orders=False, offers=True, reason="storm"), "ana", city.clock)
        return made

    monkeypatch.setattr(rounds, "_planned", planned_while_somebody_pauses)
    assert rounds.round_of("testville", city.clock).made == ()
    assert deliveries.get(order.id).offer_ids == ()
