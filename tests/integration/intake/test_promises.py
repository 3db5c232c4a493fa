"""A promise that can't be kept is refused wherever an order comes in."""

from datetime import timedelta

import pytest

from crowdship.intake.imports import service as importing
from crowdship.intake.orders import many
from crowdship.intake.orders.model import BulkRequest, JobRequest, QuoteRequest, Spot
from crowdship.intake.quotes import service as quoting
from crowdship.kernel.errors import Unprocessable
from crowdship.shipment.windows import Window
from tests.city import NOON, City, at, request
from tests.integration.intake.test_import import GOOD, text_of
from tests.integration.intake.test_many import Invocation, view

pytestmark = pytest.mark.usefixtures("aws")

LATER = Window(opens_at=NOON + timedelta(hours=1), closes_at=NOON + timedelta(hours=2))
TOO_SOON = Window(opens_at=NOON, closes_at=NOON + timedelta(minutes=61))
FAR_M = 5000  # two minutes at the pickup and 1,000 s
EARLIEST = "2026-06-01T13:19:00Z or later"


def order(external_id="order-1"):
    return request(external_id, 0, FAR_M, pickup_window=LATER, dropoff_window=TOO_SOON)


def quoted(city):
    asked = QuoteRequest(dropoff=Spot(point=at(0, FAR_M)), pickup_window=LATER, dropoff_window=TOO_SOON)
    return quoting.quote(city.merchant, asked, city.clock)


def ordered(city):
    return city.order(east_m=0, north_m=FAR_M, pickup_window=LATER, dropoff_window=TOO_SOON)


def in_a_job(city):
    ends = [order(f"order-{n}").model_dump(include={"external_id", "dropoff", "dropoff_window"}) for n in (1, 2)]
    asked = JobRequest.model_validate({"pickup_window": LATER, "dropoffs": ends})
    return many.create_job_once(city.merchant, asked, "key", view, city.clock, None)


@pytest.mark.parametrize("way_in", [quoted, ordered, in_a_job])
def test_a_drop_off_that_is_due_before_anybody_can_be_there_is_refused_with_the_earliest_moment(way_in):
    with pytest.raises(Unprocessable, match="dropoff_too_soon") as refusal:
        way_in(City.open())
    assert EARLIEST in refusal.value.detail
    assert refusal.value.pointer.endswith("/dropoff_window/closes_at")


def test_in_a_bulk_it_is_the_row_s_problem():
    city = City.open()
    asked = BulkRequest(deliveries=(order("order-1"), request("order-2")))
    answer = many.create_bulk_once(city.merchant, asked, "key", view, city.clock, None).body
    assert [row["status"] for row in answer["rows"]] == [422, 201]
    assert answer["rows"][0]["problem"]["code"] == "dropoff_too_soon"
    assert answer["rows"][0]["problem"]["errors"][0]["pointer"] == "/deliveries/0/dropoff_window/closes_at"


def test_in_a_file_it_is_the_column_s_fault():
    city = City.open()
    times = {"pickup": LATER, "dropoff": TOO_SOON}
    row = {f"{end}_{name}": f"{getattr(window, name):%Y-%m-%dT%H:%M:%SZ}" for end, window in times.items() for name in
           ("opens_at", "closes_at")}  # fmt: skip
    report = importing.try_file(city.merchant, text_of({**GOOD, "dropoff_lat": "41.04", **row}).encode(), city.clock)
    assert [(one.column, one.code) for one in report.errors] == [("dropoff_closes_at", "dropoff_too_soon")]


def test_a_quote_that_is_taken_up_late_does_not_make_us_late():
    city = City.open()
    asked = QuoteRequest(dropoff=Spot(point=at(0, FAR_M)), dropoff_window=Window(
        opens_at=NOON, closes_at=NOON + timedelta(minutes=20)))  # fmt: skip
    quote = quoting.quote(city.merchant, asked, city.clock)
    city.later(minutes=14)
    taken = city.order(east_m=0, north_m=FAR_M, quote_id=quote.id)
    assert taken.dropoff_window == asked.dropoff_window
    assert taken.due_at == city.clock.now() + timedelta(seconds=120 + 1000)


def test_one_thing_that_is_wrong_is_told_as_one_and_two_as_two():
    city = City.open()
    good = request("order-1").model_dump(mode="json")
    rows = ({**good, "tip": -1}, {**good, "tip": "300", "priority": "asap"}, {**good, "phone": "x"})
    answer = many.create_bulk_once(city.merchant, BulkRequest(deliveries=rows), "key", view, city.clock, None).body
    told = [row["problem"]["detail"].partition(";")[0] for row in answer["rows"]]
    assert told == ["1 field is wrong", "2 fields are wrong", "1 field is wrong"]
    pointers = [[error["pointer"] for error in row["problem"]["errors"]] for row in answer["rows"]]
    assert pointers == [["/deliveries/0/tip"], ["/deliveries/1/tip", "/deliveries/1/priority"], ["/deliveries/2/phone"]]
    quote = quoting.quote(city.merchant, QuoteRequest(dropoff=Spot(point=at(2000))), city.clock)
    with pytest.raises(Unprocessable, match=r"1 term is not that of quote qot_\w+; /priority"):
        city.order("order-2", quote_id=quote.id, priority="urgent")
    with pytest.raises(Unprocessable, match=r"1 of 1 row is wrong; nothing was created"):
        importing.import_once(city.merchant, text_of({**GOOD, "tip": "x"}).encode(), "key", city.clock, Invocation())
