"""Claims through the functions as API Gateway calls them, and the sweep over what is due."""

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.claims import due, service
from crowdship.claims.inputs import ClaimDecisionInput, ClaimOpening
from crowdship.claims.matrix import Opener
from crowdship.claims.store import ClaimRow, RefundsRow, cursor_of
from crowdship.claims.values import ClaimState
from crowdship.deliveries import service as deliveries
from crowdship.kernel.errors import Refusal
from crowdship.kernel.money import Money
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.proof import service as proof
from crowdship.proof.store import ProofRow
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from tests.city import City
from tests.faults import Lost, each_call_failing
from tests.integration.settlement.test_functions import ask, function

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open()


@pytest.fixture
def driver(city):
    return city.driver()


def delivered(city, driver, number=1, late=False, **fields):
    city.seen(driver, 500)
    order = city.assigned(driver, external_id=f"order-{number}", **fields)
    if late:
        city.later(minutes=90)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)
    return deliveries.get(order.id)


def opening(delivery, kind="damaged", reference="ticket-1", amount=2000, **more):
    return ClaimOpening(
        reference=reference,
        delivery_id=delivery.id,
        kind=kind,
        amount=Money(amount=amount, currency="USD"),
        words="The box was torn.",
        **more,
    )


def opened(city, delivery, opener=Opener.MERCHANT, **what):
    by = city.merchant.id if opener is Opener.MERCHANT else "ana"
    return service.open_claim(opening(delivery, **what), opener, by, city.clock, city.clock)


def decide(city, claim, verdict="grant", by="ana", **more):
    asked = ClaimDecisionInput(claim_id=claim.id, verdict=verdict, reasons="We looked at it.", **more)
    return service.decide(asked, by, city.clock, city.clock)


def award(**amounts):
    names = ("goods", "charge", "tip", "from_driver", "to_driver")
    return {name: {"amount": amounts.get(name, 0), "currency": "USD"} for name in names}


def test_a_late_delivery_is_refunded_at_once_and_once(city, driver):
    delivery = delivered(city, driver, late=True)
    first = opened(city, delivery, kind="late", amount=0)
    assert first.state is ClaimState.GRANTED
    assert first.decision.by == "system"
    again = opened(city, delivery, kind="late", amount=0)
    assert again.decision == first.decision
    charged = first.facts.booked.charge.amount
    more = [opened(city, delivery, kind="late", amount=0, reference=f"ticket-{number}") for number in (2, 3, 4)]
    granted = sum(claim.decision.award.refund.amount for claim in (first, *more))
    assert RefundsRow.load(delivery.id).charge == granted == round(charged / 2)
    assert {claim.state for claim in more} == {ClaimState.REFUSED}, "half of the charge comes back, and only once"


def test_a_reference_names_one_claim(city, driver):
    delivery = delivered(city, driver)
    opened(city, delivery)
    with pytest.raises(Refusal, match="reference_used"):
        opened(city, delivery, amount=1)


def test_another_merchants_delivery_is_treated_as_missing(city, driver):
    delivery = delivered(city, driver)
    with pytest.raises(Refusal, match="no_such_delivery"):
        service.open_claim(opening(delivery), Opener.MERCHANT, "mer_other", city.clock, city.clock)


def test_the_words_of_a_claim_are_in_the_vault_and_go_with_the_driver(city, driver):
    delivery = delivered(city, driver)
    claim = opened(city, delivery, kind="chargeback")
    assert service.words_of([claim]) == {claim.token("opening"): "The box was torn."}
    assert "torn" not in ClaimRow.find(claim.id, "CLAIM").body


def test_small_claims_of_a_day_are_decided_at_once_up_to_a_limit_in_sum(city, driver):
    decided = []
    for number in range(1, 25):
        delivery = delivered(city, driver, number=number, late=True)
        decided.append(opened(city, delivery, kind="late", amount=0, reference=f"ticket-{number}"))
    alone = [claim for claim in decided if claim.state is ClaimState.GRANTED and claim.opened_at.day == 1]
    total = sum(claim.decision.award.total.amount for claim in alone)
    assert total <= 5000


def test_a_grant_above_the_limit_waits_for_another_person(city, driver):
    claim = opened(city, delivered(city, driver), amount=60_00)
    waits = decide(city, claim, award=award(goods=6000))
    assert waits.state is ClaimState.TO_CONFIRM
    assert RefundsRow.load(claim.delivery_id) is None, "nothing is granted yet"
    with pytest.raises(Refusal, match="second_person_needed"):
        decide(city, claim, "confirm")
    done = decide(city, claim, "confirm", by="ben")
    assert done.state is ClaimState.GRANTED
    assert RefundsRow.load(claim.delivery_id).goods == 6000


def test_the_sweep_decides_what_nobody_decided(city, driver):
    claim = opened(city, delivered(city, driver))
    assert due.sweep(city.clock, city.clock) == 0
    city.later(days=11)
    assert due.sweep(city.clock, city.clock) == 1
    assert service.get(claim.id).decision.lapsed
    assert due.sweep(city.clock, city.clock) == 0


@pytest.mark.parametrize("lost", Lost)
def test_an_opening_that_fails_at_any_call_leaves_one_claim_and_right_sums(city, driver, lost):
    delivery, granted = delivered(city, driver, late=True), 0
    for number, faulty in enumerate(each_call_failing(lost, at_least=5)):
        what = {"kind": "late", "amount": 0, "reference": f"ticket-{number}"}
        with faulty:
            opened(city, delivery, **what)
        claim = opened(city, delivery, **what)
        granted += claim.decision.award.charge.amount if claim.decision else 0
        sums = RefundsRow.load(delivery.id)
        assert (sums.charge if sums else 0) == granted
    assert len(service.of_delivery(delivery.id)) == number + 1


def staff(city, method, path, body=None, username="ana", group="finance", **query):
    module = function("console/claims", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/staff/{path}", username=username, group=group, body=body, **query)


def own(city, driver_id, method="GET", path="claims", body=None):
    module = function("driver/claims", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/driver/{path}", group="drivers", username=driver_id, body=body)


def open_against(city, driver):
    """Return a claim that may be laid on the driver: the hand-over was far from the door."""
    delivery = delivered(city, driver)
    record = proof.record_of(delivery, driver.id)
    work = UnitOfWork()
    work.store(ProofRow.of(record.with_changes(distance_m=2000.0)))
    work.commit()
    return opened(city, delivery, kind="not_delivered")


def test_a_driver_reads_a_claim_answers_it_once_and_a_person_decides(city, driver):
    claim = open_against(city, driver)
    status, told = own(city, driver.id)
    assert status == 200
    (shown,) = told["claims"]
    assert shown["may_answer"]
    assert shown["held"]["amount"] > 0
    assert shown["asks"] == "The box was torn."
    path = f"claims/{claim.id}/answer"
    status, told = own(city, driver.id, "POST", path, {"words": "I rang twice."})
    assert status == 200
    assert told["claims"][0]["answer"] == "I rang twice."
    status, told = own(city, driver.id, "POST", path, {"words": "Again."})
    assert (status, told["code"]) == (409, "answered_already")
    body = {
        "decision": {
            "claim_id": claim.id,
            "verdict": "grant",
            "reasons": "So.",
            "award": award(goods=500, from_driver=100),
        }
    }
    status, told = staff(city, "POST", "claims", body)
    assert status == 201, told
    assert told["state"] == "granted"
    assert told["words"] == {"opening": "The box was torn.", "answer": "I rang twice.", "reasons": "So."}
    status, told = own(city, driver.id)
    assert told["claims"][0]["taken"] == {"amount": 100, "currency": "USD"}
    assert told["claims"][0]["held"] is None


def test_another_driver_sees_nothing_of_it(city, driver):
    claim = open_against(city, driver)
    other = city.driver(east_m=5000)
    assert own(city, other.id)[1] == {"claims": []}
    status, told = own(city, other.id, "POST", f"claims/{claim.id}/answer", {"words": "Mine?"})
    assert (status, told["code"]) == (404, "no_such_claim")


def test_staff_see_what_waits_with_what_the_matrix_suggests(city, driver):
    claim = opened(city, delivered(city, driver))
    status, told = staff(city, "GET", "claims", state="to_decide")
    assert status == 200
    (shown,) = told["claims"]
    assert (shown["claim_id"], shown["bears"], shown["lapses"]) == (claim.id, "platform", "refused")
    assert shown["suggested"]["goods"]["amount"] == 2000
    assert staff(city, "GET", "claims", delivery_id=claim.delivery_id)[1] == told
    assert staff(city, "GET", "claims", claim_id=claim.id)[1] == told
    assert staff(city, "GET", "claims")[0] == 422
    assert staff(city, "GET", "claims", group="dispatcher", state="to_decide")[0] == 403


def test_staff_open_a_claim_about_a_drivers_pay_and_grant_it(city, driver):
    delivery = delivered(city, driver)
    body = {
        "opening": {**opening(delivery, kind="pay_wrong", amount=400).model_dump(mode="json"), "words": "Wait unpaid."}
    }
    status, told = staff(city, "POST", "claims", body, group="support")
    assert status == 201, told
    decision = {"claim_id": told["claim_id"], "verdict": "grant", "reasons": "Right.", "award": award(to_driver=400)}
    status, told = staff(city, "POST", "claims", {"decision": decision})
    assert (status, told["state"]) == (201, "granted")


def test_a_merchant_opens_lists_and_withdraws(city, driver):
    delivery = delivered(city, driver)
    key = merchants.issue_key(city.merchant.id, frozenset(Scope), city.clock)
    module = function("merchant/claims", city.clock)
    module.wall = city.clock

    def call(method, body=None, **query):
        return ask(module, method, "/v1/claims", body=body, key=key, **query)

    status, told = call("POST", {"opening": opening(delivery).model_dump(mode="json")})
    assert (status, told["state"]) == (201, "to_decide")
    assert call("GET")[1]["claims"][0]["claim_id"] == told["claim_id"]
    status, after = call("POST", {"withdraws": told["claim_id"]})
    assert (status, after["state"]) == (201, "withdrawn")
    assert call("POST", {})[0] == 422


def test_a_months_list_is_read_in_pages(city, driver):
    for number in range(3):
        opened(city, delivered(city, driver, number=number), reference=f"t-{number}")
        city.later(minutes=1)
    month = f"{city.clock.now():%Y-%m}"
    first = service.of_merchant(city.merchant.id, month, None, 2)
    rest = service.of_merchant(city.merchant.id, month, cursor_of(first[-1]), 2)
    assert [claim.reference for claim in (*first, *rest)] == ["t-2", "t-1", "t-0"]
