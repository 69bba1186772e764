"""Samples in another unit than the others of their study are told or refused."""

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.scale import detect_scale
from clrna.scale.mixed_samples import mixed_units
from clrna.scale.several_quantities import refuse_several_quantities

NAMES = ["a", "b", "c", "d"]
COUNTS = np.random.default_rng(0).negative_binomial(1, 0.001, (4, 400)).astype(float)
TPM = COUNTS / 3.7


@pytest.mark.parametrize("logged", [[0], [1, 2], [0, 1, 2]])
def test_logarithms_beside_amounts_are_refused(logged):
    values = TPM.copy()
    values[logged] = np.log2(values[logged] + 1)
    with pytest.raises(InputError, match="logarithms beside amounts"):
        mixed_units(values, NAMES)


@pytest.mark.parametrize("values", [COUNTS, TPM, np.log2(TPM + 1), np.rint(TPM), TPM[:, :100], TPM[:1], TPM - 50.0])
def test_samples_of_one_unit_are_not_told(values):
    assert mixed_units(values, NAMES) == ""


def test_a_sample_of_few_reads_is_no_logarithm():
    values = COUNTS.copy()
    values[1] = values[1] // 400
    assert mixed_units(values, NAMES) == ""


def test_a_tissue_that_has_hardly_any_of_chosen_genes_is_no_logarithm():
    values = np.random.default_rng(2).lognormal(5, 2, (4, 400))
    values[1] = np.minimum(values[1] / 500, 30.0)
    assert mixed_units(values, NAMES) == ""


def test_counts_beside_another_unit_are_told():
    assert "a, b hold only whole numbers" in mixed_units(np.concatenate([COUNTS[:2], TPM[2:]]), NAMES)
    assert "samples d hold no whole numbers" in mixed_units(np.concatenate([COUNTS[:3], TPM[3:]]), NAMES)


def test_fold_changes_with_a_sign_are_refused():
    ratios = np.random.default_rng(1).normal(0, 1.5, (4, 400))
    with pytest.raises(InputError, match="fold changes with a sign"):
        detect_scale(np.sign(ratios) * 2 ** np.abs(ratios))
    assert detect_scale(ratios).scale.unit == "ratio"


def test_statistics_of_genes_are_no_samples():
    random = np.random.default_rng(3)
    share, z, ratio = random.random((2, 400)), random.normal(0.5, 1.5, 400), random.uniform(0.1, 9.0, 400)
    with pytest.raises(InputError, match="samples z go below 0 and share, ratio do not: statistics of genes"):
        refuse_several_quantities(np.stack([share[0], z, ratio]), ["share", "z", "ratio"])
    with pytest.raises(InputError, match="samples tau, gini end at 1 and entropy go beyond: statistics of genes"):
        refuse_several_quantities(np.stack([*share, ratio]), ["tau", "gini", "entropy"])
    with pytest.raises(InputError, match="samples flag end at 1 and mean go beyond"):
        refuse_several_quantities(np.stack([np.rint(share[0] / 1.8), ratio]), ["flag", "mean"])


@pytest.mark.parametrize("values", [COUNTS, TPM, np.log2(TPM + 0.01), np.log2(TPM + 1) - 5.0, TPM / 9e9])
def test_samples_of_one_kind_are_no_statistics(values):
    refuse_several_quantities(values, NAMES)
    failed = values.copy()
    failed[1] = np.where(np.arange(400) % 7 == 0, failed[1].min() + 0.3, failed[1].min())
    refuse_several_quantities(failed, NAMES)
