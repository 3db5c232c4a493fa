"""Use cases of corrections: a driver asks, staff decide, and what was granted of name, phone and mail is changed."""

from collections.abc import Iterable

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.data_rights.model import (
    MOST_OPEN,
    Correction,
    CorrectionDecision,
    CorrectionInput,
    CorrectionState,
    DriverField,
)
from crowdship.data_rights.store import AskedRow, CorrectionRow
from crowdship.data_rights.views import CorrectionLine, CorrectionLines, CorrectionList, CorrectionView
from crowdship.drivers import service as drivers
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.ids import derived_id
from crowdship.vault import service as vault
from crowdship.vault.model import Writing
from crowdship.vault.words import listed_words

SHOWN = 100
"""The most waiting requests that are listed."""

CHANGED = {DriverField.NAME: "name", DriverField.PHONE: "phone", DriverField.EMAIL: "email"}
"""The field of the person that a granted request changes."""


def ask(driver_id: str, asked: CorrectionInput, clock: Clock, wall: Clock) -> CorrectionView:
    """Ask for a correction; the same id again is the same request.

    Raises
    ------
    Unprocessable
        If the value has not the form of its field.
    Conflict
        If too many requests of the driver wait.
    """
    asked.check()
    drivers.get(driver_id)
    correction_id = derived_id("cor", driver_id, asked.request_id)

    def attempt() -> Correction:
        known = CorrectionRow.load(correction_id)
        if known:
            return known
        waiting = [one for one in _of(driver_id) if one.state is CorrectionState.OPEN]
        if len(waiting) >= MOST_OPEN:
            detail = f"{len(waiting)} of your requests wait for a decision; send another one when one is decided."
            raise Conflict("too_many_open", detail)
        one = Correction.asked(correction_id, driver_id, asked.field, clock.now())
        work, wall_now = UnitOfWork(), wall.now()
        work.store(CorrectionRow.lasting(one, wall_now))
        AskedRow.note(one, wall_now, work)
        until = wall_now + retention.CORRECTIONS
        vault.keep(Writing(id=one.wanted_token, text=asked.wanted), work, until)
        vault.keep(Writing(id=one.reason_token, text=asked.reason), work, until)
        work.commit()
        return one

    one = persistently(attempt)
    return CorrectionView.of(one, _texts([one]))


def own(driver_id: str) -> CorrectionList:
    """Return a driver's requests, the newest first."""
    found = sorted(_of(driver_id), key=lambda one: one.asked_at, reverse=True)
    texts = _texts(found)
    return CorrectionList(corrections=tuple(CorrectionView.of(one, texts) for one in found))


def waiting(clock: Clock) -> CorrectionLines:
    """Return the requests that wait for a decision, the one that is due first first."""
    ids = CorrectionRow.waiting_ids(SHOWN)
    found = {one.id: one for one in CorrectionRow.load_many(ids)}
    still = [found[name] for name in ids if name in found and found[name].state is CorrectionState.OPEN]
    return CorrectionLines(corrections=_lines(still, clock))


def decide(correction_id: str, decision: CorrectionDecision, by: str, clock: Clock, wall: Clock) -> CorrectionLine:
    """Decide on a request; what was granted of name, phone and e-mail address is changed by the same write.

    Raises
    ------
    NotFound
        If there is no such request.
    Conflict
        If somebody has decided already.
    """

    def attempt() -> Correction:
        one = CorrectionRow.load(correction_id)
        if one is None:
            raise NotFound("no_such_request", f"There is no request {correction_id}; read the list again.")
        decided, work, wall_now = one.decide(decision.granted, by, clock.now()), UnitOfWork(), wall.now()
        work.store(CorrectionRow.lasting(decided, wall_now))
        vault.keep(Writing(id=one.words_token, text=decision.words), work, wall_now + retention.CORRECTIONS)
        if decision.granted and one.field in CHANGED:
            _change(one, work)
        work.commit()
        return decided

    return _lines([persistently(attempt)], clock)[0]


def _change(one: Correction, work: UnitOfWork) -> None:
    """Add the change of the person to a unit of work, and of the words under which they are found."""
    driver = drivers.get(one.driver_id)
    person = vault.person(driver.person_token)
    wanted = vault.writings([one.wanted_token]).get(one.wanted_token)
    if wanted is None:
        raise Conflict("text_erased", "What the driver asked for was erased; refuse it, and let them ask again.")
    changed = person.with_changes(**{CHANGED[one.field]: wanted.text.strip()})
    vault.keep(changed, work)
    old, new = (set(listed_words(each.name, driver.vehicle.plate)) for each in (person, changed))
    vault.unlist(old - new, driver.id, work)
    vault.list_under(new - old, driver.id, work)


def _of(driver_id: str) -> list[Correction]:
    return CorrectionRow.load_many(AskedRow.ids(driver_id))


def _texts(some: Iterable[Correction]) -> dict[str, Writing]:
    return vault.writings(token for one in some for token in (one.wanted_token, one.reason_token, one.words_token))


def _lines(some: list[Correction], clock: Clock) -> tuple[CorrectionLine, ...]:
    now, texts = clock.now(), _texts(some)
    tokens = {driver.id: driver.person_token for driver in drivers.get_many(one.driver_id for one in some).values()}
    names = vault.names_of(tokens.values())
    return tuple(CorrectionLine.of_line(one, texts, names.get(tokens.get(one.driver_id, "")), now) for one in some)


def erase_of_driver(driver_id: str) -> None:
    """Erase the texts of all requests of a driver."""
    for one in _of(driver_id):
        for token in (one.wanted_token, one.reason_token, one.words_token):
            vault.erase(token)
