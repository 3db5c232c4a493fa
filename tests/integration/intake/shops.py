"""A merchant with all kinds of shops, and orders as these send them."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

from standardwebhooks import Webhook

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.intake.shops import receiving
from crowdship.intake.sources.model import Message
from crowdship.intake.sources.registry import SOURCES
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.merchants.shop_settings import ShopSettings
from local.imitations.bigcommerce import TOKEN
from tests.city import City

SAMPLES = Path(__file__).parents[3] / "events/samples/sources"
SITES = {"shopify": "bakery.myshopify.com", "woocommerce": "https://bakery.example", "webhook": None}
MODULES = {name: SOURCES[SourceName(name)] for name in SITES}
FETCHED = SOURCES[SourceName.BIGCOMMERCE]
RECORDED = {
    "shopify": json.loads((SAMPLES / "shopify.orders-create.json").read_text()),
    "woocommerce": json.loads((SAMPLES / "woocommerce.order-created.json").read_text()),
    "webhook": json.loads((SAMPLES / "webhook.order.json").read_text()),
    "bigcommerce": json.loads((SAMPLES / "bigcommerce.orders-api.json").read_text()),
}
TOPICS = {"shopify": "orders/updated", "woocommerce": "order.updated", "webhook": ""}
VERSION = {"shopify": "updated_at", "woocommerce": "date_modified_gmt"}


class Shops:
    """A city's merchant with a shop of every kind, which keep the time of their last change as these do.

    One that only names its orders is there if the imitation of its API is.
    """

    def __init__(self, bigcommerce=None):
        self.api = bigcommerce
        secrets._provider = None
        sources.forget_callers()
        self.city = City.open()
        self.sent = 0
        clock = self.city.clock
        self.secrets = {
            name: sources.connect(self.city.merchant.id, SourceName(name), SITES[name], clock, clock)
            for name in MODULES
        }
        if bigcommerce:
            self.connect_fetched()

    def connect_fetched(self, token=TOKEN):
        fields = FETCHED.CONNECTION.model_validate({"api_path": self.api.api_path, "access_token": token})
        clock = self.city.clock
        self.secrets[FETCHED.NAME] = sources.connect_as(self.city.merchant.id, FETCHED.NAME, fields, clock, clock)

    @property
    def merchant(self):
        return merchants.get(self.city.merchant.id)

    def settings(self, name, **given):
        def change(merchant):
            source = merchant.source(SourceName(name))
            settings = ShopSettings(**given)
            return merchant.connect(source.model_copy(update={"settings": settings})), None

        merchants.change(self.city.merchant.id, change)

    def order(self, name, /, **changes):
        """Return an order as its shop has it now: changed since any that was returned before."""
        self.city.later(seconds=1)
        if name == "bigcommerce":
            parts = {part: changes.pop(part, RECORDED[name][part]) for part in ("products", "shipping_addresses")}
            stamp = f"{self.city.clock.now():%a, %d %b %Y %H:%M:%S} +0000"
            return {"order": {**RECORDED[name]["order"], "date_modified": stamp, **changes}, **parts}
        stamp = f"{self.city.clock.now():%Y-%m-%dT%H:%M:%S}"
        return {**RECORDED[name], **({VERSION[name]: stamp} if name in VERSION else {}), **changes}

    def headers(self, name, body, topic=None, message_id=None, site=None):
        self.sent += 1
        message_id, secret = message_id or f"msg-{self.sent}", self.secrets[name]
        signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        if name == "webhook":
            now = self.city.clock.now()
            values = (Webhook(secret).sign(message_id, now, body.decode()), message_id, str(int(now.timestamp())))
        else:
            values = (signature, topic or TOPICS[name], message_id, site or SITES[name])
        return {key.lower(): value for key, value in zip(MODULES[name].HEADERS, values, strict=True)}

    def tell(self, body, secret=None):
        """Send what the webhook of the shop that names its orders sends."""
        secret = secret or self.secrets[FETCHED.NAME]
        message, clock = Message({next(iter(FETCHED.HEADERS)).lower(): secret}, body), self.city.clock
        return receiving.receive(FETCHED, self.city.merchant.id, message, clock, wall=clock)

    def post(self, name, body, caller="", **signed):
        if name == "bigcommerce":
            self.sent += 1
            self.api.put(body)
            return self.tell(self.api.message(body["order"]["id"], created_at=self.sent))
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = Message(self.headers(name, body, **signed), body)
        clock = self.city.clock
        return receiving.receive(MODULES[name], self.city.merchant.id, message, clock, wall=clock, caller=caller)

    def made(self, name, /, **changes):
        """Return the delivery of an order that its shop just placed."""
        return deliveries.get(self.post(name, self.order(name, **changes)).delivery_id)

    def later(self, **duration):
        self.city.clock.advance(timedelta(**duration))
