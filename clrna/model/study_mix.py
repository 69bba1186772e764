"""Which mix of classes a study holds, told from its samples without their labels.

A study that is standardized by its own mean loses what its samples have in common, be it the laboratory's
doing or that all of them are brain tumors. What is the laboratory's can be told only with the mix of classes,
which is estimated here: discriminants of the study's samples are taken for draws from a mixture of the known
classes, each about its training mean, all moved by one offset of the study.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 60
# Student's t prior of a study's offset: degrees of freedom, and scale in within-class variances. Studies of
# one platform have small offsets, those of another any, which is what heavy tails are for.
_PRIOR_FREEDOM = 3.0
_PRIOR_SCALE = 4.0
# Variance of the component for samples of no known class, in between-class variances of the known.
_OTHER_SPREAD = 4.0
_OTHER_SHARE = 0.05
# How much closer together classes may lie in a study than in training: noise pulls every profile to the middle.
_SMALLEST_CONTRAST = 0.3
# Scatter about the classes, in within-class variances of the training, beyond which the mix is trusted less.
_TRUSTED_SCATTER = 10.0


@dataclasses.dataclass(frozen=True)
class StudyMix:
    """The mix of a study.

    Attributes
    ----------
    shares
        Share of each class, shape (classes,). They add up to less than 1: the rest belongs to no known class,
        or cannot be told.
    offset
        Of the study along each discriminant, shape (discriminants,).
    scatter
        Variance of the samples about their classes, in within-class variances of the training.
    """

    shares: NDArray[np.float64]
    offset: NDArray[np.float64]
    scatter: float


def estimate_mix(features: NDArray, class_means: NDArray) -> StudyMix:
    """Return the mix of classes of a study.

    Parameters
    ----------
    features
        Discriminants of its samples, shape (samples, discriminants), in within-class deviations of the
        training, standardized by the training study that it is most like.
    class_means
        Of the training along the same axes, shape (classes, discriminants).

    Returns
    -------
    The better of two optima, by likelihood and prior: one found from the offset 0, one from that which makes the
    study's mean 0.

    Notes
    -----
    Samples of an unknown class count to none where they lie apart from the known along the discriminants. An
    unknown class that projects onto a known one is taken for it.

    References
    ----------
    Dempster, Laird & Rubin 1977, Maximum likelihood from incomplete data via the EM algorithm,
    doi:10.1111/j.2517-6161.1977.tb01600.x. Saerens, Latinne & Decaestecker 2002, Adjusting the outputs of a
    classifier to new a priori probabilities, doi:10.1162/089976602753284446 (without the offset).
    """
    rows, means = np.asarray(features, dtype=np.float64), np.asarray(class_means, dtype=np.float64)
    fits = [_Mixture(rows, means, start).run() for start in (np.zeros(rows.shape[1]), rows.mean(axis=0))]
    best = max(fits, key=lambda fit: fit.objective)
    trust = min(1.0, _TRUSTED_SCATTER / best.scatter)
    return StudyMix(best.shares * trust, best.offset, best.scatter)


class _Mixture:
    """Expectation and maximization from one start."""

    def __init__(self, rows: NDArray[np.float64], means: NDArray[np.float64], offset: NDArray[np.float64]) -> None:
        self.rows, self.means, self.offset = rows, means, offset
        self.shares = np.full(len(means), (1 - _OTHER_SHARE) / len(means))
        self.contrast = 1.0
        self.scatter = 4.0
        self.objective = -np.inf
        self._other_variance = _OTHER_SPREAD * (means**2).mean(axis=0)

    def run(self) -> "_Mixture":
        """Return itself after the last round."""
        for _ in range(_ROUNDS):
            self._maximize(self._expect())
        self._expect()
        return self

    def _expect(self) -> NDArray[np.float64]:
        """Return the membership of each sample in each class and, last, in none; shape (samples, classes + 1)."""
        from scipy.special import logsumexp  # takes longer to load than a sample to encode, which seldom needs it

        rest = self.rows - self.offset
        squares = self._squared_distances(rest)
        other = self.contrast**2 * self._other_variance + self.scatter
        log_density = np.column_stack(
            [
                -squares / (2 * self.scatter) - rest.shape[1] / 2 * np.log(self.scatter) + np.log(self.shares),
                -(rest**2 / other).sum(axis=1) / 2 - np.log(other).sum() / 2 + np.log(1 - self.shares.sum()),
            ]
        )
        likelihood = logsumexp(log_density, axis=1)
        freedom = _PRIOR_FREEDOM + rest.shape[1]
        prior = freedom / 2 * np.log1p(self.offset @ self.offset / (_PRIOR_FREEDOM * _PRIOR_SCALE))
        self.objective = float(likelihood.sum() - prior)
        return np.exp(log_density - likelihood[:, None])

    def _maximize(self, memberships: NDArray[np.float64]) -> None:
        n_samples, n_axes = self.rows.shape
        sizes = memberships.sum(axis=0)
        # One sample more, spread over all classes, keeps every share above 0.
        shares = (sizes + 1 / len(sizes)) / (n_samples + 1)
        self.shares = shares[:-1]
        known, unknown = memberships[:, :-1], memberships[:, -1]
        other = self.contrast**2 * self._other_variance + self.scatter
        pull = (known.sum(axis=1) @ self.rows - self.contrast * sizes[:-1] @ self.means) / self.scatter
        stiffness = (_PRIOR_FREEDOM + n_axes) / (_PRIOR_FREEDOM * _PRIOR_SCALE + self.offset @ self.offset)
        weight = sizes[:-1].sum() / self.scatter + stiffness
        self.offset = (pull + unknown @ self.rows / other) / (weight + sizes[-1] / other)
        rest = self.rows - self.offset
        size = (known @ (self.means**2).sum(axis=1)).sum()
        if size > 0:
            contrast = (known * (rest @ self.means.T)).sum() / size
            self.contrast = float(np.clip(contrast, _SMALLEST_CONTRAST, 1.0))
        scatter = (known * self._squared_distances(rest)).sum() / max(known.sum() * n_axes, 1e-9)
        self.scatter = max(float(scatter), 1.0)

    def _squared_distances(self, rest: NDArray[np.float64]) -> NDArray[np.float64]:
        centers = self.contrast * self.means
        squares = (rest**2).sum(axis=1)[:, None] + (centers**2).sum(axis=1) - 2 * rest @ centers.T
        return np.maximum(squares, 0.0)
