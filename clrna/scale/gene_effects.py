"""Effects of knocked out genes on growth, which DepMap has in matrices that look like those of log ratios."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from clrna.spread_out import spread_out

# Without these hardly any cell grows: of the core essential genes of Hart et al. 2017 (doi:10.1534/g3.117.041277) those
# of ribosome, proteasome, splicing, transcription and replication.
ESSENTIAL: Final = frozenset(
    "RPL3 RPL4 RPL5 RPL7 RPL8 RPL10A RPL11 RPL12 RPL13 RPL18 RPL23A RPL27 RPL30 RPL32 RPL37A RPS3 RPS6 RPS8 RPS11 "
    "RPS13 RPS14 RPS15A RPS19 PSMA1 PSMA2 PSMA3 PSMA5 PSMB1 PSMB2 PSMB3 PSMB4 PSMC2 PSMC4 PSMD1 PSMD3 PSMD11 PSMD14 "
    "POLR2A POLR2B POLR2D SF3B1 SF3B2 SF3B3 SF3A1 SF3A2 EIF3A EIF3B EEF2 RAN RRM1 PCNA PLK1 KIF11 SNRPD1 SNRPD3 U2AF1 "
    "HSPA9 COPA COPB1 VCP RPA1 CDC5L".split()
)
_FEWEST: Final = 10
_MOST_SAMPLES: Final = 100
_LOW: Final = -0.5
_MOST_ESSENTIAL: Final = 0.8
_NEAR: Final = 0.35
_MOST_NEAR: Final = 0.6
_HIGH: Final = 0.75
_FEW_HIGH: Final = 0.005


def why_gene_effects(values: np.ndarray, symbols: Iterable[str]) -> str:
    """Tell effects of knocked out genes (CERES, Chronos, DEMETER2) from log ratios of expression.

    Most genes have no effect, none makes cells grow much faster, and essential genes lie about -1. Ratios of expression
    are as often high as low, and essential genes, which all cells express, lie about 0.

    Parameters
    ----------
    values
        Shape (samples, genes), signed; what is not finite is left out.
    symbols
        Current symbols of the genes, '' where not known; shape (genes,).

    Returns
    -------
    What shows that they are such effects; '' where they may be expression.
    """
    essential = np.array([symbol in ESSENTIAL for symbol in symbols], dtype=bool)
    if essential.sum() < _FEWEST:
        return ""
    some = np.where(np.isfinite(values), values, np.nan)[spread_out(len(values), _MOST_SAMPLES)]
    known = np.isfinite(some).any(axis=0)
    medians = np.nanmedian(some[:, known], axis=0)
    low = float(np.mean(medians[essential[known]] < _LOW)) if essential[known].any() else 0.0
    near, high = float(np.mean(np.abs(medians) < _NEAR)), float(np.mean(medians > _HIGH))
    if low < _MOST_ESSENTIAL or near < _MOST_NEAR or high > _FEW_HIGH:
        return ""
    return (
        f"near 0 in {100 * near:.0f} % of the genes and below {_LOW:g} in {100 * low:.0f} % of those that all cells "
        "need, as effects of knocked out genes on growth are (CRISPR, RNAi)"
    )
