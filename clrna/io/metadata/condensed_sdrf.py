"""Condensed SDRF of the Expression Atlas: without a header, a line for each thing that is said of a sample."""

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

_ACCESSION: Final = re.compile(r"E-[A-Z]{3,4}-\d+")
_KINDS: Final = ("characteristic", "factor")
_LEAST: Final = 6


def is_condensed(first: Sequence[str]) -> bool:
    """Whether the fields of a first line are those of a condensed SDRF: study, array, sample, kind, name, value."""
    return len(first) >= _LEAST and _ACCESSION.fullmatch(first[0].strip()) is not None and first[3].strip() in _KINDS


def of_samples(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row a sample.

    Parameters
    ----------
    lines
        Text, '' where empty, shape (lines, at least 6): study, array, sample, ``characteristic`` or ``factor``, name,
        value.

    Returns
    -------
    ``sample`` and a column for each name. A factor that is called as a characteristic says the same; what has several
    values in one sample has them with ``, `` between.
    """
    lines = lines.iloc[:, :_LEAST].set_axis(["study", "array", "sample", "kind", "name", "value"], axis=1)
    known = lines[lines["kind"].isin(_KINDS) & (lines["sample"] != "") & (lines["value"] != "")]
    values = known.drop_duplicates(["sample", "name", "value"]).groupby(["sample", "name"], sort=False)["value"]
    wide = values.agg(", ".join).unstack("name")
    return wide.reindex(known["sample"].unique()).rename_axis(columns=None).reset_index().astype(object)
