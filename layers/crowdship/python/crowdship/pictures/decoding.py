"""Uploaded bytes as pictures: decoded completely and within limits, turned upright, and freed of everything else."""

import warnings
from io import BytesIO
from typing import Any, NamedTuple

from crowdship.kernel.errors import Unprocessable
from crowdship.pictures.notes import PhoneNotes, notes_in

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats by Pillow's names, with media types. Each decoder that may be used is one more that can be attacked."""

SEVERAL_IN_ONE = {"MPO": "JPEG"}
"""A phone's photo may be a JPEG after which a preview or a second view follows; only the first one is a proof."""

SMALLEST_SIDE = 32
"""Pixels; a smaller picture shows nothing useful."""

MOST_PIXELS = 40_000_000
"""Larger pictures take more memory to decode than the function has; phones' main cameras make smaller ones by default.
"""

LONGEST_SIDE = 1600
"""Pixels of a picture as it is shown; the driver's app sends no more."""

QUALITY = 85

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

MARKUP = (b"<script", b"<html", b"<svg ", b"<!doctype", b"%pdf-", b"<?php")
"""A picture that also holds one of these may be shown as a page by software that guesses types."""


class Cleaned(NamedTuple):
    """A picture that may be shown, and what the phone wrote beside its pixels.

    Parameters
    ----------
    body : bytes
        A JPEG of at most ``LONGEST_SIDE`` pixels each way, upright, with its pixels and nothing else.
    notes : PhoneNotes or None
        None if the phone wrote nothing.
    """

    body: bytes
    notes: PhoneNotes | None


def cleaned(kind: str, content_type: str, body: bytes) -> Cleaned:
    """Return a picture of the kind that was announced as it may be shown, with what was in the file besides.

    Whatever was appended to the picture or hidden in its metadata is not in the result, because its pixels are written
    anew.

    Raises
    ------
    Unprocessable
        If the bytes can't be decoded to the end, are of another type, too small or too large, or something else
        besides.
    """
    if body[4:8] == b"ftyp" and body[8:12] in HEIC_BRANDS:
        detail = "HEIC, as iPhones store it; convert it before the upload, or set the camera to Most Compatible"
        raise _refused(kind, f"is {detail}")
    lowered = body.lower()
    if any(mark in lowered for mark in MARKUP):
        raise _refused(kind, "holds a page or a script besides the picture")
    try:
        return _decoded(kind, content_type, body)
    except Unprocessable:
        raise
    except Exception as error:  # decoders raise whatever a broken file leads them to
        raise _refused(kind, "can't be decoded; it may be cut off") from error


def _decoded(kind: str, content_type: str, body: bytes) -> Cleaned:
    from PIL import Image, ImageOps  # takes 40 ms to load, which only hand-overs with a picture need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of metadata that can't be read
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(BytesIO(body), formats=tuple(FORMATS)) as picture:
            _refuse_form(kind, content_type, picture)
            notes = notes_in(picture)
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is then decoded at a part of its size
            picture.load()
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright: Any = ImageOps.exif_transpose(picture)
            return Cleaned(written(_on_white(upright), "JPEG", quality=QUALITY, optimize=True), notes)


def _refuse_form(kind: str, content_type: str, picture: Any) -> None:
    """Refuse a picture of another type, of a bad size or with several frames, before its pixels are unpacked."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _refused(kind, f"has {width} x {height} pixels; {MOST_PIXELS:,} in all are the most")
    found = FORMATS[SEVERAL_IN_ONE.get(picture.format, picture.format)]
    if found != content_type:
        raise _refused(kind, f"was announced as {content_type} and is {found}; announce what it is")
    if min(width, height) < SMALLEST_SIDE:
        raise _refused(kind, f"has {width} x {height} pixels; it needs at least {SMALLEST_SIDE} each way")
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format not in SEVERAL_IN_ONE:
        raise _refused(kind, f"has {frames} frames; a moving picture is no proof, send one that stands still")


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


def _refused(kind: str, what: str) -> Unprocessable:
    return Unprocessable(
        "not_a_picture",
        f"The {kind} {what}. Announce and upload it again as JPEG, PNG or WebP, then complete.",
    )
