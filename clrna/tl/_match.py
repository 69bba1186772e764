from collections.abc import Sequence

import pandas as pd
from anndata import AnnData

from clrna.api.parameters import ADATA, check_adata, check_number, label_columns
from clrna.api.python_words import speaks_python
from clrna.api.references import Reference, reference_samples
from clrna.io import contract
from clrna.match.files import told_model
from clrna.match.of_adata import samples_of
from clrna.match.run import match_samples
from clrna.match.settings import MatchSettings


@speaks_python
def match(
    adata: AnnData,
    reference: Reference,
    *,
    n_matches: int = MatchSettings.n_matches,
    from_category: str | None = MatchSettings.from_category,
    to_category: str | None = MatchSettings.to_category,
    own_study: bool = MatchSettings.own_study,
    key: str = MatchSettings.key,
    label_key: str | Sequence[str] = MatchSettings.label_key,
    study_key: str = MatchSettings.study_key,
    donor_key: str = MatchSettings.donor_key,
    category_key: str = MatchSettings.category_key,
) -> pd.DataFrame:
    """Find the reference samples that each sample is most like, and say what the similarity means.

    As ``clrna-match`` does.

    Parameters
    ----------
    adata
        Samples that :func:`encode` has encoded.
    reference
        Samples that the same model has encoded, or that model, for the samples whose codes it holds; also as the path
        of a file, or the name of a model that comes along: ``'pan-cancer-small'``.
    n_matches
        Matches of each sample.
    from_category, to_category
        Sample category, such as ``'tumor'``, of the samples that are matched, and of those they are matched with.
    own_study
        Whether samples are matched with others of their own study too, which share their batch.
    key
        Key of ``obsm`` with the codes, in both.
    label_key
        Column of ``obs`` with the label, or several that are joined into it.
    study_key, donor_key, category_key
        Columns of ``obs``.

    Returns
    -------
    One row for each sample and match, the closest first; ``docs/match.md`` has the columns.

    Raises
    ------
    clrna.errors.InputError
        A column or the codes are missing, or the two are of different models.
    clrna.errors.UsageError
        A parameter has a value that makes no sense.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> matches = clrna.tl.match(adata, adata, n_matches=1)
    >>> len(matches)
    108
    >>> int((matches["study"] == matches["match_study"]).sum())
    0
    """
    check_adata(adata)
    check_number("n_matches", n_matches, 1, whole=True)
    label, label_by = label_columns(label_key)
    settings = MatchSettings(
        n_matches=n_matches, from_category=from_category, to_category=to_category, own_study=own_study, key=key,
        study_key=study_key, donor_key=donor_key, label_key=label, label_by=label_by, category_key=category_key,
    )  # fmt: skip
    contract.check(adata, ADATA)
    query, model = samples_of(adata, ADATA, settings), told_model(adata, key, ADATA)
    given, path = reference_samples(reference, model, settings)
    return match_samples(query, given, settings, ADATA, path)
