"""Put events back on the bus that it did not take, once that is mended: ``make replay``.

On AWS the same function is called by hand, see docs/operations.md.
"""

import json
import sys

from local.running import RunningStack

FUNCTION = "crowdship-local-bus-publish"


def main() -> int:
    """Replay what was kept until nothing more goes; say how much went and how much stays."""
    calls, replayed = RunningStack.load().client("lambda"), 0
    while True:
        answer = calls.invoke(FunctionName=FUNCTION, Payload=json.dumps({"replay": True}))
        told = json.load(answer["Payload"])
        if "FunctionError" in answer:
            print(f"{FUNCTION} failed: {told}")
            return 1
        replayed += told["replayed"]
        if not told["replayed"]:
            print(f"{replayed} messages replayed, {told['left']} stay: the log of bus/publish says why")
            return 0


if __name__ == "__main__":
    sys.exit(main())
