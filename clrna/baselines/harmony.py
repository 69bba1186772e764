"""Harmony through harmony-pytorch, with what it assumes made sure beforehand."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_SAMPLES_PER_CLUSTER = 30
_MOST_CLUSTERS = 100
_BLOCK = 0.05


def harmony(embedding: NDArray, studies: NDArray, seed: int = 0) -> NDArray[np.float32]:
    """Mix the studies within soft clusters of an embedding.

    Parameters
    ----------
    embedding
        Principal components, shape (samples, components), finite.
    studies
        Study of each sample, at least two.
    seed
        Seed of the clustering.

    Returns
    -------
    Shape (samples, components).

    Notes
    -----
    Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0. The library derives the number of clusters and
    of samples moved at a time from the number of samples, and below 30 and 20 samples these become 0,
    on which it fails or never ends; here they are at least 1.
    """
    import torch
    from harmony import harmonize

    n_samples = len(embedding)
    clusters = int(np.clip(n_samples // _SAMPLES_PER_CLUSTER, 1, _MOST_CLUSTERS))
    numpy_state = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            mixed = harmonize(
                np.ascontiguousarray(embedding, dtype=np.float32),
                pd.DataFrame({"study": pd.Categorical(studies.astype(str))}),
                "study",
                n_clusters=clusters,
                block_proportion=max(_BLOCK, 1.0 / n_samples),
                random_state=seed,
                n_jobs=torch.get_num_threads(),
                verbose=False,
            )
        finally:
            np.random.set_state(numpy_state)
    return np.asarray(mixed, dtype=np.float32)
