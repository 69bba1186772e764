"""Gene means of blocks are those of the whole, values that are not there left out."""

import numpy as np
import pytest

from clrna.encode.inspection import FiniteMean


def taken(values, size):
    mean = FiniteMean(values.shape[1])
    for start in range(0, len(values), size):
        mean.update(values[start : start + size])
    return mean


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_blocks_give_the_mean_of_the_whole(size, missing):
    generator = np.random.default_rng(4)
    values = generator.normal(1000, 0.1, (100, 5)).astype(np.float32)
    values[generator.random(values.shape) < missing] = np.nan
    mean = taken(values, size)
    np.testing.assert_allclose(mean.mean, np.nanmean(values.astype(float), axis=0), rtol=1e-12)
    np.testing.assert_array_equal(mean.count, np.isfinite(values).sum(axis=0))


def test_a_gene_without_values():
    mean = taken(np.array([[1, np.nan], [3, np.nan]], dtype=np.float32), 1)
    np.testing.assert_array_equal(mean.mean, [2, np.nan])
    np.testing.assert_array_equal(mean.count, [2, 0])
