"""``clrna-encode`` of files that are no AnnData gives what ``clrna-normalize`` and then ``clrna-encode`` give."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.cli import encode, normalize
from clrna.constants import ENSEMBL_ID, SCALE, X_CLRNA
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.provenance import read_records
from clrna.model.model_file import save_model

Both = Callable[..., tuple[AnnData, AnnData]]


@pytest.fixture
def both(model_path: Path, tmp_path: Path) -> Both:
    """Encode a file at once, and after it was normalized: ``both(file, *options, normalizing=...)``."""

    def call(file: Path, *words: str, normalizing: tuple[str, ...] = (), model: Path = model_path):
        once, between, after = (tmp_path / f"{name}.h5ad" for name in ("once", "between", "after"))
        with_model = ["-m", str(model), "--device", "cpu"]
        assert encode.main([str(file), "-o", str(once), *with_model, *words]) == 0
        labels = ("--min-class-size", "1")
        assert normalize.main([str(file), "-o", str(between), *labels, *words, *normalizing]) == 0
        assert encode.main([str(between), "-o", str(after), *with_model]) == 0
        return anndata.read_h5ad(once), anndata.read_h5ad(after)

    return call


def same(once: AnnData, after: AnnData) -> None:
    """Check that two encoded files differ in nothing but the record of the last step."""
    assert np.array_equal(once.obsm[X_CLRNA], after.obsm[X_CLRNA]) and np.abs(once.obsm[X_CLRNA]).sum() > 0
    assert np.array_equal(once.X, after.X)
    pd.testing.assert_frame_equal(once.obs, after.obs)
    pd.testing.assert_frame_equal(once.var, after.var)


def linear(adata: AnnData) -> pd.DataFrame:
    """Return TPM, genes x samples."""
    values = np.exp2(adata.X.T) - 1
    return pd.DataFrame(1e6 * values / values.sum(axis=0), index=adata.var_names, columns=adata.obs_names).round(3)


@pytest.fixture
def counts(query: AnnData) -> pd.DataFrame:
    """Whole numbers of Ensembl genes, genes x samples, of one study."""
    query = query[query.obs["study"] == "SIM3"]
    depths = np.random.default_rng(0).uniform(0.5, 2.0, query.n_obs)  # of sequencing: counts do not sum to a million
    table = (linear(query) * depths).round().astype(int)
    return table.set_axis([f"{name}.7" for name in query.var[ENSEMBL_ID]], axis=0)


def test_a_matrix_of_tpm(both: Both, query: AnnData, tmp_path: Path) -> None:
    file = tmp_path / "cohort.tsv"
    linear(query).to_csv(file, sep="\t", index_label="gene")
    once, after = both(file)
    same(once, after)
    assert once.obs_names.tolist() == query.obs_names.tolist()
    assert set(once.obs["study"]) == {"cohort"} and set(once.obs[SCALE]) == {"log2_tpm1"}
    np.testing.assert_allclose(once[:, query.var_names].X, np.log2(linear(query).T + 1), atol=1e-3)


def test_counts_of_ensembl_genes_become_tpm(both: Both, counts: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv.gz"
    file.write_bytes(gzip.compress(counts.to_csv(index_label="gene_id").encode()))
    once, after = both(file)
    same(once, after)
    assert once.shape == (36, 240) and set(once.obs[SCALE]) == {"log2_tpm1"}
    np.testing.assert_allclose((np.exp2(once.X) - 1).sum(axis=1), 1e6, rtol=1e-3)


@pytest.mark.parametrize("unit", ["cpm", "tmm"])
def test_counts_become_the_unit_of_the_model(
    both: Both, counts: pd.DataFrame, training: AnnData, make_model, tmp_path: Path, unit: str
) -> None:
    training.obs[SCALE] = f"log2_{unit}1"
    path = tmp_path / "other.safetensors"
    save_model(make_model(training), path)
    file = tmp_path / "counts.tsv"
    counts.to_csv(file, sep="\t")
    once, after = both(file, normalizing=("--counts-to", unit), model=path)
    same(once, after)
    assert set(once.obs[SCALE]) == {f"log2_{unit}1"}


def test_one_sample(both: Both, counts: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "one.tsv"
    counts.iloc[:, [4]].to_csv(file, sep="\t", index_label="gene")
    once, after = both(file, "--input-scale", "counts")
    same(once, after)
    assert once.obs_names.tolist() == [counts.columns[4]]


def test_a_gct(both: Both, query: AnnData, tmp_path: Path) -> None:
    table = linear(query)
    table.insert(0, "Description", "na")
    file = tmp_path / "cohort.gct"
    head = f"#1.2\n{query.n_vars}\t{query.n_obs}\n"
    file.write_text(head + table.to_csv(sep="\t", index_label="Name"))
    once, after = both(file)
    same(once, after)
    assert once.n_obs == query.n_obs


def test_a_folder_of_a_quantifier(both: Both, query: AnnData, tmp_path: Path) -> None:
    folder = tmp_path / "my_cohort"
    folder.mkdir()
    for name, tpm in zip(query.obs_names[:3], linear(query).to_numpy().T, strict=False):
        columns = {"length": 1000.0, "effective_length": 900.0, "expected_count": tpm * 3, "TPM": tpm, "FPKM": tpm / 2}
        table = pd.DataFrame({"transcript_id(s)": "t", **columns}, index=query.var[ENSEMBL_ID].to_numpy())
        table.to_csv(folder / f"{name}.genes.results", sep="\t", index_label="gene_id")
    once, after = both(folder)
    same(once, after)
    assert sorted(once.obs_names) == sorted(query.obs_names[:3]) and set(once.obs["study"]) == {"my_cohort"}
    files = sorted(path.name for path in folder.iterdir())
    step = read_records(once)[-1]
    assert [given["name"] for given in step["inputs"]] == [*files, "model.safetensors"]


def test_the_samples_are_described_by_a_table(both: Both, query: AnnData, tmp_path: Path) -> None:
    file, table = tmp_path / "cohort.tsv", tmp_path / "samples.tsv"
    linear(query).T.to_csv(file, sep="\t", index_label="sample")
    query.obs[["tissue", "donor"]].assign(lab="here").iloc[::-1].to_csv(table, sep="\t", index_label="id")
    words = ("--metadata", str(table), "--study", "NEW", "--sample-column", "id", "--orientation", "samples-in-rows")
    once, after = both(file, *words)
    same(once, after)
    assert once.obs["tissue"].astype(str).tolist() == query.obs["tissue"].astype(str).tolist()
    assert set(once.obs["study"]) == {"NEW"} and set(once.obs["lab"]) == {"here"}
    assert once.obs["donor"].astype(str).tolist() == query.obs["donor"].astype(str).tolist()
    assert sorted(once.obs["clrna_seen"].unique()) == ["donor", "unseen"]


def test_columns_and_probes_of_their_own_names(both: Both, query: AnnData, tmp_path: Path) -> None:
    file, table, genes = tmp_path / "array.tsv", tmp_path / "samples.csv", tmp_path / "genes.tsv"
    probes = [f"{1000 + number}_at" for number in range(query.n_vars)]
    values = pd.DataFrame(query.X.T.round(4), index=probes, columns=query.obs_names)
    values.to_csv(file, sep="\t", index_label="ID_REF")
    pd.Series(query.var_names, index=probes, name="Gene Symbol").to_csv(genes, sep="\t", index_label="ID")
    query.obs.rename(columns={"study": "series", "donor": "who"})[["series", "who"]].to_csv(table, index_label="id")
    words = ("--metadata", str(table), "--gene-map", str(genes), "--input-scale", "log2_tpm1")
    once, after = both(file, *words, "--study-key", "series", "--donor-key", "who")
    same(once, after)
    assert sorted(once.obs["study"].unique()) == ["SIM3", "SIM4"]
    assert once.obs["donor"].astype(str).tolist() == query.obs["donor"].astype(str).tolist()


@pytest.mark.parametrize(
    "words",
    [("--study", "A"), ("--metadata", "MODEL"), ("--orientation", "samples-in-rows"), ("--sample-column", "x")],
)
def test_options_for_matrices_beside_anndata_are_refused(
    query_path: Path, model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    given = [str(model_path) if word == "MODEL" else word for word in words]
    assert encode.main([str(query_path), "-m", str(model_path), "-o", str(tmp_path / "o.h5ad"), *given]) == 2
    assert re.search(rf"error: {words[0]}: is for matrices; .*query\.h5ad is AnnData", capsys.readouterr().err)


@pytest.fixture
def refusal(model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """Encode what is refused, and return the line that says why; no output is left."""

    def call(file: Path, *words: str) -> str:
        assert encode.main([str(file), "-m", str(model_path), "-o", str(tmp_path / "out.h5ad"), *words]) == 3
        return capsys.readouterr().err.splitlines()[-1]

    yield call
    assert not (tmp_path / "out.h5ad").exists()


def test_an_error_of_the_encoder_names_the_file_that_was_given(
    refusal: Callable[..., str], query: AnnData, tmp_path: Path
) -> None:
    file = tmp_path / "few.tsv"
    linear(query).iloc[:40].to_csv(file, sep="\t", index_label="gene")
    assert f"{file}: has 40 of the model's 240 genes" in refusal(file, "--input-scale", "tpm")
    assert f"{tmp_path}: is a folder without files of a quantifier" in refusal(tmp_path)


def test_the_record_names_matrix_and_table_once(both: Both, query: AnnData, tmp_path: Path) -> None:
    file = tmp_path / "cohort.tsv"
    linear(query).to_csv(file, sep="\t", index_label="gene")
    once, _ = both(file)
    text = json.dumps(read_records(once))
    assert str(tmp_path) not in text and "normalized.h5ad" not in text
    first, last = (record for record in read_records(once) if record["step"] in ("normalize", "encode"))
    assert (first["step"], last["step"]) == ("normalize", "encode")
    assert first["inputs"] == last["inputs"][:1] and first["inputs"][0]["name"] == "cohort.tsv"


def test_labels_of_few_samples_are_kept_and_no_log_names_what_is_temporary(
    query: AnnData, model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, table = tmp_path / "cohort.tsv", tmp_path / "samples.tsv"
    linear(query[:4]).to_csv(file, sep="\t", index_label="gene")
    query.obs[["tissue"]].to_csv(table, sep="\t")
    words = [str(file), "-m", str(model_path), "-o", str(tmp_path / "o.h5ad"), "--metadata", str(table)]
    assert encode.main([*words, "--input-scale", "tpm"]) == 0
    assert "normalized.h5ad" not in capsys.readouterr().err
    out = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert out.obs["tissue"].astype(str).tolist() == query.obs["tissue"].astype(str).tolist()[:4]


def test_an_anndata_file_is_encoded_as_it_is(query: AnnData, query_path: Path, model_path: Path, tmp_path: Path):
    """Nothing of clrna-normalize is done to it: names, order and columns stay."""
    query.obs["split"] = "mine"
    write_h5ad(query[:, ::-1].copy(), query_path)
    assert encode.main([str(query_path), "-m", str(model_path), "-o", str(tmp_path / "o.h5ad")]) == 0
    out = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert out.var_names.tolist() == query.var_names.tolist()[::-1]
    assert set(out.obs["split"]) == {"mine"} and "tissue_all" not in out.obs


def test_counts_in_anndata_become_tpm_by_the_lengths_that_it_gives(
    both: Both, counts: pd.DataFrame, tmp_path: Path
) -> None:
    lengths = np.random.default_rng(0).integers(300, 30_000, len(counts))
    about = pd.DataFrame({"Chr": "1", "Start": "1", "End": "9", "Strand": "+", "Length": lengths}, index=counts.index)
    codes = []
    for var in (about, about[["Chr"]]):
        write_h5ad(AnnData(counts.T.astype(np.float32), var=var), tmp_path / "counts.h5ad")
        once, after = both(tmp_path / "counts.h5ad")
        np.testing.assert_allclose(once.obsm[X_CLRNA], after.obsm[X_CLRNA], atol=1e-4)
        codes.append(once.obsm[X_CLRNA])
    assert np.abs(codes[0] - codes[1]).max() > 0.1
