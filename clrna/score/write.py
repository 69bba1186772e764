"""The scores as TSV and as JSON: an empty field or null where there is no value, never NaN."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from clrna import __version__
from clrna.score.samples import ScoredSamples

_DIGITS = 6


def to_tsv(scores: pd.DataFrame) -> str:
    """Return the table as tab separated text, one score a line."""
    return scores.to_csv(sep="\t", index=False, na_rep="", float_format=f"%.{_DIGITS}g", lineterminator="\n")


def to_json(scores: pd.DataFrame, samples: ScoredSamples, records: list[dict[str, Any]]) -> str:
    """Return the table with what it was made from as JSON.

    Parameters
    ----------
    scores
        As :class:`clrna.score.table.ScoreTable` computes them.
    samples
        What was scored.
    records
        The provenance chain, this step's record last.
    """
    content = {
        "clrna": __version__,
        "n_samples": samples.n,
        "n_studies": len(set(samples.studies.tolist())),
        "label_key": samples.label_key,
        "embeddings": {
            key: {"n_features": matrix.shape[1], "made_from": samples.knowledge[key].note}
            for key, matrix in samples.embeddings.items()
        },
        "scores": [_plain(row) for row in scores.to_dict("records")],
        "provenance": records,
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def for_uns(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the table in types that every anndata version writes and reads."""
    table = scores.copy()
    for name in table.columns:
        if table[name].dtype == object or isinstance(table[name].dtype, pd.StringDtype):
            table[name] = table[name].astype(str).astype(object)
    table.index = pd.Index([str(i) for i in range(len(table))], dtype=object)
    return table


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
    return value
