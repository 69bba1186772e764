"""What to cite: this software, and the methods that the report shows."""

from collections.abc import Iterable

from clrna import __version__
from clrna.constants import X_COMBAT, X_HARMONY, X_LIMMA

SOFTWARE = (
    f"The CLRNA developers. CLRNA: batch-resistant features of bulk RNA-Seq learned with a center-loss autoencoder, "
    f"version {__version__} (2026)."
)
_CENTER_LOSS = (
    "Wen Y, Zhang K, Li Z, Qiao Y. A discriminative feature learning approach for deep face recognition. ECCV 2016.",
    "10.1007/978-3-319-46478-7_31",
)
_BY_EMBEDDING = {
    X_COMBAT: (
        "Johnson WE, Li C, Rabinovic A. Adjusting batch effects in microarray expression data using empirical Bayes "
        "methods. Biostatistics 2007;8:118-127.",
        "10.1093/biostatistics/kxj037",
    ),
    X_LIMMA: (
        "Ritchie ME, et al. limma powers differential expression analyses for RNA-sequencing and microarray studies. "
        "Nucleic Acids Research 2015;43:e47.",
        "10.1093/nar/gkv007",
    ),
    X_HARMONY: (
        "Korsunsky I, et al. Fast, sensitive and accurate integration of single-cell data with Harmony. Nature Methods "
        "2019;16:1289-1296.",
        "10.1038/s41592-019-0619-0",
    ),
}
_BY_PROJECTION = {
    "umap": (
        "McInnes L, Healy J, Melville J. UMAP: Uniform Manifold Approximation and Projection for dimension reduction. "
        "2018.",
        "10.48550/arXiv.1802.03426",
    ),
    "tsne": (
        "Kobak D, Berens P. The art of using t-SNE for single-cell transcriptomics. Nature Communications "
        "2019;10:5416.",
        "10.1038/s41467-019-13056-x",
    ),
}


def citations(embeddings: Iterable[str], projections: Iterable[str]) -> list[tuple[str, str]]:
    """Return text and DOI of each method that the report shows."""
    shown = [_BY_EMBEDDING[key] for key in embeddings if key in _BY_EMBEDDING]
    return [_CENTER_LOSS, *shown, *(_BY_PROJECTION[name] for name in projections if name in _BY_PROJECTION)]
