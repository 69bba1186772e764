"""How much of each gene's variance lies between tissues, and between studies: what a correction takes and leaves."""

import numpy as np
import pandas as pd
from executables import Refused
from expressions import EXPRESSION
from numpy.typing import NDArray
from trials import Trial

from clrna.errors import ClrnaError


def explained(values: NDArray, *groupings: NDArray) -> NDArray[np.float64]:
    """Return the share of each gene's variance that groups explain, all groupings in one additive model.

    Parameters
    ----------
    values
        Expression, shape (samples, genes).
    groupings
        Group of each sample as text, shape (samples,); one or more.

    Returns
    -------
    Eta squared of each gene, shape (genes,); NaN where a gene does not vary.
    """
    rows = np.asarray(values, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    columns = np.hstack([pd.get_dummies(groups, dtype=float).to_numpy() for groups in groupings])
    axes, widths, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    axes = axes[:, widths > 1e-9 * max(widths[0], 1e-300)]
    total = (rows**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, ((axes.T @ rows) ** 2).sum(axis=0) / total, np.nan)


def gene_variance(trial: Trial, names: list[str]) -> pd.DataFrame:
    """Return medians over genes of what tissue and study explain, of each row that is expression.

    Samples of reference and query together, those whose tissue is known. ``tissue`` and ``study`` are each alone,
    ``tissue_next`` is what the tissue explains that the study does not, ``study_next`` the reverse.
    """
    parts = (trial.reference.expression, trial.query.expression)
    tissues, studies = (np.concatenate([getattr(part, key) for part in parts]) for key in ("tissues", "studies"))
    known = tissues != ""
    tissue, study = tissues[known].astype(str), studies[known].astype(str)
    lines = []
    for name in names:
        if name not in EXPRESSION:
            continue
        try:
            values = EXPRESSION[name](trial)[known]
        except (Refused, ClrnaError):
            continue
        alone = {"tissue": explained(values, tissue), "study": explained(values, study)}
        both = explained(values, tissue, study)
        shares = alone | {"tissue_next": both - alone["study"], "study_next": both - alone["tissue"]}
        line = {"condition": trial.condition, "cohort": trial.cohort, "row": name, "genes": values.shape[1]}
        lines.append(line | {key: float(np.nanmedian(share)) for key, share in shares.items()})
    return pd.DataFrame(lines)
