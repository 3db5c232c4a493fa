"""Languages in which the platform writes to people."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints


class Language(StrEnum):
    """A language that we have all texts in."""

    ENGLISH = "en"
    SPANISH = "es"
    GERMAN = "de"


MARKS = {Language.ENGLISH: (",", "."), Language.GERMAN: (".", ","), Language.SPANISH: (".", ",")}
"""The marks between thousands and before decimals."""


def with_marks(language: Language, number: Decimal) -> str:
    """Return a number with the marks of a language.

    Examples
    --------
    >>> with_marks(Language.GERMAN, Decimal("-1234.50"))
    '-1.234,50'
    """
    thousands, decimals = MARKS[language]
    return f"{number:,f}".translate(str.maketrans(",.", thousands + decimals))


LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$", max_length=35, to_lower=True)
]
"""A language as BCP 47 writes it, ``de`` or ``es-MX``; it may be one that we have no texts in."""


def spoken(tag: str | None, otherwise: Language) -> Language:
    """Return the language of a tag as far as we have texts in it.

    Examples
    --------
    >>> str(spoken("es-MX", Language.ENGLISH)), str(spoken("fr", Language.GERMAN)), str(spoken(None, Language.GERMAN))
    ('es', 'de', 'de')
    """
    primary = (tag or "").partition("-")[0].lower()
    return Language(primary) if primary in list(Language) else otherwise
