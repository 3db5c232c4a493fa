"""A merchant's account: the fields it sets itself, the terms agreed with staff, and its keys.

The module is in this room and not in ``merchants``, because a change of the store is checked against the zones.
"""

from typing import Any, Self

from pydantic import Field, field_validator

from crowdship.kernel.clock import Clock, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.hours import OpeningHours
from crowdship.merchants import service as merchants
from crowdship.merchants.connections import Source
from crowdship.merchants.limits import RateLimit
from crowdship.merchants.messaging import Branding, MessageSettings
from crowdship.merchants.model import BusinessName, Merchant, Store, account_id, sandbox_id
from crowdship.merchants.views import KeyInput, Keys, TermsInput
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.shipment import ShipmentRequest
from crowdship.vault.model import Email
from crowdship.zones import service as zones
from crowdship.zones.model import Zone


class AccountChange(Value):
    """A change of a merchant's account, as a JSON merge patch (RFC 7396): null removes, a field left out stays.

    Parameters
    ----------
    branding, messages, default_requirements, store, hours
        Replaced whole.
    default_requirements
        Requirements of orders that don't set them, field by field; also of orders that shops send.
    customer_tips
        Whether customers may tip by the tracking link. The merchant is charged for these tips, as for its own.
    """

    name: BusinessName | None = None
    billing_email: Email | None = None
    contact_email: Email | None = None
    branding: Branding | None = None
    messages: MessageSettings | None = None
    default_requirements: Requirements | None = None
    store: Store | None = None
    hours: OpeningHours | None = None
    customer_tips: bool | None = None

    @field_validator("name", "billing_email", "customer_tips")
    @classmethod
    def _needed(cls, value: str | bool | None) -> str | bool:
        if value is None:
            raise ValueError("it can't be removed, only changed")
        return value

    def changes(self) -> dict[str, Any]:
        """Return the merchant's fields that change, with their new values."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "branding" in given:
            given["branding"] = self.branding or Branding()
        if "messages" in given:
            given["messages"] = self.messages or MessageSettings()
        if "default_requirements" in given:
            given["default_requirements"] = self.default_requirements or Requirements()
        return given


class AccountView(Value):
    """A merchant's account as the merchant sees it; ``zone_ids`` are the zones it may send from, all if empty."""

    id: str
    sandbox_id: str = Field(description="The merchant's id in events of its sandbox")
    name: str
    billing_email: Email
    contact_email: Email | None
    branding: Branding
    messages: MessageSettings
    default_requirements: Requirements
    store: Store | None
    hours: OpeningHours | None
    customer_tips: bool
    zone_ids: tuple[str, ...]
    rate_limit: RateLimit
    sources: tuple[Source, ...]
    created_at: Moment

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """Return the view of a merchant's account."""
        return cls(
            id=merchant.id,
            sandbox_id=sandbox_id(merchant.id),
            name=merchant.name,
            billing_email=merchant.billing_email,
            contact_email=merchant.contact_email,
            branding=merchant.branding,
            messages=merchant.messages,
            default_requirements=merchant.default_requirements,
            store=merchant.store,
            hours=merchant.hours,
            customer_tips=merchant.customer_tips,
            zone_ids=merchant.zone_ids,
            rate_limit=merchant.rate_limit,
            sources=merchant.sources,
            created_at=merchant.created_at,
        )


def change_account(merchant_id: str, asked: AccountChange) -> AccountView:
    """Change the fields that a merchant may set itself.

    Raises
    ------
    Unprocessable
        If the store is outside of every zone.
    """
    if asked.store:
        zones.containing(asked.store.point, "/store/point")

    def apply(merchant: Merchant) -> tuple[Merchant, AccountView]:
        changed = merchant.with_changes(**asked.changes())
        if asked.branding:
            changed = changed.with_changes(branding=_with_logo(asked.branding, merchant))
        return changed, AccountView.of(changed)

    return merchants.change(merchant_id, apply)


def _with_logo(branding: Branding, merchant: Merchant) -> Branding:
    """Return new branding with the logo that the merchant has, which only its upload changes.

    Raises
    ------
    Unprocessable
        If it names another logo.
    """
    logo = merchant.branding.logo_url
    if branding.logo_url not in (None, logo):
        detail = f"The logo is {logo or 'none'}; another one is sent by PUT /v1/account/logo, as the picture itself."
        raise Unprocessable("logo_is_uploaded", detail, "/branding/logo_url")
    return branding.model_copy(update={"logo_url": logo})


def change_terms(merchant_id: str, terms: TermsInput) -> Merchant:
    """Change the terms that staff agreed with a merchant; containers may use the old terms for up to 30 s.

    Raises
    ------
    NotFound
        If there is no such merchant or zone.
    Unprocessable
        ``other_currency``, if the merchant is to be billed in another currency than one of its zones charges in.
    """
    for zone_id in terms.zone_ids or ():
        zones.get(zone_id)
    given = {name: value for name in terms.model_fields_set if (value := getattr(terms, name)) is not None}

    def apply(merchant: Merchant) -> tuple[Merchant, Merchant]:
        changed = merchant.with_changes(**given)
        _refuse_other_currency(changed)
        return changed, changed

    return merchants.change(merchant_id, apply)


def _refuse_other_currency(merchant: Merchant) -> None:
    """Refuse terms by which a merchant would be billed in another currency than its zones charge in."""
    agreed = merchant.billing.currency
    named = merchant.zone_ids if agreed else ()
    for zone in map(zones.get, named):
        currency = zone.settings.rates.currency
        if currency != agreed:
            detail = (
                f"Zone {zone.id} charges in {currency}, and each zone in one currency; bill in {currency}, take the "
                "zone away, or leave currency out for one invoice per currency."
            )
            raise Unprocessable("other_currency", detail, "/billing/currency")


def issue_key(merchant_id: str, asked: KeyInput, clock: Clock) -> str:
    """Return a new API key, which is shown this once."""
    return merchants.issue_key(
        merchant_id, asked.scopes, clock, mode=asked.mode, name=asked.name, expires_at=asked.expires_at
    )


def keys(merchant_id: str) -> Keys:
    """Return a merchant's keys, each with the time of its last use."""
    return Keys.of(merchants.get(merchant_id), merchants.last_uses(merchant_id))


def by_account(merchant: Merchant, asked: ShipmentRequest, zone: Zone) -> ShipmentRequest:
    """Return a requested shipment, completed with the default requirements of the merchant's account.

    Raises
    ------
    Unprocessable
        If the merchant may not send from the zone.
    """
    if not merchant.may_send_from(zone.id):
        detail = (
            f"{account_id(merchant.id)} may not send from zone {zone.id}, only from {', '.join(merchant.zone_ids)}."
        )
        raise Unprocessable("zone_not_yours", detail, "/pickup/point")
    merchant.must_be_billed_in(zone.settings.rates.currency)
    return asked.model_copy(update={"requirements": asked.requirements.over(merchant.default_requirements)})


def hours_at(merchant: Merchant, pickup: Point) -> OpeningHours | None:
    """Return the hours within which a merchant's goods can be picked up at a place; None if it is not its store."""
    return merchant.hours if merchant.store and pickup == merchant.store.point else None
