"""Threads: numbers, unread counts and marks, whatever the order in which people write and read."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crowdship.contact.message import Party, Thread
from tests.city import NOON
from tests.contracts import validate_event

DRIVER, STAFF, CUSTOMER = Party.DRIVER, Party.STAFF, Party.CUSTOMER
ACTS = st.lists(
    st.tuples(st.sampled_from(["write", "read"]), st.booleans(), st.integers(0, 30), st.integers(0, 3)), max_size=40
)


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def read(thread, messages, reader, upto, now):
    """Let a party read the messages up to a number, as the use case does."""
    seen = [one for one in messages.values() if thread.read.get(reader, 0) < one.number <= upto]
    rest = (one for one in messages.values() if seen and one.number > seen[-1].number)
    left = next((one for one in rest if one.sender is not reader), None)
    return thread.after_reading(reader, seen, left, now)


@given(ACTS, st.booleans())
def test_what_is_unread_is_counted_whatever_people_do(acts, with_customer):
    other = CUSTOMER if with_customer else STAFF
    thread = Thread.with_customer("dlv_1", "drv_1") if with_customer else Thread.with_staff("drv_1")
    messages, now = {}, NOON
    for number, (act, by_driver, upto, pause) in enumerate(acts):
        now, party = now + timedelta(milliseconds=pause), DRIVER if by_driver else other
        if act == "write":
            thread, message = thread.after(party, uuid(number), "drv_1", now)
            messages[message.number] = message
        else:
            thread, marked = read(thread, messages, party, upto, now)
            messages |= {one.number: one for one in marked}
        for reader in (DRIVER, other):
            unread = [one for one in messages.values() if one.sender is not reader and one.read_at is None]
            assert thread.unread_by(reader) == len(unread)
            if reader is STAFF:
                assert thread.waits_since == (unread[0].at if unread else None)
    times = [one.at for one in messages.values()]
    assert times == sorted(set(times)), "a page that shows milliseconds tells all messages apart"
    assert [*messages] == list(range(1, len(messages) + 1))


def test_a_mark_stays_at_the_moment_of_the_first_reading():
    thread, message = Thread.with_staff("drv_1").after(DRIVER, uuid(1), "drv_1", NOON)
    thread, (marked,) = read(thread, {1: message}, STAFF, 1, NOON + timedelta(minutes=1))
    assert marked.read_at == NOON + timedelta(minutes=1)
    assert read(thread, {1: marked}, STAFF, 1, NOON + timedelta(minutes=9)) == (thread, [])


def test_a_message_tells_whom_it_is_for_and_never_what_it_says():
    for thread, sender, to in (
        (Thread.with_staff("drv_1"), DRIVER, "staff"),
        (Thread.with_staff("drv_1"), STAFF, "driver"),
        (Thread.with_customer("dlv_1", "drv_1"), DRIVER, "customer"),
        (Thread.with_customer("dlv_1", "drv_1"), CUSTOMER, "driver"),
    ):
        _, message = thread.after(sender, uuid(1), "drv_1", NOON)
        (event,) = message.events
        validate_event(event.model_dump(mode="json"))
        assert (event.data["to"], event.data["delivery_id"]) == (to, thread.delivery_id)


def test_the_same_id_in_two_threads_makes_two_events():
    sent = [thread.after(DRIVER, uuid(1), "drv_1", NOON)[1] for thread in map(Thread.with_staff, ("drv_1", "drv_2"))]
    assert len({message.events[0].id for message in sent}) == 2
