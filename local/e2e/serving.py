"""The stories as a server: ``POST /<story>/<attempt>/<step>`` plays one step and answers what it returns."""

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

    A test that is tried again plays its story from the beginning: the first step of a later attempt closes the scene of
    the one before.

    Parameters
    ----------
    kinds : mapping
        The stories that there are, by name.
    """

    def __init__(
        self, kinds: Mapping[str, Callable[[Scene], Story]], running: RunningStack, receivers: Receivers
    ) -> None:
        self._kinds, self._running, self._receivers = kinds, running, receivers
        self._open: dict[str, tuple[str, Story]] = {}
        self._opening = threading.Lock()
        self._scenes: dict[str, ExitStack] = {}

    def __enter__(self) -> Stories:
        """Open nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the scenes."""
        for scene in self._scenes.values():
            scene.close()

    def play(self, name: str, attempt: str, step: str) -> object:
        """Play a step of a story and return its outcome.

        Parameters
        ----------
        attempt : str
            Distinguishes the attempts of a test; another one than the last closes the story and opens it anew.

        Raises
        ------
        LookupError
            If there is no such story or step.
        """
        if name not in self._kinds:
            raise LookupError(f"no such story; there are {', '.join(self._kinds)}")
        with self._opening:
            if self._open.get(name, ("",))[0] != attempt:
                self._open[name] = attempt, self._opened(name)
            steps = self._open[name][1].steps
        if step not in steps:
            raise LookupError(f"no such step; there are {', '.join(steps)}")
        return steps[step]()

    def _opened(self, name: str) -> Story:
        scenes = self._scenes.setdefault(name, ExitStack())
        scenes.close()
        return self._kinds[name](scenes.enter_context(Scene(name, self._running, self._receivers, lambda _: None)))


def serve(stories: Stories) -> ThreadingHTTPServer:
    """Serve the stories on a free port, in a thread of their own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                name, attempt, step = self.path.strip("/").split("/")
                self._answer(200, stories.play(name, attempt, step))
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
