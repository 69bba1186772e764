"""``obs`` columns made ready to color by."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import SAMPLE_CATEGORY, UNLABELLED
from clrna.errors import InputError
from clrna.io import contract
from clrna.plot.palette import GREY, UNLABELLED_STYLE, Style, styles_of
from clrna.results.samples import DrawnSamples

logger = logging.getLogger("clrna")

# A legend longer than this tells nobody anything; the rarest labels are drawn as one.
MAX_LABELS = 40
# Numbers with at most so many different values are names (a cluster's number), not quantities.
_MAX_NUMERIC_LABELS = 10


@dataclass(frozen=True)
class Column:
    """One ``obs`` column: labels with a style each, or numbers."""

    name: str
    values: NDArray  # shape (samples,): text, or float where ``styles`` is None
    styles: dict[str, Style] | None
    counts: dict[str, int]  # samples of each label, the most frequent first; empty for numbers

    @property
    def is_numeric(self) -> bool:
        """Whether the column is a quantity, drawn on a color scale."""
        return self.styles is None

    @property
    def varies(self) -> bool:
        """Whether there is anything to tell apart."""
        return self.is_numeric or len(self.counts) > 1

    def at(self, positions: NDArray[np.intp]) -> "Column":
        """Return the same column of some samples only; the counts stay those of all."""
        return replace(self, values=self.values[positions])


def label_column(name: str, labels: NDArray, *, spread: bool = False) -> Column:
    """Return labels as a column to color by.

    Parameters
    ----------
    name
        Of the column, for legends.
    labels
        Shape (samples,), text; '' where a sample has none.
    spread
        See :func:`clrna.plot.palette.styles_of`.
    """
    counts = pd.Series(labels).value_counts()
    ranked = sorted(counts.index, key=lambda label: (label == UNLABELLED, -counts[label], label))
    named = [label for label in ranked if label != UNLABELLED]
    values = labels
    if len(named) > MAX_LABELS:
        rare = named[MAX_LABELS - 1 :]
        rest = f"{len(rare)} rarer labels"
        values = np.where(np.isin(labels.astype(str), rare), rest, labels.astype(str)).astype(object)
        logger.info("%s has %d labels; the %d rarest are drawn as one", name, len(named), len(rare))
        ranked = [*named[: MAX_LABELS - 1], rest, *ranked[len(named) :]]
        styles = {**styles_of(named[: MAX_LABELS - 1], spread=spread), rest: Style(GREY, "square")}
        styles |= {UNLABELLED: UNLABELLED_STYLE} if UNLABELLED in ranked else {}
    else:
        styles = styles_of(ranked, spread=spread)
    tally = pd.Series(values).value_counts()
    return Column(name, values, {label: styles[label] for label in ranked}, {key: int(tally[key]) for key in ranked})


def obs_column(adata: AnnData, name: str, path: Path, *, spread: bool = False) -> Column:
    """Return an ``obs`` column to color by, text and numbers alike.

    Raises
    ------
    InputError
        There is no such column; the error lists those that are there.
    """
    contract.check(adata, path, columns=[name])
    series = adata.obs[name]
    numeric = pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype)
    if numeric and series.nunique() > _MAX_NUMERIC_LABELS:
        return Column(name, series.to_numpy(dtype=float), None, {})
    values = contract.text_column(series)
    if name == SAMPLE_CATEGORY:  # from a list of this project's own, where cell_line means cell line
        values = np.array([value.replace("_", " ") for value in values], dtype=object)
    return label_column(name, values, spread=spread)


def present(adata: AnnData, names: Sequence[str]) -> list[str]:
    """Return those of the default columns that are there, each once, and log the others."""
    for name in names:
        if name not in adata.obs:
            logger.info("obs has no column %r; nothing is colored by it", name)
    return [name for name in dict.fromkeys(names) if name in adata.obs]


def columns_to_color_by(samples: DrawnSamples, names: Sequence[str] | None) -> list[Column]:
    """Return the columns to color by, of all samples.

    Parameters
    ----------
    samples
        What is drawn.
    names
        Columns that were asked for; None for the label, the study and whatever else is usual and there.
    """
    adata, path = samples.adata, samples.path
    label = label_column(samples.label_name, samples.labels)
    if names is None:
        study, *others = present(adata, [samples.study_key, SAMPLE_CATEGORY])
        found = [obs_column(adata, study, path, spread=True), *(obs_column(adata, name, path) for name in others)]
        for column in found:
            if not column.varies:
                logger.info("all samples have the same %s; nothing is colored by it", column.name)
        return [label, *(column for column in found if column.varies)]
    if not names:
        raise InputError("--color-by: names no column")
    contract.check(adata, path, columns=[name for name in names if name != samples.label_name])
    return [
        label if name == samples.label_name else obs_column(adata, name, path, spread=name == samples.study_key)
        for name in dict.fromkeys(names)
    ]
