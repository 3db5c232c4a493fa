"""Training modules: pages and questions from ``training/modules/<module>/``, checked when they are read.

``module.toml`` says what a module grants and which answers are right; a file for each language has the texts, so that
what an app gets is never near the answers.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from crowdship.drivers.credentials import CredentialName
from crowdship.kernel.events import Value
from crowdship.kernel.language import Language

FOLDER = Path(__file__).parent / "modules"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class Page(Value):
    """A page of text."""

    title: Words
    text: Words


class Question(Value):
    """A question with its answers by key; ``page`` is the page that has the answer."""

    text: Words
    page: Key
    answers: Annotated[dict[Key, Words], Field(min_length=2, max_length=6)]


class Texts(Value):
    """The texts of a module in one language."""

    title: Words
    summary: Words
    pages: Annotated[dict[Key, Page], Field(min_length=1)]
    questions: Annotated[dict[Key, Question], Field(min_length=1)]


class Rules(Value):
    """The rules of a module.

    Parameters
    ----------
    grants : str
        The credential that passing grants.
    vertical : str or None
        The goods for which it is needed; None for all work.
    draws : int
        Questions that an attempt has.
    pass_percent : int
        The least share of right answers.
    valid_days : int or None
        Days for which the credential counts; None for good.
    right : mapping of str to str
        The key of the right answer of each question.
    """

    grants: CredentialName
    vertical: Key | None = None
    draws: int = Field(ge=1, le=50)
    pass_percent: int = Field(ge=1, le=100)
    valid_days: int | None = Field(default=None, ge=1)
    right: dict[Key, Key]


class Module(Value):
    """A training module."""

    name: Key
    rules: Rules
    texts: Mapping[Language, Texts]


@cache
def modules() -> dict[str, Module]:
    """Return all modules by name.

    Raises
    ------
    ValueError
        If one can't be used; the message names the file and what is wrong.
    """
    return {folder.name: read(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir()}


def read(folder: Path) -> Module:
    """Return the module in a folder.

    Raises
    ------
    ValueError
        If a file is missing or wrong, a language lacks a question or an answer of another one, or a question has no
        right answer.
    """
    rules = _file(folder / "module.toml", Rules)
    texts = {language: _file(folder / f"{language}.toml", Texts) for language in Language}
    if rules.draws > len(rules.right):
        raise ValueError(
            f"{folder / 'module.toml'}: draws is {rules.draws}, and there are {len(rules.right)} questions"
        )
    for language, written in texts.items():
        path = folder / f"{language}.toml"
        if written.questions.keys() != rules.right.keys():
            differing = sorted(written.questions.keys() ^ rules.right.keys())
            raise ValueError(f"{path}: it has other questions than module.toml: {', '.join(differing)}")
        for key, question in written.questions.items():
            if rules.right[key] not in question.answers:
                raise ValueError(f"{path}: question {key} has no answer {rules.right[key]}, which is the right one")
            if question.answers.keys() != texts[Language.ENGLISH].questions[key].answers.keys():
                raise ValueError(f"{path}: question {key} has other answers than in English")
            if question.page not in written.pages:
                raise ValueError(f"{path}: question {key} names the page {question.page}, which is not there")
    return Module(name=folder.name, rules=rules, texts=texts)


def _file[T: Value](path: Path, kind: type[T]) -> T:
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error
