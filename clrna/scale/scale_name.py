"""The names of scales: ``[log2_|ln_|log10_]UNIT[PSEUDO-COUNT]``, and what each of them means."""

import math
import re
from dataclasses import dataclass
from typing import Final

from clrna.constants import LINEAR_UNITS, SCALES
from clrna.errors import UsageError

ZSCORE: Final = "zscore"
EXPRESSION: Final = "expression"
_LOG_BASES: Final = {"": None, "log2": 2.0, "ln": math.e, "log10": 10.0}
_SYNONYMS: Final = {"rpkm": "fpkm", "count": "counts", "rma": "log2_intensity", "z-score": ZSCORE}
# Sequencing units hold zeros, so a logarithm of them says nothing without its pseudo-count.
_NEEDS_PSEUDO_COUNT: Final = ("counts", "cpm", "tmm", "tpm", "fpkm")
_PATTERN: Final = re.compile(
    rf"(?:(?P<log>log2|ln|log10)_)?(?P<unit>{'|'.join((*LINEAR_UNITS, 'rpkm', 'count'))})"
    r"(?P<pseudo>[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)?"
)


@dataclass(frozen=True)
class Scale:
    """What the numbers of a matrix are.

    Attributes
    ----------
    unit
        One of ``constants.LINEAR_UNITS``, ``expression`` (RNA-Seq whose unit is not known) or ``zscore``.
    base
        Base of the logarithm, None for linear values and z-scores.
    pseudo
        Pseudo-count that was added before the logarithm; None where nobody knows.
    """

    unit: str
    base: float | None = None
    pseudo: float | None = 0.0

    @property
    def is_additive(self) -> bool:
        """Whether the sum of two columns means something: reads of both, not an average of two probes."""
        return self.base is None and self.unit not in (ZSCORE, "ratio", "intensity")

    @property
    def is_sequencing(self) -> bool:
        """Whether the values come from counted reads, in a unit whose linear form is known."""
        return self.unit not in (ZSCORE, "ratio", "intensity") and self.pseudo is not None

    @property
    def name(self) -> str:
        """The name that :func:`parse_scale` reads back as this scale."""
        if self.base is None:
            return self.unit
        log = next(log for log, base in _LOG_BASES.items() if base == self.base)
        plain = self.pseudo is None or (self.pseudo == 0 and self.unit in ("intensity", "ratio"))
        return f"{log}_{self.unit}" + ("" if plain else f"{self.pseudo:g}")

    def canonical(self, counts_to: str = "tpm") -> str:
        """Return the key of ``constants.SCALES`` that clrna-normalize turns this scale into."""
        if self.unit == ZSCORE:
            return ZSCORE
        unit = counts_to if self.unit == "counts" else self.unit
        return f"log2_{unit}1" if f"log2_{unit}1" in SCALES else f"log2_{unit}"


def parse_scale(text: str) -> Scale:
    """Read the name of a scale.

    Parameters
    ----------
    text
        ``counts``, ``tpm``, ``log2_tpm1``, ``ln_cpm0.5``, ``log10_intensity``, ``log2_expression``,
        ``zscore`` and so on; the number at the end is the pseudo-count. Case does not matter.

    Raises
    ------
    UsageError
        The name is not of that form, or a logarithm of a sequencing unit lacks its pseudo-count.
    """
    name = _SYNONYMS.get(text.strip().lower(), text.strip().lower())
    if name == ZSCORE:
        return Scale(ZSCORE)
    match = _PATTERN.fullmatch(name)
    if match is None:
        known = ", ".join((*LINEAR_UNITS, *SCALES))
        raise UsageError(f"scale {text!r} is not known; write for example one of {known}, or ln_cpm0.5")
    unit = _SYNONYMS.get(match["unit"], match["unit"])
    if match["log"] is None:
        if match["pseudo"] is not None:
            raise UsageError(f"scale {text!r}: a pseudo-count belongs to a logarithm, write log2_{name} or {unit}")
        return Scale(unit)
    return Scale(unit, _LOG_BASES[match["log"]], _pseudo_count(match["pseudo"], unit, text))


def _pseudo_count(digits: str | None, unit: str, text: str) -> float | None:
    if digits is not None:
        return float(digits)
    if unit in _NEEDS_PSEUDO_COUNT:
        raise UsageError(f"scale {text!r}: say which pseudo-count was added, for example {text.strip()}1")
    return None if unit == EXPRESSION else 0.0
