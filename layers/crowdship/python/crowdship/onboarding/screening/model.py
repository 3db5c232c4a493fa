"""The port to companies that check people's background, and what they report."""

from typing import Protocol

from pydantic import ConfigDict, Field

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.onboarding.check import Result
from crowdship.vault.applicants import PostalAddress, ReportedRecord
from crowdship.vault.model import Email, Phone, ShortText


class CheckOrder(Value):
    """An order of a background check.

    Parameters
    ----------
    reference : str
        Our name of it, the same on every repetition.
    candidate_id : str
        The driver's id, by which a report about somebody else is found out.
    """

    reference: str
    candidate_id: str
    legal_name: ShortText
    born_on: Day
    address: PostalAddress
    email: Email
    phone: Phone


class CheckReport(Value):
    """A provider's report by its webhook; unknown fields are left out.

    Parameters
    ----------
    check_id : str
        The provider's id of the check.
    reference, candidate_id : str
        As they were in the order.
    """

    model_config = ConfigDict(extra="ignore")

    check_id: str = Field(min_length=1, max_length=100)
    reference: str = Field(min_length=1, max_length=100)
    candidate_id: str = Field(min_length=1, max_length=100)
    result: Result
    records: tuple[ReportedRecord, ...] = Field(default=(), max_length=50)


class ScreeningUnavailable(Exception):  # noqa: N818 - an answer of the port
    """The provider did not answer; the same order may be sent again."""


class ScreeningRefused(Exception):  # noqa: N818 - an answer of the port
    """The provider refuses this order; a person has to look why."""


class ScreeningProvider(Protocol):
    """Port to a company that checks people's background."""

    name: str

    def order(self, order: CheckOrder) -> str:
        """Order a check and return the provider's id of it; the same order again returns the same id.

        Raises
        ------
        ScreeningUnavailable
            If the provider can't be reached or is in trouble.
        ScreeningRefused
            If it does not take this order.
        """
        ...
