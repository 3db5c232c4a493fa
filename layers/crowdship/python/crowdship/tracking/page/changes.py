"""Use cases of the customer behind a tracking link: rate, tip, instruct the driver."""

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.customers import refuse_rating, tip_by_customer
from crowdship.deliveries.editing import Editable, refuse_late
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import CUSTOMER
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.merchants import service as merchants
from crowdship.tracking.page.actions import CustomerActions, CustomerTipInput, InstructionsInput, RatingInput
from crowdship.vault import service as vault
from crowdship.vault.model import Comment, comment_token

COMMENT_KEPT = retention.COMMENTS
"""Wall time after which a comment expires: long enough for support to look into it."""


def rate(delivery_id: str, asked: RatingInput, clock: Clock, wall: Clock) -> CustomerActions:
    """Rate a delivery; another rating replaces the first, and the same again changes nothing.

    Raises
    ------
    Conflict
        If it is too early or too late.
    Gone
        If there is a comment, and the customer's personal data was erased.
    """

    def attempt() -> tuple[Delivery, Rating]:
        delivery, now, work = deliveries.get(delivery_id), clock.now(), UnitOfWork()
        refuse_rating(delivery, now)
        before = deliveries.rating_of(delivery_id)
        rating = Rating.given(before, delivery, asked.stars, now)
        if rating is not before:
            # Its driver may be taking the ending back at this moment.
            deliveries.must_stay(delivery, work)
            deliveries.keep_rating(rating, work)
        _keep_comment(delivery, asked.comment, wall, work)
        work.commit()
        return delivery, rating

    return _actions(*persistently(attempt), clock)


def _keep_comment(delivery: Delivery, text: str | None, wall: Clock, work: UnitOfWork) -> None:
    token = comment_token(delivery.id)
    known = vault.comment(token)
    if text is None:
        if known:
            vault.remove(known, work)
        return
    vault.contacts(delivery.contacts_token)  # a customer who was erased is not stored again
    if known is None or known.text != text:
        vault.must_be_there(delivery.contacts_token, work)
        comment = known.with_changes(text=text) if known else Comment(id=token, text=text)
        vault.keep(comment, work, until=wall.now() + COMMENT_KEPT)


def tip(delivery_id: str, asked: CustomerTipInput, clock: Clock) -> CustomerActions:
    """Tip a delivery once; the merchant is charged, and the ledger books it on its event.

    Raises
    ------
    Conflict
        If its merchant takes no tips of customers, it has another tip of the customer, or it is too early or too late.
    """
    taken = merchants.known(deliveries.get(delivery_id).merchant_id).customer_tips
    tipped = deliveries.change(
        delivery_id, lambda delivery: tip_by_customer(delivery, asked.amount, clock.now(), taken=taken)
    )
    return _actions(tipped, deliveries.rating_of(delivery_id), clock)


def instruct(delivery_id: str, asked: InstructionsInput, clock: Clock) -> CustomerActions:
    """Replace the notes that the driver sees at the drop-off; equal ones change nothing.

    Raises
    ------
    Conflict
        If the goods are on board, or the delivery is closed.
    """

    def attempt() -> Delivery:
        before = deliveries.get(delivery_id)
        refuse_late(before, frozenset({Editable.INSTRUCTIONS}))
        contacts = vault.contacts(before.contacts_token)
        if contacts.dropoff.notes == asked.text:
            return before
        after, work = before.update({}, {Editable.NOTES}, clock.now(), CUSTOMER), UnitOfWork()
        vault.keep(contacts.with_notes(asked.text), work)
        deliveries.keep(after, work)
        work.commit()
        return after

    return _actions(persistently(attempt), None, clock)


def _actions(delivery: Delivery, rating: Rating | None, clock: Clock) -> CustomerActions:
    return CustomerActions.of(delivery, rating, merchants.known(delivery.merchant_id), clock.now())
