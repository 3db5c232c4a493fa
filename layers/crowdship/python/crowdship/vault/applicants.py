"""Personal data of applicants and drivers beside name and addresses: identity, tax form, bank account, reports."""

from typing import Annotated

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.vault.model import Kept, ShortText

STATES = (
    *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA"),
    *("ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR"),
    *("PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "VI", "GU", "AS", "MP"),
)
"""Two-letter codes of the Postal Service."""

StateCode = Annotated[str, StringConstraints(pattern="^(" + "|".join(STATES) + ")$")]


class PostalAddress(Value):
    """A postal address in the United States."""

    street: ShortText
    unit: ShortText | None = None
    city: ShortText
    state: StateCode = Field(examples=["CA"])
    zip: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}(-[0-9]{4})?$")] = Field(examples=["94110"])


class Identity(Aggregate):
    """An applicant as the background check knows them."""

    legal_name: ShortText
    born_on: Day
    address: PostalAddress


class TaxForm(Kept):
    """A W-9 as its signer certified it.

    Parameters
    ----------
    tin : str
        Nine digits; shown nowhere but by its last four.
    """

    name: ShortText
    business_name: ShortText | None = None
    classification: str
    address: PostalAddress
    tin_kind: str
    tin: str
    backup_withholding: bool = False
    signed_by: ShortText
    certified_at: Moment


class BankAccount(Aggregate):
    """An account to which a driver's pay is sent.

    Parameters
    ----------
    account_number : str
        Shown nowhere but by its last four.
    payable_from : date
        The first business day whose pay goes to it.
    """

    holder: ShortText
    kind: str
    routing_number: str
    account_number: str
    given_at: Moment
    payable_from: Day


class ConnectedAccount(Aggregate):
    """A driver's account at the provider of payouts, which asks the driver itself for where to pay.

    Parameters
    ----------
    account_id : str
        The provider's id of it.
    """

    account_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,100}$")]


class ReportedRecord(Value):
    """A record in the report of a background check, as the provider wrote it."""

    title: ShortText
    date: Day | None = None
    place: ShortText | None = None
    outcome: ShortText | None = None


class ScreeningReport(Kept):
    """The report of a background check that stands against an applicant; they get a copy of it."""

    provider: ShortText
    records: tuple[ReportedRecord, ...] = Field(max_length=50)
    reported_at: Moment


LONGEST_STATEMENT = 2000
StatementText = Annotated[str, StringConstraints(min_length=20, max_length=LONGEST_STATEMENT, strip_whitespace=True)]


class Statement(Kept):
    """Words about a report: what the applicant disputes, or how a person assessed it."""

    text: StatementText


def identity_token(driver_id: str) -> str:
    """Return the token of a driver's identity, the same whether or not there is one."""
    return derived_id("pii", "identity", driver_id)


def tax_form_token(driver_id: str) -> str:
    """Return the token of a driver's tax form, the same whether or not there is one."""
    return derived_id("pii", "tax-form", driver_id)


def return_token(year: int, driver_id: str) -> str:
    """Return the token of the W-9 as the agency has it with a year's form, the same whether or not there is one."""
    return derived_id("pii", "tax-return", year, driver_id)


def bank_account_token(driver_id: str) -> str:
    """Return the token of a driver's bank account, the same whether or not there is one."""
    return derived_id("pii", "bank-account", driver_id)


def connected_account_token(driver_id: str) -> str:
    """Return the token of a driver's account at the provider of payouts, the same whether or not there is one."""
    return derived_id("pii", "connected-account", driver_id)


def report_token(application_id: str) -> str:
    """Return the token of the report about an application, the same whether or not there is one."""
    return derived_id("pii", "report", application_id)


def dispute_token(application_id: str) -> str:
    """Return the token of what an applicant disputes, the same whether or not they do."""
    return derived_id("pii", "dispute", application_id)


def assessment_token(application_id: str) -> str:
    """Return the token of the assessment of a report, the same whether or not there is one."""
    return derived_id("pii", "assessment", application_id)
