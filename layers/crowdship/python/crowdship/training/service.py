"""Use cases of training: read modules, begin an attempt, answer it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.drivers import service as drivers
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock, written
from crowdship.kernel.errors import Conflict, NotFound, TooManyRequests
from crowdship.kernel.language import Language, spoken
from crowdship.training.model import MOST_A_DAY, Attempt, Course, Result
from crowdship.training.modules import Module, modules
from crowdship.training.store import CourseRow
from crowdship.training.views import AttemptView, ResultView, TrainingLine, Trainings, TrainingView

RENEWED_FROM = timedelta(days=60)
"""The time before a credential's last day from which the quiz may be taken again."""


def trainings(driver_id: str, language: str | None, clock: Clock) -> Trainings:
    """Return all trainings with the driver's state in each."""
    driver, courses = drivers.get(driver_id), CourseRow.of_driver(driver_id)
    found = modules().values()
    return Trainings(trainings=tuple(_line(one, driver, courses.get(one.name), language, clock) for one in found))


def training(driver_id: str, name: str, language: str | None, clock: Clock) -> TrainingView:
    """Return a training with its pages.

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    module = _module(name)
    line = _line(module, drivers.get(driver_id), CourseRow.load(driver_id, name), language, clock)
    return TrainingView.with_pages(line, module.texts[spoken(language, Language.ENGLISH)])


def begin(driver_id: str, name: str, language: str | None, clock: Clock) -> AttemptView:
    """Return the attempt that waits for the driver's answers, a new one if there is none.

    Raises
    ------
    NotFound
        If there is no such training.
    Conflict
        ``passed_already``, while the credential is valid for long.
    TooManyRequests
        If three attempts were begun in the last 24 hours.
    """
    module = _module(name)

    def attempt() -> Attempt:
        now, driver, course = clock.now(), drivers.get(driver_id), _course(driver_id, name)
        if course.open_attempt(now) is None:
            _refuse_renewal(module, driver, now)
            _refuse_flood(course, now, clock)
        begun, found = course.begin(module, now)
        if begun is not course:
            work = UnitOfWork()
            work.store(CourseRow.of(begun))
            work.commit()
        return found

    return AttemptView.of(persistently(attempt), module.texts[spoken(language, Language.ENGLISH)])


def answer(driver_id: str, name: str, attempt_id: str, answers: Mapping[str, str], clock: Clock) -> ResultView:
    """Return the result of an attempt; passing grants the credential, in one write with the attempt.

    The same answers again give the same result.

    Raises
    ------
    NotFound
        If there is no such training or attempt.
    Conflict
        If other answers came before, or the attempt was begun more than a day ago.
    Unprocessable
        If a question has no answer, or one that it does not have.
    """
    module = _module(name)

    def attempt() -> tuple[Course, Result, Driver]:
        now, driver, course = clock.now(), drivers.get(driver_id), _course(driver_id, name)
        answered, result = course.answer(attempt_id, answers, module, now)
        if answered is course:
            return course, result, driver
        work = UnitOfWork()
        work.store(CourseRow.of(answered))
        if result.passed:
            driver = driver.credited(Credential(name=module.rules.grants, valid_until=_until(module, driver, now)))
            drivers.keep(driver, work)
        work.commit()
        return answered, result, driver

    course, result, driver = persistently(attempt)
    held = _held(module, driver)
    return ResultView.of(attempt_id, result, course, held.valid_until if held else None, clock.now())


def passed(driver_id: str, name: str, clock: Clock) -> bool:
    """Return whether a driver has the credential of a training today.

    Raises
    ------
    NotFound
        If there is no such training.
    """
    driver = drivers.get(driver_id)
    return driver.holds(_module(name).rules.grants, driver.day_of(clock.now()))


def _module(name: str) -> Module:
    found = modules().get(name)
    if found is None:
        raise NotFound("no_such_training", f"There is no training {name[:40]}; there are {', '.join(modules())}.")
    return found


def _course(driver_id: str, name: str) -> Course:
    return CourseRow.load(driver_id, name) or Course.new(driver_id, name)


def _held(module: Module, driver: Driver) -> Credential | None:
    return next((one for one in driver.credentials if one.name == module.rules.grants), None)


def _until(module: Module, driver: Driver, now: datetime) -> date | None:
    days = module.rules.valid_days
    return driver.day_of(now) + timedelta(days=days) if days else None


def _line(module: Module, driver: Driver, course: Course | None, language: str | None, clock: Clock) -> TrainingLine:
    now, held = clock.now(), _held(module, driver)
    holds = driver.holds(module.rules.grants, driver.day_of(now))
    texts = module.texts[spoken(language, Language.ENGLISH)]
    known = course or Course.new(driver.id, module.name)
    return TrainingLine.of(module, texts, known, holds, held.valid_until if held else None, now)


def _refuse_renewal(module: Module, driver: Driver, now: datetime) -> None:
    """Refuse an attempt of a driver whose credential counts for long; another one would gain nothing."""
    held, today = _held(module, driver), driver.day_of(now)
    if held and (held.valid_until is None or held.valid_until > today + RENEWED_FROM):
        until = f"until {held.valid_until}" if held.valid_until else "for good"
        detail = f"{module.name} is passed {until}; it can be taken again {RENEWED_FROM.days} days before that."
        raise Conflict("passed_already", detail)


def _refuse_flood(course: Course, now: datetime, clock: Clock) -> None:
    again = course.next_attempt_at(now)
    if again:
        detail = f"{MOST_A_DAY} attempts were begun in 24 hours; the next one can be begun at {written(again)}."
        seconds = ceil(clock.wall_seconds(again - now))
        raise TooManyRequests("too_many_attempts", detail, {"Retry-After": str(max(1, seconds))})
