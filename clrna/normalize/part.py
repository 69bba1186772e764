"""One study of one input file on its way to the merged matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clrna.constants import MEASURED_IN, SCALE
from clrna.errors import InputError
from clrna.io.contract import text_column
from clrna.io.matrix.unit_columns import ARRAY, BASE_OF_NAMES, UNIT_OF_NAMES
from clrna.normalize.input_file import InputFile
from clrna.quoted import listed, quoted
from clrna.scale import ScaleDetection


@dataclass
class StudyPart:
    """The samples of one study in one file.

    Attributes
    ----------
    study
        Its name.
    path
        The file.
    rows
        Their positions in the merged file, shape (samples,).
    samples
        Their names in the file.
    values
        float32, shape (samples, genes).
    genes
        One row a column of ``values``. Before :func:`clrna.normalize.genes.map_part` the index holds the
        identifiers of the file, afterwards current symbols in their order, each once, beside the columns
        ``ensembl_id``, ``entrez_id`` and ``original_id``.
    layers
        Matrices of the same shape from the file.
    stated
        Scale that the file itself states, '' where it does not.
    normalized
        Whether the file is an output of clrna-normalize.
    uns
        Of the file, for what it says of its logarithm and unit.
    found
        What the values are, as read; set by :func:`clrna.normalize.units.scale_of`.
    orientation, identifiers
        Where the samples lie in the file, and what kind most identifiers of its genes are.
    scale, why
        Scale of the values once they are normalized, and how it was found out.
    filled
        Number of values that were not finite.
    report
        What became of each gene, one row an identifier.
    """

    study: str
    path: Path
    rows: np.ndarray
    samples: np.ndarray
    values: np.ndarray
    genes: pd.DataFrame
    layers: dict[str, Any] = field(default_factory=dict)
    stated: str = ""
    normalized: bool = False
    uns: dict[str, Any] = field(default_factory=dict)
    found: ScaleDetection | None = None
    orientation: str = ""
    identifiers: str = ""
    scale: str = ""
    why: str = ""
    filled: int = 0
    report: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def name(self) -> str:
        """Study and file, for errors and the log."""
        return f"{self.path} (study {quoted(self.study)})"

    def keep_genes(self, positions: np.ndarray) -> None:
        """Keep the columns at these positions, in this order."""
        if len(positions) == self.values.shape[1] and (np.diff(positions) == 1).all():
            return
        self.values = np.take(self.values, positions, axis=1)
        self.genes = self.genes.iloc[positions]
        self.layers = {name: layer[:, positions] for name, layer in self.layers.items()}


def study_parts(sources: Sequence[InputFile]) -> list[StudyPart]:
    """Cut each file into its studies; the files' matrices are handed over, not kept twice.

    Raises
    ------
    InputError
        A file states two scales for one study.
    """
    parts: list[StudyPart] = []
    start = 0
    for source in sources:
        adata = source.adata
        layers = {name: adata.layers[name] for name in adata.layers}
        values = adata.X
        names = list(dict.fromkeys(source.study))
        for study in names:
            inside = np.flatnonzero(source.study == study)
            # A study whose samples stand together is a view; only scattered ones are copied.
            chosen = slice(inside[0], inside[-1] + 1) if inside[-1] - inside[0] + 1 == len(inside) else inside
            part = StudyPart(
                study=study,
                path=source.path,
                rows=inside + start,
                samples=adata.obs_names.to_numpy(dtype=object)[inside],
                values=values[chosen],
                genes=adata.var.copy(),
                layers={name: layer[chosen] for name, layer in layers.items()},
                stated=_stated_scale(source, study, inside),
                normalized=source.normalized,
                uns=dict(adata.uns),
                orientation=source.orientation,
            )
            if source.normalized:
                _keep_measured(part)
            parts.append(part)
        start += adata.n_obs
        adata.X = None
        for told in (UNIT_OF_NAMES, BASE_OF_NAMES, ARRAY):  # of this file alone
            adata.uns.pop(told, None)
        for name in list(adata.layers):
            del adata.layers[name]
    return parts


def _stated_scale(source: InputFile, study: str, inside: np.ndarray) -> str:
    if SCALE not in source.adata.obs:
        return ""
    values = sorted(set(text_column(source.adata.obs[SCALE])[inside]))
    if len(values) > 1:
        raise InputError(
            f"{source.path}: obs[{SCALE!r}] gives study {quoted(study)} several scales ({listed(values, marks=True)}); "
            "one study is in one scale"
        )
    return str(values[0])


def _keep_measured(part: StudyPart) -> None:
    """Drop genes that a merge by union had filled for this study, and the notes about that."""
    column = f"{MEASURED_IN}{part.study}"
    if column in part.genes:
        part.keep_genes(np.flatnonzero(part.genes[column].to_numpy(dtype=bool)))
    notes = [name for name in part.genes.columns if str(name).startswith(MEASURED_IN)]
    part.genes = part.genes.drop(columns=notes)
