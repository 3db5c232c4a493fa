"""Lives: a delivery from its end to its last money event, and what else moves money of drivers and merchants."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from benchmarks.money import events
from benchmarks.money.drivers import give_account
from benchmarks.money.people import Person, keep_delivery
from benchmarks.money.world import WORK_DAYS, World
from crowdship.adapters.storage import UnitOfWork
from crowdship.claims import service as claims
from crowdship.claims.inputs import ClaimDecisionInput, ClaimOpening
from crowdship.claims.matrix import ClaimKind, Opener
from crowdship.claims.values import ClaimVerdict
from crowdship.deliveries.closing import settling_events
from crowdship.invoicing import service as invoices
from crowdship.invoicing.entities import InvoiceKind
from crowdship.invoicing.inputs import PaymentAct, PaymentInput
from crowdship.invoicing.invoice import Invoice
from crowdship.invoicing.lines import DayLine
from crowdship.invoicing.spans import Span
from crowdship.invoicing.store import InvoiceRow
from crowdship.kernel.money import Money
from crowdship.merchants.billing import Billing
from crowdship.payouts import holding
from crowdship.payouts.holds import HoldCode
from crowdship.payouts.instant import service as instant
from crowdship.payouts.instant.views import InstantOrder
from crowdship.settlement import adjusting, reversing
from crowdship.settlement.ledger import posting_id_for
from crowdship.settlement.proposals import ProposalState
from crowdship.settlement.views import AdjustmentRequest, AdjustmentView, ReversalRequest

KINDS = ("delivery", "trip", "extra", "adjustment", "claim", "instant", "invoice", "account", "hold")
WEIGHTS = (73, 5, 4, 3, 4, 6, 2, 2, 1)

CLAIMED = (ClaimKind.DAMAGED, ClaimKind.NOT_DELIVERED, ClaimKind.MISSING_ITEMS, ClaimKind.CHARGEBACK, ClaimKind.LATE)


def begin(world: World, number: int) -> None:
    """Let one life begin at its moment."""
    kind = world.random.choices(KINDS, WEIGHTS)[0]
    second = world.random.randrange(3600, WORK_DAYS * 86_400)
    at = datetime.combine(world.first, time(tzinfo=UTC)) + timedelta(seconds=second)
    world.acts[f"life: {kind}"] += 1
    _LIVES[kind](world, number, at, world.random.choice(world.people))


def _later(world: World, most_hours: int) -> timedelta:
    return timedelta(seconds=world.random.randrange(60, most_hours * 3600))


def _delivery(world: World, number: int, at: datetime, person: Person) -> None:
    """Live a delivery: its end, perhaps taken back and ended anew, handed over, tipped; seldom reversed by staff."""
    drawn, currency = world.random, person.currency
    about = {
        "delivery_id": f"dlv_{world.seed}_{number}",
        "external_id": f"order-{number}",
        "merchant_id": drawn.choice(world.merchants),
        "driver_id": person.id,
    }
    tip = drawn.choice((0, 0, drawn.randrange(50, 2000)))
    priced = events.price(currency, 599, drawn.randrange(1500), drawn.randrange(900), drawn.randrange(900), tip)
    state = drawn.choices(("delivered", "returned", "failed", "cancelled"), (88, 4, 4, 4))[0]
    ended = events.ended(state, about, priced, at)
    world.at(at, f"life {number} {state}", partial(world.send, ended))
    if state == "delivered":
        world.told["tips", person.id, currency] += tip
        if drawn.random() < 0.04:
            told = {**about, "price": priced, "reverses": "delivered"}
            back = events.event("delivery.corrected", about["delivery_id"], 10, at + timedelta(minutes=5), told)
            again = events.ended("failed", about, priced, at + timedelta(minutes=9), 11)
            world.told["tips", person.id, currency] -= tip
            world.at(back.time, f"life {number} corrected", partial(world.send, back))
            world.at(again.time, f"life {number} failed", partial(world.send, again))
        elif drawn.random() < 0.15:
            late = drawn.randrange(100, 3000)
            when = at + _later(world, 60)
            told = {**about, "tipped": events.told(Money(amount=late, currency=currency))}
            world.told["tips", person.id, currency] += late
            tipped = events.event("delivery.tipped", about["delivery_id"], 12, when, told)
            world.at(when, f"life {number} tipped", partial(world.send, tipped))
        elif drawn.random() < 0.04:
            when, posting_id = at + _later(world, 50), posting_id_for(ended.id)
            world.at(when, f"life {number} reversal", partial(_reverse, world, number, posting_id))
            world.told["reversed tip", posting_id] = tip
    if drawn.random() < 0.04:
        other = drawn.choice([one for one in world.people if one.currency == currency])
        part = {"code": "approach", "amount": {"amount": drawn.randrange(50, 400), "currency": currency}}
        told = {**about, "handed_over": {"driver_id": other.id, "pay": [part]}}
        over = events.event("delivery.handed_over", about["delivery_id"], 5, at - timedelta(minutes=9), told)
        world.at(at, f"life {number} handed over", partial(world.send, over))


def _trip(world: World, number: int, at: datetime, person: Person) -> None:
    """Work in a place whose law sets a floor; its drivers do."""
    world.trips.trip(number, at)


def _extra(world: World, number: int, at: datetime, person: Person) -> None:
    """Pay extra, and take some of it back; staff take some of that back as well, before or after."""
    drawn = world.random
    amount = events.told(Money(amount=drawn.randrange(100, 4000), currency=person.currency))
    told = {"driver_id": person.id, "amount": amount, "title": "more"}
    told["kind"] = drawn.choice(("quest", "batch_bonus", "peak_bonus", "guarantee"))
    name = "block.guaranteed" if told["kind"] == "guarantee" else "incentive.earned"
    paid = events.event(name, f"inc_{number}", 1, at, told)
    world.at(at, f"life {number} {name}", partial(world.send, paid))
    if name == "incentive.earned" and drawn.random() < 0.5:
        when = at + _later(world, 48)
        back = events.event("incentive.reversed", f"inc_{number}", 2, when, told)
        world.at(when, f"life {number} incentive.reversed", partial(world.send, back))
        posting_id = posting_id_for(paid.id)
        world.taken_back[posting_id_for(back.id)] = posting_id
        world.at(at + _later(world, 30), f"life {number} reversal", partial(_reverse, world, number, posting_id))


def _adjustment(world: World, number: int, at: datetime, person: Person) -> None:
    amount = Money(amount=world.random.choice((-1, 1)) * world.random.randrange(1, 4000), currency=person.currency)
    asked = AdjustmentRequest(reference=f"adj-{world.seed}-{number}", driver_id=person.id, amount=amount, note="seen")
    world.at(
        at, f"life {number} adjustment", partial(_decide, world, lambda: adjusting.propose(asked, "ana", world.clock))
    )


def _reverse(world: World, number: int, posting_id: str) -> None:
    asked = ReversalRequest(reference=f"rev-{world.seed}-{number}", note="wrong")
    _decide(world, lambda: reversing.reverse(posting_id, asked, "ana", world.clock))


def _decide(world: World, propose: Any) -> AdjustmentView:
    """Propose something; what waits for a second person is approved later, refused, or forgotten."""
    view: AdjustmentView = propose()
    if view.state is ProposalState.PENDING:
        act = world.random.choice((adjusting.approve, adjusting.approve, adjusting.refuse, None))
        if act:
            later = world.clock.now() + _later(world, 40)
            world.at(later, "second person", lambda: act(view.adjustment_id, "bo", world.clock))
    return view


def _claim(world: World, number: int, at: datetime, person: Person) -> None:
    """Live a delivery with some claims about it: each is opened, answered, and decided, withdrawn or left open."""
    drawn = world.random
    delivery_id, merchant = f"dlv_{world.seed}_{number}", drawn.choice(world.merchants)
    ended = datetime.combine(world.first, time(19, 30, tzinfo=UTC))
    if person.currency != "USD":
        person = next(one for one in world.people if one.currency == "USD")
    kept: list[Any] = []

    def close() -> None:
        if not kept:
            kept.append(keep_delivery(delivery_id, merchant, person, world.first))
            for event in settling_events(kept[0]):
                world.told["tips", person.id, "USD"] += kept[0].price.tip.amount
                if drawn.random() < 0.9:  # a lost event is found by the check before the close
                    world.send(event)
                else:
                    world.faults["event lost"] += 1
                    world.expect(event)

    world.at(ended, f"life {number} claimed delivery", close)
    kind = drawn.choice(CLAIMED)
    for one in range(drawn.choice((1, 2, 3))):
        when = ended + timedelta(hours=1) + _later(world, 90)
        asked = ClaimOpening(
            reference=f"t-{number}-{one}",
            delivery_id=delivery_id,
            kind=kind if drawn.random() < 0.7 else drawn.choice(CLAIMED),
            amount=Money(amount=drawn.choice((0, drawn.randrange(5000))), currency="USD"),
            words="It was so.",
        )
        world.at(when, f"life {number} claim", partial(_open, world, asked, merchant))


def _open(world: World, opening: ClaimOpening, merchant: str) -> None:
    claim = claims.open_claim(opening, Opener.MERCHANT, merchant, world.clock, world.clock)
    clock, when = world.clock, world.clock.now() + _later(world, 70)
    if claim.is_closed:
        return
    verdict = world.random.choice((*[ClaimVerdict.GRANT] * 4, ClaimVerdict.REFUSE, ClaimVerdict.REPRESENT, None))
    if verdict is None:
        withdrawn = world.random.random() < 0.5
        if withdrawn:
            world.at(when, "withdraw", lambda: claims.withdraw(claim.id, merchant, clock, clock))
        return
    if claim.answer_by:
        world.at(
            when - timedelta(seconds=30),
            "answer",
            lambda: claims.answer(claim.id, str(claim.driver_id), "No.", clock, clock),
        )
    decision = ClaimDecisionInput(claim_id=claim.id, verdict=verdict, reasons="We looked.")
    second = decision.model_copy(update={"verdict": ClaimVerdict.CONFIRM})
    for asked, by, hours in ((decision, "ana", 0), (decision, "ana", 1), (second, "bo", 2), (second, "bo", 3)):
        world.at(when + timedelta(hours=hours), "decide", partial(claims.decide, asked, by, clock, clock))


def _instant(world: World, number: int, at: datetime, person: Person) -> None:
    """Order instant pay; the app sends the order again whenever it got no answer."""
    asked: list[InstantOrder] = []

    def order() -> object:
        if not asked:
            quote = instant.quote(person.id, world.rail, world.clock)
            most = quote.available.amount
            part = world.random.choice((most, most, most // 2))
            asked.append(InstantOrder(amount=Money(amount=max(1, part), currency=person.currency), again=True))
        return instant.order(person.id, f"key-{number}", asked[0], world.rail, world.clock)

    world.at(at, f"life {number} instant", order)
    if world.random.random() < 0.4:
        world.at(at + timedelta(minutes=1), f"life {number} instant", order)


def _invoice(world: World, number: int, at: datetime, person: Person) -> None:
    """Issue an invoice, with payments that come, are announced, arrive, come back, and what is given up."""
    drawn = world.random
    net = Money(amount=drawn.randrange(1000, 90_000), currency=person.currency)
    nothing = Money.zero(person.currency)
    span = Span(first=at.date(), last=at.date())
    lines = (DayLine(day=at.date(), lines=1, charges=net, tips=nothing, other=nothing),)
    merchant = f"{drawn.choice(world.merchants)}-{number}"
    named = (InvoiceKind.INVOICE, f"CS-{number}", "ent", merchant, "Shop", Billing(), span, person.currency, lines, at)
    issued, _ = Invoice.made(*named).issued("a.pdf", "a.csv", nothing, at)

    def issue() -> None:
        if InvoiceRow.load(issued.id) is None:
            work = UnitOfWork()
            work.store(InvoiceRow.of(issued))
            work.commit()

    world.at(at, f"life {number} invoice", issue)
    for one in range(drawn.choice((1, 1, 2))):
        reference, when = f"E2E-{number}-{one}", at + _later(world, 60)
        amount = Money(amount=drawn.choice((net.amount, net.amount // 2 or 1, net.amount + 100)), currency=net.currency)
        first = drawn.choice((PaymentAct.PAID, PaymentAct.ANNOUNCED))
        then = drawn.choice((PaymentAct.SETTLED, PaymentAct.RETURNED, PaymentAct.CHARGED_BACK, None))
        for act, hours in ((first, 0), (first, 1), (then, 20), (then, 21)):
            if act:
                given = PaymentInput(act=act, reference=reference, amount=amount if act is first else None)
                world.at(when + timedelta(hours=hours), f"life {number} {act}", partial(_pay, world, issued.id, given))
    if drawn.random() < 0.2:
        for by, hours in (("ana", 90), ("bo", 91)):
            given = PaymentInput(act=PaymentAct.WRITTEN_OFF)
            world.at(
                at + timedelta(hours=hours), f"life {number} written off", partial(_pay, world, issued.id, given, by)
            )


def _pay(world: World, invoice_id: str, given: PaymentInput, by: str = "ana") -> object:
    return invoices.record_payment(invoice_id, given, by, world.clock)


def _account(world: World, number: int, at: datetime, person: Person) -> None:
    """Give another bank account, which is paid to from the next day on."""
    change = number % 89 + 1
    world.at(
        at, f"life {number} account", lambda: give_account(person.number, at, at.date() + timedelta(days=1), change)
    )


def _hold(world: World, number: int, at: datetime, person: Person) -> None:
    """Hold a driver's payouts, and lift that later; one in four stays."""
    cause = f"case-{number}"
    world.at(
        at, f"life {number} hold", lambda: holding.hold(person.id, HoldCode.STAFF, cause, "look", "ana", world.clock)
    )
    if world.random.random() < 0.75:
        world.at(at + _later(world, 60), f"life {number} lift", lambda: holding.lift(person.id, cause))


_LIVES = {
    "delivery": _delivery,
    "trip": _trip,
    "extra": _extra,
    "adjustment": _adjustment,
    "claim": _claim,
    "instant": _instant,
    "invoice": _invoice,
    "account": _account,
    "hold": _hold,
}
