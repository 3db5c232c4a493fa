"""Drivers are told of what runs out 30, 7 and 1 days ahead and when it has, each once, by the days where they work."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.drivers.compliance import Document, DocumentKind, Obstacle
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import Driver, Vehicle
from crowdship.shipment.vehicles import VehicleKind

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
CAR = Vehicle(kind=VehicleKind.CAR, max_weight_g=50_000, max_volume_l=200)


def until(day, kind=DocumentKind.INSURANCE):
    return Document(kind=kind, valid_until=day)


def papers(**days):
    given = dict.fromkeys(DocumentKind, TODAY + timedelta(days=3650))
    return tuple(until(day, kind) for kind, day in {**given, **{DocumentKind(k): v for k, v in days.items()}}.items())


def driver(**fields):
    known = {"vehicle": CAR, "documents": papers(), "created_at": NOON, "home_zone_id": "z", "person_token": "pii"}
    return Driver(id="drv_1", **{**known, **fields})


def told(who, now):
    after = who.telling_of_expiry(now)
    return after.with_changes(events=()), [(event.type.partition(".")[2], event.data) for event in after.events]


def days_of(who, last):
    """Return the days on which a driver is told when somebody looks every hour, with what was said."""
    found, now = [], NOON
    while now < last:
        who, said = told(who, now)
        found += [((now.date() - TODAY).days, kind, [paper["name"] for paper in data["papers"]]) for kind, data in said]
        now += timedelta(hours=1)
    return found


def test_a_driver_is_reminded_thirty_seven_and_one_days_ahead_and_told_at_the_end():
    who = driver(documents=papers(insurance=TODAY + timedelta(days=40)))
    assert days_of(who, NOON + timedelta(days=50)) == [
        (10, "documents_expiring", ["insurance"]),
        (33, "documents_expiring", ["insurance"]),
        (39, "documents_expiring", ["insurance"]),
        (41, "documents_expired", ["insurance"]),
    ]


def test_a_look_that_comes_late_tells_of_the_present_state_alone():
    who = driver(documents=papers(insurance=TODAY + timedelta(days=40)))
    who, said = told(who, NOON + timedelta(days=38))
    assert [(kind, data["papers"][0]["days"]) for kind, data in said] == [("documents_expiring", 2)]
    who, said = told(who, NOON + timedelta(days=90))
    assert [(kind, data["paused"]) for kind, data in said] == [("documents_expired", True)]


def test_a_document_counts_to_the_end_of_its_last_day_where_the_driver_works():
    who = driver(documents=papers(insurance=TODAY), time_zone="America/Los_Angeles")
    last_minute = datetime(2026, 6, 2, 6, 59, tzinfo=UTC)
    assert who.may_drive(last_minute), "it is still 1 June in California"
    assert not who.may_drive(last_minute + timedelta(minutes=1))
    assert (
        driver(documents=papers(insurance=TODAY), time_zone="Europe/Berlin").why_not(
            driver(time_zone="Europe/Berlin").day_of(datetime(2026, 6, 1, 22, 0, tzinfo=UTC))
        )
        is Obstacle.DOCUMENTS_MISSING
    )


def test_work_is_paused_at_the_end_and_resumed_by_a_renewal_once():
    who, _ = told(driver(documents=papers(insurance=TODAY)), NOON + timedelta(days=1))
    assert who.paused
    later = NOON + timedelta(days=2)
    renewed = who.showing(until(TODAY + timedelta(days=365)), later)
    assert [event.type for event in renewed.events] == ["driver.work_resumed"]
    assert renewed.may_drive(later)
    assert renewed.with_changes(events=()).showing(until(TODAY + timedelta(days=400)), later).events == ()


def test_a_renewal_of_one_document_does_not_resume_work_while_another_is_missing():
    lacking = driver(documents=papers(insurance=TODAY, identity=TODAY))
    who, _ = told(lacking, NOON + timedelta(days=1))
    renewed = who.showing(until(TODAY + timedelta(days=365)), NOON + timedelta(days=2))
    assert renewed.paused
    assert renewed.events == ()


def test_who_may_not_drive_for_another_reason_is_not_told_that_work_goes_on():
    who, _ = told(driver(documents=papers(insurance=TODAY)), NOON + timedelta(days=1))
    applying = who.with_changes(onboarding=True)
    renewed = applying.showing(until(TODAY + timedelta(days=365)), NOON + timedelta(days=2))
    assert not renewed.paused
    assert renewed.events == ()


def test_a_closed_account_is_told_of_nothing_and_looked_for_no_more():
    closed = driver(documents=papers(insurance=TODAY), closed=True)
    assert closed.expiry_due_on is None
    assert told(closed, NOON + timedelta(days=1))[1] == []


def test_a_renewal_before_the_end_is_never_told_as_expired():
    who = driver(documents=papers(insurance=TODAY + timedelta(days=5)))
    who, said = told(who, NOON + timedelta(days=4))
    assert len(said) == 1
    renewed = who.showing(until(TODAY + timedelta(days=365)), NOON + timedelta(days=4))
    assert told(renewed, NOON + timedelta(days=20))[1] == []


def test_a_credential_that_runs_out_is_told_of_and_pauses_nothing():
    who = driver(credentials=(Credential(name="alcohol_certificate", valid_until=TODAY),))
    who, said = told(who, NOON + timedelta(days=1))
    assert [(kind, data["paused"]) for kind, data in said] == [("documents_expired", False)]
    assert who.may_drive(NOON + timedelta(days=1))


def test_a_document_that_the_vehicle_does_not_need_is_not_asked_for_again():
    bicycle = Vehicle(kind=VehicleKind.BICYCLE, max_weight_g=9_000, max_volume_l=40)
    who = driver(vehicle=bicycle, documents=papers(insurance=TODAY))
    assert told(who, NOON + timedelta(days=1))[1] == []


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
    st.lists(st.integers(0, 24 * 80), max_size=40).map(sorted),
)
def test_however_often_somebody_looks_each_milestone_is_told_once(last_days, hours):
    kinds = list(DocumentKind)
    days = {str(kind): TODAY + timedelta(days=day) for kind, day in zip(kinds, last_days, strict=False)}
    who, said = driver(documents=papers(**days)), []
    for hour in hours:
        who, more = told(who, NOON + timedelta(hours=hour))
        said += [
            (kind, paper["name"], paper["valid_until"], paper.get("days")) for kind, d in more for paper in d["papers"]
        ]
    assert len(said) == len(set(said))
    assert sum(kind == "documents_expired" for kind, *_ in said) <= len(days)
    if hours:
        over = {name for name, day in days.items() if day < (NOON + timedelta(hours=hours[-1])).date()}
        assert {name for kind, name, *_ in said if kind == "documents_expired"} == over
        assert who.paused == bool(over)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=4), st.integers(0, 24 * 70))
def test_whoever_is_due_is_found_by_their_next_day(last_days, hour):
    days = {str(kind): TODAY + timedelta(days=day) for kind, day in zip(DocumentKind, last_days, strict=False)}
    who, now = driver(documents=papers(**days)), NOON + timedelta(hours=hour)
    due = who.expiry_due_on
    if told(who, now)[1]:
        assert due is not None
        assert due <= now.date()
