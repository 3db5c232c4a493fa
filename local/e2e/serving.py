"""The stories as a server: ``POST /<story>/<step>`` plays one step and answers what it returns."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from local.imitations.receivers import Receivers
from local.running import RunningStack
from local.scenarios.scene import Scene


class Story(Protocol):
    """A course of events on the platform, in named steps."""

    steps: dict[str, Callable[[], object]]


class Stories:
    """Stories that open at their first step, each on a scene of its own.

    Parameters
    ----------
    kinds : mapping
        The stories that there are, by name.
    """

    def __init__(
        self, kinds: Mapping[str, Callable[[Scene], Story]], running: RunningStack, receivers: Receivers
    ) -> None:
        self._kinds, self._running, self._receivers = kinds, running, receivers
        self._open: dict[str, Story] = {}
        self._opening = threading.Lock()
        self._scenes = ExitStack()

    def __enter__(self) -> Stories:
        """Open nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the scenes."""
        self._scenes.close()

    def play(self, name: str, step: str) -> object:
        """Play a step of a story and return its outcome.

        Raises
        ------
        LookupError
            If there is no such story or step.
        """
        if name not in self._kinds:
            raise LookupError(f"no such story; there are {', '.join(self._kinds)}")
        with self._opening:
            if name not in self._open:
                scene = self._scenes.enter_context(Scene(name, self._running, self._receivers, lambda _: None))
                self._open[name] = self._kinds[name](scene)
        steps = self._open[name].steps
        if step not in steps:
            raise LookupError(f"no such step; there are {', '.join(steps)}")
        return steps[step]()


def serve(stories: Stories) -> ThreadingHTTPServer:
    """Serve the stories on a free port, in a thread of their own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name, _, step = self.path.strip("/").partition("/")
            try:
                self._answer(200, stories.play(name, step))
            except LookupError as error:
                self._answer(404, {"error": str(error)})
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
