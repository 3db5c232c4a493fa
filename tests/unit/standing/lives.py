"""Random lives of drivers: people and time act on their cases in any order, and what must never happen is counted."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crowdship.drivers.standing import Level, Standing
from crowdship.kernel.errors import Refusal
from crowdship.standing.case import Case
from crowdship.standing.evidence import EvidenceItem, Reference
from crowdship.standing.grounds import ConductGround
from crowdship.standing.policy import ConductPolicy, ConductPolicyInput, policy_for
from crowdship.standing.terms import begins, day_of, terms_in
from crowdship.standing.values import SYSTEM, AppealOutcome

START = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "Grounds, evidence, notice and appeal of a deactivation."
POLICIES = [
    ConductPolicy.published(ConductPolicyInput(text=f"{TEXT} {n}", grounds=tuple(ConductGround)), n, "ana", at)
    for n, at in ((1, START), (2, START + timedelta(days=90)))
]
EVIDENCE = (EvidenceItem.of(Reference(kind="report", id="report-1"), None),)
HOMES = (
    (("US", "US-WA", "US-WA-seattle"), "America/Los_Angeles"),
    (("US", "US-CO"), "America/Denver"),
    (("US", "US-NY", "US-NY-new-york-city"), "America/New_York"),
    (("EU", "DE"), "Europe/Berlin"),
    (("US", "US-TX"), "America/Chicago"),
    ((), "Pacific/Kiritimati"),
)
PEOPLE = ("ana", "ben", "eve")
LEVELS = tuple(Level)
GROUNDS = tuple(ConductGround)


@dataclass
class Life:
    """A driver, their cases, and the time that passes."""

    rng: random.Random
    now: datetime = START
    standing: Standing = field(default_factory=Standing)
    cases: list[Case] = field(default_factory=list)
    seen: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.where, self.zone = self.rng.choice(HOMES)

    def live(self, acts: int) -> Counter:
        """Play some acts and return what happened."""
        for _ in range(acts):
            self.now += timedelta(seconds=self.rng.choice((0, 60, 7200, 86_399, 86_400, 400_000, 1_300_000)))
            self.rng.choice((self.open, self.stop, self.decide, self.decide, self.appeal, self.answer, self.dismiss))()
            if self.rng.random() < 0.6:
                self.sweep()
        return self.seen

    def open(self):
        """Let a person or the system open a case."""
        by = self.rng.choice((*PEOPLE, SYSTEM))
        name = f"cas_{len(self.cases)}"
        ground = self.rng.choice(GROUNDS)
        self.cases.append(Case.opened(name, "drv_1", "loop", self.zone, ground, EVIDENCE, by, self.now))
        self.seen["proposed" if by == SYSTEM else "opened"] += 1

    def _act(self, name, act):
        if not self.cases:
            return
        number = self.rng.randrange(max(0, len(self.cases) - 3), len(self.cases))
        before = self.cases[number]
        try:
            after, standing = act(before)
        except Refusal:
            self.seen["refused"] += 1
            return
        self.cases[number] = after
        self.seen[name] += 1
        self._take(after, standing)

    def _take(self, case, standing):
        if standing is not None and case.id in (standing.case_id, self.standing.case_id):
            self.standing = standing

    def stop(self):
        """Let a person suspend the driver at once."""
        self._act("stopped", lambda case: case.stopped(self.now, self.rng.choice(PEOPLE), self.standing))

    def decide(self):
        """Let a person decide, and check the notice."""

        def decided(case):
            terms = terms_in(self.where, self.now)
            policy = policy_for(POLICIES, case.ground, terms.policy.days, self.now)
            level = self.rng.choice(LEVELS[1:])
            timed = level in (Level.PROBATION, Level.SUSPENSION)
            days = self.rng.choice((7, 30)) if timed else None
            after, standing = case.decided(level, days, policy, terms, self.now, self.rng.choice(PEOPLE), self.standing)
            self._check(case, after, standing)
            return after, standing

        self._act("decided", decided)

    def _check(self, before, case, standing):
        made = case.decision
        if policy := next(one for one in POLICIES if one.id == made.policy_id):
            self.seen["policy too young"] += policy.enforceable_from(made.terms.policy.days) > self.now
        if made.level is Level.DEACTIVATION:
            self.seen["deactivated"] += 1
        if standing.barred_from is None or (before.is_stopped and self.now < before.stop.review_by):
            return
        first = begins(standing.barred_from, self.zone)
        self.seen["served"] += 1
        self.seen["notice broken"] += first < self.now + timedelta(days=made.terms.notice.days)

    def appeal(self):
        """Let the driver appeal."""
        self._act("appealed", lambda case: (case.appealed(self.now), None))

    def answer(self):
        """Let a person answer an appeal."""
        outcome, by = self.rng.choice(tuple(AppealOutcome)), self.rng.choice(PEOPLE)

        def answered(case):
            result = case.answered(outcome, self.now, by)
            self.seen["answered by who decided"] += by == case.decision.by
            return result

        self._act("answered", answered)

    def dismiss(self):
        """Let a person dismiss a case."""
        self._act("dismissed", lambda case: case.dismissed(self.now, self.rng.choice(PEOPLE)))

    def sweep(self):
        """Let time do its part; it must never make a standing worse, nor bar a driver whom nobody barred."""
        for number, case in enumerate(self.cases):
            after, standing = case.advanced(self.now)
            self.cases[number] = after
            before, today = self.standing, day_of(self.now, self.zone)
            self._take(after, standing)
            worse = self.standing.level.step > before.level.step and before.counts(today)
            barred = self.standing.bars(today) and not before.bars(today)
            self.seen["automatic"] += worse and not self._decided_by_a_person()
            self.seen["barred by time"] += barred and not self._decided_by_a_person()
            self.seen["swept"] += after is not case
            if after.stop and not after.is_closed and self.now >= after.stop.review_by:
                held = self.standing.case_id == after.id and self.standing.bars(today)
                self.seen["stop without review"] += held

    def _decided_by_a_person(self):
        case = next((one for one in self.cases if one.id == self.standing.case_id), None)
        return case is None or (case.decision is not None and case.decision.by in PEOPLE) or case.stop is not None


NEVER = (
    "automatic",
    "barred by time",
    "notice broken",
    "answered by who decided",
    "policy too young",
    "stop without review",
)
"""Faults that no life may have."""


def lives(count, acts=25, seed=1):
    """Return what happened in so many lives."""
    seen = Counter(dict.fromkeys(NEVER, 0))
    rng = random.Random(seed)
    for _ in range(count):
        seen += Counter(Life(random.Random(rng.random())).live(acts))
    return seen
