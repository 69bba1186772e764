"""Codes of organs in a column of tissues."""

import pytest

from clrna.labels import TISSUES, harmonize
from clrna.labels.topography import TOPOGRAPHY, tissue_of_code
from clrna.packaged import packaged_table


def test_every_cell_is_of_its_vocabulary():
    table = packaged_table(TOPOGRAPHY)
    assert not table["code"].duplicated().any()
    assert set(table["tissue"]) <= set(TISSUES)
    assert table["code"].str.fullmatch(r"C\d\d(\.\d)?").all()


@pytest.mark.parametrize(
    ("code", "tissue"),
    [
        ("C50.9", "Breast"), ("c509", "Breast"), ("C34.1", "Lung"), ("C22.0", "Liver"), ("C22.1", "Biliary Tract"),
        ("C24.1", "Ampulla of Vater"), ("C24.0", "Biliary Tract"), ("C42.1", "Lymphoid/Myeloid"),
        ("C83.3", "Lymphoid/Myeloid"), ("C80.9", ""), ("C77.9", ""), ("C48.0", ""), ("C71.X", "CNS/Brain"),
    ],
)  # fmt: skip
def test_codes(code, tissue):
    assert tissue_of_code(code) == tissue


@pytest.mark.parametrize("name", ["C50", "C5", "lung", "", "C50.91", "AC50.9", "8140/3"])
def test_what_is_no_code(name):
    assert tissue_of_code(name) is None


def test_a_column_of_codes_is_harmonized_and_one_too_broad_is_said():
    found = harmonize(["C61.9", "C77.3", "C11"], None)
    assert found.tissue.tolist() == ["Prostate", "", ""]
    assert found.report.set_index("raw")["status"].to_dict() == {
        "C61.9": "mapped", "C77.3": "too broad", "C11": "unlabelled",
    }  # fmt: skip
