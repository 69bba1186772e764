"""What a table says of its unit and logarithm besides the values: in names, or that they are of an array."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from clrna.errors import InputError
from clrna.io.matrix.unit_columns import ARRAY, BASE_OF_NAMES, UNIT_OF_NAMES, base_in
from clrna.scale import Scale, ScaleDetection, check_scale
from clrna.scale.scale_name import EXPRESSION

# What values alone do not tell from one another; of sums to a million and of ratios they are sure.
_OPEN: Final = frozenset({EXPRESSION, "fpkm", "intensity", "counts"})
_IN_FILE: Final = re.compile(r"(?<![a-z])(?:log(?:2|10)?[ ._-]?)?(fpkm|rpkm|tpm|cpm)(?![a-z]|[ ._-]?uq)", re.IGNORECASE)
_OF_OPEN_BASE: Final = frozenset({EXPRESSION, "intensity", "ratio"})


def with_told_unit(
    found: ScaleDetection, values: np.ndarray, uns: Mapping[str, Any], file_name: str = ""
) -> ScaleDetection:
    """Return a detection with the unit that the table tells, where the values leave it open and may be of that unit.

    Names of samples count more than the file's, which does not make another unit of whole numbers.

    Parameters
    ----------
    found
        From the values.
    values
        Shape (samples, genes).
    uns
        Of the table, as :func:`clrna.io.matrix.unit_columns.without_unit` leaves it.
    file_name
        Of the table: ``cohort_FPKM.txt``.
    """
    if found.doubt and ARRAY in uns:
        return ScaleDetection(Scale("intensity"), f"{found.why}; signals of the array {uns[ARRAY]}")
    unit, whose = str(uns.get(UNIT_OF_NAMES, "")), "the samples' names say"
    if not unit and found.scale.unit != "counts":
        unit, whose = _unit_of_file(file_name), "the file's name says"
    doubt = found.doubt if found.scale.base is not None else ""  # of the logarithm, whatever the unit
    if not unit or found.scale.unit not in _OPEN or found.scale.unit == unit:
        return replace(found, doubt=doubt) if unit else found
    scale = _in_unit(found.scale, unit, values)
    try:
        if scale is not None:
            check_scale(values, scale)
            return ScaleDetection(scale, f"{whose} {unit}; {found.why}", doubt)
    except InputError as error:
        return replace(found, doubt=f"{whose} {unit}, and {error}")
    return found


def _unit_of_file(name: str) -> str:
    """Return the one unit that a file's name holds, '' where it holds none or several."""
    units = {word.lower().replace("rpkm", "fpkm") for word in _IN_FILE.findall(name)}
    return units.pop() if len(units) == 1 else ""


def with_told_base(found: ScaleDetection, uns: Mapping[str, Any], file_name: str) -> ScaleDetection:
    """Return a detection with the base of the logarithm that names tell, where it was but assumed.

    Parameters
    ----------
    found
        From the values.
    uns
        As for :func:`with_told_unit`.
    file_name
        Of the table: ``cohort_log10.tsv``.
    """
    of_samples = int(uns.get(BASE_OF_NAMES, 0))
    base, assumed = of_samples or base_in([file_name]), found.scale.base
    open_base = assumed in (2.0, 10.0) and found.scale.unit in _OF_OPEN_BASE and not found.scale.pseudo
    if not base or not open_base:
        return found
    whose = "the samples' names say" if of_samples else "the file's name says"
    instead = found.why.replace("is assumed", "would be assumed")
    why = found.why if base == assumed else f"{whose} log{base}; {instead}"
    return ScaleDetection(replace(found.scale, base=float(base)), why)


def _in_unit(scale: Scale, unit: str, values: np.ndarray) -> Scale | None:
    """Return the scale with another unit, an open one for logarithms in which no zero shows what was added."""
    if scale.base is None:
        return Scale(unit)
    if scale.pseudo:
        return Scale(unit, scale.base, scale.pseudo)
    lowest = np.nanmin(values)
    if unit == "counts" or lowest < 0:
        return None
    return Scale(unit, scale.base, 1.0) if lowest == 0 else Scale(EXPRESSION, scale.base, None)
