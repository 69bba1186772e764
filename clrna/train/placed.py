"""Training data whose samples are standardized one by one and whose studies are placed next to each other."""

import dataclasses
import logging
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_pull import ClassPull
from clrna.model.class_statistics import count_cells
from clrna.model.label_confidence import LabelConfidence, expected_coefficients
from clrna.model.linear_path import LinearPath
from clrna.model.mixed_model import class_reliability, reliability_without_end
from clrna.model.model import Model, known_donors
from clrna.model.products import BY_NUMPY, Products
from clrna.model.reference_samples import ReferenceSamples
from clrna.model.standardize import GeneStatistics, standardize_samples
from clrna.model.study_levels import StudyLevels
from clrna.model.transfer import TransferStatistics
from clrna.stages import stage
from clrna.train.inputs import TrainingInput
from clrna.train.left_out_studies import LeftOut, leave_studies_out, like_training
from clrna.train.levels import fit_study_levels, moments_of_samples, units_of_samples
from clrna.train.missing_genes import genes_of_studies, standardize_training
from clrna.train.pooled import pooled_accuracies, pooled_threshold, right_answers
from clrna.train.samples import TrainingSamples
from clrna.train.start import Start
from clrna.train.thinning import thinned
from clrna.train.transfer_fit import TransferFit, fit_transfer

logger = logging.getLogger("clrna")

# Reference samples that a model keeps the codes of.
_MOST_REFERENCES = 20_000
# Samples that are worked on at a time.
_ROWS = 1024


@dataclasses.dataclass(frozen=True)
class PlacedTraining:
    """What is learned before the first step of training.

    Attributes
    ----------
    given
        Input of the network.
    path
        The linear encoder as the network holds it.
    fit
        What was learned in closed form.
    rows, studies
        Which samples it was learned from, and the number of each one's study.
    units
        Of each of those, see :func:`clrna.train.levels.units_of_samples`.
    left_out
        What became of studies that were left out.
    """

    given: TrainingInput
    path: LinearPath
    fit: TransferFit
    rows: NDArray[np.intp]
    studies: NDArray[np.intp]
    units: tuple[NDArray[np.float64], NDArray[np.float64]]
    left_out: LeftOut


def place_training(
    values: NDArray,
    samples: TrainingSamples,
    labels: NDArray,
    n_classes: int,
    latent_dim: int,
    seed: int,
    measured: Mapping[str, NDArray[np.bool_]],
    start: Start | None = None,
    *,
    reuse: bool = False,
    products: Products = BY_NUMPY,
) -> PlacedTraining:
    """Learn the closed form from the train split, and place the valid split by it.

    There is one matrix beside ``values``, or none: it holds the samples standardized while studies are left out, and
    placed after that.

    Parameters
    ----------
    values
        Expression of all samples, shape (samples, genes), finite.
    samples
        Split and study of each.
    labels
        Class of each from 0, -1 where it has none.
    n_classes
        Number of classes.
    latent_dim
        Width of the codes.
    seed
        Of the axes.
    measured
        Of some studies, by name, which genes they measured, see :func:`clrna.train.missing_genes.genes_of_studies`.
    start
        The model that restored samples are from.
    reuse
        Whether that matrix is ``values``, which are lost then.
    products
        Where matrices of the size of ``values`` are multiplied.
    """
    train, valid = (np.flatnonzero(samples.of_split(name)) for name in ("train", "valid"))
    names, studies = np.unique(samples.studies[train].astype(str), return_inverse=True)
    with stage("finding axes and classes"):
        scores_of_valid = standardize_samples(values[valid])
        matrix = _room(values, train, reuse)
        present = genes_of_studies(matrix, studies, names, measured)
        overall = GeneStatistics(values.shape[1])
        overall.update(matrix)
        moments = moments_of_samples(matrix, studies, present)
        scores = standardize_training(matrix, studies, labels[train], present, seed, matrix, products)
        units = units_of_samples(moments, moments_of_samples(scores, studies, present))
        share = present.astype(np.float32)
        if start is not None:
            share[np.isin(names, start.model.training_studies)] = start.share_measured()
        fit = fit_transfer(scores, studies, labels[train], n_classes, latent_dim, seed, share, products)
    own = labels[train]
    left_out = leave_studies_out(
        scores, studies, own, samples.donors[train], len(set(own[own >= 0].tolist())), latent_dim, seed, present, share,
        _askable(samples, train, start), products,
    )  # fmt: skip
    with stage("finding axes and classes"):
        number_of = {name: number for number, name in enumerate(names)}
        offset_of = np.vstack([fit.statistics.offsets, np.zeros(fit.space.n_axes)])
        of_valid = offset_of[[number_of.get(str(name), -1) for name in samples.studies[valid]]]
        _place(fit, scores, fit.offsets)
        _place(fit, scores_of_valid, of_valid)
    given = TrainingInput(scores, scores_of_valid, overall.mean.astype(np.float32), overall.sd.astype(np.float32))
    weight = fit.space.axes.astype(np.float64) @ fit.encoder.weight
    path = LinearPath(
        weight=weight.astype(np.float32),
        bias=fit.encoder.bias.astype(np.float32),
        n_discriminants=fit.encoder.n_discriminants,
        spread=1.0,
    )
    return PlacedTraining(given, path, fit, train, studies, units, left_out)


def _room(values: NDArray, rows: NDArray[np.intp], reuse: bool) -> NDArray[np.float32]:
    """Return some samples, ascending, in an array that may be written to: one of their own, or the first of all."""
    if not reuse:
        return values[rows].astype(np.float32, copy=False)
    if len(rows) < len(values):
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            values[start : start + len(part)] = values[part]
    return values[: len(rows)]


def with_transfer(
    model: Model,
    placed: PlacedTraining,
    samples: TrainingSamples,
    labels: NDArray,
    seed: int,
    keep_names: bool,
    start: Start | None = None,
) -> Model:
    """Return ``model`` with the statistics that another study is placed by, and with how sure its labels are."""
    own = labels[placed.rows]
    left_out = placed.left_out
    cells = placed.studies * (len(model.classes) + 2) + own
    kept = thinned(cells, _MOST_REFERENCES, np.random.default_rng(seed))
    transfer = TransferStatistics(
        space=placed.fit.space,
        classes=placed.fit.statistics,
        codes=_codes(model, placed.given.train, kept).astype(np.float16),
        labels=own[kept].astype(np.int32),
        confidence=_confidence(left_out, count_cells(placed.studies, own, placed.fit.statistics.n_classes), start),
        references=_references(samples, placed.rows[kept], keep_names),
        levels=_levels(model, placed, samples, own),
    )
    transfer = dataclasses.replace(transfer, pull=_pull(model, placed, transfer))
    _log(left_out)
    by_class, across = _by_class(left_out, model.classes), left_out.across_studies
    threshold = left_out.distance_threshold()
    if start is not None:
        by_class, across = pooled_accuracies(start.model.metrics, by_class, across)
        threshold = _pooled(left_out, start, start.model.distance_threshold, threshold)
    metrics = {"left_out": by_class, "across_studies": across}
    if not np.isfinite(threshold):
        # No study could be asked, so what is like the training is what the training itself is like.
        threshold = like_training(model.distance(transfer.codes.astype(np.float32)))
    return dataclasses.replace(model, transfer=transfer, metrics=metrics, distance_threshold=threshold)


def _confidence(left_out: LeftOut, counts: NDArray[np.int64], start: Start | None) -> LabelConfidence:
    """Return how sure labels are; what the model of ``start`` was asked before counts on."""
    lost = reliability_without_end(counts).mean() - class_reliability(counts).mean() if counts.any() else 0.0
    expected = expected_coefficients(float(lost))
    if start is None or start.model.transfer is None:
        return left_out.confidence(expected)
    before = start.model.transfer.confidence
    # The coefficients of models of before are of other features.
    is_newer = start.model.transfer.classes.reliability is not None
    found = left_out.confidence(before.coefficients if is_newer else expected)
    return dataclasses.replace(found, threshold=_pooled(left_out, start, before.threshold, found.threshold))


def _pull(model: Model, placed: PlacedTraining, transfer: TransferStatistics) -> ClassPull | None:
    """Return what makes features of codes; nothing where a network with layers made them."""
    n_discriminants = placed.fit.encoder.n_discriminants
    if model.settings.has_layers or not model.classes or not n_discriminants:
        return None
    return ClassPull.of(transfer.codes, transfer.labels, len(model.classes), n_discriminants)


def _pooled(left_out: LeftOut, start: Start, old: float, new: float) -> float:
    return pooled_threshold(old, right_answers(start.model.metrics), new, int(left_out.right.sum()))


def _askable(samples: TrainingSamples, rows: NDArray[np.intp], start: Start | None) -> NDArray[np.bool_]:
    """Return which samples may be asked for their labels: none that the model of ``start`` has seen."""
    askable = samples.of_file[rows]
    if start is None:
        return askable
    return askable & ~known_donors(samples.donors[rows], start.model.training_donors)


def _references(samples: TrainingSamples, rows: NDArray[np.intp], keep_names: bool) -> ReferenceSamples:
    known = (samples.names, samples.donors, samples.categories) if keep_names else (None, None, None)
    names, donors, categories = (None if column is None else column[rows] for column in known)
    return ReferenceSamples(samples.studies[rows], names, donors, categories)


def _levels(model: Model, placed: PlacedTraining, samples: TrainingSamples, labels: NDArray) -> StudyLevels:
    names = np.unique(samples.studies[placed.rows].astype(str))
    numbers = np.array([model.training_studies.index(str(name)) for name in names])
    return fit_study_levels(
        placed.fit.space, placed.given.train, placed.fit.coordinates, placed.fit.statistics.offsets, placed.studies,
        labels, numbers, placed.units,
    )  # fmt: skip


def _place(fit: TransferFit, scores: NDArray[np.float32], offsets: NDArray) -> None:
    """Make of samples, in place, what the network takes: in units of the space, less the offset of their study."""
    there = np.ones(scores.shape[1], dtype=bool)
    for start in range(0, len(scores), _ROWS):
        rows = slice(start, start + _ROWS)
        scaled = fit.space.scaled(scores[rows], there)
        scaled -= offsets[rows].astype(np.float32) @ fit.space.axes.T
        scores[rows] = scaled


def _codes(model: Model, given: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the codes of some samples, without a copy of all of them."""
    starts = range(0, max(len(rows), 1), _ROWS)
    return np.concatenate([model.encode(given[rows[start : start + _ROWS]]) for start in starts])


def _by_class(left_out: LeftOut, classes: list[str]) -> list[dict[str, object]]:
    rows = left_out.accuracy_by_class(len(classes))
    return [{"label": name, "n": n, "accuracy": share} for name, (n, share) in zip(classes, rows, strict=True)]


def _log(left_out: LeftOut) -> None:
    whole = left_out.whole
    if not whole.any():
        logger.warning("no study could be left out in training: how sure labels are was not tried")
        return
    what = "studies" if left_out.across_studies else "donors, there being one study,"
    text = "%s left out in turn: label right in %.1f %% of %d samples"
    logger.info(text, what, 100 * left_out.right[whole].mean(), int(whole.sum()))
