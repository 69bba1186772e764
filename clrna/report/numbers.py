"""Numbers as readers want them."""

import math


def score(value: float) -> str:
    """Return a score with the digits that matter: 0.713, 18.4, 1,204; an en dash where there is none."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size < 10:
        return f"{value:.2f}".replace("-", "−")
    return (f"{value:.1f}" if size < 1000 else f"{value:,.0f}").replace("-", "−")


def interval(low: float, high: float) -> str:
    """Return an interval, or nothing where it was not computed."""
    return f"{score(low)} to {score(high)}" if math.isfinite(low) and math.isfinite(high) else ""


def count(value: float) -> str:
    """Return a number of samples."""
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def share(part: float, whole: float) -> str:
    """Return a percentage; with a digit behind the point where it would round to 0 or 100 and is neither."""
    if whole <= 0:
        return "–"
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 1 or 99 < percent < 100 else f"{percent:.0f} %"
