"""Tables with a line for each gene and sample are read as the matrix that they were made of."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.genes import map_genes
from clrna.io.tables import read_expression
from tests.normalize.conftest import GENES, counts_of

SAMPLES = ["A1", "A2", "B1", "B2"]
COUNTS = counts_of(SAMPLES)
TISSUES = dict(zip(SAMPLES, ["lung", "lung", "liver", "breast"], strict=True))
ALL = ("--min-class-size", 1)


def long_table(order: list[str], **others) -> pd.DataFrame:
    """One line for each gene and sample, sorted by some of these."""
    frame = COUNTS.rename_axis(index="gene", columns="sample").stack().rename("count").reset_index()
    return frame.assign(**{name: frame[of].map(values) for name, (of, values) in others.items()}).sort_values(order)


def written(frame: pd.DataFrame, path, columns: list[str] | None = None):
    frame.to_csv(path, sep="\t", index=False, columns=columns)
    return path


@pytest.mark.parametrize("order", [["sample", "gene"], ["gene", "sample"]])
@pytest.mark.parametrize("first", ["sample", "gene", "tissue", "count"])
def test_columns_of_samples_go_to_obs_and_of_genes_to_var(normalize, tmp_path, order, first):
    ages = dict(zip(SAMPLES, (50, 61, 61, 43), strict=True))
    ids = dict(zip(GENES, map_genes(list(GENES)).ensembl_id, strict=True))
    frame = long_table(order, tissue=("sample", TISSUES), age=("sample", ages), ensembl=("gene", ids))
    path = written(frame, tmp_path / "m.tsv", sorted(frame.columns, key=lambda name: name != first))
    found = read_expression(path)
    right = COUNTS.loc[sorted(COUNTS.index)].T
    assert found.obs["age"].loc[SAMPLES].tolist() == list(ages.values())
    both = [(name, ids[name]) for name in GENES]
    names = dict(zip(found.var_names, found.var.iloc[:, 0], strict=True))
    assert names == dict(both) or names == {one: other for other, one in both}
    adata = normalize(path, "--counts-to", "cpm", *ALL).adata
    assert adata.obs["tissue"].loc[SAMPLES].tolist() == ["Lung", "Lung", "Liver", "Breast"]
    cpm = 1e6 * right.div(right.sum(axis=1), axis=0)
    np.testing.assert_allclose(adata[SAMPLES, list(right.columns)].X, np.log2(cpm.loc[SAMPLES] + 1), atol=1e-3)


def test_few_genes_of_many_samples(tmp_path):
    counts = counts_of([f"P{at}" for at in range(90)])
    frame = counts.rename_axis(index="gene", columns="sample").stack().rename("value").reset_index()
    found = read_expression(written(frame, tmp_path / "m.tsv"))
    assert found.n_obs == 90 and found.X.T.tolist() == counts.loc[found.var_names, found.obs_names].to_numpy().tolist()


@pytest.mark.parametrize("name", ["sample", "Patient ID", "donor_no", "id", "array"])
@pytest.mark.parametrize("numbers", [[1, 2, 3, 4], [1, 2, 9, 10]])  # the latter are Entrez numbers, too
@pytest.mark.parametrize("first", [True, False])
def test_samples_that_are_numbers(tmp_path, name, numbers, first):
    frame = long_table(["gene", "sample"])
    frame.insert(0 if first else 1, name, frame.pop("sample").map(dict(zip(SAMPLES, numbers, strict=True))))
    found = read_expression(written(frame, tmp_path / "m.tsv"))
    assert found.obs_names.tolist() == list(map(str, numbers)) and found.n_vars == len(GENES)


@pytest.mark.parametrize("order", [["gene", "sample"], ["sample", "gene"]])
def test_genes_that_are_numbers(tmp_path, order):
    numbers = [*map_genes(list(GENES[1:])).entrez_id, "100287102"]  # more than float32 holds
    frame = long_table(order, entrez_id=("gene", dict(zip([*GENES[1:], GENES[0]], numbers, strict=True))))
    found = read_expression(written(frame, tmp_path / "m.tsv", ["sample", "entrez_id", "count"]))
    assert sorted(found.obs_names) == SAMPLES and sorted(found.var_names) == sorted(numbers)
    assert found["B1", "100287102"].X[0, 0] == COUNTS.loc[GENES[0], "B1"]


@pytest.mark.parametrize("what", ["half of it", "twice"])
def test_long_tables_that_are_no_matrix_are_refused(tmp_path, what):
    frame = long_table(["sample", "gene"])
    half = frame[np.arange(len(frame)) % 2 + np.arange(len(frame)) // len(GENES) % 2 == 1]
    double = pd.concat([frame.assign(replicate=1), frame.assign(replicate=2)])
    path = written(half if what == "half of it" else double, tmp_path / "m.tsv")
    words = "50 % of the pairs have no line" if what == "half of it" else "pairs of these stand in several lines"
    with pytest.raises(InputError, match=f"long table, a line for each of 'gene' and 'sample', but {words}"):
        read_expression(path)


def test_of_several_units_one_is_read(tmp_path):
    frame = long_table(["sample", "gene"]).assign(TPM=lambda table: table["count"] / 7, nTPM=1.5)
    frame["nTPM"] += np.arange(len(frame))
    path = written(frame, tmp_path / "m.tsv")
    found = read_expression(path)
    assert found.obs_names.tolist() == SAMPLES
    assert found["A2", "TP53"].X[0, 0] == pytest.approx(COUNTS.loc["TP53", "A2"] / 7)
    assert read_expression(path, quantity="counts")["A2", "TP53"].X[0, 0] == COUNTS.loc["TP53", "A2"]


def test_icgc(normalize, tmp_path):
    frame = long_table(["sample", "gene"]).rename(columns={"sample": "icgc_sample_id", "count": "raw_read_count"})
    frame.insert(0, "icgc_donor_id", frame["icgc_sample_id"].map(dict(zip(SAMPLES, "ddef", strict=True))))
    frame["normalized_read_count"] = frame["raw_read_count"] / 1e6
    adata = normalize(written(frame, tmp_path / "exp_seq.tsv"), "--counts-to", "cpm").adata
    assert adata.obs["donor"].loc[SAMPLES].tolist() == [f"exp_seq:{donor}" for donor in "ddef"]
    assert set(adata.obs["scale"]) == {"log2_cpm1"}


@pytest.mark.parametrize("columns", [{"count": "NPX", "sample": "SampleID"}, {"gene": "phosphosite"}])
def test_amounts_of_proteins_in_long_tables_are_refused(tmp_path, columns):
    with pytest.raises(InputError, match="amounts of proteins"):
        read_expression(written(long_table(["sample", "gene"]).rename(columns=columns), tmp_path / "m.tsv"))


@pytest.mark.parametrize("column", ["log2FoldChange", "logFC"])
def test_results_of_tests_in_a_long_table_are_refused(tmp_path, column):
    frame = long_table(["sample", "gene"]).rename(columns={"sample": "contrast", "count": column})
    with pytest.raises(InputError, match=r"long table.* with results of a test"):
        read_expression(written(frame, tmp_path / "m.tsv"))


def test_several_numbers_a_line_are_refused(tmp_path):
    frame = long_table(["sample", "gene"]).assign(other=lambda table: table["count"] % 7)
    with pytest.raises(InputError, match="long table, a line for each of 'gene' and 'sample', and columns"):
        read_expression(written(frame.rename(columns={"count": "value"}), tmp_path / "m.tsv"))


def test_a_table_of_samples_with_genes_in_a_column_is_no_long_table(normalize, tmp_path):
    genes = [GENES[at % 12] for at in range(48)]
    samples = [f"P{at:02}" for at in range(48)]
    table = pd.DataFrame({"sample": samples, "driver": genes, "tissue": ["lung", "liver"] * 24, "age": range(48)})
    counts_of(samples).to_csv(tmp_path / "m.tsv", sep="\t")
    adata = normalize(tmp_path / "m.tsv", written(table, tmp_path / "t.tsv"), *ALL).adata
    assert adata.obs["tissue"].value_counts().tolist() == [24, 24] and adata.obs["driver"].nunique() == 12


@pytest.mark.parametrize("form", ["Sample_{}", "Patient {}", "case-00{}", "donor {} tumor", "Run{}", "SUBJECT.{}"])
@pytest.mark.parametrize("numbers", [[1, 2, 3], ["A", "B", "C"], [1, 2]])
def test_counts_of_samples_that_are_called_as_such_are_a_matrix(tmp_path, form, numbers):
    names = [form.format(number) for number in numbers]
    # Small numbers of reads stand in many rows, and most are Entrez numbers, too.
    reads = [[12 + row % 5, 13 + row * 7 % 6, 9 + row * 3 % 8][: len(names)] for row in range(len(GENES))]
    matrix = pd.DataFrame(reads, index=pd.Index(GENES, name="gene"), columns=names)
    found = read_expression(written(matrix.reset_index(), tmp_path / "m.tsv"))
    assert found.obs_names.tolist() == names and found.X.T.tolist() == reads
    # Lines of one gene are its transcripts.
    twice = pd.concat([matrix, matrix + 2]).reset_index()
    twice.insert(0, "transcript", [f"ENST{at:011}" for at in range(len(twice))])
    assert read_expression(written(twice, tmp_path / "t.tsv")).obs_names.tolist() == names
