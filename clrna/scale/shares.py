"""Shares of transcripts or reads, such as RSEM's ``scaled_estimate``: times a million they are TPM or CPM."""

from typing import Final

import numpy as np

from clrna.scale.detection import ScaleDetection
from clrna.spread_out import finite_rows

MILLION: Final = 1e6
_MOST_SAMPLES: Final = 50
_FEW_GENES: Final = 50
_NEAR: Final = 0.02


def are_shares(values: np.ndarray) -> bool:
    """Whether the values of each sample are parts of 1.

    Parameters
    ----------
    values
        Shape (samples, genes); what is not finite is left out.
    """
    if values.shape[1] < _FEW_GENES or not values.size or np.nanmin(values) < 0 or np.nanmax(values) > 1:
        return False
    sums = [float(row.sum()) for row in finite_rows(values, _MOST_SAMPLES)]
    return float(np.median(np.abs(np.array(sums) - 1.0))) < _NEAR


def told_as_shares(found: ScaleDetection, *, sure: bool) -> ScaleDetection:
    """Return what was found of shares times a million, and say that they were multiplied.

    Parameters
    ----------
    found
        Of the values times a million.
    sure
        Whether the user or the file says what they are parts of.
    """
    why = f"samples sum to 1, and times a million they are {found.scale.unit.upper()}; {found.why}"
    if sure or found.scale.unit != "tpm":
        return ScaleDetection(found.scale, why, found.doubt)
    return ScaleDetection(found.scale, why, "samples sum to 1: shares of transcripts, times a million, are assumed")
