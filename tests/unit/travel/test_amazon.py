"""Amazon Location's ways: asked in its own terms, for each pair once, and estimated where it does not know them."""

from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber

from crowdship.kernel.errors import Unprocessable
from crowdship.routes.arrivals import arrivals
from crowdship.routes.timetable import Start
from crowdship.shipment.vehicles import Profile
from crowdship.travel.conditions import Learned
from crowdship.travel.engines import amazon, maps
from crowdship.travel.engines.amazon import AmazonWays
from crowdship.travel.engines.roads import NO_WAY_S
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.times import GreatCircle
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules, Zone
from tests.city import CENTRE, NOON, at, settings
from tests.unit.tracking.test_fences import stop

RULES = TravelRules(amazon_location=True)
A, B = CENTRE, at(1000)
HERE, THERE, FAR, ON_THE_WAY = ((point.lat, point.lon) for point in (A, B, at(5000), at(500)))
LEARNED = Learned.nothing(Zone(id="testville", settings=settings()))


@pytest.fixture
def service():
    """The service's client, which checks every request and answer against its own model."""
    client = boto3.client("geo-routes", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        stubber.client = client
        yield stubber
        stubber.assert_no_pending_responses()


def entry(seconds=0, metres=0, error=None):
    told = {"Duration": seconds, "Distance": metres}
    return {**told, "Error": error} if error else told


def answers(service, rows, origins, destinations, mode="Car"):
    def places(listed):
        return [{"Position": [lon, lat]} for lat, lon in listed]

    service.add_response(
        "calculate_route_matrix",
        {
            "ErrorCount": 0,
            "PricingBucket": "Core",
            "RouteMatrix": rows,
            "RoutingBoundary": {"Unbounded": True},
        },
        {
            "Origins": places(origins),
            "Destinations": places(destinations),
            "RoutingBoundary": {"Geometry": {"AutoCircle": {"Margin": 20_000}}},
            "TravelMode": mode,
            "Traffic": {"Usage": "IgnoreTrafficData"},
            "OptimizeRoutingFor": "FastestRoute",
        },
    )


def test_all_pairs_are_asked_for_at_once_and_new_places_only_for_what_is_new(service):
    ways = AmazonWays(service.client, RULES)
    answers(service, [[entry(), entry(100, 900)], [entry(120, 950), entry()]], [HERE, THERE], [HERE, THERE])
    ways.know([HERE, THERE])
    assert (ways.seconds(A, B), ways.seconds(B, A), ways.metres(A, B)) == (100, 120, 900)
    answers(service, [[entry(50, 400), entry(60, 500), entry()]], [FAR], [HERE, THERE, FAR])
    answers(service, [[entry(51, 401)], [entry(61, 501)]], [HERE, THERE], [FAR])
    ways.know([HERE, THERE, FAR])
    assert (ways.seconds_between(FAR, HERE), ways.seconds_between(THERE, FAR)) == (50, 61)


def test_a_route_is_asked_for_leg_by_leg_and_of_a_driver_who_moved_on_only_the_first(service):
    ways = AmazonWays(service.client, RULES)
    travel = InTraffic(ways, Traffic(), NOON)
    route = [stop("dlv_1", 1000), stop("dlv_2", 5000)]
    answers(service, [[entry(100, 900)]], [HERE], [THERE])
    answers(service, [[entry(60, 500)]], [THERE], [FAR])
    first = arrivals(route, Start(A, NOON), travel, LEARNED)
    answers(service, [[entry(50, 450)]], [ON_THE_WAY], [THERE])
    then = arrivals(route, Start(at(500), NOON), travel, LEARNED)
    gained = [first[each.stop_id].at - then[each.stop_id].at for each in route]
    assert all(each > timedelta() for each in gained)
    assert not ways.estimates(A, B)


def test_legs_that_were_asked_for_in_vain_are_asked_for_again_after_a_while(service, monkeypatch):
    ways, estimate = AmazonWays(service.client, RULES), GreatCircle(RULES)
    now = [1000.0]
    monkeypatch.setattr(amazon.time, "monotonic", lambda: now[0])
    service.add_client_error("calculate_route_matrix", "ThrottlingException")
    assert ways.seconds(A, B) == estimate.seconds_between(HERE, THERE)
    assert ways.estimates(A, B)
    now[0] += amazon.ASK_AGAIN_S + 1
    answers(service, [[entry(100, 900)]], [HERE], [THERE])
    assert ways.seconds(A, B) == 100
    assert not ways.estimates(A, B)


def test_more_origins_than_a_request_may_have_are_asked_for_in_several(service, monkeypatch):
    monkeypatch.setattr(amazon, "MOST_ORIGINS", 1)
    ways = AmazonWays(service.client, RULES)
    answers(service, [[entry(), entry(100, 900)]], [HERE], [HERE, THERE])
    answers(service, [[entry(120, 950), entry()]], [THERE], [HERE, THERE])
    ways.know([HERE, THERE])
    assert (ways.seconds(A, B), ways.seconds(B, A)) == (100, 120)


def test_where_no_way_leads_is_refused_and_what_the_service_does_not_know_is_estimated(service):
    ways, estimate = AmazonWays(service.client, RULES), GreatCircle(RULES)
    answers(service, [[entry(error="NoRoute")]], [HERE], [THERE])
    assert ways.seconds(A, B) == NO_WAY_S
    with pytest.raises(Unprocessable, match="no_way"):
        ways.check(A, B, "/dropoff/point")
    answers(service, [[entry(error="NoMatchDestination")]], [HERE], [FAR])
    assert ways.seconds_between(HERE, FAR) == estimate.seconds_between(HERE, FAR)


def test_a_service_that_does_not_answer_is_left_alone_for_a_while_and_then_asked_again(service, monkeypatch):
    ways, estimate = AmazonWays(service.client, RULES), GreatCircle(RULES)
    now = [1000.0]
    monkeypatch.setattr(amazon.time, "monotonic", lambda: now[0])
    service.add_client_error("calculate_route_matrix", "ThrottlingException")
    ways.know([HERE, THERE])
    assert ways.seconds(A, B) == estimate.seconds_between(HERE, THERE)
    assert ways.seconds_between(HERE, FAR) == estimate.seconds_between(HERE, FAR)
    now[0] += amazon.ASK_AGAIN_S + 1
    answers(service, [[entry(), entry(100, 900)], [entry(120, 950), entry()]], [HERE, THERE], [HERE, THERE])
    ways.know([HERE, THERE])
    assert ways.seconds(A, B) == 100


@pytest.mark.parametrize(("profile", "mode"), [(Profile.CAR, "Car"), (Profile.FOOT, "Pedestrian")])
def test_a_zone_that_asks_for_it_moves_as_its_profile_says(profile, mode, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    ways = maps.travel_times(RULES.model_copy(update={"profile": profile}))
    assert isinstance(ways, AmazonWays)
    assert ways.travel_mode == mode


def test_by_bicycle_the_great_circle_is_asked_as_the_service_knows_no_bicycles():
    assert isinstance(maps.travel_times(RULES, Profile.BICYCLE), GreatCircle)
