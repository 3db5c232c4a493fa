"""Random lives of claims: whatever comes in whatever order, a claim ends once, and no money appears or is lost."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.claims.claim import Claim
from crowdship.claims.facts import Booked, ClaimFacts, ClaimFinding
from crowdship.claims.matrix import ClaimKind, ClaimOutcome, ClaimStage, ClaimWeight, Opener, kinds, matrix
from crowdship.claims.refunds import Refunds
from crowdship.claims.values import Award, ClaimState, ClaimVerdict
from crowdship.kernel.errors import Refusal
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import DRIVER_HELD, kind_of
from crowdship.settlement.causes import posting_for
from crowdship.settlement.ledger import PostingKind
from tests.unit.claims.deliveries import at, delivered

NOW = at(120)


def usd(amount):
    return Money(amount=amount, currency="USD")


def award(goods=0, charge=0, tip=0, from_driver=0, to_driver=0):
    return Award(
        goods=usd(goods), charge=usd(charge), tip=usd(tip), from_driver=usd(from_driver), to_driver=usd(to_driver)
    )


DELIVERY = delivered(tip=300)
BOOKED = Booked.of(DELIVERY, DELIVERY.driver_id)


def facts(stage, weight):
    return ClaimFacts(
        stage=stage, weight=weight, findings=(ClaimFinding.ON_TIME,), booked=BOOKED, goods_value=usd(4000)
    )


def opened(kind, stage=ClaimStage.DELIVERED, weight=ClaimWeight.SUPPORTS, asked=2500, number=1, left=None, now=NOW):
    opener = Opener.STAFF if kind is ClaimKind.PAY_WRONG else Opener.MERCHANT
    named = (f"clm_{number}", f"ticket-{number}", kind, DELIVERY, facts(stage, weight), usd(asked), ())
    return Claim.opened(*named, opener, "mer_1", now, left)


def nothing_given():
    return Refunds(id="dlv_1").left(BOOKED, usd(4000), ClaimKind.DAMAGED)


class Life:
    """A claim with the sums of its delivery, as the use cases keep them."""

    def __init__(self, claim, sums):
        self.claim, self.sums = claim, sums
        if claim.held:
            self.sums = self.sums.with_hold(claim.held.amount)

    @property
    def left(self):
        return self.sums.left(BOOKED, usd(4000), self.claim.kind)

    def become(self, after):
        if after.is_closed and not self.claim.is_closed:
            if after.held:
                self.sums = self.sums.with_hold(-after.held.amount)
            if after.decision:
                self.sums = self.sums.with_award(after.decision.award, after.kind)
        self.claim = after


amounts = st.integers(0, 5000)
awards = st.builds(award, amounts, amounts, st.integers(0, 400), st.just(0), st.just(0)) | st.builds(
    lambda goods, part: award(goods=goods, from_driver=min(goods, part)), amounts, amounts
)
verdicts = st.tuples(
    st.sampled_from(ClaimVerdict), st.none() | awards, st.sampled_from(["ann", "Ann", "bo"]), st.booleans()
)
acts = st.lists(
    st.one_of(
        st.just(("answer",)),
        st.just(("withdraw",)),
        verdicts.map(lambda verdict: ("decide", *verdict)),
        st.integers(0, 40).map(lambda days: ("wait", days)),
    ),
    max_size=12,
)


def act(life, what, now):
    match what:
        case ("answer",):
            life.become(life.claim.answered(now))
        case ("withdraw",):
            life.become(life.claim.withdrawn("mer_1", now))
        case ("decide", verdict, granted, by, alone):
            granted = granted if verdict is ClaimVerdict.GRANT else None
            life.become(life.claim.decided(verdict, granted, by, now, life.left, alone))
        case ("wait", _):
            life.become(life.claim.advanced(now, life.left))


def live(life, doings):
    """Let things happen; what is refused changes nothing. At the end all deadlines have passed."""
    now, ends = NOW, []
    for what in doings:
        now += timedelta(days=what[1] if what[0] == "wait" else 0, hours=1)
        before = life.claim
        try:
            act(life, what, now)
        except Refusal:
            assert life.claim is before
        if life.claim.is_closed and not before.is_closed:
            ends.append(life.claim.outcome)
        if before.is_closed:
            assert life.claim is before, "a closed claim never changes"
    before = life.claim
    life.become(life.claim.advanced(now + timedelta(days=200), life.left))
    if not before.is_closed:
        ends.append(life.claim.outcome)
    return ends


QUESTIONS = st.tuples(st.sampled_from(ClaimKind), st.sampled_from(ClaimStage), st.sampled_from(ClaimWeight))


@given(QUESTIONS, amounts, acts)
@settings(max_examples=60)
def test_every_life_ends_in_exactly_one_outcome(question, asked, doings):
    life = Life(opened(*question, asked=asked), Refunds(id="dlv_1"))
    ends = live(life, doings)
    assert len(ends) == 1
    assert life.claim.due_at is None
    assert life.sums.held == 0
    decided = [event for event in life.claim.events if event.type in ("claim.decided", "claim.withdrawn")]
    assert len(decided) == 1
    assert (life.claim.decision is None) == (life.claim.outcome is ClaimOutcome.WITHDRAWN)


@given(st.lists(st.tuples(QUESTIONS, amounts, acts), min_size=1, max_size=4))
@settings(max_examples=40)
def test_claims_on_one_delivery_never_give_back_more_than_was_charged_and_money_is_conserved(several):
    sums, events = Refunds(id="dlv_1"), []
    for number, (question, asked, doings) in enumerate(several):
        left = sums.left_to_hold(sums.left(BOOKED, usd(4000), question[0]))
        life = Life(opened(*question, asked=asked, number=number, left=left), sums)
        live(life, doings)
        sums = life.sums
        events += life.claim.events
    assert 0 <= sums.charge <= BOOKED.charge.amount
    assert 0 <= sums.tip <= BOOKED.tip.amount
    assert 0 <= sums.from_driver <= BOOKED.pay.amount
    assert 0 <= sums.goods <= 4000
    postings = {posting.id: posting for event in events + events if (posting := posting_for(event))}
    balances = defaultdict(int)
    for posting in postings.values():
        for entry in posting.entries:
            balances[entry.account] += entry.signed
            if kind_of(entry.account) is DRIVER_HELD:
                balances["item", entry.item] += entry.signed
    assert sum(amount for account, amount in balances.items() if isinstance(account, str)) == 0
    assert not any(amount for account, amount in balances.items() if isinstance(account, tuple))
    assert balances["driver:drv_1:held"] == 0
    assert -balances["merchant:mer_1:receivable"] == sums.charge + sums.tip + sums.goods
    paid = sum(event.data["award"]["to_driver"]["amount"] for event in events if event.type == "claim.decided")
    assert balances["driver:drv_1:payable"] == sums.from_driver - paid


@given(QUESTIONS, st.integers(2, 4), st.booleans())
@settings(max_examples=40)
def test_the_matrix_gives_back_its_share_once_however_often_the_same_is_claimed(question, times, worth_is_known):
    sums, worth = Refunds(id="dlv_1"), usd(4000) if worth_is_known else None
    cell = matrix()[question]
    for number in range(times):
        claim = opened(*question, asked=1000, number=number)
        suggested = claim.suggested(sums.left(BOOKED, worth, claim.kind))
        sums = sums.with_award(suggested, claim.kind)
    assert sums.charge <= (BOOKED.charge.amount * cell.charge + 50) // 100
    assert sums.tip <= (BOOKED.tip.amount * cell.tip + 50) // 100
    assert sums.goods <= (4000 if worth_is_known else 1000)


def test_goods_whose_worth_nobody_named_are_not_paid_again_by_a_chargeback():
    sums = Refunds(id="dlv_1").with_award(award(goods=2500), ClaimKind.NOT_DELIVERED)
    left = sums.left(BOOKED, None, ClaimKind.CHARGEBACK)
    assert opened(ClaimKind.CHARGEBACK).suggested(left).goods == usd(0)
    assert opened(ClaimKind.CHARGEBACK, asked=3000).suggested(left).goods == usd(500)


def test_a_claim_against_a_driver_holds_their_pay_until_the_end_and_never_a_tip():
    claim = opened(ClaimKind.NOT_DELIVERED)
    held = posting_for(next(event for event in claim.events if event.type == "claim.held"))
    assert claim.held == Money(amount=BOOKED.pay.amount // 2, currency="USD")
    assert held.kind is PostingKind.HOLD
    over = claim.withdrawn("mer_1", NOW + timedelta(days=1))
    released = posting_for(next(event for event in over.events if event.type == "claim.released"))
    assert released.kind is PostingKind.HOLD_RELEASE
    assert {entry.item for entry in released.entries} == {None, claim.id}


def test_a_driver_who_may_still_answer_is_not_decided_against():
    claim = opened(ClaimKind.NOT_DELIVERED)
    left = nothing_given()
    with pytest.raises(Refusal, match="answer_awaited"):
        claim.decided(ClaimVerdict.GRANT, award(goods=500, from_driver=100), "ann", NOW, left, True)
    answered = claim.answered(NOW + timedelta(hours=1))
    after = answered.decided(
        ClaimVerdict.GRANT, award(goods=500, from_driver=100), "ann", NOW + timedelta(hours=2), left, True
    )
    assert after.state is ClaimState.GRANTED


@pytest.mark.parametrize("verdicts", [["grant"], ["grant", "return"], ["represent"]])
def test_no_other_verdict_ends_the_time_in_which_a_driver_may_answer(verdicts):
    left = nothing_given()
    claim = opened(ClaimKind.CHARGEBACK)
    for verdict in verdicts:
        asked = award(goods=500) if verdict == "grant" else None
        claim = claim.decided(ClaimVerdict(verdict), asked, "ann", NOW, left, False)
    against = ClaimVerdict.GRANT, award(goods=500, from_driver=100), "bo"
    with pytest.raises(Refusal, match="answer_awaited"):
        claim.decided(*against, claim.answer_by - timedelta(seconds=1), left, True)
    assert claim.decided(*against, claim.answer_by, left, True).state is ClaimState.GRANTED


def test_a_grant_that_was_sent_back_waits_for_the_drivers_answer_again():
    left = nothing_given()
    claim = opened(ClaimKind.NOT_DELIVERED).decided(ClaimVerdict.GRANT, award(goods=500), "ann", NOW, left, False)
    back = claim.decided(ClaimVerdict.RETURN, None, "bo", NOW, left, False)
    assert (back.state, back.due_at) == (ClaimState.AWAITING_ANSWER, claim.answer_by)
    answered = claim.answered(NOW).decided(ClaimVerdict.RETURN, None, "bo", NOW, left, False)
    assert answered.state is ClaimState.TO_DECIDE


def test_more_than_half_of_the_pay_and_tips_are_never_laid_on_a_driver():
    claim = opened(ClaimKind.NOT_DELIVERED).answered(NOW)
    left = nothing_given()
    most = claim.most_from_driver.amount
    with pytest.raises(Refusal, match="too_much_from_driver"):
        claim.decided(ClaimVerdict.GRANT, award(goods=2000, from_driver=most + 1), "ann", NOW, left, True)


def test_another_claim_of_the_same_kind_lays_no_second_share_of_the_pay_on_the_driver():
    first = opened(ClaimKind.NOT_DELIVERED)
    sums = Refunds(id="dlv_1").with_award(award(goods=900, from_driver=first.held.amount), first.kind)
    left = sums.left(BOOKED, usd(4000), first.kind)
    again = opened(ClaimKind.NOT_DELIVERED, number=2, left=sums.left_to_hold(left))
    assert again.held is None
    with pytest.raises(Refusal, match="too_much_from_driver"):
        again.answered(NOW).decided(ClaimVerdict.GRANT, award(goods=500, from_driver=1), "ann", NOW, left, True)


def test_a_grant_above_the_limit_waits_for_another_person():
    left = nothing_given()
    claim = opened(ClaimKind.DAMAGED, weight=ClaimWeight.OPEN)
    waits = claim.decided(ClaimVerdict.GRANT, award(goods=2500), "ann", NOW, left, False)
    assert waits.state is ClaimState.TO_CONFIRM
    with pytest.raises(Refusal, match="second_person_needed"):
        waits.decided(ClaimVerdict.CONFIRM, None, "ANN", NOW, left, False)
    done = waits.decided(ClaimVerdict.CONFIRM, None, "bo", NOW, left, False)
    assert (done.decision.by, done.decision.confirmed_by) == ("ann", "bo")


def test_a_chargeback_that_is_contested_gets_the_banks_time_once():
    left = nothing_given()
    claim = opened(ClaimKind.CHARGEBACK, weight=ClaimWeight.OPEN)
    contested = claim.decided(ClaimVerdict.REPRESENT, None, "ann", NOW, left, True)
    assert contested.decide_by == NOW + timedelta(days=45)
    with pytest.raises(Refusal, match="represented_already"):
        contested.decided(ClaimVerdict.REPRESENT, None, "ann", NOW, left, True)
    lost = contested.decided(ClaimVerdict.GRANT, award(goods=1000), "ann", NOW, left, True)
    booked = [posting.kind for event in lost.events if (posting := posting_for(event))]
    assert booked == [PostingKind.CHARGEBACK]


@pytest.mark.parametrize("kind", ClaimKind)
def test_a_claim_after_its_time_is_refused(kind):
    late = at(28) + timedelta(days=600)
    with pytest.raises(Refusal, match="claim_too_late"):
        opened(kind, now=late)


def test_a_merchant_does_not_claim_a_drivers_pay():
    named = ("clm_1", "t", ClaimKind.PAY_WRONG, DELIVERY, facts(ClaimStage.DELIVERED, ClaimWeight.OPEN), usd(100), ())
    with pytest.raises(Refusal, match="wrong_kind"):
        Claim.opened(*named, Opener.MERCHANT, "mer_1", NOW)


def test_a_claim_in_another_currency_than_the_delivery_is_refused():
    asked = Money(amount=100, currency="EUR")
    named = ("clm_1", "t", ClaimKind.LATE, DELIVERY, facts(ClaimStage.DELIVERED, ClaimWeight.OPEN), asked, ())
    with pytest.raises(Refusal, match="wrong_currency"):
        Claim.opened(*named, Opener.MERCHANT, "mer_1", NOW)


@given(st.integers(0, 100_000_000), st.integers(0, 10_000), st.none() | st.integers(0, 10_000))
@settings(max_examples=40)
def test_time_alone_pays_for_goods_no_more_than_their_named_worth_or_the_limit_of_one_person(asked, limit, worth):
    claim = opened(ClaimKind.NOT_DELIVERED, weight=ClaimWeight.OPEN, asked=asked)
    known = None if worth is None else usd(worth)
    left = Refunds(id="dlv_1").left(BOOKED, known, claim.kind).model_copy(update={"unnamed": usd(limit)})
    lapsed = claim.advanced(claim.decide_by, left)
    assert lapsed.decision.award.goods.amount == min(asked, limit if worth is None else worth)
    other = left.model_copy(update={"unnamed": Money(amount=limit, currency="EUR")})
    assert claim.advanced(claim.decide_by, other).decision.award.goods.amount == min(asked, worth or 0)
    person = claim.decided(ClaimVerdict.GRANT, None, "ann", NOW, left, True)
    assert person.decision.award.goods.amount == (asked if worth is None else min(asked, worth))


def test_time_decides_as_the_matrix_says():
    left = nothing_given()
    for (kind, stage, weight), cell in matrix().items():
        claim = opened(kind, stage, weight)
        over = claim.advanced(claim.decide_by, left)
        granted = cell.lapses is ClaimOutcome.GRANTED and not claim.suggested(left).is_nothing
        assert over.state is (ClaimState.GRANTED if granted else ClaimState.REFUSED)
        assert over.decision.lapsed
        assert not over.decision.award.from_driver.amount, "time lays nothing on a driver"
        assert claim.advanced(claim.decide_by - timedelta(seconds=1), left).state is not over.state
    assert kinds()
