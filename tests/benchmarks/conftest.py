"""The benchmark's modules, which stand in a folder and not in a package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "transfer"))
