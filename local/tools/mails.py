"""Write every message to customers and finance as a file, as a phone shows it: ``python -m local.tools.mails``.

Mails are written for each kind and language, and once more with brands that are hard to show. The SMS of a language are
on one page.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from crowdship.insight.finance.model import MailKind
from crowdship.kernel.language import Language
from crowdship.notify.channels.sms import segments
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.kinds import KINDS
from crowdship.notify.customers.writing import CustomerTexts
from crowdship.notify.own_templates.model import SAMPLE_NOW, sample
from local.layers import ROOT
from local.tools.finance_mails import mail, page_of

FOLDER = ROOT / "build" / "mails"

BUBBLES = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>SMS</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; padding: 12px; font: 16px/22px system-ui, sans-serif; background: Canvas; color: CanvasText }}
p {{ margin: 0 48px 4px 0; padding: 10px 14px; border-radius: 18px; overflow-wrap: anywhere;
     background: light-dark(#e9ebec, #2b2f33) }}
h2 {{ font-size: 13px; line-height: 18px; font-weight: 400; margin: 12px 0 4px }}
</style></head><body><h1 style="font-size:18px">SMS</h1>{texts}</body></html>
"""


def _logo() -> str:
    """Return a wide, dark logo on nothing, which is hard to see at night."""
    picture = Image.new("RGBA", (420, 120), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 10, 110, 110), fill=(20, 20, 40, 255))
    draw.rectangle((140, 35, 400, 55), fill=(20, 20, 40, 255))
    draw.rectangle((140, 70, 330, 85), fill=(20, 20, 40, 255))
    file = BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def _facts(language: Language) -> dict[str, DeliveryFacts]:
    """Return the brands that every kind or one kind is shown with, by name."""
    long = "Grandmother Wilhelmine's Old-Town Bakery, Confectionery & Coffee House"
    word = "Donaudampfschifffahrtsgesellschaftskapitaenskajuetenbaeckerei"
    return {
        "": sample("Corner Bakery", language, colour="#0a7d4f"),
        "logo": sample("Corner Bakery", language, colour="#101828", logo=_logo()),
        "yellow": sample("Corner Bakery", language, colour="#ffee00"),
        "long": sample(long, language, customer_name=word, external_id="9" * 40, colour="#c2255c"),
    }


def write(folder: Path = FOLDER) -> list[Path]:
    """Write all messages into a folder, and return the files.

    Parameters
    ----------
    folder : Path
        It is made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for language in Language:
        brands = _facts(language)
        for kind in KINDS:
            shown = brands if kind == "out_for_delivery" else {"": brands[""]}
            for name, facts in shown.items():
                html = CustomerTexts(kind, facts).letter(SAMPLE_NOW).html or ""
                written.append(folder / f"{language}-{kind}{name and '-'}{name}.html")
                written[-1].write_text(html)
        written.append(folder / f"{language}-sms.html")
        written[-1].write_text(BUBBLES.format(language=language, texts=_bubbles(brands[""])))
        for finance in MailKind:
            written.append(folder / f"{language}-finance-{finance}.html")
            written[-1].write_text(page_of(mail(finance, language)))
    return written


def _bubbles(facts: DeliveryFacts) -> str:
    texts = {kind: CustomerTexts(kind, facts).sms(SAMPLE_NOW) for kind in KINDS}
    return "".join(f"<h2>{kind} ({segments(text)} SMS)</h2><p>{escape(text)}</p>" for kind, text in texts.items())


def main(arguments: list[str]) -> int:
    """Write the files and say where they are."""
    files = write(Path(arguments[0]) if arguments else FOLDER)
    print(f"wrote {len(files)} files below {files[0].parent}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
