"""The table of ``clrna-score``: its columns, and how it is read from its TSV or from ``uns['clrna']['scores']``."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from anndata import AnnData

from clrna.constants import UNS, UNS_SCORES
from clrna.errors import InputError
from clrna.io.text_table import read_table, text_cells, with_numbers
from clrna.quoted import in_quotes

COLUMNS = (
    "embedding", "metric", "label_key", "split", "study", "value", "ci_low", "ci_high", "minus_combat",
    "minus_combat_low", "minus_combat_high", "n", "in_sample", "headline", "direction", "reason", "note", "fingerprint",
)  # fmt: skip
DIFFERENCE = ("minus_combat", "minus_combat_low", "minus_combat_high")
# Of the embedding that a row is about: what it was computed of.
FINGERPRINT = "fingerprint"
NUMBERS = ("value", "ci_low", "ci_high", *DIFFERENCE, "n")
FLAGS = ("in_sample", "headline")
# A table without notes, differences and fingerprints is whole.
_REQUIRED = tuple(name for name in COLUMNS if name not in ("note", FINGERPRINT, *DIFFERENCE))

WHOLE = ""  # stands for all studies in the study column
# What the split column holds beside the splits: samples whose study and donor no model was trained on, samples whose
# study none was trained on though their donor may be known, and all samples.
UNSEEN = "unseen"
UNSEEN_STUDY = "unseen_study"
ALL = "all"


def read_scores(path: Path) -> pd.DataFrame:
    """Read a table of scores.

    Returns
    -------
    One score a row with the columns of ``COLUMNS``: text ('' where empty), float (NaN where empty) or bool.

    Raises
    ------
    InputError
        The file is no such table; the text names the column and the value.
    """
    return _typed(read_table(path, required=_REQUIRED, mend="it should come from clrna-score"), path)


def scores_in(adata: AnnData, path: Path) -> pd.DataFrame | None:
    """Return the scores that ``clrna-score --output-h5ad`` left in a file, None where there are none."""
    own = adata.uns.get(UNS)
    table = own.get(UNS_SCORES) if isinstance(own, Mapping) else None
    if not isinstance(table, pd.DataFrame) or table.empty:
        return None
    return scores_of(table, path, f"uns['{UNS}']['{UNS_SCORES}']")


def scores_of(table: pd.DataFrame, path: Path, where: str) -> pd.DataFrame:
    """Return scores that are in memory, from whichever reader, as :func:`read_scores` does.

    Raises
    ------
    InputError
        Columns are missing, or hold other values; the text says ``where``.
    """
    missing = [name for name in _REQUIRED if name not in table]
    if missing:
        raise InputError(f"{path}: {where} has no column {', '.join(missing)}; run clrna-score anew")
    return _typed(text_cells(table), path)


def _typed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    table = table.assign(**{name: "" for name in COLUMNS if name not in table})
    typed = with_numbers(table, NUMBERS, path, "run clrna-score anew")
    for name in FLAGS:
        words = table[name].str.strip().str.lower()
        odd = table[name][~words.isin(("true", "false", "1", "0"))]
        if len(odd):
            raise InputError(
                f"{path}: column {in_quotes(name)} holds {in_quotes(odd.iloc[0])}, not True or False; run "
                "clrna-score anew"
            )
        typed[name] = words.isin(("true", "1"))
    return typed
