"""Tissue, tumour-type and category names of many sources in one vocabulary."""

from clrna.labels.category import category_of_barcode, category_of_gtex, category_of_labels, harmonize_category
from clrna.labels.harmonize import CONFLICT, HarmonizedLabels, harmonize
from clrna.labels.label_map import read_label_map
from clrna.labels.vocabulary import TISSUES, Vocabulary, load_vocabulary

__all__ = [
    "CONFLICT",
    "TISSUES",
    "HarmonizedLabels",
    "Vocabulary",
    "category_of_barcode",
    "category_of_gtex",
    "category_of_labels",
    "harmonize",
    "harmonize_category",
    "load_vocabulary",
    "read_label_map",
]
