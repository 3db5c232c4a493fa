"""Changes of a route that are worth an SMS to the driver."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdship.kernel.geo import Point
from crowdship.notify.drivers.facts import RouteFacts
from crowdship.notify.drivers.notices import QUIET_FOR, ROUTE_CHANGED_SMS, STALE_AFTER
from crowdship.notify.notices import Audience
from crowdship.notify.sendings import LastNotice
from crowdship.notify.service import ADDRESSED
from crowdship.notify.texts import sms_for
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import Stop
from crowdship.shipment.stop_kind import StopKind

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def stop(number):
    return Stop(
        stop_id=f"dlv_{number}:dropoff",
        delivery_id=f"dlv_{number}",
        kind=StopKind.DROPOFF,
        point=Point(lat=41, lon=-87),
        opens_at=NOON,
        closes_at=NOON + timedelta(hours=1),
        dwell_s=60,
        weight_g=1000,
        volume_l=5,
    )


def changed(by, reason):
    return Route(id="drv_1", zone_id="testville").replan((stop(1), stop(2)), NOON, reason, by)


@pytest.mark.parametrize(
    ("by", "reason", "told"),
    [
        ("sam", ChangeReason.EDITED_BY_HAND, True),
        ("sam", ChangeReason.DELIVERIES_ASSIGNED, True),
        ("sam", ChangeReason.DELIVERY_CANCELLED, True),
        ("sam", ChangeReason.COMPLETED_BY_HAND, False),
        ("dispatch", ChangeReason.DELIVERIES_ASSIGNED, False),
        ("drv_1", ChangeReason.STOP_DONE, False),
        ("mer_1", ChangeReason.DELIVERY_UPDATED, False),
    ],
)
def test_a_driver_gets_an_sms_about_what_a_dispatcher_decided(by, reason, told):
    (event,) = changed(by, reason).events
    assert ROUTE_CHANGED_SMS.is_about(event) == told


def test_a_change_is_worth_telling_until_it_is_confirmed_or_old():
    route = changed("sam", ChangeReason.EDITED_BY_HAND)
    (event,) = route.events
    assert ROUTE_CHANGED_SMS.is_due(event, route, NOON + STALE_AFTER)
    assert not ROUTE_CHANGED_SMS.is_due(event, route, NOON + STALE_AFTER + timedelta(seconds=1))
    assert not ROUTE_CHANGED_SMS.is_due(event, route.confirm(route.revision), NOON)


@pytest.mark.parametrize(
    ("stops", "says"),
    [
        (0, "No stops are left; open the app to confirm."),
        (1, "It now has 1 stop; open the app to see and confirm it."),
        (12, "It now has 12 stops; open the app to see and confirm them."),
    ],
)
def test_the_sms_says_how_many_stops_there_are(stops, says):
    text = sms_for(ROUTE_CHANGED_SMS, RouteFacts(stops=stops), NOON)
    assert text == f"crowdship: our dispatcher changed your route. {says}"


def test_the_last_notice_keeps_others_away_for_a_while_and_never_itself():
    last = LastNotice.first("drv_1", "route_changed").replaced_by("evt_1", NOON, QUIET_FOR)
    assert last.replaced_by("evt_1", NOON, QUIET_FOR) == last
    assert last.replaced_by("evt_2", NOON + QUIET_FOR - timedelta(seconds=1), QUIET_FOR) is None
    assert last.replaced_by("evt_2", NOON + QUIET_FOR, QUIET_FOR).event_id == "evt_2"


def test_a_notice_that_was_not_sent_keeps_no_other_away():
    last = LastNotice.first("drv_1", "route_changed").replaced_by("evt_1", NOON, QUIET_FOR)
    assert last.replaced_by("evt_2", NOON, QUIET_FOR, was_sent=False).event_id == "evt_2"


def test_every_audience_has_somebody_who_finds_its_addresses():
    assert ADDRESSED.keys() == set(Audience)
