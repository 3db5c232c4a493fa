"""Thousands of random lives: nobody is removed by a program, and every notice is kept."""

from crowdship.drivers.standing import Level, Standing
from crowdship.standing.case import Case
from tests.unit.standing.lives import NEVER, lives


def test_no_program_lowers_a_standing_and_every_notice_period_is_kept():
    seen = lives(1500)
    assert {name: seen[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    happened = ("deactivated", "served", "stopped", "appealed", "answered", "dismissed", "proposed", "swept", "refused")
    assert all(seen[name] > 100 for name in happened), seen


def test_the_lives_find_a_notice_that_is_too_short(monkeypatch):
    monkeypatch.setattr("crowdship.standing.case.effective_on", lambda served, days: served.date())
    assert lives(100)["notice broken"] > 0


def test_the_lives_find_time_that_removes_somebody(monkeypatch):
    def removing(case, now):
        return case, Standing(level=Level.DEACTIVATION, case_id=case.id, barred_from=now.date())

    monkeypatch.setattr(Case, "advanced", removing)
    seen = lives(100)
    assert seen["automatic"] > 0
    assert seen["barred by time"] > 0
