"""Merchant, driver, staff and the clock, in any order: whatever is refused changes nothing, and all of it agrees."""

import json
from contextlib import ExitStack
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import ON_BOARD, WITH_DRIVER, FailureReason
from crowdship.deliveries.store import DeliveryRow
from crowdship.dispatch import assignment, cancellation
from crowdship.dispatch.offers import answers
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, DropoffChange, TipRequest
from crowdship.kernel.errors import Refusal
from crowdship.kernel.events import DomainEvent
from crowdship.pricing.model import settle_price
from crowdship.pricing.terms import CancelReason
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.routes import service as routing
from crowdship.routes.stops import stops_of
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import PostingKind
from crowdship.settlement.trial_balance import trial_balance
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.zones import service as zones
from tests.city import City, at
from tests.contracts import validate_event
from tests.integration.conftest import empty_account

minutes = st.integers(min_value=-30, max_value=120)
edits = st.one_of(
    st.builds(lambda m: DeliveryChange(dropoff=DropoffChange(point=at(m))), st.integers(100, 5000)),
    st.builds(lambda g: DeliveryChange(parcel=Parcel(weight_g=g)), st.integers(1, 80_000)),
    st.builds(lambda tip: DeliveryChange(tip=tip), st.integers(0, 1000)),
    st.builds(lambda text: DeliveryChange(dropoff=DropoffChange(notes=text)), st.sampled_from(["a", "b"])),
)
WAY = ["depart", "arrive", "pick_up", "depart", "arrive", "deliver"]
AT_STOP = ["depart", "arrive", "pick_up", "deliver", "fail", "return_goods", "unassign"]


class Life(RuleBasedStateMachine):
    """One delivery, one driver, and whoever may do something."""

    def __init__(self) -> None:
        super().__init__()
        self.account = ExitStack()
        self.account.enter_context(empty_account())
        self.city = City.open(offers={"seconds": 3600}, rounds={"search_minutes": 1440})
        self.driver = self.city.driver()
        self.postings: list = []
        self.seen: dict = {}

    def teardown(self) -> None:
        self.account.close()

    @initialize(policy=st.sampled_from([Undeliverable.RETURN, Undeliverable.DISPOSE]), steps=st.integers(0, 7))
    def order(self, policy, steps):
        """An order that has gone some steps of its way already, so that its later life is lived as often."""
        self.id = self.city.order(tip=200, undeliverable=policy).id
        self.look()
        if steps:
            self.assign()
        for step in WAY[: max(0, steps - 1)]:
            self.deed(lambda step=step: self.make(step))

    def look(self):
        """Take note of the events of the last write, as the ledger does."""
        for told in json.loads(DeliveryRow.find(self.id, "DELIVERY").events or "[]"):
            if told["id"] not in self.seen:
                self.seen[told["id"]] = told
                event = DomainEvent.model_validate(told)
                validate_event({**told, "data": {**told["data"], "merchant_id": self.city.merchant.id}})
                if posting := posting_for(event):
                    self.postings.append(posting)

    def deed(self, act):
        before = deliveries.get(self.id)
        route = routing.of(self.driver.id)
        try:
            act()
        except Refusal:
            assert deliveries.get(self.id) == before
            assert routing.of(self.driver.id) == route
        self.look()

    @rule(passed=st.integers(0, 40))
    def time_passes(self, passed):
        self.city.later(minutes=passed)

    @rule()
    def tick(self):
        self.deed(self.city.tick)

    @rule()
    def accept(self):
        for offer in self.city.offers(self.driver):
            self.deed(lambda offer=offer: answers.accept(self.driver.id, offer.id, self.city.clock))

    @rule()
    def assign(self):
        self.deed(lambda: assignment.assign_by_hand(self.id, self.driver.id, "ana", self.city.clock))

    @rule(offset=st.none() | minutes)
    def ready(self, offset):
        now = self.city.clock.now()
        moment = None if offset is None else now + timedelta(minutes=offset)
        self.deed(lambda: changes.announce_ready(self.id, self.city.merchant.id, moment, self.city.clock))

    @rule(request=edits)
    def edit(self, request):
        self.deed(lambda: changes.change(self.id, self.city.merchant.id, request, self.city.clock))

    @rule(reason=st.sampled_from(CancelReason), sure=st.sampled_from([False, False, True]))
    def cancel(self, reason, sure):
        """Rarely, because little comes after it."""
        if not sure:
            return
        self.deed(lambda: cancellation.cancel(self.id, self.city.merchant.id, reason, self.city.clock))

    @rule(amount=st.integers(1, 500), key=st.sampled_from("ab"))
    def tip(self, amount, key):
        request = TipRequest(amount=amount)
        self.deed(lambda: changes.tip(self.id, self.city.merchant.id, request, key, self.city.clock))

    @rule(step=st.sampled_from(AT_STOP), times=st.integers(1, 3))
    def step(self, step, times):
        for _ in range(times):
            self.deed(lambda: self.make(step))

    def make(self, step):
        delivery, clock = deliveries.get(self.id), self.city.clock
        now = clock.now()
        match step:
            case "depart" | "arrive":
                getattr(stops, step)(self.id, self.driver.id, delivery.next_stop, now, clock)
            case "deliver":
                stops.deliver(self.id, self.driver.id, DeliverInput(device_at=now), ImageStore("proofs"), clock)
            case "fail":
                there = delivery.dropoff if delivery.state in ON_BOARD else delivery.pickup
                at_pickup = delivery.next_stop is StopKind.PICKUP
                reason = FailureReason.PICKUP_CLOSED if at_pickup else FailureReason.CUSTOMER_ABSENT
                stops.fail(self.id, self.driver.id, reason, there, now, clock)
            case _:
                getattr(stops, step)(self.id, self.driver.id, now, clock)

    @invariant()
    def the_route_holds_what_the_delivery_says(self):
        delivery, stops = deliveries.get(self.id), routing.of(self.driver.id).stops
        if delivery.state not in WITH_DRIVER:
            assert stops == ()
            return
        wanted = stops_of(delivery, zones.get(delivery.zone_id).settings.travel)
        planned = {"started": False, "arrived_at": None, "eta": None, "announced_at": None}
        plain = [stop.model_copy(update=planned) for stop in stops]
        assert plain == list(wanted)

    @invariant()
    def money_is_booked_once_balanced_and_as_it_was_told(self):
        assert trial_balance(self.postings).off_by == 0
        booked = [posting for posting in self.postings if posting.kind is PostingKind.DELIVERY]
        assert len(booked) <= 1
        if not booked:
            return
        delivery = deliveries.get(self.id)
        shares = delivery.cancellation.shares if delivery.cancellation else None
        due = settle_price(delivery.price, booked[0].outcome, shares)
        paid = -sum(e.signed for e in booked[0].entries if e.account.startswith("driver"))
        assert paid == (due.pay_total + due.tip).amount
        charged = sum(e.signed for e in booked[0].entries if e.account.startswith("merchant"))
        assert charged == (due.charge_total + due.tip).amount
        if delivery.cancellation:
            assert charged == delivery.cancellation.fee.amount


def test_whatever_they_do_delivery_route_vault_and_ledger_agree(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    checks = list(HealthCheck)
    run_state_machine_as_test(
        Life,
        settings=settings(max_examples=20, stateful_step_count=15, suppress_health_check=checks),
    )
