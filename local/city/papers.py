"""Drawings that stand for photos of drivers' documents."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def licence(name: str = "SAMPLE LICENCE", size: tuple[int, int] = (1000, 640)) -> Image.Image:
    """Return a drawing of a licence: a card with a photo and lines of print on a table."""
    picture = Image.new("RGB", size, (120, 100, 80))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((40, 40, size[0] - 40, size[1] - 40), 30, fill=(225, 230, 235))
    pen.rectangle((80, 120, 320, 420), fill=(150, 130, 120))
    for line in range(10):
        pen.text((360, 110 + 45 * line), f"{line} {name} 1234567 Class C", fill=(20, 20, 40), font_size=28)
    return picture


def jpeg(picture: Image.Image) -> bytes:
    """Return a picture as a JPEG."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def nothing() -> bytes:
    """Return a picture on which nothing is to be seen, as of a table."""
    return jpeg(Image.new("RGB", (1000, 640), (128, 128, 128)))
