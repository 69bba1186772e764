"""Find the same samples under the names that they have in several files."""

import logging
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import UNLABELLED
from clrna.io.contract import text_column
from clrna.plural import plural
from clrna.quoted import listed

logger = logging.getLogger("clrna")

_SHOWN = 5


def names_across_files(files: Sequence[AnnData], study_key: str) -> list[pd.Index]:
    """Return the sample names of each file, so that one name means one sample in all of them.

    Merging puts the study's name before a sample's name that stands in several studies, ``A.S1`` and ``B.S1``. A file
    of one study, encoded by itself, has the short name still. And two such files name two samples alike.

    Parameters
    ----------
    files
        What is to be joined; each file's names are unique.
    study_key
        ``obs`` column that names the study. The names of a file without it stay.

    Returns
    -------
    For each file its names in its own order. A name gets the study and a point in front where another file knows the
    sample of this study by the longer name only, and where files with the same ``obsm`` key have the name in
    different studies.
    """
    names = [file.obs_names.to_numpy(dtype=object) for file in files]
    studies = [text_column(file.obs[study_key]) if study_key in file.obs else None for file in files]
    names = _as_merged(names, studies)
    double = _named_alike(files, names, studies)
    warn_of_double_names(double)
    return [
        pd.Index(own)
        if of is None
        else pd.Index(_longer(own, of, np.array([name in double for name in own], dtype=bool)))
        for own, of in zip(names, studies, strict=True)
    ]


def name_with_study(study: str, name: str) -> str:
    """Return the longer name of a sample whose name stands in several studies: ``STUDY.SAMPLE``."""
    return f"{study}.{name}"


def warn_of_double_names(names: Collection[str]) -> None:
    """Say which samples get the longer name, where there are any."""
    if names:
        logger.warning(
            "%s in several studies (%s); the study's name was put before",
            plural(len(names), "sample name stands", "sample names stand"), listed(sorted(names), _SHOWN),
        )  # fmt: skip


def _as_merged(names: Sequence[np.ndarray], studies: Sequence[np.ndarray | None]) -> list[np.ndarray]:
    """Put the study before the names of samples that another file has only under the longer name."""
    known = [set() if of is None else set(zip(of, own, strict=True)) for own, of in zip(names, studies, strict=True)]
    result = []
    for number, (own, of) in enumerate(zip(names, studies, strict=True)):
        others = [samples for at, samples in enumerate(known) if at != number]
        if of is None:
            result.append(own)
            continue
        longer = [
            any((study, name_with_study(study, name)) in samples and (study, name) not in samples for samples in others)
            for study, name in zip(of, own, strict=True)
        ]
        result.append(_longer(own, of, np.array(longer, dtype=bool)))
    return result


def _named_alike(
    files: Sequence[AnnData], names: Sequence[np.ndarray], studies: Sequence[np.ndarray | None]
) -> set[str]:
    """Return the names that files with the same ``obsm`` key, which are stacked, have in different studies."""
    double: set[str] = set()
    for key in dict.fromkeys(key for file in files for key in file.obsm):
        first: dict[str, str] = {}
        for file, own, of in zip(files, names, studies, strict=True):
            if key not in file.obsm or of is None:
                continue
            for name, study in zip(own, of, strict=True):
                if study != UNLABELLED and first.setdefault(name, study) != study:
                    double.add(name)
    return double


def _longer(names: np.ndarray, studies: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return the names with the study before some of them, where the file does not have that name already."""
    have = set(names)
    longer = names.copy()
    for at in np.flatnonzero(which):
        name = name_with_study(studies[at], names[at])
        if name not in have:
            longer[at] = name
    return longer
