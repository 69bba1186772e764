"""Two dimensions out of many: PCA, UMAP and t-SNE of one embedding."""

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.results.embeddings import embedding_name

logger = logging.getLogger("clrna")

NAMES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
# Below this many different samples a neighbour graph says nothing, and the libraries fail in their own ways.
_MIN_SAMPLES = 8
_UMAP_NEIGHBORS = 15
_UMAP_MIN_DIST = 0.5  # as scanpy's: points of a tight cluster stay apart enough to be counted
_PERPLEXITY = 30.0


@dataclass(frozen=True)
class Projection:
    """An embedding in the plane."""

    coordinates: NDArray[np.float32]  # shape (samples, 2)
    axes: tuple[str, str]
    note: str = ""  # what a reader has to know, e.g. that PCA stands in for UMAP


def project(embedding: NDArray, name: str, *, seed: int = 0) -> Projection:
    """Bring an embedding to two dimensions, the same way in every run.

    Parameters
    ----------
    embedding
        Shape (samples, features), finite, at least one of each.
    name
        ``pca``, ``umap`` or ``tsne``. The latter two start from the cosine distance, which is that of the
        nearest-neighbour scores, so that the picture shows what they measure.
    seed
        Of UMAP and t-SNE.

    Notes
    -----
    PCA: Hotelling 1933. UMAP: McInnes, Healy & Melville 2018, arXiv:1802.03426, 15 neighbours. t-SNE:
    van der Maaten & Hinton 2008, JMLR 9:2579; perplexity 30, started from PCA as Kobak & Berens 2019
    advise (doi:10.1038/s41467-019-13056-x).
    """
    values = np.asarray(embedding, dtype=np.float64)
    if name == "pca":
        return _pca(values)
    directions = _unit_rows(values)
    distinct = len(np.unique(directions.round(6), axis=0))
    if distinct < _MIN_SAMPLES:
        enough = f"at least {_MIN_SAMPLES} different samples (there are {distinct})"
        note = f"PCA in place of {NAMES[name]}, which needs {enough}"
        plain = _pca(values)
        return Projection(plain.coordinates, plain.axes, note)
    methods: dict[str, Callable[[NDArray, int], NDArray]] = {"umap": _umap, "tsne": _tsne}
    coordinates = methods[name](directions, seed)
    return Projection(coordinates.astype(np.float32), (f"{NAMES[name]} 1", f"{NAMES[name]} 2"))


def project_all(embeddings: dict[str, NDArray], names: Sequence[str], seed: int) -> dict[str, dict[str, Projection]]:
    """Project every embedding in every way: ``obsm`` key to name of the projection to its coordinates."""
    results: dict[str, dict[str, Projection]] = {}
    for key, matrix in embeddings.items():
        logger.info("projecting %s: %s", embedding_name(key), ", ".join(NAMES[name] for name in names))
        results[key] = {name: project(matrix, name, seed=seed) for name in names}
    return results


def _pca(values: NDArray) -> Projection:
    """Return the first two principal components, with the share of the variance in the axes' names."""
    centered = values - values.mean(axis=0)
    left, singular, right = np.linalg.svd(centered, full_matrices=False)
    total = float((singular**2).sum())
    coordinates = np.zeros((len(values), 2))
    kept = min(2, len(singular))
    # The sign of a component is arbitrary: its largest loading is made positive, or it would flip between machines.
    signs = np.sign(right[np.arange(kept), np.abs(right[:kept]).argmax(axis=1)])
    coordinates[:, :kept] = left[:, :kept] * singular[:kept] * np.where(signs == 0, 1.0, signs)
    shares = [float(singular[i] ** 2) / total if i < kept and total > 0 else 0.0 for i in range(2)]
    return Projection(coordinates.astype(np.float32), (f"PC 1 ({shares[0]:.0%})", f"PC 2 ({shares[1]:.0%})"))


def _unit_rows(values: NDArray) -> NDArray:
    """Scale samples to length 1, so that the Euclidean distance orders them as the cosine does; zeros stay zeros."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(lengths > 0, lengths, 1.0)


def _umap(directions: NDArray, seed: int) -> NDArray:
    import umap

    with warnings.catch_warnings():
        # UMAP tells that a seed turns its threads off and that duplicates disconnect the graph; both are meant.
        warnings.simplefilter("ignore")
        reducer = umap.UMAP(
            n_neighbors=min(_UMAP_NEIGHBORS, len(directions) - 1), min_dist=_UMAP_MIN_DIST, random_state=seed, n_jobs=1
        )
        return np.asarray(reducer.fit_transform(directions))


def _tsne(directions: NDArray, seed: int) -> NDArray:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = min(_PERPLEXITY, (len(directions) - 1) / 3)
    # Threads add up forces in any order, and t-SNE magnifies the last digit: one thread gives one picture.
    with threadpool_limits(limits=1):
        reducer = TSNE(perplexity=perplexity, init="pca", learning_rate="auto", random_state=seed, n_jobs=1)
        return np.asarray(reducer.fit_transform(directions))
