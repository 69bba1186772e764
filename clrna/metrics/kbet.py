"""k-nearest neighbour batch effect test (kBET)."""

import numpy as np
from numpy.typing import NDArray


def kbet_p_values(neighbors: NDArray[np.intp], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return, for each sample, the p-value that the studies around it are mixed as in the whole set.

    A chi-squared test of the studies of its neighbours against their shares among all samples. The score
    is the share of samples that are accepted, at a p-value of 0.05 or more.

    Parameters
    ----------
    neighbors
        Row numbers in ``codes`` of each sample's neighbourhood, itself included; shape (samples, neighbours).
    codes
        Study of each sample, from 0; at least two.

    Returns
    -------
    From 0 to 1.

    Notes
    -----
    Buettner et al. 2019, doi:10.1038/s41592-018-0254-1. Unreliable with fewer than about 20 samples of each
    study, and counting composition as batch effect unless it is computed within one class.
    """
    from scipy.special import chdtrc  # scipy.stats, which has it too, takes a second to load

    n_studies = int(codes.max()) + 1
    size = neighbors.shape[1]
    expected = np.bincount(codes, minlength=n_studies) / len(codes) * size
    observed = np.zeros((len(neighbors), n_studies))
    rows = np.arange(len(neighbors))
    for place in range(size):
        observed[rows, codes[neighbors[:, place]]] += 1
    statistic = ((observed - expected) ** 2 / expected).sum(axis=1)
    return chdtrc(n_studies - 1, statistic)


def kbet_neighborhood(codes: NDArray[np.intp]) -> int:
    """Return the neighbourhood that is tested: a quarter of the mean study, from 10 to 70 (Luecken et al. 2022)."""
    mean_size = len(codes) / len(np.unique(codes))
    return int(np.clip(mean_size // 4, 10, 70))
