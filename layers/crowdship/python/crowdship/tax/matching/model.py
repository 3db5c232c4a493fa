"""The port to whoever asks the agency whether a name and a number belong together."""

from typing import Protocol

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.onboarding.tax import TinKind
from crowdship.tax.model import TinMatchCode
from crowdship.vault.model import ShortText


class TinQuestion(Value):
    """A question, whether a name and a number belong together.

    Parameters
    ----------
    reference : str
        Our name of it, the same on every repetition.
    """

    reference: str
    name: ShortText
    tin: str = Field(repr=False)
    tin_kind: TinKind


class MatchingUnavailable(Exception):  # noqa: N818 - an answer of the port
    """The provider did not answer; the same call may be made again."""


class TinMatcher(Protocol):
    """Port to the agency's TIN Matching. It takes questions, and has the answers later."""

    name: str

    def ask(self, question: TinQuestion) -> None:
        """Ask; the same question again is taken once.

        Raises
        ------
        MatchingUnavailable
            If it can't be reached or is in trouble.
        """
        ...

    def answer(self, reference: str) -> TinMatchCode | None:
        """Return the answer to a question, or None while there is none.

        Raises
        ------
        MatchingUnavailable
            If it can't be reached or is in trouble.
        """
        ...
