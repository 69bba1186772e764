"""What lies there are no samples but statistics of genes, of which each is a quantity of its own."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.quoted import listed
from clrna.scale.whole_share import whole_share

_FEW_GENES: Final = 200
# Tables of statistics have no more columns.
_MOST_KINDS: Final = 60
_SIGNED: Final = 0.2
_BEYOND: Final = 3.0
_MOST_ZEROS: Final = 0.5
_WHOLE: Final = 0.99
_FRACTIONS: Final = 0.2


def refuse_several_quantities(values: np.ndarray, samples: Sequence[str]) -> None:
    """Raise InputError where samples hold quantities of several kinds, as statistics of genes do.

    Samples of one study are alike in this: all of them have values below 0 or none has, as ratios do and amounts do
    not, and none ends at 1 where others go beyond. Such are pLI beside Z, a tissue specificity beside an entropy.

    Parameters
    ----------
    values
        Shape (samples, genes); what is not finite is left out.
    samples
        Their names.
    """
    if not 2 <= len(values) <= _MOST_KINDS or values.shape[1] < _FEW_GENES:
        return
    rows = [row[np.isfinite(row)] for row in values]
    whole = [whole_share(row) for row in rows]
    has_fractions = any(share < _FRACTIONS for share in whole)
    told = [at for at, row in enumerate(rows) if row.size >= _FEW_GENES and row.min() < row.max()]
    signed = [samples[at] for at in told if np.mean(rows[at] < 0) >= _SIGNED]
    amounts = [at for at in told if rows[at].min() >= 0]
    beyond = [samples[at] for at in told if rows[at].max() > _BEYOND]
    # A sample that has hardly any of the genes ends low as well; whole numbers beside fractions are flags or grades.
    ends_at_1 = [
        samples[at]
        for at in amounts
        if rows[at].max() <= 1 and (np.mean(rows[at] == 0) < _MOST_ZEROS or (has_fractions and whole[at] >= _WHOLE))
    ]
    if signed and amounts:
        what = f"samples {listed(signed)} go below 0 and {listed([samples[at] for at in amounts])} do not"
    elif ends_at_1 and beyond:
        what = f"samples {listed(ends_at_1)} end at 1 and {listed(beyond)} go beyond"
    else:
        return
    raise InputError(
        f"{what}: statistics of genes, or samples in several units, and no expression in one; give the matrix of genes "
        "x samples, and each unit in a file of its own"
    )
