"""Erasure of personal data: records that refer to a person stay, but no longer say anything about them."""

from collections.abc import Iterable

from crowdship.adapters.observability import logger
from crowdship.contact import messages
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import OPEN, WITH_DRIVER
from crowdship.intake.shops import orders as shop_orders
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token, notes_token


def erase_contacts(delivery_id: str) -> Delivery:
    """Erase both contacts of a delivery, the comment and the messages of its customer, and the notes of its drivers.

    Raises
    ------
    Conflict
        If the delivery is not closed: its driver still needs the address and the PIN.
    """
    delivery = deliveries.get(delivery_id)
    if delivery.state in OPEN | WITH_DRIVER:
        raise Conflict(
            "still_open", f"{delivery_id} is {delivery.state}; its contacts can be erased once it is closed."
        )
    vault.erase(delivery.contacts_token)
    vault.erase(comment_token(delivery_id))
    vault.erase(notes_token(delivery_id))
    messages.erase(delivery_id)
    shop_orders.forget(delivery.merchant_id, delivery.external_id)
    return delivery


def erase_orders(merchant_id: str, external_ids: Iterable[str]) -> None:
    """Erase both contacts of a merchant's deliveries, and of their redeliveries, which the shop does not know.

    Ignored messages of the shop about these orders are erased as well. Deliveries still under way are logged, for staff
    to erase later.
    """
    for external_id in external_ids:
        shop_orders.forget_messages(merchant_id, external_id)
        try:
            tried: Delivery | None = deliveries.find_external(merchant_id, external_id)
        except NotFound:
            continue
        while tried:
            try:
                erase_contacts(tried.id)
            except Conflict as conflict:
                logger.warning("erasure has to wait", merchant_id=merchant_id, detail=conflict.detail)
            tried = deliveries.get(tried.redelivered_as) if tried.redelivered_as else None
