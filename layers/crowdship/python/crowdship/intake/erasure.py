"""Erasure of the customers of deliveries: records that refer to a person stay, but say nothing about them any more.

Somebody asks for an erasure once. It is carried out at once if it can be, and else by a task that looks at all that
wait: for the end of a delivery, for the moment from which its driver can't take the end back, or for a decision about
held pay.
"""

from collections.abc import Iterable, Iterator

from crowdship.adapters.failures import Failures
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.contact import messages
from crowdship.deliveries import erasure
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.delivery.values import Erasure
from crowdship.deliveries.erasure import ErasureState, ErasureView
from crowdship.deliveries.model import Delivery
from crowdship.intake.shops import orders as shop_orders
from crowdship.intake.store import ErasureRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound
from crowdship.proof.images import ImageStore
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token, notes_token

AT_ONCE = 100
"""Waiting erasures that are read together."""


def erase_contacts(delivery_id: str, images: ImageStore, clock: Clock) -> ErasureView:
    """Erase the people of a delivery, now or as soon as it can be; asking again changes nothing.

    That are both contacts with PIN and recipient, the customer's comment and messages, pictures of the proof, the
    drivers' notes, and what is remembered of the shop's order.
    """
    ask(delivery_id, clock)
    return carry_out(delivery_id, images, clock)


def ask(delivery_id: str, clock: Clock) -> Delivery:
    """Have the people of a delivery erased by the task; a wish that is known changes nothing."""

    def attempt() -> Delivery:
        before = deliveries.get(delivery_id)
        if before.erasure:
            return before
        after, work = before.with_changes(erasure=Erasure(asked_at=clock.now())), UnitOfWork()
        deliveries.keep(after, work)
        work.put(ErasureRow.wanted(delivery_id), None)
        work.commit()
        return after

    return persistently(attempt)


def carry_out(delivery_id: str, images: ImageStore, clock: Clock) -> ErasureView:
    """Erase what can be erased now of a delivery for which it was asked; the view says what is left, and why."""
    delivery, now = deliveries.get(delivery_id), clock.now()
    if erasure.state_of(delivery) is not ErasureState.DONE and erasure.waits_for(delivery, now) is None:
        delivery = _erase(delivery, images, clock)
    asked_at = delivery.erasure.asked_at if delivery.erasure else now
    return ErasureView.of(delivery, asked_at, now)


def _erase(delivery: Delivery, images: ImageStore, clock: Clock) -> Delivery:
    """Erase a delivery's people. The beginning is written first: a correction at the same moment wins or is refused."""

    def begin(before: Delivery) -> Delivery:
        return before if erasure.waits_for(before, clock.now()) else erasure.begun(before, clock.now())

    begun = deliveries.change(delivery.id, begin)
    if erasure.waits_for(begun, clock.now()):
        return begun
    # The contacts go first: nothing is written to or by a customer without them, and the rest is then found.
    vault.erase(begun.contacts_token)
    vault.erase(comment_token(begun.id))
    messages.erase(begun.id)
    shop_orders.forget(begun.merchant_id, begun.external_id)
    if erasure.kept_by_hold(begun, clock.now()):
        return begun
    vault.erase(notes_token(begun.id))
    images.erase(begun.id)
    return _end(begun, clock)


def _end(begun: Delivery, clock: Clock) -> Delivery:
    def attempt() -> Delivery:
        before = deliveries.get(begun.id)
        after, work = erasure.done(before, clock.now()), UnitOfWork()
        if after is not before:
            deliveries.keep(after, work)
        work.delete(ErasureRow.wanted(before.id))
        work.commit()
        return after

    return persistently(attempt)


def carry_out_waiting(images: ImageStore, clock: Clock) -> dict[str, int]:
    """Carry out all erasures that wait and can be; return how many there are in each state.

    Raises
    ------
    ExceptionGroup
        If some failed; the others were tried all the same, and the next run tries all again.
    """
    counts = dict.fromkeys(map(str, ErasureState), 0)
    with Failures("erasures failed") as failures:
        for delivery_id in _waiting():
            with failures.collected("erasure_failed", delivery_id=delivery_id):
                counts[carry_out(delivery_id, images, clock).state] += 1
    return counts


def _waiting() -> Iterator[str]:
    last: str | None = None
    while some := ErasureRow.waiting(last, AT_ONCE):
        yield from some
        last = some[-1]


def ask_for_orders(merchant_id: str, external_ids: Iterable[str], clock: Clock) -> None:
    """Have the people of a merchant's orders erased, and of redeliveries, which the shop does not know.

    Messages of the shop about these orders that had no effect are erased at once.
    """
    for external_id in external_ids:
        shop_orders.forget_messages(merchant_id, external_id)
        try:
            tried: Delivery | None = deliveries.find_external(merchant_id, external_id)
        except NotFound:
            continue
        while tried:
            ask(tried.id, clock)
            tried = deliveries.get(tried.redelivered_as) if tried.redelivered_as else None
