"""The table of studies: for ``--study-report`` and the log."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from clrna.constants import COPY_OF, DONOR, SAMPLE_CATEGORIES, SAMPLE_CATEGORY, SPLIT, SPLITS, STUDY, TISSUE
from clrna.io.contract import text_column
from clrna.normalize.classes import label_counts
from clrna.normalize.part import StudyPart
from clrna.quoted import quoted

logger = logging.getLogger("clrna")


def study_report(
    obs: pd.DataFrame, parts: Sequence[StudyPart], genes_given: Mapping[str, int], resolved: np.ndarray
) -> pd.DataFrame:
    """Return one row a study: scale, genes, samples, donors, copies, split, categories and tissues.

    Parameters
    ----------
    obs
        Of the merged file.
    parts
        The normalized studies.
    genes_given
        Number of genes each came with.
    resolved
        Whether the donor of each sample is known.
    """
    rows = []
    text = pd.DataFrame(
        {name: text_column(obs[name]) for name in (STUDY, TISSUE, DONOR, SAMPLE_CATEGORY, COPY_OF, SPLIT)}
    )
    for study in dict.fromkeys(text[STUDY]):
        mine = text[text[STUDY] == study]
        own = [part for part in parts if part.study == study]
        row: dict[str, object] = {
            "study": study,
            "scale": own[0].scale,
            "scale_why": "; ".join(dict.fromkeys(part.why for part in own)),
            "samples": len(mine),
            "genes_in_file": genes_given[study],
            "genes_known": min(len(part.genes) for part in own),
            "values_filled": sum(part.filled for part in own),
            "donors": mine[DONOR].nunique(),
            "donors_in_other_studies": len(set(mine[DONOR]) & set(text.loc[text[STUDY] != study, DONOR])),
            "samples_without_known_donor": int((~resolved[mine.index]).sum()),
            "copies_of_other_studies": int((mine[COPY_OF] != "").sum()),
        }
        row |= {name: int((mine[SPLIT] == name).sum()) for name in SPLITS}
        row |= {name: int((mine[SAMPLE_CATEGORY] == name).sum()) for name in SAMPLE_CATEGORIES}
        rows.append(row)
    table = label_counts(text[STUDY].tolist(), text[TISSUE].tolist()).add_prefix("tissue: ")
    return pd.DataFrame(rows).set_index("study").join(table).reset_index()


def log_study_table(obs: pd.DataFrame, label_key: str) -> None:
    """Log how many samples of each label each study has."""
    table = label_counts(obs[STUDY].tolist(), obs[label_key].tolist()).T.rename_axis(index=None, columns=None)
    logger.info("samples of each study by %s:", label_key)
    for line in table.rename(index=quoted, columns=quoted).to_string().splitlines():
        logger.info("  %s", line)
