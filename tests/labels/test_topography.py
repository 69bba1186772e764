"""Codes of organs in a column of tissues."""

import pytest

from clrna.labels import TISSUES, harmonize
from clrna.labels.topography import TOPOGRAPHY, UBERON, tissue_of_code
from clrna.packaged import packaged_table


def test_every_cell_is_of_its_vocabulary():
    table = packaged_table(TOPOGRAPHY)
    assert not table["code"].duplicated().any()
    assert set(table["tissue"]) <= set(TISSUES)
    assert table["code"].str.fullmatch(r"C\d\d(\.\d)?").all()


def test_every_structure_of_uberon_is_of_its_vocabulary():
    table = packaged_table(UBERON)
    assert not table["code"].duplicated().any()
    assert set(table["tissue"]) == set(TISSUES)
    assert table["code"].str.fullmatch(r"UBERON:\d{7}").all()


def test_structures_are_what_their_names_are():
    table = packaged_table(UBERON)
    by_name = harmonize(table["name"], None).tissue
    known = by_name != ""
    assert known.sum() > 150
    assert table["tissue"][known].tolist() == by_name[known].tolist()


@pytest.mark.parametrize(
    ("code", "tissue"),
    [
        ("C50.9", "Breast"), ("c509", "Breast"), ("C34.1", "Lung"), ("C22.0", "Liver"), ("C22.1", "Biliary Tract"),
        ("C24.1", "Ampulla of Vater"), ("C24.0", "Biliary Tract"), ("C42.1", "Lymphoid/Myeloid"),
        ("UBERON:0002048", "Lung"), ("UBERON_0000955", "CNS/Brain"), ("uberon:0001159", "Bowel"),
        ("http://purl.obolibrary.org/obo/UBERON_0002107", "Liver"), ("UBERON:0000310 (organoid)", "Breast"),
        ("C83.3", "Lymphoid/Myeloid"), ("C80.9", ""), ("C77.9", ""), ("C48.0", ""), ("C71.X", "CNS/Brain"),
    ],
)  # fmt: skip
def test_codes(code, tissue):
    assert tissue_of_code(code) == tissue


@pytest.mark.parametrize(
    "name", ["C50", "C5", "lung", "", "C50.91", "AC50.9", "8140/3", "UBERON:0000948", "UBERON:2048", "CL:0002048"]
)
def test_what_is_no_code(name):
    assert tissue_of_code(name) is None


def test_a_column_of_codes_is_harmonized_and_one_too_broad_is_said():
    found = harmonize(["C61.9", "C77.3", "C11"], None)
    assert found.tissue.tolist() == ["Prostate", "", ""]
    assert found.report.set_index("raw")["status"].to_dict() == {
        "C61.9": "mapped", "C77.3": "too broad", "C11": "unlabelled",
    }  # fmt: skip


def test_a_structure_that_is_not_known_stays_unlabelled_and_is_said():
    found = harmonize(["UBERON:0002048", "UBERON:0000948"], None)
    assert found.tissue.tolist() == ["Lung", ""]
    assert found.report.set_index("raw")["status"].to_dict() == {
        "UBERON:0002048": "mapped", "UBERON:0000948": "unlabelled",
    }  # fmt: skip
