from collections.abc import Sequence

import pandas as pd
from anndata import AnnData

from clrna.api.parameters import ADATA, check_adata, check_choice, check_number, label_columns, names_of, recorded
from clrna.api.python_words import speaks_python
from clrna.constants import DONOR, SPLIT, STUDY, TISSUE, UNS, UNS_SCORES
from clrna.io import contract, provenance
from clrna.score.layers import layer_components
from clrna.score.measures import chosen_names
from clrna.score.of_adata import score_adata
from clrna.score.table import ScoreSettings
from clrna.score.write import for_uns


@speaks_python
def score(
    adata: AnnData,
    *,
    basis: str | Sequence[str] | None = None,
    layers: str | Sequence[str] = (),
    metrics: str | Sequence[str] | None = None,
    label_key: str | Sequence[str] = TISSUE,
    study_key: str = STUDY,
    donor_key: str = DONOR,
    split_key: str = SPLIT,
    n_neighbors: int = ScoreSettings.n_neighbors,
    distance: str = ScoreSettings.distance,
    bootstrap: int = ScoreSettings.n_resamples,
    max_samples: int = ScoreSettings.max_samples,
    random_state: int = 0,
) -> pd.DataFrame:
    """Score embeddings side by side: transfer between studies, clusters, and how well batches mix.

    As ``clrna-score`` does.

    Parameters
    ----------
    adata
        With embeddings of :func:`encode` and :func:`baselines`.
    basis
        Keys of ``obsm`` to score; by default every one that starts with ``X_``.
    layers
        Layers of expression, such as that of ``encode(corrected_layer=...)``, to score as well: their 50 principal
        components, as ``X_LAYER``.
    metrics
        Metrics to compute; by default all.
    label_key
        Column of ``obs`` with the label, or several that are joined into it.
    study_key, donor_key, split_key
        Columns of ``obs``.
    n_neighbors, distance
        Of the kNN metrics; ``'cosine'`` or ``'euclidean'``.
    bootstrap
        Random halves of the donors behind each 95 % interval; 0 for none.
    max_samples
        All metrics but the headline take a stratified sample of so many, where there are more.
    random_state
        Seed of all random choices.

    Returns
    -------
    One score a row, the headline first; ``docs/metrics.md`` has the columns. Sets the following fields:

    ``.obsm['X_LAYER']`` : array
        The components of each of ``layers``.
    ``.uns['clrna']['scores']`` : DataFrame
        The same table, for :func:`clrna.pl.scores` and :func:`clrna.pl.report`.

    Raises
    ------
    clrna.errors.InputError
        A column or an embedding is missing or not finite.
    clrna.errors.UsageError
        There is no such metric, or a parameter has a value that makes no sense.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> scores = clrna.tl.score(adata, metrics=["transfer_f1"], bootstrap=0)
    >>> scores.loc[0, ["embedding", "split", "direction"]].tolist()
    ['X_clrna', 'unseen', 'higher']
    """
    check_adata(adata)
    names = chosen_names(None if metrics is None else names_of("metrics", metrics))
    check_choice("distance", distance, ("cosine", "euclidean"))
    check_number("n_neighbors", n_neighbors, 1, whole=True)
    check_number("bootstrap", bootstrap, 0, whole=True)
    check_number("max_samples", max_samples, 10, whole=True)
    check_number("random_state", random_state, 0, whole=True)
    keys = None if basis is None else names_of("basis", basis)
    label, label_by = label_columns(label_key)
    contract.check(adata, ADATA)
    parts = layer_components(adata, names_of("layers", layers), ADATA, random_state)
    adata.obsm.update(parts)
    if keys is not None:
        keys = [*keys, *parts]
    if keys is None:  # in the order in which a file holds them, so that the table is the same
        keys = sorted(key for key in adata.obsm if key.startswith("X_")) or None
    settings = ScoreSettings(names, n_neighbors, distance, bootstrap, max_samples, random_state)
    scores, samples = score_adata(
        adata, ADATA, None, settings, embeddings=keys, label_key=label,
        label_by=label_by, study_key=study_key, donor_key=donor_key, split_key=split_key,
    )  # fmt: skip
    parameters = recorded(
        embeddings=keys, layers=list(parts), metrics=list(names), label_key=label_by or [label], study_key=study_key,
        n_neighbors=n_neighbors, distance=distance, bootstrap=bootstrap, max_samples=max_samples,
        random_state=random_state,
    )  # fmt: skip
    provenance.add_record(adata, provenance.make_record("score", parameters, [], n_samples=samples.n))
    adata.uns[UNS] = {**adata.uns[UNS], UNS_SCORES: for_uns(scores)}
    return scores
