from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.merchants.model import new_signing_secret
from crowdship.notify.merchants.notices import ENDPOINT_DISABLED, EndpointFacts
from crowdship.notify.texts import letter_for
from crowdship.notify.webhooks.bodies import WITHHELD
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer
from crowdship.notify.webhooks.delivery.retries import spread
from crowdship.notify.webhooks.endpoints import filters
from crowdship.notify.webhooks.endpoints.addresses import checked_url
from crowdship.notify.webhooks.endpoints.filters import MERCHANT_EVENTS, wanted
from crowdship.notify.webhooks.endpoints.model import (
    FAILING_FOR,
    LONGEST_PAUSE,
    DisabledBecause,
    Endpoint,
    EndpointChange,
    EndpointInput,
)
from crowdship.notify.webhooks.endpoints.signing import Signing
from crowdship.notify.webhooks.replay.model import Replay, ReplayInput
from tests.contracts import event_types, validate_event

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BAD, HUNG = EndpointAnswer(status=500), EndpointAnswer(error="Timeout")


def an_endpoint(**fields):
    return Endpoint.make("mer_1", EndpointInput(url="https://shop.example/hook"), NOW).with_changes(**fields)


def refused(endpoint, answer, now, asked_s=0.0, pace=1.0):
    return endpoint.refused(answer, asked_s, now, now, pace)


# -- what may be an address


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example/hook", "insecure_url"),
        ("ftp://shop.example", "insecure_url"),
        ("shop.example", "insecure_url"),
        ("https://", "no_host"),
        ("https://sho p.example/", "no_host"),
        ("https://user:secret@shop.example/", "bad_url"),
        ("https://@shop.example/", "bad_url"),
        ("https://shop.example/#top", "bad_url"),
        ("https://shop.example:99999/", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://shop.example:25/", "forbidden_port"),
        ("https://shop.example:80/", "forbidden_port"),
        ("https://127.0.0.1/", "private_address"),
        ("https://[::ffff:169.254.169.254]/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://10.0.0.8:8443/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://metadata.google.internal/", "private_address"),
        ("https://printer.local./", "private_address"),
    ],
)
def test_an_endpoint_is_a_public_https_address(url, code):
    with pytest.raises(Unprocessable) as refusal:
        checked_url(url, private_allowed=False)
    assert (refusal.value.code, refusal.value.pointer) == (code, "/url")


@pytest.mark.parametrize("url", ["https://shop.example/hook", "https://shop.example:8443/h?x=1", "https://8.8.8.8/"])
def test_public_addresses_are_taken(url):
    assert checked_url(url, private_allowed=False) == url


def test_on_one_machine_plain_http_to_itself_is_taken():
    assert checked_url("http://127.0.0.1:4577/hooks", private_allowed=True)


# -- which events


def test_every_event_that_merchants_get_can_be_asked_for_by_name():
    told = {
        name
        for name in event_types()
        if name.startswith(("delivery.", "source.", "claim.", "refund.", "invoice.", "surge."))
    } - WITHHELD
    assert told == MERCHANT_EVENTS, "add it to MERCHANT_EVENTS in notify/webhooks/endpoints.py"


def test_a_filter_is_a_name_or_all_of_a_kind():
    assert wanted("delivery.failed", ["delivery.*"])
    assert wanted("delivery.failed", ["delivery.delivered", "delivery.failed"])
    assert not wanted("delivery.failed", ["delivery.delivered"])
    assert wanted("surge.changed", ["surge.*"])
    assert not wanted("surge.changed", ["delivery.*"])


def test_an_endpoint_that_names_no_events_is_told_of_surge():
    asked = EndpointInput(url="https://shop.example/hook")
    assert wanted("surge.changed", asked.events)
    assert EndpointInput(url=asked.url, events=("surge.*",)).events == ("surge.*",)


@pytest.mark.parametrize("named", [{}, {"events": ["*"]}])
def test_an_endpoint_that_wants_all_is_told_of_a_kind_that_there_was_not_when_it_was_made(named, monkeypatch):
    url = "https://shop.example/hook"
    endpoint = Endpoint.make("mer_1", EndpointInput(url=url, **named), NOW)
    some = Endpoint.make("mer_1", EndpointInput(url=url, events=filters.EVERYTHING), NOW)
    assert not endpoint.wants("weather.changed")
    monkeypatch.setattr(filters, "EVERYTHING", (*filters.EVERYTHING, "weather.*"))
    assert endpoint.wants("weather.changed")
    assert not some.wants("weather.changed"), "it named the kinds that it wants"


@pytest.mark.parametrize("events", [[], ["delivery.teleported"], ["offer.*"], ["*.*"], ["delivery.reopened"]])
def test_a_filter_that_nothing_can_match_is_refused(events):
    with pytest.raises(ValidationError):
        EndpointInput(url="https://shop.example/hook", events=events)


def test_what_a_change_leaves_out_stays():
    endpoint = an_endpoint(description="till")
    changed = endpoint.changed(EndpointChange(events=("delivery.failed", "delivery.failed")), NOW, NOW)
    assert changed == endpoint.with_changes(events_wanted=("delivery.failed",))
    assert endpoint.changed(EndpointChange(description=None), NOW, NOW).description is None


# -- how it is doing


def test_a_success_of_a_healthy_endpoint_changes_nothing():
    endpoint = an_endpoint()
    assert endpoint.took() is endpoint


def test_a_failing_endpoint_is_well_again_after_one_success():
    failing = refused(an_endpoint(), EndpointAnswer(status=429), NOW)
    assert (failing.failing_since, failing.slowed) == (NOW, 1)
    assert failing.took() == an_endpoint(id=failing.id)


@pytest.mark.parametrize(
    "answer", [EndpointAnswer(status=429), EndpointAnswer(status=502), EndpointAnswer(status=504), HUNG]
)
def test_who_asks_to_slow_down_or_hangs_is_left_alone_longer_and_longer(answer):
    endpoint, now, pauses = an_endpoint(), NOW, []
    for _ in range(8):
        endpoint = refused(endpoint, answer, now)
        pauses.append((endpoint.not_before - now).total_seconds())
        now = endpoint.not_before
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    assert timedelta(minutes=5) == LONGEST_PAUSE


def test_all_that_failed_in_one_pause_counts_once():
    first = refused(an_endpoint(), HUNG, NOW)
    assert refused(first, HUNG, NOW + timedelta(seconds=1)) == first


def test_a_plain_failure_slows_nothing_else_down():
    assert refused(an_endpoint(), BAD, NOW).not_before is None
    assert refused(an_endpoint(), EndpointAnswer(status=503), NOW).not_before is None


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_counts_for_the_whole_endpoint(status):
    assert refused(an_endpoint(), EndpointAnswer(status=status), NOW, asked_s=400).not_before == NOW + timedelta(
        seconds=400
    )


@given(st.text(min_size=1))
def test_what_waited_for_an_endpoint_comes_back_spread_out(message_id):
    again = spread(message_id, NOW + timedelta(seconds=300), NOW)
    assert timedelta(seconds=300) <= again - NOW <= timedelta(seconds=360)


def test_five_days_without_a_success_disable_an_endpoint_and_tell():
    failing = refused(an_endpoint(), BAD, NOW)
    almost = refused(failing, BAD, NOW + FAILING_FOR - timedelta(seconds=1))
    assert almost.active
    ends = NOW + FAILING_FOR
    disabled = refused(failing, BAD, ends)
    assert (disabled.disabled_at, disabled.disabled_because) == (ends, DisabledBecause.FAILING)
    [event] = disabled.events
    validate_event(event.model_dump(mode="json"))
    assert refused(disabled, BAD, ends + timedelta(days=1)).events == disabled.events


def test_where_business_time_runs_fast_five_days_are_shorter():
    failing = refused(an_endpoint(), BAD, NOW)
    assert not refused(failing, BAD, NOW + FAILING_FOR / 60, pace=1 / 60).active


@given(st.lists(st.tuples(st.integers(0, 3 * 86400), st.booleans()), max_size=30))
def test_an_endpoint_is_disabled_only_after_five_days_in_which_nothing_came_through(tries):
    endpoint, now, since = an_endpoint(), NOW, None
    for pause, taken in tries:
        now += timedelta(seconds=pause)
        since = None if taken else since or now
        endpoint = endpoint.took() if taken else refused(endpoint, BAD, now)
        assert endpoint.active == (since is None or now - since < FAILING_FOR)
        if not endpoint.active:
            return


def test_set_active_again_it_offers_what_it_missed():
    disabled = refused(refused(an_endpoint(), BAD, NOW), BAD, NOW + FAILING_FOR)
    again = disabled.changed(EndpointChange(active=True), NOW, NOW)
    assert again.active
    assert (again.failing_since, again.missed_since) == (None, NOW)


def test_disabled_by_hand_it_tells_that_too():
    disabled = an_endpoint().changed(EndpointChange(active=False), NOW, NOW)
    assert disabled.events[0].data["because"] == "by_hand"
    assert not disabled.wants("delivery.created")
    with pytest.raises(Conflict):
        disabled.must_be_active()


def test_the_letter_says_why_and_what_to_do():
    for because in ("gone", "failing"):
        facts = EndpointFacts(merchant_name="Bakery", url="https://shop.example/hook", because=because)
        text = letter_for(ENDPOINT_DISABLED, facts, NOW).text
        assert "https://shop.example/hook" in text
        assert "/replay" in text


# -- what signs


def test_a_secret_is_one_of_standard_webhooks():
    assert new_signing_secret().startswith("whsec_")


def test_the_old_secret_signs_along_until_its_time_is_up():
    first = Signing().rotated("a", NOW, timedelta(0))
    both = first.rotated("b", NOW, timedelta(hours=24))
    assert both.version == 2
    assert both.in_force(NOW + timedelta(hours=23, minutes=59)) == ["b", "a"]
    assert both.in_force(NOW + timedelta(hours=24)) == ["b"]


def test_without_overlap_the_old_secret_is_gone_at_once():
    assert Signing().rotated("a", NOW, timedelta(0)).rotated("b", NOW, timedelta(0)).in_force(NOW) == ["b"]


def test_a_rotation_never_gives_an_old_secret_more_time():
    signing = Signing().rotated("a", NOW, timedelta(0)).rotated("b", NOW, timedelta(hours=1))
    assert signing.rotated("c", NOW, timedelta(hours=24)).in_force(NOW + timedelta(hours=2)) == ["c", "b"]


def test_signatures_dont_pile_up():
    signing = Signing()
    for letter in "abcde":
        signing = signing.rotated(letter, NOW, timedelta(hours=24))
    with pytest.raises(Conflict, match="too_many_secrets"):
        signing.rotated("f", NOW, timedelta(hours=24))
    assert signing.rotated("f", NOW, timedelta(0)).in_force(NOW) == ["f"]


# -- what is sent again


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (ReplayInput(), "what_to_replay"),
        (ReplayInput(since=NOW), "empty_span"),
        (ReplayInput(since=NOW - timedelta(hours=1), until=NOW - timedelta(hours=2)), "empty_span"),
        (ReplayInput(since=NOW - timedelta(days=31)), "no_longer_kept"),
    ],
)
def test_a_span_lies_within_what_is_kept(asked, code):
    with pytest.raises(Unprocessable, match=code):
        Replay.of_span(an_endpoint(), asked, NOW, timedelta(days=30))


def test_the_same_span_is_the_same_replay():
    endpoint, asked = an_endpoint(), ReplayInput(since=NOW - timedelta(hours=2), until=NOW - timedelta(hours=1))
    first = Replay.of_span(endpoint, asked, NOW, timedelta(days=30))
    assert Replay.of_span(endpoint, asked, NOW + timedelta(minutes=1), timedelta(days=30)).id == first.id
    assert first.is_for(asked)
    assert first.is_for(ReplayInput(since=asked.since))
    assert not first.is_for(ReplayInput(since=NOW - timedelta(hours=3)))
