"""The provider of Stripe Connect against the imitation, over HTTP and with Stripe's own library."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import permutations
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdship.kernel.errors import Unauthorized, Unprocessable
from crowdship.kernel.money import Money
from crowdship.payouts.provider import NewsState, PaymentRailUnavailable, PayoutRejected, Speed
from crowdship.payouts.stripe import accounts
from crowdship.payouts.stripe.provider import StripeProvider
from crowdship.payouts.stripe.rules import DEGRADING, FAILURES, UNDECIDED_CODES, is_decided
from local.imitations.receivers import STRIPE_PATH, Receivers
from local.imitations.stripe import STRIPE_KEY, Script, Stripe
from local.imitations.stripe_events import WEBHOOK_SECRET, signed
from tests.integration.payouts.banking import instruction

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def receivers():
    with Receivers(0) as running:
        yield running


@pytest.fixture
def stripe(receivers):
    receivers.stripe = Stripe(now=NOW)
    return receivers.stripe


@pytest.fixture
def known(stripe):
    """Connected accounts by driver."""
    return {f"drv_{number}": stripe.open_account() for number in (1, 2, 3)}


@pytest.fixture
def provider(receivers, known):
    url = f"{receivers.url}{STRIPE_PATH}"
    return StripeProvider(url, STRIPE_KEY, WEBHOOK_SECRET, account_of=known.get, plain_http_allowed=True)


def script(stripe, known, number=1, **what):
    stripe.scripts[known[f"drv_{number}"]] = Script(**what)


def heard(provider, stripe, events=None):
    """Return what the provider reads of events, those of the outbox unless others are given."""
    told = [provider.news_in(*signed(event)) for event in (events or list(stripe.outbox.taken()))]
    return [news for news in told if news]


def money_at(stripe):
    """Return cents at connected accounts, and cents on their way to a bank or there."""
    gone = sum(one["amount"] for one in stripe.payouts.values() if one["status"] not in ("failed", "canceled"))
    return stripe.balances.total(), gone


def test_a_payout_is_a_transfer_and_a_payout_from_the_connected_account(provider, stripe, known):
    accepted = provider.transfer(instruction(1))
    (transfer,), (payout,) = stripe.transfers.values(), stripe.payouts.values()
    assert (accepted.transfer_id, accepted.state, accepted.speed) == (
        payout["id"],
        NewsState.IN_TRANSIT,
        Speed.STANDARD,
    )
    assert (transfer["destination"], transfer["amount"]) == (known["drv_1"], 10_001)
    assert (payout["account"], payout["amount"], payout["statement_descriptor"]) == (
        known["drv_1"],
        10_001,
        "Pay to 2026-11-29",
    )
    assert money_at(stripe) == (0, 10_001)


def test_it_goes_through_its_states_and_each_is_told_by_a_signed_event(provider, stripe):
    sent = provider.transfer(instruction(1))
    for hours in (1, 72):
        stripe.tick(NOW + timedelta(hours=hours))
    told = heard(provider, stripe)
    assert [news.state for news in told] == [NewsState.IN_TRANSIT, NewsState.IN_TRANSIT, NewsState.PAID]
    assert {(news.payout_id, news.transfer_id) for news in told} == {("pay_1", sent.transfer_id)}
    assert told[-1].at == NOW + timedelta(hours=72)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=5), timedelta(days=3)])
def test_the_same_instruction_again_moves_its_money_once_also_when_keys_are_forgotten(provider, stripe, later):
    first = provider.transfer(instruction(1))
    stripe.now += later
    again = provider.transfer(instruction(1))
    assert again.transfer_id == first.transfer_id
    assert money_at(stripe) == (0, 10_001)
    assert len(stripe.transfers) == 1


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_errors_of_the_server_before_and_after_it_acted_are_repeated_until_the_money_moved_once(
    provider, stripe, known, before, after
):
    script(stripe, known, answer_500_before=before, answer_500_after=after)
    undecided, accepted = 0, None
    while accepted is None and undecided <= before + after:
        try:
            accepted = provider.transfer(instruction(1))
        except PaymentRailUnavailable:
            undecided += 1
            stripe.now += timedelta(hours=25)  # until then a key answers as at first
    assert accepted is not None
    assert undecided == before + after
    assert [accepted.transfer_id] == list(stripe.payouts)
    assert money_at(stripe) == (0, 10_001)


def test_an_error_after_the_transfer_is_found_out_by_looking_and_not_by_the_key(provider, stripe, known):
    script(stripe, known, answer_500_after=1)
    with pytest.raises(PaymentRailUnavailable):
        provider.transfer(instruction(1))
    provider.transfer(instruction(1))
    assert len(stripe.transfers) == 1
    assert money_at(stripe) == (0, 10_001)


def test_two_calls_that_do_not_see_each_other_move_the_money_once(provider, stripe):
    stripe.lists_lag = True
    first, second = provider.transfer(instruction(1)), provider.transfer(instruction(1))
    assert first == second
    assert (len(stripe.transfers), money_at(stripe)) == (1, (0, 10_001))


def test_no_answer_in_time_and_a_server_that_is_down_decide_nothing(provider, stripe, known, monkeypatch):
    monkeypatch.setattr("crowdship.payouts.stripe.provider.TIMEOUT_S", (0.3, 0.3))
    script(stripe, known, delay_s=1.0)
    with pytest.raises(PaymentRailUnavailable, match="did not decide"):
        provider.transfer(instruction(1))
    stripe.scripts.clear()
    stripe.unavailable_until = time.monotonic() + 60
    with pytest.raises(PaymentRailUnavailable, match="503"):
        provider.transfer(instruction(1))
    stripe.unavailable_until = 0
    provider.transfer(instruction(1))
    assert money_at(stripe) == (0, 10_001)


def test_a_wrong_key_of_ours_is_not_the_payouts_fault(receivers, stripe, known):
    wrong = StripeProvider(
        f"{receivers.url}{STRIPE_PATH}", "sk_test_other", WEBHOOK_SECRET, account_of=known.get, plain_http_allowed=True
    )
    with pytest.raises(PaymentRailUnavailable, match="401"):
        wrong.transfer(instruction(1))


def test_a_key_with_other_content_decides_nothing(provider, stripe):
    provider.transfer(instruction(1))
    stripe.transfers.clear()  # as if the look-up lagged behind
    with pytest.raises(PaymentRailUnavailable, match="IdempotencyError"):
        provider.transfer(instruction(1, amount=Money(amount=99, currency="USD")))
    assert len(stripe.payouts) == 1


def test_a_platform_without_money_waits_and_does_not_fail_the_payout(provider, stripe, known):
    script(stripe, known, refuse_transfer="balance_insufficient")
    with pytest.raises(PaymentRailUnavailable, match="balance_insufficient"):
        provider.transfer(instruction(1))


@pytest.mark.parametrize("refusal", [{"refuse_transfer": "account_invalid"}, {"refuse_payout": "account_closed"}])
def test_a_refusal_is_told_by_its_code_each_time_and_its_money_is_back(provider, stripe, known, refusal):
    script(stripe, known, **refusal)
    (code,) = refusal.values()
    for _ in range(2):
        with pytest.raises(PayoutRejected) as refused:
            provider.transfer(instruction(1))
        assert refused.value.code == code
        assert money_at(stripe) == (0, 0)
        stripe.scripts.clear()  # what was refused stays refused, also when its key is forgotten
        stripe.now += timedelta(hours=25)
        if "refuse_transfer" in refusal:
            break
    assert all(transfer["reversed"] for transfer in stripe.transfers.values())


def test_money_that_does_not_come_back_after_a_refusal_leaves_the_payout_undecided(provider, stripe, known):
    script(stripe, known, refuse_payout="account_closed", refuse_reversal="transfer_not_reversible")
    with pytest.raises(PaymentRailUnavailable, match="transfer_not_reversible"):
        provider.transfer(instruction(1))
    assert money_at(stripe) == (10_001, 0)


def test_an_instant_payout_is_there_in_minutes(provider, stripe):
    accepted = provider.transfer(instruction(1, speed=Speed.INSTANT))
    assert (accepted.speed, accepted.degraded_by) == (Speed.INSTANT, None)
    stripe.tick(NOW + timedelta(minutes=31))
    assert heard(provider, stripe)[-1].state is NewsState.PAID


@pytest.mark.parametrize("code", sorted(DEGRADING))
def test_an_instant_payout_that_is_not_possible_becomes_a_standard_one_with_the_reason(provider, stripe, known, code):
    script(stripe, known, refuse_instant=code)
    accepted = provider.transfer(instruction(1, speed=Speed.INSTANT))
    assert (accepted.speed, accepted.degraded_by) == (Speed.STANDARD, code)
    assert money_at(stripe) == (0, 10_001)


def test_a_degraded_payout_that_is_asked_for_again_is_the_same(provider, stripe, known):
    script(stripe, known, refuse_instant="instant_payouts_unsupported")
    first = provider.transfer(instruction(1, speed=Speed.INSTANT))
    again = provider.transfer(instruction(1, speed=Speed.INSTANT))
    assert (again.transfer_id, again.speed) == (first.transfer_id, Speed.STANDARD)
    assert len(stripe.payouts) == 1


def test_another_refusal_of_an_instant_payout_is_a_refusal(provider, stripe, known):
    script(stripe, known, refuse_instant="account_closed")
    with pytest.raises(PayoutRejected) as refused:
        provider.transfer(instruction(1, speed=Speed.INSTANT))
    assert (refused.value.code, money_at(stripe)) == ("account_closed", (0, 0))


@pytest.mark.parametrize("days", [0, 3])
def test_a_payout_that_fails_at_once_or_days_after_it_was_paid_is_told_with_its_money_back(
    provider, stripe, known, days
):
    script(stripe, known, fail_with="account_closed", fails_after=timedelta(days=days))
    provider.transfer(instruction(1))
    for day in range(8):
        stripe.tick(NOW + timedelta(days=day))
    told = heard(provider, stripe)
    assert (told[-1].state, told[-1].code) == (NewsState.FAILED, "account_closed")
    assert told[-1].reason == FAILURES["account_closed"]
    assert (NewsState.PAID in [news.state for news in told]) == bool(days)
    assert money_at(stripe) == (0, 0)


def test_a_payout_that_was_canceled_gives_its_money_back(provider, stripe):
    stripe.cancel(provider.transfer(instruction(1)).transfer_id)
    assert heard(provider, stripe)[-1].state is NewsState.CANCELED
    assert money_at(stripe) == (0, 0)


def test_the_event_of_a_failure_twice_takes_the_money_back_once(provider, stripe, known):
    script(stripe, known, fail_with="no_account", events_each=3)
    provider.transfer(instruction(1))
    provider.transfer(instruction(2))
    stripe.tick(NOW + timedelta(days=2))
    told = heard(provider, stripe)
    assert [news.state for news in told].count(NewsState.FAILED) == 3
    assert money_at(stripe) == (0, 10_002)


def test_money_that_stripe_does_not_give_back_is_told_as_undecided(provider, stripe, known):
    script(stripe, known, fail_with="no_account", refuse_reversal="transfer_not_reversible")
    provider.transfer(instruction(1))
    stripe.tick(NOW + timedelta(days=2))
    last = heard(provider, stripe)[-1]
    assert (last.state, last.code) == (NewsState.IN_TRANSIT, "reversal_failed")
    assert last.reason == (
        "The payout failed (no_account), and Stripe does not give its money back (transfer_not_reversible)."
    )


def test_an_event_whose_money_can_not_be_asked_for_now_is_to_be_delivered_again(provider, stripe, known):
    script(stripe, known, fail_with="no_account")
    provider.transfer(instruction(1))
    stripe.tick(NOW + timedelta(days=2))
    events = list(stripe.outbox.taken())
    stripe.unavailable_until = time.monotonic() + 60
    with pytest.raises(PaymentRailUnavailable):
        heard(provider, stripe, events)
    stripe.unavailable_until = 0
    assert heard(provider, stripe, events)[-1].state is NewsState.FAILED
    assert money_at(stripe) == (0, 0)


def test_events_in_any_order_and_twice_tell_the_same_and_end_with_the_money_back(provider, stripe, known):
    script(stripe, known, fail_with="no_account", fails_after=timedelta(days=3))
    provider.transfer(instruction(1))
    for day in range(8):
        stripe.tick(NOW + timedelta(days=day))
    events = list(stripe.outbox.taken())
    expected = {(news.state, news.at) for news in heard(provider, stripe, events)}
    for order in list(permutations(events))[::5]:
        told = heard(provider, stripe, [*order, *order])
        assert {(news.state, news.at) for news in told} == expected
        assert money_at(stripe) == (0, 0)


def test_events_about_something_else_or_about_no_payout_of_ours_are_left_alone_and_counted(provider, stripe, mocker_of):
    counted = mocker_of("crowdship.payouts.stripe.provider.metrics")
    event = {"id": "evt_1", "type": "customer.created", "created": 1, "data": {"object": {"id": "cus_1"}}}
    foreign = {"id": "po_9", "object": "payout", "status": "paid", "metadata": {}}
    by_hand = {"id": "evt_2", "type": "payout.paid", "created": 1, "data": {"object": foreign}}
    assert [provider.news_in(*signed(one)) for one in (event, by_hand)] == [None, None]
    assert counted == ["StripeEventsIgnored"] * 2


@pytest.fixture
def mocker_of(monkeypatch):
    """Return a function that replaces metrics by a list of their names."""

    def replaced(name):
        counted = []

        class Counting:
            @staticmethod
            def add_metric(name, unit, value):
                counted.append(name)

        monkeypatch.setattr(name, Counting)
        return counted

    return replaced


PAID = {
    "id": "evt_1",
    "type": "payout.paid",
    "created": 1_796_000_000,
    "data": {"object": {"id": "po_1", "object": "payout", "status": "paid", "metadata": {"payout_id": "pay_1"}}},
}


def test_an_event_that_is_not_signed_by_our_secret_or_long_ago_is_refused(provider):
    body, signature = signed(PAID)
    assert provider.news_in(body, signature).state is NewsState.PAID
    assert provider.news_in(*signed(PAID, ago_s=290)).state is NewsState.PAID
    for wrong in (
        (body, ""),
        (body, "nonsense"),
        (body, signature.replace("v1=", "v1=0")),
        (body.replace(b"pay_1", b"pay_2"), signature),
        signed(PAID, secret="whsec_other"),
        signed(PAID, ago_s=310),
    ):
        with pytest.raises(Unauthorized):
            provider.news_in(*wrong)


@pytest.mark.parametrize(
    "event",
    [
        [],
        {},
        {**PAID, "created": "now"},
        {**PAID, "data": {"object": {"id": "po_1", "object": "payout"}}},
        {**PAID, "data": {}},
        {**PAID, "data": {"object": None}},
        {**PAID, "data": {"object": {**PAID["data"]["object"], "metadata": {"payout_id": 7}}}},
    ],
)
def test_a_signed_event_that_can_not_be_read_is_refused(provider, event):
    with pytest.raises(Unprocessable):
        provider.news_in(*signed(event))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
)


@given(ANYTHING)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_an_event_it_is_read_ignored_or_refused(provider, inner):
    for event in ({**PAID, "data": inner}, {**PAID, "data": {"object": inner}}, inner):
        try:
            provider.news_in(*signed(event))
        except (Unprocessable, Unauthorized):
            continue


def test_bytes_that_are_no_text_and_an_event_that_is_too_large_are_refused(provider):
    for body in (b"\xff\xfe", b"x" * 300_000):
        with pytest.raises((Unprocessable, Unauthorized)):
            provider.news_in(body, "t=1,v1=0")


def test_a_driver_without_a_connected_account_and_a_foreign_currency_are_refused(provider):
    with pytest.raises(PayoutRejected) as refused:
        provider.transfer(instruction(9))
    assert refused.value.code == "no_connected_account"
    with pytest.raises(PayoutRejected, match="JPY is not paid by Stripe here"):
        provider.transfer(instruction(1, amount=Money(amount=100, currency="JPY")))


def test_an_account_is_opened_once_and_found_again(provider, stripe, aws):
    before = set(stripe.accounts)
    opened = accounts.opened("drv_7", "US", provider.client)
    assert accounts.opened("drv_7", "US", provider.client) == opened == accounts.account_of("drv_7")
    assert set(stripe.accounts) - before == {opened}
    assert stripe.accounts[opened]["metadata"] == {"driver_id": "drv_7"}
    accounts.keep("drv_7", "acct_other")
    assert accounts.account_of("drv_7") == opened
    assert accounts.account_of("drv_8") is None


def test_errors_and_texts_have_no_key_and_nothing_of_what_was_sent(provider, stripe, known):
    script(stripe, known, answer_500_before=1)
    with pytest.raises(PaymentRailUnavailable) as undecided:
        provider.transfer(instruction(1))
    text = repr(undecided.value) + repr(provider)
    assert not [secret for secret in (STRIPE_KEY, WEBHOOK_SECRET, known["drv_1"]) if secret in text]


@given(
    st.one_of(st.none(), st.integers(200, 599)),
    st.sampled_from(["invalid_request_error", "api_error", "card_error", "idempotency_error", None]),
    st.sampled_from(["account_closed", *sorted(UNDECIDED_CODES), None]),
)
def test_only_an_answer_that_says_so_for_good_is_a_refusal(status, kind, code):
    if is_decided(status, kind, code):
        assert 200 <= status < 500
        assert kind != "idempotency_error"
        assert code not in UNDECIDED_CODES


def test_plain_http_is_refused_and_the_library_is_loaded_with_the_first_call_only(known):
    with pytest.raises(ValueError, match="must begin with https"):
        StripeProvider("http://api.stripe.com", "k", "s")
    code = (
        "import sys; from crowdship.payouts.stripe.provider import StripeProvider;"
        "StripeProvider('https://api.stripe.com', 'k', 's'); print('stripe' in sys.modules)"
    )
    paths = {"PYTHONPATH": "layers/crowdship/python"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths)
    assert done.stdout.strip() == "False"


def test_the_imitation_delivers_an_event_until_it_is_taken(stripe, provider):
    answers, bodies = [500, 503, 200], []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((body, self.headers["Stripe-Signature"]))
            self.send_response(answers[min(len(bodies), len(answers)) - 1])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, daemon=True).start()
    stripe.outbox.reports_to = f"http://127.0.0.1:{server.server_address[1]}"
    provider.transfer(instruction(1))
    stripe.outbox.deliver(wait_s=0.01)
    server.shutdown()
    server.server_close()
    assert list(stripe.outbox.answers.values()) == [[500, 503, 200]]
    assert {json.loads(body)["type"] for body, _ in bodies} == {"payout.created"}
    assert provider.news_in(*bodies[-1]).payout_id == "pay_1"
