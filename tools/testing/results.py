"""What passed and what failed, counted in one place."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Results:
    """Passed and failed tests; each is printed as it comes."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, name: str, problem: str = "", seconds: float | None = None) -> None:
        """Count one test; ``problem`` is empty where it passed."""
        time = "" if seconds is None else f" ({seconds:.0f} s)"
        print(f"{'FAILED' if problem else 'passed'}  {name}{time}", flush=True)
        if problem:
            self.failed.append(name)
            print("    " + problem[:3000].replace("\n", "\n    "), flush=True)
        else:
            self.passed += 1

    def attempt(self, name: str, test: Callable[[], object]) -> None:
        """Run a test and count it; a failure of any kind is its result."""
        started, problem = time.monotonic(), ""
        try:
            test()
        except Exception:  # noqa: BLE001 - as said above
            problem = traceback.format_exc(limit=-3)
        self.add(name, problem, time.monotonic() - started)

    def summary(self) -> str:
        """Return the line that ends a run."""
        return f"{self.passed} passed, {len(self.failed)} failed"
