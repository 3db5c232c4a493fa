"""Notes that a phone writes into a picture, read before they are taken off it: time, camera, place."""

import re
from contextlib import suppress
from typing import Any, NamedTuple

from crowdship.kernel.devices import place_of
from crowdship.kernel.geo import Point

LONGEST_CAMERA = 60
"""Characters of a camera's name that are kept."""

MAKE, MODEL, DATE_TIME = 0x010F, 0x0110, 0x0132
EXIF_PART, GPS_PART = 0x8769, 0x8825
TAKEN_AT, TAKEN_OFFSET = 0x9003, 0x9011
LAT_SIDE, LAT, LON_SIDE, LON = 1, 2, 3, 4
"""Numbers of the fields in Exif 2.32, and in its part about the place."""

WRITTEN_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
WRITTEN_OFFSET = re.compile(r"[+-]\d\d:\d\d")


class PhoneNotes(NamedTuple):
    """Notes of a phone in a picture; anybody can write anything there, so it is a statement and no proof.

    Parameters
    ----------
    at : str or None
        When the picture was taken by the phone's clock, in ISO 8601; with an offset if the phone wrote one.
    camera : str or None
        Maker and model.
    place : Point or None
        Where it was taken.
    """

    at: str | None = None
    camera: str | None = None
    place: Point | None = None


def notes_in(picture: Any) -> PhoneNotes | None:
    """Return the notes in a picture that Pillow opened, or None if there are none; unreadable ones are left out."""
    found = PhoneNotes()
    with suppress(Exception):  # fields of any type and length, from whoever wrote the file
        exif = picture.getexif()
        found = PhoneNotes(_time_in(exif), _camera_in(exif), None)
        found = found._replace(place=_place_in(exif.get_ifd(GPS_PART)))
    return found if any(found) else None


def _time_in(exif: Any) -> str | None:
    taken = exif.get_ifd(EXIF_PART)
    told = WRITTEN_TIME.fullmatch(str(taken.get(TAKEN_AT) or exif.get(DATE_TIME) or "").strip("\0 "))
    if not told:
        return None
    year, month, day, time = told.groups()
    offset = str(taken.get(TAKEN_OFFSET) or "").strip("\0 ")
    return f"{year}-{month}-{day}T{time}{offset if WRITTEN_OFFSET.fullmatch(offset) else ''}"


def _camera_in(exif: Any) -> str | None:
    words = " ".join(str(exif.get(field) or "") for field in (MAKE, MODEL))
    printable = "".join(each for each in words if each.isprintable())
    return " ".join(printable.split())[:LONGEST_CAMERA] or None


def _place_in(gps: Any) -> Point | None:
    return place_of({"lat": _degrees(gps, LAT, LAT_SIDE, "S"), "lon": _degrees(gps, LON, LON_SIDE, "W")})


def _degrees(gps: Any, field: int, side_field: int, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in gps[field])
    side = -1 if str(gps.get(side_field, "")).strip("\0 ").upper() == negative else 1
    return side * (degrees + minutes / 60 + seconds / 3600)
