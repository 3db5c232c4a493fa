"""Use cases around merchants: sign-up, keys, and the check of a key with its rate limit."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cachetools import LRUCache

from crowdship.adapters.buckets import Drawn
from crowdship.adapters.caches import UNKNOWN, Cache
from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import MetricUnit, count_for_all, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, TooManyRequests, Unauthorized
from crowdship.kernel.ids import new_id
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.model import (
    Merchant,
    MerchantInput,
    Mode,
    Scope,
    account_id,
    split_key,
)
from crowdship.merchants.store import MerchantEntry, MerchantRow, UsageRow

AUTHENTICATION_CACHE_S = 30
WALL = RunningClock()
"""Keys expire and calls are counted by wall time, as both are about transport."""

MOST_REMEMBERED = 4096
"""Merchants whose bucket, and keys whose use, a container remembers."""

_cache: Cache[str, Merchant] = Cache(AUTHENTICATION_CACHE_S, most=1024)
_drawn: LRUCache[str, int] = LRUCache(MOST_REMEMBERED)
"""Unix microseconds at which each merchant's bucket is full again, as this container last saw it: a lower bound."""

_noted: LRUCache[str, date] = LRUCache(MOST_REMEMBERED)
"""The day on which this container last noted the use of each key."""


def sign_up(request: MerchantInput, clock: Clock) -> Merchant:
    """Create a merchant."""
    merchant = Merchant(
        id=new_id("mer"),
        name=request.name,
        billing_email=request.billing_email,
        store=request.store,
        created_at=clock.now(),
    )
    work = UnitOfWork()
    work.store(MerchantRow.of(merchant))
    work.put(MerchantEntry.of(merchant), None)
    work.commit()
    return merchant


def get(merchant_id: str) -> Merchant:
    """Return a merchant; for the id of its sandbox, the merchant as it acts there.

    Raises
    ------
    NotFound
        If there is none.
    """
    merchant = MerchantRow.load(account_id(merchant_id))
    if merchant is None:
        raise NotFound("no_such_merchant", f"There is no merchant {merchant_id}.")
    return merchant.acting(Mode.LIVE if merchant_id == merchant.id else Mode.TEST)


def known(merchant_id: str) -> Merchant:
    """Return a merchant, at most 30 s old."""
    account = account_id(merchant_id)
    merchant = _cache.get(account, lambda: get(account))
    return merchant.acting(Mode.LIVE if merchant_id == merchant.id else Mode.TEST)


def known_many(merchant_ids: Iterable[str]) -> dict[str, Merchant]:
    """Return the merchants that exist, by id, each at most 30 s old; those that are not cached are read together."""
    wanted = set(merchant_ids)
    unread = {account for account in map(account_id, wanted) if _cache.find(account) is UNKNOWN}
    for merchant in MerchantRow.load_many(sorted(unread)):
        _cache.put(merchant.id, merchant)
    found = {merchant_id: _cache.find(account_id(merchant_id)) for merchant_id in wanted}
    return {merchant_id: merchant for merchant_id, merchant in found.items() if isinstance(merchant, Merchant)}


def page(after: str | None, limit: int) -> list[Merchant]:
    """Return merchants in the order of their ids."""
    return [get(merchant_id) for merchant_id in MerchantEntry.page(after, limit)]


def page_in_zone(zone_id: str, after: str | None, limit: int) -> tuple[list[Merchant], str | None]:
    """Return active merchants that may order in a zone, in the order of their ids, and the id to go on after.

    There is no index of merchants by zone, as most may order in all of them: a page of the whole directory is read, and
    those of the zone are left. So a page may be empty although more follow.

    Parameters
    ----------
    after : str or None
        The id after which to begin; None begins with the first merchant.
    limit : int
        The merchants that are read.

    Returns
    -------
    tuple of list of Merchant, str or None
        The merchants, and the id after which the next page begins; None if this page is the last.
    """
    ids = MerchantEntry.page(after, limit)
    found = sorted(MerchantRow.load_many(ids), key=lambda merchant: merchant.id)
    told = [merchant for merchant in found if merchant.active and merchant.may_send_from(zone_id)]
    return told, ids[-1] if len(ids) == limit else None


def change[T](merchant_id: str, decide: Callable[[Merchant], tuple[Merchant, T]]) -> T:
    """Load a merchant, decide, and save it guarded; decide again if somebody else changed it meanwhile.

    Raises
    ------
    NotFound
        If there is none, or the id is a sandbox's, which has nothing of its own to change.
    """

    def attempt() -> T:
        before = get(merchant_id)
        if not before.livemode:
            raise NotFound("no_such_merchant", f"{merchant_id} is a sandbox; change {account_id(merchant_id)}.")
        merchant, result = decide(before)
        work = UnitOfWork()
        work.store(MerchantRow.of(merchant))
        work.commit()
        _cache.forget(merchant_id)
        return result

    return persistently(attempt)


def issue_key(
    merchant_id: str,
    scopes: frozenset[Scope],
    clock: Clock,
    *,
    mode: Mode = Mode.LIVE,
    name: str | None = None,
    expires_at: datetime | None = None,
    wall: Clock = WALL,
) -> str:
    """Return a new API key; only its hash is kept."""

    def issue(merchant: Merchant) -> tuple[Merchant, str]:
        return merchant.issue_key(scopes, clock.now(), mode=mode, name=name, expires_at=expires_at, wall=wall.now())

    return change(merchant_id, issue)


def rotate_key(merchant_id: str, key_id: str, grace: timedelta, wall: Clock = WALL) -> str:
    """Return a key with a new secret; the replaced one works for the grace."""
    return change(merchant_id, lambda merchant: merchant.rotate_key(key_id, grace, wall.now()))


def revoke_own_key(merchant_id: str, key_id: str, clock: Clock, wall: Clock = WALL) -> None:
    """Revoke a key for its merchant. Containers that remember the merchant let it in for up to 30 s."""
    change(merchant_id, lambda merchant: (merchant.revoke_own_key(key_id, clock.now(), wall.now()), None))


def last_uses(merchant_id: str) -> dict[str, date]:
    """Return on which day (UTC) each key was used last, by key; those that never were are not in it."""
    return UsageRow.last_uses(merchant_id)


def revoke_key(merchant_id: str, key_id: str, clock: Clock) -> None:
    """Revoke a key. Containers that remember the merchant let it in for up to 30 s."""
    change(merchant_id, lambda merchant: (merchant.revoke_key(key_id, clock.now()), None))


class Authenticated(NamedTuple):
    """A merchant, as it acts with the API key that was given, and the headers that tell what is left of its limit."""

    merchant: Merchant
    headers: dict[str, str]


def authenticate(credential: str, scope: Scope, wall: Clock = WALL) -> Authenticated:
    """Return the merchant an API key belongs to, and count the call.

    Raises
    ------
    Unauthorized
        If the key is unknown, revoked, expired or wrong.
    Forbidden
        If it lacks the scope.
    TooManyRequests
        If the merchant has called too often.
    """
    now = wall.now()
    merchant_id, key_id, key_secret = split_key(credential)
    known = _cache.find(merchant_id)
    merchant = known if isinstance(known, Merchant) else None
    if merchant is None or not merchant.knows_secret(key_id, key_secret, now):
        # Read anew, so that a key that was issued or rotated since then works at once.
        merchant = MerchantRow.load(merchant_id)
        if merchant is None:
            raise Unauthorized("bad_key", "That API key is not known; check that it was copied whole.")
        _cache.put(merchant_id, merchant)
    key = merchant.authenticate(key_id, key_secret, scope, now)
    caller = merchant.acting(key.mode)
    headers = _count_call(caller, now)
    _note_use(merchant.id, key_id, now)
    return Authenticated(caller, headers)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _count_call(caller: Merchant, now: datetime) -> dict[str, str]:
    """Take a token of the caller's bucket and return what is left; its sandbox has a bucket of its own."""
    limit, now_us = caller.rate_limit, _microseconds(now)
    known = _drawn.get(caller.id, 0)
    if limit.draw(known, now_us) is None:
        # The merchant is over its limit already. Calls in other containers can only have used up more of it.
        _refuse(limit, known, now_us)
    try:
        drawn = UsageRow.draw(caller.id, limit, now_us, probably_full=known <= now_us)
    except Exception as error:  # the limit protects the service, so its failure must not keep merchants out
        logger.warning("call not counted", merchant_id=caller.id, error=type(error).__name__)
        count_for_all("CallsNotCounted")
        drawn = Drawn(known, allowed=True)
    _drawn[caller.id] = drawn.full_at_us
    if not drawn.allowed:
        _refuse(limit, drawn.full_at_us, now_us)
    return limit.headers(drawn.full_at_us, now_us)


def _refuse(limit: RateLimit, full_at_us: int, now_us: int) -> None:
    wait_s = max(1, limit.wait_s(full_at_us, now_us))
    metrics.add_metric("CallsOverLimit", MetricUnit.Count, 1)
    detail = f"{limit.per_minute} calls a minute and {limit.burst} at once are the most; call again in {wait_s} s."
    headers = {**limit.headers(full_at_us, now_us), "Retry-After": str(wait_s)}
    raise TooManyRequests("rate_limited", detail, headers)


def _note_use(merchant_id: str, key_id: str, now: datetime) -> None:
    """Note that a key was used today, by one write per key, day and container."""
    today = now.date()
    if _noted.get(key_id) == today:
        return
    try:
        UsageRow.note_use(merchant_id, key_id, today, _microseconds(now))
    except Exception as error:  # a call is not refused because its day could not be noted
        logger.warning("use of a key not noted", key_id=key_id, error=type(error).__name__)
    _noted[key_id] = today
