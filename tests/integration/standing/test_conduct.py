"""Conduct of drivers, through the functions as API Gateway calls them, and the sweep over what is due."""

from contextlib import suppress
from uuid import uuid4

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.dispatch import assignment
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverChange
from crowdship.kernel.errors import Forbidden
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point
from crowdship.notify.channel import Channel
from crowdship.notify.drivers.notices import STANDING
from crowdship.notify.drivers.service import addressed
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.standing import due
from crowdship.standing import service as standing
from crowdship.standing.case import Case
from crowdship.stops import service as stops
from crowdship.zones import service as zones
from tests.city import AREA, City, put_zone, settings
from tests.faults import Lost, each_call_failing
from tests.integration.settlement.test_functions import Context, ask, function

pytestmark = pytest.mark.usefixtures("aws")

REQUEST = "3f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77"
EVENT = {
    "zone_id": "testville",
    "ground": "theft",
    "change": "decided",
    "level": "deactivation",
    "effective_on": "2026-06-17",
    "until": None,
    "appeal_until": "2026-07-01T12:00:00Z",
    "policy_id": "policy-1",
    "evidence_digest": "0" * 64,
    "actor": "ana",
}
TEXT = "Grounds, evidence, notice and appeal of a deactivation."


@pytest.fixture
def city():
    city = City.open()
    put_zone(settings().model_copy(update={"jurisdictions": ("US-WA-seattle",), "time_zone": "America/Los_Angeles"}))
    zones._cache.clear()
    return city


@pytest.fixture
def driver(city):
    driver = city.driver()
    staff(city, "POST", "policies", {"text": TEXT, "grounds": ["theft", "impairment", "own_lateness"]})
    return driver


def staff(city, method, path, body=None, username="ana", group="support", **query):
    module = function("console/standing", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/staff/{path}", username=username, group=group, body=body, **query)


def own(city, driver_id, method="GET", path="standing", body=None):
    module = function("driver/performance", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/driver/{path}", group="drivers", username=driver_id, body=body)


def opened(city, driver, ground="theft", request=REQUEST, evidence=None):
    asked = {"request_id": request, "ground": ground, "note": "It is gone.", "evidence": evidence or [report("r-17a")]}
    status, told = staff(city, "POST", f"drivers/{driver.id}/cases", asked)
    assert status == 201, told
    return told["case"]["id"]


def report(name):
    return {"kind": "report", "id": name}


def deactivated(city, driver):
    case = opened(city, driver, request=str(uuid4()))
    status, told = staff(city, "POST", f"cases/{case}/decide", {"level": "deactivation", "reasons": "Two bags."})
    assert status == 200, told
    return case


def sweep(city):
    return function("tasks/standing", city.clock).handler({}, Context())["changed"]


def events_of(case_id):
    return [event.data.get("change", event.type) for event in standing.get(case_id).events]


def test_a_deactivation_is_served_with_fourteen_days_in_seattle_and_bars_after_them(city, driver):
    case = deactivated(city, driver)
    _, told = own(city, driver.id)
    (shown,) = told["cases"]
    assert shown["notice"] == {"days": 14, "jurisdiction": "US-WA-seattle", "source": "SMC 8.40; SHRR 260"}
    assert shown["words"] == {
        "note": "It is gone.",
        "reasons": "Two bags.",
        "stop": None,
        "appeal": None,
        "answer": None,
    }
    assert "by" not in str(sorted(shown)) or "ana" not in str(shown)
    assert (told["barred"], shown["effective_on"]) == (False, "2026-06-17")
    assert told["policies"][0]["text"] == TEXT
    city.later(days=14)
    assert sweep(city) == 0
    assert drivers.get(driver.id).may_drive(city.clock.now())
    city.later(days=2)
    assert not drivers.get(driver.id).may_drive(city.clock.now())
    assert sweep(city) == 1
    assert sweep(city) == 0
    assert own(city, driver.id)[1]["barred"] is True
    with pytest.raises(Forbidden, match="deactivated"):
        drivers.get(driver.id).go_on_duty("testville", city.clock.now())
    assert standing.get(case).decision.effective_at == city.clock.now()


def test_who_is_on_the_road_when_a_level_takes_effect_finishes_and_takes_nothing_new(city, driver):
    order = city.assigned(driver)
    deactivated(city, driver)
    city.later(days=17)
    city.seen(driver, 500)
    assert drivers.get(driver.id).duty
    assert stops.depart(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    city.order(external_id="order-2")
    city.tick()
    assert city.offers(driver) == []


def test_the_end_of_an_earlier_case_does_not_lift_a_later_one(city, driver):
    first = opened(city, driver, "own_lateness", request="1f0c4a52-8f0e-4c1b-9f6e-0d2c7b1a5e77")
    assert staff(city, "POST", f"cases/{first}/decide", {"level": "warning", "reasons": "Late."})[0] == 200
    city.later(days=175)
    asked = {"level": "suspension", "days": 90, "reasons": "Two bags."}
    assert staff(city, "POST", f"cases/{opened(city, driver)}/decide", asked)[0] == 200
    city.later(days=20)
    assert sweep(city) == 2
    assert standing.get(first).decision.ended_at
    assert drivers.get(driver.id).standing.level == "suspension"
    assert not drivers.get(driver.id).may_drive(city.clock.now())


def test_a_case_that_fails_keeps_no_other_from_its_due_moment(city, driver, monkeypatch):
    cases = [deactivated(city, one) for one in (driver, city.driver(email="other@example.com"))]
    city.later(days=17)
    advanced = due._advance

    def failing(case_id, clock):
        if case_id == min(cases):
            raise RuntimeError("broken")
        return advanced(case_id, clock)

    monkeypatch.setattr(due, "_advance", failing)
    with pytest.raises(ExceptionGroup):
        due.sweep(city.clock)
    assert standing.get(max(cases)).decision.effective_at


def test_the_mail_about_a_decision_has_its_reasons_and_dates_in_three_languages(city, driver):
    case = deactivated(city, driver)
    data = {**EVENT, "case_id": case, "driver_id": driver.id}
    event = DomainEvent(id="evt_1", type="standing.changed", time=city.clock.now(), subject=case, sequence=1, data=data)
    (told,) = addressed(STANDING, event, city.clock)
    letter = told.texts.letter(city.clock.now())
    assert told.addresses[Channel.EMAIL] == "ana@example.com"
    for words in ("From 2026-06-17 you get no work", "Desde el 2026-06-17", "Ab 2026-06-17", "Two bags."):
        assert words in letter.text


def test_an_appeal_is_answered_by_another_person_and_overturned_gives_work_back(city, driver):
    case = deactivated(city, driver)
    city.later(days=20)
    sweep(city)
    status, told = own(city, driver.id, "POST", f"cases/{case}/appeal", {"words": "The shop kept both bags."})
    assert (status, told["cases"][0]["may_appeal"]) == (200, False)
    assert own(city, driver.id, "POST", f"cases/{case}/appeal", {"words": "Again."})[1]["code"] == "appealed_already"
    (line,) = staff(city, "GET", "cases", waits_for="appeal")[1]["cases"]
    assert (line["words"]["appeal"], line["intact"]) == ("The shop kept both bags.", True)
    answer = {"outcome": "overturned", "words": "The shop found them."}
    assert staff(city, "POST", f"cases/{case}/answer", answer)[1]["code"] == "same_person"
    assert staff(city, "POST", f"cases/{case}/answer", answer, username="ben")[0] == 200
    assert drivers.get(driver.id).may_drive(city.clock.now())
    assert staff(city, "POST", f"cases/{case}/answer", answer, username="ben")[1]["code"] == "answered_already"
    assert own(city, driver.id)[1]["cases"][0]["appeal"]["outcome"] == "overturned"


def test_another_drivers_case_cannot_be_seen_or_appealed(city, driver):
    case = deactivated(city, driver)
    other = city.driver(email="other@example.com")
    assert own(city, other.id)[1]["cases"] == []
    assert own(city, other.id, "POST", f"cases/{case}/appeal", {"words": "Mine?"})[1]["code"] == "no_such_case"


def test_a_dispatcher_may_stop_a_danger_and_may_not_decide(city, driver):
    case = opened(city, driver, "impairment")
    status, told = staff(city, "POST", f"cases/{case}/stop", {"reason": "Drunk."}, group="dispatcher")
    assert (status, told["waits_for"]) == (200, "review")
    assert not drivers.get(driver.id).may_drive(city.clock.now())
    asked = {"level": "deactivation", "reasons": "Drunk."}
    assert staff(city, "POST", f"cases/{case}/decide", asked, group="dispatcher")[1]["code"] == "wrong_role"


def test_a_stop_that_nobody_reviews_lifts_by_itself_and_rings(city, driver, capsys):
    case = opened(city, driver, "impairment")
    staff(city, "POST", f"cases/{case}/stop", {"reason": "Drunk."})
    city.later(days=5)
    assert drivers.get(driver.id).may_drive(city.clock.now())
    assert sweep(city) == 1
    assert "SafetyStopsLapsed" in capsys.readouterr().out
    assert drivers.get(driver.id).standing.level == "good"


def test_an_appeal_without_an_answer_in_two_weeks_rings_once(city, driver, capsys):
    case = deactivated(city, driver)
    own(city, driver.id, "POST", f"cases/{case}/appeal", {"words": "No."})
    city.later(days=14)
    sweep(city)
    assert "AppealsOverdue" in capsys.readouterr().out
    city.later(days=1)
    sweep(city)
    assert "AppealsOverdue" not in capsys.readouterr().out


def test_of_two_people_who_decide_at_once_one_is_refused(city, driver, monkeypatch):
    case = opened(city, driver)
    commit, done = UnitOfWork.commit, []

    def racing(work):
        if not done:
            done.append(True)
            answer = staff(
                city, "POST", f"cases/{case}/decide", {"level": "warning", "reasons": "Ben's."}, username="ben"
            )
            assert answer[0] == 200
        commit(work)

    monkeypatch.setattr(UnitOfWork, "commit", racing)
    status, told = staff(city, "POST", f"cases/{case}/decide", {"level": "deactivation", "reasons": "Ana's."})
    assert (status, told["code"]) == (409, "decided_already")
    assert drivers.get(driver.id).standing.level == "warning"
    assert standing.words_of([standing.get(case)]) == {
        standing.get(case).token("note"): "It is gone.",
        standing.get(case).token("reasons"): "Ben's.",
    }


def test_the_same_request_is_the_same_case_and_another_one_is_refused(city, driver):
    case = opened(city, driver)
    assert opened(city, driver) == case
    asked = {"request_id": REQUEST, "ground": "theft", "note": "x", "evidence": [report("other-1")]}
    assert staff(city, "POST", f"drivers/{driver.id}/cases", asked)[1]["code"] == "request_id_used"


def test_evidence_is_of_this_driver_and_its_change_is_seen(city, driver):
    order = city.assigned(driver)
    other = city.driver(email="other@example.com")
    asked = {"request_id": REQUEST, "ground": "theft", "note": "x", "evidence": [{"kind": "delivery", "id": order.id}]}
    told = staff(city, "POST", f"drivers/{other.id}/cases", asked)[1]
    assert (told["code"], told["errors"][0]["pointer"]) == ("not_their_delivery", "/evidence/0/id")
    case = opened(city, driver, evidence=asked["evidence"])
    assert staff(city, "GET", f"cases/{case}")[1]["intact"] is True

    def forged(delivery):
        step = delivery.timeline[0].model_copy(update={"actor": "mallory"})
        return delivery.with_changes(timeline=(step, *delivery.timeline[1:]))

    deliveries.change(order.id, forged)
    assert staff(city, "GET", f"cases/{case}")[1]["intact"] is False


def test_without_a_policy_nothing_is_decided(city):
    driver = city.driver()
    case = opened(city, driver)
    asked = {"level": "warning", "reasons": "x"}
    assert staff(city, "POST", f"cases/{case}/decide", asked)[1]["code"] == "no_policy"


def test_the_same_policy_again_is_the_same_version(city):
    asked = {"text": TEXT, "grounds": ["theft"]}
    versions = [staff(city, "POST", "policies", asked)[1]["version"] for _ in range(2)]
    assert versions == [1, 1]
    assert staff(city, "POST", "policies", {**asked, "text": TEXT + " New."})[1]["version"] == 2


@pytest.mark.parametrize("lost", list(Lost))
def test_a_sweep_that_dies_on_the_way_is_finished_by_the_next(city, driver, lost):
    deactivated(city, driver)
    city.later(days=17)
    for faulty in each_call_failing(lost, dies=True):
        with suppress(ExceptionGroup), faulty:  # the sweep tells what failed; the next one makes up for it
            sweep(city)
    sweep(city)
    (case,) = standing.of_driver(driver.id)
    assert case.decision.effective_at
    assert sweep(city) == 0


def test_words_go_with_the_driver_and_the_case_stays(city, driver):
    deactivated(city, driver)
    cases, words = standing.held(driver.id)
    assert (len(cases), len(words)) == (1, 2)
    standing.erase_words(driver.id)
    cases, words = standing.held(driver.id)
    assert (len(cases), words) == (1, {})


def test_a_driver_who_was_taken_off_duty_keeps_the_standing_they_had(city, driver):
    duty.end(driver.id, city.clock)
    deactivated(city, driver)
    assert drivers.get(driver.id).standing.level == "deactivation"


def test_who_is_stopped_loses_what_they_have_not_fetched_and_finishes_what_is_on_board(city, driver):
    fetched = city.assigned(driver)
    stops.depart(fetched.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.arrive(fetched.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(fetched.id, driver.id, None, city.clock)
    left = city.order("order-2")
    assignment.assign_by_hand(left.id, driver.id, "ana", city.clock)
    case = opened(city, driver, "impairment")
    assert staff(city, "POST", f"cases/{case}/stop", {"reason": "Drunk."})[0] == 200
    assert deliveries.get(left.id).driver_id is None
    assert deliveries.get(fetched.id).driver_id == driver.id
    assert {stop.delivery_id for stop in routing.of(driver.id).stops} == {fetched.id}
    assert standing.get(case).due_at == standing.get(case).stop.review_by


def test_what_was_not_fetched_when_a_notice_has_run_goes_to_others_by_the_sweep(city, driver):
    order = city.assigned(driver)
    deactivated(city, driver)
    city.later(days=14)
    sweep(city)
    assert deliveries.get(order.id).driver_id == driver.id
    city.later(days=3)
    sweep(city)
    assert deliveries.get(order.id).driver_id is None


def test_a_stop_that_dies_before_the_work_is_taken_is_made_up_for_by_the_sweep(city, driver, monkeypatch):
    order = city.assigned(driver)
    case = opened(city, driver, "impairment")
    with monkeypatch.context() as broken:
        broken.setattr(duty, "withdraw", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            standing.stop(case, "Drunk.", "ana", city.clock, city.clock)
    assert deliveries.get(order.id).driver_id == driver.id
    sweep(city)
    assert deliveries.get(order.id).driver_id is None


def test_of_two_decisions_on_two_cases_at_once_the_graver_is_not_written_over(city, driver, monkeypatch):
    grave, slight = opened(city, driver), opened(city, driver, "own_lateness", str(uuid4()), [report("late-1")])
    with_words, done = standing._with_words, []

    def racing(*args):
        if not done:
            done.append(True)
            asked = {"level": "deactivation", "reasons": "Ben's."}
            assert staff(city, "POST", f"cases/{grave}/decide", asked, username="ben")[0] == 200
        return with_words(*args)

    monkeypatch.setattr(standing, "_with_words", racing)
    told = staff(city, "POST", f"cases/{slight}/decide", {"level": "warning", "reasons": "Ana's."})[1]
    assert told["code"] == "wrong_level"
    assert drivers.get(driver.id).standing.level == "deactivation"


def test_an_emergency_stop_is_no_level_that_another_case_builds_on(city, driver):
    danger, slight = (
        opened(city, driver, "impairment"),
        opened(city, driver, "own_lateness", str(uuid4()), [report("late-1")]),
    )
    staff(city, "POST", f"cases/{danger}/stop", {"reason": "Drunk."})
    asked = {"level": "deactivation", "reasons": "Late."}
    assert staff(city, "POST", f"cases/{slight}/decide", asked)[1]["code"] == "stopped_by_another_case"
    city.later(days=5)
    assert staff(city, "POST", f"cases/{slight}/decide", asked)[1]["code"] == "wrong_level"
    assert staff(city, "POST", f"cases/{slight}/decide", {**asked, "level": "warning"})[0] == 200
    sweep(city)
    assert drivers.get(driver.id).standing.level == "warning"


def test_a_case_that_fails_does_not_keep_the_others_from_their_time(city, driver, monkeypatch):
    deactivated(city, driver)
    other = city.driver(email="other@example.com")
    second = opened(city, other, request=str(uuid4()))
    staff(city, "POST", f"cases/{second}/decide", {"level": "deactivation", "reasons": "Two bags."})
    city.later(days=17)
    get = standing.get
    monkeypatch.setattr(standing, "get", lambda name: get(name) if name == second else 1 / 0)
    with pytest.raises(ExceptionGroup):
        sweep(city)
    monkeypatch.undo()
    assert standing.get(second).decision.effective_at
    assert sweep(city) == 1


def test_a_home_that_moves_while_a_case_is_open_does_not_shorten_the_notice(city, driver):
    case = opened(city, driver)
    area = tuple(Point(lat=one.lat + 1, lon=one.lon) for one in AREA)
    zones.put("elsewhere", settings().model_copy(update={"area": area}))
    drivers.change(driver.id, DriverChange(home_zone_id="elsewhere"))
    told = staff(city, "POST", f"cases/{case}/decide", {"level": "deactivation", "reasons": "Two bags."})[1]
    assert told["case"]["decision"]["terms"]["notice"]["days"] == 14


def test_the_end_of_a_level_that_a_graver_case_replaced_tells_nobody_that_they_can_work(city, driver, monkeypatch):
    first, second = opened(city, driver), opened(city, driver, "impairment", str(uuid4()), [report("bottle-1")])
    asked = {"level": "suspension", "days": 7, "reasons": "Two bags."}
    assert staff(city, "POST", f"cases/{first}/decide", asked)[0] == 200
    asked = {"level": "deactivation", "reasons": "Drunk."}
    assert staff(city, "POST", f"cases/{second}/decide", asked)[0] == 200
    city.later(days=40)
    tell, told = Case._told, []
    monkeypatch.setattr(Case, "_told", lambda case, *said: told.append((case.id, str(said[0]))) or tell(case, *said))
    assert sweep(city) == 2
    assert standing.get(first).decision.ended_at
    assert told == [(second, "effective")]
    assert drivers.get(driver.id).standing.level == "deactivation"
