"""Payout provider ``rail``: a payment rail over HTTP that knows repeated requests by an Idempotency-Key."""

import csv
from collections.abc import Iterable
from datetime import date

import requests

from crowdship.adapters.providers import base_url
from crowdship.adapters.settings import private_urls_allowed
from crowdship.kernel.money import Money
from crowdship.payouts.provider import (
    Accepted,
    BankReturn,
    FileHeading,
    NewsState,
    PaymentRailUnavailable,
    PayoutInstruction,
    PayoutRejected,
)

TIMEOUT_S = (3.05, 10)
"""Seconds to connect, and between two bytes of the answer."""

GONE = frozenset({NewsState.FAILED, NewsState.RETURNED, NewsState.CANCELED})
"""States in which a transfer has moved no money for good."""

REFUSED = requests.codes.unprocessable_entity
"""The one status that means a refusal. A 409 can mean that the first request under the key still runs."""


class HttpRail:
    """A payment rail that takes ``POST /transfers`` with an ``Idempotency-Key``.

    Parameters
    ----------
    url : str
        Without the path; it begins with https unless ``plain_http_allowed``.
    api_key : str
        Sent as a bearer token.

    Raises
    ------
    ValueError
        If the url is not https.
    """

    def __init__(self, url: str, api_key: str, *, plain_http_allowed: bool = False) -> None:
        self._url = base_url("the payment rail's url", url, plain_http_allowed=plain_http_allowed)
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"

    @property
    def collects(self) -> bool:
        """False: each payout is a request."""
        return False

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Send a payout. One without a ``state`` has arrived; with another word than an end it is under way.

        Raises
        ------
        PayoutRejected
            On 422, or if the transfer failed meanwhile; its ``code`` is that of the answer, ``refused`` or the state.
        PaymentRailUnavailable
            On any other error or no answer: the payout may have been sent.
        """
        body: dict[str, str | int] = {
            "payout_id": instruction.payout_id,
            "driver_id": instruction.driver_id,
            "amount": instruction.amount.amount,
            "currency": instruction.amount.currency,
            "speed": instruction.speed,
            "reference": instruction.reference,
            "statement_text": instruction.statement_text,
        }
        try:
            answer = self._session.post(
                f"{self._url}/transfers",
                json=body,
                headers={"Idempotency-Key": instruction.payout_id},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise PaymentRailUnavailable(f"no answer about {instruction.payout_id}: {error}") from error
        if answer.status_code == REFUSED:
            why = _field(answer, "reason") or "refused without a reason"
            raise PayoutRejected(_field(answer, "code") or "refused", why)
        transfer_id = _field(answer, "transfer_id") or _field(answer, "id")
        if not 200 <= answer.status_code < 300 or not transfer_id:
            raise PaymentRailUnavailable(f"{answer.status_code} about {instruction.payout_id}: {answer.text[:200]}")
        state = _field(answer, "state") or NewsState.PAID
        if state in GONE:
            raise PayoutRejected(_field(answer, "code") or state, _field(answer, "reason") or f"the rail says {state}")
        return Accepted(
            transfer_id=transfer_id,
            state=NewsState.PAID if state == NewsState.PAID else NewsState.IN_TRANSIT,
            speed=instruction.speed,
        )

    def file_of(self, heading: FileHeading, instructions: Iterable[PayoutInstruction]) -> bytes:
        """Raise NotImplementedError: the rail takes no files."""
        raise NotImplementedError("the rail takes each payout by a request")

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return None: nothing is written into a file."""
        return None

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return the lines of a CSV report with the columns of ``REPORT``; a line that can't be read has a fault."""
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            return [BankReturn(line=1, fault="the report is not UTF-8")]
        found = csv.DictReader(lines)
        if not set(REPORT) <= set(found.fieldnames or ()):
            return [BankReturn(line=1, fault=f"the first line must name the columns {', '.join(REPORT)}")]
        return [_returned(number, row) for number, row in enumerate(found, start=2)]


REPORT = ("reference", "code", "amount", "currency", "on", "corrected")
"""Columns of a report of returns: minor units, a day, and corrected data of a ``C`` code as ``field=value``."""


def _returned(line: int, row: dict[str, str | None]) -> BankReturn:
    told = {name: (row.get(name) or "").strip() for name in REPORT}
    try:
        amount = Money(amount=int(told["amount"]), currency=told["currency"]) if told["amount"] else None
        on = date.fromisoformat(told["on"]) if told["on"] else None
    except ValueError as error:
        return BankReturn(line=line, code=told["code"], reference=told["reference"] or None, fault=str(error))
    field, _, value = told["corrected"].partition("=")
    return BankReturn(
        line=line,
        code=told["code"],
        reference=told["reference"] or None,
        amount=amount,
        on=on,
        corrected=told["corrected"] or None,
        corrections={field: value} if value else {},
        fault=None if told["code"] and told["reference"] else "a line needs a reference and a code",
    )


def _field(answer: requests.Response, name: str) -> str | None:
    try:
        value = answer.json()[name]
    except (ValueError, KeyError, TypeError):
        return None
    return None if value is None else str(value)


def connect(url: str, api_key: str) -> HttpRail:
    """Return the rail at a url; plain http is allowed on a local stage alone."""
    return HttpRail(url, api_key, plain_http_allowed=private_urls_allowed())
