"""Views of trainings, and the body of a call about them. None of them has a right answer."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.training.model import Attempt, Course, Result
from crowdship.training.modules import Key, Module, Texts


class ChosenAnswer(Value):
    """The key of the answer that was chosen for a question."""

    question: Key
    answer: Key


def _once(answers: tuple[ChosenAnswer, ...]) -> tuple[ChosenAnswer, ...]:
    if len({one.question for one in answers}) < len(answers):
        raise ValueError("answer each question once")
    return answers


class AnswersInput(Value):
    """The answers to an attempt, one for each question."""

    answers: Annotated[tuple[ChosenAnswer, ...], Field(max_length=50), AfterValidator(_once)]

    @property
    def by_question(self) -> dict[str, str]:
        """The keys of the answers by question."""
        return {one.question: one.answer for one in self.answers}


class TrainingLine(Value):
    """A training in the list of all.

    Parameters
    ----------
    vertical : str or None
        The goods for which it is needed; null for all work.
    holds : bool
        Whether the driver has the credential that it grants.
    valid_until : date or None
        The last day of the credential; null if there is none, or it does not run out.
    attempts_left : int
        Attempts that may be begun now.
    next_attempt_at : datetime or None
        When the next attempt may be begun, if none may now.
    """

    module: str
    title: str
    summary: str
    vertical: str | None
    grants: str
    holds: bool
    valid_until: Day | None
    questions: int
    pass_percent: int
    attempts_left: int
    next_attempt_at: Moment | None

    @classmethod
    def of(
        cls, module: Module, texts: Texts, course: Course, holds: bool, valid_until: date | None, now: datetime
    ) -> Self:
        """Return the line of a module for a driver."""
        return cls(
            module=module.name,
            title=texts.title,
            summary=texts.summary,
            vertical=module.rules.vertical,
            grants=module.rules.grants,
            holds=holds,
            valid_until=valid_until,
            questions=module.rules.draws,
            pass_percent=module.rules.pass_percent,
            attempts_left=course.attempts_left(now),
            next_attempt_at=course.next_attempt_at(now),
        )


class Trainings(Value):
    """All trainings."""

    trainings: tuple[TrainingLine, ...]


class PageView(Value):
    """A page of text."""

    page: str
    title: str
    text: str


class TrainingView(TrainingLine):
    """A training with its pages."""

    pages: tuple[PageView, ...]

    @classmethod
    def with_pages(cls, line: TrainingLine, texts: Texts) -> Self:
        """Return the view of a training with its pages."""
        pages = (PageView(page=key, title=page.title, text=page.text) for key, page in texts.pages.items())
        return cls(**dict(line), pages=tuple(pages))


class AnswerView(Value):
    """An answer that can be chosen."""

    answer: str
    text: str


class QuestionView(Value):
    """A question with its answers, in the order in which they are shown."""

    question: str
    text: str
    answers: tuple[AnswerView, ...]


class AttemptView(Value):
    """An attempt at a quiz."""

    attempt_id: str
    begun_at: Moment
    questions: tuple[QuestionView, ...]

    @classmethod
    def of(cls, attempt: Attempt, texts: Texts) -> Self:
        """Return the view of an attempt in a language."""
        return cls(
            attempt_id=attempt.id,
            begun_at=attempt.begun_at,
            questions=tuple(
                QuestionView(
                    question=drawn.question,
                    text=texts.questions[drawn.question].text,
                    answers=tuple(
                        AnswerView(answer=key, text=texts.questions[drawn.question].answers[key])
                        for key in drawn.answers
                    ),
                )
                for drawn in attempt.drawn
                if drawn.question in texts.questions
            ),
        )


class ResultView(Value):
    """The result of an attempt.

    Parameters
    ----------
    read_again : tuple of str
        The pages that have the answers of the questions that were answered wrongly.
    valid_until : date or None
        The last day of the credential, if it was passed and runs out.
    """

    attempt_id: str
    right: int
    asked: int
    passed: bool
    read_again: tuple[str, ...]
    valid_until: Day | None
    attempts_left: int
    next_attempt_at: Moment | None

    @classmethod
    def of(cls, attempt_id: str, result: Result, course: Course, valid_until: date | None, now: datetime) -> Self:
        """Return the view of a result."""
        told = result.model_dump(include={"right", "asked", "passed", "read_again"})
        return cls(
            attempt_id=attempt_id,
            valid_until=valid_until if result.passed else None,
            attempts_left=course.attempts_left(now),
            next_attempt_at=course.next_attempt_at(now),
            **told,
        )
