import os
from collections.abc import Mapping

import pandas as pd
from anndata import AnnData

from clrna.api.encoding import encode_options
from clrna.api.model import Model
from clrna.api.parameters import ADATA, check_adata, check_number
from clrna.api.python_words import speaks_python
from clrna.encode.in_memory import open_adata
from clrna.encode.options import EncodeOptions
from clrna.errors import UsageError
from clrna.explain.files import check_explained, explain_model, explained
from clrna.explain.options import ExplainOptions


@speaks_python
def explain(
    model: Model | str | os.PathLike[str],
    adata: AnnData | None = None,
    *,
    label: str | None = ExplainOptions.label,
    against: str = ExplainOptions.against,
    n_genes: int = ExplainOptions.n_genes,
    adapt: str = EncodeOptions.adapt,
    adapt_min_samples: int = EncodeOptions.adapt_min_samples,
    min_coverage: float | None = EncodeOptions.min_coverage,
    input_scale: str | Mapping[str, str] = EncodeOptions.input_scale,
    gene_id: str = EncodeOptions.gene_id,
    study_key: str = EncodeOptions.study_key,
    layer: str | None = EncodeOptions.layer,
    chunk_size: int = EncodeOptions.chunk_size,
) -> pd.DataFrame:
    """List the genes for and against each label of a model, and, of samples, those for and against theirs.

    As ``clrna-explain`` does. What is taken apart is the difference of the classifier's logits: exactly in a model
    without layers, by integrated gradients within 1 % in others. What nearest neighbours and the rest of a study say
    of a sample's label is not explained.

    Parameters
    ----------
    model
        From :func:`clrna.tl.train` or :meth:`clrna.Model.load`, or the path of its file, or the name of one that comes
        along: ``'pan-cancer-small'``.
    adata
        Samples that are to be explained, too; encoded or not. They stay as they are.
    label
        Explain this label only, of each sample, too; by default every label, and the predicted one of each sample.
    against
        What labels are told from: a label of the model by its name, or ``'others'``, the mean of all other labels, or
        ``'second'``, of samples the one that is next, while the labels themselves are told from all others.
    n_genes
        Genes for and genes against, at most, of each label or sample; 0 for all.
    adapt, adapt_min_samples, min_coverage, input_scale, gene_id, study_key, layer, chunk_size
        As in :func:`clrna.tl.encode`.

    Returns
    -------
    A gene a row, first of labels, then of samples; ``docs/explaining.md`` has the columns.

    Raises
    ------
    clrna.errors.InputError
        The model knows no two labels, or keeps no means of them and no samples are given; or ``adata`` lacks too many
        of its genes, or is in a unit that cannot become the model's.
    clrna.errors.UsageError
        The model has no such label, or a parameter has a value that makes no sense.

    Examples
    --------
    >>> genes = clrna.tl.explain(model, n_genes=1)
    >>> genes[["label", "direction", "rank"]].head(2).values.tolist()
    [['Bowel', 'for', 1], ['Bowel', 'against', 1]]
    """
    if adata is not None:
        check_adata(adata)
    if not isinstance(against, str):
        raise UsageError(f"against={against!r}: name a label of the model, 'others' or 'second'")
    check_number("n_genes", n_genes, 0, whole=True)
    encoding = encode_options(
        adapt=adapt, adapt_min_samples=adapt_min_samples, min_coverage=min_coverage, input_scale=input_scale,
        gene_id=gene_id, chunk_size=chunk_size, study_key=study_key, layer=layer,
    )  # fmt: skip
    if against == "second" and adata is None:
        raise UsageError("against='second': a label by itself has no second one; give samples")
    loaded = model if isinstance(model, Model) else Model.load(model)
    options = ExplainOptions(label=label, against=against, n_genes=n_genes, encoding=encoding)
    name = loaded._file_name or "the model"
    check_explained(loaded, name, options)
    if adata is None:
        return explain_model(loaded, name, options)
    return pd.concat(explained(loaded, open_adata(adata, ADATA, loaded, encoding), options), ignore_index=True)
