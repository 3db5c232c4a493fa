"""Our own words to customers, by language, from ``notify/templates/customer/<language>.toml``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Self

from pydantic import StringConstraints

from crowdship.kernel.events import Value
from crowdship.kernel.language import Language
from crowdship.notify.rendering import PACKAGE


class KindPhrases(Value):
    """Our words of one kind of message: the SMS, and subject, text and button of the mail."""

    sms: str
    subject: str
    text: Annotated[str, StringConstraints(strip_whitespace=True)]
    button: str


class Phrases(Value):
    """All our words in one language.

    Parameters
    ----------
    kinds : mapping of str to KindPhrases
        By the name of the notice.
    common, reason, next, reply : mapping of str to str
        What several kinds share; reasons of failures; what comes next; answers to STOP and START.
    """

    kinds: Mapping[str, KindPhrases]
    common: Mapping[str, str]
    reason: Mapping[str, str]
    next: Mapping[str, str]
    reply: Mapping[str, str]

    @classmethod
    def of(cls, written: Mapping[str, Mapping[str, str]]) -> Self:
        """Return the words of a file."""
        shared = {name: written[name] for name in ("common", "reason", "next", "reply")}
        kinds = {name: words for name, words in written.items() if name not in shared}
        return cls.model_validate({"kinds": kinds, **shared})


@cache
def phrases(language: Language) -> Phrases:
    """Return our words in a language."""
    return Phrases.of(tomllib.loads((PACKAGE / f"notify/templates/customer/{language}.toml").read_text()))
