"""Write the recorded plans anew, from the code as it is: ``python -m tests.unit.planner.recorded``.

Only if plans are meant to change; the difference in ``plans.json`` shows which do.
"""

import json
from pathlib import Path

from tests.unit.planner.recorded.cases import CASES

PLANS = Path(__file__).parent / "plans.json"


def main() -> None:
    """Make every case's plans and keep them, one line each."""
    lines = [f" {json.dumps(name)}: {json.dumps(case())}" for name, case in CASES.items()]
    PLANS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
