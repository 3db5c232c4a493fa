"""A shipment: one value, whose fields are handed on whole."""

import pytest

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch.offers.views import OfferedDelivery
from crowdship.intake.orders.agreement import Agreement
from crowdship.intake.orders.views import QuoteView
from crowdship.shipment.shipment import Outline, Shipment
from tests.city import delivery


def test_the_parts_of_a_shipment_are_all_its_fields():
    order = delivery(goods="alcohol")
    assert order.parts() == {name: getattr(order, name) for name in Shipment.model_fields}
    assert order.outline() == {name: getattr(order, name) for name in Outline.model_fields}


@pytest.mark.parametrize("kind", [Agreement, Delivery, DeliveryView, QuoteView])
def test_whatever_speaks_of_a_shipment_has_all_its_fields(kind):
    assert kind.model_fields.keys() >= Shipment.model_fields.keys()


def test_an_offer_tells_nothing_of_the_category_of_the_goods():
    offered = OfferedDelivery.of(delivery(goods="prescription")).model_dump(mode="json")
    assert "prescription" not in str(offered)
    assert offered.keys() >= Outline.model_fields.keys()
