"""Jobs are made whole or not at all; each row of a bulk by itself, and nothing of it is lost."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.views import DeliveryView
from crowdship.dispatch.offers import answers
from crowdship.intake.orders import many
from crowdship.intake.orders.model import BulkRequest, JobRequest
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.shipment.parcel import Parcel, Size
from crowdship.shipment.requirements.registry import Requirements
from crowdship.vault import service as vault
from tests.city import City, request
from tests.faults import Lost, each_call_failing

pytestmark = pytest.mark.usefixtures("aws")


BULKY = Parcel(weight_g=500_000, size=Size(length_cm=999, width_cm=9, height_cm=9))


class Invocation:
    """How much time is left to an invocation; what it looks up may make it less."""

    def __init__(self, *left_ms):
        self._left_ms = list(left_ms) or [20_000]

    def get_remaining_time_in_millis(self):
        return self._left_ms.pop(0) if len(self._left_ms) > 1 else self._left_ms[0]


def view(delivery):
    return DeliveryView.of(delivery, "https://example.com", delivery.eta)


def one(number, **fields):
    asked = request(f"order-{number}", east_m=1000 + 200 * number, **fields)
    return asked.model_dump(exclude={"pickup", "pickup_window", "priority", "quote_id"})


def job_of(count=3, **fields):
    return JobRequest.model_validate({"dropoffs": [one(number) for number in range(count)], **fields})


def make_job(city, asked, key="key-1", context=None):
    return many.create_job_once(city.merchant, asked, key, view, city.clock, context)


def test_a_job_is_a_delivery_for_each_drop_off_the_further_ones_cheaper():
    city = City.open()
    answer = make_job(city, job_of()).body
    made = [deliveries.find_external(city.merchant.id, f"order-{n}") for n in range(3)]
    assert [told["id"] for told in answer["deliveries"]] == [delivery.id for delivery in made]
    assert {delivery.job_id for delivery in made} == {answer["id"]}
    assert answer["id"].startswith("job_")
    assert [d.price.charge_total.amount for d in made] == [599 + 95, 299 + 19, 299 + 19]
    assert answer["charge"]["amount"] == 694 + 2 * 318
    read = many.job_view(many.job_of_merchant(answer["id"], city.merchant.id), view)
    assert read.model_dump(mode="json") == answer
    with pytest.raises(NotFound, match="no_such_job"):
        many.job_of_merchant(answer["id"], "mer_other")


def test_a_job_of_fifteen_is_one_offer_that_a_driver_takes_whole():
    city = City.open()
    driver = city.driver(100)
    make_job(city, job_of(15))
    city.tick()
    (offer,) = city.offers(driver)
    assert len(offer.delivery_ids) == 15
    answers.accept(driver.id, offer.id, city.clock)
    assert {deliveries.get(delivery_id).driver_id for delivery_id in offer.delivery_ids} == {driver.id}


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        (one(2, parcel=BULKY), "too_big", "/dropoffs/2/parcel"),
        (one(250), "outside_service_area", "/dropoffs/2/dropoff/point"),
        (one(2, requirements=Requirements(skills=("flying",))), "unknown_skill", "/dropoffs/2/requirements/skills"),
        (one(0), "external_id_twice", "/dropoffs/2/external_id"),
    ],
)
def test_a_job_with_one_wrong_drop_off_makes_nothing_and_points_at_it(wrong, code, pointer):
    city = City.open()
    asked = JobRequest.model_validate({"dropoffs": [one(0), one(1), wrong]})
    with pytest.raises(Unprocessable, match=code) as refusal:
        make_job(city, asked)
    assert refusal.value.pointer == pointer
    with pytest.raises(NotFound):
        deliveries.find_external(city.merchant.id, "order-0")


def test_what_drop_offs_share_is_pointed_at_where_it_stands():
    city = City.open()
    nowhere = {**one(0)["dropoff"], "point": {"lat": 10, "lon": 10}}
    with pytest.raises(Unprocessable, match="outside_service_area") as refusal:
        make_job(city, job_of(pickup=nowhere))
    assert refusal.value.pointer == "/pickup/point"


def test_a_job_with_an_external_id_that_was_used_makes_nothing():
    city = City.open()
    known = city.order("order-1")
    with pytest.raises(Conflict, match=known.id) as refusal:
        make_job(city, job_of())
    assert refusal.value.pointer == "/dropoffs/1/external_id"
    with pytest.raises(NotFound):
        deliveries.find_external(city.merchant.id, "order-0")


@pytest.mark.parametrize("lost", list(Lost))
def test_a_job_that_dies_at_any_call_is_there_whole_after_a_retry(lost):
    for faulty in each_call_failing(lost, at_least=6):
        city = City.open()
        with faulty:
            make_job(city, job_of(), context=Invocation(-1))
        again = make_job(city, job_of())
        assert make_job(city, job_of()).replayed
        made = [deliveries.find_external(city.merchant.id, f"order-{number}") for number in range(3)]
        assert {delivery.job_id for delivery in made} == {again.body["id"]}
        assert all(vault.contacts(delivery.contacts_token) for delivery in made)


def bulk(*rows):
    return BulkRequest.model_validate({"deliveries": rows})


def make_bulk(city, asked, key="key-1", context=None):
    return many.create_bulk_once(city.merchant, asked, key, view, city.clock, context)


def test_each_row_of_a_bulk_is_answered_by_itself():
    city = City.open()
    city.order("order-9")
    rows = (one(0), {**one(1), "tip": -1, "surprise": 1}, {}, one(250), one(9), one(0), one(2))
    answer = make_bulk(city, bulk(*rows)).body
    assert [row["status"] for row in answer["rows"]] == [201, 422, 422, 422, 409, 409, 201]
    assert (answer["created"], answer["refused"]) == (2, 5)
    codes = [row["problem"] and row["problem"]["code"] for row in answer["rows"]]
    invalid, used = "invalid_request", "external_id_used"
    assert codes == [None, invalid, invalid, "outside_service_area", used, used, None]
    pointed = [{error["pointer"] for error in (row["problem"] or {"errors": ()})["errors"]} for row in answer["rows"]]
    assert pointed[1] == {"/deliveries/1/tip", "/deliveries/1/surprise"}
    assert pointed[3] == {"/deliveries/3/dropoff/point"}
    assert [row["external_id"] for row in answer["rows"]][1:3] == ["order-1", None]
    assert answer["rows"][0]["delivery"]["id"] == deliveries.find_external(city.merchant.id, "order-0").id


def test_the_same_bulk_under_its_key_is_answered_the_same_and_another_is_refused():
    city = City.open()
    first, again = make_bulk(city, bulk(one(0), {})), make_bulk(city, bulk(one(0), {}))
    assert (first.body, first.replayed, again.replayed) == (again.body, False, True)
    with pytest.raises(Unprocessable, match="key_reused"):
        make_bulk(city, bulk(one(1), {}))


@pytest.mark.parametrize("lost", list(Lost))
def test_a_bulk_that_dies_at_any_call_is_finished_by_the_same_request(lost):
    for faulty in each_call_failing(lost, at_least=6):
        city = City.open()
        asked = bulk(one(0), {}, one(1))
        with faulty:
            make_bulk(city, asked, context=Invocation(-1, 20_000))
        statuses = []
        while statuses != [201, 422, 201]:  # a fault of ours may also be answered in its row: ask again
            answer = make_bulk(city, asked)
            statuses = [row["status"] for row in answer.body["rows"]]
        made = [deliveries.find_external(city.merchant.id, f"order-{number}").id for number in range(2)]
        assert [row["delivery"]["id"] for row in answer.body["rows"] if row["delivery"]] == made


def test_a_bulk_stops_before_its_time_is_over_and_goes_on_when_it_is_sent_again():
    city = City.open()
    asked = bulk(*(one(number) for number in range(4)))
    first = make_bulk(city, asked, context=Invocation(20_000, 20_000, 20_000, 100))
    told = [(row["status"], (row["problem"] or {}).get("code")) for row in first.body["rows"]]
    assert told == [(201, None), (201, None), (503, "not_reached"), (503, "not_reached")]
    again = make_bulk(city, asked)
    assert [row["status"] for row in again.body["rows"]] == [201] * 4
    assert again.body["rows"][:2] == first.body["rows"][:2]
    assert not again.replayed
    assert make_bulk(city, asked).replayed
