import numpy as np
import pytest
import torch

from clrna.baselines.harmony import harmony
from clrna.baselines.principal_components import pca


def test_mixes_studies_the_same_way_each_time(adata):
    studies = adata.obs["study"].to_numpy()
    components = pca(adata.X, 10)
    mixed = harmony(components, studies, seed=1)
    np.testing.assert_array_equal(mixed, harmony(components, studies, seed=1))
    spread = [np.std([e[studies == study].mean(axis=0) for study in "ABC"], axis=0).sum() for e in (components, mixed)]
    assert spread[1] < 0.7 * spread[0]


def test_leaves_the_global_generators_alone(adata):
    np.random.seed(3)
    torch.manual_seed(3)
    expected = np.random.random(), torch.rand(1)
    np.random.seed(3)
    torch.manual_seed(3)
    harmony(pca(adata.X, 5), adata.obs["study"].to_numpy())
    assert (np.random.random(), torch.rand(1)) == expected


@pytest.mark.parametrize("n", [2, 5, 19])
def test_few_samples_end(adata, n):
    rows = np.r_[: n - 1, -1]
    mixed = harmony(pca(adata.X[rows], 3), adata.obs["study"].to_numpy()[rows])
    assert np.isfinite(mixed).all()
