"""Publish again the events that the bus did not take, after the cause was fixed: ``make replay``.

On AWS the same function is called by hand, see docs/operations.md.
"""

import json
import sys

from local.running import RunningStack

FUNCTION = "crowdship-local-tasks-publish"


def main() -> int:
    """Replay kept messages until none is published any more; print how many were, and how many are left."""
    calls, replayed = RunningStack.load().client("lambda"), 0
    while True:
        answer = calls.invoke(FunctionName=FUNCTION, Payload=json.dumps({"replay": True}))
        told = json.load(answer["Payload"])
        if "FunctionError" in answer:
            print(f"{FUNCTION} failed: {told}")
            return 1
        replayed += told["replayed"]
        if not told["replayed"]:
            print(f"{replayed} messages replayed, {told['left']} stay: the log of tasks/publish says why")
            return 0


if __name__ == "__main__":
    sys.exit(main())
