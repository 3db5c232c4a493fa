import pytest
from hypothesis import given, strategies

from crowdship.adapters.storage import BACK_OFF_S, CONTENTION_ATTEMPTS, changed, persistently
from crowdship.kernel.errors import Conflict, StaleWrite


class Contended:
    """A write that others get in the way of a number of times."""

    def __init__(self, times):
        self.left, self.tries, self.waits = times, 0, []

    def __call__(self):
        self.tries += 1
        if self.left:
            self.left -= 1
            raise StaleWrite("somebody was faster")
        return "written"


@given(strategies.integers(1, 9), strategies.data())
def test_a_write_is_tried_until_nobody_interferes(tries, data):
    contended = Contended(data.draw(strategies.integers(0, tries - 1)))
    others = contended.left

    assert persistently(contended, tries, contended.waits.append) == "written"
    assert contended.tries == len(contended.waits) + 1 == others + 1
    assert all(0 <= wait_s <= BACK_OFF_S * 2**number for number, wait_s in enumerate(contended.waits, start=1))


def test_a_write_that_others_always_overtake_is_given_up():
    contended = Contended(1000)
    with pytest.raises(StaleWrite):
        persistently(contended, wait=contended.waits.append)
    assert contended.tries == CONTENTION_ATTEMPTS == len(contended.waits) + 1


def test_a_refusal_is_not_tried_again():
    tries = []

    def refuse():
        tries.append(1)
        raise Conflict("taken", "It is taken.")

    with pytest.raises(Conflict):
        persistently(refuse, wait=tries.append)
    assert tries == [1]


class Shelf:
    """One aggregate, which others change in the middle of the first writes."""

    def __init__(self, number, interferences=0):
        self.number, self.left, self.writes = number, interferences, 0

    def load(self):
        return self.number

    def row(self, number):
        return ShelfRow(self, number)


class ShelfRow:
    def __init__(self, shelf, number):
        self.shelf, self.number = shelf, number

    def unchanged(self):
        return None

    def save(self, condition, add_version_condition):
        if self.shelf.left:
            self.shelf.left -= 1
            self.shelf.number += 100
            raise StaleWrite("somebody was faster")
        self.shelf.writes += 1
        self.shelf.number = self.number


def test_a_change_is_stored_and_returned():
    shelf = Shelf(1)
    assert changed(shelf.load, lambda number: number + 1, shelf.row) == 2
    assert (shelf.number, shelf.writes) == (2, 1)


def test_a_decision_that_changes_nothing_writes_nothing():
    shelf = Shelf(1)
    assert changed(shelf.load, lambda number: number, shelf.row) == 1
    assert shelf.writes == 0


def test_a_change_that_was_overtaken_is_decided_again_from_what_is_stored_now():
    shelf = Shelf(1, interferences=1)
    assert changed(shelf.load, lambda number: number + 1, shelf.row) == 102
    assert (shelf.number, shelf.writes) == (102, 1)


def test_a_change_that_others_always_overtake_is_given_up():
    shelf = Shelf(1, interferences=1000)
    with pytest.raises(StaleWrite):
        changed(shelf.load, lambda number: number + 1, shelf.row, 2)
    assert (shelf.left, shelf.writes) == (998, 0)
