"""The pages in a browser, on the running platform: ``make e2e``.

Playwright drives the system's Chromium. What happens to a delivery meanwhile is a story that the browser's tests move
on, one step for each call: ``POST /<step>`` of a small server that runs as long as the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local import stack as platform
from local.imitations.receivers import Receivers
from local.pages import GROUND, WEB
from local.scenarios.scene import Scene

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Followed:
    """A delivery that a customer follows, from the order to the door, and then rates and tips.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        (self._driver,) = scene.open(1, named=("Ada Lund",))
        scene.shop.patch("/v1/account", {"customer_tips": True})
        self._delivery: dict[str, Any] = {}
        self.steps: dict[str, Callable[[], object]] = {
            "order": self._order,
            "take": self._take,
            "fetch": lambda: self._driver.fetch(self._delivery),
            "set_out": lambda: self._driver.step(self._delivery, "depart", stop="dropoff"),
            "come_near": lambda: self._driver.stand_at(scene.centre.moved(700, 0)),
            "arrive": self._arrive,
            "deliver": self._deliver,
        }

    def _order(self) -> dict[str, str]:
        self._delivery = self._scene.order(900, requirements={"pin": True})
        return {"tracking_url": self._delivery["tracking_url"]}

    def _take(self) -> None:
        self._driver.go_on_duty()
        self._driver.accept(self._scene.offer_to(self._driver))

    def _arrive(self) -> None:
        self._driver.stand_at(self._scene.centre.moved(900, 0))
        self._driver.step(self._delivery, "arrive", stop="dropoff")

    def _deliver(self) -> None:
        _, seen = self._scene.follow(self._delivery)
        self._driver.step(self._delivery, "deliver", pin=seen["pin"], position=self._driver.at.json())
        self._driver.go_home()


def serve(steps: dict[str, Callable[[], object]]) -> ThreadingHTTPServer:
    """Serve the steps of a story on a free port, in a thread of their own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            step = steps.get(self.path.strip("/"))
            if not step:
                return self._answer(404, {"error": f"no such step; there are {', '.join(steps)}"})
            try:
                self._answer(200, step())
            except Exception as error:
                self._answer(500, {"error": str(error)})

        def _answer(self, status: int, body: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body, default=str).encode())

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


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
    with Receivers() as receivers, Scene("followed", running, receivers, lambda _: None) as scene:
        server = serve(Followed(scene).steps)
        environment = {
            **os.environ,
            "CHROMIUM": browser,
            "PAGES": running.pages_url,
            "CENTRE": ",".join(map(str, json.loads((GROUND / "ground.json").read_text())["centre"])),
            "STORY": f"http://127.0.0.1:{server.server_port}",
        }
        done = subprocess.run(["npx", "playwright", "test", *arguments], cwd=WEB, env=environment)
        server.shutdown()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
