from types import SimpleNamespace

import pytest

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.onboarding import entrance
from crowdship.onboarding.requests import ApplicationInput


class Wall:
    """Time that passes only by what is done in it."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def wall(monkeypatch):
    wall = Wall()
    monkeypatch.setattr(entrance, "time", SimpleNamespace(monotonic=wall.monotonic, sleep=wall.sleep))
    return wall


def application(**changes):
    given = {"name": "Nia", "email": "nia@example.com", "phone": "+13125550177", "zone_id": "testville"}
    return ApplicationInput.model_validate({**given, "vehicle": "car", **changes})


def apply(office, wall, key, invite=lambda *_: None, **changes):
    """Return the seconds that an application takes."""
    began = wall.now
    entrance.apply_once(application(**changes), key, "hashing", invite, office.clock)
    return wall.now - began


def test_an_answer_takes_as_long_for_who_applied_before_or_signs_in_already(office, wall):
    def slow(*_):
        wall.now += 0.7

    def taken(*_):
        wall.now += 0.2
        raise Conflict("email_in_use", "taken")

    times = [
        apply(office, wall, "new", slow),
        apply(office, wall, "again", slow),
        apply(office, wall, "again", slow),
        apply(office, wall, "other", taken, email="staff@example.com"),
    ]
    assert times == [pytest.approx(entrance.ANSWERED_AFTER_S)] * 4


def test_a_refusal_takes_as_long_and_a_slow_answer_no_longer(office, wall):
    def very_slow(*_):
        wall.now += 4

    with pytest.raises(Unprocessable, match="no_such_zone"):
        apply(office, wall, "nowhere", zone_id="atlantis")
    assert wall.now == pytest.approx(100 + entrance.ANSWERED_AFTER_S)
    assert apply(office, wall, "slow", very_slow) == pytest.approx(4)
