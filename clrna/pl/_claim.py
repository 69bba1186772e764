from collections.abc import Sequence

import pandas as pd
from anndata import AnnData
from matplotlib.figure import Figure

from clrna.api.drawing import samples_to_draw, scores_to_draw
from clrna.api.parameters import check_choice, names_of
from clrna.api.python_words import speaks_python
from clrna.api.references import Reference, reference_to_draw
from clrna.constants import STUDY, TISSUE
from clrna.plot import figures
from clrna.plot.claim import keys_to_compare
from clrna.plot.kept_projections import KeptProjections
from clrna.plot.projections import NAMES, project_all
from clrna.report.glance import glance
from clrna.results.predictions import predictions_in
from clrna.results.samples import embeddings_to_draw


@speaks_python
def claim(
    adata: AnnData,
    *,
    scores: pd.DataFrame | None = None,
    reference: Reference | None = None,
    basis: str | Sequence[str] | None = None,
    projection: str = "umap",
    label_key: str | Sequence[str] = TISSUE,
    study_key: str = STUDY,
    max_points: int = 5000,
    title: str = "",
    random_state: int = 0,
) -> Figure:
    """Draw the model beside ComBat, by label and by study: samples of unseen studies before those trained on.

    Parameters
    ----------
    adata
        After :func:`clrna.tl.encode` and :func:`clrna.tl.baselines`.
    scores
        What stands below, from :func:`clrna.tl.score`; by default what ``adata`` holds, if it holds any.
    reference
        Samples to draw pale behind those of ``adata``, as :func:`clrna.tl.match` takes them: a model, such as
        ``'pan-cancer-small'``, or samples that the same model has encoded.
    basis
        Keys of ``obsm`` to choose the two from; by default every one that starts with ``X_``.
    projection
        ``'umap'``, ``'pca'`` or ``'tsne'``.
    label_key, study_key
        Columns of ``obs``.
    max_points
        Samples drawn at most, a stratified sample beyond.
    title
        Above everything; the names of the unseen studies unless given.
    random_state
        Seed of the projection.

    Returns
    -------
    The figure.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> figure = clrna.pl.claim(adata, projection="pca")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['by tissue', 'by study']
    """
    check_choice("projection", projection, tuple(NAMES))
    samples = samples_to_draw(adata, label_key, study_key, max_points, random_state)
    found = embeddings_to_draw(samples, None if basis is None else names_of("basis", basis))
    behind = reference_to_draw(samples, reference, label_key, study_key, max_points, random_state)
    drawn = project_all(
        {key: found[key] for key in keys_to_compare(found)}, [projection], random_state,
        reference=None if behind is None else behind.codes, kept=KeptProjections(samples).of,
    )  # fmt: skip
    shown = {key: each[projection] for key, each in drawn.items()}
    numbers = glance(scores_to_draw(adata, scores, study_key)).verdicts
    return figures.claim(samples, predictions_in(samples.adata), shown, title=title, numbers=numbers, reference=behind)
