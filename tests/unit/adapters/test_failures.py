"""Errors of a sweep: all subjects are tried, each error is logged, and all are raised at the end."""

import pytest

from crowdship.adapters.failures import Failures


def sweep(tried, *outcomes):
    """Note in a list what is tried, and raise each outcome that is an error."""
    with Failures("the sweep failed in part") as failures:
        for number, outcome in enumerate(outcomes):
            with failures.collected("outcome_failed", number=number):
                tried.append(number)
                if isinstance(outcome, BaseException):
                    raise outcome


def sweep_until(error):
    with Failures("the sweep failed in part") as failures:
        with failures.collected("outcome_failed"):
            raise ValueError
        raise error


def test_without_a_failure_nothing_is_raised_or_logged(caplog):
    sweep(tried := [], "a", "b", "c")
    assert tried == [0, 1, 2]
    assert caplog.records == []


def test_one_failure_does_not_keep_the_others_from_their_attempt():
    tried = []
    with pytest.raises(ExceptionGroup):
        sweep(tried, ValueError(), "b", ValueError(), "d")
    assert tried == [0, 1, 2, 3]


def test_all_failures_are_raised_together_in_their_order():
    first, second = ValueError("a"), LookupError("c")
    with pytest.raises(ExceptionGroup, match="the sweep failed in part") as raised:
        sweep([], first, "b", second)
    assert raised.value.exceptions == (first, second)


def test_each_failure_is_logged_with_its_subject_and_the_place_of_its_attempt(caplog):
    error = ValueError()
    with pytest.raises(ExceptionGroup):
        sweep([], "a", error)
    [entry] = caplog.records
    assert (entry.levelname, entry.message, entry.number) == ("ERROR", "outcome_failed", 1)
    assert (entry.funcName, entry.exc_info[1]) == ("sweep", error)


def test_an_error_outside_all_attempts_ends_the_sweep_and_is_raised_as_it_is():
    with pytest.raises(LookupError):
        sweep_until(LookupError("the next page"))


def test_an_interrupted_attempt_ends_the_sweep():
    with pytest.raises(KeyboardInterrupt):
        sweep([], KeyboardInterrupt(), "b")
