"""Where classes and studies lie in the latent space, and what the coordinates of a sample say of its class."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.model.mixed_model import class_reliability, fit_study_effects, reliability_without_end

# Numbers of leading axes whose discriminants are averaged: no single number is right for all tissues.
_AXES = (75, 100, 125, 150, 200, 300)
# Share of the identity in the correlation within classes.
_SHRINKAGE = 0.5
# Variance of a study's offset along each axis that no training study showed, in variances within classes.
_UNSEEN_OFFSET = 0.3
# Coordinates are of values that vary by about 1; beyond this, squares and their sums are lost.
_LARGEST = 1e15

_ARRAYS = ("means", "within", "offsets", "placed_means", "placed_within")
# Those that came later: models of before hold the second set of them, or none.
_LATER = (("uncertainty", "reliability", "shares_count"), ("uncertainty", "studies_of_class"))
# Mean reliability of the classes, did each have samples without end, up to which the shares of a study count for
# nothing, and from which on they count in full: 0.3 where each class is a study, 0.8 in studies of many classes.
_CONFOUNDED, _APART = 0.55, 0.7


@dataclasses.dataclass(frozen=True)
class ClassStatistics:
    """What training leaves of its samples.

    Attributes
    ----------
    means
        Of each class, the studies as they are, shape (classes, axes).
    within
        Covariance about those, shape (axes, axes).
    offsets, uncertainty
        Of each training study, next to the classes, shape (studies, axes), and the mean variance about them,
        shape (axes,); None in models of before, whose classifier takes no notice of offsets.
    placed_means, placed_within
        As ``means`` and ``within``, each study less its offset.
    noise
        Variance of a scaled gene that the axes leave.
    reliability
        How much of what each class deviates by can be told from its studies, from 0 to 1, shape (classes,), see
        :func:`clrna.model.mixed_model.class_reliability`; less by half where there is one study and by a tenth where
        there are five, as what studies differ by is learned from them; None in models of before.
    shares_count
        How far the shares of its classes count that are found in a study, from 0 to 1, shape (1,): where most classes
        are a study each, samples of any study look like the classes of its platform. None in models of before, where
        they count in full.
    studies_of_class
        Number of studies that hold each class, shape (classes,), which models of before have in its place.
    """

    means: NDArray[np.float64]
    within: NDArray[np.float64]
    offsets: NDArray[np.float64]
    placed_means: NDArray[np.float64]
    placed_within: NDArray[np.float64]
    noise: float
    uncertainty: NDArray[np.float64] | None = None
    reliability: NDArray[np.float64] | None = None
    shares_count: NDArray[np.float64] | None = None
    studies_of_class: NDArray[np.float64] | None = None

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.means)

    def to_arrays(self) -> dict[str, NDArray]:
        """Return its arrays by name, for the model file."""
        later = dict.fromkeys(name for names in _LATER for name in names)
        names = [*_ARRAYS, *(name for name in later if getattr(self, name) is not None)]
        return {name: getattr(self, name).astype(np.float32) for name in names}

    def between(self) -> NDArray[np.float64]:
        """Return the covariance of what a study that nobody has seen may add, shape (axes, axes)."""
        n_axes = self.offsets.shape[1]
        if self.uncertainty is None:
            return np.zeros((n_axes, n_axes))
        return _products(self.offsets) + np.diag(self.uncertainty)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], noise: float, n_axes: int) -> "ClassStatistics":
        """Return what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError, ValueError
            An array is missing, of another shape, or not what its name says.
        """
        found = {name: arrays[name].astype(np.float64) for name in _ARRAYS}
        for name, array in found.items():
            rows = n_axes if name.endswith("within") else len(array)
            complete = array.shape == (rows, n_axes) and rows > 0
            if not complete or len(found["means"]) != len(found["placed_means"]):
                raise ValueError(f"the class statistics {name} have the shape {array.shape}")
            if not (np.abs(array) <= _LARGEST).all() or (name.endswith("within") and not _is_covariance(array)):
                raise ValueError(f"the class statistics {name} are none that samples can have")
        for name in _later(arrays):
            found[name] = arrays[name].astype(np.float64)
            length = {"uncertainty": n_axes, "shares_count": 1}.get(name, len(found["means"]))
            most = 1.0 if name in ("reliability", "shares_count") else np.inf
            if found[name].shape != (length,) or not ((found[name] >= 0) & (found[name] <= most)).all():
                raise ValueError(f"the class statistics {name} have the shape {found[name].shape} or impossible values")
        return cls(**found, noise=noise)


class ClassEvidence:
    """What samples that have the same genes say of their class, each by itself.

    A sample deviates from its class as samples of one study do, and by what its study adds, which is unknown: what
    differs between studies says little of a class.

    Parameters
    ----------
    statistics
        Of the training.
    gram
        Products of the axes over the genes that are present, shape (axes, axes): the fewer genes there are, the
        less do coordinates say.

    Attributes
    ----------
    weight, bias
        ``products @ weight + bias`` are log odds of the classes, all of them thought alike frequent,
        shapes (axes, classes) and (classes,).

    References
    ----------
    Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x (linear discriminants). Schafer & Strimmer 2005,
    doi:10.2202/1544-6115.1175 (shrinking correlations to 0, variances kept).
    """

    def __init__(self, statistics: ClassStatistics, gram: NDArray[np.float64]) -> None:
        n_axes = len(gram)
        widths = sorted({min(width, n_axes) for width in _AXES})
        self.weight = np.zeros((n_axes, statistics.n_classes))
        self.bias = np.zeros(statistics.n_classes)
        between = statistics.between()
        for width in widths:
            inverse = np.linalg.inv(gram[:width, :width])
            means = statistics.means[:, :width]
            lost = statistics.noise * (inverse - np.eye(width))
            scatter = shrunk(statistics.within[:width, :width]) + between[:width, :width] + lost
            weight = np.linalg.solve(scatter, means.T)
            self.weight[:width] += inverse @ weight / len(widths)
            self.bias -= (means.T * weight).sum(axis=0) / 2 / len(widths)

    def log_odds(self, products: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return log odds of the classes, shape (samples, classes)."""
        return products @ self.weight + self.bias


class Offsets:
    """What the deviations of samples from their classes say of their study.

    Parameters
    ----------
    statistics
        Of the training.

    References
    ----------
    Robinson 1991, That BLUP is a good thing, doi:10.1214/ss/1177011926: the offset is the best linear predictor,
    offsets being distributed as those of the training studies are, and by less along all other directions.
    """

    def __init__(self, statistics: ClassStatistics) -> None:
        self._within = shrunk(statistics.placed_within)
        self._between = _products(statistics.offsets) + _UNSEEN_OFFSET * np.diag(np.diag(self._within))

    def predict(self, deviations: NDArray[np.float64], n_samples: int) -> NDArray[np.float64]:
        """Return offsets for mean deviations of ``n_samples`` samples each, shape (..., axes) both."""
        return deviations @ np.linalg.solve(self._between + self._within / n_samples, self._between)


def _later(arrays: Mapping[str, NDArray]) -> tuple[str, ...]:
    """Return the names of what came later that a file of this version has to hold."""
    newest, before = _LATER
    if not set(newest + before).intersection(arrays):
        return ()
    return before if "studies_of_class" in arrays else newest


def _is_covariance(array: NDArray[np.float64]) -> bool:
    """Whether variances and correlations are such: to factorize it would cost each start what one sample takes."""
    variance = np.diag(array)
    bounds = np.sqrt(np.outer(variance, variance)) if (variance >= 0).all() else np.full(array.shape, -1.0)
    return bool((np.abs(array) <= 1.01 * bounds + 1e-6).all())


def shrunk(covariance: NDArray[np.float64], share: float = _SHRINKAGE) -> NDArray[np.float64]:
    """Return a covariance with its correlations shrunk towards 0, positive definite.

    Parameters
    ----------
    covariance
        Shape (axes, axes).
    share
        By how much.
    """
    variance = np.diag(covariance)
    floor = 1e-6 * variance.max() if variance.size and variance.max() > 0 else 1.0
    return (1 - share) * covariance + np.diag(share * variance + floor)


def fit_class_statistics(
    coordinates: NDArray, studies: NDArray, labels: NDArray, n_classes: int, noise: float
) -> ClassStatistics:
    """Learn the statistics of labelled training samples.

    Parameters
    ----------
    coordinates
        Shape (samples, axes).
    studies
        Number of each sample's study from 0.
    labels
        Class of each from 0, -1 where it has none; every class has a sample.
    n_classes
        Number of classes.
    noise
        Variance of a scaled gene that the axes leave.
    """
    known = labels >= 0
    rows, own, classes = coordinates[known], studies[known], labels[known]
    effects = fit_study_effects(rows, own, classes, int(studies.max()) + 1)
    offsets = effects.offsets
    means, within = _about_means(rows, classes, n_classes)
    placed_means, placed_within = _about_means(rows - offsets[own], classes, n_classes)
    counts = count_cells(studies, labels, n_classes)
    reliability = class_reliability(counts) * (1 - 0.5 / max(int(counts.any(axis=1).sum()), 1))
    told = reliability_without_end(counts).mean()
    shares_count = np.clip((np.array([told]) - _CONFOUNDED) / (_APART - _CONFOUNDED), 0.0, 1.0)
    return ClassStatistics(
        means, within, offsets, placed_means, placed_within, noise, effects.uncertainty, reliability, shares_count
    )


def count_cells(studies: NDArray, labels: NDArray, n_classes: int) -> NDArray[np.int64]:
    """Return the labelled samples of each class in each study, shape (studies, classes).

    Parameters
    ----------
    studies, labels, n_classes
        As for :func:`fit_class_statistics`.
    """
    counts = np.zeros((int(studies.max(initial=-1)) + 1, n_classes), dtype=np.int64)
    np.add.at(counts, (studies[labels >= 0], labels[labels >= 0]), 1)
    return counts


def _products(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    return offsets.T @ offsets / max(len(offsets), 1)


def _about_means(rows: NDArray, labels: NDArray, n_classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    means = np.stack([rows[labels == number].mean(axis=0) for number in range(n_classes)])
    rest = rows - means[labels]
    return means, rest.T @ rest / len(rest)
