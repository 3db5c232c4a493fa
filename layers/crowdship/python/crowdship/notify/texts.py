"""Texts of notices to drivers and merchants; the words are in ``notify/templates``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crowdship.notify.channel import Channel
from crowdship.notify.channels.sms import signed_sms
from crowdship.notify.notices import Facts, Notice
from crowdship.notify.rendering import Letter, rendered


def sms_for(notice: Notice[Any], facts: Facts, now: datetime) -> str:
    """Return the SMS of a notice; if it is too long, words of the sender are left out."""
    return signed_sms(facts.sender, rendered(notice.template(Channel.SMS), facts.fields(now)).rstrip("\n"))


def letter_for(notice: Notice[Any], facts: Facts, now: datetime) -> Letter:
    """Return the e-mail of a notice."""
    return Letter.of(notice.template(Channel.EMAIL), facts.fields(now))


@dataclass(frozen=True)
class NoticeTexts:
    """The texts of a notice whose words are template files."""

    notice: Notice[Any]
    facts: Facts

    def sms(self, now: datetime) -> str:
        """Return the SMS."""
        return sms_for(self.notice, self.facts, now)

    def letter(self, now: datetime) -> Letter:
        """Return the e-mail."""
        return letter_for(self.notice, self.facts, now)
