"""The features of the reference samples that a model holds the codes of."""

import numpy as np
from numpy.typing import NDArray

from clrna.model.model import Model
from clrna.model.study_placement import Placement


def reference_features(model: Model) -> NDArray[np.float32]:
    """Return the features of a model's reference samples as ``clrna-encode`` would, shape (samples, latent).

    Parameters
    ----------
    model
        One that holds reference samples.
    """
    transfer = model.transfer
    if transfer is None:
        raise ValueError("the model holds no reference samples")
    codes = np.asarray(transfer.codes, dtype=np.float32)
    if transfer.pull is None:
        return codes
    placed = model.logits(codes).astype(np.float64)
    by_itself = Placement.each_alone(transfer.classes.n_classes)
    return transfer.pull.features(codes, by_itself.label_log_odds(placed, placed, transfer.votes(codes)))
