"""Gene statistics of blocks are those of the whole, values that are not there left out."""

import numpy as np
import pytest

from clrna.encode.statistics import FiniteStatistics


def taken(values, size):
    statistics = FiniteStatistics(values.shape[1])
    for start in range(0, len(values), size):
        statistics.update(values[start : start + size])
    return statistics


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_blocks_give_the_statistics_of_the_whole(size, missing):
    generator = np.random.default_rng(4)
    values = generator.normal(1000, 0.1, (100, 5)).astype(np.float32)
    values[generator.random(values.shape) < missing] = np.nan
    statistics = taken(values, size)
    np.testing.assert_allclose(statistics.mean, np.nanmean(values.astype(float), axis=0), rtol=1e-7)
    np.testing.assert_allclose(statistics.sd, np.nanstd(values.astype(float), axis=0), rtol=1e-5)


def test_a_gene_without_values():
    values = np.array([[1, np.nan], [3, np.nan]], dtype=np.float32)
    statistics = taken(values, 1)
    np.testing.assert_array_equal(statistics.mean, [2, np.nan])
    np.testing.assert_array_equal(statistics.sd, [1, 0])
    np.testing.assert_array_equal(statistics.count, [2, 0])
