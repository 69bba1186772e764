"""Whole numbers: counts of reads, or intensities of an array that were rounded."""

import numpy as np
import pytest

from clrna.scale import detect_scale
from clrna.scale.rounded_intensities import may_be_intensities, why_intensities

N_SAMPLES, N_GENES = 12, 4000


def counts(seed: int = 0, dispersion: float = 0.3, depth: float = 1.0) -> np.ndarray:
    """Reads of genes whose means spread over five decades, 15 % of them hardly expressed."""
    random = np.random.default_rng(seed)
    means = 10 ** random.uniform(0, 4.5, N_GENES) * depth
    means[random.random(N_GENES) < 0.15] *= 1e-3
    return random.negative_binomial(1 / dispersion, 1 / (1 + means * dispersion), (N_SAMPLES, N_GENES)).astype(float)


def intensities(noise: float, floor: float = 0.0, seed: int = 0) -> np.ndarray:
    """Signals above a background, as differences of match and mismatch are, cut at a floor."""
    random = np.random.default_rng(seed)
    signal = 10 ** random.uniform(0, 4, N_GENES) * random.lognormal(0, 0.4, (N_SAMPLES, N_GENES))
    signal[:, random.random(N_GENES) < 0.4] = 0
    return np.maximum(np.rint(signal + random.normal(0, noise, signal.shape)), floor)


@pytest.mark.parametrize("noise", [20, 50, 150])
@pytest.mark.parametrize("samples", [1, 12])
def test_intensities_cut_at_zero_are_none_of_reads(noise: float, samples: int) -> None:
    found = detect_scale(intensities(noise)[:samples])
    assert found.scale.name == "intensity" and "are 0, and the next three numbers" in found.why


@pytest.mark.parametrize("floor", [16, 20, 100])
def test_a_floor_is_none_of_counts(floor: float) -> None:
    found = detect_scale(intensities(30, floor))
    assert found.scale.name == "intensity" and f"are {floor}, and counts have no such floor" in found.why


@pytest.mark.parametrize("background", [20, 40, 100])
def test_a_background_is_none_of_counts(background: float) -> None:
    """Scanners round; among counts there are zeros, or those that a filter left; but not of a panel of 300 genes."""
    values = np.rint(background + 10 ** np.random.default_rng(0).uniform(0, 4, (N_SAMPLES, N_GENES)) / 10)
    found = detect_scale(values)
    assert found.scale.name == "intensity" and f"none below {background}" in found.why
    assert detect_scale(values[:, :300]).scale.name == "counts"


def test_the_logarithm_of_them_is_one_of_intensities() -> None:
    found = detect_scale(np.log2(intensities(50) + 1))
    assert found.scale.name == "log2_intensity1" and "2**x - 1 gives whole numbers" in found.why


def normalized(values: np.ndarray) -> np.ndarray:
    """Counts divided by size factors and rounded, as DESeq2's are handed on."""
    return np.rint(values / np.random.default_rng(1).uniform(0.3, 3, (len(values), 1)))


def coverage(values: np.ndarray) -> np.ndarray:
    """Sums of the reads' bases over a gene (recount): reads of 76 bases, some of which end within it."""
    return values * 76 + np.random.default_rng(1).integers(1, 76, values.shape) * (values > 0)


REAL = {
    "as they are": lambda values: values,
    "deep": lambda _: counts(depth=50),
    "shallow": lambda _: counts(depth=0.05),
    "scattered": lambda _: counts(dispersion=2.0),
    "one sample": lambda values: values[:1],
    "200 genes": lambda values: values[:, :200],
    "normalized": normalized,
    "coverage": lambda values: coverage(values * 20),
    "filtered by 10 reads in all": lambda values: values[:, values.sum(axis=0) >= 10],
    "filtered by 10 reads in 3 samples": lambda values: values[:, (values >= 10).sum(axis=0) >= 3],
    "filtered by 10 reads in each": lambda values: values[:, values.min(axis=0) >= 10],
    "filtered by 100 reads in each": lambda values: values[:, values.min(axis=0) >= 100],
    "one sample, filtered by 10 reads": lambda values: values[:1, values[0] >= 10],
    "filtered, missing genes filled with 0": lambda values: np.hstack(
        [values[:, values.mean(axis=0) >= 200], np.zeros((N_SAMPLES, 900))]
    ),
}


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("seed", range(3))
def test_counts_stay_counts(kind: str, seed: int) -> None:
    values = REAL[kind](counts(seed))
    assert why_intensities(values) == ""
    assert detect_scale(values).scale.name == "counts"


def test_few_values_by_chance_do_not_fall_as_counts_do() -> None:
    """One sample of a panel: 500 genes without a read, 94 with one to three, 43 with eight to ten."""
    frequency = {0: 500, 1: 45, 2: 26, 3: 23, 4: 24, 5: 12, 6: 12, 7: 10, 8: 17, 9: 14, 10: 12}
    few = np.repeat(list(frequency), list(frequency.values()))
    values = np.concatenate([few, np.geomspace(11, 8_000, 500).round()])[np.newaxis]
    assert why_intensities(values) == "" and detect_scale(values).scale.name == "counts"


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert why_intensities(np.zeros((3, 5))) == ""
    assert why_intensities(np.full((3, 5), np.nan)) == ""


def test_a_cut_at_one_is_as_one_at_zero() -> None:
    """As where a logarithm was to be taken."""
    found = detect_scale(intensities(50, 1.0))
    assert found.scale.name == "intensity" and "are 1, and the next three numbers" in found.why


def array(n_genes: int = N_GENES, within: float = 0.1) -> np.ndarray:
    """Signals of an array that RMA made, without logarithm: even the weakest hardly vary."""
    random = np.random.default_rng(4)
    logs = 2.3 + random.gamma(3.0, 1.5, n_genes) + random.normal(0, within, (N_SAMPLES, n_genes))
    return np.rint(2 ** np.minimum(logs, 15.0))


def test_what_varies_less_than_chance_is_no_number_of_reads() -> None:
    found = detect_scale(array())
    assert found.scale.name == "intensity" and "vary less than reads do by chance" in found.why
    replicates = np.random.default_rng(5).poisson(array()[0], (N_SAMPLES, N_GENES)).astype(float)
    assert why_intensities(replicates) == ""


def test_more_ones_than_zeros_where_numbers_fall() -> None:
    """Signals of MAS5: hardly one is 0, and those next to it fall as counts do."""
    random = np.random.default_rng(6)
    values = np.rint(random.gamma(0.5, 60, (N_SAMPLES, N_GENES)) + random.uniform(0.3, 1.5, (N_SAMPLES, N_GENES)))
    found = detect_scale(values)
    assert found.scale.name == "intensity" and "fewer than are 1, 2 or 3" in found.why
    filtered = counts()
    assert why_intensities(filtered[:, (filtered >= 5).sum(axis=0) >= 2]) == ""


def test_where_nothing_decides_a_doubt_is_told() -> None:
    random = np.random.default_rng(7)
    logs = np.minimum(4 + random.gamma(3.0, 1.5, 6_000) + random.normal(0, 1.0, (N_SAMPLES, 6_000)), 15.5)
    found = detect_scale(np.rint(2**logs))
    assert found.scale.name == "counts" and "times the tenth" in found.doubt
    deep = np.random.default_rng(8).poisson(10 ** random.normal(2, 0.9, 6_000), (N_SAMPLES, 6_000)).astype(float)
    deep[:, 0] = 90_000
    assert may_be_intensities(deep) == ""
