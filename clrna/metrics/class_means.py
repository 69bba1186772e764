"""Weighted class means, what the metrics of compactness are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassMeans:
    """Classes that carry weight, with their means."""

    codes: NDArray[np.intp]  # class of each sample, rows of ``means``; of no meaning where the weight is 0
    weights: NDArray[np.float64]  # of each sample
    sizes: NDArray[np.float64]  # weight of each class
    means: NDArray[np.float64]  # shape (classes, features)


def class_means(embedding: NDArray, labels: NDArray, weights: NDArray | None = None) -> ClassMeans:
    """Return the mean of each class, a sample counting as often as its weight says.

    Parameters
    ----------
    embedding
        Shape (samples, features).
    labels
        Class of each sample.
    weights
        How often each sample counts; None counts each once.
    """
    counts = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    names, codes = np.unique(labels, return_inverse=True)
    member = np.zeros((len(names), len(labels)))
    member[codes, np.arange(len(labels))] = counts
    sizes = member.sum(axis=1)
    present = sizes > 0
    new_codes = np.cumsum(present) - 1
    means = (member[present] @ np.asarray(embedding, dtype=np.float64)) / sizes[present, None]
    return ClassMeans(np.maximum(new_codes[codes], 0), counts, sizes[present], means)
