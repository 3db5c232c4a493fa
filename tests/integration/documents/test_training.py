"""A passed quiz grants its credential, attempts are limited, and no answer leaves the platform."""

import json
from datetime import timedelta

import pytest

from crowdship.drivers import service as drivers
from crowdship.kernel.errors import Conflict, NotFound, TooManyRequests, Unprocessable
from crowdship.training import service as training
from crowdship.training.modules import modules
from crowdship.training.store import CourseRow
from tests.city import City
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")

MODULE = "alcohol_training"
RIGHT = modules()[MODULE].rules.right


def begun(city, driver, language=None):
    return training.begin(driver.id, MODULE, language, city.clock)


def answered(city, driver, attempt, right=True):
    chosen = {
        one.question: RIGHT[one.question]
        if right
        else next(each.answer for each in one.answers if each.answer != RIGHT[one.question])
        for one in attempt.questions
    }
    return training.answer(driver.id, MODULE, attempt.attempt_id, chosen, city.clock)


def line(city, driver, module=MODULE):
    return next(one for one in training.trainings(driver.id, None, city.clock).trainings if one.module == module)


def test_a_passed_quiz_grants_the_credential_for_its_time_once(aws):
    city = City.open()
    driver = city.driver()
    assert not training.passed(driver.id, MODULE, city.clock)
    attempt = begun(city, driver)
    result = answered(city, driver, attempt)
    today = city.clock.now().date()
    assert (result.passed, result.right, result.asked) == (True, 4, 4)
    assert result.valid_until == today + timedelta(days=730)
    assert training.passed(driver.id, MODULE, city.clock)
    assert drivers.get(driver.id).holds("alcohol_training", today + timedelta(days=730))
    version = drivers.get(driver.id).stored_version
    assert answered(city, driver, attempt) == result
    assert drivers.get(driver.id).stored_version == version
    (event,) = json.loads(CourseRow.get(driver.id, f"COURSE#{MODULE}").events)
    validate_event(event)
    assert event["type"] == "training.passed"


def test_a_quiz_that_is_sent_a_hundred_times_counts_once_and_three_can_be_begun_in_a_day(aws):
    city = City.open()
    driver = city.driver()
    first = begun(city, driver)
    assert all(begun(city, driver) == first for _ in range(10))
    results = [answered(city, driver, first, right=False) for _ in range(100)]
    assert results == [results[0]] * 100
    for _ in range(2):
        city.later(minutes=1)
        answered(city, driver, begun(city, driver), right=False)
    with pytest.raises(TooManyRequests) as refused:
        begun(city, driver)
    assert int(refused.value.headers["Retry-After"]) == 86_400 - 120
    assert line(city, driver).attempts_left == 0
    city.later(days=1)
    assert begun(city, driver).attempt_id != first.attempt_id


def test_the_first_answers_count(aws):
    city = City.open()
    driver = city.driver()
    attempt = begun(city, driver)
    assert not answered(city, driver, attempt, right=False).passed
    with pytest.raises(Conflict, match="those count"):
        answered(city, driver, attempt)
    assert not training.passed(driver.id, MODULE, city.clock)


def test_who_has_passed_can_take_it_again_when_it_runs_out_soon(aws):
    city = City.open()
    driver = city.driver()
    answered(city, driver, begun(city, driver))
    with pytest.raises(Conflict, match="passed until"):
        begun(city, driver)
    city.later(days=700)
    assert answered(city, driver, begun(city, driver)).valid_until == city.clock.now().date() + timedelta(days=730)


def test_nobody_answers_the_attempt_of_another_driver_or_one_that_is_over(aws):
    city = City.open()
    driver = city.driver()
    other = city.driver(email="ben@example.com", phone="+13125550198")
    attempt = begun(city, driver)
    with pytest.raises(NotFound):
        answered(city, other, attempt)
    with pytest.raises(NotFound):
        training.begin(driver.id, "juggling", None, city.clock)
    city.later(days=1)
    with pytest.raises(Conflict, match="begin another"):
        answered(city, driver, attempt)


@pytest.mark.parametrize("answers", [{}, {"drunk": "a"}, {"juggling": "a"}])
def test_answers_that_are_missing_or_unknown_are_named(aws, answers):
    city = City.open()
    driver = city.driver()
    attempt = begun(city, driver)
    with pytest.raises(Unprocessable) as refused:
        training.answer(driver.id, MODULE, attempt.attempt_id, answers, city.clock)
    said = " ".join(detail for pointer, detail in refused.value.errors if pointer == "/answers")
    lacking = {one.question for one in attempt.questions} - answers.keys()
    assert all(f"Question {key} has no answer" in said for key in lacking)
    assert "juggling" not in answers or "juggling is no question" in said


def test_texts_come_in_the_language_that_is_asked_for(aws):
    city = City.open()
    driver = city.driver()
    titles = {
        language: training.training(driver.id, MODULE, language, city.clock).title for language in (None, "es-MX", "de")
    }
    assert titles == {None: "Delivering alcohol", "es-MX": "Entregar alcohol", "de": "Alkohol ausliefern"}
    german = begun(city, driver, "de")
    assert begun(city, driver).attempt_id == german.attempt_id


def test_no_view_says_which_answer_is_right(aws):
    city = City.open()
    driver = city.driver()
    seen = [
        training.training(driver.id, MODULE, None, city.clock).model_dump_json(),
        begun(city, driver).model_dump_json(),
    ]
    seen.append(answered(city, driver, begun(city, driver), right=False).model_dump_json())
    assert not any('"right":{' in text or '"right":"' in text for text in seen)
