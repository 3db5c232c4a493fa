import asyncio
import os
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import new_id
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput
from crowdship.notify.channels import senders
from crowdship.notify.clients import client as CLIENTS  # noqa: N812
from crowdship.notify.webhooks import queues
from crowdship.notify.webhooks.bodies import WebhookMessage
from crowdship.notify.webhooks.delivery import outbound
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from crowdship.notify.webhooks.delivery.service import send_webhook
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import EndpointInput
from crowdship.notify.webhooks.replay.model import ReplayJob
from crowdship.pricing.model import RateCard, price_trip
from crowdship.shipment.options import Priority
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from crowdship.vault import service as vault
from crowdship.vault.model import Contact, DeliveryContacts
from crowdship.zones import service as zones
from crowdship.zones.model import ZoneSettings

TRACKING_SECRET = "tracking-secret"
PUSH_SECRET = "push-secret"
ADDRESS_SECRET = "address-secret"
SENDER = "hello@crowdship.example"
DRIVER = "drv_1"


def forget_what_containers_remember():
    CLIENTS.cache_clear()
    merchants._cache.clear()
    senders.forget()
    zones._cache.clear()
    secrets._provider = None


@pytest.fixture
def world(aws, monkeypatch):
    """An account as the stack makes it: queues, secrets, a verified sender."""
    forget_what_containers_remember()
    sqs = boto3.client("sqs")
    for variable, name in (
        ("WEBHOOKS_QUEUE_URL", "webhooks"),
        ("WEBHOOKS_DEAD_QUEUE_URL", "webhooks-dead"),
        ("REPLAYS_QUEUE_URL", "replays"),
        ("NOTICES_QUEUE_URL", "notices"),
    ):
        monkeypatch.setenv(variable, sqs.create_queue(QueueName=name)["QueueUrl"])
    secret = boto3.client("secretsmanager").create_secret(Name="crowdship/tracking", SecretString=TRACKING_SECRET)
    monkeypatch.setenv("TRACKING_SECRET_ARN", secret["ARN"])
    ours = boto3.client("secretsmanager").create_secret(Name="crowdship/push", SecretString=PUSH_SECRET)
    monkeypatch.setenv("PUSH_SECRET_ARN", ours["ARN"])
    addresses = boto3.client("secretsmanager").create_secret(Name="crowdship/addresses", SecretString=ADDRESS_SECRET)
    monkeypatch.setenv("ADDRESS_SECRET_ARN", addresses["ARN"])
    monkeypatch.setenv("PAGES_URL", "https://pages.crowdship.example")
    monkeypatch.setenv("SENDER_EMAIL", SENDER)
    monkeypatch.setenv("STAGE", "local")
    boto3.client("ses").verify_email_identity(EmailAddress=SENDER)
    monkeypatch.setattr(outbound, "TIMEOUT_S", 1.0)
    yield
    forget_what_containers_remember()


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 11, 23, 19, 0, tzinfo=UTC))


@pytest.fixture
def wall():
    """Wall time, near the machine's: signatures are checked against that."""
    return FixedClock(datetime.now(UTC))


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        shop = self.server.shop
        shop.seen.append((dict(self.headers), body))
        shop.called.set()
        status, headers = shop.answers.pop(0) if shop.answers else (200, {})
        if status == "hang":
            shop.closing.wait(5)
            return
        if isinstance(status, threading.Event):
            status.wait(60)
            status = 200
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args):
        pass


class Shop:
    """A merchant's server: gives the answers it was told to, then 200; remembers what it saw.

    Told to answer an event, it answers 200 when the event is set.
    """

    def __init__(self):
        self.seen, self.answers, self.closing, self.called = [], [], threading.Event(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
        self.server.shop = self
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, *answers):
        self.answers += [answer if isinstance(answer, tuple) else (answer, {}) for answer in answers]

    @property
    def ids(self):
        return [headers["webhook-id"] for headers, _ in self.seen]

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def other_shop():
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def merchant(world, clock):
    return merchants.sign_up(MerchantInput(name="Corner Bakery", billing_email="bakery@example.com"), clock)


@pytest.fixture
def endpoint(merchant, shop, wall):
    """The merchant's endpoint and its signing secret."""
    return endpoints.add(merchant.id, EndpointInput(url=shop.url), wall)


@pytest.fixture
def zone(world):
    """The zone, which keeps no hours until a test gives it some."""
    area = [Point(lat=37.74, lon=-122.45), Point(lat=37.74, lon=-122.39), Point(lat=37.80, lon=-122.42)]
    return zones.put("san-francisco", ZoneSettings(name="San Francisco", area=area))


@pytest.fixture
def delivery(merchant, zone, clock):
    """A delivery, stored, whose goods were just picked up."""
    now = clock.now()
    customer = Contact(name="Ana", phone="+14155550123", email="ana@example.com", address="1 Main St")
    bakery = Contact(name="Corner Bakery", phone="+14155550199", address="2 Side St")
    contacts = DeliveryContacts(id=new_id("pii"), pickup=bakery, dropoff=customer, pin="4821")
    delivery = Delivery.create(
        merchant.id,
        id=new_id("dlv"),
        merchant_id=merchant.id,
        external_id="order-7",
        zone_id="san-francisco",
        pickup=Point(lat=37.77, lon=-122.42),
        dropoff=Point(lat=37.76, lon=-122.41),
        pickup_window=Window(opens_at=now, closes_at=now + timedelta(minutes=30)),
        dropoff_window=Window(opens_at=now, closes_at=now + timedelta(minutes=60)),
        parcel=Parcel(weight_g=2400),
        requirements=Requirements(pin=True),
        priority=Priority.NORMAL,
        goods=None,
        price=price_trip(RateCard(), 2600, 620),
        contacts_token=contacts.id,
        created_at=now,
        plan_from=now,
        search_until=now + timedelta(minutes=45),
    )
    delivery = delivery.assign(DRIVER, now, DRIVER, now + timedelta(minutes=12))
    delivery = delivery.depart(StopKind.PICKUP, now).arrive(StopKind.PICKUP, now).pick_up(now)
    work = UnitOfWork()
    vault.keep(contacts, work)
    deliveries.keep(delivery, work)
    work.commit()
    return delivery


@pytest.fixture
def departed(delivery, clock):
    """The event of the driver leaving for the customer, which is stored."""
    return deliveries.change(delivery.id, lambda d: d.depart(StopKind.DROPOFF, clock.now())).events[-1]


@pytest.fixture
def events(departed, delivery, clock):
    """That event and those of the rest of the delivery, all stored, by type."""
    steps = [
        lambda d: d.approach(clock.now()),
        lambda d: d.arrive(StopKind.DROPOFF, clock.now()),
        lambda d: d.deliver(clock.now()),
    ]
    rest = [deliveries.change(delivery.id, step).events[-1] for step in steps]
    return {event.type: event for event in (departed, *rest)}


class Queue:
    """What the sender puts on a queue, without waiting for its delays."""

    def __init__(self, monkeypatch):
        self.delays, self.groups, self.jobs, self.dead, self.pages = [], [], [], [], []

        class Sqs:
            def send_message(_, QueueUrl, MessageBody, **options):  # noqa: N803, N805 - SQS's own names
                if QueueUrl == os.environ["REPLAYS_QUEUE_URL"]:
                    self.pages.append((ReplayJob.model_validate_json(MessageBody), options["DelaySeconds"]))
                    return
                job = WebhookJob.model_validate_json(MessageBody)
                if QueueUrl == os.environ["WEBHOOKS_DEAD_QUEUE_URL"]:
                    self.dead.append(job)
                else:
                    self.jobs.append(job)
                    self.delays.append(options["DelaySeconds"])
                    self.groups.append(options["MessageGroupId"])

        monkeypatch.setattr(queues, "client", lambda name: Sqs() if name == "sqs" else CLIENTS(name))

    def take(self):
        return self.jobs.pop(0)


@pytest.fixture
def queue(world, monkeypatch):
    return Queue(monkeypatch)


@pytest.fixture
def send(clock, wall):
    return lambda job: asyncio.run(send_webhook(job, clock, wall))


@pytest.fixture
def job(departed, merchant, endpoint):
    return WebhookJob(message=WebhookMessage.of(departed), merchant_id=merchant.id, endpoint_id=endpoint[0].id)
