"""Benchmarks of crowdship's speed, cost and size: ``python -m benchmarks`` lists them.

A figure that depends on the machine is a ratio to a peer that was measured in the same run, in turns. Each benchmark
prints a table and writes its result, and often a picture, to ``build/benchmarks/``.
"""

import sys
from pathlib import Path

# The package is a Lambda layer, not installed; benchmarks of the rules themselves import it from there.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "layers" / "crowdship" / "python"))
