from collections.abc import Sequence

import pandas as pd
from anndata import AnnData
from matplotlib.figure import Figure

from clrna.api.drawing import curves, samples_to_draw, scores_to_draw
from clrna.api.model import Model
from clrna.api.parameters import ADATA, check_choice, names_of
from clrna.api.python_words import speaks_python
from clrna.api.references import Reference, reference_to_draw
from clrna.constants import STUDY, TISSUE
from clrna.plot import figures
from clrna.plot.genes_figure import genes_figure
from clrna.plot.kept_projections import KeptProjections
from clrna.plot.projections import project_all
from clrna.results.predictions import predictions_in
from clrna.results.samples import embeddings_to_draw

_PROJECTIONS = ("umap", "pca", "tsne")


@speaks_python
def embedding(
    adata: AnnData,
    *,
    reference: Reference | None = None,
    basis: str | Sequence[str] | None = None,
    color: str | Sequence[str] | None = None,
    projection: str = "umap",
    label_key: str | Sequence[str] = TISSUE,
    study_key: str = STUDY,
    max_points: int = 5000,
    title: str = "",
    random_state: int = 0,
) -> Figure:
    """Draw embeddings: a row for each, a column for each way to color.

    Parameters
    ----------
    adata
        With embeddings in ``obsm``.
    reference
        Samples to draw pale behind those of ``adata``, as :func:`clrna.tl.match` takes them: a model, such as
        ``'pan-cancer-small'``, or samples that the same model has encoded.
    basis
        Keys of ``obsm``; by default every one that starts with ``X_``.
    color
        Columns of ``obs``; by default label, study and sample category.
    projection
        ``'umap'``, ``'pca'`` or ``'tsne'``.
    label_key, study_key
        Columns of ``obs``.
    max_points
        Samples drawn at most, a stratified sample beyond.
    title
        Above everything.
    random_state
        Seed of the projection.

    Returns
    -------
    The figure; ``figure.savefig("file.png")`` writes it.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> figure = clrna.pl.embedding(adata, basis="X_clrna", color=["tissue", "study"], projection="pca")
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['CLRNA, by tissue', 'CLRNA, by study']
    """
    check_choice("projection", projection, _PROJECTIONS)
    samples = samples_to_draw(adata, label_key, study_key, max_points, random_state)
    keys = None if basis is None else names_of("basis", basis)
    behind = reference_to_draw(samples, reference, label_key, study_key, max_points, random_state)
    codes = None if behind is None else behind.codes
    found = project_all(
        embeddings_to_draw(samples, keys), [projection], random_state, reference=codes, kept=KeptProjections(samples).of
    )
    shown = {key: each[projection] for key, each in found.items()}
    return figures.embeddings(samples, None if color is None else names_of("color", color), shown, title=title)


@speaks_python
def confusion(
    adata: AnnData, *, label_key: str | Sequence[str] = TISSUE, study_key: str = STUDY, title: str = ""
) -> Figure:
    """Draw true against predicted labels, samples that the model never saw apart from those that it did.

    Parameters
    ----------
    adata
        After :func:`clrna.tl.encode`.
    label_key, study_key
        Columns of ``obs``.
    title
        Above everything.

    Returns
    -------
    The figure.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> figure = clrna.pl.confusion(adata)
    >>> len(figure.axes)  # three matrices, and the key of their shades
    4
    """
    samples = samples_to_draw(adata, label_key, study_key, max(adata.n_obs, 10), 0)
    return figures.confusion(samples, predictions_in(samples.adata), title=title)


@speaks_python
def history(history: Model | pd.DataFrame, *, title: str = "") -> Figure:
    """Draw the training curves of a model that was trained in epochs.

    Parameters
    ----------
    history
        A model that :func:`clrna.tl.train` has just made, or its table ``model.history``.
    title
        Above everything.

    Returns
    -------
    The figure.

    Raises
    ------
    clrna.errors.InputError
        There are no curves, since the model was computed in closed form.

    Examples
    --------
    >>> network = clrna.tl.train(adata, epochs=2, hidden=[8], latent_dim=4, standardize="study")
    >>> figure = clrna.pl.history(network)
    """
    return figures.history(curves(history), ADATA, title=title)


@speaks_python
def scores(
    adata: AnnData,
    *,
    scores: pd.DataFrame | None = None,
    basis: str | Sequence[str] | None = None,
    study_key: str = STUDY,
    title: str = "",
) -> Figure:
    """Draw the scores of embeddings side by side.

    Parameters
    ----------
    adata
        After :func:`clrna.tl.score`.
    scores
        Its table; by default the one that ``adata`` holds.
    basis
        Keys of ``obsm`` whose scores are drawn; by default all.
    study_key
        Column of ``obs``.
    title
        Above everything.

    Returns
    -------
    The figure.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> scores = clrna.tl.score(adata, bootstrap=0)
    >>> figure = clrna.pl.scores(adata)
    """
    keys = None if basis is None else names_of("basis", basis)
    return figures.scores(scores_to_draw(adata, scores, study_key), keys, title=title)


@speaks_python
def genes(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw the first ten genes for and against each label.

    Parameters
    ----------
    table
        From :func:`clrna.tl.explain`.
    title
        Above everything.

    Returns
    -------
    The figure.

    Raises
    ------
    clrna.errors.InputError
        No label has a gene.

    Examples
    --------
    >>> figure = clrna.pl.genes(clrna.tl.explain(model))
    """
    return genes_figure(table, title=title)
