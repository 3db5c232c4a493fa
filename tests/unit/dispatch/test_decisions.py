"""Records of rounds: every part of one fits into a row."""

import random
from datetime import timedelta

import pytest

from crowdship.dispatch.decisions.model import MOST_TOGETHER, Decided, Decision, RoundRecord
from crowdship.dispatch.decisions.rules import MOST_EXCLUDED, MOST_UNAVAILABLE
from crowdship.dispatch.eligibility import Ineligible
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.scoring import SCORE_PARTS
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import new_id
from crowdship.kernel.money import Money
from tests.city import NOON

ROW_BYTES = 400_000


@pytest.mark.parametrize("asked_at_once", [20, 200], ids=["usual", "the most that a zone may ask"])
def test_every_part_of_a_round_fits_into_a_row_and_nothing_is_lost(asked_at_once):
    rng, drivers = random.Random(1), [new_id("drv") for _ in range(2000)]

    def compared(driver_id):
        parts = {name: round(rng.random() * 900, 1) for name in SCORE_PARTS}
        return Candidate(driver_id=driver_id, score=1234.5, acceptance=round(rng.random(), 3), parts=parts)

    def decision():
        mine = rng.sample(drivers, asked_at_once + MOST_EXCLUDED)
        return Decision(
            kind=Decided.OFFERED,
            delivery_ids=tuple(new_id("dlv") for _ in range(4)),
            offer_id=new_id("ofr"),
            asked=tuple(mine[:asked_at_once]),
            scored=tuple(map(compared, mine[:asked_at_once])),
            excluded={name: rng.choice(list(Ineligible)) for name in mine[asked_at_once:]},
            pay=Money(amount=rng.randrange(10_000), currency="USD"),
            pickup=Point(lat=round(41 + rng.random(), 3), lon=round(-87 + rng.random(), 3)),
        )

    record = RoundRecord(
        zone_id="testville",
        at=NOON + timedelta(microseconds=1),
        drivers=2000,
        unavailable={name: rng.choice(list(Ineligible)) for name in drivers[:MOST_UNAVAILABLE]},
        decisions=tuple(decision() for _ in range(MOST_TOGETHER + 1)),
    )
    parts = list(record.parts())
    assert max(len(part.packed()) for part in parts) < ROW_BYTES
    assert tuple(one for part in parts for one in part.decisions) == record.decisions
