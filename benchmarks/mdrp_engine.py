"""The production matching round behind the JSON-lines protocol of the meal-delivery replay.

Speaks one JSON object a line on standard input and output, so that the replay can put it beside other engines::

    python run.py 'cmd:python -m benchmarks.mdrp_engine' INSTANCE...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from local.city.replays.engine import Engine


def main() -> None:
    """Answer until told to end."""
    engine: Engine | None = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "init":
            shops = {shop["id"]: (shop["x"], shop["y"]) for shop in message["restaurants"]}
            engine = Engine(message["params"], shops)
            answer: dict[str, Any] = {"ok": True}
        elif message["type"] == "tick" and engine:
            answer = {"assign": engine.decide(message)}
        else:
            break
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
