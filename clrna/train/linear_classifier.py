"""The classifier that a network with a linear path starts from."""

import numpy as np


def fit_linear_classifier(codes: np.ndarray, labels: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return weight (classes, latent) and bias (classes,) of linear discriminant analysis, all classes alike frequent.

    Parameters
    ----------
    codes
        Shape (samples, latent).
    labels
        Class of each sample, -1 where it has none; every class has a sample.
    n_classes
        Number of classes.

    References
    ----------
    Ledoit & Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices,
    doi:10.1016/S0047-259X(03)00096-4, for the covariance within the classes.
    """
    from sklearn.covariance import ledoit_wolf  # takes a second to load, and the default needs none of it

    known = labels >= 0
    rows, classes = codes[known].astype(np.float64), labels[known]
    means = np.stack([rows[classes == number].mean(axis=0) for number in range(n_classes)])
    covariance, _ = ledoit_wolf(rows - means[classes], assume_centered=True)
    # Where no sample differs from its class's mean there is no scale to take out.
    if not covariance.any():
        covariance = np.eye(covariance.shape[0])
    weight = np.linalg.solve(covariance, means.T).T
    return weight.astype(np.float32), (-(weight * means).sum(axis=1) / 2).astype(np.float32)
