from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.events import DomainEvent
from crowdship.notify.sendings import LEASE, Attempt, InFlight, Result, Sending
from tests.contracts import sample

NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def fresh():
    return Sending.first(DomainEvent.model_validate(sample("delivery.approaching")), "sms")


def attempt(number, status=500):
    return Attempt(number=number, at=NOW, status=status)


def test_a_claim_keeps_others_away_until_it_runs_out():
    claimed = fresh().claim(1, NOW)
    with pytest.raises(InFlight):
        claimed.claim(1, NOW + LEASE - timedelta(seconds=1))
    assert claimed.claim(1, NOW + LEASE) is not None


def test_what_was_sent_is_not_sent_again():
    done = fresh().claim(1, NOW).tried(attempt(1, 200), Result.SENT)
    assert done.sent_at == NOW
    assert done.claim(1, NOW) is None
    assert done.claim(2, NOW) is None


def test_an_attempt_that_was_made_is_not_made_again_but_the_next_is():
    failed = fresh().claim(1, NOW).tried(attempt(1), None)
    assert failed.claim(1, NOW) is None
    assert failed.claim(2, NOW) is not None


def test_what_was_given_up_may_be_replayed():
    dead = fresh().claim(10, NOW).tried(attempt(10), Result.DEAD)
    assert dead.claim(10, NOW) is None
    assert dead.claim(11, NOW) is not None


def test_a_message_that_is_replayed_thousands_of_times_keeps_a_row_of_one_size():
    sending, sizes = fresh(), []
    for number in range(1, 3001):
        claimed = sending.claim(number, NOW, again=True)
        sending = claimed.tried(attempt(number, 200), Result.SENT)
        sizes.append(len(sending.model_dump_json()))
    assert sending.last_attempt == 3000
    assert max(sizes) < 8_000


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 90), st.sampled_from([200, 500]))))
def test_however_jobs_arrive_attempts_go_up_and_nothing_follows_success(arrivals):
    sending, now = fresh(), NOW
    for number, pause, status in arrivals:
        now += timedelta(seconds=pause)
        claimed = sending.claim(number, now)
        if claimed:
            sending = claimed.tried(attempt(number, status), Result.SENT if status == 200 else None)
    numbers = [made.number for made in sending.attempts]
    assert numbers == sorted(set(numbers))
    assert [made.status for made in sending.attempts].count(200) <= 1
    assert all(made.status == 500 for made in sending.attempts[:-1])
