"""Counts of reads that were divided by one number a sample: whole multiples of the step that one read makes."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clrna.scale.detection import ScaleDetection
from clrna.scale.scale_name import EXPRESSION, Scale
from clrna.spread_out import finite_rows

_MOST_SAMPLES: Final = 50
# The smallest numbers tell a step best: rounding errors of logarithms grow with the numbers.
_MOST_VALUES: Final = 80
_FEWEST: Final = 30
_LOWEST: Final = 10
# One foreign value breaks two steps; of the lowest of DESeq2's vst four are no steps.
_LOWEST_SHARE: Final = 0.75
_MOST_STEPS: Final = 20.0
_NEAR: Final = 0.1
_SMALL: Final = 100.0
_ON_GRID: Final = 0.05
_FEWEST_ROUNDED: Final = 12
_SMALL_ERROR: Final = 0.2
_SHARE: Final = 0.9
_REACHES: Final = (5.0, 20.0, 80.0, 300.0, 1_000.0)
_SAME: Final = 1e-3
_ALIKE: Final = 0.02
# A library of less than three million reads is rare, and size factors lie about 1 and make no such step.
_LARGEST_CPM_STEP: Final = 1 / 3
_LEAST_CPM: Final = 1e5
_MOST_CPM: Final = 2e6
_MILLION: Final = 1.02e6
_PRIORS: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0)
_BASES: Final = {2.0: "2", math.e: "e", 10.0: "10"}


@dataclass(frozen=True)
class _Steps:
    """The steps of a study's samples: distinct values of those that have some, and up to how many reads they hold."""

    rows: list[NDArray[np.float64]]
    steps: NDArray[np.float64]
    reach: float

    @property
    def of_reads(self) -> bool:
        """Whether they are of libraries, which are not so much alike as numbers that were rounded to decimals."""
        middle = float(np.median(self.steps))
        alike = np.mean(np.abs(self.steps / middle - 1.0) < _ALIKE) > 0.5
        same = len(self.steps) > 1 and self.steps.max() < (1.0 + _SAME) * self.steps.min()
        return not same and not (alike and _is_round(middle))


def scaled_reads(values: np.ndarray) -> ScaleDetection | None:
    """Recognise counts that were divided by a library size or size factor, by the steps between small numbers.

    Parameters
    ----------
    values
        Shape (samples, genes), without logarithm, not negative; what is not finite is left out.

    Returns
    -------
    CPM where the sums are those of a million reads, TMM where these were corrected by factors (edgeR's: Robinson and
    Oshlack 2010, doi:10.1186/gb-2010-11-3-r25), else expression (DESeq2's size factors, upper quartiles). None where
    the numbers make no steps.
    """
    rows = list(finite_rows(values, _MOST_SAMPLES))
    distinct = [np.unique(row) for row in rows if row.size]
    found = _steps(distinct, [np.full(row.shape, _grid(row) / 2) for row in distinct])
    if found is None or not found.of_reads:
        return None
    unit, seen = _unit(found, [float(row.sum()) for row in rows])
    return ScaleDetection(Scale(unit), seen)


def log_of_scaled_reads(values: np.ndarray) -> ScaleDetection | None:
    """Recognise the logarithm of such numbers, whatever was added to them first.

    edgeR's ``cpm(log=TRUE)`` adds some reads in proportion to the library, which is the same number of CPM in all
    samples; voom adds half a read (Law et al. 2014, doi:10.1186/gb-2014-15-2-r29). Either way the steps stay.

    Parameters
    ----------
    values
        Shape (samples, genes), no larger than a logarithm can be; what is not finite is left out.

    Returns
    -------
    As :func:`scaled_reads`, with the base whose undoing gives steps and the number that was added.
    """
    rows = [row for row in finite_rows(values, _MOST_SAMPLES) if row.size]
    distinct = [np.unique(row) for row in rows]
    found = {base: steps for base in _BASES if (steps := _log_steps(distinct, base)) is not None}
    # Near the logarithm of 1 those to any base make steps; only the right one makes them far from it, too.
    reach = max((steps.reach for steps in found.values()), default=0.0)
    furthest = [base for base, steps in found.items() if steps.reach == reach]
    if len(furthest) != 1 or not found[furthest[0]].of_reads:
        return None
    base = furthest[0]
    added = _added(found[base])
    sums = [float((base**row - added).sum()) for row in rows]
    unit, seen = _unit(found[base], sums)
    return ScaleDetection(Scale(unit, base, float(f"{added:.3g}")), f"{_BASES[base]}**x gives {seen}")


def _log_steps(distinct: list[NDArray[np.float64]], base: float) -> _Steps | None:
    linear = [base**row for row in distinct]
    errors = [one * (math.log(base) * _grid(row) / 2) for one, row in zip(linear, distinct, strict=True)]
    return _steps(linear, errors)


def _steps(distinct: list[NDArray[np.float64]], errors: list[NDArray[np.float64]]) -> _Steps | None:
    """Find the steps of samples, given their distinct values in ascending order; None where hardly one has any.

    ``errors`` say how far rounding may have moved each value; 0 where it was not rounded to a few decimals.
    """
    found = [(row, *_step(row, error)) for row, error in zip(distinct, errors, strict=True)]
    known = [(row, step, reach) for row, step, reach in found if reach]
    if not known or len(known) < _SHARE * len(found):
        return None
    rows, steps, reaches = zip(*known, strict=True)
    return _Steps(list(rows), np.array(steps), float(np.median(reaches)))


def _grid(distinct: NDArray[np.float64]) -> float:
    """Return the number that all small values of a sample are multiples of, where they have few decimals; 0 else."""
    small = distinct[np.abs(distinct) < _SMALL]
    for grid in (0.1, 0.01, 0.001):
        if small.size and np.all(np.abs(small / grid - np.rint(small / grid)) < _ON_GRID):
            return grid
    return 0.0


def _rounded_step(distinct: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[float, float]:
    """Return the step between a sample's lowest values, where rounding leaves it to be seen, and how far it goes.

    All numbers of reads that follow one another stand there; what else was rounded is no further apart than decimals.
    """
    if distinct.size <= _FEWEST_ROUNDED:
        return 0.0, 0.0
    gaps = np.diff(distinct[: _FEWEST_ROUNDED + 1])
    # Rounding moves the one, and a number of reads that nothing has the other.
    return max(
        (_followed(distinct, error, float(step)) for step in (gaps.mean(), np.median(gaps))), key=lambda of: of[1]
    )


def _followed(distinct: NDArray[np.float64], error: NDArray[np.float64], step: float) -> tuple[float, float]:
    """Follow rounded steps to larger values as far as rounding allows, making the step more precise."""
    usable = min(int(np.argmax(np.append(error >= _SMALL_ERROR * step, True))), _MOST_VALUES)
    if usable < _FEWEST_ROUNDED:
        return 0.0, 0.0
    some = distinct[:usable] - distinct[0]
    for number in (_FEWEST_ROUNDED, 2 * _FEWEST_ROUNDED, 4 * _FEWEST_ROUNDED, usable):
        times = np.rint(some[:number] / step)
        step = float((some[:number] * times).sum() / (times * times).sum())
    times = np.rint(some / step)
    fits = np.abs(some / step - times) <= _NEAR + error[:usable] / step
    follow = np.diff(times[:_FEWEST_ROUNDED]) == 1.0
    return (step, float(times[-1])) if fits.mean() >= _SHARE and follow.mean() >= _LOWEST_SHARE else (0.0, 0.0)


def _step(distinct: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[float, float]:
    """Return the number of which the differences between a sample's values are whole multiples, and how far."""
    if error.any():
        return _rounded_step(distinct, error)
    gaps = np.diff(distinct[:_MOST_VALUES])
    if gaps.size < _FEWEST:
        return 0.0, 0.0
    for quantile in (0.1, 0.25, 0.5):
        start = np.quantile(gaps, quantile, method="nearest")
        step = float(np.median(gaps[np.abs(gaps / start - 1.0) <= _NEAR])) if start > 0 else 0.0
        if step and _whole(gaps / step) >= _SHARE and _whole(gaps[:_LOWEST] / step) >= _LOWEST_SHARE:
            return _extended(distinct - distinct[0], step)
    return 0.0, 0.0


def _whole(times: NDArray[np.float64]) -> float:
    return float(np.mean((np.abs(times - np.rint(times)) < _NEAR) & (times > 0.5) & (times < _MOST_STEPS)))


def _extended(above: NDArray[np.float64], step: float) -> tuple[float, float]:
    """Follow the steps to larger values, making the step more precise."""
    furthest = 0.0
    for reach in _REACHES:
        some = above[: np.searchsorted(above, reach * step)]
        times = np.rint(some / step)
        if some.size < _REACHES[0]:
            continue
        if np.sum(np.abs(some / step - times) >= _NEAR) > max(1.0, (1.0 - _SHARE) * some.size):
            break
        furthest, step = reach, float((some * times).sum() / (times * times).sum())
    return step, furthest


def _is_round(step: float) -> bool:
    """Whether a step is one that rounding, or the mean of two or three, makes."""
    decimals = -math.log10(step)
    near = abs(decimals - round(decimals)) < _ALIKE / math.log(10)
    return near or any(round(one) >= 1 and abs(one / round(one) - 1.0) < _ALIKE for one in (step, 1 / step) if one < 4)


def _added(found: _Steps) -> float:
    """Return what was added before the logarithm: where the values lie between the steps tells it.

    The smallest values need not be of zero reads, which a filter may have taken out.
    """
    steps = found.steps
    lowest = np.array([row[0] for row in found.rows])
    # The mean library is the mean of 1 / step, and so many of its reads are the same CPM in all samples.
    library = float(np.mean(1.0 / steps))
    candidates = [(1.0, lowest - 1.0), (float(0.5 * np.median(steps)), lowest - 0.5 * steps)]
    candidates += [(prior / library, lowest - prior / library) for prior in _PRIORS]
    off = [_off(rest / steps) for _, rest in candidates]
    best = int(np.argmin(off))
    return candidates[best][0] if off[best] < _NEAR else 0.0


def _off(reads: NDArray[np.float64]) -> float:
    """Return how far numbers of reads are from whole ones, in most samples; none may be below 0."""
    if (reads < -_NEAR).any():
        return 1.0
    return float(np.quantile(np.abs(reads - np.rint(reads)), 0.75))


def _unit(found: _Steps, sums: list[float]) -> tuple[str, str]:
    total, step = float(np.median(sums)), float(np.median(found.steps))
    seen = f"whole multiples of each sample's own number (about {step:.2g}), which sum to {total:.2g}"
    if step < _LARGEST_CPM_STEP and _LEAST_CPM < total < _MOST_CPM:
        # Of samples that sum to more than a million each was divided by a factor beside its library.
        return ("tmm" if max(sums) > _MILLION else "cpm"), f"{seen}: reads per million"
    return EXPRESSION, f"{seen}: counts that were divided by the size of each library"
