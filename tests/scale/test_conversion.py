"""Exact conversion between scales; refused where there is none."""

import math

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.scale import Scale, convert, normalize_counts, to_linear, to_log2

LINEAR = np.array([[0.0, 0.25, 1.0, 100.0, 54321.0]])


@pytest.mark.parametrize("pseudo", [0.001, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("base", [2.0, math.e, 10.0])
def test_any_logarithm_becomes_log2_plus_one(base, pseudo):
    values = (np.log(LINEAR + pseudo) / np.log(base)).astype(np.float32)
    log2, name = to_log2(values, Scale("tpm", base, pseudo))
    assert name == "log2_tpm1" and log2.dtype == np.float32
    # float32 logarithms near the pseudo-count carry this much of the linear value.
    np.testing.assert_allclose(log2, np.log2(LINEAR + 1), rtol=2e-6, atol=pseudo * 3e-6)


def test_below_the_pseudo_count_is_zero():
    log2, _ = to_log2(np.array([[-20.0, -9.97]], dtype=np.float32), Scale("tpm", 2.0, 0.001))
    assert (log2 == 0).all()


def test_values_are_changed_in_place_only_if_asked():
    values = LINEAR.astype(np.float32)
    before = values.copy()
    to_log2(values, Scale("tpm"))
    convert(values, "tpm", "log2_tpm1")
    np.testing.assert_array_equal(values, before)
    out, _ = to_log2(values, Scale("tpm"), in_place=True)
    assert out is values


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("log2_tpm1", "log2_tpm1", lambda v: v),
        ("ln_tpm1", "log2_tpm1", lambda v: v / np.log(2)),
        ("log10_ratio", "log2_ratio", lambda v: v * np.log2(10)),
        ("ln_expression", "log2_expression", lambda v: v / np.log(2)),
        ("log10_intensity", "log2_intensity", lambda v: v * np.log2(10)),
        ("tpm", "log2_tpm1", lambda v: np.log2(v + 1)),
        ("fpkm", "log2_fpkm1", lambda v: np.log2(v + 1)),
        ("ratio", "log2_ratio", np.log2),
        ("zscore", "zscore", lambda v: v),
    ],
)
def test_possible_conversions(source, target, expected):
    values = np.array([[0.5, 1.0, 3.25]], dtype=np.float32)
    np.testing.assert_allclose(convert(values, source, target), expected(values.astype(float)), rtol=1e-6)


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("log2_tpm1", "log2_cpm1", "start from counts"),
        ("log2_cpm1", "log2_tpm1", "start from counts"),
        ("log2_expression", "log2_tpm1", "not known"),
        ("log2_tpm1", "log2_expression", "not known"),
        ("log2_intensity", "log2_ratio", "reference"),
        ("log2_tpm1", "log2_intensity", "no common measure"),
        ("zscore", "log2_tpm1", "z-scores"),
        ("log2_ratio", "zscore", "z-scores"),
        ("log2_fpkm1", "log2_tpm1", "all genes"),
        ("tpm", "tpm", "not one that"),
        ("counts", "log2_tpm1", "lengths"),
    ],
)
def test_impossible_conversions_say_why(source, target, words):
    with pytest.raises(InputError, match=words):
        convert(np.ones((2, 3), dtype=np.float32), source, target)


def test_fpkm_of_all_genes_becomes_tpm():
    fpkm = np.random.default_rng(0).gamma(0.5, 20.0, (3, 12_000)).astype(np.float32)
    log2 = convert(np.log2(fpkm + 1), "log2_fpkm1", "log2_tpm1")
    np.testing.assert_allclose((np.exp2(log2.astype(float)) - 1).sum(axis=1), 1e6, rtol=1e-5)


def test_the_pseudo_count_has_to_be_known():
    with pytest.raises(InputError, match="pseudo-count is not known"):
        to_linear(LINEAR, Scale("expression", 2.0, None))


COUNTS = np.array([[10, 20, 30, 940], [0, 5, 5, 90]], dtype=np.float32)
LENGTHS = np.array([1000.0, 2000.0, 500.0, 4000.0])


def test_cpm_by_hand():
    expected = COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6
    np.testing.assert_allclose(normalize_counts(COUNTS, "cpm"), expected, rtol=1e-6)


def test_tpm_by_hand():
    rate = COUNTS / LENGTHS
    expected = rate / rate.sum(axis=1, keepdims=True) * 1e6
    np.testing.assert_allclose(normalize_counts(COUNTS, "tpm", LENGTHS), expected, rtol=1e-6)


def test_tmm_undoes_what_a_few_genes_take_from_all_others():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(2.0, 100.0, 2000), (6, 2000)).astype(np.float32)
    swollen = counts.copy()
    swollen[3:, :20] += 50_000
    tmm = normalize_counts(swollen, "tmm")
    cpm = normalize_counts(swollen, "cpm")
    others = slice(100, None)
    fold_tmm = np.median(tmm[3:, others].mean(axis=0) / tmm[:3, others].mean(axis=0))
    fold_cpm = np.median(cpm[3:, others].mean(axis=0) / cpm[:3, others].mean(axis=0))
    assert abs(fold_tmm - 1) < 0.02 < 0.5 < abs(fold_cpm - 1)


def test_blocks_make_no_difference():
    counts = np.random.default_rng(0).poisson(5.0, (600, 30)).astype(np.float32)
    whole = normalize_counts(counts, "cpm")
    np.testing.assert_array_equal(whole[590:], normalize_counts(counts[590:], "cpm"))


@pytest.mark.parametrize("to", ["cpm", "tpm", "tmm"])
def test_a_sample_without_reads(to):
    counts = COUNTS.copy()
    counts[1] = 0
    with pytest.raises(InputError, match="no reads"):
        normalize_counts(counts, to, LENGTHS)


def test_tmm_of_one_sample():
    with pytest.raises(InputError, match="only one"):
        normalize_counts(COUNTS[:1], "tmm")
