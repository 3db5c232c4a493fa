"""Lists of deliveries: the index that answers some filters, pages that lose nothing, and what the indexes cost."""

from contextlib import suppress
from datetime import UTC, date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.support.wire import Units
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import POSITION, Filters, ListIndex, answer_to
from crowdship.deliveries.sandbox import Sandbox
from crowdship.deliveries.states import State
from crowdship.deliveries.store import DeliveryRow, _partitions
from crowdship.kernel.errors import Conflict, Unprocessable
from infra.tables import TABLES
from tests.city import NOON, delivery
from tests.unit.deliveries.test_life import DOUBTFUL, HAPPY, STEPS, TO_THE_SHOP

DAY = NOON.date()
SOME = {"driver_id": "drv_1", "merchant_id": "mer_1", "zone_id": "testville", "day": DAY}
COMBINATIONS = [
    {**dict(chosen), **state}
    for size in range(len(SOME) + 1)
    for chosen in combinations(SOME.items(), size)
    for state in ({}, {"state": State.ASSIGNED}, {"state": State.FAILED})
]


def answerable(filters):
    """Return whether some filters have an answer, as the documentation says it."""
    owned = filters.keys() & {"driver_id", "merchant_id", "zone_id"}
    by_day = "day" in filters and owned
    return bool(by_day or ("zone_id" in filters and filters.get("state") is State.ASSIGNED))


@pytest.mark.parametrize("filters", COMBINATIONS, ids=lambda filters: "+".join(filters) or "nothing")
def test_filters_are_answered_by_an_index_or_refused_with_what_would_be_right(filters):
    if answerable(filters):
        assert answer_to(Filters(**filters)).unanswered < filters.keys()
        return
    with pytest.raises(Unprocessable) as refusal:
        answer_to(Filters(**filters))
    assert refusal.value.code == "no_such_list"
    assert "Give day with driver_id, merchant_id or zone_id, or zone_id with a state" in refusal.value.detail
    assert refusal.value.pointer.removeprefix("/query/") in {"day", "zone_id"} - filters.keys()


@pytest.mark.parametrize(
    ("filters", "index", "unanswered"),
    [
        ({"driver_id": "drv_1", "day": DAY}, ListIndex.BY_DRIVER, set()),
        (SOME, ListIndex.BY_DRIVER, {"merchant_id", "zone_id"}),
        ({"merchant_id": "mer_1", "zone_id": "z", "day": DAY}, ListIndex.BY_MERCHANT, {"zone_id"}),
        ({"zone_id": "z", "day": DAY}, ListIndex.BY_STATE, set()),
        ({"zone_id": "z", "day": DAY, "state": State.FAILED}, ListIndex.BY_STATE, set()),
        ({"zone_id": "z", "day": DAY, "state": State.OFFERED}, ListIndex.BY_STATE, {"state"}),
        ({"zone_id": "z", "state": State.OFFERED}, ListIndex.BY_STATE, {"state"}),
    ],
)
def test_of_several_indexes_the_one_with_the_fewest_deliveries_answers(filters, index, unanswered):
    answer = answer_to(Filters(**filters))
    assert (answer.index, answer.unanswered) == (index, unanswered)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=25), st.sampled_from(COMBINATIONS), st.sampled_from(State))
def test_whatever_happened_to_a_delivery_the_index_has_it_where_the_list_looks(steps, filters, state):
    now, life = NOON, delivery()
    for step in steps:
        now += timedelta(minutes=1)
        with suppress(Conflict, Unprocessable):
            life = STEPS[step](life, now)
    asked = Filters(**filters | ({"state": state} if "state" in filters else {}))
    with suppress(Unprocessable):
        index = answer_to(asked).index
        found = partition_of(life, index) in _partitions(index, asked)
        assert found or not asked.match(life)


def partition_of(life, index):
    """Return the partition of an index in which a delivery is, or None."""
    attribute = next(one.partition for one in TABLES["deliveries"].indexes if one.name == index)
    return DeliveryRow.indexed(life).get(attribute)


@pytest.mark.parametrize("index", [ListIndex.BY_DRIVER, ListIndex.BY_STATE])
def test_a_test_delivery_is_in_no_list_of_a_driver_or_a_zone(index):
    test = delivery(sandbox=Sandbox()).offer("ofr_1", NOON).assign("drv_1", NOON, "drv_1", None)
    assert partition_of(test, index) is None


class FakeIndex:
    """An index in memory, over deliveries that change their states from page to page."""

    def __init__(self, kept):
        self.kept = {one.id: one for one in kept}

    def listed(self, index, filters, after, at_once):
        rows = sorted((DeliveryRow.indexed(one)["created_key"], one.id) for one in self.kept.values())
        return iter([row for row in rows if row[0] > after])

    def get_many(self, ids):
        return {name: self.kept[name] for name in ids}

    def change(self, number):
        name = f"dlv_{number}"
        if name in self.kept:
            other = State.OFFERED if self.kept[name].state is State.CREATED else State.CREATED
            self.kept[name] = self.kept[name].with_changes(state=other)


@given(
    st.lists(st.tuples(st.sampled_from((State.CREATED, State.OFFERED)), st.integers(0, 5)), max_size=40),
    st.integers(1, 7),
    st.integers(3, 20),
    st.lists(st.integers(0, 39), max_size=6),
)
def test_pages_have_each_delivery_once_whose_state_does_not_change(made, limit, most, changes):
    kept = [
        delivery(f"dlv_{number}", state=state, created_at=NOON + timedelta(seconds=second))
        for number, (state, second) in enumerate(made)
    ]
    index, filters = FakeIndex(kept), Filters(zone_id="testville", state=State.CREATED)
    moved = {f"dlv_{number}" for number in changes}
    pages, after = [], None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeliveryRow, "listed", index.listed)
        patch.setattr(deliveries, "get_many", index.get_many)
        patch.setattr(deliveries, "MOST_LOOKED_AT", most)
        while True:
            page, after = deliveries.listed(filters, after, limit)
            pages.append([one.id for one in page])
            if after is None:
                break
            if changes:
                index.change(changes.pop())
    listed = [name for page in pages for name in page]
    assert len(set(listed)) == len(listed)
    steady = [one for one in sorted(kept, key=lambda one: one.created_at) if one.id not in moved]
    assert set(listed) - moved == {one.id for one in steady if one.state is State.CREATED}
    assert all(len(page) <= limit for page in pages)
    assert len(pages) <= len(made) + 1, "each page leads on"


def test_a_page_that_looked_at_enough_ends_early_and_leads_on(monkeypatch):
    kept = [delivery(f"dlv_{number}", created_at=NOON + timedelta(seconds=number)) for number in range(9)]
    kept.append(delivery("dlv_9", created_at=NOON + timedelta(minutes=1)).offer("ofr_1", NOON))
    index = FakeIndex(kept)
    monkeypatch.setattr(DeliveryRow, "listed", index.listed)
    monkeypatch.setattr(deliveries, "get_many", index.get_many)
    monkeypatch.setattr(deliveries, "MOST_LOOKED_AT", 6)
    filters = Filters(zone_id="testville", state=State.OFFERED)
    nothing, after = deliveries.listed(filters, None, 10)
    assert nothing == []
    found, end = deliveries.listed(filters, after, 10)
    assert ([one.id for one in found], end) == (["dlv_9"], None)


def test_a_position_has_the_form_that_cursors_are_checked_for():
    assert POSITION.fullmatch(DeliveryRow.indexed(delivery())["created_key"])


def writes(steps):
    """Return how often each index is written to in the life of a delivery."""
    indexes = TABLES["deliveries"].indexes
    units = {one.name: Units({"t": ("pk",)}, {"t": [(one.partition, one.sort)]}) for one in indexes}
    total = dict.fromkeys(units, 0.0)
    now, life = NOON, delivery()
    for step in ("created", *steps):
        now += timedelta(minutes=1)
        life = STEPS[step](life, now) if step != "created" else life
        item = {"pk": {"S": life.id}, **{key: {"S": value} for key, value in DeliveryRow.indexed(life).items()}}
        for name, one in units.items():
            total[name] += one.of("PutItem", {"TableName": "t", "Item": item}, {})[0] - 1
    return {name: int(count) for name, count in total.items() if count}


@pytest.mark.parametrize(
    ("steps", "listing"),
    [
        (HAPPY, {"by_merchant": 1, "by_driver": 1, "by_state": 3}),
        ((*TO_THE_SHOP, "reassign", *HAPPY[2:]), {"by_merchant": 1, "by_driver": 3, "by_state": 3}),
        (("offer", "cancel"), {"by_merchant": 1, "by_state": 3}),
    ],
    ids=["delivered", "reassigned", "cancelled before a driver had it"],
)
def test_an_index_of_a_list_is_written_as_often_as_the_data_model_says(steps, listing):
    found = writes(steps)
    assert {name: found.get(name) for name in listing} == listing


def test_a_delivered_order_writes_to_its_indexes_nine_times():
    once = dict.fromkeys(("by_merchant", "by_driver", "by_settling", "by_reference"), 1)
    assert writes(HAPPY) == {"by_zone": 2, "by_state": 3, **once}
    assert writes(DOUBTFUL)["by_hold"] == 1


def test_a_day_is_one_of_utc():
    late = delivery(created_at=NOON.replace(hour=23, minute=59).astimezone(UTC))
    assert Filters(day=DAY).match(late)
    assert not Filters(day=date(2026, 6, 2)).match(late)
