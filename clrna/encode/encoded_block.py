"""The results of encoding some samples, filled in study by study."""

from dataclasses import dataclass

import numpy as np

from clrna.model.model import Model

# Log odds beyond which a margin says no more; a probability of 0 would make it infinite.
_MOST_MARGIN = 1e3


@dataclass(frozen=True)
class EncodedBlock:
    """Results for some samples.

    Attributes
    ----------
    rows
        Which samples.
    codes
        float32 of shape (samples, latent).
    features
        What is given out: codes drawn towards the classes, see :class:`clrna.model.class_pull.ClassPull`; codes where
        the model does not draw them.
    label, second
        Index of the most probable class and of the one after it, -1 where the model has no such class.
    confidence
        Probability that the label is right, NaN where the model has no classes.
    margin
        Difference of the log odds of the two, NaN where there are none.
    uncertain
        Whether the confidence is so small that the label is a guess.
    log_odds
        Of the classes, float64 of shape (samples, classes): what label, second and margin are of.
    distance
        Distance to the training codes.
    unlike_training
        Whether that is beyond the model's threshold, or the sample has too few of its genes.
    reconstruction
        float32 of shape (samples, model genes) in the units of the input after conversion; None if not
        asked for.
    corrected
        float32 of shape (samples, model genes) on the levels of a training study, NaN where there is no value; None
        if not asked for.
    inputs, measured
        What the network was given, float32, and which of the values were measured and not filled in, bool, shape
        (samples, model genes) both; None if not asked for.
    """

    rows: slice
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
    corrected: np.ndarray | None = None
    inputs: np.ndarray | None = None
    measured: np.ndarray | None = None

    @classmethod
    def empty(
        cls,
        rows: slice,
        n_samples: int,
        model: Model,
        *,
        reconstruct: bool,
        correct: bool = False,
        inputs: bool = False,
    ) -> "EncodedBlock":
        """Return room for the results of some samples."""
        codes = np.empty((n_samples, model.latent_dim), dtype=np.float32)
        draws = model.transfer is not None and model.transfer.pull is not None
        return cls(
            rows=rows,
            codes=codes,
            features=np.empty_like(codes) if draws else codes,
            label=np.full(n_samples, -1),
            confidence=np.full(n_samples, np.nan, dtype=np.float32),
            second=np.full(n_samples, -1),
            margin=np.full(n_samples, np.nan, dtype=np.float32),
            uncertain=np.zeros(n_samples, dtype=bool),
            log_odds=np.full((n_samples, len(model.classes)), np.nan),
            distance=np.full(n_samples, np.nan, dtype=np.float32),
            unlike_training=np.zeros(n_samples, dtype=bool),
            reconstruction=np.empty((n_samples, model.n_genes), dtype=np.float32) if reconstruct else None,
            corrected=np.empty((n_samples, model.n_genes), dtype=np.float32) if correct else None,
            inputs=np.empty((n_samples, model.n_genes), dtype=np.float32) if inputs else None,
            measured=np.empty((n_samples, model.n_genes), dtype=bool) if inputs else None,
        )

    def take_inputs(self, own: np.ndarray, inputs: np.ndarray, measured: np.ndarray) -> None:
        """Fill in the network's input of some samples, if it was asked for; shape (samples among those, genes)."""
        if self.inputs is not None and self.measured is not None:
            self.inputs[own], self.measured[own] = inputs, measured

    def take_labels(self, own: np.ndarray, log_odds: np.ndarray, confidence: np.ndarray, threshold: float) -> None:
        """Fill in the labels of some samples.

        Parameters
        ----------
        own
            Which samples, shape (samples,).
        log_odds
            Of the classes, shape (samples among those, classes).
        confidence
            In the most probable class.
        threshold
            Confidence below which a label is uncertain.
        """
        self.log_odds[own] = log_odds
        order = np.argsort(-log_odds, axis=1, kind="stable")
        self.label[own] = order[:, 0]
        self.confidence[own] = confidence
        self.uncertain[own] = confidence < threshold
        if log_odds.shape[1] > 1:
            self.second[own] = order[:, 1]
            best = np.take_along_axis(log_odds, order[:, :2], axis=1)
            self.margin[own] = np.minimum(best[:, 0] - best[:, 1], _MOST_MARGIN)
