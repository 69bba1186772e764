"""Donors of cell lines whose metadata give both a name and a patient."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from clrna.donors import Donors, donors_of
from clrna.plural import plural
from clrna.quoted import listed

logger = logging.getLogger("clrna")

_SHOWN = 5
_LINE_CATEGORIES = ("cell_line", "")


def donors_of_lines(
    names: Sequence[str],
    studies: Sequence[str],
    categories: Sequence[str],
    lines: Sequence[str],
    patients: Sequence[str] | None,
    path: Path,
) -> Donors:
    """Return the donors of samples some of which are cell lines with a name.

    The name comes first, as it is the same in all studies; a patient's number (DepMap's ``PT-...``, Sanger's
    ``SIDP...``) is one of the source's own. Lines that the source gives one patient are one donor, under the
    shortest of their names.

    Parameters
    ----------
    names, studies, categories
        Name, study and harmonised category of each sample.
    lines
        Name of the cell line, '' where there is none.
    patients
        What the source says of donors besides, '' where nothing; None where it has no such column.
    path
        For the log.
    """
    told = list(patients) if patients is not None else [""] * len(names)
    is_line = [bool(line) and category in _LINE_CATEGORIES for line, category in zip(lines, categories, strict=True)]
    # A sample that has the name of a line and no category is one.
    kinds = ["cell_line" if own else category for own, category in zip(is_line, categories, strict=True)]
    said = [line if own else patient for line, own, patient in zip(lines, is_line, told, strict=True)]
    donors = donors_of(names, studies, kinds, said)
    of_patient: dict[tuple[str, str], set[str]] = {}
    of_line: dict[str, set[str]] = {}
    for donor, study, patient, own in zip(donors.donor, studies, told, is_line, strict=True):
        if own and patient:
            of_patient.setdefault((study, patient), set()).add(donor)
            of_line.setdefault(donor, set()).add(patient)
    _log(of_patient, of_line, path)
    joined = {key: min(found, key=lambda name: (len(name), name)) for key, found in of_patient.items()}
    first = [
        joined.get((study, patient), donor) if own else donor
        for donor, study, patient, own in zip(donors.donor, studies, told, is_line, strict=True)
    ]
    return Donors(np.array(first, dtype=object), donors.resolved)


def _log(of_patient: dict[tuple[str, str], set[str]], of_line: dict[str, set[str]], path: Path) -> None:
    shared = [
        f"{' = '.join(sorted(lines))} ({patient})" for (_, patient), lines in of_patient.items() if len(lines) > 1
    ]
    if shared:
        logger.info("%s: lines of one patient are one donor: %s", path, _some(shared))
    several = [f"{line} ({', '.join(sorted(patients))})" for line, patients in of_line.items() if len(patients) > 1]
    if several:
        logger.warning(
            "%s: %s several patients; the name counts: %s",
            path,
            plural(len(several), "cell line has", "cell lines have"),
            _some(sorted(several)),
        )


def _some(found: Sequence[str]) -> str:
    return listed(found, _SHOWN)
