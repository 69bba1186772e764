"""The genes for and against each label, of its mean sample beside the mean of all others, or of one other."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.explain.logit_path import Contributions, LogitPath, against_one, against_others
from clrna.explain.table import gene_rows
from clrna.model.model import Model
from clrna.results.gene_table import OTHERS


def label_rows(
    model: Model,
    path: LogitPath,
    means: NDArray[np.float64],
    label: int | None,
    n_genes: int,
    rival: int | None = None,
) -> pd.DataFrame:
    """Return the rows of labels.

    A gene's contribution is what the mean of the label differs from the mean of the other labels' in it, times its
    weight: in a model without layers what it adds, in the mean over samples of the label, beyond what it adds in the
    mean of the others. A large weight alone does not speak for a label; a gene that hardly differs may have one, as it
    takes out of others what the study or the sample has in common.

    Parameters
    ----------
    model, path
        The model.
    means
        Mean input of each class, shape (classes, genes); NaN where nothing is known of it. Classes without any
        value are left out, of the others' mean too.
    label
        Number of the only label that is asked for; None for all.
    n_genes
        Genes for and against, each; 0 for all.
    rival
        Number of the label whose mean stands in the place of all others'; it has no rows itself.

    References
    ----------
    Haufe et al. 2014, On the interpretation of weight vectors of linear models in multivariate neuroimaging,
    doi:10.1016/j.neuroimage.2013.10.067.
    """
    known = np.asarray(np.isfinite(means).any(axis=1))
    told_from = known if rival is None else known & (np.arange(len(means)) == rival)
    rows = [
        int(number)
        for number in np.flatnonzero(known)
        if label in (None, number) and np.delete(told_from, number).any() and number != rival
    ]
    tables = [_rows_of(model, path, means, told_from, number, n_genes, rival) for number in rows]
    return pd.concat(tables, ignore_index=True) if tables else gene_rows(*_nothing(model))


def _rows_of(
    model: Model,
    path: LogitPath,
    means: NDArray[np.float64],
    told_from: NDArray[np.bool_],
    label: int,
    n_genes: int,
    rival: int | None,
) -> pd.DataFrame:
    rest = told_from & (np.arange(len(means)) != label)
    counts = np.isfinite(means[rest]).sum(axis=0)
    others = np.nansum(means[rest], axis=0) / np.maximum(counts, 1)
    measured = np.isfinite(means[label]) & (counts > 0)
    own = np.where(measured, means[label], 0.0)
    start = np.where(measured, others, 0.0)
    one, n_classes = np.array([label]), len(model.classes)
    contrast = against_others(one, n_classes) if rival is None else against_one(one, np.array([rival]), n_classes)
    found = path.contributions(start[None], own[None], contrast)
    against = OTHERS if rival is None else model.classes[rival]
    about = {"label": [model.classes[label]], "against": [against], "sample": [""], "study": [""]}
    return gene_rows(found, measured[None], model.genes, n_genes, about)


def _nothing(model: Model) -> tuple[Contributions, NDArray[np.bool_], pd.DataFrame, int, dict[str, list[str]]]:
    empty, none = np.zeros((0, model.n_genes)), np.zeros(0)
    about: dict[str, list[str]] = {"label": [], "against": [], "sample": [], "study": []}
    return Contributions(empty, empty, none, none, none), empty.astype(bool), model.genes, 1, about
