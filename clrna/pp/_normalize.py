import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from anndata import AnnData

from clrna.api.parameters import ADATA, check_choice, check_number, names_of, recorded, scales_of
from clrna.api.python_words import speaks_python
from clrna.constants import SAMPLE_CATEGORIES
from clrna.errors import UsageError
from clrna.io.hdf5.h5ad import make_plain
from clrna.normalize.in_memory import sources_in_memory
from clrna.normalize.normalized_file import normalize_recorded
from clrna.normalize.settings import NormalizeSettings
from clrna.normalize.split import parse_fractions


@speaks_python
def normalize(
    adatas: AnnData | Mapping[str, AnnData] | Sequence[AnnData],
    *,
    study_key: str | None = None,
    donor_key: str | None = None,
    tissue_key: str | None = None,
    tumor_type_key: str | None = None,
    category_key: str | None = None,
    category: str | None = None,
    layer: str | None = None,
    input_scale: str | Mapping[str, str] = "auto",
    counts_to: str = NormalizeSettings.counts_to,
    missing: str = NormalizeSettings.missing,
    gene_id: str = NormalizeSettings.gene_id,
    gene_key: str | None = None,
    duplicates: str = NormalizeSettings.duplicates,
    genes: str = NormalizeSettings.genes,
    label_key: str = NormalizeSettings.label_key,
    label_map: str | os.PathLike[str] | None = None,
    min_class_size: int = NormalizeSettings.min_class_size,
    split_fractions: tuple[float, float, float] = NormalizeSettings.split_fractions,
    split_by_study: str | Sequence[str] = (),
    copy_correlation: float = NormalizeSettings.copy_correlation,
    random_state: int = NormalizeSettings.seed,
) -> AnnData:
    """Normalize studies and merge them.

    As ``clrna-normalize`` does: units to log2(x + 1), gene identifiers to current HGNC symbols, tissues and tumor
    types to OncoTree's names, donors and copies found, and a split into train, valid and test that keeps a donor on
    one side. What is given is not changed.

    Parameters
    ----------
    adatas
        A mapping of study to AnnData, a sequence of AnnData, or one AnnData with a study column.
    study_key, donor_key, tissue_key, tumor_type_key, category_key
        Columns of ``obs``, which all studies have then; by default those with usual names, which ``docs/inputs.md``
        lists. A mapping names the studies itself.
    category
        Category of samples for which no column says it.
    layer
        To read in place of ``X``.
    input_scale
        ``'auto'``, or what the values are, for all studies or by study: ``'counts'``, ``'tpm'``, ``'log2_tpm1'``,
        ``'log2_intensity'`` and so on.
    counts_to
        ``'tpm'``, ``'cpm'`` or ``'tmm'``: what counts become before the logarithm.
    missing
        ``'fill'`` values that are not finite with the study's median of the gene, or ``'refuse'`` them.
    gene_id
        ``'auto'``, ``'symbol'``, ``'ensembl'`` or ``'entrez'``.
    gene_key
        Column of ``var`` to take identifiers from.
    duplicates
        How columns of one gene are merged: ``'auto'``, ``'mean'``, ``'sum'`` or ``'max'``.
    genes
        Genes to keep: ``'intersection'``, ``'union'``, or those of a share of the studies such as ``'50%'``.
    label_key
        ``'tissue'`` or ``'tumor_type'``: what ``min_class_size`` and the split look at.
    label_map
        Table of your own of raw to harmonised labels, asked before the built-in one.
    min_class_size
        Labels with fewer samples over all studies become unlabelled.
    split_fractions
        Shares of train, valid and test.
    split_by_study
        Studies to put, whole, into the test split.
    copy_correlation
        Samples of two studies that correlate at least so are flagged as copies; 1 switches this off.
    random_state
        Seed of the split.

    Returns
    -------
    Samples of all studies x genes, ``X`` float32 in log2. Has the following fields:

    ``.obs['study']``, ``.obs['donor']``, ``.obs['split']``, ``.obs['scale']`` : category
        Where each sample is from, and in which unit its values are.
    ``.obs['tissue']``, ``.obs['tumor_type']``, ``.obs['sample_category']`` : category
        Harmonised labels, missing where a sample has none.
    ``.var['ensembl_id']``, ``.var['entrez_id']``, ``.var['original_id']`` : category
        Identifiers of the genes, which symbols index.
    ``.uns['clrna']``
        The provenance record, with what was found in each study.

    Raises
    ------
    clrna.errors.InputError
        A study's values, genes or labels cannot be used.
    clrna.errors.UsageError
        A parameter has a value that makes no sense, or names what is not there.

    Examples
    --------
    >>> studies = clrna.datasets.demo()
    >>> adata = clrna.pp.normalize(studies)
    >>> adata.obs["scale"].cat.categories.tolist()
    ['log2_expression', 'log2_intensity', 'log2_tpm1']
    """
    for name, value, choices in (
        ("counts_to", counts_to, ("tpm", "cpm", "tmm")),
        ("missing", missing, ("fill", "refuse")),
        ("gene_id", gene_id, ("auto", "symbol", "ensembl", "entrez")),
        ("duplicates", duplicates, ("auto", "mean", "sum", "max")),
        ("category", category, (None, *SAMPLE_CATEGORIES)),
    ):
        check_choice(name, value, choices)
    check_number("min_class_size", min_class_size, 1, whole=True)
    check_number("copy_correlation", copy_correlation, 0, 1)
    check_number("random_state", random_state, 0, whole=True)
    _check_genes(genes)
    given, named = _studies(adatas)
    settings = NormalizeSettings(
        layer=layer, study_key=study_key, donor_key=donor_key, input_scale=tuple(scales_of(input_scale)),
        counts_to=counts_to, missing=missing, gene_id=gene_id, gene_key=gene_key, duplicates=duplicates, genes=genes,
        tissue_key=tissue_key, tumor_type_key=tumor_type_key, category_key=category_key, category=category,
        label_map=Path(label_map) if label_map else None, label_key=label_key, min_class_size=min_class_size,
        split_fractions=parse_fractions([str(share) for share in split_fractions]),
        split_by_study=tuple(names_of("split_by_study", split_by_study)), copy_correlation=copy_correlation,
        seed=random_state,
    )  # fmt: skip
    sources = sources_in_memory(given, named, settings)
    asked = recorded(
        counts_to=counts_to, missing=missing, gene_id=gene_id, duplicates=duplicates, genes=genes,
        label_key=label_key, min_class_size=min_class_size, split_fractions=list(split_fractions),
        split_by_study=names_of("split_by_study", split_by_study), copy_correlation=copy_correlation,
        input_scale=scales_of(input_scale), random_state=random_state,
    )  # fmt: skip
    files = [settings.label_map] if settings.label_map else []
    adata = normalize_recorded(sources, settings, asked, files).adata
    make_plain(adata)
    return adata


def _studies(
    adatas: AnnData | Mapping[str, AnnData] | Sequence[AnnData],
) -> tuple[dict[Path, AnnData], dict[Path, str]]:
    """Return AnnData by the name for errors, and the study of those that a mapping names."""
    named: dict[Path, str] = {}
    if isinstance(adatas, AnnData):
        given = {ADATA: adatas}
    elif isinstance(adatas, Mapping):
        given = {Path(str(study)): adata for study, adata in adatas.items()}
        named = {Path(str(study)): str(study) for study in adatas}
    else:
        given = {Path(f"{ADATA}{number}"): adata for number, adata in enumerate(adatas, start=1)}
    if not given:
        raise UsageError("adatas: is empty; give at least one study")
    for path, adata in given.items():
        if not isinstance(adata, AnnData):
            raise UsageError(f"adatas: {path} is {type(adata).__name__}, not AnnData; clrna.read makes one of a file")
    return given, named


def _check_genes(genes: str) -> None:
    share = genes.strip().removesuffix("%")
    is_share = genes.strip().endswith("%") and share.isdigit() and 1 <= int(share) <= 100
    if genes not in ("intersection", "union") and not is_share:
        raise UsageError(f"genes={genes!r}: is not one of 'intersection', 'union', or a share such as '50%'")
