"""What the platform tells of an order's life: on the bus, to customers, merchants, the ledger and the operators."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from local.city.driver import picture
from local.city.messages import Messages
from local.imitations.receivers import Receivers
from local.running import RunningStack
from tests.api_calls import at_once, eventually, ok
from tests.api_clients import Driver, Network, Place, Shop
from tests.contracts import event_types, validate_event
from tests.deployed.conftest import alarms_in
from tests.deployed.tap import Tap

PICTURE = picture("photo")
WHOLE_LIFE = [
    "delivery.created",
    "delivery.offered",
    "delivery.assigned",
    "delivery.en_route_to_pickup",
    "delivery.arrived_at_pickup",
    "delivery.picked_up",
    "delivery.en_route_to_dropoff",
    "delivery.approaching",
    "delivery.arrived_at_dropoff",
    "delivery.delivered",
]
LIVES = {
    "delivered": [*WHOLE_LIFE[:3], "delivery.ready", "delivery.updated", *WHOLE_LIFE[3:], "delivery.tipped"],
    "cancelled": [
        *WHOLE_LIFE[:3],
        "delivery.reassigned",
        WHOLE_LIFE[3],
        "delivery.approaching_pickup",
        "delivery.eta_changed",
        "delivery.cancelled",
    ],
    "returned": [*WHOLE_LIFE[:9], "delivery.failed", "delivery.returning", "delivery.returned"],
    "declined": ["delivery.created", "delivery.offered", "delivery.reopened", "delivery.cancelled"],
    "withdrawn": ["delivery.created", "delivery.offered", "delivery.cancelled"],
}
NAMESPACE = "Crowdship-local"
"""Where the stack's own metrics are."""

NOT_PLAYED = {
    *("delivery.expired", "offer.expired", "payout.sent", "payout.paid", "payout.failed", "payout.returned"),
    *("payout.held", "payout.canceled", "payout.account_corrected"),
    *("tracking.arrived_at_stop", "tracking.left_stop"),
    *("tracking.alert_raised", "tracking.alert_cleared"),
    *("delivery.pay_released", "delivery.pay_refused"),
    "source.message_ignored",
    "delivery.pin_locked",
    *("delivery.handed_over", "pay_floor.due", "surge.changed"),
    *("delivery.corrected", "driver.emergency_raised", "driver.emergency_handled", "message.sent"),
    *("rating.given", "export.requested", "journal_export.requested", "month.closed"),
    *(f"document.{what}" for what in ("checked", "approved", "refused")),
    *("driver.documents_expiring", "driver.documents_expired", "driver.work_resumed"),
    *("training.passed", "training.failed"),
    *(f"standing.{what}" for what in ("changed", "appealed", "overdue")),
    *(f"claim.{what}" for what in ("opened", "answered", "held", "released", "decided", "withdrawn")),
    *("refund.granted", "invoice.issued", "invoice.overdue", "invoice.written_off"),
    *(f"invoice.payment_{what}" for what in ("recorded", "settled", "returned")),
    *(f"block.{what}" for what in ("moved_up", "missed", "guaranteed")),
    *(f"incentive.{what}" for what in ("earned", "reversed", "budget_low", "exhausted", "not_funded")),
    *(f"application.{step}" for step in ("submitted", "check_ordered", "check_overdue", "check_cleared")),
    *(f"application.{step}" for step in ("check_flagged", "pre_adverse", "disputed", "decision_due")),
    *(f"tax.{what}" for what in ("number_mismatched", "number_refused", "form_furnished")),
    *("tax.withholding_began", "tax.withholding_ended"),
    *("application.refused", "application.approved", "driver.activated"),
}
"""They are a person's doing, take a minute and more, or have a story of their own (``late-positions``,
``first-delivery``, ``onboarding``, ``expired-insurance``, ``quest``, ``block``, ``deactivation-and-appeal``,
``shopify-order``, ``offline-driver``, ``reach-each-other``, ``wrong-pin``, ``pay-floor-true-up``,
``surge``) or tests of their room; others are settlement's, whose cycle has tests of its own."""


@dataclass
class Day:
    """What was played, and what was counted before."""

    network: Network
    tap: Tap
    receivers: Receivers
    messages: Messages
    began: datetime
    counted: dict[str, float]
    dead: dict[str, int]
    deliveries: dict[str, dict[str, Any]] = field(default_factory=dict)
    drivers: dict[str, Driver] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)

    def events_of(self, life: str) -> list[dict[str, Any]]:
        """Return the events of a delivery, once the last is there."""
        delivery = self.deliveries[life]["id"]
        last = LIVES[life][-1]
        self.tap.wait_for(last, lambda event: event["subject"] == delivery and event["type"] == last)
        return self.tap.by_aggregate()["delivery", delivery]


def counted(stack: RunningStack, since: datetime, *names: str) -> dict[str, float]:
    """Return the sums of metrics of the insight room."""
    query = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": name,
                    "Dimensions": [{"Name": "service", "Value": "insight"}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for number, name in enumerate(names)
    ]
    end = datetime.now(UTC) + timedelta(minutes=1)
    answer = stack.client("cloudwatch").get_metric_data(MetricDataQueries=query, StartTime=since, EndTime=end)
    sums = {result["Id"]: sum(result["Values"]) for result in answer["MetricDataResults"]}
    return {name: sums.get(f"m{number}", 0.0) for number, name in enumerate(names)}


COUNTED = {
    "DeliveriesCreated": len(LIVES),
    "DeliveriesDelivered": 1,
    "DeliveriesFailed": 1,
    "DeliveriesCancelled": 3,
    "OffersMade": len(LIVES),
    "OffersAccepted": 3,
    "OffersDeclined": 1,
}


def dead_letters(stack: RunningStack) -> dict[str, int]:
    """Return how many messages each dead-letter queue holds."""
    sqs, name = stack.client("sqs"), "ApproximateNumberOfMessages"
    urls = {output: url for output, url in stack.outputs.items() if output.endswith("DeadQueueUrl")}
    return {
        output: int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
        for output, url in urls.items()
    }


def play(day: Day, life: str) -> None:
    """Play the life of one order, in a zone of its own."""
    zone = day.network.zone(f"bus-{life}")
    shop, driver = day.network.shop(zone, f"Shop {life}"), day.network.driver(zone)
    path = f"/hooks/{zone.id}"
    endpoint = day.network.staff.post(
        f"/v1/staff/merchants/{shop.id}/endpoints", {"url": day.receivers.url + path}, 201
    )
    day.receivers.endpoints.trust(path, endpoint["signing_secret"])
    spare = shop.api.post("/v1/account/endpoints", {"url": f"{day.receivers.url}{path}-spare"}, 201)
    ok(shop.api("PATCH", f"/v1/account/endpoints/{spare['endpoint_id']}", {"active": False}))
    day.shops[life], day.drivers[life] = shop, driver
    driver.go_on_duty()
    customer = shop.customer(email=f"{zone.id}@customers.example")
    needs = {"photo": True, "pin": True} if life == "delivered" else {}
    delivery = day.deliveries[life] = shop.order(dropoff=customer, requirements=needs, tip=300)
    delivery["customer"] = customer["contact"]
    if life in ("declined", "withdrawn"):
        offer = driver.offer_of(delivery["id"])
        if life == "declined":
            ok(driver.decline(offer["offer_id"]))
        ok(shop.cancel(delivery["id"]))
    else:
        driver.take(delivery["id"])
        if life == "delivered":
            ok(shop.api("POST", f"/v1/deliveries/{delivery['id']}/ready", {}))
            ok(shop.api("PATCH", f"/v1/deliveries/{delivery['id']}", {"dropoff": {"notes": "the green door"}}))
        if life == "cancelled":
            driver = move(day, life)
            driver.step(delivery["id"], "depart", stop="pickup")
            hold_up(day, life)
            ok(shop.cancel(delivery["id"]))
        else:
            driver.fetch(delivery)
            driver.bring(delivery)
            end(day, life)
    ok(driver.go_home())


def move(day: Day, life: str) -> Driver:
    """Let a dispatcher move the delivery to another driver, who is returned."""
    had, delivery = day.drivers[life], day.deliveries[life]
    has = day.drivers[life] = day.network.driver(day.shops[life].zone)
    has.go_on_duty()
    day.network.staff.post(f"/v1/staff/deliveries/{delivery['id']}/assign", {"driver_id": has.id})
    assert had.api.get("/v1/driver/route")["stops"] == []
    ok(had.go_home())
    return has


def hold_up(day: Day, life: str) -> None:
    """Let traffic come to a crawl, and the driver's phone tell where they are until that is told."""
    driver, one = day.drivers[life], f"/v1/staff/deliveries/{day.deliveries[life]['id']}"

    def arrival() -> str:
        return str(day.network.staff.get(one)["delivery"]["eta"])

    before = arrival()
    jam = {"centre": driver.at.json, "radius_m": 20_000, "slowdown": 10, "ends_at": driver.now(hours=-1), "note": "ice"}
    day.network.staff.post(f"/v1/staff/zones/{day.shops[life].zone.id}/incidents", jam, 201)

    def told() -> bool:
        driver.stand_at(driver.at)
        return bool(arrival() != before)

    eventually(told, "another arrival is told", every=1.0)


def end(day: Day, life: str) -> None:
    """Play what happens at the door."""
    driver, delivery = day.drivers[life], day.deliveries[life]
    if life == "returned":
        gave_up = driver.step(delivery["id"], "fail", reason="customer_absent", position=driver.at.json)
        assert gave_up == "returning"
        driver.stand_at(Place.of(delivery["pickup"]))
        assert driver.step(delivery["id"], "return") == "returned"
        return
    form = driver.api.post(
        f"/v1/driver/deliveries/{delivery['id']}/proofs", {"kind": "photo", "content_type": "image/png"}, 201
    )
    requests.post(form["url"], data=form["fields"], files={"file": PICTURE}, timeout=30).raise_for_status()
    pin = day.messages.ask_pin(delivery["customer"]["phone"], timedelta(seconds=30))
    assert driver.step(delivery["id"], "deliver", pin=pin) == "delivered"
    tip = f"/v1/deliveries/{delivery['id']}/tip"
    ok(day.shops[life].api("POST", tip, {"amount": 100}, headers={"Idempotency-Key": "thanks"}))


@pytest.fixture(scope="module")
def day(network: Network, receivers: Receivers) -> Iterator[Day]:
    began = datetime.now(UTC).replace(second=0, microsecond=0)
    tap = Tap(network.stack)
    messages = Messages(network.stack)
    before = counted(network.stack, began, *COUNTED)
    day = Day(network, tap, receivers, messages, began, before, dead_letters(network.stack))
    try:
        at_once([lambda life=life: play(day, life) for life in LIVES], threads=len(LIVES))
        yield day
    finally:
        tap.close()


@pytest.mark.parametrize("life", LIVES)
def test_the_bus_tells_an_orders_life_in_sequence_without_a_gap(day: Day, life: str) -> None:
    events = day.events_of(life)
    assert [event["type"] for event in events] == LIVES[life]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    times = [event["time"] for event in events]
    assert times == sorted(times)
    states = [event["data"]["previous_state"] for event in events]
    assert states[0] is None
    assert None not in states[1:]


def test_every_event_keeps_its_contract_and_has_an_id_of_its_own(day: Day) -> None:
    for life in LIVES:
        day.events_of(life)
    day.tap.wait_for("the proof", lambda event: event["type"] == "proof.captured")
    day.tap.wait_for("the spare endpoint", lambda event: event["type"] == "endpoint.disabled")
    told: dict[str, dict[str, Any]] = {}
    for envelope in list(day.tap.envelopes):
        event = envelope["detail"]
        validate_event(event)
        assert (envelope["source"], envelope["detail-type"]) == ("crowdship", event["type"])
        assert told.setdefault(event["id"], event) == event, f"two events have the id {event['id']}"
    assert {event["type"] for event in told.values()} >= set(event_types()) - NOT_PLAYED


def test_every_aggregate_of_the_day_counts_its_events_from_one(day: Day) -> None:
    for life in LIVES:
        day.events_of(life)
    offers = {event["data"]["offer_id"] for life in LIVES for event in day.events_of(life)}
    ours = {delivery["id"] for delivery in day.deliveries.values()} | {driver.id for driver in day.drivers.values()}
    ours |= offers - {None}

    def gaps() -> list[tuple[str, str]]:
        return [
            aggregate
            for aggregate, events in day.tap.by_aggregate().items()
            if aggregate[1] in ours and [event["sequence"] for event in events] != list(range(1, len(events) + 1))
        ]

    eventually(lambda: not gaps(), f"no gaps in the sequences of {gaps()}")
    kinds = {kind for kind, subject in day.tap.by_aggregate() if subject in ours}
    assert kinds == {"delivery", "driver", "offer", "proof", "route", "tracking"}


def test_nothing_personal_goes_over_the_bus(day: Day) -> None:
    told = json.dumps(day.tap.read())
    for delivery in day.deliveries.values():
        for private in ("phone", "email", "address"):
            assert delivery["customer"][private] not in told


@pytest.mark.parametrize("life", LIVES)
def test_the_merchant_gets_every_event_once_with_a_good_signature(day: Day, life: str) -> None:
    expected = [(event["id"], event["type"]) for event in day.events_of(life) if event["type"] != "delivery.reopened"]
    delivery = day.deliveries[life]["id"]

    def look() -> list[tuple[str, str]] | None:
        told = [(hook.id, hook.type) for hook in day.receivers.endpoints.of_delivery(delivery)]
        return told if len(told) >= len(expected) else None

    assert eventually(look, f"{len(expected)} webhooks") == expected
    assert not [text for text in day.receivers.endpoints.refused if day.shops[life].zone.id in text]


@pytest.mark.parametrize(
    ("life", "words"),
    [("delivered", ("on its way", "almost there", "was delivered")), ("returned", ("on its way", "could not deliver"))],
)
def test_the_customer_is_told_by_sms_and_mail(day: Day, life: str, words: tuple[str, ...]) -> None:
    customer = day.deliveries[life]["customer"]
    for text in words:
        eventually(lambda text=text: [t for t in day.messages.sms_to(customer["phone"]) if text in t], f"SMS: {text}")
    mails = eventually(
        lambda: [mail for mail in day.messages.emails() if customer["email"] in json.dumps(mail.get("To", mail))],
        "an e-mail",
    )
    assert all(f"Shop {life}" in mail["Subject"] for mail in mails)


def test_the_ledger_books_what_is_due_and_balances(day: Day) -> None:
    due = {"delivered": "delivered", "returned": "returned", "cancelled": "cancelled_on_the_way"}
    days = [day.network.today(), day.network.today() + timedelta(days=1)]

    def line(life: str) -> dict[str, Any] | None:
        for period in days:
            for line in day.drivers[life].api.get("/v1/driver/earnings", period=str(period))["lines"]:
                if (line["delivery_id"], line["kind"]) == (day.deliveries[life]["id"], "delivery"):
                    return dict(line)
        return None

    for life, outcome in due.items():
        booked = eventually(lambda life=life: line(life), f"a line for what was {life}")
        assert booked
        assert booked["outcome"] == outcome
        assert booked["tip"]["amount"] == (300 if life == "delivered" else 0)
        assert booked["total"]["amount"] > 0
    assert line("declined") is line("withdrawn") is None
    assert day.network.difference(*days) == 0


def test_the_metrics_count_it(day: Day) -> None:
    def missing() -> dict[str, float]:
        now = counted(day.network.stack, day.began, *COUNTED)
        more = {name: now[name] - day.counted[name] for name in COUNTED}
        return {name: value for name, value in more.items() if value < COUNTED[name]}

    eventually(lambda: not missing(), f"the counts grow by {COUNTED}; too low are {missing()}")
    for name in ("OnTime", "ClickToDoorMinutes", "SecondsToFirstOffer"):
        metrics = day.network.stack.client("cloudwatch").list_metrics(Namespace=NAMESPACE, MetricName=name)
        assert metrics["Metrics"], f"there is no metric {name}"


def test_the_dashboard_shows_metrics_that_exist(day: Day) -> None:
    cloudwatch = day.network.stack.client("cloudwatch")
    body = json.loads(cloudwatch.get_dashboard(DashboardName="crowdship-local")["DashboardBody"])
    shown = {
        (metric[0], metric[1])
        for widget in body["widgets"]
        for metric in widget["properties"].get("metrics", [])
        if metric[0] == NAMESPACE
    }
    assert {(NAMESPACE, name) for name in COUNTED} <= shown
    titles = {widget["properties"]["title"] for widget in body["widgets"]}
    assert {"Deliveries", "Offers", "Payouts", "Errors", "Waiting in queues"} <= titles


def test_nothing_failed_for_good_and_every_queue_has_an_alarm(day: Day, ringing: frozenset[str]) -> None:
    stack = day.network.stack
    assert dead_letters(stack) == day.dead, "something of this day ended in a dead-letter queue"
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    watched = {
        dimension["Value"] for alarm in alarms for dimension in alarm["Dimensions"] if dimension["Name"] == "QueueName"
    }
    assert watched == {stack.outputs[output].rpartition("/")[2] for output in day.dead}
    rings = [name for name in alarms_in(stack, "ALARM") if "DeadLetters" in name and name not in ringing]
    assert not rings
