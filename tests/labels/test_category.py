"""Sample categories as the sources write them."""

import numpy as np
import pytest

from clrna.constants import SAMPLE_CATEGORIES
from clrna.labels import category_of_barcode, category_of_gtex, category_of_labels, harmonize_category


@pytest.mark.parametrize(
    ("raw", "category"),
    [
        ("cell line", "cell_line"), ("Cell-Line", "cell_line"), ("CELL_LINES", "cell_line"), ("tumour", "tumor"),
        ("Tumor", "tumor"), ("Primary Tumor", "tumor"), ("Primary Solid Tumour", "tumor"), ("Metastatic", "tumor"),
        ("Solid Tissue Normal", "normal"), ("adjacent_normal", "normal"), ("normal tissue", "normal"),
        ("PDX", "xenograft"), ("patient-derived xenograft", "xenograft"), ("PDO", "organoid"),
        ("01", "tumor"), (1, "tumor"), ("06", "tumor"), ("11", "normal"), (11, "normal"), ("61", "xenograft"),
        ("TCGA-A3-3306-01A-01R-0864-07", "tumor"), ("TCGA-A3-3306-11A", "normal"), ("TCGA.A3.3306.11", "normal"),
        ("TCGA-A3-3306", ""), ("martian", ""), (None, ""), (np.nan, ""), ("", ""),
    ],
)  # fmt: skip
def test_names(raw, category):
    assert list(harmonize_category([raw])) == [category]


def test_order_is_kept_and_harmonized_names_stay():
    assert list(harmonize_category(["normal", None, *SAMPLE_CATEGORIES])) == ["normal", "", *SAMPLE_CATEGORIES]
    assert harmonize_category([]).shape == (0,)


def test_only_barcodes_tell_the_category_by_name():
    names = ["TCGA-A3-3306-01A-01R-0864-07", "TCGA-A3-3306-11A", "TARGET-30-PAISNS-01A", "TCGA-A3-3306", "11", "normal"]
    assert list(category_of_barcode(names)) == ["tumor", "normal", "tumor", "", "", ""]


def test_samples_of_gtex_are_normal_by_name():
    names = ["GTEX-1117F-0226-SM-5GZZ7", "gtex.1117F.0226", "GTEX-1117F", "K-562-SM-2AXVE", "GTEX-1117F-SKIN"]
    assert list(category_of_gtex(names)) == ["normal", "normal", "", "", ""]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["normal", "lung adenocarcinoma", "LUAD", "healthy"], "n t t n"),
        (["normal colon", "colon tumor", "colorectal cancer", "colon"], "n t t -"),
        (["non-tumor liver", "HCC", "normal liver adjacent to tumor", None], "n t - -"),
        (["lung adenocarcinoma", "breast cancer"], "- -"),
        (["AML, normal karyotype", "Breast cancer, normal-like", "AML"], "- - -"),
        (["normal", "A549 lung carcinoma cell line", "normal karyotype"], "n - -"),
    ],
)
def test_what_labels_say_of_the_category_beside_normal_tissue(names, told):
    meant = {"n": "normal", "t": "tumor", "-": ""}
    assert list(category_of_labels(names)) == [meant[one] for one in told.split()]
