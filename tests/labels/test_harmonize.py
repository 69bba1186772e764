"""Raw labels as the sources write them."""

import anndata
import numpy as np
import pytest

from clrna.labels import TISSUES, harmonize

TCGA = {
    "ACC": ("Adrenal Gland", "ACC"), "BLCA": ("Bladder/Urinary Tract", "BLCA"), "BRCA": ("Breast", "BRCA"),
    "CESC": ("Cervix", "CESC"), "CHOL": ("Biliary Tract", "CHOL"), "COAD": ("Bowel", "COAD"),
    "DLBC": ("Lymphoid/Myeloid", "DLBCLNOS"), "ESCA": ("Esophagus/Stomach", "ESCA"), "GBM": ("CNS/Brain", "GBM"),
    "HNSC": ("Head and Neck", "HNSC"), "KICH": ("Kidney", "CHRCC"), "KIRC": ("Kidney", "CCRCC"),
    "KIRP": ("Kidney", "PRCC"), "LAML": ("Lymphoid/Myeloid", "AML"), "LGG": ("CNS/Brain", "DIFG"),
    "LIHC": ("Liver", "HCC"), "LUAD": ("Lung", "LUAD"), "LUSC": ("Lung", "LUSC"), "MESO": ("Pleura", "PLMESO"),
    "OV": ("Ovary/Fallopian Tube", "HGSOC"), "PAAD": ("Pancreas", "PAAD"),
    "PCPG": ("Adrenal Gland", "Pheochromocytoma/Paraganglioma"), "PRAD": ("Prostate", "PRAD"),
    "READ": ("Bowel", "READ"), "SARC": ("Soft Tissue", "SARCNOS"), "SKCM": ("Skin", "SKCM"),
    "STAD": ("Esophagus/Stomach", "STAD"), "TGCT": ("Testis", "Testicular Germ Cell Tumor"),
    "THCA": ("Thyroid", "THPA"), "THYM": ("Thymus", "THYM"), "UCEC": ("Uterus", "UCEC"), "UCS": ("Uterus", "UCS"),
    "UVM": ("Eye", "UM"),
}  # fmt: skip
TCGA_NAMES = {
    "Adrenocortical carcinoma": "ACC", "Bladder Urothelial Carcinoma": "BLCA", "Breast invasive carcinoma": "BRCA",
    "Cervical squamous cell carcinoma and endocervical adenocarcinoma": "CESC", "Cholangiocarcinoma": "CHOL",
    "Colon adenocarcinoma": "COAD", "Lymphoid Neoplasm Diffuse Large B-cell Lymphoma": "DLBC",
    "Esophageal carcinoma": "ESCA", "Glioblastoma multiforme": "GBM", "Head and Neck squamous cell carcinoma": "HNSC",
    "Kidney Chromophobe": "KICH", "Kidney renal clear cell carcinoma": "KIRC",
    "Kidney renal papillary cell carcinoma": "KIRP", "Acute Myeloid Leukemia": "LAML",
    "Brain Lower Grade Glioma": "LGG", "Liver hepatocellular carcinoma": "LIHC", "Lung adenocarcinoma": "LUAD",
    "Lung squamous cell carcinoma": "LUSC", "Mesothelioma": "MESO", "Ovarian serous cystadenocarcinoma": "OV",
    "Pancreatic adenocarcinoma": "PAAD", "Pheochromocytoma and Paraganglioma": "PCPG",
    "Prostate adenocarcinoma": "PRAD", "Rectum adenocarcinoma": "READ", "Sarcoma": "SARC",
    "Skin Cutaneous Melanoma": "SKCM", "Stomach adenocarcinoma": "STAD", "Testicular Germ Cell Tumors": "TGCT",
    "Thyroid carcinoma": None, "Thymoma": "THYM", "Uterine Corpus Endometrial Carcinoma": "UCEC",
    "Uterine Carcinosarcoma": "UCS", "Uveal Melanoma": "UVM",
}  # fmt: skip

TISSUE_NAMES = {
    "kidney (left)": "Kidney",
    "cancer of the breast": "Breast",
    "adenocarcinoma of lung": "Lung",
    # CCLE, primary site
    "autonomic_ganglia": "Peripheral Nervous System", "biliary_tract": "Biliary Tract", "bone": "Bone",
    "breast": "Breast", "central_nervous_system": "CNS/Brain", "endometrium": "Uterus",
    "haematopoietic_and_lymphoid_tissue": "Lymphoid/Myeloid", "kidney": "Kidney", "large_intestine": "Bowel",
    "liver": "Liver", "lung": "Lung", "oesophagus": "Esophagus/Stomach", "ovary": "Ovary/Fallopian Tube",
    "pancreas": "Pancreas", "pleura": "Pleura", "prostate": "Prostate", "salivary_gland": "Head and Neck",
    "skin": "Skin", "small_intestine": "Bowel", "soft_tissue": "Soft Tissue", "stomach": "Esophagus/Stomach",
    "thyroid": "Thyroid", "upper_aerodigestive_tract": "Head and Neck", "urinary_tract": "Bladder/Urinary Tract",
    # DepMap, lineage
    "Lymphoid": "Lymphoid/Myeloid", "Myeloid": "Lymphoid/Myeloid", "CNS/Brain": "CNS/Brain", "gastric":
    "Esophagus/Stomach", "bile_duct": "Biliary Tract", "plasma_cell": "Lymphoid/Myeloid", "uterus": "Uterus",
    # GDSC, descriptors 1 and 2
    "lung_NSCLC": "Lung", "lung_SCLC": "Lung", "leukemia": "Lymphoid/Myeloid", "nervous_system": "CNS/Brain",
    "neuroblastoma": "Peripheral Nervous System", "head and neck": "Head and Neck", "Bladder": "Bladder/Urinary Tract",
    "aero_dig_tract": "", "digestive_system": "", "urogenital_system": "",
    # NCI-60, panel
    "CNS": "CNS/Brain", "Colon": "Bowel", "Leukemia": "Lymphoid/Myeloid", "LE": "Lymphoid/Myeloid", "ME": "Skin",
    "Melanoma": "Skin", "Non-Small Cell Lung": "Lung", "Ovarian": "Ovary/Fallopian Tube", "Renal": "Kidney",
    # GDC and GTEx
    "Bronchus and lung": "Lung", "Corpus uteri": "Uterus", "Hematopoietic and reticuloendothelial systems":
    "Lymphoid/Myeloid", "Brain - Cortex": "CNS/Brain", "Esophagus - Mucosa": "Esophagus/Stomach",
    "Heart - Left Ventricle": "", "Cells - Leukemia cell line (CML)": "Lymphoid/Myeloid",
    # spelling
    "OESOPHAGUS": "Esophagus/Stomach", "Haematopoietic & Lymphoid": "Lymphoid/Myeloid", "Head & Neck": "Head and Neck",
    "Lung Cancer": "Lung", "primary lung tumour": "Lung", "colorectal": "Bowel", "Colon/Rectum": "Bowel",
    "haematopoietic_lymphoid": "Lymphoid/Myeloid", "KIRC": "Kidney",
    # an organ and a part of it, in either order; not of what spread, and not of two organs
    "Lung, left upper lobe": "Lung", "Breast, upper outer quadrant": "Breast", "Colon, sigmoid": "Bowel",
    "Upper lobe, left lung": "Lung", "Kidney (left)": "Kidney", "Brain: frontal pole": "CNS/Brain",
    "Skin - forearm": "Skin", "Stomach, antrum, distal": "Esophagus/Stomach", "Bone, marrow": "Lymphoid/Myeloid",
    "Lung, metastasis of the breast": "", "Liver, from colon": "", "Lung, Liver": "", "Lymph node, breast": "",
    "Left, upper": "",
    # how a tissue was taken does not tell where; the parts that Uberon names do
    "kidney biopsy": "Kidney", "lung tissue, fresh frozen": "Lung", "Breast (FFPE)": "Breast",
    "liver resection": "Liver",
    "normal adjacent breast": "Breast", "non-tumor liver": "Liver", "skin of body": "Skin", "hippocampus": "CNS/Brain",
    "caudate lobe of liver": "Liver", "dorsolateral prefrontal cortex": "CNS/Brain",
    "sural nerve": "Peripheral Nervous System",
}  # fmt: skip

PAIRS = {
    ("lung", "adenocarcinoma"): ("Lung", "LUAD"),
    ("large_intestine", "adenocarcinoma"): ("Bowel", "COADREAD"),
    ("lung", "squamous_cell_carcinoma"): ("Lung", "LUSC"),
    ("upper_aerodigestive_tract", "squamous_cell_carcinoma"): ("Head and Neck", "HNSC"),
    ("skin", "malignant_melanoma"): ("Skin", "SKCM"),
    ("Eye", "melanoma"): ("Eye", "UM"),
    ("testis", "Embryonal Carcinoma"): ("Testis", "EMBCA"),
    ("lung", "mesothelioma"): ("Pleura", "PLMESO"),  # GDSC
    ("Peritoneum", "mesothelioma"): ("Peritoneum", "PEMESO"),
    ("aero_dig_tract", "oesophagus"): ("Esophagus/Stomach", ""),  # GDSC
    ("kidney", "adrenal_gland"): ("Adrenal Gland", ""),  # GDSC
    ("lung_NSCLC", "lung_NSCLC_large cell"): ("Lung", "LCLC"),
    ("haematopoietic_and_lymphoid_tissue", "acute_myeloid_leukaemia"): ("Lymphoid/Myeloid", "AML"),
    ("soft_tissue", "Ewings_sarcoma-peripheral_primitive_neuroectodermal_tumour"): ("Bone", "ES"),
    ("Lung", ""): ("Lung", ""),
    # the stated organ counts where a code or histology is of another one
    ("Skin", "MM"): ("Skin", ""),
    ("Prostate", "PC"): ("Prostate", ""),
    ("Ovary", "Teratoma"): ("Ovary/Fallopian Tube", ""),
    ("Bone", "GCT"): ("Bone", ""),
    ("Pancreas", "PNET"): ("Pancreas", ""),
    ("Brain", "AA"): ("CNS/Brain", ""),
    ("Soft Tissue", "Rhabdoid Cancer"): ("Soft Tissue", ""),
    ("Liver", "Breast Cancer"): ("Liver", ""),
    ("lung_NSCLC", "SKCM"): ("Lung", "NSCLC"),
    ("lung", "PLMESO"): ("Pleura", "PLMESO"),
    ("Lung", "MESO"): ("Lung", ""),  # a code of TCGA, which the stated organ contradicts
    ("lung", "MPM"): ("Lung", ""),
    ("Lung", "Malignant Pleural Mesothelioma"): ("Pleura", "PLMESO"),
    ("Pleura", "MESO"): ("Pleura", "PLMESO"),
    ("", "MESO"): ("Pleura", "PLMESO"),
    ("Soft Tissue", "ES"): ("Bone", "ES"),
    ("Lymphoid", "MM"): ("Lymphoid/Myeloid", "PCM"),
    ("", "MM"): ("Lymphoid/Myeloid", "PCM"),
    ("Nowhere", "Teratoma"): ("Testis", "TT"),
    ("lung_NSCLC", ""): ("Lung", "NSCLC"),
    ("lung_NSCLC", "brain"): ("CNS/Brain", ""),
    ("", "carcinoma"): ("", ""),
    ("Nowhere", "KIRC"): ("Kidney", "CCRCC"),
    ("Colon", "what is it"): ("Bowel", ""),
    ("Lung, left upper lobe", "adenocarcinoma"): ("Lung", "LUAD"),
    ("", "Adenocarcinoma, lung"): ("Lung", "LUAD"),
    ("", "Melanoma, choroid"): ("", ""),
    ("UBERON:0002048", "SKCM"): ("Lung", ""),
    ("", "TNBC"): ("Breast", "BRCA"),
    ("", "HER2-positive breast cancer"): ("Breast", "BRCA"),
    ("", "Chromophobe RCC"): ("Kidney", "CHRCC"),
    ("", "Ovarian clear cell carcinoma"): ("Ovary/Fallopian Tube", "CCOV"),
    ("", "Endometrioid endometrial carcinoma"): ("Uterus", "UEC"),
}


@pytest.mark.parametrize("form", ["{}", "TCGA-{}", "tcga_{}"])
def test_tcga_projects(form):
    assert len(TCGA) == 33
    found = harmonize(None, [form.format(code) for code in TCGA])
    assert dict(zip(TCGA, zip(found.tissue, found.tumor_type, strict=True), strict=True)) == TCGA


def test_tcga_project_names():
    assert len(TCGA_NAMES) == 33
    found = harmonize(None, list(TCGA_NAMES))
    expected = [TCGA[code] if code else ("Thyroid", "") for code in TCGA_NAMES.values()]
    assert list(zip(found.tissue, found.tumor_type, strict=True)) == expected


@pytest.mark.parametrize(("raw", "tissue"), TISSUE_NAMES.items())
def test_tissue_names(raw, tissue):
    assert harmonize([raw], None).tissue[0] == tissue


@pytest.mark.parametrize(("raw", "expected"), PAIRS.items())
def test_pairs(raw, expected):
    found = harmonize([raw[0]], [raw[1]])
    assert (found.tissue[0], found.tumor_type[0]) == expected


def test_samples_keep_their_order_and_missing_values_are_unlabelled():
    found = harmonize(["lung", None, np.nan, "NA", "unknown", " Breast ", "?"], None)
    assert list(found.tissue) == ["Lung", "", "", "", "", "Breast", ""]
    assert list(found.tumor_type) == [""] * 7


def test_report_counts_every_name_and_says_what_was_not_mapped():
    found = harmonize(["lung", "lung", "Atlantis", "aero_dig_tract", None], ["LUAD", "carcinoma", None, None, None])
    report = found.report.set_index(["raw", "kind"])
    assert report.loc[("lung", "tissue"), "n"] == 2
    assert report["status"].to_dict() == {
        ("Atlantis", "tissue"): "unlabelled",
        ("aero_dig_tract", "tissue"): "too broad",
        ("lung", "tissue"): "mapped",
        ("LUAD", "tumor_type"): "mapped",
        ("carcinoma", "tumor_type"): "needs tissue",
    }


def test_contradicting_columns_are_reported():
    report = harmonize(["lung"], ["neuroblastoma"]).report
    conflict = report[report["status"].str.startswith("conflict")].iloc[0]
    assert (conflict["raw"], conflict["tissue"]) == ("lung + neuroblastoma", "Lung")
    assert conflict["status"] == "conflict: the stated tissue"
    code = harmonize(["Lung"] * 3, ["MESO"] * 3).report.iloc[-1]
    assert (code["raw"], code["tissue"], code["tumor_type"], code["n"]) == ("Lung + MESO", "Lung", "", 3)
    assert code["status"] == "conflict: the stated tissue"
    finer = harmonize(["lung"], ["mesothelioma"]).report
    assert finer["status"].tolist()[-1] == "conflict: tissue of the tumor type"


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        harmonize(["lung"], ["LUAD", "LUSC"])


@pytest.mark.real
@pytest.mark.parametrize("study", ["ccle_rnaseq_391", "nci60_agilent", "tcga_agilent6"])
def test_every_real_sample_gets_a_tissue_and_the_result_is_stable(real_data, study):
    obs = anndata.read_h5ad(real_data / "native" / f"{study}.h5ad", backed="r").obs
    found = harmonize(obs["tissue"], obs["tumor_type"])
    assert set(found.tissue) <= set(TISSUES)
    assert (found.report["status"] == "mapped").all()
    assert list(harmonize(obs["tissue"], None).tissue) == list(harmonize(None, obs["tumor_type"]).tissue)
    again = harmonize(found.tissue, found.tumor_type)
    assert list(again.tissue) == list(found.tissue)
    assert list(again.tumor_type) == list(found.tumor_type)
