from collections.abc import Sequence

from anndata import AnnData

from clrna.api.parameters import ADATA, check_adata, check_choice, check_number, label_columns, names_of, recorded
from clrna.api.python_words import speaks_python
from clrna.baselines.of_adata import add_baselines, examine_adata
from clrna.constants import STUDY, TISSUE
from clrna.errors import UsageError
from clrna.io import contract, provenance

_METHODS = ("pca", "combat", "harmony", "standardized", "limma")
_USUAL = _METHODS[:-1]
_COMBAT_LAYER = "combat"


@speaks_python
def baselines(
    adata: AnnData,
    *,
    methods: str | Sequence[str] = _USUAL,
    n_comps: int = 50,
    covariates: str | Sequence[str] = (),
    combat_ref: str | None = None,
    study_key: str = STUDY,
    label_key: str | Sequence[str] = TISSUE,
    layer: str | None = None,
    corrected_layer: bool = False,
    random_state: int = 0,
    copy: bool = False,
) -> AnnData | None:
    """Compute the embeddings that a model has to beat: PCA, ComBat, Harmony and per-study standardization.

    As ``clrna-baseline`` does. The design is checked before anything is computed.

    Parameters
    ----------
    adata
        From :func:`clrna.pp.normalize`, of at least two studies.
    methods
        Which of ``'pca'``, ``'combat'``, ``'harmony'``, ``'standardized'`` and ``'limma'``, its removeBatchEffect.
    n_comps
        Principal components of each.
    covariates
        Columns of ``obs`` whose effect ComBat and limma keep; refused where they are confounded with the study.
    combat_ref
        Study that ComBat moves the others onto, gene by gene, and that stays as it is; None where all are moved.
    study_key, label_key
        Columns of ``obs``; labels are looked at for the design alone.
    layer
        To read in place of ``X``.
    corrected_layer
        Whether ComBat's corrected expression is kept.
    random_state
        Seed of what is random.
    copy
        Return a copy in place of changing ``adata``.

    Returns
    -------
    ``None``, or a copy of ``adata`` if ``copy``. Sets the following fields:

    ``.obsm['X_pca']``, ``.obsm['X_combat']``, ``.obsm['X_harmony']``, ``.obsm['X_standardized']`` : array
        The embeddings, shape (n_obs, n_comps) or less where there are fewer samples or genes; that of ``'limma'`` is
        ``.obsm['X_limma']``.
    ``.layers['combat']`` : array (n_obs, n_vars)
        If ``corrected_layer``.

    Raises
    ------
    clrna.errors.InputError
        The design cannot be corrected, or values are no logarithms; all faults in one error.

    Examples
    --------
    >>> clrna.tl.baselines(adata, methods=["pca", "combat"])
    >>> list(adata.obsm)
    ['X_pca', 'X_combat']
    """
    check_adata(adata)
    asked, kept = names_of("methods", methods), names_of("covariates", covariates)
    label, label_by = label_columns(label_key)
    for method in asked:
        check_choice("methods", method, _METHODS)
    if not asked:
        raise UsageError(f"methods: is empty; known are {', '.join(_METHODS)}")
    if kept and not {"combat", "limma"} & set(asked):
        raise UsageError("covariates: is for ComBat and limma; add one of them to methods")
    for name, own in (("combat_ref", combat_ref), ("corrected_layer", corrected_layer)):
        if own and "combat" not in asked:
            raise UsageError(f"{name}: is ComBat's; add 'combat' to methods")
    check_number("n_comps", n_comps, 1, whole=True)
    check_number("random_state", random_state, 0, whole=True)
    given = adata.copy() if copy else adata
    contract.check(given, ADATA, columns=[study_key])
    examine_adata(given, ADATA, asked, kept, study_key=study_key, label_key=label, label_by=label_by).refuse(ADATA)
    facts = add_baselines(
        given, ADATA, asked, kept, study_key=study_key, layer=layer, n_comps=n_comps, seed=random_state,
        corrected_layer=_COMBAT_LAYER if corrected_layer else None, combat_ref=combat_ref,
    )  # fmt: skip
    parameters = recorded(
        methods=asked,
        covariates=kept,
        combat_ref=combat_ref,
        n_comps=n_comps,
        study_key=study_key,
        layer=layer,
        random_state=random_state,
    )
    provenance.add_record(given, provenance.make_record("baseline", parameters, [], embeddings=facts))
    return given if copy else None
