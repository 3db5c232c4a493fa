"""A driver's course in one module: attempts at its quiz, their limit, and their results. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Self

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.training.modules import Module

MOST_A_DAY = 3
"""Attempts in 24 hours, so that nobody passes by trying all answers."""

DAY = timedelta(days=1)

MOST_KEPT = 30
"""Attempts that a course remembers."""


class Drawn(Value):
    """A question of an attempt, with its answers in the order in which they are shown."""

    question: str
    answers: tuple[str, ...]


class Result(Value):
    """The result of an attempt.

    Parameters
    ----------
    right, asked : int
        Right answers, and questions.
    read_again : tuple of str
        The pages that have the answers of the others.
    digest : str
        The hash of the answers, by which the same ones are recognised when they come again.
    """

    at: Moment
    right: int
    asked: int
    passed: bool
    read_again: tuple[str, ...]
    digest: str


class Attempt(Value):
    """An attempt at the quiz."""

    id: str
    begun_at: Moment
    drawn: tuple[Drawn, ...]
    result: Result | None = None


class Course(Aggregate):
    """A driver's course in a module.

    Parameters
    ----------
    begun : int
        Attempts that were ever begun.
    attempts : tuple of Attempt
        The latest ones, the newest last.
    """

    driver_id: str
    module: str
    begun: int = 0
    attempts: tuple[Attempt, ...] = ()

    @classmethod
    def new(cls, driver_id: str, module: str) -> Self:
        """Return the course of a driver who has not tried yet."""
        return cls(id=derived_id("crs", driver_id, module), driver_id=driver_id, module=module)

    def recent(self, now: datetime) -> tuple[Attempt, ...]:
        """Return the attempts that were begun in the last 24 hours."""
        return tuple(one for one in self.attempts if one.begun_at > now - DAY)

    def attempts_left(self, now: datetime) -> int:
        """Return how many attempts may be begun now."""
        return max(0, MOST_A_DAY - len(self.recent(now)))

    def next_attempt_at(self, now: datetime) -> datetime | None:
        """Return when the next attempt may be begun, None if one may be begun now."""
        recent = self.recent(now)
        return None if len(recent) < MOST_A_DAY else recent[-MOST_A_DAY].begun_at + DAY

    def open_attempt(self, now: datetime) -> Attempt | None:
        """Return the attempt that waits for its answers, or None."""
        return next((one for one in self.recent(now) if one.result is None), None)

    def begin(self, module: Module, now: datetime) -> tuple[Self, Attempt]:
        """Return the course with an attempt that waits for its answers: the one that does already, or a new one.

        The caller checks the limit by ``next_attempt_at``.
        """
        waiting = self.open_attempt(now)
        if waiting:
            return self, waiting
        attempt_id = derived_id("att", self.driver_id, self.module, self.begun)
        attempt = Attempt(id=attempt_id, begun_at=now, drawn=draw(module, attempt_id))
        attempts = (*self.attempts, attempt)[-MOST_KEPT:]
        return self.with_changes(begun=self.begun + 1, attempts=attempts), attempt

    def answer(self, attempt_id: str, answers: Mapping[str, str], module: Module, now: datetime) -> tuple[Self, Result]:
        """Return the course with the result of an attempt; the same answers again give the same result.

        Raises
        ------
        NotFound
            If the driver has no such attempt.
        Conflict
            ``answered_already``, if other answers came before; ``attempt_over``, if it was begun more than a day ago.
        Unprocessable
            If a question has no answer, or one that it does not have.
        """
        attempt = next((one for one in self.attempts if one.id == attempt_id), None)
        if attempt is None:
            raise NotFound("no_such_attempt", f"There is no attempt {attempt_id} of this driver in {self.module}.")
        digest = hashlib.sha256(json.dumps(dict(answers), sort_keys=True).encode()).hexdigest()
        if attempt.result:
            if attempt.result.digest == digest:
                return self, attempt.result
            detail = f"Answers were given at {written(attempt.result.at)}, and those count; begin another attempt."
            raise Conflict("answered_already", detail)
        if attempt.begun_at <= now - DAY:
            raise Conflict("attempt_over", f"It was begun at {written(attempt.begun_at)}; begin another attempt.")
        _refuse_gaps(attempt, answers)
        result = _result(attempt, answers, module, digest, now)
        attempts = tuple(
            one.model_copy(update={"result": result}) if one.id == attempt_id else one for one in self.attempts
        )
        told = {
            "driver_id": self.driver_id,
            "module": self.module,
            "attempt_id": attempt_id,
            "right": result.right,
            "asked": result.asked,
        }
        kind = "training.passed" if result.passed else "training.failed"
        return self.with_changes(attempts=attempts).emitting(kind, now, told), result


def draw(module: Module, seed: str) -> tuple[Drawn, ...]:
    """Return questions of a module and the order of their answers, the same whenever the seed is the same."""
    chance = Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    questions = next(iter(module.texts.values())).questions
    drawn = chance.sample(sorted(questions), module.rules.draws)
    return tuple(Drawn(question=one, answers=tuple(_shuffled(sorted(questions[one].answers), chance))) for one in drawn)


def _shuffled(keys: list[str], chance: Random) -> list[str]:
    chance.shuffle(keys)
    return keys


def _refuse_gaps(attempt: Attempt, answers: Mapping[str, str]) -> None:
    """Check that each question has one of its answers, and that nothing else is answered."""
    asked = {one.question: one.answers for one in attempt.drawn}
    wrong = [("/answers", f"{key} is no question of this attempt.") for key in answers if key not in asked]
    for key, known in asked.items():
        if key not in answers:
            wrong.append(("/answers", f"Question {key} has no answer; give one of {', '.join(known)}."))
        elif answers[key] not in known:
            wrong.append(("/answers", f"Question {key} has no such answer; give one of {', '.join(known)}."))
    if wrong:
        raise Unprocessable("wrong_answers", "Answer each question of the attempt, and no other.", errors=wrong)


def _result(attempt: Attempt, answers: Mapping[str, str], module: Module, digest: str, now: datetime) -> Result:
    texts = next(iter(module.texts.values()))
    # A question that a newer version of the module no longer has counts for nobody.
    asked = [one.question for one in attempt.drawn if one.question in module.rules.right]
    wrong = [key for key in asked if answers[key] != module.rules.right[key]]
    right = len(asked) - len(wrong)
    return Result(
        at=now,
        right=right,
        asked=len(asked),
        passed=bool(asked) and right * 100 >= module.rules.pass_percent * len(asked),
        read_again=tuple(page for page in texts.pages if page in {texts.questions[key].page for key in wrong}),
        digest=digest,
    )
