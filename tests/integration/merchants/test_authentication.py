"""Who a key lets in, how often, and what is remembered of it; with the tables that functions share."""

from contextlib import suppress
from datetime import timedelta

import pytest

from crowdship.intake import accounts
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import NotFound, TooManyRequests, Unauthorized
from crowdship.merchants import service as merchants
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.model import Mode, Scope
from crowdship.merchants.store import UsageRow
from crowdship.merchants.views import TermsInput
from tests.city import NOON, City
from tests.faults import Lost, failing_call

pytestmark = pytest.mark.usefixtures("aws")
DELIVERIES = frozenset({Scope.READ, Scope.WRITE})


@pytest.fixture(autouse=True)
def forgetful():
    """Begin in a container that knows nothing."""
    elsewhere()


@pytest.fixture
def wall():
    return FixedClock(NOON)


def elsewhere():
    """Go on in another container."""
    for memory in (merchants._cache, merchants._drawn, merchants._noted):
        memory.clear()


@pytest.fixture
def city():
    return City.open()


def limited(city, **limit):
    accounts.change_terms(city.merchant.id, TermsInput(rate_limit=RateLimit(**limit)))
    return merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)


def calls(key, wall, times, container=lambda number: None):
    """How many of so many calls are let in, each in a container of its own if asked for."""
    inside = 0
    for number in range(times):
        container(number)
        with suppress(TooManyRequests):
            merchants.authenticate(key, Scope.READ, wall)
            inside += 1
    return inside


def test_calls_of_all_containers_together_are_limited(city, wall):
    key = limited(city, per_minute=60, burst=10)
    assert calls(key, wall, 25, container=lambda number: elsewhere()) == 10
    wall.advance(timedelta(seconds=3))
    assert calls(key, wall, 25, container=lambda number: elsewhere()) == 3


def test_a_container_that_knows_of_no_calls_left_asks_nobody(city, wall):
    key = limited(city, per_minute=60, burst=2)
    assert calls(key, wall, 3) == 2
    with failing_call() as made:
        assert calls(key, wall, 20) == 0
    assert made.made == []


def test_a_call_that_is_let_in_costs_one_write(city, wall):
    key = limited(city, per_minute=600, burst=300)
    calls(key, wall, 1)
    for pause in (0.0, 0.05, 1.0, 90.0):
        wall.advance(timedelta(seconds=pause))
        with failing_call() as made:
            assert calls(key, wall, 1) == 1
        assert made.made == ["dynamodb.UpdateItem"]


def test_who_waits_as_long_as_was_said_is_let_in_again(city, wall):
    key = limited(city, per_minute=6, burst=1)
    merchants.authenticate(key, Scope.READ, wall)
    with pytest.raises(TooManyRequests) as refusal:
        merchants.authenticate(key, Scope.READ, wall)
    assert refusal.value.headers["RateLimit-Remaining"] == "0"
    wall.advance(timedelta(seconds=int(refusal.value.headers["Retry-After"])))
    merchants.authenticate(key, Scope.READ, wall)


def test_the_keys_of_a_merchant_share_its_limit_and_its_sandbox_has_one_of_its_own(city, wall):
    first = limited(city, per_minute=60, burst=4)
    second = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)
    test = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock, mode=Mode.TEST)
    assert calls(first, wall, 3) + calls(second, wall, 3) == 4
    assert calls(test, wall, 9) == 4


@pytest.mark.parametrize("lost", list(Lost))
def test_a_table_that_does_not_answer_keeps_nobody_out(city, wall, lost):
    key = limited(city, per_minute=60, burst=4)
    calls(key, wall, 1)
    with failing_call(0, lost):
        assert calls(key, wall, 1) == 1


def test_a_stranger_uses_up_nothing(city, wall):
    key = limited(city, per_minute=60, burst=2)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            merchants.authenticate(key[:-1], Scope.READ, wall)
    assert calls(key, wall, 5) == 2


def test_the_last_day_of_a_keys_use_is_known_at_one_write_a_day(city, wall):
    key = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)
    unused = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)
    key_id = key.split(".")[1]
    with failing_call() as made:
        calls(key, wall, 3)
    assert made.made.count("dynamodb.UpdateItem") == 3 + 1
    assert merchants.last_uses(city.merchant.id) == {key_id: NOON.date()}
    wall.advance(timedelta(days=1))
    calls(key, wall, 2)
    shown = {view.key_id: view.last_used_on for view in accounts.keys(city.merchant.id).keys}
    assert shown == {key_id: NOON.date() + timedelta(days=1), unused.split(".")[1]: None}


def test_a_rotated_secret_opens_at_once_where_the_merchant_is_known_already(city, wall):
    old = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)
    merchants.authenticate(old, Scope.READ, wall)
    known = merchants.known(city.merchant.id)
    new = merchants.rotate_key(city.merchant.id, old.split(".")[1], timedelta(hours=24), wall)
    merchants._cache.put(known.id, known)  # as elsewhere
    assert calls(new, wall, 1) == calls(old, wall, 1) == 1
    wall.advance(timedelta(hours=24))
    assert calls(new, wall, 1) == 1
    with pytest.raises(Unauthorized, match="bad_key"):
        merchants.authenticate(old, Scope.READ, wall)


def test_a_key_expires_even_where_the_merchant_is_known(city, wall):
    key = merchants.issue_key(
        city.merchant.id, DELIVERIES, city.clock, expires_at=NOON + timedelta(seconds=5), wall=wall
    )
    assert calls(key, wall, 1) == 1
    wall.advance(timedelta(seconds=5))
    with pytest.raises(Unauthorized, match="key_expired"):
        merchants.authenticate(key, Scope.READ, wall)


def test_a_sandbox_is_its_merchant_under_another_id_and_has_nothing_to_change(city, wall):
    key = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock, mode=Mode.TEST)
    caller = merchants.authenticate(key, Scope.READ, wall).merchant
    assert caller.id != city.merchant.id
    assert merchants.get(caller.id).name == merchants.known(caller.id).name == city.merchant.name
    assert merchants.get(caller.id).id == merchants.known(caller.id).id == caller.id
    with pytest.raises(NotFound):
        merchants.issue_key(caller.id, DELIVERIES, city.clock)


def test_what_is_counted_goes_by_itself(city, wall):
    key = merchants.issue_key(city.merchant.id, DELIVERIES, city.clock)
    calls(key, wall, 1)
    rows = list(UsageRow.query(city.merchant.id))
    assert len(rows) == 2
    assert all(row.expires_at > wall.now().timestamp() for row in rows)
