"""Speed, cost and size of crowdship, measured: ``python -m benchmarks`` lists them.

Figures are ratios to a peer that was measured in the same run, in turns, wherever the machine would else decide
them. Each benchmark prints a table and leaves its result, and a picture where people would look at one, in
``build/benchmarks/``.
"""

import sys
from pathlib import Path

# The package is a Lambda layer, not installed; benchmarks of the rules themselves import it from there.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "crowdship" / "python"))
