"""Whatever happens in whatever order, a driver without valid documents receives nothing and finishes what is on board.

The machine plays the rules that the calls use: eligibility for offers, assignments and transfers, the check at the
pickup, the hourly look, and approvals.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crowdship.dispatch.eligibility import Available, off_work, unavailable
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.model import Driver, Duty, Vehicle
from crowdship.kernel.errors import Forbidden
from crowdship.kernel.geo import Point
from crowdship.routes.route import Route
from crowdship.routes.timetable import Load
from crowdship.shipment.vehicles import VehicleKind
from tests.city import settings as zone_settings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONES = ("UTC", "America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland")


class OnTheRoad(RuleBasedStateMachine):
    """A driver on duty, the deliveries that wait for them and are on board, and a clock."""

    @initialize(zone=st.sampled_from(ZONES), days=st.lists(st.integers(0, 3), min_size=4, max_size=4))
    def begin(self, zone, days):
        self.now = NOON
        papers = zip(DocumentKind, days, strict=True)
        self.driver = Driver(
            id="drv_1",
            home_zone_id="testville",
            person_token="pii",
            vehicle=Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200),
            documents=tuple(Document(kind=kind, valid_until=NOON.date() + timedelta(days=day)) for kind, day in papers),
            created_at=NOON - timedelta(days=1),
            duty=Duty(zone_id="testville", since=NOON),
            time_zone=zone,
        )
        self.route = self.on_board = self.delivered = 0
        self.told = []

    @property
    def is_valid(self):
        """Return, without the code under test, whether each document's last day is not over where the driver works."""
        from zoneinfo import ZoneInfo

        today = self.now.astimezone(ZoneInfo(self.driver.time_zone)).date()
        return all(
            any(d.kind is kind and d.valid_until >= today for d in self.driver.documents) for kind in DocumentKind
        )

    def store(self, driver):
        self.told += [event.type for event in driver.events]
        self.driver = driver.with_changes(events=())

    @rule(minutes=st.integers(1, 60 * 30))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def an_order_is_offered_or_assigned(self):
        entry = Available(
            self.driver, Point(lat=41, lon=-87), self.now, Route(id="drv_1", zone_id="testville"), Load(1, 1)
        )
        may = unavailable(entry, zone_settings(), self.now) is None
        assert may == (off_work(self.driver, self.now) is None) == self.is_valid
        self.route += may

    @precondition(lambda self: self.route)
    @rule()
    def goods_are_picked_up(self):
        try:
            self.driver.refuse_obstacle(self.driver.day_of(self.now))
        except Forbidden:
            assert not self.is_valid
            return
        assert self.is_valid, "something new was taken on board"
        self.route, self.on_board = self.route - 1, self.on_board + 1

    @precondition(lambda self: self.on_board)
    @rule()
    def goods_are_delivered(self):
        # No rule of documents stands between goods on board and their hand-over.
        self.on_board, self.delivered = self.on_board - 1, self.delivered + 1

    @rule()
    def the_hourly_look_comes(self):
        if self.driver.lacks_documents(self.driver.day_of(self.now)):
            self.route = 0
        self.store(self.driver.telling_of_expiry(self.now))
        assert self.driver.paused == (not self.is_valid)

    @rule(kind=st.sampled_from(DocumentKind), days=st.integers(0, 40))
    def staff_approve(self, kind, days):
        was_paused = self.driver.paused
        until = self.driver.day_of(self.now) + timedelta(days=days)
        self.store(self.driver.showing(Document(kind=kind, valid_until=until), self.now))
        assert self.driver.paused == (was_paused and not self.is_valid)

    @invariant()
    def who_is_told_of_a_pause_is_told_of_its_end_once(self):
        if hasattr(self, "driver"):
            assert self.told.count("driver.work_resumed") <= self.told.count("driver.documents_expired")


OnTheRoad.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_documents_that_run_out_on_the_road = OnTheRoad.TestCase
