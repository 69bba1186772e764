"""Names that public sources use are all known: none is reported as unlabelled."""

from pathlib import Path

import pandas as pd
import pytest

from clrna.labels import harmonize

NAMES = pd.read_csv(Path(__file__).with_name("tumor_types_of_sources.tsv"), sep="\t", dtype=str)
GDC_DIAGNOSES = {
    ("Breast", "Infiltrating duct carcinoma, NOS"): "IDC",
    ("Pancreas", "Infiltrating duct carcinoma, NOS"): "PAAD",
    ("Kidney", "Clear cell adenocarcinoma, NOS"): "CCRCC",
    ("Bronchus and lung", "Adenocarcinoma, NOS"): "LUAD",
    ("Bronchus and lung", "Squamous cell carcinoma, NOS"): "LUSC",
    ("Ovary", "Serous cystadenocarcinoma, NOS"): "SOC",
    ("Corpus uteri", "Endometrioid adenocarcinoma, NOS"): "UEC",
    ("Corpus uteri", "Mullerian mixed tumor"): "UCS",
    ("Eye and adnexa", "Spindle cell melanoma, NOS"): "UM",
    ("Brain", "Mixed glioma"): "OAST",
    ("Testis", "Embryonal carcinoma, NOS"): "EMBCA",
    ("Thymus", "Thymoma, type AB, NOS"): "THYM",
    ("Upper lobe, lung", "Squamous cell carcinoma, NOS"): "LUSC",
    ("Upper-outer quadrant of breast", "Infiltrating duct carcinoma, NOS"): "IDC",
    ("Fundus uteri", "Endometrioid adenocarcinoma, NOS"): "UEC",
}
# Sites of ICD-O-3, as the GDC, CPTAC and TCGA have them under tissue_or_organ_of_origin.
GDC_SITES = {
    "Lower lobe, lung": "Lung", "Head of pancreas": "Pancreas", "Splenic flexure of colon": "Bowel",
    "Gastric antrum": "Esophagus/Stomach", "Thoracic esophagus": "Esophagus/Stomach", "Temporal lobe": "CNS/Brain",
    "Trigone of bladder": "Bladder/Urinary Tract", "Skin of lower limb and hip": "Skin", "Hard palate": "Head and Neck",
    "Connective, subcutaneous and other soft tissues of lower limb and hip": "Soft Tissue", "Ciliary body": "Eye",
    "Medulla of adrenal gland": "Adrenal Gland", "Exocervix": "Cervix", "Descended testis": "Testis",
    "Lesser curvature of stomach, NOS": "Esophagus/Stomach", "Retroperitoneum": "",
}  # fmt: skip


@pytest.mark.parametrize("source", NAMES["source"].unique())
def test_every_tumor_type_of_a_source_gets_a_tissue(source):
    names = NAMES.loc[NAMES["source"] == source, "raw"].tolist()
    assert len(names) > 10
    found = harmonize(None, names)
    assert [name for name, tissue in zip(names, found.tissue, strict=True) if not tissue] == []


@pytest.mark.parametrize(("pair", "tumor_type"), GDC_DIAGNOSES.items())
def test_site_and_diagnosis_of_the_gdc(pair, tumor_type):
    assert harmonize([pair[0]], [pair[1]]).tumor_type[0] == tumor_type


def test_sites_of_the_gdc():
    found = harmonize(list(GDC_SITES), None)
    assert dict(zip(GDC_SITES, found.tissue, strict=True)) == GDC_SITES
    assert "unlabelled" not in set(found.report["status"])
