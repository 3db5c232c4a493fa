"""Replies to SMS by which people end them or begin them again."""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from crowdship.kernel.language import Language


class Wish(StrEnum):
    """A wish that somebody replies."""

    STOP = "stopped"
    START = "started"


class Reply(NamedTuple):
    """A wish, and the language in which it was written."""

    wish: Wish
    language: Language


EN, ES, DE = Language.ENGLISH, Language.SPANISH, Language.GERMAN

KEYWORDS: dict[str, Reply] = {
    **{word: Reply(Wish.STOP, EN) for word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT")},
    **{word: Reply(Wish.STOP, EN) for word in ("REVOKE", "STOPTEXTING")},
    **{word: Reply(Wish.STOP, ES) for word in ("PARAR", "ALTO", "CANCELAR", "BAJA")},
    **{word: Reply(Wish.STOP, DE) for word in ("STOPP", "ABMELDEN", "ABBESTELLEN")},
    **{word: Reply(Wish.START, EN) for word in ("START", "UNSTOP", "SUBSCRIBE")},
    **{word: Reply(Wish.START, ES) for word in ("EMPEZAR", "INICIAR", "ALTA")},
    **{word: Reply(Wish.START, DE) for word in ("ANMELDEN", "STARTEN")},
}
"""The whole reply has to be one of these: "stop at the gate" is meant for the driver."""


def read_reply(text: str) -> Reply | None:
    """Return the wish of a reply, or None if it is none; case, spaces, accents and punctuation do not count.

    Examples
    --------
    >>> str(read_reply(" Stop! ").wish), str(read_reply("opt-out").wish), read_reply("stop at the gate")
    ('stopped', 'stopped', None)
    """
    plain = unicodedata.normalize("NFKD", text).upper()
    return KEYWORDS.get(re.sub(r"[^A-Z0-9]", "", plain)) if len(text) <= 40 else None
