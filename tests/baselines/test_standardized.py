import numpy as np

from clrna.baselines.standardized import standardize_by_study


def test_each_study_has_mean_0_and_deviation_1(adata):
    studies = adata.obs["study"].to_numpy()
    result = standardize_by_study(adata.X, studies)
    for study in "ABC":
        np.testing.assert_allclose(result[studies == study].mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(result[studies == study].std(axis=0), 1, atol=1e-5)


def test_constant_genes_and_single_samples_become_0():
    values = np.array([[0.1, 5.0], [0.1, 7.0], [9.0, 9.0]], dtype=np.float32)
    result = standardize_by_study(values, np.array(["A", "A", "B"]))
    np.testing.assert_allclose(result, [[0, -1], [0, 1], [0, 0]])
