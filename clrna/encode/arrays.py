"""Encode samples that are in memory."""

from dataclasses import dataclass

import numpy as np

from clrna.encode.encoder import Encoder
from clrna.encode.options import EncodeOptions
from clrna.encode.plan import StudyPlan, plan_studies
from clrna.encode.source import ArraySource, Rows
from clrna.encode.study_correction import TargetLevels
from clrna.model.model import Model


@dataclass(frozen=True)
class EncodedSamples:
    """Results for all samples of an array.

    Attributes
    ----------
    codes, features
        float32 of shape (samples, latent), see :class:`clrna.encode.encoded_block.EncodedBlock`.
    label, second
        The most probable class and the one after it as text, '' where the model has none.
    confidence
        Probability that the label is right.
    margin
        Difference of the log odds of the two.
    uncertain
        Whether the confidence is so small that the label is a guess.
    log_odds
        Of the model's classes, shape (samples, classes).
    distance
        Distance to the training codes.
    unlike_training
        Whether that is beyond the model's threshold.
    reconstruction
        float32 of shape (samples, genes) in the units of the input; None if not asked for.
    corrected
        float32 of shape (samples, genes) on the levels of a training study; None if not asked for.
    plan
        How each study was standardized.
    """

    codes: np.ndarray
    features: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    second: np.ndarray
    margin: np.ndarray
    uncertain: np.ndarray
    log_odds: np.ndarray
    distance: np.ndarray
    unlike_training: np.ndarray
    reconstruction: np.ndarray | None
    corrected: np.ndarray | None
    plan: StudyPlan


def encode_array(
    model: Model,
    values: Rows,
    studies: np.ndarray,
    *,
    adapt: str = EncodeOptions.adapt,
    adapt_min_samples: int = EncodeOptions.adapt_min_samples,
    reconstruct: bool = EncodeOptions.reconstruct,
    correct: bool = False,
    corrected_to: str | None = EncodeOptions.corrected_to,
    chunk_size: int = EncodeOptions.chunk_size,
) -> EncodedSamples:
    """Encode samples as ``clrna-encode`` does.

    Parameters
    ----------
    model
        The trained model.
    values
        Shape (samples, genes): the model's genes in the model's order and in its units. Values that are
        not finite are filled with the gene's mean.
    studies
        Study of each sample as text, '' where it has none.
    adapt
        ``auto``: place each study by what its samples, one at a time, say of their classes; ``study``: by its own
        mean, where it has enough samples; ``none``: each sample alone. Of a model that standardizes genes by study
        ``auto`` is ``study``.
    adapt_min_samples
        Samples that are enough.
    reconstruct
        Whether the reconstructed expression is wanted.
    correct
        Whether expression on the levels of a training study is wanted.
    corrected_to
        That study; the largest where it is not named.
    chunk_size
        Samples that are worked on at a time.

    Raises
    ------
    InputError
        A sample has no finite value at all.
    UsageError
        The model cannot correct, or not to that study.
    """
    if len(values.shape) != 2 or values.shape[1] != model.n_genes:
        raise ValueError(f"an array of shape (samples, {model.n_genes}) is needed, not {values.shape}")
    plan = plan_studies(studies, model.settings.standardize, adapt, adapt_min_samples)
    target = TargetLevels.of(model, corrected_to) if correct else None
    encoder = Encoder(model, ArraySource(values, chunk_size), plan, target=target, codes_only=not reconstruct)
    blocks = list(encoder.blocks(reconstruct=reconstruct))
    return EncodedSamples(
        codes=np.concatenate([block.codes for block in blocks]),
        features=np.concatenate([block.features for block in blocks]),
        label=class_names(model, np.concatenate([block.label for block in blocks])),
        confidence=np.concatenate([block.confidence for block in blocks]),
        second=class_names(model, np.concatenate([block.second for block in blocks])),
        margin=np.concatenate([block.margin for block in blocks]),
        uncertain=np.concatenate([block.uncertain for block in blocks]),
        log_odds=np.concatenate([block.log_odds for block in blocks]),
        distance=np.concatenate([block.distance for block in blocks]),
        unlike_training=np.concatenate([block.unlike_training for block in blocks]),
        reconstruction=np.concatenate([block.reconstruction for block in blocks]) if reconstruct else None,
        corrected=np.concatenate([block.corrected for block in blocks]) if correct else None,
        plan=plan,
    )


def class_names(model: Model, label: np.ndarray) -> np.ndarray:
    """Return the names of classes given by index; '' for -1."""
    return np.array([*model.classes, ""], dtype=object)[label]
