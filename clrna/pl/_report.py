import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from anndata import AnnData

from clrna.api.drawing import curves, matches_to_show, samples_to_draw, scores_to_draw
from clrna.api.model import Model
from clrna.api.parameters import check_choice, names_of, recorded
from clrna.api.python_words import speaks_python
from clrna.api.references import Reference, reference_to_draw
from clrna.constants import DONOR, STUDY, TISSUE
from clrna.errors import UsageError
from clrna.io.output.atomic import write_text
from clrna.io.output.destination import why_not
from clrna.io.provenance import make_record, read_records
from clrna.plot.kept_projections import KeptProjections
from clrna.plot.projections import project_all
from clrna.report.build import build_report
from clrna.report.material import material_of
from clrna.results.predictions import predictions_in
from clrna.results.samples import embeddings_to_draw

_PROJECTIONS = ("umap", "pca", "tsne")
_OF_FIGURES = (".png", ".svg", ".pdf")


@speaks_python
def report(
    adata: AnnData,
    path: str | os.PathLike[str],
    *,
    scores: pd.DataFrame | None = None,
    history: Model | pd.DataFrame | None = None,
    reference: Reference | None = None,
    matches: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
    basis: str | Sequence[str] | None = None,
    color: str | Sequence[str] | None = None,
    projections: Sequence[str] = _PROJECTIONS,
    label_key: str | Sequence[str] = TISSUE,
    study_key: str = STUDY,
    donor_key: str = DONOR,
    max_points: int = 5000,
    title: str | None = None,
    random_state: int = 0,
) -> None:
    """Write the report: one interactive HTML file that needs nothing from outside.

    Parameters
    ----------
    adata
        With embeddings in ``obsm``.
    path
        ``.html`` file to write, whole or not at all.
    scores
        From :func:`clrna.tl.score`; by default the table that ``adata`` holds, if any.
    history
        A model that was just trained, or its table.
    reference
        Samples to draw pale behind those of ``adata``, as :func:`clrna.tl.match` takes them: a model, such as
        ``'pan-cancer-small'``, or samples that the same model has encoded.
    matches
        From :func:`clrna.tl.match`.
    genes
        From :func:`clrna.tl.explain`.
    basis
        Keys of ``obsm``; by default every one that starts with ``X_``.
    color
        Columns of ``obs``; by default label, study and sample category.
    projections
        Of ``'umap'``, ``'pca'`` and ``'tsne'``, those to choose from.
    label_key, study_key, donor_key
        Columns of ``obs``.
    max_points
        Samples drawn at most, a stratified sample beyond.
    title
        Of the report.
    random_state
        Seed of the projections.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> clrna.pl.report(adata, "report.html", projections=["pca"])
    """
    _check_path(Path(path))
    names = names_of("projections", projections)
    for name in names:
        check_choice("projections", name, _PROJECTIONS)
    samples = samples_to_draw(adata, label_key, study_key, max_points, random_state)
    keys = None if basis is None else names_of("basis", basis)
    asked = recorded(
        embeddings=keys, projections=names, color_by=color, label_key=label_key, study_key=study_key,
        donor_key=donor_key, max_points=max_points, title=title, random_state=random_state,
    )  # fmt: skip
    drawn = reference_to_draw(samples, reference, label_key, study_key, max_points, random_state)
    told_matches, told_genes = matches_to_show(adata, matches, genes, study_key)
    projected = project_all(
        embeddings_to_draw(samples, keys), names or list(_PROJECTIONS), random_state,
        reference=None if drawn is None else drawn.codes, kept=KeptProjections(samples).of,
    )  # fmt: skip
    material = material_of(
        samples, predictions_in(samples.adata), scores_to_draw(adata, scores, study_key), projected,
        history=None if history is None else curves(history),
        records=[*read_records(adata), make_record("plot", asked, [])],
        colors=None if color is None else names_of("color", color), title=title, donor_key=donor_key,
        reference=drawn, matches=told_matches, genes=told_genes,
    )  # fmt: skip
    write_text(Path(path), build_report(material))


def _check_path(path: Path) -> None:
    """Raise UsageError where the report cannot be written, before all that takes time."""
    reason = why_not(path, text=True)
    if path.suffix.lower() in _OF_FIGURES:
        reason = "the report is HTML, end it in .html; clrna.pl.claim and others return figures to be saved"
    if reason:
        raise UsageError(f"{path}: {reason}")
