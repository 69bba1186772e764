"""Two dimensions out of many: PCA, UMAP and t-SNE of one embedding."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from clrna.metrics.neighbors import nearest_neighbors
from clrna.plot.umap_layout import N_NEIGHBORS, umap_layout
from clrna.results.embeddings import embedding_name
from clrna.stages import stage

logger = logging.getLogger("clrna")

NAMES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
# Below this many different samples a neighbour graph says nothing, and the libraries fail in their own ways.
_MIN_SAMPLES = 8
_PERPLEXITY = 30.0
_TSNE_START = 1e-4  # deviation that points start with
_TSNE_NEIGHBORS = 3 * int(_PERPLEXITY) + 1  # as many as scikit-learn takes
# Steps of t-SNE of few samples and of many. More of the latter do not change trustworthiness.
_TSNE_STEPS, _TSNE_STEPS_OF_MANY, _MANY = 1000, 500, 2000


@dataclass(frozen=True)
class Projection:
    """An embedding in the plane."""

    coordinates: NDArray[np.float32]  # shape (samples, 2)
    axes: tuple[str, str]
    note: str = ""  # what a reader has to know, e.g. that PCA stands in for UMAP
    # Of reference samples that were projected with them, shape (reference samples, 2)
    reference: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.float32))

    def split_at(self, n_samples: int) -> "Projection":
        """Return the same with all but the first so many samples as the reference."""
        return replace(self, coordinates=self.coordinates[:n_samples], reference=self.coordinates[n_samples:])


@dataclass(frozen=True)
class Neighbors:
    """The nearest other samples of each, exact, which UMAP and t-SNE share.

    Attributes
    ----------
    start
        Where points of both start from: the two leading principal components, shape (samples, 2).
    rows, distances
        Shape (samples, neighbours), the closest first.
    """

    start: NDArray[np.float32]
    rows: NDArray[np.intp]
    distances: NDArray[np.float64]

    @classmethod
    def of(cls, directions: NDArray[np.float64]) -> "Neighbors":
        """Find them among samples scaled to length 1, shape (samples, features)."""
        itself = np.arange(len(directions))
        size = min(_TSNE_NEIGHBORS, len(directions) - 1)
        found = nearest_neighbors(directions, directions, size, "euclidean", itself, itself)
        return cls(_pca(directions).coordinates, *found)


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
    return project_in_ways(embedding, [name], seed)[name]


def project_in_ways(embedding: NDArray, names: Sequence[str], seed: int = 0) -> dict[str, Projection]:
    """Project an embedding in several ways, see :func:`project`; its neighbours are looked for once."""
    values = np.asarray(embedding, dtype=np.float64)
    results: dict[str, Projection] = {}
    neighbors, too_few = _neighbors_of(values) if any(name != "pca" for name in names) else (None, "")
    methods: dict[str, Callable[[Neighbors, int], NDArray]] = {"umap": _umap, "tsne": _tsne}
    for name in names:
        if name == "pca":
            results[name] = _pca(values)
        elif neighbors is None:
            plain = _pca(values)
            note = f"PCA in place of {NAMES[name]}, which needs {too_few}"
            results[name] = Projection(plain.coordinates, plain.axes, note)
        else:
            coordinates = methods[name](neighbors, seed).astype(np.float32)
            results[name] = Projection(coordinates, axes_of(name))
    return results


def axes_of(name: str) -> tuple[str, str]:
    """Return what the axes of UMAP and t-SNE are called."""
    return f"{NAMES[name]} 1", f"{NAMES[name]} 2"


def projected_at_once(embedding: NDArray, reference: NDArray | None) -> NDArray[np.float64]:
    """Return what is projected at once: the samples, below them those of the reference where there are any."""
    together = embedding if reference is None else np.concatenate([embedding, reference])
    return np.asarray(together, dtype=np.float64)


def _neighbors_of(values: NDArray) -> tuple[Neighbors | None, str]:
    """Return the neighbours and '', or None and what there are too few of."""
    directions = _unit_rows(values)
    distinct = len(np.unique(directions.round(6), axis=0))
    if distinct < _MIN_SAMPLES:
        return None, f"at least {_MIN_SAMPLES} different samples (there are {distinct})"
    return Neighbors.of(directions), ""


@stage("projecting")
def project_all(
    embeddings: Mapping[str, NDArray],
    names: Sequence[str],
    seed: int,
    *,
    reference: Mapping[str, NDArray] | None = None,
    kept: Callable[[NDArray[np.float64], str, int], Projection | None] | None = None,
) -> dict[str, dict[str, Projection]]:
    """Project every embedding in every way: ``obsm`` key to name of the projection to its coordinates.

    Parameters
    ----------
    embeddings, names, seed
        As in :func:`project`, by ``obsm`` key.
    reference
        Codes of reference samples, which are projected together with those of the same key.
    kept
        Gives what was found before for the same values, name and seed, or None: see
        :class:`clrna.plot.kept_projections.KeptProjections`.
    """
    results: dict[str, dict[str, Projection]] = {}
    for key, matrix in embeddings.items():
        values = projected_at_once(matrix, (reference or {}).get(key))
        before = {name: kept(values, name, seed) if kept else None for name in names}
        missing = [name for name in names if before[name] is None]
        if missing:
            logger.info("projecting %s: %s", embedding_name(key), ", ".join(NAMES[name] for name in missing))
        if missing != list(names):
            told = ", ".join(NAMES[name] for name in names if name not in missing)
            logger.info("%s of %s: as the file has kept it", told, embedding_name(key))
        fresh = project_in_ways(values, missing, seed)
        results[key] = {name: before[name] or fresh[name].split_at(len(matrix)) for name in names}
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


def _umap(found: Neighbors, seed: int) -> NDArray:
    size = min(N_NEIGHBORS - 1, found.rows.shape[1])
    return umap_layout(found.rows[:, :size], found.distances[:, :size], found.start, seed)


def _tsne(found: Neighbors, seed: int) -> NDArray:
    from scipy import sparse
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    n_samples, size = found.rows.shape
    # scikit-learn takes a graph in which each sample is its own nearest neighbour.
    rows = np.column_stack([np.arange(n_samples), found.rows])
    lengths = np.column_stack([np.zeros(n_samples), found.distances])
    starts = np.arange(n_samples + 1) * (size + 1)
    graph = sparse.csr_matrix((lengths.ravel(), rows.ravel(), starts), shape=(n_samples, n_samples))
    spread = float(found.start[:, 0].std())
    start = found.start * np.float32(_TSNE_START / spread) if spread > 0 else found.start
    # Threads add up forces in any order, and t-SNE magnifies the last digit: one thread gives one picture.
    with threadpool_limits(limits=1):
        reducer = TSNE(
            perplexity=min(_PERPLEXITY, (n_samples - 1) / 3), init=start, metric="precomputed", learning_rate="auto",
            random_state=seed, n_jobs=1,
        )  # fmt: skip
        steps = "max_iter" if "max_iter" in reducer.get_params() else "n_iter"  # scikit-learn before 1.5
        reducer.set_params(**{steps: _TSNE_STEPS if n_samples <= _MANY else _TSNE_STEPS_OF_MANY})
        return np.asarray(reducer.fit_transform(graph))
