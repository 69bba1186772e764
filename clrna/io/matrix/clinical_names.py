"""Findings of the clinic that are named as genes: PSA and CA125 in the serum, HER2 and ER by stain, KRAS mutated."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from clrna.genes import GeneMapping
from clrna.plain_words import plain_word
from clrna.scale.scale_check import LARGEST_LOG2

# Former names and aliases, of one gene or of several, by their letters and digits.
_FORMER: Final = frozenset(
    "er pr her2 her2neu psa freepsa fpsa tpsa ca125 ca153 ca199 ca724 cea hcg bhcg ldh alp alt ast nse cyfra211 ki67 "
    "p53 p16 p63 pdl1 pd1 ggt s100 fish ihc esr hb hgb wbc plt inr tsh lh fsh bnp hpv ebv hbv hcv msi mmr tmb".split()
)
# Symbols of today: of these the values have to say that they are no expression.
_CURRENT: Final = frozenset(
    "afp crp alb pgr ar tg calca fga egfr erbb2 kras nras hras braf tp53 pik3ca pten brca1 brca2 idh1 idh2 alk ros1 "
    "met ret mgmt apc smad4 jak2 flt3 npm1 kit fgfr3 tert atrx vhl".split()
)
_FEW_GENES: Final = 8
_ENOUGH_GENES: Final = 2_000
_LARGEST_GRADE: Final = 4.0
_LEAST_SAMPLES: Final = 2
_FRACTIONS: Final = 0.5
_CHANCE: Final = 0.02
_RARE: Final = 0.002


def clinical_names(names: Sequence[str], mapping: GeneMapping, values: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Return which columns are findings of the clinic and no expression.

    A former name or alias is one where it may be several genes, where its gene stands there by its symbol too, or
    where its values are no expression; a symbol of today by its values alone: whole numbers where genes have
    fractions, numbers that are no logarithms among such.

    Parameters
    ----------
    names
        Of the columns.
    mapping
        Of these names.
    values
        Shape (some samples, columns).
    sure
        Which columns are genes by their symbol or number, shape (columns,).

    Returns
    -------
    Bool, shape (columns,).
    """
    found = np.zeros(len(names), dtype=bool)
    plain = [plain_word(name) for name in names]
    asked = [at for at, name in enumerate(plain) if name in (_CURRENT if sure[at] else _FORMER)]
    genes = sure.copy()
    genes[asked] = False
    if not asked or genes.sum() < _FEW_GENES:
        return found
    exact = set(mapping.symbol[sure])
    unlike = _unlike(values, asked, genes)
    for at in asked:
        open_name = mapping.status[at] in ("ambiguous", "lost")
        found[at] = unlike[at] or (not sure[at] and (open_name or mapping.symbol[at] in exact))
    return found


def _unlike(values: np.ndarray, asked: Sequence[int], genes: np.ndarray) -> np.ndarray:
    """Return which of the columns hold values that the genes' do not look like."""
    found = np.zeros(values.shape[1], dtype=bool)
    columns = np.flatnonzero(genes)
    others = values[:, columns[:: max(1, len(columns) // _ENOUGH_GENES)]]
    high = np.nanquantile(np.where(np.isfinite(others), others, np.nan), 0.999) if np.isfinite(others).any() else np.inf
    whole_genes, whole_share = _whole(others)
    # Where all genes are counted by hundreds few are no counts; of a whole genome some are hardly counted.
    hardly = float(np.mean(np.nanmax(np.where(np.isfinite(others), others, 0.0), axis=0) <= _LARGEST_GRADE))
    by_hundreds = whole_share > _FRACTIONS and np.nanmedian(others) > 10 * _LARGEST_GRADE and hardly <= _RARE
    for at in asked:
        own = values[np.isfinite(values[:, at]), at]
        if not own.size:
            continue
        beyond = high <= LARGEST_LOG2 and np.count_nonzero(own > max(LARGEST_LOG2, 1.5 * high)) > own.size / 4
        grades = bool(_whole(own[:, np.newaxis])[0][0])
        few = by_hundreds and own.max() <= _LARGEST_GRADE
        found[at] = beyond or few or (whole_share <= _FRACTIONS and grades and whole_genes.mean() <= _CHANCE)
    return found


def _whole(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Return which columns hold whole numbers alone, some of them no zeros, and the share of such numbers in all."""
    with np.errstate(invalid="ignore"):
        some = np.isfinite(values) & (values != 0)
        whole = some & (values == np.rint(values))
    columns = (whole.sum(axis=0) == some.sum(axis=0)) & (some.sum(axis=0) >= _LEAST_SAMPLES)
    return columns, float(whole.sum() / max(1, some.sum()))
