"""Question to a section: about which days, of which mail, with which sources."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from crowdship.insight.finance.content import Content
from crowdship.insight.finance.model import MailTask
from crowdship.insight.finance.readings import Readings


@dataclass(frozen=True)
class Scope:
    """The days of a mail, and the sources to read them from."""

    task: MailTask
    sources: Readings

    @property
    def first(self) -> date:
        """The first day."""
        return self.task.first

    @property
    def last(self) -> date:
        """The last day."""
        return self.task.last


Section = Callable[[Scope], Content | None]
"""Reads what a section shows; None leaves it out."""
