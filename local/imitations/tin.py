"""The imitated TIN Matching of the tax agency: slow, down, with each of its answers, also two different ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TIN_KEY = "a-key-that-only-local-tin-matching-knows"

PAYER = {
    "payer_name": "Crowdship Sample Inc.",
    "payer_tin": "123456789",
    "payer_street": "1 Sample Plaza",
    "payer_city": "Chicago",
    "payer_state": "IL",
    "payer_zip": "60601",
    "payer_phone": "312-555-0100",
}
"""The payer as the secret of a stage has it."""


@dataclass
class TinMatching:
    """The agency: it takes one question for each reference, and has the answer after some looks.

    A number that ends in 000 to 008 is answered with that code, any other one matches. A story tells otherwise by
    ``codes``.

    Attributes
    ----------
    questions
        Questions by reference.
    codes
        Answers to a number by its nine digits, one after the other; the last one stays.
    looks
        How often an answer is asked for in vain before it is there.
    asked
        Number of calls, also repeated and refused ones.
    """

    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, list[int]] = field(default_factory=dict)
    looks: int = 0
    down: int = 0
    asked: int = 0
    _looked: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one call."""
        with self.lock:
            self.asked += 1
            if headers.get("authorization") != f"Bearer {TIN_KEY}":
                return 401, {"reason": "unknown key"}
            if self.down:
                self.down -= 1
                return 503, {"reason": "closed on Sundays"}
            if method == "POST" and path == "/matches":
                question = json.loads(body)
                self.questions.setdefault(question["reference"], question)
                return 202, {"reference": question["reference"]}
            reference = path.removeprefix("/matches/")
            if method != "GET" or reference not in self.questions:
                return 404, {"reason": "no such question"}
            looked = self._looked[reference] = self._looked.get(reference, 0) + 1
            if looked <= self.looks:
                return 200, {"state": "pending"}
            return 200, {"state": "answered", "code": self._code(self.questions[reference]["tin"])}

    def _code(self, tin: str) -> int:
        planned = self.codes.get(tin)
        if planned:
            return planned.pop(0) if len(planned) > 1 else planned[0]
        ending = int(tin[-3:])
        return ending if ending <= 8 else 0
