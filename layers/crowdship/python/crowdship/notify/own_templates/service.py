"""Use cases of merchants' templates: list, write, remove, preview, send a test."""

from botocore.exceptions import ClientError

from crowdship.adapters.settings import settings
from crowdship.adapters.storage import persistently
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unavailable, Unprocessable
from crowdship.kernel.language import Language
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Merchant
from crowdship.notify.channel import Channel
from crowdship.notify.channels.once import Suppressed
from crowdship.notify.channels.senders import OptedOut, send_mail, send_sms
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.writing import CustomerTexts, Words
from crowdship.notify.own_templates.model import (
    CHANNELS,
    SAMPLE_NOW,
    OwnTemplate,
    TemplateInput,
    TemplatePlace,
    refusal_of_address,
    sample,
)
from crowdship.notify.own_templates.store import TemplateRow, TestsRow
from crowdship.notify.own_templates.views import Preview, Templates, TemplateView, TestSend
from crowdship.notify.reach.service import address_key, must_reach

PLACES = [
    TemplatePlace(kind=kind, language=language, channel=channel)
    for kind in KINDS
    for language in Language
    for channel in CHANNELS
]

RETRY_AFTER_S = 60


def words_for(merchant_id: str, kind: str, language: Language, channel: Channel) -> Words | None:
    """Return a merchant's own template, or None if it has none for a kind, language and channel."""
    own = TemplateRow.load(merchant_id, TemplatePlace(kind=kind, language=language, channel=channel))
    return own.words if own else None


def all_of(merchant_id: str) -> Templates:
    """Return all templates that a merchant's customers get."""
    return Templates.of(PLACES, TemplateRow.all_of(merchant_id))


def write(merchant_id: str, place: TemplatePlace, given: TemplateInput, clock: Clock) -> TemplateView:
    """Use a merchant's template from now on.

    Raises
    ------
    Unprocessable
        If it can't be sent.
    """
    place.check(given)

    def attempt() -> OwnTemplate:
        known = TemplateRow.load(merchant_id, place) or OwnTemplate(
            id=f"{merchant_id}/{place.key}", place=place, text=given.text, changed_at=clock.now()
        )
        template = known.with_changes(text=given.text, subject=given.subject, changed_at=clock.now())
        TemplateRow.keep(merchant_id, template)
        return template

    return TemplateView.of(place, persistently(attempt))


def remove(merchant_id: str, place: TemplatePlace) -> None:
    """Use our own words again; without a template of the merchant's this changes nothing."""
    TemplateRow.remove(merchant_id, place)


def preview(merchant_id: str, place: TemplatePlace, given: TemplateInput) -> Preview:
    """Return a message as customers would read it, by a template that need not be in use.

    Raises
    ------
    Unprocessable
        If the template can't be sent.
    """
    merchant = merchants.get(merchant_id)
    place.check(given)
    return Preview.of(_texts(merchant, place, given.words), place.channel)


def send_test(merchant_id: str, place: TemplatePlace, wall: Clock) -> TestSend:
    """Send the message in use to an address of the account, never to another one.

    Nobody has confirmed that the address is the merchant's. So a test obeys what its holder said, like every other
    message, and a merchant may send few of them.

    Raises
    ------
    Unprocessable
        If the account has no address to send it to, or nothing is sent to that address.
    TooManyRequests
        If the last test was a moment ago, or the day's tests are used up.
    Unavailable
        If the provider does not take it.
    """
    merchant = merchants.get(merchant_id)
    texts = _texts(merchant, place, words_for(merchant_id, place.kind, place.language, place.channel))
    address = _own_address(merchant, place.channel)
    if address is None:
        raise refusal_of_address(place.channel)
    try:
        must_reach(address_key(place.channel, address), place.channel)
        _count(merchant_id, wall)
        if place.channel is Channel.EMAIL:
            send_mail(address, texts.letter(SAMPLE_NOW))
        else:
            send_sms(address, texts.sms(SAMPLE_NOW))
    except OptedOut as error:
        detail = "The account's phone replied STOP; reply START from it, or set another one."
        raise Unprocessable("test_phone_opted_out", detail) from error
    except Suppressed as error:
        detail = "A mail to the account's address bounced or was reported as spam; set another contact_email."
        raise Unprocessable("test_address_suppressed", detail) from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        detail = f"The provider did not take the test ({code}); try again later."
        raise Unavailable("test_not_sent", detail, RETRY_AFTER_S) from error
    return TestSend(channel=place.channel, to=f"…{address[-4:]}", message=Preview.of(texts, place.channel))


def _texts(merchant: Merchant, place: TemplatePlace, words: Words | None) -> CustomerTexts:
    changes = {"support": merchant.branding.support} if merchant.branding.support else {}
    facts = sample(merchant.sender, place.language, **changes).branded(merchant.branding, settings().pages_url)
    return CustomerTexts(place.kind, facts, lambda _: words)


def _own_address(merchant: Merchant, channel: Channel) -> str | None:
    if channel is Channel.EMAIL:
        return merchant.contact_email or merchant.billing_email
    return merchant.branding.support_phone or (merchant.store.contact.phone if merchant.store else None)


def _count(merchant_id: str, wall: Clock) -> None:
    persistently(lambda: TestsRow.keep(TestsRow.load(merchant_id).one_more(wall.now()), wall.now()))
