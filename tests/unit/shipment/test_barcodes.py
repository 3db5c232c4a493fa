"""Barcodes: all parcels of a delivery are scanned, and no other."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crowdship.kernel.errors import Unprocessable
from crowdship.shipment.requirements import barcode
from crowdship.shipment.requirements.registry import (
    Evidence,
    OrderDetails,
    Requirements,
    UnattendedCapture,
    app_details,
    check_order,
    evidence_of,
    kinds_of,
    refuse_missing,
)
from crowdship.shipment.requirements.requirement import Visit
from crowdship.shipment.stop_kind import StopKind
from tests.city import NOON

SCANNED = Requirements(barcode=True)
STOPS = [StopKind.PICKUP, StopKind.DROPOFF]
GS1_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

code = st.text(st.sampled_from(GS1_82), min_size=1, max_size=48)
codes = st.lists(code, min_size=1, max_size=20, unique=True)


def visit(expected, scanned, stop=StopKind.PICKUP, before=()):
    return Visit(
        stop=stop,
        at=NOON,
        made_at=None,
        today=NOON.date(),
        driver_id="drv_1",
        requirements=SCANNED,
        details=OrderDetails(parcel_codes=tuple(expected)),
        capture=UnattendedCapture(scanned=tuple(scanned)),
        evidence=Evidence(scans=before),
    )


def refusal(*what):
    with pytest.raises(Unprocessable) as refused:
        refuse_missing(SCANNED, visit(*what))
    return refused.value


@given(codes, st.data())
def test_all_codes_in_any_order_and_any_number_of_times_are_enough(expected, data):
    again = data.draw(st.lists(st.sampled_from(expected), max_size=20))
    scanned = data.draw(st.permutations([*expected, *again]))
    for stop in STOPS:
        at_stop = visit(expected, scanned, stop)
        refuse_missing(SCANNED, at_stop)
        (scan,) = evidence_of(SCANNED, at_stop)["scans"]
        assert (scan.stop, scan.codes, scan.driver_id) == (stop, tuple(sorted(expected)), "drv_1")


@given(codes, st.data())
def test_a_part_of_the_codes_is_refused_with_how_many_are_missing(expected, data):
    part = data.draw(st.sets(st.sampled_from(expected), max_size=len(expected) - 1))
    refused = refusal(expected, [*part, *part])
    assert (refused.code, refused.pointer) == ("proof_missing", "/scanned")
    assert f"scan of {len(expected) - len(part)} of {len(expected)} parcel" in refused.detail


@given(codes, st.lists(code, min_size=1, max_size=5), st.data())
def test_a_foreign_code_is_pointed_at_whatever_else_was_scanned(expected, others, data):
    foreign = [other for other in others if other not in expected]
    scanned = data.draw(st.permutations([*expected, *foreign]))
    assume(foreign)
    refused = refusal(expected, scanned)
    assert refused.code == "foreign_code"
    assert [pointer for pointer, _ in refused.errors] == [
        f"/scanned/{index}" for index, each in enumerate(scanned) if each in foreign
    ]


def test_a_refusal_names_no_code():
    for scanned in ((), ("MINE-1",), ("MINE-1", "OTHER-9")):
        refused = refusal(("MINE-1", "MINE-2"), scanned)
        assert not any(each in refused.detail for each in ("MINE-1", "MINE-2", "OTHER-9"))


def test_scans_of_several_stops_are_kept_beside_each_other():
    (first,) = evidence_of(SCANNED, visit("AB", "AB"))["scans"]
    both = Evidence(**evidence_of(SCANNED, visit("AB", "BA", StopKind.DROPOFF, (first,))))
    assert [scan.stop for scan in both.scans] == STOPS
    assert kinds_of(both) == {"barcode"}
    assert kinds_of(Evidence(scans=(first,))) == set(), "fetched is not handed over"


def test_what_is_scanned_without_being_asked_for_is_neither_checked_nor_kept():
    strange = visit((), ("whatever",))
    refuse_missing(Requirements(), strange)
    assert evidence_of(Requirements(), strange) == {}


def test_the_driver_s_app_is_told_how_many_parcels_there_are_and_not_their_codes():
    details = OrderDetails(parcel_codes=("A", "B"))
    assert app_details(SCANNED, details) == {"parcels_to_scan": 2}
    assert app_details(Requirements(), details) == {}


def test_an_order_that_asks_for_scans_gives_the_codes():
    with pytest.raises(Unprocessable, match="parcel_codes_missing") as refused:
        check_order(SCANNED, OrderDetails())
    assert refused.value.pointer == "/parcel_codes"
    check_order(SCANNED, OrderDetails(parcel_codes=("A",)))
    check_order(Requirements(), OrderDetails())


@given(codes)
def test_codes_are_of_the_set_that_every_label_can_hold(expected):
    assert OrderDetails(parcel_codes=tuple(expected)).parcel_codes == tuple(expected)


@pytest.mark.parametrize("wrong", ["", "A" * 49, "A B", "é", "A\n", "#1", "\x1d01", "٣"])
def test_a_code_of_other_characters_or_another_length_is_refused(wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(barcode.ParcelCode).validate_python(wrong)


@pytest.mark.parametrize("wrong", [("A", "A"), tuple(f"C{number}" for number in range(21))])
def test_the_same_code_twice_and_more_than_twenty_codes_are_refused(wrong):
    with pytest.raises(ValidationError):
        OrderDetails(parcel_codes=wrong)
