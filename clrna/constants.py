"""The AnnData contract as names: every key that a CLRNA file holds is spelled here and nowhere else.

``docs/anndata.md`` is the same page for readers; a test holds the two against each other.
"""

from typing import Final

# obs columns -------------------------------------------------------------------------------------
STUDY: Final = "study"
TISSUE: Final = "tissue"
TUMOR_TYPE: Final = "tumor_type"
# Harmonised labels before small classes were made unlabelled, and the names that the source had.
TISSUE_ALL: Final = "tissue_all"
TUMOR_TYPE_ALL: Final = "tumor_type_all"
TISSUE_RAW: Final = "tissue_raw"
TUMOR_TYPE_RAW: Final = "tumor_type_raw"
SAMPLE_CATEGORY: Final = "sample_category"
DONOR: Final = "donor"
SPLIT: Final = "split"
SCALE: Final = "scale"
COPY_OF: Final = "copy_of"
LABEL: Final = "clrna_label"
CONFIDENCE: Final = "clrna_confidence"
SECOND: Final = "clrna_second"
MARGIN: Final = "clrna_margin"
UNCERTAIN: Final = "clrna_uncertain"
UNLIKE_TRAINING: Final = "clrna_unlike_training"
DISTANCE: Final = "clrna_distance"
SEEN: Final = "clrna_seen"

SAMPLE_CATEGORIES: Final = ("cell_line", "tumor", "normal", "xenograft", "organoid")
NORMAL: Final = "normal"  # the one of them that is no tumor and no model of one
SPLITS: Final = ("train", "valid", "test")
SEEN_SAMPLE: Final = "sample"
SEEN_VALUES: Final = ("unseen", "study", "donor", SEEN_SAMPLE)

# var columns -------------------------------------------------------------------------------------
ENSEMBL_ID: Final = "ensembl_id"
ENTREZ_ID: Final = "entrez_id"
ORIGINAL_ID: Final = "original_id"
# Followed by a study's name: whether it measured the gene. Only in files merged with --genes union or a share.
MEASURED_IN: Final = "measured_in_"

# obsm, layers, uns -------------------------------------------------------------------------------
X_CLRNA: Final = "X_clrna"
X_PCA: Final = "X_pca"
X_COMBAT: Final = "X_combat"
X_HARMONY: Final = "X_harmony"
X_STANDARDIZED: Final = "X_standardized"
X_LIMMA: Final = "X_limma"
RECONSTRUCTION_LAYER: Final = "clrna_reconstruction"
UNS: Final = "clrna"
UNS_PROVENANCE: Final = "provenance"
UNS_MODELS: Final = "models"
UNS_SCORES: Final = "scores"
UNS_PROJECTIONS: Final = "projections"
UNS_SOURCES: Final = "sources"
UNS_CONTRACT: Final = "contract_version"
CONTRACT_VERSION: Final = "2"

# How each scale a study may be in is written in obs['scale'] ---------------------------------------
# Linear units are turned into log2(x + 1) by clrna-normalize; a merged file holds the second group only.
LINEAR_UNITS: Final = ("counts", "cpm", "tmm", "tpm", "fpkm", "expression", "intensity", "ratio")
SCALES: Final[dict[str, str]] = {
    "log2_tpm1": "log2(TPM + 1)",
    "log2_cpm1": "log2(CPM + 1)",
    "log2_tmm1": "log2(TMM-normalised CPM + 1)",
    "log2_fpkm1": "log2(FPKM + 1), also RPKM",
    "log2_expression": "log2(x + pseudo-count) of RNA-Seq whose unit the source does not state; not negative",
    "log2_intensity": "log2 array intensity (RMA and alike)",
    "log2_ratio": "log2 ratio to a reference sample or to the study's mean",
    "zscore": "standard deviations from a mean (per gene or per sample)",
}
NON_NEGATIVE_SCALES: Final = ("log2_tpm1", "log2_cpm1", "log2_tmm1", "log2_fpkm1", "log2_expression")

# What the values of a missing label look like in files from elsewhere -------------------------------
UNLABELLED: Final = ""
# Among them what GDC ('--), cBioPortal ([Not Available]), the SRA (not collected) and spreadsheets (#N/A) write.
MISSING_LABELS: Final = frozenset(
    {
        "", "nan", "na", "n/a", "n.a.", "#n/a", "null", "none", "unknown", "[unknown]", "unlabelled", "unspecified",
        "-", "--", "'--", "---", ".", "?", "not available", "[not available]", "not applicable", "[not applicable]",
        "not reported", "not specified", "not provided", "not collected", "not allowed to collect", "not evaluated",
        "[not evaluated]", "[discrepancy]", "missing",
    }
)  # fmt: skip

# Exit codes --------------------------------------------------------------------------------------
EXIT_OK: Final = 0
EXIT_UNEXPECTED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INPUT: Final = 3
EXIT_DEVICE: Final = 4
EXIT_REMOTE: Final = 5

# Connections to a source that may be open at a time --------------------------------------------------
MOST_CONNECTIONS: Final = 64
