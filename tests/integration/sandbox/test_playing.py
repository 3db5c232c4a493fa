"""Test deliveries from the order to their end, as the queue brings their steps."""

from contextlib import suppress

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.sandbox import SandboxInput, SandboxOutcome
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.rounds.ticks import TickQueue, wake
from crowdship.drivers import service as drivers
from crowdship.intake.orders import service as intake
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Mode, Scope, sandbox_id
from crowdship.notify import service as notify
from crowdship.notify.webhooks.delivery import service as webhooks
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import EndpointInput
from crowdship.proof.images import ImageStore
from crowdship.routes import service as routing
from crowdship.sandbox.service import Turn, take
from crowdship.settlement import booking
from crowdship.stops import by_hand
from crowdship.tracking.page.service import customer_view
from tests.city import City, request
from tests.faults import Lost, failing_call

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open()


def ordered(city, outcome=None, external_id="order-1", **fields):
    """A test delivery, as a test key orders it, and the first message of its script."""
    asked = {"sandbox": SandboxInput(outcome=outcome)} if outcome else {}
    caller = merchants.get(sandbox_id(city.merchant.id))
    order = intake.create(caller, request(external_id, **asked, **fields), caller.id, city.clock)
    return order, Turn.of({"source": "crowdship", "detail": order.events[0].model_dump(mode="json")})


def run(city, turn):
    """Play all that follows from a message."""
    while following := take(turn, city.clock):
        turn, seconds = following
        city.later(seconds=seconds)
    return turn


@pytest.mark.parametrize("outcome", SandboxOutcome)
def test_a_test_delivery_ends_as_it_was_asked_to(city, outcome):
    order, turn = ordered(city, outcome)
    run(city, turn)
    end = deliveries.get(order.id)
    assert end.state in {State.DELIVERED, State.EXPIRED, State.RETURNED, State.FAILED}
    assert end.livemode is False


def test_without_an_outcome_all_goes_well(city):
    order, turn = ordered(city)
    run(city, turn)
    assert deliveries.get(order.id).state is State.DELIVERED


def test_a_live_key_can_not_ask_for_an_outcome(city):
    with pytest.raises(Unprocessable, match="sandbox_with_live_key") as refusal:
        city.order(sandbox=SandboxInput())
    assert refusal.value.pointer == "/sandbox"


def test_a_test_is_checked_as_a_real_order_is(city):
    with pytest.raises(Unprocessable, match="outside_service_area"):
        ordered(city, east_m=50_000)
    ordered(city)
    with pytest.raises(Conflict, match="external_id_used"):
        ordered(city)


def test_the_sandbox_and_the_world_do_not_see_each_other(city):
    test, _ = ordered(city, external_id="same")
    live = city.order("same")
    twin = sandbox_id(city.merchant.id)
    assert deliveries.find_external(city.merchant.id, "same").id == live.id
    assert deliveries.find_external(twin, "same").id == test.id
    for order, stranger in ((test, city.merchant.id), (live, twin)):
        with pytest.raises(NotFound):
            deliveries.get_of_merchant(order.id, stranger)


def test_no_driver_is_asked_and_nothing_is_booked(city):
    driver = city.driver()
    order, turn = ordered(city)
    city.tick()
    assert city.offers(driver) == []
    assert wake(order.events[0], TickQueue(None, "", city.clock)) is False
    with pytest.raises(Conflict, match="test_delivery"):
        assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
    run(city, turn)
    delivered = deliveries.get(order.id)
    event = delivered.emitting("delivery.delivered", city.clock.now(), delivered.snapshot(previous_state="x")).events[
        -1
    ]
    assert booking.post(event) is None
    assert drivers.get(driver.id).duty


@pytest.mark.parametrize("steps", range(6))
def test_a_test_can_be_called_off_while_a_real_one_could_and_plays_no_further(city, steps):
    order, turn = ordered(city)
    for _ in range(steps):
        turn, _seconds = take(turn, city.clock)
    after = deliveries.get(order.id)
    if after.state in {State.PICKED_UP}:
        return
    cancellation.cancel(order.id, order.merchant_id, "other", city.clock)
    assert take(turn, city.clock) is None
    assert deliveries.get(order.id).state is State.CANCELLED


@pytest.mark.parametrize("lost", list(Lost))
def test_a_step_that_dies_anywhere_is_made_once_when_its_message_comes_again(city, lost):
    order, turn = ordered(city)
    while True:
        n, length = 0, 1
        while n < length:
            with failing_call(n, lost) as calls, suppress(Exception):
                take(turn, city.clock)
            length, n = max(length, len(calls.made)), n + 1
        following = take(turn, city.clock)
        if following is None:
            break
        turn = following[0]
    end = deliveries.get(order.id)
    assert end.state is State.DELIVERED
    assert [step.state for step in end.timeline].count(State.PICKED_UP) == 1


def test_a_message_that_comes_late_changes_nothing_and_asks_for_nothing(city):
    order, first = ordered(city)
    second, _ = take(first, city.clock)
    third, _ = take(second, city.clock)
    take(third, city.clock)
    before = deliveries.get(order.id)
    assert take(first, city.clock) is None
    assert take(second, city.clock) is None
    assert deliveries.get(order.id) == before


def test_a_real_delivery_has_no_script(city):
    order = city.order()
    assert take(Turn(delivery_id=order.id, step=1), city.clock) is None
    assert deliveries.get(order.id) == order.with_changes(stored_version=1, events=())


def test_the_customers_page_shows_a_driver_who_moves(city):
    order, turn = ordered(city)
    seen = []
    while following := take(turn, city.clock):
        turn = following[0]
        with suppress(Exception):
            view = customer_view(order.id, city.clock)
            seen.append((view.state, view.driver_name, view.position))
    assert {name for state, name, _ in seen if state is State.EN_ROUTE_TO_DROPOFF} == {"Sandy"}
    assert len({position for *_, position in seen}) >= 4
    assert view.merchant.name == city.merchant.name


def test_the_endpoints_of_a_mode_hear_of_it(city, monkeypatch):
    told = []
    monkeypatch.setattr(webhooks, "enqueue", lambda job, *rest: told.append(job.endpoint_id))
    by_mode = {
        mode: endpoints.add(city.merchant.id, EndpointInput(url=f"https://{mode}.example/hook", mode=mode))[0].id
        for mode in Mode
    }
    notify.on_event(ordered(city)[0].events[0], city.clock)
    assert told == [by_mode[Mode.TEST]]
    notify.on_event(city.order("live").events[0], city.clock)
    assert told == [by_mode[Mode.TEST], by_mode[Mode.LIVE]]


def test_staff_end_no_test_by_hand_as_it_is_on_nobodys_route(city):
    order, turn = ordered(city)
    while deliveries.get(order.id).state is not State.EN_ROUTE_TO_DROPOFF:
        turn, _ = take(turn, city.clock)
    for ending in (
        lambda: by_hand.fail_by_hand(order.id, FailureReason.CUSTOMER_ABSENT, "staff", city.clock),
        lambda: by_hand.complete_by_hand(order.id, CompletionReason.OTHER, "staff", ImageStore("proofs"), city.clock),
    ):
        with pytest.raises(Conflict, match="test_delivery"):
            ending()
    assert routing.of(deliveries.get(order.id).driver).stops == ()


def test_a_sandbox_has_no_endpoints_of_its_own(city):
    sandbox = sandbox_id(city.merchant.id)
    with pytest.raises(NotFound, match="no_such_merchant"):
        endpoints.add(sandbox, EndpointInput(url="https://shop.example/hook"))
    with pytest.raises(NotFound, match="no_such_merchant"):
        endpoints.endpoints(sandbox)


def test_a_test_key_orders_tests(city):
    key = merchants.issue_key(city.merchant.id, frozenset({Scope.WRITE}), city.clock, mode=Mode.TEST)
    caller = merchants.authenticate(key, Scope.WRITE).merchant
    assert intake.create(caller, request(), caller.id, city.clock).livemode is False
