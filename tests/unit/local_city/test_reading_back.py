"""At its end a play reads what became of every order, and tells what it could learn."""

import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from rich.console import Console

from local import demo
from local.city.api import Meter, RefusedError
from local.city.day import Ticket
from local.city.plans import invented
from local.city.plans.geometry import Point
from local.city.play import Notes, Report
from local.city.results.reading_back import told_by_hooks, told_of
from local.city.results.summary import journey_of
from local.imitations.receivers import Endpoints, Hook

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE = Point(41.0, -87.0)


def ticket(number):
    return Ticket(f"order-{number}", "shop", f"{number}", NOON, HERE, HERE, delivery_id=f"dlv_{number}")


class Shop:
    """A merchant's client: pages of a hundred, and single deliveries."""

    def __init__(self, listed, unlisted=()):
        self.listed, self.unlisted, self.asked = listed, unlisted, []

    def get(self, path, cursor="0"):
        self.asked.append(path)
        if path == f"/v1/days/{DAY}/deliveries":
            page = self.listed[int(cursor) : int(cursor) + 100]
            following = int(cursor) + 100
            return {"deliveries": page, "cursor": str(following) if following < len(self.listed) else None}
        return next(one for one in self.unlisted if path.endswith(one["id"]))


def town_of(shop):
    return SimpleNamespace(shop=lambda key: shop)


def test_a_day_of_two_thousand_orders_is_read_in_twenty_calls():
    tickets = [ticket(number) for number in range(2000)]
    shop = Shop([{"id": one.delivery_id, "state": "delivered"} for one in tickets])
    assert len(told_of(town_of(shop), tickets, DAY, DAY)) == 2000
    assert len(shop.asked) == 20


def test_an_order_that_the_list_lacks_yet_is_read_by_itself():
    tickets = [ticket(1), ticket(2)]
    shop = Shop([{"id": "dlv_1"}], [{"id": "dlv_2"}])
    assert set(told_of(town_of(shop), tickets, DAY, DAY)) == {"dlv_1", "dlv_2"}
    assert len(shop.asked) == 2


def test_orders_of_earlier_plays_are_left_out():
    shop = Shop([{"id": "dlv_1"}, {"id": "dlv_of_before"}])
    assert set(told_of(town_of(shop), [ticket(1)], DAY, DAY)) == {"dlv_1"}


def hook(sequence, kind, state, minute, **data):
    at = (NOON + timedelta(minutes=minute)).isoformat()
    window = {"opens_at": NOON.isoformat(), "closes_at": (NOON + timedelta(hours=1)).isoformat()}
    told = {
        "delivery_id": "dlv_1",
        "external_id": "order-1",
        "sequence": sequence,
        "state": state,
        "previous_state": None,
        "created_at": NOON.isoformat(),
        "dropoff_window": window,
        "reason": None,
        **data,
    }
    return Hook(f"evt_{sequence}", "/hooks", kind, at, told, 0.0)


def receivers_of(*hooks):
    endpoints = Endpoints()
    endpoints.hooks.extend(hooks)
    return SimpleNamespace(endpoints=endpoints)


LIFE = (
    hook(1, "delivery.created", "created", 0),
    hook(2, "delivery.assigned", "assigned", 5),
    hook(3, "delivery.arrived_at_pickup", "arrived_at_pickup", 9),
    hook(5, "delivery.approaching", "en_route_to_dropoff", 20),
    hook(4, "delivery.picked_up", "picked_up", 11),
    hook(6, "delivery.delivered", "delivered", 25),
    hook(7, "delivery.tipped", "delivered", 60),
)


def test_webhooks_alone_tell_what_became_of_an_order():
    told = told_by_hooks(receivers_of(*LIFE), [ticket(1), ticket(2)])
    assert set(told) == {"dlv_1"}
    assert told["dlv_1"]["state"] == "delivered"
    assert journey_of("dlv_1", told["dlv_1"]["timeline"]).click_to_door == timedelta(minutes=25)


def test_the_parts_of_a_journey_are_those_of_the_driver_who_delivered():
    steps = [("created", 0), ("assigned", 2), ("arrived_at_pickup", 6), ("created", 8), ("assigned", 10)]
    steps += [("arrived_at_pickup", 15), ("picked_up", 17), ("delivered", 30)]
    timeline = [{"state": state, "at": (NOON + timedelta(minutes=minute)).isoformat()} for state, minute in steps]
    journey = journey_of("dlv_1", timeline)
    parts = (journey.waiting, journey.coming, journey.at_pickup, journey.to_door)
    assert [part / timedelta(minutes=1) for part in parts] == [10, 5, 2, 13]


def test_what_was_not_delivered_has_no_journey():
    assert journey_of("dlv_1", [{"state": "created", "at": NOON.isoformat()}]) is None


def test_what_fails_is_named_and_the_rest_goes_on():
    problems = []
    note = Notes(problems)
    with note("closing the books"):
        raise RefusedError(503, "no_answer", "the settlement is away")
    with note("drawing"):
        pass
    assert problems == ["closing the books: RefusedError: 503 no_answer: the settlement is away"]


def test_a_notes_interrupt_is_no_problem_but_an_interrupt():
    with pytest.raises(KeyboardInterrupt), Notes([])("the day"):
        raise KeyboardInterrupt


def test_the_summary_is_told_even_if_nothing_could_be_read_back(tmp_path):
    plan = invented.city(3, 1)
    nowhere = "http://127.0.0.1:1"
    stack = SimpleNamespace(outputs={}, api_url=nowhere, endpoint_url=nowhere, pages_url=nowhere)
    town = SimpleNamespace(stack=stack, at_the_console="x", register=SimpleNamespace(drivers={}))
    report = Report(plan, town, [], Meter(), [ticket(1)], timedelta(hours=2), wall_s=60.0)
    report.told = told_by_hooks(receivers_of(*LIFE), report.tickets)
    report.problems.append("reading the deliveries back: RefusedError: 429 too_many_requests")
    said = io.StringIO()
    demo.show(Console(file=said, width=120), report, None)
    assert "1 delivered" in said.getvalue()
    assert "429 too_many_requests" in said.getvalue()
