"""From events to true-ups: what is noted, when it is reckoned, and what is paid, in any order and number of events."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from crowdship.adapters.bus import EVENTS
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Doubt, Ground, Verdict
from crowdship.deliveries.states import CorrectionReason
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import DomainEvent
from crowdship.pay_floors import closing, noting, queries, queue
from crowdship.pay_floors.store import CalculationRow, DueRow, WorkRow
from crowdship.pricing.model import RateCard, price_trip
from crowdship.settlement import booking
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking.model import Fix
from crowdship.tracking.store import TrailRow
from tests.city import City, at, delivery, driver_input, put_zone
from tests.city import settings as zone_settings
from tests.contracts import validate_event

MONDAY = datetime(2025, 6, 2, 17, tzinfo=UTC)
CA, NYC, SEA = ("US", "US-CA"), ("US", "US-NY", "US-NY-new-york-city"), ("US", "US-WA", "US-WA-seattle")
FIRST = MONDAY.date()
MINUTE = timedelta(minutes=1)
DUTY = "driver.{}_duty"


@dataclass
class Town:
    """A town, the events of its deliveries, and the queue of periods that are to be reckoned."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    told: list = field(default_factory=list)
    jobs: list = field(default_factory=list)
    number: int = 0

    def driver(self, **fields):
        self.number += 1
        phone = f"+1312555{self.number:04d}"
        given = driver_input(phone=phone, email=f"d{self.number}@example.com", **fields)
        return drivers.register(given, self.clock, lambda *_: None).id

    def begun(self, driver_id, law=CA, begins=MONDAY, minutes=60, **fields):
        """Return a delivery at its customer's door, not stored yet."""
        self.number += 1
        life = delivery(f"dlv_{self.number}", pickup_law=law, dropoff_law=law, **fields)
        given = life.with_changes(offer_id=f"ofr_{self.number}").offer(f"ofr_{self.number}", begins)
        there = given.assign(driver_id, begins, driver_id, None).depart(StopKind.PICKUP, begins)
        fetched = there.arrive(StopKind.PICKUP, begins + 5 * MINUTE).pick_up(begins + 6 * MINUTE)
        return fetched.depart(StopKind.DROPOFF, begins + 7 * MINUTE).arrive(
            StopKind.DROPOFF, begins + (minutes - 1) * MINUTE
        )

    def delivered(self, driver_id, law=CA, begins=MONDAY, minutes=60, **fields):
        """Store a delivery that took so long, tell of it, and return it."""
        life = self.begun(driver_id, law, begins, minutes, **fields).deliver(begins + minutes * MINUTE)
        return self.keep(life)

    def keep(self, life, new=True):
        work = UnitOfWork()
        (deliveries.keep_new if new else deliveries.keep)(life, work)
        work.commit()
        self.tell(life.events[-1])
        return deliveries.get(life.id)

    def tell(self, event, times=2):
        self.clock.moment = max(self.clock.moment, event.time)
        for _ in range(times):
            noting.note(event, self.clock)

    def duty(self, driver_id, begins, hours, sequence=1):
        for number, (word, moment) in enumerate((("on", begins), ("off", begins + timedelta(hours=hours)))):
            data = {"driver_id": driver_id, "zone_id": "testville"}
            self.tell(
                DomainEvent(
                    id=f"evt_{driver_id}_{sequence + number}",
                    type=DUTY.format(word),
                    time=moment,
                    subject=driver_id,
                    sequence=sequence + number,
                    data=data,
                )
            )

    def look(self, times=1, **after):
        """Let time pass, and let the schedule and the queue do their work."""
        if after:
            self.clock.moment = max(self.clock.moment, MONDAY + timedelta(**after))
        for _ in range(times):
            closing.send_due(self.jobs.extend, self.clock)
            jobs, self.jobs[:] = self.jobs[:], []
            for job in (*jobs, *jobs):
                closing.work(closing.Job.model_validate_json(job.model_dump_json()), self.clock)

    @property
    def paid(self):
        """Sums of the ledger's postings by driver, each cause once however often it is told."""
        postings = {posting.id: posting for event in (*self.told, *self.told) if (posting := booking.post(event))}
        sums = Counter()
        for posting in postings.values():
            assert posting.kind == "pay_floor"
            assert {entry.code for entry in posting.entries} == {"floor"}
            sums[posting.entries[0].account.split(":")[1]] -= posting.entries[0].signed
        return dict(sums)

    def reckoned(self, driver_id, jurisdiction="US-CA", first=FIRST):
        return CalculationRow.load(jurisdiction, first, driver_id)


@pytest.fixture
def town(aws, monkeypatch):
    City.open()
    town, commit = Town(), UnitOfWork.commit

    def noted(work):
        commit(work)
        for row, _ in work._puts:
            for event in EVENTS.validate_json(getattr(row, "events", None) or "[]"):
                validate_event(event.model_dump(mode="json"))
                if event.type == "pay_floor.due":
                    town.told.append(event)

    monkeypatch.setattr(UnitOfWork, "commit", noted)
    return town


PAY = delivery().price.pay_total.amount
HOUR = 1980
"""Cents of an hour in California in 2025; the way of these deliveries comes to that."""


def way_of(town, driver_id):
    """Return the cents for the engaged way, as the calculation has them."""
    steps = town.reckoned(driver_id).reckoning.steps
    return sum(float(step.amount) for step in steps if step.code == "engaged_way") * 100


def test_what_is_short_in_a_week_is_paid_once_after_it_however_often_it_is_told_and_looked_at(town):
    ana = town.driver()
    for day in range(2):
        town.delivered(ana, begins=MONDAY + timedelta(days=day))
    town.look(days=6)
    assert town.reckoned(ana) is None, "the week is not over"
    town.look(times=3, days=9)
    least = 2 * HOUR + way_of(town, ana)
    assert town.paid == {ana: -int(-least // 1) - 2 * PAY}
    assert len(town.told) == 1
    assert town.told[0].data["is_correction"] is False
    assert list(DueRow.until(town.clock.now() + timedelta(days=99), 9)) == []


def test_a_delivery_that_is_told_of_late_is_paid_by_a_further_true_up(town):
    ana = town.driver()
    town.delivered(ana)
    town.look(days=9)
    before = town.paid[ana]
    town.delivered(ana, begins=MONDAY + timedelta(days=1))
    town.clock.moment = MONDAY + timedelta(days=12)
    town.look()
    assert [event.data["is_correction"] for event in town.told] == [False, True]
    assert town.paid[ana] == town.reckoned(ana).reckoning.short.amount > before
    deadline = datetime.fromisoformat(town.told[1].data["deadline"])
    assert town.clock.now() <= deadline <= town.clock.now() + timedelta(days=7)


def test_what_was_paid_is_never_taken_back_and_counts_for_what_is_owed_later(town):
    ana = town.driver()
    town.delivered(ana)
    town.look(days=9)
    paid = town.paid[ana]
    rich = price_trip(RateCard(pay_base=2 * PAY), 0, 0)
    town.delivered(ana, begins=MONDAY + timedelta(days=1), minutes=10, price=rich)
    town.look()
    assert town.reckoned(ana).reckoning.short.amount < paid
    assert town.paid[ana] == paid
    assert town.reckoned(ana).owed.amount == 0


def test_an_ending_that_was_taken_back_does_not_count_until_the_next_one(town):
    ana = town.driver()
    ended = town.delivered(ana)
    back = town.keep(ended.correct(CorrectionReason.PRESSED_BY_MISTAKE, ended.timeline[-1].at + MINUTE), new=False)
    (work,) = WorkRow.around(ana, MONDAY, MONDAY + timedelta(days=1))
    assert work.counts is False
    town.keep(back.deliver(MONDAY + 90 * MINUTE), new=False)
    town.look(days=9)
    assert town.reckoned(ana).figures.engaged_us == 90 * 60 * 10**6


def test_work_whose_pay_is_held_counts_once_it_is_released_and_never_if_it_is_refused(town):
    ana, ben = town.driver(), town.driver()
    for who, verdict, ground in (
        (ana, Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS),
        (ben, Verdict.REFUSED, Ground.WAS_ELSEWHERE),
    ):
        held = town.keep(town.begun(who).deliver(MONDAY + 60 * MINUTE, doubt=Doubt.OFF_TRACK))
        town.look(days=9)
        assert town.reckoned(who) is None
        town.keep(held.decide(verdict, ground, town.clock.now(), "staff"), new=False)
        town.look()
    assert town.paid.keys() == {ana}


def test_a_driver_who_handed_over_is_engaged_until_then_and_the_other_one_from_then_on(town):
    ana, ben = town.driver(), town.driver()
    handed = MONDAY + 30 * MINUTE
    moved = town.begun(ana).transfer(ben, at(1000), handed, "staff", None)
    there = moved.depart(StopKind.PICKUP, handed).arrive(StopKind.PICKUP, handed + MINUTE).pick_up(handed + 2 * MINUTE)
    door = there.depart(StopKind.DROPOFF, handed + 3 * MINUTE).arrive(StopKind.DROPOFF, handed + 9 * MINUTE)
    town.keep(door.deliver(handed + 20 * MINUTE))
    town.look(days=9)
    minutes = {who: town.reckoned(who).figures.engaged_us // (60 * 10**6) for who in (ana, ben)}
    assert minutes[ben] == 20
    assert minutes[ana] == (handed - MONDAY) // MINUTE
    owed = sum(part.amount.amount for part in moved.hand_overs[0].pay)
    assert town.reckoned(ana).reckoning.earned.amount == owed > 0


def test_a_tip_is_no_earning(town):
    ana = town.driver()
    town.delivered(ana, price=delivery().price.with_tip(5000))
    town.look(days=9)
    assert town.reckoned(ana).reckoning.earned.amount == PAY


def test_employees_and_places_without_a_floor_are_not_noted(town):
    ana, ben = town.driver(), town.driver(kind=DriverKind.DEDICATED)
    town.delivered(ana, law=("US", "US-TX"))
    town.delivered(ben)
    town.look(days=9)
    assert not [*WorkRow.around(ana, MONDAY, town.clock.now()), *WorkRow.around(ben, MONDAY, town.clock.now())]
    assert town.paid == {}


def test_the_way_is_that_of_the_phone_and_without_positions_that_between_the_doors(town):
    ana, ben = town.driver(), town.driver()
    fixes = [Fix(point=at(-2000 + 500 * n), device_at=MONDAY + n * MINUTE) for n in range(5)]
    TrailRow.of(ana, fixes, MONDAY).save(add_version_condition=False)
    for who in (ana, ben):
        town.delivered(who)
    town.look(days=9)
    metres = {who: town.reckoned(who).figures.works[0].metres for who in (ana, ben)}
    assert metres[ben] == pytest.approx(2000, abs=5), "the town's detour factor is 1"
    assert metres[ana] == pytest.approx(4000, abs=10)


def test_minutes_of_a_trip_that_ends_in_two_weeks_are_paid_in_one_of_them(town):
    ana = town.driver()
    edge = MONDAY.replace(day=9, hour=11)
    town.delivered(ana, begins=edge - 60 * MINUTE, minutes=50)
    town.delivered(ana, begins=edge - 60 * MINUTE, minutes=90)
    town.look(days=16)
    minutes = [town.reckoned(ana, first=day).figures.engaged_us // (60 * 10**6) for day in (FIRST, edge.date())]
    assert minutes == [50, 40]


def test_pay_that_is_released_late_moves_shared_minutes_from_the_next_week_without_taking_anything_back(town):
    ana = town.driver()
    edge = MONDAY.replace(day=9, hour=11)
    held = town.keep(
        town.begun(ana, begins=edge - 60 * MINUTE, minutes=50).deliver(edge - 10 * MINUTE, doubt=Doubt.OFF_TRACK)
    )
    town.delivered(ana, begins=edge - 60 * MINUTE, minutes=90)
    town.look(days=16)
    assert town.reckoned(ana, first=edge.date()).figures.engaged_us == 90 * 60 * 10**6
    paid = town.paid[ana]
    town.keep(held.decide(Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, town.clock.now(), "staff"), new=False)
    town.look()
    minutes = [town.reckoned(ana, first=day).figures.engaged_us // (60 * 10**6) for day in (FIRST, edge.date())]
    assert minutes == [50, 40]
    assert town.paid[ana] >= paid


def test_an_offer_in_seattle_that_begins_outside_counts_from_the_line_on(town, monkeypatch):
    ana = town.driver()
    monkeypatch.setattr(noting, "jurisdictions_of", lambda point: SEA if point.lon > at(1000).lon else ())
    life = town.begun(ana, law=("US", "US-WA", "US-WA-king"), minutes=27)
    town.keep(life.with_changes(dropoff_law=SEA).deliver(MONDAY + 27 * MINUTE))
    town.look(days=9)
    (step,) = town.reckoned(ana, "US-WA-seattle").reckoning.steps
    minutes = float(step.quantity.split(" ")[0])
    # From the shop at minute 6 to the door at minute 26 the line is reached half-way.
    assert minutes == pytest.approx(11, abs=0.1)


def in_new_york():
    put_zone(zone_settings().model_copy(update={"jurisdictions": ("US-NY-new-york-city",)}))


@pytest.mark.parametrize("law", [("US", "US-NY", "US-NY-westchester"), ("US", "US-NJ")])
def test_work_that_begins_outside_of_new_york_is_no_time_on_call(town, law):
    in_new_york()
    monday = datetime(2026, 4, 6, 14, tzinfo=UTC)
    town.clock.moment = monday
    ana, ben = town.driver(), town.driver()
    for who in (ana, ben):
        town.duty(who, monday, 3)
    town.delivered(ana, law=law, begins=monday, minutes=60)
    town.clock.moment = monday + timedelta(days=9)
    town.look(times=2)
    hours = [town.reckoned(who, NYC[-1], monday.date()).figures.on_call_us / 3600 / 10**6 for who in (ana, ben)]
    assert hours == [2, 3]
    assert town.paid == {ana: 4426, ben: 6639}


def test_all_drivers_of_new_york_are_compared_together_after_each_by_themselves(town):
    in_new_york()
    monday = datetime(2026, 4, 6, 14, tzinfo=UTC)
    town.clock.moment = monday
    ana, ben, cleo = (town.driver() for _ in range(3))
    town.duty(ana, monday, 3)
    town.duty(ben, monday, 2)
    town.duty(cleo, monday, 1)
    town.delivered(ana, law=NYC, begins=monday, minutes=60)
    town.delivered(ben, law=NYC, begins=monday, minutes=120)
    town.clock.moment = monday + timedelta(days=9)
    town.look(times=2)
    first = monday.date()
    # 3 h of trips and 3 h on call at 22.13; Ana waited for 2 h, Ben for none, Cleo for 1 h.
    assert sum(town.paid.values()) + 2 * PAY == 13278
    assert town.paid[ben] == 4426 - PAY
    assert (town.reckoned(ana, NYC[-1], first).share.amount, town.paid[cleo]) == (4426, 2213)
    before = dict(town.paid)
    town.look(times=2)
    assert town.paid == before
    town.delivered(cleo, law=NYC, begins=monday + timedelta(days=1), minutes=60)
    town.look(times=2)
    shares = [town.reckoned(who, NYC[-1], first).share.amount for who in (ana, ben, cleo)]
    assert shares == [4426, 0, 2213]
    assert town.paid == {**before, cleo: before[cleo] + 2213 - PAY}


def test_a_part_of_an_older_comparison_that_comes_late_changes_nothing(town):
    in_new_york()
    monday = datetime(2026, 4, 6, 14, tzinfo=UTC)
    town.clock.moment = monday
    ana, cleo = (town.driver() for _ in range(2))
    town.duty(ana, monday, 3)
    town.duty(cleo, monday, 1)
    town.clock.moment = monday + timedelta(days=9)
    first = monday.date()
    town.look()
    closing.send_due(town.jobs.extend, town.clock)
    (late,) = (job for job in town.jobs if (job.task, job.driver_id) == ("share", ana))
    town.look(times=2)
    before = town.reckoned(ana, NYC[-1], first).share
    town.clock.advance(timedelta(hours=1))
    for number in range(12):  # paid above their floor, which lowers what all are short together
        town.delivered(cleo, law=NYC, begins=monday + timedelta(days=1, hours=number), minutes=10)
    town.look(times=2)
    after, paid = town.reckoned(ana, NYC[-1], first).share, dict(town.paid)
    assert after != before
    closing.work(late, town.clock)
    assert (town.reckoned(ana, NYC[-1], first).share, town.paid) == (after, paid)


def test_a_period_waits_for_its_last_driver_before_all_are_compared(town):
    in_new_york()
    monday = datetime(2026, 4, 6, 14, tzinfo=UTC)
    town.clock.moment = monday
    ana, ben = town.driver(), town.driver()
    town.duty(ana, monday, 1)
    town.duty(ben, monday, 1)
    town.clock.moment = monday + timedelta(days=9)
    closing.send_due(town.jobs.extend, town.clock)
    *others, last = [job for job in town.jobs if job.first == monday.date()]
    town.jobs.clear()
    for job in others:
        closing.work(job, town.clock)
    closing.send_due(town.jobs.extend, town.clock)
    assert "share" not in {job.task for job in town.jobs}
    closing.work(last, town.clock)
    town.jobs.clear()
    closing.send_due(town.jobs.extend, town.clock)
    assert {job.driver_id for job in town.jobs if job.task == "share"} == {ana, ben}


def test_what_is_not_reckoned_two_days_before_its_deadline_is_told_of(town, monkeypatch):
    counted = []
    monkeypatch.setattr(metrics, "add_metric", lambda name, unit, value: counted.append((name, value)))
    ana = town.driver()
    town.delivered(ana)
    for days, number in ((9, 0), (12, 1)):
        town.clock.moment = MONDAY + timedelta(days=days)
        closing.send_due(lambda jobs: list(jobs), town.clock)
        assert counted.count(("PayFloorsNearDeadline", 1)) == number


def test_staff_page_through_a_period_and_a_driver_through_their_own(town):
    people = [town.driver() for _ in range(5)]
    for who in people:
        town.delivered(who)
    town.delivered(people[0], begins=MONDAY + timedelta(days=7))
    town.look(days=20)
    seen, cursor = [], None
    while True:
        page = queries.of_period("US-CA", FIRST + timedelta(days=3), cursor, 2, town.clock)
        seen += [one.driver_id for one in page.pay_floors]
        assert all(one.works == () for one in page.pay_floors)
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(seen) == sorted(people)
    newest = queries.of_driver(people[0], None, 1)
    oldest = queries.of_driver(people[0], newest.next_cursor, 1)
    assert [page.pay_floors[0].first for page in (newest, oldest)] == [FIRST + timedelta(days=7), FIRST]
    assert oldest.next_cursor is None
    assert newest.pay_floors[0].works[0].pay.amount == PAY
    last = queries.of_period("US-CA", None, None, 9, town.clock)
    assert [one.first for one in last.pay_floors] == [FIRST + timedelta(days=7)]


def test_a_place_without_a_floor_is_refused_with_those_that_have_one(town):
    with pytest.raises(Unprocessable, match="US-NY-new-york-city"):
        queries.of_period("US-MN", None, None, 9, town.clock)


def test_a_cursor_of_another_list_is_refused(town):
    ana = town.driver()
    for week in range(2):
        town.delivered(ana, begins=MONDAY + timedelta(days=7 * week))
    town.look(days=20)
    cursor = queries.of_driver(ana, None, 1).next_cursor
    with pytest.raises(Unprocessable, match="cursor"):
        queries.of_period("US-CA", FIRST, cursor, 1, town.clock)


def test_messages_go_to_the_queue_ten_at_a_time(town, monkeypatch):
    sqs = boto3.client("sqs", region_name="us-east-1")
    url = sqs.create_queue(QueueName="floors")["QueueUrl"]
    monkeypatch.setattr(type(settings()), "floors_queue_url", url)
    queue._client.cache_clear()
    jobs = [closing.Job(task="reckon", driver_id=f"drv_{n}", jurisdiction="US-CA", first=FIRST) for n in range(13)]
    queue.enqueue(jobs)
    count = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert count["ApproximateNumberOfMessages"] == "13"
    queue._client.cache_clear()
