"""Which scale values are held to be in, and which stated scales they contradict."""

import functools
import math
import re

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.scale import StrayValueError, check_scale, detect_scale, parse_scale
from clrna.simulate import simulate
from clrna.simulate_files import UNITS, in_unit

WHOLE = {
    "counts": "counts",
    "cpm": "cpm",
    "tpm": "tpm",
    "fpkm": "fpkm",
    "log2_tpm1": "log2_tpm1",
    "ln_tpm1": "ln_tpm1",
    "log10_tpm1": "log10_tpm1",
    "log2_tpm0.001": "log2_tpm0.001",
    "intensity": "intensity",
    "log2_intensity": "log2_intensity",
    "log2_ratio": "log2_ratio",
    "zscore": "zscore",
}
# Of a selection of genes the sums tell nothing, so the unit stays open.
SELECTION = WHOLE | {
    "cpm": "expression",
    "tpm": "expression",
    "fpkm": "expression",
    "log2_tpm1": "log2_expression",
    "ln_tpm1": "log2_expression",
    "log10_tpm1": "log2_expression",
    "log2_tpm0.001": "log2_expression0.001",
}


@functools.cache
def whole(unit: str) -> np.ndarray:
    """Nine samples of all coding genes in a unit; not to be changed."""
    adata = simulate(n_tissues=3, n_studies=1, n_genes=19_000, samples_per=3, seed=1)
    values = in_unit(adata.X.astype(np.float64), adata.var_names, unit, np.random.default_rng(0)).astype(np.float32)
    values.setflags(write=False)
    return values


@pytest.mark.parametrize("unit", UNITS)
def test_whole_transcriptomes(unit):
    found = detect_scale(whole(unit))
    assert found.scale.name == WHOLE[unit] and found.why


@pytest.mark.parametrize("unit", UNITS)
def test_a_selection_of_genes(unit):
    genes = np.random.default_rng(3).choice(19_000, 700, replace=False)
    found = detect_scale(whole(unit)[:, genes])
    assert found.scale.name == SELECTION[unit]


@pytest.mark.parametrize("unit", sorted(set(UNITS) - {"zscore"}))
def test_one_sample(unit):
    found = detect_scale(whole(unit)[4:5])
    assert found.scale.name == WHOLE[unit]


@pytest.mark.parametrize("unit", UNITS)
def test_missing_values_do_not_matter(unit):
    values = whole(unit).copy()
    values[0, :50] = np.nan
    values[1, 7] = np.inf
    assert detect_scale(values).scale.name == WHOLE[unit]


@pytest.mark.parametrize(("base", "name"), [(np.log2, "log2_tpm0"), (np.log, "ln_tpm0"), (np.log10, "log10_tpm0")])
def test_logarithms_of_zero(base, name):
    with np.errstate(divide="ignore"):
        values = base(whole("tpm"))
    assert np.isneginf(values).any() and detect_scale(values).scale.name == name
    assert detect_scale(values[:, :700]).scale.name == "log2_expression0"


def test_expected_counts_with_fractions_are_counts():
    values = whole("counts").copy()
    some = np.random.default_rng(0).random(values.shape) < 0.3
    values[some] += 0.37
    assert detect_scale(values).scale.name == "counts"


@pytest.mark.parametrize("decimals", [2, 3, 5])
@pytest.mark.parametrize(("base", "name"), [(2.0, "log2"), (math.e, "ln"), (10.0, "log10")])
def test_logarithms_of_cpm_that_were_rounded(base, name, decimals):
    rng = np.random.default_rng(0)
    reads = rng.poisson(whole("counts") * rng.lognormal(0.0, 0.4, (9, 1)))
    for unit, amounts in (("cpm", 1e6 * reads / reads.sum(axis=1, keepdims=True)), ("tpm", whole("tpm"))):
        values = np.round(np.log(amounts + 1.0) / math.log(base), decimals)
        assert detect_scale(values.astype(np.float32)).scale.name == f"{name}_{unit}1"


def test_z_scores_of_samples():
    values = np.random.default_rng(0).gamma(2.0, 2.0, (30, 500))
    values = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)
    assert detect_scale(values.astype(np.float32)).scale.name == "zscore"


@pytest.mark.parametrize(("by_gene", "by_sample"), [(0.11, 0.11), (0.35, 0.1)])
def test_ratios_whose_deviations_lie_about_1_are_no_z_scores(by_gene, by_sample):
    rng = np.random.default_rng(0)
    deviations = rng.normal(1.0, by_gene, (1, 2_000)) * rng.normal(1.0, by_sample, (200, 1))
    ratios = rng.normal(0.0, 1.0, (200, 2_000)) * deviations
    assert detect_scale(ratios.astype(np.float32)).scale.name == "log2_ratio"


@pytest.mark.parametrize("part", ["samples", "genes", "missing"])
def test_a_part_of_z_scores_is_z_scores(part):
    rng = np.random.default_rng(0)
    axis = 1 if part == "genes" else 0
    values = rng.gamma(2.0, 2.0, (300, 2_000))
    values = (values - values.mean(axis=axis, keepdims=True)) / values.std(axis=axis, keepdims=True)
    if part == "missing":
        values[rng.random(values.shape) < rng.uniform(0.0, 0.2, (1, 2_000))] = 0.0
    values = values[:, ::4] if part == "genes" else values[::2]
    assert detect_scale(values.astype(np.float32)).scale.name == "zscore"


def test_ratios_of_a_real_cohort(real_data):
    from clrna.io.hdf5.h5ad import read_h5ad

    values = np.asarray(read_h5ad(real_data / "cohorts" / "curated_GSE12418.h5ad").X)
    assert detect_scale(values).scale.name == "log2_ratio"


def test_real_studies(real_data):
    from clrna.io.hdf5.h5ad import read_h5ad

    expected = {
        "ccle_rnaseq_391": "log2_expression",
        "nci60_agilent": "log2_intensity",
        "tcga_agilent6": "log2_ratio",
    }
    for name, scale in expected.items():
        values = np.asarray(read_h5ad(real_data / "native" / f"{name}.h5ad").X)
        found = detect_scale(values)
        assert found.scale.name == scale
        check_scale(values, found.scale)
        # Ten samples of one tissue are told as well as the whole study.
        assert detect_scale(values[:10]).scale.name == scale
    merged = np.asarray(read_h5ad(real_data / "cellline_tumour_3studies.h5ad").X)
    assert detect_scale(merged).scale.name == "zscore"


@pytest.mark.parametrize("values", [np.zeros((3, 4)), np.full((3, 4), 2.5), np.full((3, 4), np.nan)])
def test_no_expression_at_all(values):
    with pytest.raises(InputError):
        detect_scale(values.astype(np.float32))


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_true_is_not_contradicted(unit):
    check_scale(whole(unit), parse_scale(unit))
    check_scale(whole(unit)[:, ::25], parse_scale(unit))


@pytest.mark.parametrize(
    ("true", "stated", "words"),
    [
        ("counts", "log2_tpm1", "too large for a logarithm"),
        ("tpm", "log2_expression", "too large for a logarithm"),
        ("tpm", "counts", "no whole numbers"),
        ("log2_tpm1", "counts", "no whole numbers"),
        ("log2_tpm1", "tpm", "look like logarithms"),
        ("log2_tpm1", "fpkm", "look like logarithms"),
        ("log2_ratio", "tpm", "negative"),
        ("log2_ratio", "log2_tpm1", "negative|below 0"),
        ("log2_ratio", "counts", "negative"),
        ("log2_ratio", "log2_expression", "below 0"),
        ("log2_intensity", "log2_ratio", "none is negative"),
        ("log2_tpm1", "zscore", "none is negative"),
        ("log2_tpm1", "ln_tpm1", "more than a million"),
        ("ln_tpm1", "log2_tpm1", "a million is expected"),
        ("log10_tpm1", "log2_cpm1", "a million is expected"),
        ("log2_tpm0.001", "log2_tpm1", "below 0"),
        ("counts", "tpm", "more than a million"),
    ],
)
def test_what_is_false_is_contradicted(true, stated, words):
    with pytest.raises(InputError, match=f"not {stated}.*({words})"):
        check_scale(whole(true), parse_scale(stated))


def test_whole_numbers_are_no_logarithms():
    counts = np.random.default_rng(0).poisson(4.0, (10, 300)).astype(np.float32)
    with pytest.raises(InputError, match="whole numbers"):
        check_scale(counts, parse_scale("log2_expression"))


def test_differences_clipped_at_both_ends_have_no_pseudo_count():
    """Many values at -2 are no logarithm of 0.25 where as many are at 2."""
    rng = np.random.default_rng(3)
    values = np.clip(rng.normal(0, 0.9, (1, 400)) + rng.normal(0, 1.1, (12, 400)), -2, 2).astype(np.float32)
    assert (values == -2).mean() > 0.05
    assert detect_scale(values).scale.name == "log2_ratio"
    one_end = np.maximum(np.log2(np.random.default_rng(4).gamma(0.3, 9, (12, 400)) + 0.25), -2).astype(np.float32)
    one_end[:, :40] = -2
    assert detect_scale(one_end).scale.name == "log2_expression0.25"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.random.default_rng(1).beta(0.5, 0.5, (9, 400)), "from 0 to 1, as methylation"),
        (np.random.default_rng(1).integers(-2, 3, (9, 400)), "from -2 to 2, as calls of copy number"),
        (np.random.default_rng(1).random((9, 400)) < 0.05, "only 0 and 1, as mutations"),
    ],
)
def test_other_matrices_of_the_portals_are_no_expression(values, words):
    with pytest.raises(InputError, match=f"{words}.*--input-scale"):
        detect_scale(values.astype(np.float32))


def _logs(shape=(12, 60), seed=5):
    """log2(TPM + 1) of samples x genes."""
    tpm = np.random.default_rng(seed).lognormal(4, 2, size=shape)
    tpm[:, ::7] = 0
    return np.log2(tpm / tpm.sum(axis=1, keepdims=True) * 1e6 + 1)


@pytest.mark.parametrize("value", [36.0, 5000.0, 1e9, -5000.0])
@pytest.mark.parametrize("kind", ["log2", "log10", "ln", "intensity", "ratio", "zscore"])
@pytest.mark.parametrize("shape", [(12, 60), (1, 200), (300, 400)], ids=str)
def test_one_value_does_not_decide_the_scale(kind, value, shape):
    logs = _logs(shape)
    values = {
        "log2": logs,
        "log10": logs * math.log10(2),
        "ln": logs * math.log(2),
        "intensity": 4 + logs / 2,
        "ratio": logs - np.median(logs),
        "zscore": np.random.default_rng(1).normal(size=shape),
    }[kind]
    assert detect_scale(values).scale.base is not None or kind == "zscore"
    values[len(values) // 2, 33] = value
    with pytest.raises(
        StrayValueError, match=re.escape(f"is {value:.6g} where all others look like logarithms")
    ) as caught:
        detect_scale(values)
    assert (caught.value.row, caught.value.column) == (len(values) // 2, 33)


def test_few_large_amounts_are_no_strays():
    """Most genes are hardly expressed where amounts were scaled to a small library, or are counted once or twice."""
    linear = np.random.default_rng(2).lognormal(-2, 1.25, size=(10, 8000))
    linear = linear / linear.sum(axis=1, keepdims=True) * 1e4
    assert 0 < np.count_nonzero(linear > 32) < 0.001 * linear.size
    assert detect_scale(linear).scale.base is None
    counts = np.random.default_rng(2).poisson(1.0, size=(10, 400)).astype(float)
    counts[3, 7] = 5000
    assert detect_scale(counts).scale.name == "counts"
    counts[3, 8] = 2.5
    assert detect_scale(counts).scale.name == "counts"


@pytest.mark.parametrize("decimals", [1, 2, 3])
@pytest.mark.parametrize("logarithm", [False, True])
def test_rounding_to_decimals_makes_no_cpm_of_tpm(decimals, logarithm):
    """RSEM writes TPM with two decimals: all of them are multiples of 0.01."""
    values = np.round(whole("tpm"), decimals)
    if logarithm:
        values = np.log2(values + 1)
    assert detect_scale(values).scale.name == ("log2_tpm1" if logarithm else "tpm")


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_absurd_values_are_refused_without_a_warning_of_numpy():
    """The sum of a sample may be beyond float32; what numpy says of that would stand beside the one line."""
    values = np.full((4, 30), 5.0, dtype=np.float32)
    values[2, :5] = 3.4e38
    with pytest.raises(InputError, match="too large for a logarithm"):
        check_scale(values, parse_scale("log2_intensity"))
