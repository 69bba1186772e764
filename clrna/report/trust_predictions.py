"""How far a model's predictions can be relied on: calibration, and samples unlike the training data."""

from dataclasses import dataclass

import numpy as np

from clrna.constants import UNLABELLED
from clrna.plural import enumerated, plural
from clrna.report import numbers
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples

# Mean confidence and share of right answers may differ by this much before the reader is warned.
_TOLERANCE = 0.1
_MOST_NAMES = 3


@dataclass(frozen=True)
class Check:
    """A claim and what the files say to it; ``state`` is ``good``, ``bad``, ``note`` or ``unknown``."""

    state: str
    claim: str
    evidence: str
    failed: str = ""  # the claim's contrary, which is what a reader is told where it does not hold

    @property
    def heading(self) -> str:
        """What the files say: the claim, or its contrary where it does not hold."""
        return self.failed if self.state == "bad" and self.failed else self.claim


def calibration(samples: DrawnSamples, predictions: Predictions) -> Check | None:
    """Hold the stated confidence against the share of right answers, on unseen samples where there are any.

    Returns
    -------
    None where no sample has a label, a prediction of that label and a confidence.
    """
    usable = (samples.labels != UNLABELLED) & (predictions.label != UNLABELLED) & np.isfinite(predictions.confidence)
    if not predictions.is_of(samples.label_name):
        return None
    unseen = usable & (predictions.seen == "unseen")
    rows = unseen if unseen.any() else usable
    if not rows.any():
        return None
    claim = "The confidence of predictions means what it says"
    labels = samples.labels[rows]
    if not predictions.knows_any(labels):
        names = sorted(set(map(str, labels)))
        some = ", ".join(names[:_MOST_NAMES]) + (" and others" if len(names) > _MOST_NAMES else "")
        text = f"No label of the file ({some}) is one that the model knows, so whether it is right cannot be told; "
        return Check("unknown", claim, text + "clrna-normalize brings labels to one vocabulary.")
    right = float((labels == predictions.label[rows]).mean())
    stated = float(predictions.confidence[rows].mean())
    fits = abs(right - stated) <= _TOLERANCE
    verdict = "about as sure as it is right" if fits else "too sure" if stated > right else "not sure enough"
    which = plural(int(rows.sum()), "unseen sample" if unseen.any() else "sample, some in-sample,")
    text = f"On {which} mean confidence is {stated:.0%}, and {right:.0%} are right: the model is {verdict}."
    state = "note" if not unseen.any() else "good" if fits else "bad"
    failed = (
        "The model is too sure of its predictions"
        if stated > right
        else "The model is not sure enough of its predictions"
    )
    return Check(state, claim, text, failed)


def unlike_training(samples: DrawnSamples, predictions: Predictions) -> Check | None:
    """Count the samples that lie far from the training data, None where the file does not say."""
    flagged = predictions.unlike_training
    if flagged is None:
        return None
    claim = "Samples unlike the training data are flagged"
    everyone = plural(len(flagged), "sample")
    if not flagged.any():
        return Check("good", claim, f"None of {everyone} lies further from the training data than it should.")
    parts = []
    for name in sorted(set(samples.studies)):
        inside = samples.studies == name
        if flagged[inside].any():
            parts.append(f"{name} {numbers.share(int(flagged[inside].sum()), int(inside.sum()))}")
    text = f"{int(flagged.sum()):,} of {everyone} ({enumerated(parts)}); trust their predictions less."
    return Check("note", claim, text)
