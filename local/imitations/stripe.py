"""The imitation of Stripe Connect, as its API reference and the guides on idempotency and webhooks describe it.

Known are connected accounts, transfers with their reversals, payouts and events. Payouts move on when the imitated day
goes on (``tick``), and each change is an event that is signed and delivered. Every fault can be written down before, by
the driver's connected account.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.imitations.stripe_events import Outbox

STRIPE_KEY = "sk_test_a_key_that_only_the_local_stripe_knows"
KEYS_KEPT = timedelta(hours=24)
"""Time after which an idempotency key is forgotten."""

REVERSIBLE = timedelta(days=90)

type Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Script:
    """Script for the payouts of one connected account.

    Attributes
    ----------
    refuse_transfer, refuse_payout, refuse_instant, refuse_reversal
        Code of the refusal.
    fail_with
        Failure code of a payout that was accepted.
    fails_after
        Imitated time from the arrival to the failure; zero fails instead of arriving.
    arrives_after
        Imitated time from the acceptance of a standard payout to its arrival.
    events_each
        How often each event is delivered.
    answer_500_after, answer_500_before
        How many requests that make something are answered with 500, after they did it or before.
    delay_s
        Wall seconds before an answer.
    """

    refuse_transfer: str | None = None
    refuse_payout: str | None = None
    refuse_instant: str | None = None
    refuse_reversal: str | None = None
    fail_with: str | None = None
    fails_after: timedelta = timedelta(0)
    arrives_after: timedelta = timedelta(days=2)
    events_each: int = 1
    answer_500_after: int = 0
    answer_500_before: int = 0
    delay_s: float = 0.0


@dataclass
class Kept:
    """The first request under an idempotency key, and its answer."""

    request: str
    answer: Answer
    at: datetime


class Refused(Exception):  # noqa: N818 - an answer
    """A request that is answered with an error."""

    def __init__(self, code: str, *, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.status, self.kind, self.code = status, kind, code

    @property
    def answer(self) -> Answer:
        """The answer."""
        told = {"type": self.kind, "code": self.code, "message": f"Refused: {self.code}."}
        return self.status, {"error": told}


@dataclass
class Stripe:
    """The platform's account at Stripe.

    Attributes
    ----------
    now
        Imitated time.
    scripts
        By connected account.
    lists_lag
        True while lists do not have what was made.
    refused
        Requests that were answered with an error, by code.
    outbox
        Events that are to be delivered.
    asked
        Number of requests by method and path without ids.
    """

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    payouts: dict[str, dict[str, Any]] = field(default_factory=dict)
    balances: Counter[str] = field(default_factory=Counter)
    scripts: dict[str, Script] = field(default_factory=dict)
    keys: dict[tuple[str, str], Kept] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stumbles: Counter[tuple[str, str]] = field(default_factory=Counter)
    unavailable_until: float = 0.0
    lists_lag: bool = False
    made: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request; names of headers are in lower case."""
        target = urlsplit(path)
        sent = dict(parse_qsl(body.decode() if method == "POST" else target.query, keep_blank_values=True))
        with self.lock:
            self.asked[f"{method} {re.sub(r'/[a-z]+_[0-9a-z]+', '', target.path)}"] += 1
            answer = self._answer(method, target.path, headers, sent)
            if "error" in answer[1]:
                self.refused[str(answer[1]["error"].get("code"))] += 1
            delay = self._script(sent.get("destination") or headers.get("stripe-account", "")).delay_s
        time.sleep(delay)
        return answer

    def _answer(self, method: str, path: str, headers: Mapping[str, str], sent: dict[str, str]) -> Answer:
        if headers.get("authorization") not in (f"Bearer {STRIPE_KEY}", STRIPE_KEY):
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
        if time.monotonic() < self.unavailable_until:
            return 503, {"error": {"type": "api_error", "message": "Out of order for a moment"}}
        act = self._act(method, path)
        if act is None:
            return Refused("resource_missing", status=404).answer
        account = headers.get("stripe-account", "")
        if account and account not in self.accounts:
            return Refused("account_invalid", status=403).answer
        key = headers.get("idempotency-key")
        if method != "POST" or not key:
            return self._done(act, account, sent)
        return self._once((account, key), f"{path} {json.dumps(sent, sort_keys=True)}", act, account, sent)

    def _once(
        self,
        key: tuple[str, str],
        request: str,
        act: Callable[[str, dict[str, str]], dict[str, Any]],
        account: str,
        sent: dict[str, str],
    ) -> Answer:
        """Answer as under this idempotency key before, also if that was a 500."""
        kept = self.keys.get(key)
        if kept and self.now - kept.at < KEYS_KEPT:
            if kept.request != request:
                return Refused("idempotency_key_reused", kind="idempotency_error").answer
            return kept.answer
        who = account or sent.get("destination", "")
        broken: Answer = 500, {"error": {"type": "api_error", "message": "Something went wrong"}}
        if self._stumbles(who, "before", self._script(who).answer_500_before):
            return broken  # it did not begin, so nothing is kept
        answer = self._done(act, account, sent)
        if answer[0] < 300 and self._stumbles(who, "after", self._script(who).answer_500_after):
            answer = broken
        self.keys[key] = Kept(request, answer, self.now)
        return answer

    def _stumbles(self, who: str, when: str, most: int) -> bool:
        if self.stumbles[who, when] >= most:
            return False
        self.stumbles[who, when] += 1
        return True

    @staticmethod
    def _done(act: Callable[[str, dict[str, str]], dict[str, Any]], account: str, sent: dict[str, str]) -> Answer:
        try:
            return 200, act(account, sent)
        except Refused as refused:
            return refused.answer

    def _act(self, method: str, path: str) -> Callable[[str, dict[str, str]], dict[str, Any]] | None:
        match [method, *path.strip("/").split("/")[1:]]:
            case ["POST", "accounts"]:
                return self._open
            case ["GET", "accounts", account]:
                return lambda _, sent: self._found(self.accounts, account)
            case ["POST", "transfers"]:
                return self._transfer
            case ["GET", "transfers"]:
                return self._list_transfers
            case ["GET", "transfers", transfer]:
                return lambda _, sent: self._found(self.transfers, transfer)
            case ["POST", "transfers", transfer, "reversals"]:
                return lambda _, sent: self._reverse(transfer, sent)
            case ["POST", "payouts"]:
                return self._pay_out
            case ["GET", "payouts"]:
                return self._list_payouts
            case ["GET", "payouts", payout]:
                return lambda account, sent: self._found(self.payouts, payout)
        return None

    def _script(self, account: str) -> Script:
        return self.scripts.get(account, Script())

    @staticmethod
    def _found(among: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
        if name not in among:
            raise Refused("resource_missing", status=404)
        return among[name]

    def _name(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made:014d}"

    def open_account(self) -> str:
        """Open a connected account whose owner told all that Stripe asks for; return its id."""
        with self.lock:
            return str(self._open("", {})["id"])

    def _open(self, account: str, sent: dict[str, str]) -> dict[str, Any]:
        made = {"id": self._name("acct"), "object": "account", "country": sent.get("country", "US")}
        self.accounts[made["id"]] = {**made, "metadata": _within(sent, "metadata"), "payouts_enabled": True}
        return self.accounts[made["id"]]

    def _transfer(self, account: str, sent: dict[str, str]) -> dict[str, Any]:
        destination = self._found(self.accounts, sent["destination"])["id"]
        if code := self._script(destination).refuse_transfer:
            raise Refused(code)
        made = {
            "id": self._name("tr"),
            "object": "transfer",
            "amount": int(sent["amount"]),
            "amount_reversed": 0,
            "created": int(self.now.timestamp()),
            "currency": sent["currency"],
            "destination": destination,
            "metadata": _within(sent, "metadata"),
            "reversals": {"object": "list", "data": [], "has_more": False, "url": ""},
            "reversed": False,
            "transfer_group": sent.get("transfer_group"),
        }
        self.transfers[made["id"]] = made
        self.balances[destination] += made["amount"]
        return made

    def _list_transfers(self, account: str, sent: dict[str, str]) -> dict[str, Any]:
        group = sent.get("transfer_group")
        found = [one for one in self.transfers.values() if group in (None, one["transfer_group"])]
        return _listed([] if self.lists_lag else found, sent)

    def _reverse(self, transfer_id: str, sent: dict[str, str]) -> dict[str, Any]:
        transfer = self._found(self.transfers, transfer_id)
        destination, amount = transfer["destination"], transfer["amount"]
        if transfer["reversed"]:
            raise Refused("transfer_already_reversed")
        if code := self._script(destination).refuse_reversal:
            raise Refused(code)
        if self.balances[destination] < amount:
            raise Refused("insufficient_funds")
        made = {
            "id": self._name("trr"),
            "object": "transfer_reversal",
            "amount": amount,
            "metadata": _within(sent, "metadata"),
            "transfer": transfer_id,
        }
        self.balances[destination] -= amount
        transfer.update(reversed=True, amount_reversed=amount)
        transfer["reversals"]["data"].append(made)
        self._tell("transfer.reversed", transfer, destination)
        return made

    def _pay_out(self, account: str, sent: dict[str, str]) -> dict[str, Any]:
        script, amount, method = self._script(account), int(sent["amount"]), sent.get("method", "standard")
        if code := script.refuse_payout:
            raise Refused(code)
        if method == "instant" and (code := script.refuse_instant):
            raise Refused(code)
        if self.balances[account] < amount:
            raise Refused("balance_insufficient")
        takes = timedelta(minutes=30) if method == "instant" else script.arrives_after
        made: dict[str, Any] = {
            "id": self._name("po"),
            "object": "payout",
            "amount": amount,
            "account": account,
            "arrives_at": (self.now + takes).timestamp(),
            "created": int(self.now.timestamp()),
            "currency": sent["currency"],
            "failure_code": None,
            "metadata": _within(sent, "metadata"),
            "method": method,
            "statement_descriptor": sent.get("statement_descriptor"),
            "status": "pending",
        }
        self.payouts[made["id"]] = made
        self.balances[account] -= amount
        self._tell("payout.created", made, account)
        return made

    def _list_payouts(self, account: str, sent: dict[str, str]) -> dict[str, Any]:
        since = int(sent.get("created[gte]", 0))
        mine = [one for one in self.payouts.values() if one["account"] == account and one["created"] >= since]
        return _listed(mine, sent)

    def cancel(self, payout_id: str) -> None:
        """Cancel a payout that is pending; its money is at the connected account again."""
        with self.lock:
            self._end(self.payouts[payout_id], "canceled", None)

    def tick(self, now: datetime) -> None:
        """Let the imitated time go on: payouts are sent, arrive and fail as their scripts say."""
        with self.lock:
            self.now = now
            for payout in list(self.payouts.values()):
                self._move(payout, self._script(payout["account"]))

    def _move(self, payout: dict[str, Any], script: Script) -> None:
        arrives = datetime.fromtimestamp(payout["arrives_at"], UTC)
        if payout["status"] == "pending":
            payout["status"] = "in_transit"
            self._tell("payout.updated", payout, payout["account"])
        if (
            payout["status"] == "in_transit"
            and self.now >= arrives
            and not (script.fail_with and not script.fails_after)
        ):
            payout["status"] = "paid"
            self._tell("payout.paid", payout, payout["account"])
        if script.fail_with and payout["status"] in ("in_transit", "paid") and self.now >= arrives + script.fails_after:
            self._end(payout, "failed", script.fail_with)

    def _end(self, payout: dict[str, Any], status: str, code: str | None) -> None:
        payout.update(status=status, failure_code=code)
        self.balances[payout["account"]] += payout["amount"]
        self._tell(f"payout.{status}", payout, payout["account"])

    def _tell(self, kind: str, about: Mapping[str, Any], account: str) -> None:
        event = {
            "id": self._name("evt"),
            "object": "event",
            "account": account,
            "api_version": "2026-01-28",
            "created": int(self.now.timestamp()),
            "data": {"object": json.loads(json.dumps(about))},
            "livemode": False,
            "type": kind,
        }
        for _ in range(self._script(account).events_each):
            self.outbox.add(event)


def _within(sent: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the parameters ``name[...]`` of a form."""
    return {key[len(name) + 1 : -1]: value for key, value in sent.items() if key.startswith(f"{name}[")}


def _listed(found: list[dict[str, Any]], sent: Mapping[str, str]) -> dict[str, Any]:
    """Return a page with the newest first."""
    most = int(sent.get("limit", 10))
    newest = found[::-1]
    return {"object": "list", "data": newest[:most], "has_more": len(newest) > most, "url": ""}
