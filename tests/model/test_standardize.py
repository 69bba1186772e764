"""Statistics gathered in blocks, and what standardizing does with genes that do not vary."""

import numpy as np
import pytest

from clrna.model.standardize import GeneStatistics, standardize, varies


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_blocks_give_the_statistics_of_the_whole(size):
    values = np.random.default_rng(0).normal(1000, 0.01, (1000, 4))
    statistics = GeneStatistics(4)
    for start in range(0, len(values), size):
        statistics.update(values[start : start + size])
    assert statistics.n == 1000
    np.testing.assert_allclose(statistics.mean, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(statistics.sd, values.std(axis=0), rtol=1e-6)


def test_standardized_genes_have_mean_0_and_deviation_1():
    values = np.random.default_rng(1).normal(5, 3, (200, 3)).astype(np.float32)
    result = standardize(values, values.mean(axis=0), values.std(axis=0))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(result.std(axis=0), 1, atol=1e-5)


def test_a_constant_gene_becomes_0_though_its_value_is_not_the_mean_in_float32():
    values = np.full((30, 2), 7.3, dtype=np.float32)
    statistics = GeneStatistics(2)
    statistics.update(values)
    assert not varies(statistics.mean, statistics.sd).any()
    assert (standardize(values + 1, statistics.mean, statistics.sd) == 0).all()


def test_the_input_is_left_as_it_is():
    values = np.ones((2, 2), dtype=np.float32)
    standardize(values, np.zeros(2), np.full(2, 2.0))
    assert (values == 1).all()
