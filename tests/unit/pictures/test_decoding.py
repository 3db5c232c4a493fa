"""What counts as a picture of a hand-over."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crowdship.kernel.errors import Unprocessable
from crowdship.pictures.decoding import LONGEST_SIDE, MOST_PIXELS, cleaned


def picture(format="JPEG", size=(64, 48), **how):
    made = BytesIO()
    noise = Image.effect_noise(size, 60).convert("RGB")
    noise.save(made, format, **how)
    return made.getvalue()


def png(width, height, rows=b""):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/jpeg", picture()),
        ("image/jpeg", picture(progressive=True, quality=30)),
        ("image/jpeg", picture(size=(2000, 1500), comment=b"taken at the door")),
        ("image/png", picture("PNG")),
        ("image/webp", picture("WEBP")),
    ],
)
def test_what_phones_send_is_a_picture(content_type, body):
    assert cleaned("photo", content_type, body).body.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "can't be decoded"),
        (b"\xff", "can't be decoded"),
        (b"\x89PNG", "can't be decoded"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (picture()[:-200], "can't be decoded"),
        (picture()[: len(picture()) // 2], "can't be decoded"),
        (picture("GIF"), "can't be decoded"),
        (picture("BMP"), "can't be decoded"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "page or a script"),
        (b"<!DOCTYPE html><p>hello", "page or a script"),
        (picture() + b"<script>alert(1)</script>", "page or a script"),
        (picture(comment=b"<HTML>"), "page or a script"),
        (picture() + b"%PDF-1.7", "page or a script"),
        (picture("PNG"), "was announced as image/jpeg and is image/png"),
        (picture("WEBP"), "was announced as image/jpeg and is image/webp"),
        (picture(size=(1, 1)), "1 x 1 pixels"),
        (picture(size=(4000, 4)), "4000 x 4 pixels"),
        (png(0, 0), "can't be decoded"),
        (png(50_000, 50_000), "pixels"),
        (png(7000, 7000, b"\0" * 1000), "pixels"),
        (b"\x00" * 5000, "can't be decoded"),
        (b"text", "can't be decoded"),
    ],
)
def test_what_is_none_is_asked_for_again(body, why):
    with pytest.raises(Unprocessable) as refused:
        cleaned("photo", "image/jpeg", body)
    assert refused.value.code == "not_a_picture"
    assert "JPEG, PNG or WebP" in refused.value.detail
    if why != "pixels" or "can't" not in refused.value.detail:
        assert why in refused.value.detail


def test_a_bomb_is_refused_before_it_is_unpacked():
    side = int(MOST_PIXELS**0.5) + 1
    with pytest.raises(Unprocessable, match="are the most"):
        cleaned("photo", "image/png", png(side, side, b"\0" * 100))


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_bytes_raise_anything_but_a_refusal(noise, cut):
    for body in (noise, picture()[:cut], picture("PNG")[:cut] + noise, picture("WEBP")[:cut] + noise):
        with suppress(Unprocessable):
            cleaned("photo", "image/png", body)


def with_metadata(turned=6):
    """Return a picture, 64 pixels wide and 48 high, that a phone made lying on its side."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F], notes[0x0110] = turned, "PhoneMaker", "X 1"
    exif, gps = notes.get_ifd(0x8769), notes.get_ifd(0x8825)
    exif[0x9003], exif[0x9011] = "2026:06:01 12:00:05", "-05:00"
    gps[1], gps[2], gps[3], gps[4] = "N", (41.0, 0.0, 36.0), "W", (87.0, 0.0, 0.0)
    return picture(exif=notes.tobytes(), comment=b"taken at the door")


def shown(body, content_type="image/jpeg"):
    return Image.open(BytesIO(cleaned("photo", content_type, body).body))


def test_a_picture_is_shown_upright_and_without_what_the_phone_wrote_into_it():
    taken = with_metadata()
    clean = cleaned("photo", "image/jpeg", taken)
    with Image.open(BytesIO(clean.body)) as read:
        assert (read.format, read.size, dict(read.getexif())) == ("JPEG", (48, 64), {})
    assert b"PhoneMaker" not in clean.body
    assert b"taken at the door" not in clean.body
    assert cleaned("photo", "image/jpeg", taken) == clean, "the same picture is always the same bytes"


def test_what_the_phone_wrote_into_it_is_kept_aside():
    notes = cleaned("photo", "image/jpeg", with_metadata()).notes
    assert (notes.at, notes.camera) == ("2026-06-01T12:00:05-05:00", "PhoneMaker X 1")
    assert (notes.place.lat, notes.place.lon) == (pytest.approx(41.01), pytest.approx(-87))
    assert cleaned("photo", "image/jpeg", picture()).notes is None


@pytest.mark.parametrize("turned", range(1, 9))
def test_the_corner_that_is_up_on_the_phone_is_up_for_those_who_look(turned):
    """A red corner that the phone's note puts at the top left is there, whichever of the eight ways it was held."""
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turned]
    upright = Image.new("RGB", (64, 48), "white")
    upright.paste("red", (0, 0, 24, 16))
    lying = upright if undo is None else upright.transpose(undo)
    notes, made = Image.Exif(), BytesIO()
    notes[0x0112] = turned
    lying.save(made, "JPEG", exif=notes.tobytes(), quality=95)
    with shown(made.getvalue()) as read:
        assert read.size == (64, 48)
        red, white = read.getpixel((8, 6)), read.getpixel((56, 40))
    assert red[0] > 200 > 60 > red[1]
    assert min(white) > 200


def test_what_is_hidden_behind_or_beside_the_pixels_is_not_shown():
    hidden = b"PK\x03\x04 a whole archive" * 20
    views = [Image.effect_noise((64, 48), 60).convert("RGB") for _ in range(2)]
    several = BytesIO()
    views[0].save(several, "MPO", save_all=True, append_images=views[1:])
    for body in (picture() + hidden, picture(comment=hidden), several.getvalue()):
        clean = cleaned("photo", "image/jpeg", body).body
        assert b"PK\x03\x04" not in clean
        assert clean.count(b"\xff\xd8\xff") == 1
    with shown(several.getvalue()) as read:
        assert (read.format, read.size) == ("JPEG", (64, 48))


@pytest.mark.parametrize(("format", "content_type"), [("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_moving_picture_is_no_proof(format, content_type):
    made = BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    frames[0].save(made, format, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(Unprocessable, match="3 frames"):
        cleaned("photo", content_type, made.getvalue())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (0x9003, b"\xff\xfe\x00"),
        (0x9003, "yesterday"),
        (0x9011, "-99999"),
        (0x010F, "\0\0\0"),
        (0x010F, "x" * 5000),
    ],
)
def test_notes_that_make_no_sense_cost_no_picture(field, value):
    notes = Image.Exif()
    notes[field] = value
    found = cleaned("photo", "image/jpeg", picture(exif=notes.tobytes())).notes
    assert found is None or len(found.camera or "") <= 60


@given(st.integers(4, 300), st.binary(min_size=1, max_size=12))
def test_garbled_notes_raise_nothing_but_a_refusal(at, noise):
    body = with_metadata()
    with suppress(Unprocessable):
        cleaned("photo", "image/jpeg", body[:at] + noise + body[at + len(noise) :])


def test_a_place_that_is_none_is_left_out():
    notes = Image.Exif()
    gps = notes.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0)
    assert cleaned("photo", "image/jpeg", picture(exif=notes.tobytes())).notes is None


@pytest.mark.parametrize("size", [(3000, 2000), (500, 2600)])
def test_no_more_pixels_are_shown_than_people_can_use(size):
    with shown(picture(size=size)) as read:
        assert max(read.size) == LONGEST_SIDE
        assert abs(read.width / read.height - size[0] / size[1]) < 0.01


def test_a_small_picture_stays_as_small_as_it_is():
    with shown(picture(size=(40, 40))) as read:
        assert read.size == (40, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_a_signature_on_nothing_is_shown_on_white(mode):
    made = BytesIO()
    Image.new(mode, (64, 64)).save(made, "PNG", **({"transparency": 0} if mode == "P" else {}))
    with shown(made.getvalue(), "image/png") as read:
        see_through = mode in ("RGBA", "LA", "P")
        assert min(read.getpixel((5, 5))) > 250 if see_through else max(read.getpixel((5, 5))) < 5
