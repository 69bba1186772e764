"""What the interval of a difference shows, in words: which is better, that they do not differ, or that nobody can tell.

Two intervals that overlap do not show that two scores are alike, and those of scores on the same samples may overlap
where one is better throughout. So only the interval of the difference is asked.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from clrna.metrics.catalogue import LOWER
from clrna.results.score_table import DIFFERENCE

# Shares that differ by less than this are called alike: two of a hundred samples.
MARGIN: Final = 0.02

_DIGITS: Final = 2

BETTER: Final = "better"
WORSE: Final = "worse"
ALIKE: Final = "alike"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Versus:
    """A score's difference to another's on the same samples."""

    difference: float
    low: float  # of its 95 % interval, NaN where there is none
    high: float
    n: int  # samples behind both
    lower_is_better: bool = False

    @property
    def has_interval(self) -> bool:
        """Whether it is known how sure the difference is."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def verdict(self) -> str:
        """Which of the four words holds."""
        if not self.has_interval:
            return UNKNOWN
        if -MARGIN <= self.low and self.high <= MARGIN:
            return ALIKE
        # An end that is shown as 0.00 is no sign of a difference: of few samples it would be that of one or two.
        if round(self.low, _DIGITS) <= 0 <= round(self.high, _DIGITS):
            return UNKNOWN
        return WORSE if (self.difference > 0) == self.lower_is_better else BETTER

    @property
    def size(self) -> str:
        """The difference without its sign, and its interval."""
        ends = sorted((abs(self.low), abs(self.high)))
        return f"{abs(self.difference):.2f} ({ends[0]:.2f} to {ends[1]:.2f})"

    @property
    def signed(self) -> str:
        """The difference with its sign, and its interval."""
        spread = f"{signed(self.low)} to {signed(self.high)}" if self.has_interval else "no interval"
        return f"{signed(self.difference)} ({spread})"

    def in_short(self) -> str:
        """Return a few words that follow the name of a score."""
        if self.verdict in (BETTER, WORSE):
            return f"{self.verdict} by {self.size}"
        if self.verdict == ALIKE:
            return f"they do not differ by more than {MARGIN:g}, difference {self.signed}"
        return f"which is better cannot be told with n = {self.n}, difference {self.signed}"

    def in_words(self, name: str) -> str:
        """Return a sentence about the embedding ``name``."""
        if self.verdict in (BETTER, WORSE):
            return f"{name} is {self.verdict} by {self.size}."
        if self.verdict == ALIKE:
            return f"They do not differ by more than {MARGIN:g}: the difference is {self.signed}."
        return f"Which is better cannot be told with n = {self.n}: the difference is {self.signed}."


def signed(value: float) -> str:
    """Return a number with its sign, a plain 0.00 where nothing is left of it."""
    text = f"{value:+.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", "−")


def versus_combat(row: Mapping[str, Any] | pd.Series) -> Versus | None:
    """Return a row of the table of scores against ComBat's, None where there is none on the same samples."""
    if not math.isfinite(row["minus_combat"]):
        return None
    value, low, high = (float(row[name]) for name in DIFFERENCE)
    return Versus(value, low, high, int(row["n"]), row["direction"] == LOWER)
