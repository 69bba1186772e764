"""The mean network input of each class, from what a model keeps of its training or from samples."""

import numpy as np
from numpy.typing import NDArray

from clrna.model.model import Model
from clrna.model.training_studies import TrainingStudies


def class_inputs_of_model(model: Model) -> NDArray[np.float64] | None:
    """Return the mean input of each class in the training, each study less its offset, shape (classes, genes).

    None where the model keeps no statistics of its classes, as those whose samples are not compared by study.
    """
    if model.transfer is not None:
        return model.transfer.classes.placed_means @ model.transfer.space.axes.T.astype(np.float64)
    studies = TrainingStudies.from_arrays(model.extras)
    if studies is not None and len(studies.class_means) == len(model.classes):
        return studies.class_means
    return None


def training_mean(model: Model) -> NDArray[np.float64]:
    """Return the network input that stands for the mean of the training samples, shape (genes,): 0 where scaled."""
    if model.settings.standardize == "none":
        return model.mean.astype(np.float64)
    return np.zeros(model.n_genes)


class ClassInputs:
    """Gathers the mean input of the samples of each class; what it holds does not grow with their number.

    Parameters
    ----------
    n_classes, n_genes
        How many there are.
    """

    def __init__(self, n_classes: int, n_genes: int) -> None:
        self._sums = np.zeros((n_classes, n_genes))
        self._counts = np.zeros((n_classes, n_genes))

    def update(self, inputs: NDArray, measured: NDArray[np.bool_], labels: NDArray[np.intp]) -> None:
        """Take in samples.

        Parameters
        ----------
        inputs, measured
            Network input, and which values were measured, shape (samples, genes) each.
        labels
            Class of each sample.
        """
        for label in np.unique(labels):
            own = labels == label
            self._sums[label] += np.where(measured[own], inputs[own], 0).sum(axis=0, dtype=np.float64)
            self._counts[label] += measured[own].sum(axis=0)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which classes have samples, shape (classes,)."""
        return np.asarray(self._counts.any(axis=1))

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean of each class, NaN where no sample of it has the gene, shape (classes, genes)."""
        empty = np.full_like(self._sums, np.nan)
        return np.divide(self._sums, self._counts, out=empty, where=self._counts > 0)
