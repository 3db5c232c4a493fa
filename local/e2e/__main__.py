"""Run the browser's tests of the pages.

Playwright drives the system's Chromium. What happens on the platform meanwhile are stories that the tests move on, one
step for each call, by a small server that runs as long as the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from glob import glob

from local import stack as platform
from local.e2e.by_hand import ByHand
from local.e2e.dispatched import Dispatched
from local.e2e.driving import Driving
from local.e2e.equipped import Equipped
from local.e2e.followed import Followed
from local.e2e.serving import Stories, Story, serve
from local.imitations.receivers import Receivers
from local.pages import GROUND, WEB
from local.scenarios.scene import Scene
from local.tools import mails

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

WEBKIT = "/usr/lib/*/webkit2gtk-4.1/MiniBrowser"
"""Debian's browser around WebKitGTK, which `WebKitWebDriver` drives."""

STORIES: dict[str, Callable[[Scene], Story]] = {
    "by-hand": ByHand,
    "dispatched": Dispatched,
    "driving": Driving,
    "driving-in-webkit": Driving,
    "equipped": Equipped,
    "followed": Followed,
    "followed-in-webkit": Followed,
}
"""The stories by name; a test calls ``story('<name>', '<step>')``."""


def webkit() -> str:
    """Return the path of WebKit's browser, or an empty text if it or what drives it is not on this machine."""
    tools = all(map(shutil.which, ("WebKitWebDriver", "xvfb-run")))
    found = sorted(glob(WEBKIT)) if tools else []
    if not found:
        print("  without WebKit: apt-get install webkit2gtk-driver xvfb xauth", file=sys.stderr)
    return found[-1] if found else ""


def main(arguments: list[str]) -> int:
    """Run Playwright with these arguments on the platform, which is brought up first; return the exit status."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if not browser:
        print("e2e: there is no Chromium: install it, for example by apt-get install chromium", file=sys.stderr)
        return 1
    try:
        running = platform.up()
    except platform.StackError as error:
        print(f"e2e: {error}", file=sys.stderr)
        return 1
    with Receivers() as receivers, Stories(STORIES, running, receivers) as stories:
        server = serve(stories)
        environment = {
            **os.environ,
            "CHROMIUM": browser,
            "WEBKIT": webkit(),
            "PAGES": running.pages_url,
            "CENTRE": ",".join(map(str, json.loads((GROUND / "ground.json").read_text())["centre"])),
            "MAILS": str(mails.write()[0].parent),
            "STORY": f"http://127.0.0.1:{server.server_port}",
        }
        done = subprocess.run(["npx", "playwright", "test", *arguments], cwd=WEB, env=environment)
        server.shutdown()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
