"""Texts of notices; the words are in ``notify/templates``."""

from datetime import datetime
from typing import Any

from crowdship.notify.channels.sms import fits_sms, signed_sms
from crowdship.notify.notices import Channel, Facts, Notice
from crowdship.notify.rendering import Letter, rendered


def sms_for(notice: Notice[Any], facts: Facts, now: datetime) -> str:
    """Return the SMS of a notice: one message long if it can be.

    A text that is too long is made of fewer facts; if it is still too long, words of the sender are left out.
    """
    text = _sms(notice, facts, now)
    if not fits_sms(facts.sender, text):
        text = _sms(notice, facts.shortened(), now)
    return signed_sms(facts.sender, text)


def _sms(notice: Notice[Any], facts: Facts, now: datetime) -> str:
    return rendered(notice.template(Channel.SMS), facts.fields(now)).rstrip("\n")


def letter_for(notice: Notice[Any], facts: Facts, now: datetime) -> Letter:
    """Return the e-mail of a notice."""
    return Letter.of(notice.template(Channel.EMAIL), facts.fields(now))
