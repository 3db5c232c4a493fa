"""Checks that bytes are a picture: they are decoded completely, within limits, and hold nothing else."""

import warnings
from io import BytesIO

from crowdship.kernel.errors import Unprocessable

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats by Pillow's names, with media types. Each decoder that may be used is one more that can be attacked."""

SMALLEST_SIDE = 32
"""Pixels; a smaller picture shows nothing useful."""

MOST_PIXELS = 40_000_000
"""Larger pictures take more memory to decode than the function has; phones' main cameras make smaller ones by default.
"""

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

MARKUP = (b"<script", b"<html", b"<svg ", b"<!doctype", b"%pdf-", b"<?php")
"""A picture that also holds one of these may be shown as a page by software that guesses types."""


def checked(kind: str, content_type: str, body: bytes) -> None:
    """Check that bytes are a picture of the kind that was announced.

    Raises
    ------
    Unprocessable
        If they can't be decoded to the end, are of another type, too small or too large, or something else besides.
    """
    if body[4:8] == b"ftyp" and body[8:12] in HEIC_BRANDS:
        detail = "HEIC, as iPhones store it; convert it before the upload, or set the camera to Most Compatible"
        raise _refused(kind, f"is {detail}")
    lowered = body.lower()
    if any(mark in lowered for mark in MARKUP):
        raise _refused(kind, "holds a page or a script besides the picture")
    found, width, height = _decoded(kind, body)
    if FORMATS[found] != content_type:
        raise _refused(kind, f"was announced as {content_type} and is {FORMATS[found]}; announce what it is")
    if min(width, height) < SMALLEST_SIDE:
        raise _refused(kind, f"has {width} x {height} pixels; it needs at least {SMALLEST_SIDE} each way")


def _decoded(kind: str, body: bytes) -> tuple[str, int, int]:
    """Return the format and the size of a picture that can be decoded to its end."""
    from PIL import Image  # takes 40 ms to load, which only hand-overs with a picture need

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, which nobody reads
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(body), formats=tuple(FORMATS)) as picture:
                found, (width, height) = str(picture.format), picture.size
                if width * height > MOST_PIXELS:
                    raise _refused(kind, f"has {width} x {height} pixels; {MOST_PIXELS:,} in all are the most")
                picture.draft("RGB", (256, 256))  # a JPEG is then decoded at an eighth of its size, and to its end
                picture.load()
    except Unprocessable:
        raise
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise _refused(kind, "can't be decoded; it may be cut off") from error
    return found, width, height


def _refused(kind: str, what: str) -> Unprocessable:
    return Unprocessable(
        "not_a_picture",
        f"The {kind} {what}. Announce and upload it again as JPEG, PNG or WebP, then complete.",
    )
