"""On real studies the genes that pathologists know stand among the first of their tissue."""

import pytest

import clrna
from clrna.cli import normalize, train
from clrna.explain.files import explain_model
from clrna.explain.options import ExplainOptions
from clrna.model.model_file import load_model

STUDIES = (
    "native/nci60_agilent", "native/tcga_agilent6", "cohorts/rnaseqdb_tcga", "cohorts/singh2002_u95av2",
    "cohorts/chowdary2006_u133a",
)  # fmt: skip
# Of 7,384 genes. Measured were 1, 22, 1 and 1.
FIRST = 25


@pytest.fixture(scope="module")
def model(real_data, tmp_path_factory):
    """The default model of five studies that hold the genes."""
    files = [real_data / f"{name}.h5ad" for name in STUDIES]
    absent = [path.name for path in files if not path.is_file()]
    if absent:
        pytest.skip(f"real expression data not found: {', '.join(absent)}")
    folder = tmp_path_factory.mktemp("markers")
    assert normalize.main([*map(str, files), "-o", str(folder / "merged.h5ad"), "-q"]) == 0
    assert train.main([str(folder / "merged.h5ad"), "-o", str(folder / "m.safetensors"), "-q"]) == 0
    return load_model(folder / "m.safetensors")


@pytest.mark.slow
@pytest.mark.real
def test_known_markers_are_among_the_first_genes_for_their_tissue(model):
    assert len(model.genes) > 7000
    table = explain_model(model, "m", ExplainOptions(n_genes=FIRST))
    first = table[(table["direction"] == "for") & (table["value"] > 0)]
    for label, gene in (("Prostate", "KLK3"), ("CNS/Brain", "GFAP"), ("Bowel", "CDH17"), ("Breast", "GATA3")):
        assert gene in set(first.loc[first["label"] == label, "gene"]), (label, gene)


@pytest.mark.slow
@pytest.mark.real
def test_esr1_is_among_the_first_genes_for_breast_tumors_with_the_receptor(real_data):
    """Beside all other tissues, the uterus among them, and beside tumors of the breast without the receptor.

    The receptor marks these tumors, not breast as a whole, and expO is the one cohort here that has tumors of the
    breast, the receptor by pathology, and a probe set of ESR1 that tells the two apart. Its genes are those of
    signatures of breast cancer.
    """
    files = [real_data / f"{name}.h5ad" for name in (*STUDIES[:4], "cohorts/genefu_expos")]
    absent = [path.name for path in files if not path.is_file()]
    if absent:
        pytest.skip(f"real expression data not found: {', '.join(absent)}")
    adata = clrna.pp.normalize({path.stem: clrna.read(path) for path in files}, genes="100%")
    status = clrna.read(files[-1]).obs["tumor_type"].astype(str)
    kind = adata.obs["tissue"].astype(object).where(adata.obs["tissue"] != "Breast")
    for name in ("breast_ER+", "breast_ER-"):
        kind[adata.obs_names.isin(status.index[status == name])] = name
    adata.obs["kind"] = kind.fillna("").astype(str)
    model = clrna.tl.train(adata, label_key="kind")
    assert len(model.genes) > 400 and {"breast_ER+", "breast_ER-", "Uterus", "Liver"} <= set(model.classes)
    for against, place in (("others", 2), ("breast_ER-", 1)):  # as measured
        table = clrna.tl.explain(model, label="breast_ER+", against=against, n_genes=place)
        first = table[(table["direction"] == "for") & (table["value"] > 0)]["gene"].tolist()
        assert "ESR1" in first, (against, first)
    assert "ESR1" not in set(clrna.tl.explain(model, label="breast_ER-", n_genes=0).query("value > 0")["gene"])
