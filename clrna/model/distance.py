"""How far a sample's code lies from those of the training samples."""

import dataclasses

import numpy as np

# Share of the pooled variance that is added to each dimension's, so that one that hardly varies does not rule.
_FLOOR = 1e-3


@dataclasses.dataclass(frozen=True)
class Reference:
    """Where the training codes lie: one center a class, and how far samples scatter about theirs.

    Parameters
    ----------
    centers
        Shape (classes, latent); a single row, the mean of all, where no sample is labelled.
    deviation
        Shape (latent,), pooled over the classes.
    """

    centers: np.ndarray
    deviation: np.ndarray

    def distance(self, codes: np.ndarray) -> np.ndarray:
        """Return the distance of each code to the nearest center, in deviations.

        Root mean over the dimensions of the squared standardized difference: near 1 for a training sample.

        References
        ----------
        Lee et al., A simple unified framework for detecting out-of-distribution samples, NeurIPS
        2018, arXiv:1807.03888; the covariance is diagonal here.
        """
        scaled = codes / self.deviation
        centers = self.centers / self.deviation
        squares = (scaled**2).sum(1)[:, None] + (centers**2).sum(1) - 2 * scaled @ centers.T
        nearest = np.maximum(squares.min(axis=1), 0)
        return np.sqrt(nearest / codes.shape[1]).astype(np.float32)


def fit_reference(codes: np.ndarray, labels: np.ndarray) -> Reference:
    """Return the reference of training codes.

    Parameters
    ----------
    codes
        Shape (samples, latent).
    labels
        Class of each sample from 0, -1 where it has none; unlabelled samples are left out unless
        all are.
    """
    known = labels >= 0
    rows, groups = (codes[known], labels[known]) if known.any() else (codes, np.zeros(len(codes), dtype=int))
    rows = rows.astype(np.float64)
    names, groups = np.unique(groups, return_inverse=True)
    centers = np.stack([rows[groups == group].mean(axis=0) for group in range(len(names))])
    variance = ((rows - centers[groups]) ** 2).sum(axis=0) / max(len(rows) - len(names), 1)
    floor = _FLOOR * variance.mean()
    deviation = np.sqrt(variance + (floor if floor > 0 else 1.0))
    return Reference(centers.astype(np.float32), deviation.astype(np.float32))
