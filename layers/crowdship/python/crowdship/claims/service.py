"""Use cases of claims: open, answer, decide, withdraw; and the lists of each party."""

from collections.abc import Callable, Iterable
from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.claims.claim import Claim
from crowdship.claims.facts import Booked, ClaimFacts
from crowdship.claims.inputs import ClaimDecisionInput, ClaimOpening
from crowdship.claims.matrix import Opener
from crowdship.claims.refunds import Refunds
from crowdship.claims.store import AloneRow, ClaimLine, ClaimRow, RefundsRow, drivers_list, merchant_month
from crowdship.claims.values import Award, ClaimState, Left
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.proof import service as proof
from crowdship.settlement.proposals import BookedAlone, needs_second_person
from crowdship.vault import service as vault
from crowdship.vault.model import Writing
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

AT_ONCE = 50
"""Claims of one page."""

OPENING, ANSWER, REASONS = "opening", "answer", "reasons"
"""Names of the words about a claim."""


def open_claim(asked: ClaimOpening, opener: Opener, by: str, clock: Clock, wall: Clock) -> Claim:
    """Open a claim about a delivery; the matrix decides a small clear one at once. The same reference is the same one.

    Parameters
    ----------
    by : str
        The merchant's id, or the sign-in name of a member of staff.

    Raises
    ------
    NotFound
        If there is no such delivery, or it is another merchant's.
    Conflict
        ``reference_used``, if the reference is that of another claim.
    """
    delivery = deliveries.get(asked.delivery_id)
    if opener is Opener.MERCHANT and delivery.merchant_id != by:
        raise NotFound("no_such_delivery", f"There is no delivery {asked.delivery_id}.")
    claim_id = derived_id("clm", opener, delivery.merchant_id, asked.reference)
    zone = zones.get(delivery.zone_id)

    def attempt() -> Claim:
        if known := ClaimRow.load(claim_id):
            return known
        now = clock.now()
        facts = ClaimFacts.of(asked.kind, delivery, _proof_of(delivery))
        sums = _sums(delivery.id)
        left = sums.left(facts.booked, facts.goods_value, asked.kind)
        named = (claim_id, asked.reference, asked.kind, delivery, facts, asked.amount, asked.evidence)
        claim = Claim.opened(*named, opener, by, now, sums.left_to_hold(left))
        work = UnitOfWork()
        ClaimLine.add(claim, work)
        claim = _with_words(claim, {OPENING: asked.words}, work, wall)
        award, alone = claim.suggested(left), _alone(claim, now)
        if claim.is_automatic(award, _limit(zone)) and not needs_second_person(award.total, alone, zone):
            claim = claim.by_matrix(award, now)
        _keep(None, claim, sums, alone, work)
        work.commit()
        return claim

    claim = persistently(attempt)
    if (claim.delivery_id, claim.kind, claim.asked) != (asked.delivery_id, asked.kind, asked.amount):
        detail = f"{asked.reference} is the claim {claim.id} already, about {claim.delivery_id}; give this one its own."
        raise Conflict("reference_used", detail, "/opening/reference")
    return claim


def _limit(zone: Zone) -> Money:
    """Return what is granted without a second person."""
    return Money(amount=zone.settings.adjusted_alone, currency=zone.settings.rates.currency)


def _proof_of(delivery: Delivery) -> proof.ProofRecord | None:
    return proof.record_of(delivery, delivery.driver_id) if delivery.driver_id else None


def decide(asked: ClaimDecisionInput, by: str, clock: Clock, wall: Clock) -> Claim:
    """Decide on a claim; a grant above the zone's limit waits for a second person. See ``Claim.decided``."""

    def decided(claim: Claim, now: datetime, left: Left, alone: BookedAlone, zone: Zone) -> Claim:
        award = asked.award or claim.suggested(left)
        single = not needs_second_person(award.total, alone, zone)
        return claim.decided(asked.verdict, asked.award, by, now, left, single)

    return _act(asked.claim_id, decided, {REASONS: asked.reasons}, clock, wall)


def answer(claim_id: str, driver_id: str, words: str, clock: Clock, wall: Clock) -> Claim:
    """Take a driver's answer to a claim about them; see ``Claim.answered``.

    Raises
    ------
    NotFound
        If the driver is not asked about such a claim.
    """
    claim = get(claim_id)
    if claim.driver_id != driver_id or claim.answer_by is None:
        raise NotFound("no_such_claim", f"There is no claim {claim_id} about you.")
    return _act(claim_id, lambda claim, now, *_: claim.answered(now), {ANSWER: words}, clock, wall)


def withdraw(claim_id: str, merchant_id: str, clock: Clock, wall: Clock) -> Claim:
    """Withdraw a merchant's own claim; see ``Claim.withdrawn``.

    Raises
    ------
    NotFound
        If the merchant opened no such claim.
    """
    claim = get(claim_id)
    if claim.merchant_id != merchant_id or claim.opener is not Opener.MERCHANT:
        raise NotFound("no_such_claim", f"There is no claim {claim_id} of yours.")
    return _act(claim_id, lambda claim, now, *_: claim.withdrawn(merchant_id, now), {}, clock, wall)


def advance(claim_id: str, clock: Clock, wall: Clock) -> bool:
    """Let time do what it does to a claim; return whether it changed."""
    before = get(claim_id)
    after = _act(claim_id, lambda claim, now, left, *_: claim.advanced(now, left), {}, clock, wall)
    return after.state is not before.state


def _act(
    claim_id: str,
    act: Callable[[Claim, datetime, Left, BookedAlone, Zone], Claim],
    words: dict[str, str],
    clock: Clock,
    wall: Clock,
) -> Claim:
    """Change a claim together with the sums that limit it; of two people at once the second one decides anew."""

    def attempt() -> Claim:
        claim, now = get(claim_id), clock.now()
        sums, alone = _sums(claim.delivery_id), _alone(claim, now)
        booked = Booked.of(deliveries.get(claim.delivery_id), claim.driver_id)
        zone = zones.get(claim.zone_id)
        left = sums.left(booked, claim.facts.goods_value, claim.kind).model_copy(update={"unnamed": _limit(zone)})
        after = act(claim, now, left, alone, zone)
        if after is claim:
            return claim
        work = UnitOfWork()
        after = _with_words(after, words, work, wall)
        _keep(claim, after, sums, alone, work)
        work.commit()
        return after

    return persistently(attempt)


def _keep(before: Claim | None, after: Claim, sums: Refunds, alone: BookedAlone, work: UnitOfWork) -> None:
    """Add the writes of a claim, and of the sums as far as it moved them."""
    work.store(ClaimRow.of(after))
    changed = sums
    if after.held and before is None:
        changed = changed.with_hold(after.held.amount)
    closes = after.is_closed and not (before and before.is_closed)
    if closes and after.held:
        changed = changed.with_hold(-after.held.amount)
    if closes and after.decision and not after.decision.award.is_nothing:
        changed = changed.with_award(after.decision.award, after.kind)
        if not (after.decision.confirmed_by or after.decision.lapsed):
            work.store(AloneRow.of(alone.and_also(after.decision.award.total)))
    if changed is not sums:
        work.store(RefundsRow.of(changed))


def _sums(delivery_id: str) -> Refunds:
    return RefundsRow.load(delivery_id) or Refunds(id=delivery_id)


def _alone(claim: Claim, now: datetime) -> BookedAlone:
    alone_id = BookedAlone.id_of(claim.merchant_id, claim.asked.currency, now)
    return AloneRow.load(alone_id) or BookedAlone(id=alone_id)


def _with_words(claim: Claim, words: dict[str, str], work: UnitOfWork, wall: Clock) -> Claim:
    for name, text in words.items():
        token = claim.token(name)
        known = vault.record(token, Writing)
        writing = known.with_changes(text=text) if known else Writing(id=token, text=text)
        vault.keep(writing, work, wall.now() + retention.CLAIMS)
        claim = claim.with_text(name)
    return claim


# -- reading


def get(claim_id: str) -> Claim:
    """Return a claim.

    Raises
    ------
    NotFound
        If there is none.
    """
    claim = ClaimRow.load(claim_id)
    if claim is None:
        raise NotFound("no_such_claim", f"There is no claim {claim_id}.")
    return claim


def waiting(state: ClaimState, limit: int = AT_ONCE) -> list[Claim]:
    """Return the claims in a state, those that are to be decided first before the others."""
    found = {claim.id: claim for claim in ClaimRow.load_many(ClaimRow.waiting_ids(state, limit))}
    return sorted((one for one in found.values() if one.state is state), key=lambda one: (one.decide_by, one.id))


def past_deadline(now: datetime, limit: int = AT_ONCE) -> list[Claim]:
    """Return open claims whose time to decide is over, so that time should have decided them, the oldest first."""
    found = ClaimRow.load_many(ClaimRow.due_ids(now, limit))
    late = (one for one in found if not one.is_closed and one.decide_by <= now)
    return sorted(late, key=lambda one: (one.decide_by, one.id))


def of_delivery(delivery_id: str) -> list[Claim]:
    """Return all claims about a delivery, the newest first."""
    return _in_order(ClaimLine.ids(delivery_id, AT_ONCE))


def of_merchant(merchant_id: str, month: str, after: str | None = None, limit: int = AT_ONCE) -> list[Claim]:
    """Return a page of the claims of a merchant that were opened in a month (UTC), the newest first."""
    return _in_order(ClaimLine.ids(merchant_month(merchant_id, month), limit, after))


def of_driver(driver_id: str) -> list[Claim]:
    """Return the newest claims that a driver is or was asked about."""
    return _in_order(ClaimLine.ids(drivers_list(driver_id), AT_ONCE))


def _in_order(ids: list[str]) -> list[Claim]:
    return sorted(ClaimRow.load_many(ids), key=lambda one: (one.opened_at, one.id), reverse=True)


def words_of(claims: Iterable[Claim]) -> dict[str, str]:
    """Return the words about some claims by their tokens, without those that were erased."""
    tokens = (claim.token(name) for claim in claims for name in claim.texts)
    return {token: writing.text for token, writing in vault.writings(tokens).items()}


def suggestion_for(claim: Claim) -> Award | None:
    """Return what the matrix suggests for an open claim now; None for a closed one."""
    if claim.is_closed:
        return None
    booked = Booked.of(deliveries.get(claim.delivery_id), claim.driver_id)
    return claim.suggested(_sums(claim.delivery_id).left(booked, claim.facts.goods_value, claim.kind))


def erase_words(driver_id: str) -> None:
    """Erase the words about all claims that a driver was asked about; amounts and dates stay."""
    for claim in of_driver(driver_id):
        for name in claim.texts:
            vault.erase(claim.token(name))


def held(driver_id: str) -> tuple[list[Claim], dict[str, str]]:
    """Return everything that this room holds on a driver: the claims, and the words about them by token."""
    claims = of_driver(driver_id)
    return claims, words_of(claims)
