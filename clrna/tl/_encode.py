import os
from collections.abc import Mapping

from anndata import AnnData

from clrna.api.encoding import encode_options
from clrna.api.model import Model
from clrna.api.parameters import ADATA, check_adata
from clrna.api.python_words import speaks_python
from clrna.encode.in_memory import encode_adata
from clrna.encode.options import EncodeOptions


@speaks_python
def encode(
    adata: AnnData,
    model: Model | str | os.PathLike[str],
    *,
    key_added: str = EncodeOptions.key_added,
    adapt: str = EncodeOptions.adapt,
    adapt_min_samples: int = EncodeOptions.adapt_min_samples,
    min_coverage: float | None = EncodeOptions.min_coverage,
    input_scale: str | Mapping[str, str] = EncodeOptions.input_scale,
    gene_id: str = EncodeOptions.gene_id,
    study_key: str = EncodeOptions.study_key,
    donor_key: str = EncodeOptions.donor_key,
    layer: str | None = EncodeOptions.layer,
    reconstruct: bool = EncodeOptions.reconstruct,
    corrected_layer: str | None = EncodeOptions.corrected_layer,
    corrected_to: str | None = EncodeOptions.corrected_to,
    chunk_size: int = EncodeOptions.chunk_size,
    copy: bool = False,
) -> AnnData | None:
    """Encode samples with a trained model: features, labels, and how sure these are.

    As ``clrna-encode`` does: genes are matched in any order and by any identifier, missing ones allowed for, values
    brought from any unit, and each study placed next to the training studies without a look at its labels.

    Parameters
    ----------
    adata
        Samples x genes; ``X`` may be an array, sparse, or on disk (``backed="r"``).
    model
        From :func:`clrna.tl.train` or :meth:`clrna.Model.load`, or the path of its file, or the name of one that comes
        along: ``'pan-cancer-small'``.
    key_added
        Key of ``obsm`` for the codes. Another one, ``X_NAME``, lets several models stand side by side: its columns
        are ``NAME_label`` and so on.
    adapt
        ``'auto'``: place each study by what its samples, one at a time, say of their tissues; ``'study'``: by its own
        gene statistics, where it has enough samples of many tissues; ``'none'``: each sample alone, so that its
        code does not depend on the others.
    adapt_min_samples
        With ``adapt='study'``, studies with fewer samples are treated as with ``'auto'``.
    min_coverage
        Refuse an input with a smaller share of the model's genes; None lets the model decide.
    input_scale
        What the values are, with the names that :func:`clrna.pp.normalize` takes, for all studies or by study;
        ``'auto'`` takes ``obs['scale']``, else looks at the values.
    gene_id
        ``'auto'``, ``'symbol'``, ``'ensembl'`` or ``'entrez'``.
    study_key, donor_key
        Columns of ``obs``. Without the study column all samples are one study.
    layer
        To read in place of ``X``.
    reconstruct
        Whether the reconstructed expression is wanted.
    corrected_layer
        Layer for expression freed of what is the study's: each gene on the location and scale that it has in one
        training study, in that study's unit. Not for differential expression between studies.
    corrected_to
        That study; None for the one with most samples.
    chunk_size
        Samples that are worked on at a time.
    copy
        Return a copy in place of changing ``adata``.

    Returns
    -------
    ``None``, or a copy of ``adata`` if ``copy``. Sets the following fields (of ``key_added='X_clrna'``):

    ``.obsm['X_clrna']`` : float32 array (n_obs, latent)
        The codes.
    ``.obs['clrna_label']``, ``.obs['clrna_second']`` : category
        The most probable label and the one after it; no such columns where the model has no classes.
    ``.obs['clrna_confidence']``, ``.obs['clrna_margin']`` : float32
        Probability that the label is right, and by how much it leads in log odds.
    ``.obs['clrna_uncertain']``, ``.obs['clrna_unlike_training']`` : bool
        Whether the label is a guess, and whether the sample is unlike the training data.
    ``.obs['clrna_distance']`` : float32
        Distance to the training codes.
    ``.obs['clrna_seen']`` : category
        What the model has seen: ``study``, ``donor``, also where the code tells it, or ``unseen``.
    ``.layers['clrna_reconstruction']`` : float32 array (n_obs, n_vars)
        If ``reconstruct``.
    ``.layers[corrected_layer]`` : float32 array (n_obs, n_vars)
        If ``corrected_layer``; missing where there is no value, and genes that the model does not have.
    ``.uns['clrna']``
        The model behind the codes, and the provenance record.

    Raises
    ------
    clrna.errors.InputError
        ``adata`` lacks too many of the model's genes, or is in a unit that cannot become the model's.
    clrna.errors.UsageError
        A parameter has a value that makes no sense.

    Examples
    --------
    >>> clrna.tl.encode(adata, model)
    >>> adata.obsm["X_clrna"].shape
    (108, 200)
    >>> adata.obs["clrna_label"].cat.categories.tolist()
    ['Bowel', 'Breast', 'Lung']
    """
    check_adata(adata)
    options = encode_options(
        adapt=adapt, adapt_min_samples=adapt_min_samples, min_coverage=min_coverage, input_scale=input_scale,
        gene_id=gene_id, key_added=key_added, reconstruct=reconstruct, chunk_size=chunk_size, study_key=study_key,
        donor_key=donor_key, layer=layer, corrected_layer=corrected_layer, corrected_to=corrected_to,
    )  # fmt: skip
    loaded = model if isinstance(model, Model) else Model.load(model)
    given = adata.copy() if copy else adata
    encode_adata(given, ADATA, loaded, loaded._file_name, loaded._sha256, options)
    return given if copy else None
