"""Use cases of the audit trail: note a call before it is done, note its outcome, and list entries."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from crowdship.adapters.audit.entries import POSITION, AuditEntry, AuditFilters, AuditPage
from crowdship.adapters.audit.reads import LIVE, PERSONAL, WINDOW, said_of, shows_nobody, window_of
from crowdship.adapters.audit.requests import kept_of, made_by, subjects_of
from crowdship.adapters.audit.store import AuditRow
from crowdship.adapters.caches import UNKNOWN, Cache
from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import count_for_all, logger
from crowdship.kernel import retention
from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import StaleWrite, Unavailable
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.reading import read_json

KEPT_FOR = retention.AUDIT
"""Wall time after which DynamoDB deletes an entry: two years, in which disputes about pay and work are settled."""

RETRY_S = 5
WALL = RunningClock()

OF_STAFF = "/v1/staff/"
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_noted: Cache[str, bool] = Cache(WINDOW.total_seconds(), most=1000)
"""Readings that this container knows to be noted, so that a page that asks often costs one write."""


def is_audited(route: str) -> bool:
    """Return whether the calls of a route are noted: all of staff's that may change something or show personal data.

    Examples
    --------
    >>> is_audited("POST /v1/staff/settlements"), is_audited("GET /v1/staff/zones"), is_audited("POST /v1/driver/duty")
    (True, False, False)
    >>> is_audited("GET /v1/staff/search")
    True
    """
    method, _, path = route.partition(" ")
    return route in PERSONAL or (path.startswith(OF_STAFF) and method not in READING)


def audited(event: Mapping[str, Any], by: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the answer to a call of staff, which is noted before it is made and again with its outcome.

    A reading changes nothing, so it is noted after it, with its outcome at once, and before anybody has the answer.

    Raises
    ------
    Unavailable
        ``audit_unavailable``, if it can't be noted; then it is not made either, and nothing is shown. Live views are
        shown all the same: emergencies are among them.
    """
    if event.get("routeKey") in PERSONAL:
        return _read(event, by, act())
    entry = _begin(event, by)
    answer = act()
    _end(entry, answer)
    return answer


def _begin(event: Mapping[str, Any], by: str) -> AuditEntry:
    body = _json(event.get("body"), encoded=bool(event.get("isBase64Encoded")))
    route = str(event.get("routeKey", ""))
    entry = AuditEntry(
        entry_id=new_id("aud"),
        at=clock_from().now(),
        by=by,
        action=route,
        subjects=subjects_of(event.get("pathParameters") or {}, body),
        request=kept_of(route, body),
    )
    _add(entry, "The audit trail can't be written, so nothing was changed; try again.")
    return entry


def _add(entry: AuditEntry, detail: str) -> None:
    try:
        AuditRow.add(entry, _expires_at())
    except StaleWrite:
        raise
    except Exception as error:
        logger.exception("audit_not_written", action=entry.action)
        count_for_all("AuditFaults")
        raise Unavailable("audit_unavailable", detail, RETRY_S) from error


def _read(event: Mapping[str, Any], by: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with personal data, whose reading is noted; a refused call showed nothing.

    A page that is looked at asks every few seconds: one entry with the beginning of a quarter of an hour stands for all
    that a person reads of one thing in it, from the first answer on that shows somebody. If it can't be written, the
    log has who read what.
    """
    if answer["statusCode"] >= 300:
        return answer
    route, path, now = str(event["routeKey"]), event.get("pathParameters") or {}, clock_from().now()
    live = route in LIVE
    at = window_of(now) if live else now
    entry_id = derived_id("aud", by, route, *path.values(), at.isoformat()) if live else new_id("aud")
    if live and _noted.find(entry_id) is not UNKNOWN:
        return answer
    request = said_of(answer, event.get("headers") or {})
    if live and shows_nobody(path, request):
        return answer
    entry = AuditEntry(
        entry_id=entry_id,
        at=at,
        by=by,
        action=route,
        subjects=subjects_of(path, event.get("queryStringParameters") or {}),
        outcome=answer["statusCode"],
        request=request,
    )
    try:
        _add(entry, "The audit trail can't be written, so nothing is shown; try again.")
    except StaleWrite:
        logger.debug("noted_before", entry_id=entry_id)
    except Unavailable:
        if not live:
            raise
        logger.error("read_without_a_note", action=route, by=by, subjects=entry.subjects)
        return answer
    _noted.put(entry_id, True)
    return answer


def _end(entry: AuditEntry, answer: Mapping[str, Any]) -> None:
    """Note the outcome; the call is made by now, so a failure only leaves the entry without one."""
    done = answer["statusCode"] < 300
    encoded = bool(answer.get("isBase64Encoded"))
    made = dict.fromkeys(made_by(_json(answer.get("body"), encoded=encoded)) if done else ())
    try:
        new = [one for one in made if one not in entry.subjects]
        AuditRow.end(entry, answer["statusCode"], new, _expires_at())
    except Exception:
        logger.exception("audit_outcome_not_written", action=entry.action, entry_id=entry.entry_id)
        count_for_all("AuditFaults")


def _json(body: Any, *, encoded: bool) -> Any:
    """Return what a body says, or None if that can't be read."""
    try:
        return read_json(b64decode(body).decode() if encoded else body) if body else None
    except ValueError:
        return None


def _expires_at() -> int:
    return int((WALL.now() + KEPT_FOR).timestamp())


def listed(filters: AuditFilters, cursor: str | None, limit: int) -> AuditPage:
    """Return a page of the entries that pass some filters, the newest first.

    Raises
    ------
    Unprocessable
        If no list has these entries, or the cursor is none of the list.
    """
    name = filters.list_name
    before = position_of(cursor, POSITION, name, "after") if cursor is not None else None
    found = AuditRow.page(name, before, limit + 1)
    more = len(found) > limit
    return AuditPage(
        entries=tuple(found[:limit]), next_after=cursor_of(found[limit - 1].position, name) if more else None
    )
