"""Captures that the law of some goods asks for: documents, affirmations, names, relations, temperatures, custody."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Unprocessable
from crowdship.shipment.requirements.custody_scan import REQUIREMENT as CUSTODY
from crowdship.shipment.requirements.id_check import IdCheck, age_on
from crowdship.shipment.requirements.registry import (
    Capture,
    Evidence,
    OrderDetails,
    Requirements,
    app_details,
    evidence_of,
    kinds_of,
    refuse_missing,
)
from crowdship.shipment.requirements.requirement import Visit
from crowdship.shipment.requirements.temperature import REQUIREMENT as TEMPERATURE
from crowdship.shipment.requirements.temperature import Range
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON

TODAY = date(2026, 6, 1)


def visit(requirements, stop=StopKind.DROPOFF, today=TODAY, before=None, codes=(), **capture):
    return Visit(
        stop=stop,
        at=NOON,
        made_at=None,
        today=today,
        driver_id="drv_1",
        requirements=requirements,
        details=OrderDetails(parcel_codes=codes),
        capture=Capture(**capture),
        evidence=before or Evidence(),
    )


def refusal(requirements, **more):
    with pytest.raises(Unprocessable) as refused:
        refuse_missing(requirements, visit(requirements, **more))
    return refused.value.code, refused.value.pointer


def kept(requirements, **more):
    at_stop = visit(requirements, **more)
    refuse_missing(requirements, at_stop)
    return Evidence(**evidence_of(requirements, at_stop))


def read(birth_date, expires_on=date(2030, 1, 1), **more):
    given = {"document": "driving_licence", "read_by": "scan", "birth_date": birth_date, "expires_on": expires_on}
    return {**given, **more}


OF_21 = Requirements(id_check=True, minimum_age=21)


def test_a_document_has_to_be_read_and_a_look_at_it_is_not_enough():
    assert refusal(OF_21) == ("proof_missing", "/id_check")
    looked_at = {"document": "passport", "minimum_age_met": True}
    assert refusal(OF_21, age_check=looked_at) == ("proof_missing", "/id_check")
    refuse_missing(Requirements(minimum_age=21), visit(Requirements(minimum_age=21), age_check=looked_at))


@pytest.mark.parametrize(
    "dates",
    [
        {"birth_date": date(2027, 1, 2)},
        {"birth_date": date(2010, 3, 4)},
        {"birth_date": date(1980, 1, 2), "expires_on": date(2024, 3, 4)},
    ],
)
def test_no_date_of_a_document_stands_in_a_refusal_which_is_logged(dates):
    shown = IdCheck(document="passport", read_by="scan", **dates)
    with pytest.raises(Unprocessable) as refused:
        kept(OF_21, today=TODAY, id_check=shown)
    assert not any(str(day) in refused.value.detail for day in dates.values())


@pytest.mark.parametrize(
    ("born", "today", "code"),
    [
        (date(2005, 6, 1), TODAY, None),  # the birthday is today
        (date(2005, 6, 2), TODAY, "underage"),  # tomorrow
        (date(2005, 6, 2), date(2026, 6, 2), None),
        (date(2004, 2, 29), date(2025, 2, 28), "underage"),
        (date(2004, 2, 29), date(2025, 3, 1), None),
        (date(2027, 1, 1), TODAY, "wrong_birth_date"),
        (date(1900, 1, 1), TODAY, "wrong_birth_date"),
    ],
)
def test_the_age_is_that_of_the_local_day(born, today, code):
    if code:
        assert refusal(OF_21, today=today, id_check=read(born)) == (code, "/id_check/birth_date")
    else:
        assert kept(OF_21, today=today, id_check=read(born)).id_checked.age_proven == 21


@pytest.mark.parametrize(
    ("last", "code"), [(TODAY, None), (TODAY - timedelta(days=1), "document_expired"), (None, None)]
)
def test_a_document_counts_to_its_last_day(last, code):
    if code:
        assert refusal(OF_21, id_check=read(date(1990, 1, 1), last)) == (code, "/id_check/expires_on")
    else:
        assert kept(OF_21, id_check=read(date(1990, 1, 1), last)).id_checked


def test_a_document_is_typed_only_for_a_reason_and_a_scan_has_none():
    typed = {"read_by": "typed", "unreadable": "damaged"}
    assert IdCheck(**read(date(1990, 1, 1), **typed)).unreadable == "damaged"
    for wrong in ({"read_by": "typed"}, {"unreadable": "damaged"}):
        with pytest.raises(ValidationError, match="unreadable"):
            IdCheck(**read(date(1990, 1, 1), **wrong))


@given(st.dates(date(1950, 1, 1), date(2004, 1, 1)), st.dates(date(2026, 6, 1), date(2040, 1, 1)))
def test_no_date_of_a_document_is_kept(born, expires):
    evidence = kept(OF_21, id_check=read(born, expires))
    told = evidence.model_dump_json(exclude={"id_checked": {"at"}})
    assert born.isoformat() not in told
    assert expires.isoformat() not in told
    assert evidence.id_checked.model_dump(mode="json", exclude={"at"}) == {
        "document": "driving_licence",
        "read_by": "scan",
        "unreadable": None,
        "age_proven": 21,
    }
    assert kinds_of(evidence) == {"id"}


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(1, 110))
def test_an_age_grows_by_one_on_each_birthday_and_on_no_other_day(born, years):
    at_first = next(
        day
        for day in (date(born.year + years, born.month, 28) + timedelta(days=n - 28) for n in range(62))
        if age_on(born, day) == years
    )
    assert age_on(born, at_first - timedelta(days=1)) == years - 1
    assert (at_first.month, at_first.day) in {(born.month, born.day), (3, 1)}


def test_each_affirmation_is_made_by_itself():
    wish = Requirements(affirmations=("of_age", "not_intoxicated"))
    assert refusal(wish, affirmed=("of_age",)) == ("proof_missing", "/affirmed")
    evidence = kept(wish, affirmed=("of_age", "not_intoxicated", "of_age", "is_nice"))
    assert evidence.affirmed == ("not_intoxicated", "of_age")
    assert kinds_of(evidence) == {"affirmation"}
    assert kept(Requirements(), affirmed=("of_age",)).affirmed == ()


def test_the_name_is_asked_for_and_is_not_in_the_proof():
    wish = Requirements(printed_name=True)
    assert refusal(wish, received_by="  ") == ("proof_missing", "/received_by")
    evidence = kept(wish, received_by="Kim Lee")
    assert evidence.name_printed
    assert "Kim" not in evidence.model_dump_json()


def test_the_relation_is_kept_only_where_it_is_asked_for():
    wish = Requirements(recipient_relation=True)
    assert refusal(wish) == ("proof_missing", "/relation")
    assert kept(wish, relation="caregiver").relation == "caregiver"
    assert kept(Requirements(), relation="caregiver").relation is None


COLD = Requirements(temperature=Range(least_c=2, most_c=8))


@pytest.mark.parametrize("stop", [StopKind.PICKUP, StopKind.DROPOFF])
@pytest.mark.parametrize(
    ("celsius", "code"),
    [
        (2, None),
        (8, None),
        (1.9, "temperature_out_of_range"),
        (8.1, "temperature_out_of_range"),
        (None, "proof_missing"),
    ],
)
def test_the_temperature_is_measured_at_both_stops(stop, celsius, code):
    if code:
        assert refusal(COLD, stop=stop, temperature_c=celsius) == (code, "/temperature_c")
    else:
        (reading,) = kept(COLD, stop=stop, temperature_c=celsius).temperatures
        assert (reading.stop, reading.celsius, reading.driver_id) == (stop, celsius, "drv_1")


def test_both_measurements_are_kept():
    at_pickup = kept(COLD, stop=StopKind.PICKUP, temperature_c=4)
    at_door = kept(COLD, temperature_c=5.5, before=at_pickup)
    assert [one.celsius for one in at_door.temperatures] == [4, 5.5]
    assert kinds_of(at_pickup) == set()
    assert kinds_of(at_door) == {"temperature"}


ends = st.floats(-30, 30) | st.none()


@given(st.tuples(ends, ends), st.tuples(ends, ends), st.floats(-40, 40))
def test_a_range_of_two_wishes_is_no_wider_than_the_laws(wish, law, celsius):
    def span(pair):
        low, high = pair
        if low is not None and high is not None:
            low, high = sorted(pair)
        return Range(least_c=low, most_c=high) if pair != (None, None) else None

    asked, demanded = span(wish), span(law)
    both = TEMPERATURE.stricter(asked, demanded)
    if demanded is None:
        assert both == asked
    elif both and both.holds(celsius):
        assert demanded.holds(celsius)
        assert both == demanded or asked is None or asked.holds(celsius)


def test_a_range_has_an_end_and_its_ends_are_in_order():
    for wrong in ({}, {"least_c": 9, "most_c": 8}, {"least_c": float("nan")}):
        with pytest.raises(ValidationError):
            Range(**wrong)


@pytest.mark.parametrize("stop", list(StopKind))
def test_custody_is_scanned_wherever_goods_change_hands_also_at_the_shop_when_they_come_back(stop):
    wish = Requirements(custody_scan=True)
    assert refusal(wish, stop=stop, codes=("A1",)) == ("proof_missing", "/scanned")
    (scan,) = kept(wish, stop=stop, codes=("A1",), scanned=("A1",)).scans
    assert (scan.stop, scan.codes) == (stop, ("A1",))


def test_a_scan_that_two_wishes_ask_for_is_kept_once_and_told_once():
    wish = Requirements(custody_scan=True, barcode=True)
    assert len(kept(wish, codes=("A1",), scanned=("A1",)).scans) == 1
    assert app_details(wish, OrderDetails(parcel_codes=("A1",))) == {"parcels_to_scan": 1}


def test_custody_without_codes_is_refused_by_its_own_name():
    with pytest.raises(Unprocessable, match=r"requirements\.custody_scan"):
        CUSTODY.check_order(OrderDetails())
