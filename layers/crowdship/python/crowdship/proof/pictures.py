"""Checks that bytes are a picture: they are decoded completely, within limits, and hold nothing else."""

import warnings
from io import BytesIO
from typing import Any

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


LONGEST_SIDE = 1280
"""Pixels of a picture as it is shown on a page."""

QUALITY = 82


def for_a_page(body: bytes) -> bytes:
    """Return a stored picture as a JPEG of at most ``LONGEST_SIDE`` pixels each way, upright and without metadata.

    A phone writes the place and its own name into a picture, and turns it by a note in there.
    """
    from PIL import Image, ImageOps

    with Image.open(BytesIO(body), formats=tuple(FORMATS)) as picture:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is then decoded at a part of its size
        picture.load()
        upright: Any = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return written(_on_white(upright), "JPEG", quality=QUALITY, optimize=True)


def written(picture: Any, kind: str, **how: Any) -> bytes:
    """Return a picture as the bytes of a file with its pixels and nothing else."""
    from PIL import Image

    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    file = BytesIO()
    bare.save(file, kind, **how)
    return file.getvalue()


def _on_white(picture: Any) -> Any:
    """Return a picture in RGB; what is transparent is white, as under a signature."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


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
