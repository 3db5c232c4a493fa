"""Logos of merchants: checked, made small, and kept beside the pages that show them."""

import hashlib
import warnings
from io import BytesIO
from typing import Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.merchants import service as merchants
from crowdship.merchants.messaging import LogoPath
from crowdship.merchants.model import Merchant
from crowdship.pictures.decoding import FORMATS, written

MOST_BYTES = 500_000
MOST_PIXELS = 16_000_000
"""A file of half a megabyte can unpack to gigabytes; no logo needs more than this."""

LONGEST_SIDE = 512
SMALLEST_SIDE = 16
FOR_EVER = "public, max-age=31536000, immutable"


class LogoView(Value):
    """A merchant's logo, as its path on the pages' own origin; null if there is none."""

    logo_url: LogoPath | None


def as_logo(body: bytes) -> bytes:
    """Return a picture as a PNG of at most ``LONGEST_SIDE`` pixels each way, with its pixels and nothing else.

    Raises
    ------
    Unprocessable
        If it can't be decoded to the end, or is too large or too small.
    """
    from PIL import Image, ImageOps

    if len(body) > MOST_BYTES:
        raise Unprocessable("logo_too_large", f"The logo has {len(body):,} bytes; {MOST_BYTES:,} are the most.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, which nobody reads
            with Image.open(BytesIO(body), formats=tuple(FORMATS)) as picture:
                _refuse_size(*picture.size)
                picture.load()
                upright: Any = ImageOps.exif_transpose(picture).convert("RGBA")
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                return written(upright, "PNG", optimize=True)
    except Unprocessable:
        raise
    except Exception as error:  # decoders raise whatever a broken file leads them to
        detail = "The logo can't be decoded; send the whole file of a PNG, JPEG or WebP picture as the body."
        raise Unprocessable("not_a_picture", detail) from error


def _refuse_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Unprocessable(
            "logo_too_large", f"The logo has {width} x {height} pixels; {MOST_PIXELS:,} in all are the most."
        )
    if min(width, height) < SMALLEST_SIDE:
        raise Unprocessable(
            "logo_too_small", f"The logo has {width} x {height} pixels; it needs at least {SMALLEST_SIDE} each way."
        )


def put(merchant_id: str, body: bytes, client: Any = None) -> LogoView:
    """Keep a merchant's logo and show it from now on; the same again changes nothing.

    The name has the hash of what is shown, so browsers keep it for ever. A replaced logo stays for pages and mails that
    name it.
    """
    logo = as_logo(body)
    key = f"logos/{merchant_id}-{hashlib.sha256(logo).hexdigest()[:16]}.png"
    (client or boto3.client("s3")).put_object(
        Bucket=settings().pages_bucket, Key=key, Body=logo, ContentType="image/png", CacheControl=FOR_EVER
    )
    return _show(merchant_id, f"/{key}")


def remove(merchant_id: str) -> None:
    """Show no logo of a merchant any more."""
    _show(merchant_id, None)


def _show(merchant_id: str, path: str | None) -> LogoView:
    def apply(merchant: Merchant) -> tuple[Merchant, LogoView]:
        branding = merchant.branding.model_copy(update={"logo_url": path})
        return merchant.with_changes(branding=branding), LogoView(logo_url=path)

    return merchants.change(merchant_id, apply)
