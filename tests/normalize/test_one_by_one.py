"""Studies that are normalized one by one and then merged give the same file as all at once."""

import anndata
import numpy as np
import pytest

from clrna.constants import UNS
from clrna.simulate_files import RawFile

RAWS = (
    RawFile("counts", "ensembl_version", "tsv.gz", samples_in_rows=False),
    RawFile("ln_tpm1", "previous", "csv", missing_genes=0.1, missing_values=30),
    RawFile("log2_ratio", "entrez", "h5ad", missing_genes=0.1, missing_values=30),
)


def without_provenance(path):
    adata = anndata.read_h5ad(path)
    own = dict(adata.uns.get(UNS, {}))
    own.pop("provenance")
    adata.uns[UNS] = own
    return adata


def assert_same(one, other):
    one, other = without_provenance(one), without_provenance(other)
    assert one.X.tobytes() == other.X.tobytes() and one.X.dtype == other.X.dtype
    assert one.obs.equals(other.obs) and one.obs.columns.equals(other.obs.columns)
    assert one.var.equals(other.var) and one.var_names.equals(other.var_names)
    assert set(one.obsm) == set(other.obsm) and set(one.layers) == set(other.layers)
    for name in one.obsm:
        np.testing.assert_array_equal(one.obsm[name], other.obsm[name])
    assert str(one.uns) == str(other.uns)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--genes", "union"),
        ("--min-class-size", 40),
        ("--min-class-size", 13, "--label-key", "tumor_type"),
        ("--split-by-study", "SIM2"),
        ("--seed", 3, "--split-fractions", "0.6,0.2,0.2"),
    ],
    ids=str,
)
def test_one_by_one_or_all_at_once(normalize, raw_files, options):
    *files, metadata = raw_files(*RAWS)
    stated = ("--input-scale", "SIM2=ln_tpm1")
    together = normalize(*files, "--metadata", metadata, *stated, *options, output="together.h5ad")
    assert together.status == 0, together.log
    parts = []
    for number, path in enumerate(files):
        words = stated if number == 1 else ()
        part = normalize(path, "--metadata", metadata, *words, output=f"part{number}.h5ad")
        assert part.status == 0, part.log
        parts.append(part.path)
    merged = normalize(*parts, *options, output="merged.h5ad")
    assert merged.status == 0, merged.log
    assert_same(together.path, merged.path)


def test_studies_that_name_their_samples_alike(normalize, write_counts, tmp_path):
    files = [write_counts(f"{name}.tsv", ["S1", "S2", "S3"], seed) for seed, name in enumerate("AB")]
    tables = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    tables[0].write_text("sample\ttissue\tpatient\nS1\tlung\tP1\nS2\tbreast\tP2\nS3\tlung\tP3\n")
    tables[1].write_text("sample\ttissue\tpatient\nS1\tkidney\tQ1\nS2\tcolon\tQ2\nS3\tkidney\tQ3\n")
    least = ("--min-class-size", 1)
    words = [word for table in tables for word in ("--metadata", table)]
    together = normalize(*files, *words, *least, output="together.h5ad")
    parts = [
        normalize(file, "--metadata", table, *least, output=f"{file.stem}.h5ad").path
        for file, table in zip(files, tables, strict=True)
    ]
    assert_same(together.path, normalize(*parts, *least, output="merged.h5ad").path)
    assert together.adata.obs["tissue"].tolist() == ["Lung", "Breast", "Lung", "Kidney", "Bowel", "Kidney"]


def test_two_and_then_one_more(normalize, raw_files):
    *files, metadata = raw_files(*RAWS)
    stated = ("--input-scale", "SIM2=ln_tpm1")
    together = normalize(*files, "--metadata", metadata, *stated, "--genes", "union", output="together.h5ad")
    pair = normalize(*files[:2], "--metadata", metadata, *stated, "--genes", "union", output="pair.h5ad")
    merged = normalize(pair.path, files[2], "--genes", "union", output="merged.h5ad")
    assert together.status == merged.status == 0, merged.log
    assert_same(together.path, merged.path)


def test_a_merged_file_alone_stays_what_it_is(normalize, raw_files):
    *files, metadata = raw_files(*RAWS)
    first = normalize(*files, "--metadata", metadata, output="first.h5ad")
    again = normalize(first.path, output="again.h5ad")
    assert_same(first.path, again.path)


def test_a_label_map_given_at_the_merge_reads_the_raw_names(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\na\t1.5\t2.5\nb\t3.5\t4.5\n")
    (tmp_path / "meta.tsv").write_text("sample\ttissue\na\tLung\nb\tBlorgh\n")
    (tmp_path / "map.tsv").write_text("raw\ttissue\ttumor_type\nBlorgh\tSkin\t\n")
    first = normalize(tmp_path / "A.tsv", "--metadata", tmp_path / "meta.tsv", "--min-class-size", 1, output="1.h5ad")
    assert first.adata.obs["tissue"].isna().tolist() == [False, True]
    mapped = normalize(first.path, "--label-map", tmp_path / "map.tsv", "--min-class-size", 1, output="2.h5ad")
    assert mapped.adata.obs["tissue"].tolist() == ["Lung", "Skin"]
    # A later merge without the map keeps what the map said.
    assert normalize(mapped.path, "--min-class-size", 1, output="3.h5ad").adata.obs["tissue"].tolist() == [
        "Lung",
        "Skin",
    ]


def test_the_real_studies(normalize, real_data):
    files = sorted((real_data / "native").glob("*.h5ad"))
    together = normalize(*files, output="together.h5ad")
    parts = [normalize(path, output=f"{path.stem}.h5ad").path for path in files]
    merged = normalize(*parts, output="merged.h5ad")
    assert merged.status == 0, merged.log
    assert_same(together.path, merged.path)
    adata = together.adata
    assert adata.shape == (724, 660) and 660 < adata.obs["donor"].nunique() <= 698
    assert adata.obs.groupby("study", observed=True)["scale"].first().to_dict() == {
        "CCLE": "log2_expression", "NCI60": "log2_intensity", "TCGA_agilent6": "log2_ratio",
    }  # fmt: skip
    assert "2,128 values of 901 genes are not finite" in together.log
    assert adata.obs["tissue"].isna().sum() == 2 and adata.obs["tissue_all"].isna().sum() == 0
