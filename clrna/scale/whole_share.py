"""How many of the values are whole numbers, as counts are, and as few other numbers happen to be."""

import numpy as np


def whole_share(values: np.ndarray) -> float:
    """Return the share of whole numbers among what is finite and not 0, from 0 to 1; NaN where there is nothing.

    Parameters
    ----------
    values
        Of any shape.
    """
    known = values[np.isfinite(values) & (values != 0)]
    return float(np.mean(known == np.rint(known))) if known.size else float("nan")
