"""Payout provider ``stripe``: Stripe Connect by its own library, which is loaded with the first call."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.providers import base_url
from crowdship.adapters.settings import private_urls_allowed
from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.reading import read_json
from crowdship.payouts.provider import (
    Accepted,
    BankReturn,
    FileHeading,
    NewsState,
    PaymentRailUnavailable,
    PayoutInstruction,
    PayoutNews,
    PayoutRejected,
    Speed,
)
from crowdship.payouts.stripe import accounts
from crowdship.payouts.stripe.rules import (
    CURRENCIES,
    DEGRADING,
    STATES,
    ToldEvent,
    is_decided,
    news_of,
    reason_of,
    transfer_in,
)

FIELDS = ("url", "api_key", "webhook_secret")
"""Fields of the secret: ``https://api.stripe.com``, the platform's secret key, and the endpoint's signing secret."""

TIMEOUT_S = (3.05, 20)
"""Seconds to connect, and between two bytes of the answer."""

LARGEST_EVENT = 256 * 1024
"""Bytes of an event."""

OLDEST_S = 300
"""Wall seconds that a signature is good for; Stripe signs each delivery of an event anew."""

DESCRIPTOR = 22
"""Characters of a statement's text at Stripe."""

LISTED = 100
"""Objects that one page lists at most."""


class StripeProvider:
    """Payouts by Stripe Connect.

    Each payout is a transfer from the platform's balance to the driver's connected account, and a payout from there.
    Idempotency keys are made from the payout's id. Stripe forgets a key after a day or more, so what a payout already
    has is looked up by ``transfer_group`` before anything is made.

    Parameters
    ----------
    url : str
        Without the path; it begins with https unless ``plain_http_allowed``.
    api_key : str
        The platform's secret key.
    webhook_secret : str
        Signs events for our endpoint.
    account_of : callable
        Returns Stripe's id of a driver's connected account, or None.

    Raises
    ------
    ValueError
        If the url is not https.
    """

    collects = False

    def __init__(
        self,
        url: str,
        api_key: str,
        webhook_secret: str,
        *,
        account_of: Callable[[str], str | None] = accounts.account_of,
        plain_http_allowed: bool = False,
    ) -> None:
        self._url = base_url("the url of Stripe", url, plain_http_allowed=plain_http_allowed)
        self._key, self._webhook_secret = api_key, webhook_secret
        self._account_of = account_of

    @cached_property
    def client(self) -> Any:
        """The library's client; it repeats nothing by itself, as the state machine does that."""
        import stripe

        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def transfer(self, instruction: PayoutInstruction) -> Accepted:
        """Send a payout; the same instruction again moves its money once and answers the same.

        Raises
        ------
        PayoutRejected
            If there is no connected account, or Stripe refuses the payout; its money is back at the platform then.
        PaymentRailUnavailable
            If Stripe did not say whether it took the payout.
        """
        if instruction.amount.currency not in CURRENCIES:
            known = ", ".join(sorted(CURRENCIES))
            raise PayoutRejected("currency", f"{instruction.amount.currency} is not paid by Stripe here; {known} are")
        account = self._account_of(instruction.driver_id)
        if account is None:
            raise PayoutRejected("no_connected_account", "The driver has not told Stripe yet where to pay.")
        transfer, made_before = self._transferred(instruction, account)
        if transfer["reversed"]:
            raise _refused_before(transfer)
        if made_before and (known_payout := self._payout_of(instruction, account, transfer)):
            return _accepted(known_payout)
        try:
            return self._paid_out(instruction, account, transfer["id"])
        except PayoutRejected as refused:
            self._take_back(instruction.payout_id, transfer["id"], refused.code)
            raise

    def _transferred(self, instruction: PayoutInstruction, account: str) -> tuple[Mapping[str, Any], bool]:
        """Return the transfer of a payout, and whether an earlier call made it."""
        group = instruction.payout_id
        found = self._asked(lambda: self.client.v1.transfers.list({"transfer_group": group, "limit": 1}))["data"]
        if found:
            return found[0], True
        params = {
            "amount": instruction.amount.amount,
            "currency": instruction.amount.currency.lower(),
            "destination": account,
            "transfer_group": group,
            "metadata": {"payout_id": group},
        }
        made = self._asked(lambda: self.client.v1.transfers.create(params, {"idempotency_key": f"{group}-transfer"}))
        return made, False

    def _payout_of(
        self, instruction: PayoutInstruction, account: str, transfer: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        asked = {"created": {"gte": transfer["created"]}, "limit": LISTED}
        listed = self._asked(lambda: self.client.v1.payouts.list(asked, {"stripe_account": account}))
        mine: Iterable[Mapping[str, Any]] = listed["data"]
        return next((one for one in mine if one["metadata"].get("payout_id") == instruction.payout_id), None)

    def _paid_out(self, instruction: PayoutInstruction, account: str, transfer_id: str) -> Accepted:
        """Return the answer to a payout from the connected account: a standard one if it can't be instant."""
        if instruction.speed is Speed.INSTANT:
            try:
                return _accepted(self._payout(instruction, account, transfer_id, Speed.INSTANT))
            except PayoutRejected as refused:
                if refused.code not in DEGRADING:
                    raise
                made = self._payout(instruction, account, transfer_id, Speed.STANDARD)
                return _accepted(made).model_copy(update={"degraded_by": refused.code})
        return _accepted(self._payout(instruction, account, transfer_id, Speed.STANDARD))

    def _payout(
        self, instruction: PayoutInstruction, account: str, transfer_id: str, speed: Speed
    ) -> Mapping[str, Any]:
        params = {
            "amount": instruction.amount.amount,
            "currency": instruction.amount.currency.lower(),
            "method": str(speed),
            "statement_descriptor": instruction.statement_text[:DESCRIPTOR],
            "metadata": {"payout_id": instruction.payout_id, "transfer_id": transfer_id},
        }
        options = {"stripe_account": account, "idempotency_key": f"{instruction.payout_id}-payout-{speed}"}
        return self._asked(lambda: self.client.v1.payouts.create(params, options))

    def _take_back(self, payout_id: str, transfer_id: str, code: str) -> None:
        """Take a transfer's money back from the connected account.

        Raises
        ------
        PaymentRailUnavailable
            If Stripe does not give it back, so that the payout stays undecided.
        """
        try:
            self._reversed(payout_id, transfer_id, code)
        except PayoutRejected as refused:
            raise PaymentRailUnavailable(f"{transfer_id} of {payout_id} is not given back: {refused.code}") from refused

    def _reversed(self, payout_id: str, transfer_id: str, code: str) -> None:
        if self._asked(lambda: self.client.v1.transfers.retrieve(transfer_id))["reversed"]:
            return
        options = {"idempotency_key": f"{payout_id}-reversal"}
        params = {"metadata": {"payout_id": payout_id, "code": code}}
        self._asked(lambda: self.client.v1.transfers.reversals.create(transfer_id, params, options))

    def _asked(self, call: Callable[[], Any]) -> Mapping[str, Any]:
        """Return Stripe's answer as plain values.

        Raises
        ------
        PayoutRejected
            If Stripe refuses it for good.
        PaymentRailUnavailable
            After any other error.
        """
        import stripe

        try:
            answer: Mapping[str, Any] = call().to_dict()
        except stripe.StripeError as error:
            told = error.json_body.get("error") if isinstance(error.json_body, Mapping) else None
            kind = told.get("type") if isinstance(told, Mapping) else None
            code = told.get("code") if isinstance(told, Mapping) else None
            if is_decided(error.http_status, kind, code):
                refusal = str(code or "refused")
                raise PayoutRejected(refusal, reason_of(refusal) or "") from None
            # The library's text may repeat what was sent.
            said = f"{type(error).__name__} {error.http_status or ''} {code or ''}".strip()
            raise PaymentRailUnavailable(f"Stripe did not decide: {said}") from None
        return answer

    def news_in(self, body: bytes, signature: str) -> PayoutNews | None:
        """Return what a signed event tells of a payout; None if it is about something else, which is counted.

        After a failure the money is at the connected account, and is taken back from there before this returns. If
        Stripe refuses that, the news says ``in_transit`` with the code ``reversal_failed``: a person has to look.

        Parameters
        ----------
        signature : str
            The header ``Stripe-Signature``; empty if there is none.

        Raises
        ------
        Unauthorized
            If the signature is wrong or older than five minutes.
        Unprocessable
            If the event can't be read.
        PaymentRailUnavailable
            If Stripe does not answer whether the money comes back. Stripe delivers the event again.
        """
        event = self._verified(body, signature)
        try:
            told = news_of(event)
        except ValidationError:
            raise _unreadable() from None
        if told is None:
            metrics.add_metric("StripeEventsIgnored", MetricUnit.Count, 1)
            logger.info("stripe_event_ignored", event_id=event.id, type=event.type)
            return None
        transfer_id = transfer_in(event)
        if told.state in (NewsState.FAILED, NewsState.CANCELED) and told.payout_id and transfer_id:
            return self._after_failure(told, told.payout_id, transfer_id)
        return told

    def _after_failure(self, told: PayoutNews, payout_id: str, transfer_id: str) -> PayoutNews:
        try:
            self._reversed(payout_id, transfer_id, told.code or told.state)
        except PayoutRejected as refused:
            logger.error("stripe_reversal_refused", payout_id=payout_id, transfer_id=transfer_id, code=refused.code)
            reason = f"The payout failed ({told.code}), and Stripe does not give its money back ({refused.code})."
            return told.model_copy(update={"state": NewsState.IN_TRANSIT, "code": "reversal_failed", "reason": reason})
        return told

    def _verified(self, body: bytes, signature: str) -> ToldEvent:
        import stripe

        if len(body) > LARGEST_EVENT:
            raise Unprocessable("too_large", f"The event has {len(body)} bytes; at most {LARGEST_EVENT} are taken.")
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, self._webhook_secret, OLDEST_S)
            return ToldEvent.model_validate(read_json(body.decode()))
        except stripe.SignatureVerificationError:
            detail = (
                "Sign the body with the endpoint's secret in the header Stripe-Signature, at most five minutes ago."
            )
            raise Unauthorized("bad_signature", detail) from None
        except ValueError:
            raise _unreadable() from None

    def file_of(self, heading: FileHeading, instructions: Iterable[PayoutInstruction]) -> bytes:
        """Raise NotImplementedError: payouts are sent one by one."""
        raise NotImplementedError("Stripe takes single payouts, not files")

    def unwritable(self, instruction: PayoutInstruction) -> PayoutRejected | None:
        """Return None: there is no file."""
        return None

    def returns_in(self, content: bytes) -> list[BankReturn]:
        """Return nothing: Stripe tells by events."""
        return []


def _unreadable() -> Unprocessable:
    return Unprocessable("unreadable_event", "Send an event of Stripe's API with id, type, created and data.object.")


def _refused_before(transfer: Mapping[str, Any]) -> PayoutRejected:
    """Return the refusal because of which a transfer was reversed: a repeated call answers as the first one did."""
    reversals: Iterable[Mapping[str, Any]] = transfer["reversals"]["data"]
    code = next((one["metadata"]["code"] for one in reversals if "code" in one["metadata"]), "reversed")
    return PayoutRejected(code, reason_of(code) or "")


def _accepted(payout: Mapping[str, Any]) -> Accepted:
    state = STATES.get(payout["status"], NewsState.IN_TRANSIT)
    # A payout that failed at once is told by an event, which also takes the money back.
    return Accepted(
        transfer_id=payout["id"],
        state=NewsState.PAID if state is NewsState.PAID else NewsState.IN_TRANSIT,
        speed=Speed(payout["method"]),
    )


def connect(url: str, api_key: str, webhook_secret: str) -> StripeProvider:
    """Return the provider at a url; plain http is allowed on a local stage alone."""
    return StripeProvider(url, api_key, webhook_secret, plain_http_allowed=private_urls_allowed())
